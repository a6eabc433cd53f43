/* The images that the surface is drawn into. */
#pragma once

#include "samples/sine/pipeline.h"

struct attachment {
    VkImage image;
    VkDeviceMemory memory;
    VkImageView view;
};

struct target {
    VkExtent2D extent;
    struct attachment samples, depth, picture; /* the samples are resolved into the picture */
    VkFramebuffer framebuffer;
};

/* For the pipeline's pass. On failure target_destroy cleans up; it is safe on any partial state. */
bool target_create(struct target *target, struct hipfx_vk *vk, VkRenderPass pass, VkExtent2D extent,
                   struct hipfx_why *why);

/* All that was drawn into it must be finished. */
void target_destroy(struct target *target, struct hipfx_vk *vk);
