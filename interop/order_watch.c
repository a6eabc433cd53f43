#define _GNU_SOURCE /* pthread_cond_clockwait */
#include "interop/order_parts.h"

#include <errno.h>

/* Between two looks: a loss is noticed soon, and what waits is let go a frame at a time. */
#define LOOK_NS  100000000
#define AGAIN_NS 2000000

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* of what follows */
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct hipfx_order_watch *all;
static const struct hipfx_order_watch *asked; /* HIP is asked about it: it stays in the list */
static bool running; /* the thread, which ends when there is nothing to watch */

static bool is_lost(const struct hipfx_order_watch *watch)
{
    if (watch->hip->hipSetDevice(watch->device) != hipSuccess)
        return false;
    const hipError_t err = watch->hip->hipStreamQuery(watch->stream);
    return err != hipSuccess && err != hipErrorNotReady;
}

/* Under the mutex, but for HIP's calls: one that hangs must not hang whoever starts or stops. */
static bool ask(const struct hipfx_order_watch *watch)
{
    asked = watch;
    pthread_mutex_unlock(&mutex);
    const bool lost = is_lost(watch);
    pthread_mutex_lock(&mutex);
    asked = NULL;
    pthread_cond_broadcast(&changed);
    return lost;
}

/* GL waits once for each signal that HIP was told to give. Those that HIP did give make one too
 * many here, which nobody takes, and the semaphore goes before it is used again. */
static void signal_binary(struct hipfx_order_watch *watch)
{
    if (watch->given < atomic_load(&watch->told) &&
        hipfx_vk_binary_signal(watch->vk, watch->binary, NULL))
        watch->given++;
}

/* Only where it is HIP's turn: values that others have yet to signal must not be passed. */
static void signal_timeline(struct hipfx_order_watch *watch)
{
    const uint64_t n = watch->values_per_frame;
    uint64_t value = 0;
    if (watch->vk->fn.vkGetSemaphoreCounterValue(watch->vk->device, watch->timeline, &value) ==
            VK_SUCCESS &&
        value < atomic_load(&watch->told) && (value + 1) % n == 2 % n)
        hipfx_vk_timeline_signal(watch->vk, watch->timeline, value + 1, NULL);
}

/* Under the mutex. True if something was lost. */
static bool look_at_all(void)
{
    bool any = false;
    for (struct hipfx_order_watch *watch = all; watch; watch = watch->next) {
        if (!ask(watch))
            continue;
        any = true;
        if (watch->binary)
            signal_binary(watch);
        else
            signal_timeline(watch);
    }
    return any;
}

static void *watch_main(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&mutex);
    while (all) {
        const struct timespec next = hipfx_deadline(look_at_all() ? AGAIN_NS : LOOK_NS);
        while (all && pthread_cond_clockwait(&changed, &mutex, CLOCK_MONOTONIC, &next) == 0)
            ;
    }
    running = false;
    pthread_mutex_unlock(&mutex);
    return NULL;
}

/* Under the mutex. */
static bool start_thread(void)
{
    pthread_t thread;
    if (running)
        return true;
    running = HIPFX_FAULT_POINT(HIPFX_FAULT_LIBC, "pthread_create", EAGAIN,
                                pthread_create(&thread, NULL, watch_main, NULL)) == 0;
    if (running)
        pthread_detach(thread);
    return running;
}

bool hipfx_order_watch_start(struct hipfx_order_state *state, struct hipfx_why *why)
{
    const struct hipfx_order_params *params = &state->params;
    struct hipfx_order_watch *watch = &state->watch;
    if (!state->shared.hip && !state->to_gl.hip)
        return true;
    pthread_mutex_lock(&mutex);
    const bool ok = start_thread();
    if (ok) {
        *watch = (struct hipfx_order_watch){
            .next = all,
            .hip = params->hip,
            .device = params->device,
            .stream = params->stream,
            .vk = params->vk,
            .timeline = state->timeline.semaphore,
            .binary = state->to_gl.hip ? state->to_gl.vk : VK_NULL_HANDLE,
            .values_per_frame = params->order == HIPFX_ORDER_VK_RELAY ? 3 : 2,
        };
        all = watch;
    }
    pthread_mutex_unlock(&mutex);
    return ok || hipfx_fail(why, "no thread could be started");
}

bool hipfx_order_watch_stop(struct hipfx_order_state *state)
{
    struct hipfx_order_watch *watch = &state->watch, **at = &all;
    if (!watch->hip)
        return true;
    const struct timespec deadline = hipfx_deadline(watch->late ? 0 : HIPFX_FRAME_TIMEOUT_NS);
    pthread_mutex_lock(&mutex);
    while (asked == watch &&
           pthread_cond_clockwait(&changed, &mutex, CLOCK_MONOTONIC, &deadline) == 0)
        ;
    watch->late = asked == watch;
    if (!watch->late) {
        while (*at != watch)
            at = &(*at)->next;
        *at = watch->next;
        watch->hip = NULL;
        pthread_cond_broadcast(&changed);
    }
    pthread_mutex_unlock(&mutex);
    return !watch->late;
}

void hipfx_order_watch_told(struct hipfx_order_state *state, uint64_t value)
{
    struct hipfx_order_watch *watch = &state->watch;
    if (watch->binary)
        atomic_fetch_add(&watch->told, 1);
    else
        atomic_store(&watch->told, value);
}
