#include "interop/vk/relay.h"

#include "interop/timeout.h"

static const VkImageSubresourceRange color_range = {
    .aspectMask = VK_IMAGE_ASPECT_COLOR_BIT,
    .levelCount = 1,
    .layerCount = 1,
};

static void image_barrier(struct hipfx_vk *vk, VkCommandBuffer commands, VkImage image,
                          VkImageLayout from, uint32_t from_family, uint32_t to_family,
                          VkAccessFlags from_access, VkAccessFlags to_access)
{
    const VkImageMemoryBarrier barrier = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER,
        .srcAccessMask = from_access,
        .dstAccessMask = to_access,
        .oldLayout = from,
        .newLayout = VK_IMAGE_LAYOUT_GENERAL,
        .srcQueueFamilyIndex = from_family,
        .dstQueueFamilyIndex = to_family,
        .image = image,
        .subresourceRange = color_range,
    };
    vk->fn.vkCmdPipelineBarrier(commands, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT,
                                VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, 0, 0, NULL, 0, NULL, 1,
                                &barrier);
}

static void buffer_barrier(struct hipfx_vk *vk, VkCommandBuffer commands, VkBuffer buffer,
                           uint32_t from_family, uint32_t to_family, VkAccessFlags from_access,
                           VkAccessFlags to_access)
{
    const VkBufferMemoryBarrier barrier = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_MEMORY_BARRIER,
        .srcAccessMask = from_access,
        .dstAccessMask = to_access,
        .srcQueueFamilyIndex = from_family,
        .dstQueueFamilyIndex = to_family,
        .buffer = buffer,
        .size = VK_WHOLE_SIZE,
    };
    vk->fn.vkCmdPipelineBarrier(commands, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT,
                                VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, 0, 0, NULL, 1, &barrier, 0,
                                NULL);
}

static void acquire(struct hipfx_vk *vk, VkCommandBuffer commands,
                    const struct hipfx_vk_relay_side *side)
{
    image_barrier(vk, commands, side->image, VK_IMAGE_LAYOUT_GENERAL, VK_QUEUE_FAMILY_EXTERNAL,
                  vk->queue_family, 0, VK_ACCESS_MEMORY_READ_BIT | VK_ACCESS_MEMORY_WRITE_BIT);
    if (side->buffer)
        buffer_barrier(vk, commands, side->buffer, VK_QUEUE_FAMILY_EXTERNAL, vk->queue_family, 0,
                       VK_ACCESS_MEMORY_READ_BIT | VK_ACCESS_MEMORY_WRITE_BIT);
}

static void release(struct hipfx_vk *vk, VkCommandBuffer commands,
                    const struct hipfx_vk_relay_side *side)
{
    image_barrier(vk, commands, side->image, VK_IMAGE_LAYOUT_GENERAL, vk->queue_family,
                  VK_QUEUE_FAMILY_EXTERNAL, VK_ACCESS_MEMORY_WRITE_BIT, 0);
    if (side->buffer)
        buffer_barrier(vk, commands, side->buffer, vk->queue_family, VK_QUEUE_FAMILY_EXTERNAL,
                       VK_ACCESS_MEMORY_WRITE_BIT, 0);
}

static VkBufferImageCopy whole_image(const struct hipfx_vk_relay_side *side)
{
    return (VkBufferImageCopy){
        .imageSubresource = {.aspectMask = VK_IMAGE_ASPECT_COLOR_BIT, .layerCount = 1},
        .imageExtent = {side->width_px, side->height_px, 1},
    };
}

/* SIMULTANEOUS_USE: the next frame may be submitted while this one is still waiting its turn. */
static bool begin(struct hipfx_vk *vk, VkCommandBuffer commands, struct hipfx_why *why)
{
    const VkCommandBufferBeginInfo info = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
        .flags = VK_COMMAND_BUFFER_USAGE_SIMULTANEOUS_USE_BIT,
    };
    return VK(why, vk, vkBeginCommandBuffer, commands, &info);
}

static bool record_to_hip(struct hipfx_vk *vk, VkCommandBuffer commands,
                          const struct hipfx_vk_relay_side *in, struct hipfx_why *why)
{
    if (!begin(vk, commands, why))
        return false;
    acquire(vk, commands, in);
    if (in->buffer) {
        const VkBufferImageCopy copy = whole_image(in);
        vk->fn.vkCmdCopyImageToBuffer(commands, in->image, VK_IMAGE_LAYOUT_GENERAL, in->buffer, 1,
                                      &copy);
    }
    release(vk, commands, in);
    return VK(why, vk, vkEndCommandBuffer, commands);
}

static bool record_to_gl(struct hipfx_vk *vk, VkCommandBuffer commands,
                         const struct hipfx_vk_relay_side *out, struct hipfx_why *why)
{
    if (!begin(vk, commands, why))
        return false;
    acquire(vk, commands, out);
    if (out->buffer) {
        const VkBufferImageCopy copy = whole_image(out);
        vk->fn.vkCmdCopyBufferToImage(commands, out->buffer, out->image, VK_IMAGE_LAYOUT_GENERAL, 1,
                                      &copy);
    }
    release(vk, commands, out);
    return VK(why, vk, vkEndCommandBuffer, commands);
}

