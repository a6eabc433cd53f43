#define _GNU_SOURCE /* sem_clockwait */
#include "interop/order_parts.h"

#include <errno.h>
#include <time.h>

bool hipfx_order_wait_timeline(struct hipfx_order_state *state, struct hipfx_why *why)
{
    struct hipfx_why reason = {0};
    if (hipfx_vk_timeline_wait(state->params.vk, state->timeline.semaphore, state->timeline.value,
                               HIPFX_FRAME_TIMEOUT_NS, &reason))
        return true;
    return hipfx_fail(why, "a frame was not handed over, waiting at most %.1f s: %s",
                      (double)HIPFX_FRAME_TIMEOUT_NS * 1e-9, reason.text);
}

/* Both run on the stream's thread; HIP must not be called from here. */
static void host_wait(void *data)
{
    const struct hipfx_order_host_call *call = data;
    if (!hipfx_vk_timeline_wait(call->vk, call->semaphore, call->value, HIPFX_FRAME_TIMEOUT_NS,
                                call->why))
        atomic_store(call->failed, true);
    atomic_fetch_sub(call->queued, 1);
}

static void host_signal(void *data)
{
    /* The call is the next frame's once `done` is posted. */
    const struct hipfx_order_host_call call = *(const struct hipfx_order_host_call *)data;
    if (!hipfx_vk_timeline_signal(call.vk, call.semaphore, call.value, call.why))
        atomic_store(call.failed, true);
    sem_post(call.done);
    atomic_fetch_sub(call.queued, 1);
}

static bool enqueue_host_call(struct hipfx_order_state *state, struct hipfx_order_host_call *call,
                              hipHostFn_t fn, uint64_t value, sem_t *done, struct hipfx_why *why)
{
    *call = (struct hipfx_order_host_call){
        .vk = state->params.vk,
        .semaphore = state->timeline.semaphore,
        .value = value,
        .failed = &state->failed,
        .why = &state->host_why,
        .done = done,
        .queued = &state->host_calls,
    };
    atomic_fetch_add(&state->host_calls, 1);
    if (HIP(why, state->params.hip, hipLaunchHostFunc, state->params.stream, fn, call))
        return true;
    atomic_fetch_sub(&state->host_calls, 1);
    return false;
}

static bool hip_wait(struct hipfx_order_state *state, uint64_t value, struct hipfx_why *why)
{
    if (state->shared.hip)
        return hipfx_order_hip_wait(state, state->shared.hip, value, why);
    return enqueue_host_call(state, &state->wait, host_wait, value, NULL, why);
}

static bool hip_signal(struct hipfx_order_state *state, uint64_t value, struct hipfx_why *why)
{
    if (state->shared.hip)
        return hipfx_order_hip_signal(state, state->shared.hip, value, why);
    return enqueue_host_call(state, &state->signal, host_signal, value, &state->signalled, why);
}

/* A semaphore where GL has one, otherwise a fence that the host waits for. */
bool hipfx_order_relay_to_hip(struct hipfx_order_state *state, struct hipfx_why *why)
{
    const struct hipfx_order_params *params = &state->params;
    struct hipfx_vk_timeline *timeline = &state->timeline;
    const bool gl_ok = params->gl_semaphores
                           ? hipfx_gl_semaphore_signal(&state->to_hip.gl, 0, params->input, why)
                           : hipfx_gl_finish(HIPFX_FRAME_TIMEOUT_NS, why);
    const struct hipfx_vk_relay_binaries binaries = {.wait = state->to_hip.vk};
    return gl_ok &&
           hipfx_vk_relay_submit(params->vk, params->relay->to_hip, timeline, 0,
                                 timeline->value + 1, binaries, why) &&
           hip_wait(state, timeline->value, why);
}

static bool wait_signalled(struct hipfx_order_state *state, struct hipfx_why *why)
{
    struct timespec deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    const uint64_t nsec = (uint64_t)deadline.tv_nsec + HIPFX_FRAME_TIMEOUT_NS;
    deadline.tv_sec += (time_t)(nsec / 1000000000);
    deadline.tv_nsec = (long)(nsec % 1000000000);
    while (sem_clockwait(&state->signalled, CLOCK_MONOTONIC, &deadline) != 0) {
        state->late = errno != EINTR;
        if (state->late)
            return hipfx_fail(why, "HIP did not finish a frame within %.1f s",
                              (double)HIPFX_FRAME_TIMEOUT_NS * 1e-9);
    }
    return !atomic_load(&state->failed) ||
           hipfx_fail(why, "HIP's end of the timeline failed: %s", state->host_why.text);
}

/* Where GL has no semaphore that a submit could signal, the host waits in any case. It waits for
 * HIP's signal first and submits then: validation layers before 1.3.296 lock up on a wait for a
 * value that another thread is about to signal from the host
 * (https://github.com/KhronosGroup/Vulkan-ValidationLayers/pull/8519). With those gone the first
 * wait may go. */
static bool relay_to_gl_on_host(struct hipfx_order_state *state, uint64_t hip_done,
                                struct hipfx_why *why)
{
    const struct hipfx_order_params *params = &state->params;
    const bool hip_ok = state->shared.hip || wait_signalled(state, why);
    return hip_ok &&
           hipfx_vk_relay_submit(params->vk, params->relay->to_gl, &state->timeline, hip_done,
                                 hip_done + 1, (struct hipfx_vk_relay_binaries){0}, why) &&
           hipfx_order_wait_timeline(state, why);
}

bool hipfx_order_relay_to_gl(struct hipfx_order_state *state, struct hipfx_why *why)
{
    const struct hipfx_order_params *params = &state->params;
    struct hipfx_vk_timeline *timeline = &state->timeline;
    const uint64_t hip_done = timeline->value + 1;
    if (!hip_signal(state, hip_done, why))
        return false;
    timeline->value = state->hip_value = hip_done;
    if (!params->gl_semaphores)
        return relay_to_gl_on_host(state, hip_done, why);
    const struct hipfx_vk_relay_binaries binaries = {.signal = state->to_gl.vk};
    return hipfx_vk_relay_submit(params->vk, params->relay->to_gl, timeline, hip_done, hip_done + 1,
                                 binaries, why) &&
           hipfx_gl_semaphore_wait(&state->to_gl.gl, 0, params->output, why);
}
