#include "interop/order.h"

#include "interop/order_parts.h"

static bool create_semaphores(struct hipfx_order_state *state, struct hipfx_why *why)
{
    const struct hipfx_order_params *params = &state->params;
    switch (params->order) {
    case HIPFX_ORDER_GL_TIMELINE:
        return hipfx_order_timeline_create(state, true, why);
    case HIPFX_ORDER_GL_BINARY:
        return hipfx_order_binary_create(state, &state->to_hip, true, why) &&
               hipfx_order_binary_create(state, &state->to_gl, true, why);
    case HIPFX_ORDER_VK_RELAY:
        return hipfx_order_relay_create(state, why);
    default:
        return !params->copies ||
               hipfx_vk_timeline_create(params->vk, false, &state->timeline, why);
    }
}

bool hipfx_order_create(struct hipfx_order_state *state, const struct hipfx_order_params *params,
                        struct hipfx_why *why)
{
    *state = (struct hipfx_order_state){.params = *params};
    if (create_semaphores(state, why) && hipfx_order_watch_start(state, why))
        return true;
    hipfx_order_destroy(state);
    return false;
}

/* Once is enough: later calls only look whether the stream is still at it. */
static bool wait_stream(struct hipfx_order_state *state, struct hipfx_why *why)
{
    const uint64_t timeout_ns = state->late ? 0 : HIPFX_FRAME_TIMEOUT_NS;
    state->late = !hipfx_hip_wait_stream(state->params.hip, state->params.stream, timeout_ns, why);
    return !state->late;
}

/* A stream that only gives errors has been lost with its device and works on nothing any more; a
 * host function that had begun may still run. */
static bool stream_is_lost(struct hipfx_order_state *state)
{
    const struct hipfx_hip *hip = state->params.hip;
    if (HIP_RESULT("hipStreamQuery", hip->hipStreamQuery(state->params.stream)) == hipErrorNotReady)
        return false;
    state->lost = true;
    return hipfx_order_host_destroy(&state->host);
}

/* Submits, and GL, wait for what HIP failed to signal: the host does it in HIP's place, unless the
 * watch does. */
static bool signal_for_hip(struct hipfx_order_state *state, struct hipfx_why *why)
{
    struct hipfx_vk *vk = state->params.vk;
    const VkSemaphore semaphore = state->timeline.semaphore;
    uint64_t value = 0;
    if (state->watch.hip || (!state->lost && !hipfx_order_host_has_failed(&state->host)))
        return true;
    return VK(why, vk, vkGetSemaphoreCounterValue, vk->device, semaphore, &value) &&
           (value >= state->hip_value ||
            hipfx_vk_timeline_signal(vk, semaphore, state->hip_value, why));
}

/* The timeline has the bound; the queue is idle by then, and its own wait only tells validation
 * layers, which do not follow a semaphore that was exported. */
static bool wait_relay(struct hipfx_order_state *state, struct hipfx_why *why)
{
    struct hipfx_vk *vk = state->params.vk;
    const bool relays = state->params.order == HIPFX_ORDER_VK_RELAY || state->params.copies;
    if (!signal_for_hip(state, why) || (relays && !hipfx_order_wait_timeline(state, why)))
        return false;
    pthread_mutex_lock(&vk->queue_mutex);
    const bool ok = !relays || VK(why, vk, vkQueueWaitIdle, vk->queue);
    pthread_mutex_unlock(&vk->queue_mutex);
    return ok;
}

/* HIP first: a submit waits only for what the stream has been given to signal. GL last: it waits
 * for both. */
static bool drain(struct hipfx_order_state *state, struct hipfx_why *why)
{
    return (wait_stream(state, why) || stream_is_lost(state)) &&
           (!state->timeline.semaphore || wait_relay(state, why) ||
            hipfx_vk_is_lost(state->params.vk, state->timeline.semaphore)) &&
           (state->params.order == HIPFX_ORDER_HOST ||
            hipfx_gl_finish(HIPFX_FRAME_TIMEOUT_NS, why));
}