/* A fresh image has UNDEFINED layout and GL wants it in GENERAL. */
static bool record_hand_to_gl(struct hipfx_vk *vk, VkCommandBuffer commands, VkImage in,
                              VkImage out, struct hipfx_why *why)
{
    if (!begin(vk, commands, why))
        return false;
    image_barrier(vk, commands, in, VK_IMAGE_LAYOUT_UNDEFINED, vk->queue_family,
                  VK_QUEUE_FAMILY_EXTERNAL, 0, 0);
    image_barrier(vk, commands, out, VK_IMAGE_LAYOUT_UNDEFINED, vk->queue_family,
                  VK_QUEUE_FAMILY_EXTERNAL, 0, 0);
    return VK(why, vk, vkEndCommandBuffer, commands);
}

static bool wait_setup(struct hipfx_vk *vk, const struct hipfx_vk_relay *relay,
                       struct hipfx_why *why)
{
    return hipfx_vk_timeline_wait(vk, relay->setup.semaphore, relay->setup.value,
                                  HIPFX_FRAME_TIMEOUT_NS, why);
}

bool hipfx_vk_relay_create(struct hipfx_vk *vk, const struct hipfx_vk_relay_side *in,
                           const struct hipfx_vk_relay_side *out, struct hipfx_vk_relay *relay,
                           struct hipfx_why *why)
{
    *relay = (struct hipfx_vk_relay){0};
    const VkCommandPoolCreateInfo pool = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
        .queueFamilyIndex = vk->queue_family,
    };
    if (!VK(why, vk, vkCreateCommandPool, vk->device, &pool, NULL, &relay->pool)) {
        relay->pool = VK_NULL_HANDLE;
        return false;
    }
    const VkCommandBufferAllocateInfo allocate = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
        .commandPool = relay->pool,
        .commandBufferCount = 3,
    };
    VkCommandBuffer commands[3] = {0};
    if (!VK(why, vk, vkAllocateCommandBuffers, vk->device, &allocate, commands) ||
        !record_to_hip(vk, commands[0], in, why) || !record_to_gl(vk, commands[1], out, why) ||
        !record_hand_to_gl(vk, commands[2], in->image, out->image, why) ||
        !hipfx_vk_timeline_create(vk, false, &relay->setup, why) ||
        !hipfx_vk_relay_submit(vk, commands[2], &relay->setup, 0, 1,
                               (struct hipfx_vk_relay_binaries){0}, why) ||
        !wait_setup(vk, relay, why))
        return false;
    hipfx_vk_timeline_destroy(vk, &relay->setup);
    vk->fn.vkFreeCommandBuffers(vk->device, relay->pool, 1, &commands[2]);
    relay->to_hip = commands[0];
    relay->to_gl = commands[1];
    return true;
}

/* The command buffers go with their pool. */
bool hipfx_vk_relay_destroy(struct hipfx_vk *vk, struct hipfx_vk_relay *relay)
{
    if (relay->setup.value && !wait_setup(vk, relay, NULL) &&
        !hipfx_vk_is_lost(vk, relay->setup.semaphore))
        return false;
    hipfx_vk_timeline_destroy(vk, &relay->setup);
    if (relay->pool)
        vk->fn.vkDestroyCommandPool(vk->device, relay->pool, NULL);
    *relay = (struct hipfx_vk_relay){0};
    return true;
}

bool hipfx_vk_relay_submit(struct hipfx_vk *vk, VkCommandBuffer commands,
                           struct hipfx_vk_timeline *timeline, uint64_t wait, uint64_t signal,
                           struct hipfx_vk_relay_binaries binaries, struct hipfx_why *why)
{
    static const VkPipelineStageFlags stages[2] = {VK_PIPELINE_STAGE_ALL_COMMANDS_BIT,
                                                   VK_PIPELINE_STAGE_ALL_COMMANDS_BIT};
    VkSemaphore waits[2], signals[2] = {timeline->semaphore, binaries.signal};
    uint64_t wait_values[2] = {0}; /* a binary semaphore's is ignored */
    const uint64_t signal_values[2] = {signal, 0};
    uint32_t wait_count = 0;
    if (wait) {
        waits[wait_count] = timeline->semaphore;
        wait_values[wait_count++] = wait;
    }
    if (binaries.wait)
        waits[wait_count++] = binaries.wait;
    const uint32_t signal_count = binaries.signal ? 2 : 1;

    const VkTimelineSemaphoreSubmitInfo values = {
        .sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO,
        .waitSemaphoreValueCount = wait_count,
        .pWaitSemaphoreValues = wait_values,
        .signalSemaphoreValueCount = signal_count,
        .pSignalSemaphoreValues = signal_values,
    };
    const VkSubmitInfo submit = {
        .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
        .pNext = &values,
        .waitSemaphoreCount = wait_count,
        .pWaitSemaphores = waits,
        .pWaitDstStageMask = stages,
        .commandBufferCount = 1,
        .pCommandBuffers = &commands,
        .signalSemaphoreCount = signal_count,
        .pSignalSemaphores = signals,
    };
    pthread_mutex_lock(&vk->queue_mutex);
    const bool ok = VK(why, vk, vkQueueSubmit, vk->queue, 1, &submit, VK_NULL_HANDLE);
    pthread_mutex_unlock(&vk->queue_mutex);
    if (ok)
        timeline->value = signal;
    return ok;
}
