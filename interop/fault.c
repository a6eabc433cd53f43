#include "interop/fault.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t armed;
    struct hipfx_fault_plan plan;
    struct hipfx_fault_seen seen;
    uint64_t plans; /* so far */
} state = {.mutex = PTHREAD_MUTEX_INITIALIZER, .armed = PTHREAD_COND_INITIALIZER};

void hipfx_fault_arm(const struct hipfx_fault_plan *plan)
{
    pthread_mutex_lock(&state.mutex);
    state.plan = *plan;
    state.seen = (struct hipfx_fault_seen){0};
    state.plans++;
    pthread_cond_broadcast(&state.armed);
    pthread_mutex_unlock(&state.mutex);
}

struct hipfx_fault_seen hipfx_fault_seen(void)
{
    pthread_mutex_lock(&state.mutex);
    const struct hipfx_fault_seen seen = state.seen;
    pthread_mutex_unlock(&state.mutex);
    return seen;
}

bool hipfx_fault_is_lasting(void)
{
    pthread_mutex_lock(&state.mutex);
    const bool lasting = state.plan.lasting;
    pthread_mutex_unlock(&state.mutex);
    return lasting;
}

bool hipfx_fault_is_to_reset(void)
{
    pthread_mutex_lock(&state.mutex);
    const bool to_reset = state.plan.to_reset;
    pthread_mutex_unlock(&state.mutex);
    return to_reset;
}

static bool frees(const char *name)
{
    return strstr(name, "Free") || strstr(name, "Destroy") || strstr(name, "Unload") ||
           strstr(name, "Unregister");
}

/* Under the mutex. True if it is the plan's call, or one after it. */
static bool count(enum hipfx_fault_api api, const char *name)
{
    const struct hipfx_fault_plan *plan = &state.plan;
    uint64_t call = ++state.seen.calls[api];
    if (!plan->call || plan->api != api)
        return false;
    const bool counted = !plan->name || strcmp(plan->name, name) == 0;
    if (plan->name)
        call = state.seen.named += counted;
    if (call < plan->call || (!plan->lasting && (!counted || call > plan->call)))
        return false;
    if (!state.seen.failed++)
        snprintf(state.seen.name, sizeof(state.seen.name), "%s", name);
    return true;
}

enum hipfx_fault hipfx_fault_next(enum hipfx_fault_api api, const char *name)
{
    pthread_mutex_lock(&state.mutex);
    if (state.plan.to_reset && state.seen.failed && strcmp(name, "hipDeviceReset") == 0) {
        state.plan.call = 0;
        state.seen.resets++;
    }
    /* A lost device can still be named, or nobody could reset it. */
    const bool names = state.plan.to_reset && strcmp(name, "hipSetDevice") == 0;
    const bool fails = !names && count(api, name);
    const struct hipfx_fault_plan plan = state.plan;
    pthread_mutex_unlock(&state.mutex);
    if (!fails)
        return HIPFX_FAULT_NONE;
    if (plan.strike) {
        plan.strike(plan.data);
        return HIPFX_FAULT_NONE;
    }
    return frees(name) ? HIPFX_FAULT_AFTER : HIPFX_FAULT_INSTEAD;
}

void hipfx_fault_stream_operation(void)
{
    pthread_mutex_lock(&state.mutex);
    const uint64_t plan = state.plans;
    if (count(HIPFX_FAULT_STREAM, "a stream's operation")) {
        while (state.plans == plan)
            pthread_cond_wait(&state.armed, &state.mutex);
    }
    pthread_mutex_unlock(&state.mutex);
}
