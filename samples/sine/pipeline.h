/* How the surface is drawn: from a buffer of heights into a multisampled picture. */
#pragma once

#include "interop/vk/vk.h"

#define PICTURE_FORMAT VK_FORMAT_R8G8B8A8_SRGB
#define DEPTH_FORMAT   VK_FORMAT_D16_UNORM
#define SAMPLES        VK_SAMPLE_COUNT_4_BIT

/* One checked vkCreate call; a failed one may leave anything in the handle. */
#define CREATE(handle, why, vk, call, info)                                                        \
    (VK(why, vk, call, (vk)->device, info, NULL, &(handle)) || ((handle) = VK_NULL_HANDLE, false))

/* sine.vert's push constants, with their meaning. */
struct push {
    float aspect;
    float angle;
    int32_t size;
};

struct pipeline {
    VkRenderPass
        pass; /* attachments: samples, depth, picture; the last ends as a transfer source */
    VkDescriptorSetLayout set_layout;
    VkDescriptorPool set_pool;
    VkDescriptorSet set;
    VkPipelineLayout layout;
    VkPipeline handle;
};

/* On failure pipeline_destroy cleans up; it is safe on any partial state. */
bool pipeline_create(struct pipeline *pipeline, struct hipfx_vk *vk, VkBuffer heights,
                     struct hipfx_why *why);
void pipeline_destroy(struct pipeline *pipeline, struct hipfx_vk *vk);
