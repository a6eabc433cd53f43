/* The ladders' words and choices: what may be asked for, and which rung is taken. */
#include "interop/ladder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void expect_parsed(const char *text, enum hipfx_hip_kind device, enum hipfx_memory memory,
                          enum hipfx_order order)
{
    struct hipfx_why why = {0};
    struct hipfx_force force;
    memset(&force, 0xff, sizeof(force));
    if (!hipfx_force_parse(text, &force, &why))
        fail_msg("\"%s\" is refused: %s", text, why.text);
    assert_int_equal(force.device, device);
    assert_int_equal(force.memory, memory);
    assert_int_equal(force.order, order);
    assert_string_equal(why.text, "");
}

static void any_part_may_be_asked_for_in_any_order(void **state)
{
    (void)state;
    expect_parsed(NULL, HIPFX_HIP_NONE, HIPFX_MEMORY_AUTO, HIPFX_ORDER_AUTO);
    expect_parsed("", HIPFX_HIP_NONE, HIPFX_MEMORY_AUTO, HIPFX_ORDER_AUTO);
    expect_parsed("device=cpu", HIPFX_HIP_CPU, HIPFX_MEMORY_AUTO, HIPFX_ORDER_AUTO);
    expect_parsed("memory=copy", HIPFX_HIP_NONE, HIPFX_MEMORY_COPY, HIPFX_ORDER_AUTO);
    expect_parsed("order=host,device=amd", HIPFX_HIP_AMD, HIPFX_MEMORY_AUTO, HIPFX_ORDER_HOST);
    expect_parsed("device=nvidia,memory=array,order=gl-timeline", HIPFX_HIP_NVIDIA,
                  HIPFX_MEMORY_ARRAY, HIPFX_ORDER_GL_TIMELINE);
    expect_parsed("device=auto,memory=auto,order=auto", HIPFX_HIP_NONE, HIPFX_MEMORY_AUTO,
                  HIPFX_ORDER_AUTO);
}

static void every_rung_can_be_named(void **state)
{
    (void)state;
    char text[64];
    for (int i = HIPFX_MEMORY_AUTO; i < HIPFX_MEMORY_COUNT; i++) {
        snprintf(text, sizeof(text), "memory=%s", hipfx_memory_name((enum hipfx_memory)i));
        expect_parsed(text, HIPFX_HIP_NONE, (enum hipfx_memory)i, HIPFX_ORDER_AUTO);
    }
    for (int i = HIPFX_ORDER_AUTO; i < HIPFX_ORDER_COUNT; i++) {
        snprintf(text, sizeof(text), "order=%s", hipfx_order_name((enum hipfx_order)i));
        expect_parsed(text, HIPFX_HIP_NONE, HIPFX_MEMORY_AUTO, (enum hipfx_order)i);
    }
}

static void expect_refused(const char *text, const char *words)
{
    struct hipfx_why why = {0};
    struct hipfx_force force;
    memset(&force, 0xff, sizeof(force));
    if (hipfx_force_parse(text, &force, &why))
        fail_msg("\"%s\" is taken", text);
    if (!strstr(why.text, words))
        fail_msg("\"%s\": the reason is \"%s\"", text, why.text);
    assert_int_equal(force.device, HIPFX_HIP_NONE);
    assert_int_equal(force.memory, HIPFX_MEMORY_AUTO);
    assert_int_equal(force.order, HIPFX_ORDER_AUTO);
}

static void what_is_not_understood_is_refused_whole(void **state)
{
    (void)state;
    expect_refused("cpu", "\"cpu\" is not of the form name=value");
    expect_refused(",", "is not of the form");
    expect_refused("device=cpu,", "is not of the form");
    expect_refused(",device=cpu", "is not of the form");
    expect_refused(" device=cpu", "\" device\" is not one of");
    expect_refused("=", "\"\" is not one of device, memory, order");
    expect_refused("=cpu", "\"\" is not one of");
    expect_refused("speed=high", "\"speed\" is not one of");
    expect_refused("device=", "device= is not one of");
    expect_refused("device=CPU", "device=CPU is not one of");
    expect_refused("device=none", "device=none is not one of");
    expect_refused("memory==linear", "memory==linear is not one of");
    expect_refused("memory=linear ", "is not one of auto, linear, array, copy, staged");
    expect_refused("order=vk_relay", "is not one of auto, gl-timeline, gl-binary, vk-relay, host");
    expect_refused("device=cpu;memory=copy", "is not one of");
    expect_refused("device=cpu,memory=copy,speed=high", "\"speed\"");
    expect_refused("%s%n%s%n", "\"%s%n%s%n\" is not of the form");
    expect_refused("memory=%n%n%n%s", "memory=%n%n%n%s is not one of");
    expect_refused("\xff\xfe=\x80", "is not one of");
}