bool hipfx_order_destroy(struct hipfx_order_state *state)
{
    struct hipfx_why why = {0};
    if (!state->params.hip)
        return true;
    if ((state->in_flight && !drain(state, &why)) || !hipfx_order_host_destroy(&state->host)) {
        hipfx_log(HIPFX_LOG_DEBUG, "%s", why.text);
        return false;
    }
    state->in_flight = false;
    if (!hipfx_order_watch_stop(state)) {
        hipfx_log(HIPFX_LOG_DEBUG, "HIP does not answer");
        return false;
    }
    hipfx_order_semaphore_destroy(state, &state->shared);
    hipfx_order_semaphore_destroy(state, &state->to_hip);
    hipfx_order_semaphore_destroy(state, &state->to_gl);
    if (state->timeline.semaphore)
        hipfx_vk_timeline_destroy(state->params.vk, &state->timeline);
    *state = (struct hipfx_order_state){0};
    return true;
}

void hipfx_order_forget_gl(struct hipfx_order_state *state)
{
    state->shared.gl = state->to_hip.gl = state->to_gl.gl = (struct hipfx_gl_semaphore){0};
    if (state->params.order != HIPFX_ORDER_HOST)
        state->in_flight = false;
}

static bool host_to_hip(struct hipfx_order_state *state, struct hipfx_why *why)
{
    const struct hipfx_order_params *params = &state->params;
    struct hipfx_vk_timeline *timeline = &state->timeline;
    return hipfx_gl_finish(HIPFX_FRAME_TIMEOUT_NS, why) &&
           (!params->copies ||
            (hipfx_vk_relay_submit(params->vk, params->relay->to_hip, timeline, 0,
                                   timeline->value + 1, (struct hipfx_vk_relay_binaries){0}, why) &&
             hipfx_order_wait_timeline(state, why)));
}

static bool host_to_gl(struct hipfx_order_state *state, struct hipfx_why *why)
{
    const struct hipfx_order_params *params = &state->params;
    struct hipfx_vk_timeline *timeline = &state->timeline;
    return wait_stream(state, why) &&
           (!params->copies ||
            (hipfx_vk_relay_submit(params->vk, params->relay->to_gl, timeline, 0,
                                   timeline->value + 1, (struct hipfx_vk_relay_binaries){0}, why) &&
             hipfx_order_wait_timeline(state, why)));
}

bool hipfx_order_to_hip(struct hipfx_order_state *state, struct hipfx_why *why)
{
    struct hipfx_vk_timeline *timeline = &state->timeline;
    const uint64_t gl_done = timeline->value + 1;
    state->in_flight = true;
    switch (state->params.order) {
    case HIPFX_ORDER_GL_TIMELINE:
        if (!hipfx_gl_semaphore_signal(&state->shared.gl, gl_done, state->params.input, why))
            return false;
        timeline->value = gl_done;
        return hipfx_order_hip_wait(state, state->shared.hip, gl_done, why);
    case HIPFX_ORDER_GL_BINARY:
        return hipfx_gl_semaphore_signal(&state->to_hip.gl, 0, state->params.input, why) &&
               hipfx_order_hip_wait(state, state->to_hip.hip, 0, why);
    case HIPFX_ORDER_VK_RELAY:
        return hipfx_order_relay_to_hip(state, why);
    default:
        return host_to_hip(state, why);
    }
}

bool hipfx_order_to_gl(struct hipfx_order_state *state, struct hipfx_why *why)
{
    struct hipfx_vk_timeline *timeline = &state->timeline;
    const uint64_t hip_done = timeline->value + 1;
    bool ok;
    switch (state->params.order) {
    case HIPFX_ORDER_GL_TIMELINE:
        if (!hipfx_order_hip_signal(state, state->shared.hip, hip_done, why))
            return false;
        timeline->value = state->hip_value = hip_done;
        return hipfx_gl_semaphore_wait(&state->shared.gl, hip_done, state->params.output, why);
    case HIPFX_ORDER_GL_BINARY:
        return hipfx_order_hip_signal(state, state->to_gl.hip, 0, why) &&
               hipfx_gl_semaphore_wait(&state->to_gl.gl, 0, state->params.output, why);
    case HIPFX_ORDER_VK_RELAY:
        ok = hipfx_order_relay_to_gl(state, why);
        state->in_flight = !ok || state->params.gl_semaphores;
        return ok;
    default:
        ok = host_to_gl(state, why);
        state->in_flight = !ok;
        return ok;
    }
}
