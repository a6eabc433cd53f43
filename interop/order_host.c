#include "interop/order_host.h"

#include "interop/timeout.h"

void hipfx_order_host_create(struct hipfx_order_host *host, const struct hipfx_hip *hip,
                             hipStream_t stream, struct hipfx_vk *vk, VkSemaphore timeline)
{
    pthread_condattr_t monotonic;
    *host = (struct hipfx_order_host){
        .hip = hip,
        .stream = stream,
        .vk = vk,
        .timeline = timeline,
    };
    pthread_mutex_init(&host->mutex, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&host->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

bool hipfx_order_host_destroy(struct hipfx_order_host *host)
{
    if (!host->hip)
        return true;
    const struct timespec deadline = hipfx_deadline(HIPFX_FRAME_TIMEOUT_NS);
    pthread_mutex_lock(&host->mutex);
    while (host->made < host->enqueued &&
           pthread_cond_timedwait(&host->changed, &host->mutex, &deadline) == 0)
        ;
    const bool all = host->made == host->enqueued;
    pthread_mutex_unlock(&host->mutex);
    if (!all)
        return false;
    pthread_cond_destroy(&host->changed);
    pthread_mutex_destroy(&host->mutex);
    *host = (struct hipfx_order_host){0};
    return true;
}

/* The call's last act: the ring may use it again from here on. `reached`: what it was to signal, or
 * 0. */
static void end_call(struct hipfx_order_host *host, uint64_t reached, bool ok,
                     const struct hipfx_why *why)
{
    pthread_mutex_lock(&host->mutex);
    if (!ok && !host->failed) {
        host->failed = true;
        host->why = *why;
    }
    if (reached)
        host->reached = reached;
    host->made++;
    pthread_cond_broadcast(&host->changed);
    pthread_mutex_unlock(&host->mutex);
}

/* Both run on a thread of the runtime's; HIP must not be called from here. */
static void wait_on_host(void *data)
{
    const struct hipfx_order_host_call *call = data;
    struct hipfx_order_host *host = call->host;
    struct hipfx_why why = {0};
    const bool ok =
        hipfx_vk_timeline_wait(host->vk, host->timeline, call->value, HIPFX_FRAME_TIMEOUT_NS, &why);
    end_call(host, 0, ok, &why);
}

static void signal_on_host(void *data)
{
    const struct hipfx_order_host_call *call = data;
    struct hipfx_order_host *host = call->host;
    struct hipfx_why why = {0};
    const bool ok = hipfx_vk_timeline_signal(host->vk, host->timeline, call->value, &why);
    end_call(host, call->value, ok, &why);
}

static bool is_full(struct hipfx_order_host *host)
{
    pthread_mutex_lock(&host->mutex);
    const bool full = host->enqueued - host->made == HIPFX_ORDER_HOST_CALLS;
    pthread_mutex_unlock(&host->mutex);
    return full;
}

static bool enqueue(struct hipfx_order_host *host, hipHostFn_t fn, uint64_t value,
                    struct hipfx_why *why)
{
    if (is_full(host))
        return hipfx_fail(why, "HIP holds %d frames that it has not finished",
                          HIPFX_ORDER_HOST_CALLS / 2);
    struct hipfx_order_host_call *call = &host->calls[host->enqueued % HIPFX_ORDER_HOST_CALLS];
    *call = (struct hipfx_order_host_call){.host = host, .value = value};
    if (!HIP(why, host->hip, hipLaunchHostFunc, host->stream, fn, call))
        return false;
    host->enqueued++; /* the call is the stream's now */
    return true;
}

bool hipfx_order_host_wait(struct hipfx_order_host *host, uint64_t value, struct hipfx_why *why)
{
    return enqueue(host, wait_on_host, value, why);
}

bool hipfx_order_host_signal(struct hipfx_order_host *host, uint64_t value, struct hipfx_why *why)
{
    return enqueue(host, signal_on_host, value, why);
}

bool hipfx_order_host_await(struct hipfx_order_host *host, uint64_t value, uint64_t timeout_ns,
                            struct hipfx_why *why)
{
    const struct timespec deadline = hipfx_deadline(timeout_ns);
    pthread_mutex_lock(&host->mutex);
    while (host->reached < value &&
           pthread_cond_timedwait(&host->changed, &host->mutex, &deadline) == 0)
        ;
    const bool reached = host->reached >= value;
    const bool ok = reached && !host->failed;
    const struct hipfx_why reason = host->why;
    pthread_mutex_unlock(&host->mutex);
    if (ok)
        return true;
    if (reached)
        return hipfx_fail(why, "HIP's end of the timeline failed: %s", reason.text);
    return hipfx_fail(why, "HIP did not finish a frame within %.1f s", (double)timeout_ns * 1e-9);
}

bool hipfx_order_host_has_failed(struct hipfx_order_host *host)
{
    if (!host->hip)
        return false;
    pthread_mutex_lock(&host->mutex);
    const bool failed = host->failed;
    pthread_mutex_unlock(&host->mutex);
    return failed;
}
