/* The order ladder at work: when HIP may touch what GL drew, and GL what HIP wrote.
 *
 * One frame is in flight at a time. A frame takes three values of the timeline:
 *
 *     GL is done    -> [submit: image to HIP]  signals  frame + 1
 *     HIP waits for frame + 1, runs kernels,   signals  frame + 2
 *     [submit: HIP to image] waits frame + 2,  signals  frame + 3
 *
 * and the host takes part at both ends where GL has no semaphores. */
#pragma once

#include "interop/hip/hip.h"
#include "interop/ladder.h"
#include "interop/vk/relay.h"

#include <semaphore.h>
#include <stdatomic.h>

struct hipfx_order_params {
    const struct hipfx_hip *hip;
    hipStream_t stream;
    struct hipfx_vk *vk; /* NULL for `host` without copies */
    const struct hipfx_vk_relay *relay;
    enum hipfx_order order;
    bool copies; /* the relay's submits copy: `host` needs them too */
};

/* HIP's end of the timeline where the runtime cannot import semaphores: calls in stream order. */
struct hipfx_order_host_call {
    struct hipfx_vk *vk;
    VkSemaphore semaphore;
    uint64_t value;
    atomic_bool *failed;
    sem_t *done; /* posted after the call, or NULL */
};

struct hipfx_order_state {
    struct hipfx_order_params params;
    struct hipfx_vk_timeline timeline;
    hipEvent_t done; /* `host`: recorded after the frame's work */
    struct hipfx_order_host_call wait, signal;
    sem_t signalled;    /* posted once HIP's end has signalled the timeline */
    atomic_bool failed; /* a host call failed or timed out */
    bool in_flight;     /* work that uses the frame may still run */
};

/* On failure nothing is left. The state must not move afterwards: host calls point into it. */
bool hipfx_order_create(struct hipfx_order_state *state, const struct hipfx_order_params *params,
                        struct hipfx_why *why);

/* Waits, bounded, for work in flight; false if it did not end, and then nothing was destroyed. */
bool hipfx_order_destroy(struct hipfx_order_state *state);

/* GL -> HIP and HIP -> GL; the second must follow the first even if nothing was enqueued between.
 */
bool hipfx_order_to_hip(struct hipfx_order_state *state, struct hipfx_why *why);
bool hipfx_order_to_gl(struct hipfx_order_state *state, struct hipfx_why *why);