static void nothing_may_be_said_twice(void **state)
{
    (void)state;
    expect_refused("device=cpu,device=cpu", "device is said twice");
    expect_refused("memory=copy,order=host,memory=linear", "memory is said twice");
    expect_refused("order=auto,order=host", "order is said twice");
}

static void a_text_of_any_length_is_read_safely(void **state)
{
    (void)state;
    static const char word[] = "device=cpu";
    char text[4096];
    for (size_t length = 1; length < sizeof(text); length += length < 300 ? 1 : 997) {
        memset(text, 'x', length);
        memcpy(text, word, length < sizeof(word) - 1 ? length : sizeof(word) - 1);
        text[length] = '\0';
        if (length == sizeof(word) - 1)
            expect_parsed(text, HIPFX_HIP_CPU, HIPFX_MEMORY_AUTO, HIPFX_ORDER_AUTO);
        else
            expect_refused(text, "");
    }
    expect_refused(text, "longer than");
}

static void the_reason_is_wanted_by_nobody(void **state)
{
    (void)state;
    struct hipfx_force force;
    assert_false(hipfx_force_parse("cpu", &force, NULL));
}

static void expect_chosen(const struct hipfx_rungs_missing *missing,
                          const struct hipfx_force *force, enum hipfx_memory memory,
                          enum hipfx_order order, const char *skipped)
{
    struct hipfx_why why = {0};
    struct hipfx_rungs rungs;
    memset(&rungs, 0xff, sizeof(rungs));
    if (!hipfx_rungs_choose(missing, force, &rungs, &why))
        fail_msg("%s", why.text);
    assert_int_equal(rungs.memory, memory);
    assert_int_equal(rungs.order, order);
    assert_string_equal(rungs.skipped, skipped);
}

static void expect_none(const struct hipfx_rungs_missing *missing, const struct hipfx_force *force,
                        const char *words)
{
    struct hipfx_why why = {0};
    struct hipfx_rungs rungs;
    if (hipfx_rungs_choose(missing, force, &rungs, &why))
        fail_msg("memory=%s, order=%s are taken", hipfx_memory_name(rungs.memory),
                 hipfx_order_name(rungs.order));
    if (!strstr(why.text, words))
        fail_msg("the reason is \"%s\"", why.text);
}

static const struct hipfx_force anything;

static void the_best_rungs_are_taken(void **state)
{
    (void)state;
    struct hipfx_rungs_missing missing = {0};
    expect_chosen(&missing, &anything, HIPFX_MEMORY_LINEAR, HIPFX_ORDER_GL_TIMELINE, "");
    missing.memory[HIPFX_MEMORY_LINEAR] = "no rows";
    missing.order[HIPFX_ORDER_GL_TIMELINE] = "no time";
    missing.order[HIPFX_ORDER_GL_BINARY] = "no bits";
    expect_chosen(&missing, &anything, HIPFX_MEMORY_ARRAY, HIPFX_ORDER_VK_RELAY,
                  "linear: no rows; gl-timeline: no time; gl-binary: no bits");
}

static void the_last_rung_goes_alone(void **state)
{
    (void)state;
    struct hipfx_rungs_missing missing = {0};
    for (int i = 1; i < HIPFX_MEMORY_STAGED; i++)
        missing.memory[i] = "gone";
    struct hipfx_why why = {0};
    struct hipfx_rungs rungs;
    assert_true(hipfx_rungs_choose(&missing, &anything, &rungs, &why));
    assert_int_equal(rungs.memory, HIPFX_MEMORY_STAGED);
    assert_int_equal(rungs.order, HIPFX_ORDER_HOST);
}

