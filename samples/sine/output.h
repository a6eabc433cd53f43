/* Where the picture of each frame goes: to files or to a window. */
#pragma once

#include "samples/sine/draw.h"

enum output_state {
    OUTPUT_FAILED = 0, /* the reason is in `why` */
    OUTPUT_READY,      /* a frame can be drawn */
    OUTPUT_NOT_NOW,    /* minimised, or its images are all in use: ask again */
    OUTPUT_CLOSED,
};

struct output {
    struct draw *draw;

    /* Comes before each frame. It may wait for earlier ones on the timeline, or resize the draw. */
    enum output_state (*begin)(struct output *output, const struct hipfx_vk_timeline *timeline,
                               struct hipfx_why *why);

    /* Records the copy of draw->target.picture, which is in TRANSFER_SRC_OPTIMAL. */
    void (*record)(struct output *output, VkCommandBuffer commands);

    /* Comes after the frame was enqueued and HIP has done its part; the picture is there at the
     * timeline's value. */
    bool (*end)(struct output *output, const struct hipfx_vk_timeline *timeline,
                struct hipfx_why *why);

    /* Safe on any partial state; all that was drawn must be finished. Frees the output. */
    void (*destroy)(struct output *output);

    /* Binary semaphores that the submit waits for and signals beside the timeline, or none. */
    VkSemaphore available, rendered;
};

/* Writes dir/frame_0000.png and so on; makes the folder. NULL with the reason on failure. */
struct output *files_create(struct draw *draw, VkExtent2D extent, const char *dir,
                            struct hipfx_why *why);

/* A window opens before the Vulkan instance, which must know what the window system asks for: the
 * extensions are added to `params`. False with the reason if there is no display. */
bool window_system_open(struct hipfx_vk_params *params, struct hipfx_why *why);
void window_system_close(void);

/* NULL with the reason on failure. Draws at the window's size until it is closed. */
struct output *window_create(struct draw *draw, VkExtent2D extent, const char *title,
                             struct hipfx_why *why);
