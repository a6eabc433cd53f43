/* The order ladder at work: when HIP may touch what GL drew, and GL what HIP wrote.
 *
 * One timeline counts a frame's steps; an order takes as many of its values as it has hops:
 *
 *   gl-timeline   GL signals v+1 -> HIP waits; HIP signals v+2 -> GL waits
 *   gl-binary     the same with a binary semaphore for each direction
 *   vk-relay      GL (semaphore or fence) -> [submit] v+1 -> HIP; HIP v+2 -> [submit] v+3 -> GL
 *   host          the host waits for GL, then for HIP
 *
 * Where HIP imports semaphores its end of the timeline is on the GPU, and where GL has some, too,
 * nothing here makes the calling thread wait. Elsewhere HIP's end is on the host (order_host.h),
 * and HIP -> GL waits, bounded, until HIP has done its work. */
#pragma once

#include "interop/gl/semaphore.h"
#include "interop/hip/hip.h"
#include "interop/ladder.h"
#include "interop/order_host.h"
#include "interop/vk/relay.h"

#include <stdatomic.h>

struct hipfx_order_params {
    const struct hipfx_hip *hip;
    int device; /* HIP's number of the stream's device */
    hipStream_t stream;
    struct hipfx_vk *vk; /* NULL for `host` without copies */
    const struct hipfx_vk_relay *relay;
    enum hipfx_order order;
    bool copies;          /* the relay's submits copy: `host` needs them too */
    bool gl_semaphores;   /* GL has GL_EXT_semaphore_fd and Vulkan can export binary semaphores */
    GLuint input, output; /* the textures that change hands */
};

/* One semaphore, as each API that takes part knows it; empty where one does not. */
struct hipfx_order_semaphore {
    VkSemaphore vk;
    struct hipfx_gl_semaphore gl;
    hipExternalSemaphore_t hip;
};

/* GL, and submits, wait on the GPU for what HIP was told to signal, and would wait for ever once
 * its device is lost: a thread looks after that now and then, and signals in HIP's place. */
struct hipfx_order_watch {
    struct hipfx_order_watch *next;
    const struct hipfx_hip *hip; /* NULL: not watched */
    int device;
    hipStream_t stream;
    struct hipfx_vk *vk;
    VkSemaphore timeline, binary; /* that HIP signals: one of the two */
    uint64_t values_per_frame;    /* on the timeline; the second of a frame's is HIP's */
    atomic_uint_fast64_t told;    /* what HIP was told to signal: the timeline's last value, or how
                                     many times the binary semaphore */
    uint64_t given;               /* binary signals in HIP's place */
    bool late;                    /* HIP's answer: it has been waited for in vain */
};

struct hipfx_order_state {
    struct hipfx_order_params params;
    struct hipfx_vk_timeline timeline;
    struct hipfx_order_semaphore shared;        /* the timeline's GL and HIP ends; vk is unused */
    struct hipfx_order_semaphore to_hip, to_gl; /* the binary pair */
    struct hipfx_order_watch watch;             /* where HIP signals on the GPU */
    struct hipfx_order_host host; /* vk-relay: HIP's end, where HIP imports no semaphores */
    uint64_t hip_value;           /* that HIP was told last to signal */
    bool in_flight;               /* work that uses the frame may still run */
    bool late;                    /* ... and has been waited for in vain */
    bool lost;                    /* HIP's device: it will not signal any more */
};

/* On failure nothing is left. The state must not move afterwards: host calls point into it. */
bool hipfx_order_create(struct hipfx_order_state *state, const struct hipfx_order_params *params,
                        struct hipfx_why *why);

/* Waits, bounded, for work in flight, and for HIP's answer if it is being asked about the stream;
 * false if one did not end, and then nothing was destroyed. */
bool hipfx_order_destroy(struct hipfx_order_state *state);

/* GL -> HIP and HIP -> GL; the second must follow the first even if nothing was enqueued between.
 */
bool hipfx_order_to_hip(struct hipfx_order_state *state, struct hipfx_why *why);
bool hipfx_order_to_gl(struct hipfx_order_state *state, struct hipfx_why *why);

/* For a GL context that is gone: its names are not deleted. */
void hipfx_order_forget_gl(struct hipfx_order_state *state);
