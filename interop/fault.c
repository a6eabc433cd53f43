#include "interop/fault.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static struct {
    pthread_mutex_t mutex;
    struct hipfx_fault_plan plan;
    struct hipfx_fault_seen seen;
} state = {.mutex = PTHREAD_MUTEX_INITIALIZER};

void hipfx_fault_arm(const struct hipfx_fault_plan *plan)
{
    pthread_mutex_lock(&state.mutex);
    state.plan = *plan;
    state.seen = (struct hipfx_fault_seen){0};
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

enum hipfx_fault hipfx_fault_next(enum hipfx_fault_api api, const char *name)
{
    pthread_mutex_lock(&state.mutex);
    const struct hipfx_fault_plan *plan = &state.plan;
    const uint64_t call = ++state.seen.calls[api];
    const bool fails =
        plan->call && plan->api == api && (plan->lasting ? call >= plan->call : call == plan->call);
    if (fails && !state.seen.failed++)
        snprintf(state.seen.name, sizeof(state.seen.name), "%s", name);
    pthread_mutex_unlock(&state.mutex);
    if (!fails)
        return HIPFX_FAULT_NONE;
    return frees(name) ? HIPFX_FAULT_AFTER : HIPFX_FAULT_INSTEAD;
}
