/* HIP's side: the kernel that computes the heights, in memory that Vulkan allocated.
 *
 * Functions that return bool give the reason in `why`. All calls come from one thread. */
#pragma once

#include "interop/map.h"

#include <semaphore.h>
#include <stdatomic.h>

#define GRID_SIZE 256 /* vertices a side */

/* HIP's end of the timeline: host functions in the stream's order, because HIP imports Vulkan's
 * semaphores on some platforms only. */
struct hip_end {
    struct hipfx_vk *vk;
    VkSemaphore semaphore;
    uint64_t value;  /* the host functions' own: they run one after another */
    sem_t signalled; /* posted with each signal */
    atomic_bool failed;
    struct hipfx_why why; /* constant once `failed` is set */
};

struct heights {
    const struct hipfx_hip *hip;
    struct hipfx_vk *vk;
    hipModule_t module;
    hipFunction_t kernel;
    hipStream_t stream;
    struct hip_end end;
    struct hipfx_vk_buffer buffer; /* GRID_SIZE * GRID_SIZE floats, row by row */
    struct hipfx_map map;          /* HIP's view of it */
};

/* Picks a provider of HIP, and prints which. On failure heights_destroy cleans up. */
bool heights_create(struct heights *heights, struct hipfx_vk *vk,
                    const struct hipfx_vk_timeline *timeline, struct hipfx_why *why);

/* Enqueues a frame's heights: waits for the timeline's value, computes, and brings the timeline to
 * its next value. Waits for none of it. */
bool heights_compute(struct heights *heights, struct hipfx_vk_timeline *timeline, float time_s,
                     struct hipfx_why *why);

/* Waits, once for each heights_compute, until HIP has given its signal. False also where HIP's end
 * of the timeline failed. */
bool heights_wait(struct heights *heights, struct hipfx_why *why);

/* Waits for the stream, so that nothing is left which Vulkan could wait for. */
void heights_finish(struct heights *heights);

/* Safe on any partial state; what Vulkan does with the buffer must be finished. */
void heights_destroy(struct heights *heights);
