#include "interop/order.h"

#include "interop/order_parts.h"

#include <time.h>

/* Between two looks at an event: HIP has no wait with a bound. */
#define POLL_NS 50000

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

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
        return hipfx_order_timeline_create(state, false, why) &&
               (!params->gl_semaphores ||
                (hipfx_order_binary_create(state, &state->to_hip, false, why) &&
                 hipfx_order_binary_create(state, &state->to_gl, false, why)));
    default:
        return !params->copies ||
               hipfx_vk_timeline_create(params->vk, false, &state->timeline, why);
    }
}

bool hipfx_order_create(struct hipfx_order_state *state, const struct hipfx_order_params *params,
                        struct hipfx_why *why)
{
    *state = (struct hipfx_order_state){.params = *params};
    sem_init(&state->signalled, 0, 0);
    if (create_semaphores(state, why)) {
        if (HIP(why, params->hip, hipEventCreateWithFlags, &state->done, hipEventDisableTiming))
            return true;
        state->done = NULL;
    }
    hipfx_order_destroy(state);
    return false;
}

static bool wait_event(struct hipfx_order_state *state, struct hipfx_why *why)
{
    const struct hipfx_hip *hip = state->params.hip;
    const uint64_t deadline_ns = now_ns() + HIPFX_FRAME_TIMEOUT_NS;
    const struct timespec pause = {.tv_nsec = POLL_NS};
    hipError_t err;
    while ((err = hip->hipEventQuery(state->done)) == hipErrorNotReady) {
        if (now_ns() > deadline_ns)
            return hipfx_fail(why, "HIP did not finish a frame within %.1f s",
                              (double)HIPFX_FRAME_TIMEOUT_NS * 1e-9);
        nanosleep(&pause, NULL);
    }
    return hipfx_hip_check(hip, why, "hipEventQuery", err);
}

static bool wait_stream(struct hipfx_order_state *state, struct hipfx_why *why)
{
    return HIP(why, state->params.hip, hipEventRecord, state->done, state->params.stream) &&
           wait_event(state, why);
}

/* HIP first: a submit waits only for what the stream has been given to signal. GL last: it waits
 * for both. */
static bool drain(struct hipfx_order_state *state, struct hipfx_why *why)
{
    const bool relays = state->params.order == HIPFX_ORDER_VK_RELAY || state->params.copies;
    return wait_stream(state, why) && (!relays || hipfx_order_wait_timeline(state, why)) &&
           (state->params.order == HIPFX_ORDER_HOST ||
            hipfx_gl_finish(HIPFX_FRAME_TIMEOUT_NS, why));
}

bool hipfx_order_destroy(struct hipfx_order_state *state)
{
    const struct hipfx_hip *hip = state->params.hip;
    struct hipfx_why why = {0};
    if (!hip)
        return true;
    if (state->in_flight && !drain(state, &why)) {
        hipfx_log(HIPFX_LOG_ERROR, "%s", why.text);
        return false;
    }
    if (state->done && !HIP(&why, hip, hipEventDestroy, state->done))
        hipfx_log(HIPFX_LOG_WARNING, "%s", why.text);
    hipfx_order_semaphore_destroy(state, &state->shared);
    hipfx_order_semaphore_destroy(state, &state->to_hip);
    hipfx_order_semaphore_destroy(state, &state->to_gl);
    if (state->timeline.semaphore)
        hipfx_vk_timeline_destroy(state->params.vk, &state->timeline);
    sem_destroy(&state->signalled);
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
        timeline->value = hip_done;
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
