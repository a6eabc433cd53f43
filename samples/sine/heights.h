/* HIP's side: the kernel that computes the heights, in memory that Vulkan allocated.
 *
 * Functions that return bool give the reason in `why`. All calls come from one thread. */
#pragma once

#include "interop/map.h"
#include "interop/order_host.h"

#define GRID_SIZE 256 /* vertices a side */

struct heights {
    const struct hipfx_hip *hip;
    struct hipfx_vk *vk;
    hipModule_t module;
    hipFunction_t kernel;
    hipStream_t stream;
    struct hipfx_order_host order; /* HIP's end of the timeline */
    uint64_t done;                 /* the timeline's value when HIP has done the last frame */
    struct hipfx_vk_buffer buffer; /* GRID_SIZE * GRID_SIZE floats, row by row */
    struct hipfx_map map;          /* HIP's view of it */
};

/* Picks a provider of HIP, and prints which. On failure heights_destroy cleans up. The heights must
 * not move: HIP's end of the timeline points into them. */
bool heights_create(struct heights *heights, struct hipfx_vk *vk,
                    const struct hipfx_vk_timeline *timeline, struct hipfx_why *why);

/* Enqueues a frame's heights: waits for the timeline's value, computes, and brings the timeline to
 * its next value. Waits for none of it. */
bool heights_compute(struct heights *heights, struct hipfx_vk_timeline *timeline, float time_s,
                     struct hipfx_why *why);

/* Waits until HIP has given its signal for the last frame. False also where its end of the timeline
 * failed. */
bool heights_wait(struct heights *heights, struct hipfx_why *why);

/* Waits until nothing is left on the stream which Vulkan could wait for. */
bool heights_finish(struct heights *heights, struct hipfx_why *why);

/* Safe on any partial state; what HIP and Vulkan do with the buffer must be finished. */
void heights_destroy(struct heights *heights);