static void with_nothing_left_the_reasons_are_told(void **state)
{
    (void)state;
    struct hipfx_rungs_missing missing = {0};
    for (int i = 1; i < HIPFX_MEMORY_COUNT; i++)
        missing.memory[i] = "gone";
    expect_none(&missing, &anything, "no memory rung is left (linear: gone; array: gone; ");
    missing = (struct hipfx_rungs_missing){0};
    for (int i = 1; i < HIPFX_ORDER_COUNT; i++)
        missing.order[i] = "lost";
    expect_none(&missing, &anything, "no order rung is left (gl-timeline: lost; ");
}

/* Why two rungs do not go together; NULL if they do. */
static const char *clash(enum hipfx_memory memory, enum hipfx_order order)
{
    const bool copies = memory == HIPFX_MEMORY_COPY || memory == HIPFX_MEMORY_STAGED;
    if (copies && (order == HIPFX_ORDER_GL_TIMELINE || order == HIPFX_ORDER_GL_BINARY))
        return "memory=copy and staged need another order";
    if (memory == HIPFX_MEMORY_STAGED && order == HIPFX_ORDER_VK_RELAY)
        return "memory=staged goes with order=host only";
    return NULL;
}

static void check_forced(enum hipfx_memory memory, enum hipfx_order order)
{
    const struct hipfx_force force = {.memory = memory, .order = order};
    const struct hipfx_rungs_missing nothing = {0};
    struct hipfx_rungs_missing missing = {0};
    const char *reason = clash(memory, order);
    if (reason)
        expect_none(&nothing, &force, reason);
    else
        expect_chosen(&nothing, &force, memory, order, "");

    missing.order[order] = "it broke";
    expect_none(&missing, &force, reason ? reason : "was forced, but it broke");
    missing.memory[memory] = "it broke";
    expect_none(&missing, &force, "was forced, but it broke");
}

static void a_forced_rung_is_taken_or_refused(void **state)
{
    (void)state;
    for (int m = 1; m < HIPFX_MEMORY_COUNT; m++) {
        for (int o = 1; o < HIPFX_ORDER_COUNT; o++)
            check_forced((enum hipfx_memory)m, (enum hipfx_order)o);
    }
}

static void a_forced_order_does_not_change_the_memory(void **state)
{
    (void)state;
    const struct hipfx_force relay = {.order = HIPFX_ORDER_VK_RELAY};
    struct hipfx_rungs_missing missing = {0};
    missing.memory[HIPFX_MEMORY_LINEAR] = missing.memory[HIPFX_MEMORY_ARRAY] = "gone";
    expect_chosen(&missing, &relay, HIPFX_MEMORY_COPY, HIPFX_ORDER_VK_RELAY,
                  "linear: gone; array: gone");
    missing.memory[HIPFX_MEMORY_COPY] = "gone";
    expect_none(&missing, &relay, "memory=staged goes with order=host only");
}

static void long_reasons_are_cut_not_overrun(void **state)
{
    (void)state;
    char reason[2000];
    memset(reason, 'y', sizeof(reason) - 1);
    reason[sizeof(reason) - 1] = '\0';
    struct hipfx_rungs_missing missing = {0};
    for (int i = 1; i < HIPFX_MEMORY_COUNT; i++)
        missing.memory[i] = reason;
    expect_none(&missing, &anything, "no memory rung is left (linear: yyy");
    missing.memory[HIPFX_MEMORY_STAGED] = NULL;
    struct hipfx_rungs rungs;
    assert_true(hipfx_rungs_choose(&missing, &anything, &rungs, NULL));
    assert_int_equal(strlen(rungs.skipped), sizeof(rungs.skipped) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_part_may_be_asked_for_in_any_order),
        cmocka_unit_test(every_rung_can_be_named),
        cmocka_unit_test(what_is_not_understood_is_refused_whole),
        cmocka_unit_test(nothing_may_be_said_twice),
        cmocka_unit_test(a_text_of_any_length_is_read_safely),
        cmocka_unit_test(the_reason_is_wanted_by_nobody),
        cmocka_unit_test(the_best_rungs_are_taken),
        cmocka_unit_test(the_last_rung_goes_alone),
        cmocka_unit_test(with_nothing_left_the_reasons_are_told),
        cmocka_unit_test(a_forced_rung_is_taken_or_refused),
        cmocka_unit_test(a_forced_order_does_not_change_the_memory),
        cmocka_unit_test(long_reasons_are_cut_not_overrun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
