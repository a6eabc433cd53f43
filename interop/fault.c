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

static bool frees(const char *name)
{
    return strstr(name, "Free") || strstr(name, "Destroy") || strstr(name, "Unload") ||
           strstr(name, "Unregister");
}

/* Under the mutex. */
static bool count(enum hipfx_fault_api api, const char *name)
{
    const struct hipfx_fault_plan *plan = &state.plan;
    const uint64_t call = ++state.seen.calls[api];
    if (!plan->call || plan->api != api || call < plan->call ||
        (call > plan->call && !plan->lasting))
        return false;
    if (!state.seen.failed++)
        snprintf(state.seen.name, sizeof(state.seen.name), "%s", name);
    return true;
}

enum hipfx_fault hipfx_fault_next(enum hipfx_fault_api api, const char *name)
{
    pthread_mutex_lock(&state.mutex);
    const bool fails = count(api, name);
    pthread_mutex_unlock(&state.mutex);
    if (!fails)
        return HIPFX_FAULT_NONE;
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
