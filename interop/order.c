#define _GNU_SOURCE /* sem_clockwait */
#include "interop/order.h"

#include "interop/gl/gl.h"

#include <errno.h>
#include <time.h>

/* A frame that takes longer than this is given up. Long beside any frame, short beside a user's
 * patience with a frozen program. */
#define FRAME_TIMEOUT_NS UINT64_C(5000000000)

/* Between two looks at an event: HIP has no wait with a bound. */
#define POLL_NS 50000

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

bool hipfx_order_create(struct hipfx_order_state *state, const struct hipfx_order_params *params,
                        struct hipfx_why *why)
{
    *state = (struct hipfx_order_state){.params = *params};
    sem_init(&state->signalled, 0, 0);
    const bool relays = params->order == HIPFX_ORDER_VK_RELAY || params->copies;
    if (relays && !hipfx_vk_timeline_create(params->vk, &state->timeline, why)) {
        hipfx_order_destroy(state);
        return false;
    }
    if (!HIP(why, params->hip, hipEventCreateWithFlags, &state->done, hipEventDisableTiming)) {
        state->done = NULL;
        hipfx_order_destroy(state);
        return false;
    }
    return true;
}

static bool wait_event(struct hipfx_order_state *state, struct hipfx_why *why)
{
    const struct hipfx_hip *hip = state->params.hip;
    const uint64_t deadline_ns = now_ns() + FRAME_TIMEOUT_NS;
    const struct timespec pause = {.tv_nsec = POLL_NS};
    hipError_t err;
    while ((err = hip->hipEventQuery(state->done)) == hipErrorNotReady) {
        if (now_ns() > deadline_ns)
            return hipfx_fail(why, "HIP did not finish a frame within %.1f s",
                              (double)FRAME_TIMEOUT_NS * 1e-9);
        nanosleep(&pause, NULL);
    }
    return hipfx_hip_check(hip, why, "hipEventQuery", err);
}

static bool record_and_wait(struct hipfx_order_state *state, struct hipfx_why *why)
{
    return HIP(why, state->params.hip, hipEventRecord, state->done, state->params.stream) &&
           wait_event(state, why);
}

/* Waits on the host until the timeline has reached its last enqueued value. */
static bool wait_timeline(struct hipfx_order_state *state, struct hipfx_why *why)
{
    struct hipfx_why timeout = {0};
    if (hipfx_vk_timeline_wait(state->params.vk, state->timeline.semaphore, state->timeline.value,
                               FRAME_TIMEOUT_NS, &timeout))
        return true;
    return hipfx_fail(why, "a frame was not handed over within %.1f s (%s)",
                      (double)FRAME_TIMEOUT_NS * 1e-9, timeout.text);
}

bool hipfx_order_destroy(struct hipfx_order_state *state)
{
    const struct hipfx_hip *hip = state->params.hip;
    struct hipfx_why why = {0};

    /* The stream first: a submit waits only for what the stream has been given to signal. */
    if (state->in_flight && (!record_and_wait(state, &why) ||
                             (state->timeline.semaphore && !wait_timeline(state, &why)))) {
        hipfx_log(HIPFX_LOG_ERROR, "%s", why.text);
        return false;
    }
    if (state->done && !HIP(&why, hip, hipEventDestroy, state->done))
        hipfx_log(HIPFX_LOG_WARNING, "%s", why.text);
    if (state->timeline.semaphore)
        hipfx_vk_timeline_destroy(state->params.vk, &state->timeline);
    if (state->params.hip)
        sem_destroy(&state->signalled);
    *state = (struct hipfx_order_state){0};
    return true;
}

/* Runs on the stream's thread; HIP must not be called from here. */
static void host_wait(void *data)
{
    const struct hipfx_order_host_call *call = data;
    if (!hipfx_vk_timeline_wait(call->vk, call->semaphore, call->value, FRAME_TIMEOUT_NS, NULL))
        atomic_store(call->failed, true);
}

