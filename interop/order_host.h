/* HIP's end of a timeline where the runtime imports no semaphores: calls on the host in stream
 * order (hipLaunchHostFunc), which wait for the timeline and signal it.
 *
 * It cannot deadlock. A call waits only for a value that a submit signals which was made before the
 * call was enqueued, and that submit waits for GL commands that were flushed before it. GL in turn
 * is given nothing to wait for that a call has yet to signal: hipfx_order_host_await comes first.
 * So no call waits for another one, and it does not matter that AMD's runtime makes those of all
 * streams on one thread (ROCr's Runtime::AsyncEventsLoop). Each wait has a bound nevertheless.
 *
 * Why GL is not given such a wait, as it would be where HIP imports semaphores: a submit that waits
 * for a value which nobody has signalled yet is kept back by Mesa's Vulkan runtime, in a thread of
 * its own, so that the binary semaphore which it is to signal has no fence in the kernel, or still
 * has the one of the frame before. radeonsi makes that semaphore a dependency of its next commands,
 * and the kernel refuses commands whose dependency has no fence, upon which radeonsi aborts the
 * program; with the frame before's fence they would draw too early. (Mesa: vk_queue_submit in
 * src/vulkan/runtime/vk_queue.c, si_fence_server_sync in src/gallium/drivers/radeonsi/si_fence.c;
 * Linux: amdgpu_syncobj_lookup_and_add in drivers/gpu/drm/amd/amdgpu/amdgpu_cs.c.) */
#pragma once

#include "interop/hip/hip.h"
#include "interop/vk/vk.h"

/* A frame has two, and the next frame may begin when one was given up. */
#define HIPFX_ORDER_HOST_CALLS 16

/* Of one call. From when it is enqueued until it has been made it belongs to the stream, otherwise
 * to the ring: no frame ever changes what another one's call is given. */
struct hipfx_order_host_call {
    struct hipfx_order_host *host;
    uint64_t value;
};

struct hipfx_order_host {
    const struct hipfx_hip *hip;
    hipStream_t stream;
    struct hipfx_vk *vk;
    VkSemaphore timeline;                                       /* the caller's */
    struct hipfx_order_host_call calls[HIPFX_ORDER_HOST_CALLS]; /* a ring */
    uint64_t enqueued; /* calls so far; the ring's next is this one's */

    pthread_mutex_t mutex; /* of what follows */
    pthread_cond_t changed;
    uint64_t made;        /* calls: in the order in which they were enqueued, as a stream works */
    uint64_t reached;     /* the last value that HIP signalled, or failed to */
    bool failed;          /* a call did, or ... */
    struct hipfx_why why; /* ... the first reason */
};

/* It must not move until it is destroyed: calls point into it. One thread at a time. */
void hipfx_order_host_create(struct hipfx_order_host *host, const struct hipfx_hip *hip,
                             hipStream_t stream, struct hipfx_vk *vk, VkSemaphore timeline);

/* Waits, bounded, for the calls that were enqueued; false if they were not all made, and then
 * nothing was destroyed. A zeroed one is allowed. */
bool hipfx_order_host_destroy(struct hipfx_order_host *host);

/* What is enqueued on the stream from now on waits until the timeline has reached `value`. */
bool hipfx_order_host_wait(struct hipfx_order_host *host, uint64_t value, struct hipfx_why *why);

/* The timeline reaches `value` when the stream has done what was enqueued before. */
bool hipfx_order_host_signal(struct hipfx_order_host *host, uint64_t value, struct hipfx_why *why);

/* Waits on the calling thread until HIP has signalled `value`; false with the reason after
 * `timeout_ns`, or if one of its calls failed. */
bool hipfx_order_host_await(struct hipfx_order_host *host, uint64_t value, uint64_t timeout_ns,
                            struct hipfx_why *why);

/* True if a call has failed: others may be waiting for what it was to signal. */
bool hipfx_order_host_has_failed(struct hipfx_order_host *host);
