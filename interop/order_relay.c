#include "interop/order_parts.h"

bool hipfx_order_relay_create(struct hipfx_order_state *state, struct hipfx_why *why)
{
    const struct hipfx_order_params *params = &state->params;
    if (!hipfx_order_timeline_create(state, false, why))
        return false;
    if (!state->shared.hip)
        hipfx_order_host_create(&state->host, params->hip, params->stream, params->vk,
                                state->timeline.semaphore);
    return !params->gl_semaphores ||
           (hipfx_order_binary_create(state, &state->to_hip, false, why) &&
            hipfx_order_binary_create(state, &state->to_gl, false, why));
}

bool hipfx_order_wait_timeline(struct hipfx_order_state *state, struct hipfx_why *why)
{
    struct hipfx_why reason = {0};
    if (hipfx_vk_timeline_wait(state->params.vk, state->timeline.semaphore, state->timeline.value,
                               HIPFX_FRAME_TIMEOUT_NS, &reason))
        return true;
    return hipfx_fail(why, "a frame was not handed over, waiting at most %.1f s: %s",
                      (double)HIPFX_FRAME_TIMEOUT_NS * 1e-9, reason.text);
}

static bool hip_wait(struct hipfx_order_state *state, uint64_t value, struct hipfx_why *why)
{
    if (state->shared.hip)
        return hipfx_order_hip_wait(state, state->shared.hip, value, why);
    return hipfx_order_host_wait(&state->host, value, why);
}

static bool hip_signal(struct hipfx_order_state *state, uint64_t value, struct hipfx_why *why)
{
    if (state->shared.hip)
        return hipfx_order_hip_signal(state, state->shared.hip, value, why);
    return hipfx_order_host_signal(&state->host, value, why);
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

/* Not before HIP has signalled, where it does so from the host: order_host.h says why, and
 * validation layers before 1.3.296 lock up on a submit's wait for a value that another thread is
 * about to signal (https://github.com/KhronosGroup/Vulkan-ValidationLayers/pull/8519). */
static bool await_hip(struct hipfx_order_state *state, struct hipfx_why *why)
{
    if (state->shared.hip)
        return true;
    struct hipfx_why reason = {0};
    if (hipfx_order_host_await(&state->host, state->hip_value, HIPFX_FRAME_TIMEOUT_NS, &reason))
        return true;
    state->late = !hipfx_order_host_has_failed(&state->host);
    return hipfx_fail(why, "%s", reason.text);
}

/* GL is given the semaphore only once the submit has ended where HIP is on the host: it may still
 * be in Vulkan's hands when vkQueueSubmit has returned. For GL the wait is then for the sake of
 * memory, not of time. */
bool hipfx_order_relay_to_gl(struct hipfx_order_state *state, struct hipfx_why *why)
{
    const struct hipfx_order_params *params = &state->params;
    struct hipfx_vk_timeline *timeline = &state->timeline;
    const struct hipfx_vk_relay_binaries binaries = {.signal = state->to_gl.vk};
    const uint64_t hip_done = timeline->value + 1;
    if (!hip_signal(state, hip_done, why))
        return false;
    timeline->value = state->hip_value = hip_done;
    const bool on_gpu = state->shared.hip && params->gl_semaphores;
    return await_hip(state, why) &&
           hipfx_vk_relay_submit(params->vk, params->relay->to_gl, timeline, hip_done, hip_done + 1,
                                 binaries, why) &&
           (on_gpu || hipfx_order_wait_timeline(state, why)) &&
           (!params->gl_semaphores ||
            hipfx_gl_semaphore_wait(&state->to_gl.gl, 0, params->output, why));
}