static void host_signal(void *data)
{
    const struct hipfx_order_host_call *call = data;
    if (!hipfx_vk_timeline_signal(call->vk, call->semaphore, call->value, NULL))
        atomic_store(call->failed, true);
    sem_post(call->done);
}

static bool enqueue_host_call(struct hipfx_order_state *state, struct hipfx_order_host_call *call,
                              hipHostFn_t fn, uint64_t value, sem_t *done, struct hipfx_why *why)
{
    *call = (struct hipfx_order_host_call){
        .vk = state->params.vk,
        .semaphore = state->timeline.semaphore,
        .value = value,
        .failed = &state->failed,
        .done = done,
    };
    return HIP(why, state->params.hip, hipLaunchHostFunc, state->params.stream, fn, call);
}

bool hipfx_order_to_hip(struct hipfx_order_state *state, struct hipfx_why *why)
{
    const struct hipfx_order_params *params = &state->params;
    struct hipfx_vk_timeline *timeline = &state->timeline;

    if (!hipfx_gl_finish(FRAME_TIMEOUT_NS, why))
        return false;
    state->in_flight = true;
    if (params->order == HIPFX_ORDER_VK_RELAY)
        return hipfx_vk_relay_submit(params->vk, params->relay->to_hip, timeline, 0,
                                     timeline->value + 1, why) &&
               enqueue_host_call(state, &state->wait, host_wait, timeline->value, NULL, why);
    if (params->copies)
        return hipfx_vk_relay_submit(params->vk, params->relay->to_hip, timeline, 0,
                                     timeline->value + 1, why) &&
               wait_timeline(state, why);
    return true;
}

static bool wait_signalled(struct hipfx_order_state *state, struct hipfx_why *why)
{
    struct timespec deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += (time_t)(FRAME_TIMEOUT_NS / 1000000000);
    while (sem_clockwait(&state->signalled, CLOCK_MONOTONIC, &deadline) != 0) {
        if (errno != EINTR)
            return hipfx_fail(why, "HIP did not finish a frame within %.1f s",
                              (double)FRAME_TIMEOUT_NS * 1e-9);
    }
    return !atomic_load(&state->failed) || hipfx_fail(why, "HIP's end of the timeline failed");
}

/* OpenGL has no semaphore here that a submit could signal, so the host waits in any case. It waits
 * for HIP's signal first and submits then: validation layers before 1.3.296 lock up on a wait for a
 * value that another thread is about to signal from the host (https://github.com/KhronosGroup/
 * Vulkan-ValidationLayers/pull/8519). With those gone the first wait may go. */
static bool relay_to_gl(struct hipfx_order_state *state, struct hipfx_why *why)
{
    const struct hipfx_order_params *params = &state->params;
    struct hipfx_vk_timeline *timeline = &state->timeline;
    const uint64_t hip_done = timeline->value + 1;
    if (!enqueue_host_call(state, &state->signal, host_signal, hip_done, &state->signalled, why))
        return false;
    timeline->value = hip_done;
    return wait_signalled(state, why) &&
           hipfx_vk_relay_submit(params->vk, params->relay->to_gl, timeline, hip_done, hip_done + 1,
                                 why) &&
           wait_timeline(state, why);
}

static bool host_to_gl(struct hipfx_order_state *state, struct hipfx_why *why)
{
    const struct hipfx_order_params *params = &state->params;
    struct hipfx_vk_timeline *timeline = &state->timeline;
    if (!record_and_wait(state, why))
        return false;
    if (!params->copies)
        return true;
    return hipfx_vk_relay_submit(params->vk, params->relay->to_gl, timeline, 0, timeline->value + 1,
                                 why) &&
           wait_timeline(state, why);
}

bool hipfx_order_to_gl(struct hipfx_order_state *state, struct hipfx_why *why)
{
    bool ok = state->params.order == HIPFX_ORDER_VK_RELAY ? relay_to_gl(state, why)
                                                          : host_to_gl(state, why);
    if (ok)
        state->in_flight = false;
    return ok;
}
