/* Draws frames of the surface, from the heights that HIP wrote.
 *
 * The picture is an image of its own; an output copies it on, to a file or to a window. Functions
 * that return bool give the reason in `why`. All calls come from one thread. */
#pragma once

#include "samples/sine/target.h"

#define FRAMES_IN_FLIGHT 2

struct output;

/* What the surface is made from. */
struct grid {
    VkBuffer heights; /* size * size floats, row by row */
    uint32_t size;    /* vertices a side */
    bool imported; /* HIP works on the buffer through an import, not through the host's mapping */
};

struct draw {
    struct hipfx_vk *vk;
    struct grid grid;
    struct pipeline pipeline;

    struct target target; /* draw_resize makes it */

    VkCommandPool pool;
    VkCommandBuffer commands[FRAMES_IN_FLIGHT];
    uint64_t done[FRAMES_IN_FLIGHT]; /* the timeline's value when each may be recorded again */
    uint32_t slot;                   /* the next frame's */
};

/* On failure draw_destroy cleans up. */
bool draw_create(struct draw *draw, struct hipfx_vk *vk, const struct grid *grid,
                 struct hipfx_why *why);

/* Makes the picture anew. All that was drawn before must be finished. */
bool draw_resize(struct draw *draw, VkExtent2D extent, struct hipfx_why *why);

/* Waits until the frame that last used the next frame's slot is finished. */
bool draw_wait(struct draw *draw, const struct hipfx_vk_timeline *timeline, struct hipfx_why *why);

/* Enqueues a frame, after draw_wait: it waits for the timeline's value, draws, hands the picture to
 * the output and brings the timeline to its next value. */
bool draw_frame(struct draw *draw, struct hipfx_vk_timeline *timeline, struct output *output,
                float time_s, struct hipfx_why *why);

/* Safe on any partial state; all that was drawn must be finished. */
void draw_destroy(struct draw *draw);
