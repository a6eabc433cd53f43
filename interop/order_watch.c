#define _GNU_SOURCE /* pthread_cond_clockwait */
#include "interop/order_parts.h"

#include <errno.h>

/* Between two looks: a loss is noticed soon, and what waits is let go a frame at a time. */
#define LOOK_NS  100000000
#define AGAIN_NS 2000000

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* of what follows */
static pthread_cond_t stopped = PTHREAD_COND_INITIALIZER;
static struct hipfx_order_watch *all;
static bool running; /* the thread, which ends when there is nothing to watch */

static bool is_lost(const struct hipfx_order_watch *watch)
{
    if (watch->hip->hipSetDevice(watch->device) != hipSuccess)
        return false;
    const hipError_t err = watch->hip->hipStreamQuery(watch->stream);
    return err != hipSuccess && err != hipErrorNotReady;
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
        if (!is_lost(watch))
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
        while (all && pthread_cond_clockwait(&stopped, &mutex, CLOCK_MONOTONIC, &next) == 0)
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
    watch->next = all;
    all = watch;
    watch->device = params->device;
    watch->stream = params->stream;
    watch->vk = params->vk;
    watch->timeline = state->timeline.semaphore;
    watch->binary = state->to_gl.hip ? state->to_gl.vk : VK_NULL_HANDLE;
    watch->values_per_frame = params->order == HIPFX_ORDER_VK_RELAY ? 3 : 2;
    watch->hip = params->hip;
    const bool ok = start_thread();
    pthread_mutex_unlock(&mutex);
    if (ok)
        return true;
    hipfx_order_watch_stop(state);
    return hipfx_fail(why, "no thread could be started");
}

void hipfx_order_watch_stop(struct hipfx_order_state *state)
{
    struct hipfx_order_watch **at = &all;
    if (!state->watch.hip)
        return;
    pthread_mutex_lock(&mutex);
    while (*at != &state->watch)
        at = &(*at)->next;
    *at = state->watch.next;
    pthread_cond_broadcast(&stopped);
    pthread_mutex_unlock(&mutex);
    state->watch.hip = NULL;
}

void hipfx_order_watch_told(struct hipfx_order_state *state, uint64_t value)
{
    struct hipfx_order_watch *watch = &state->watch;
    if (watch->binary)
        atomic_fetch_add(&watch->told, 1);
    else
        atomic_store(&watch->told, value);
}
