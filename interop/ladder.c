#include "interop/ladder.h"

#include <stdio.h>
#include <string.h>

static const char *const memory_names[HIPFX_MEMORY_COUNT] = {
    [HIPFX_MEMORY_AUTO] = "auto", [HIPFX_MEMORY_LINEAR] = "linear", [HIPFX_MEMORY_ARRAY] = "array",
    [HIPFX_MEMORY_COPY] = "copy", [HIPFX_MEMORY_STAGED] = "staged",
};

static const char *const order_names[HIPFX_ORDER_COUNT] = {
    [HIPFX_ORDER_AUTO] = "auto",           [HIPFX_ORDER_GL_TIMELINE] = "gl-timeline",
    [HIPFX_ORDER_GL_BINARY] = "gl-binary", [HIPFX_ORDER_VK_RELAY] = "vk-relay",
    [HIPFX_ORDER_HOST] = "host",
};

const char *hipfx_memory_name(enum hipfx_memory memory)
{
    return memory_names[memory];
}

const char *hipfx_order_name(enum hipfx_order order)
{
    return order_names[order];
}

static int find_name(const char *const *names, int count, const char *name)
{
    for (int i = 0; i < count; i++) {
        if (!strcmp(names[i], name))
            return i;
    }
    return -1;
}

static bool force_set(struct hipfx_force *force, const char *key, const char *value,
                      struct hipfx_why *why)
{
    if (!strcmp(key, "device")) {
        force->device = hipfx_hip_kind_from_name(value);
        if (force->device != HIPFX_HIP_NONE || !strcmp(value, "auto"))
            return true;
        return hipfx_fail(why, "device=%s is not one of auto, amd, nvidia, cpu", value);
    }
    if (!strcmp(key, "memory")) {
        int i = find_name(memory_names, HIPFX_MEMORY_COUNT, value);
        force->memory = i < 0 ? HIPFX_MEMORY_AUTO : (enum hipfx_memory)i;
        if (i >= 0)
            return true;
        return hipfx_fail(why, "memory=%s is not one of auto, linear, array, copy, staged", value);
    }
    if (!strcmp(key, "order")) {
        int i = find_name(order_names, HIPFX_ORDER_COUNT, value);
        force->order = i < 0 ? HIPFX_ORDER_AUTO : (enum hipfx_order)i;
        if (i >= 0)
            return true;
        return hipfx_fail(
            why, "order=%s is not one of auto, gl-timeline, gl-binary, vk-relay, host", value);
    }
    return hipfx_fail(why, "\"%s\" is not one of device, memory, order", key);
}

static bool force_word(struct hipfx_force *force, char *word, unsigned *seen, struct hipfx_why *why)
{
    char *value = strchr(word, '=');
    if (!value)
        return hipfx_fail(why, "\"%s\" is not of the form name=value", word);
    *value++ = '\0';
    if (!force_set(force, word, value, why))
        return false;

    unsigned bit = 1u << (word[0] - 'a');
    if (*seen & bit)
        return hipfx_fail(why, "%s is said twice", word);
    *seen |= bit;
    return true;
}

bool hipfx_force_parse(const char *text, struct hipfx_force *out, struct hipfx_why *why)
{
    *out = (struct hipfx_force){0};
    if (!text || !text[0])
        return true;

    char copy[128];
    const size_t size = strlen(text) + 1;
    if (size > sizeof(copy))
        return hipfx_fail(why, "the list of rungs is longer than %zu characters", sizeof(copy) - 1);
    memcpy(copy, text, size);

    struct hipfx_force force = {0};
    unsigned seen = 0;
    for (char *word = copy; word;) {
        char *next = strchr(word, ',');
        if (next)
            *next++ = '\0';
        if (!force_word(&force, word, &seen, why))
            return false;
        word = next;
    }
    *out = force;
    return true;
}

/* Appends "name: reason" to the list of rungs that were passed over. */
static void note_skipped(struct hipfx_rungs *out, const char *name, const char *reason)
{
    size_t used = strlen(out->skipped);
    snprintf(out->skipped + used, sizeof(out->skipped) - used, "%s%s: %s", used ? "; " : "", name,
             reason);
}

/* The first rung that is not missing, or the forced one; 0 with the reason if there is none. */
static int choose(struct hipfx_rungs *out, const char *ladder, const char *const *names,
                  const char *const *missing, int count, int forced, struct hipfx_why *why)
{
    if (forced) {
        if (!missing[forced])
            return forced;
        hipfx_fail(why, "%s=%s was forced, but %s", ladder, names[forced], missing[forced]);
        return 0;
    }
    for (int i = 1; i < count; i++) {
        if (!missing[i])
            return i;
        note_skipped(out, names[i], missing[i]);
    }
    hipfx_fail(why, "no %s rung is left (%s)", ladder, out->skipped);
    return 0;
}

bool hipfx_rungs_choose(const struct hipfx_rungs_missing *missing, const struct hipfx_force *force,
                        struct hipfx_rungs *out, struct hipfx_why *why)
{
    *out = (struct hipfx_rungs){0};
    out->memory = (enum hipfx_memory)choose(out, "memory", memory_names, missing->memory,
                                            HIPFX_MEMORY_COUNT, (int)force->memory, why);
    if (!out->memory)
        return false;

    /* Only a submit of Vulkan's copies, and only the host stages. */
    struct hipfx_rungs_missing left = *missing;
    if (out->memory == HIPFX_MEMORY_COPY || out->memory == HIPFX_MEMORY_STAGED) {
        left.order[HIPFX_ORDER_GL_TIMELINE] = "memory=copy and staged need another order";
        left.order[HIPFX_ORDER_GL_BINARY] = left.order[HIPFX_ORDER_GL_TIMELINE];
    }
    if (out->memory == HIPFX_MEMORY_STAGED)
        left.order[HIPFX_ORDER_VK_RELAY] = "memory=staged goes with order=host only";
    out->order = (enum hipfx_order)choose(out, "order", order_names, left.order, HIPFX_ORDER_COUNT,
                                          (int)force->order, why);
    return out->order != HIPFX_ORDER_AUTO;
}
