#include "samples/sine/draw.h"

#include "interop/timeout.h"
#include "samples/sine/output.h"

#define TURN_RADIANS_PER_S 0.15f

/* Before drawing. Memory that HIP imported changes its owner. Memory that HIP reaches through the
 * host's mapping is Vulkan's all along; but the host writes it after the submit, which therefore
 * does not make the writes visible by itself. */
static void take_heights(const struct draw *draw, VkCommandBuffer commands)
{
    const bool imported = draw->grid.imported;
    const VkPipelineStageFlags read = VK_PIPELINE_STAGE_VERTEX_SHADER_BIT;
    const VkBufferMemoryBarrier barrier = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_MEMORY_BARRIER,
        .srcAccessMask = imported ? 0 : VK_ACCESS_HOST_WRITE_BIT,
        .dstAccessMask = VK_ACCESS_SHADER_READ_BIT,
        .srcQueueFamilyIndex = imported ? VK_QUEUE_FAMILY_EXTERNAL : VK_QUEUE_FAMILY_IGNORED,
        .dstQueueFamilyIndex = imported ? draw->vk->queue_family : VK_QUEUE_FAMILY_IGNORED,
        .buffer = draw->grid.heights,
        .size = VK_WHOLE_SIZE,
    };
    draw->vk->fn.vkCmdPipelineBarrier(commands, imported ? read : read | VK_PIPELINE_STAGE_HOST_BIT,
                                      read, 0, 0, NULL, 1, &barrier, 0, NULL);
}

/* After drawing. The host's next write comes after the timeline's signal, which is all it needs. */
static void return_heights(const struct draw *draw, VkCommandBuffer commands)
{
    if (!draw->grid.imported)
        return;
    const VkBufferMemoryBarrier barrier = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_MEMORY_BARRIER,
        .srcQueueFamilyIndex = draw->vk->queue_family,
        .dstQueueFamilyIndex = VK_QUEUE_FAMILY_EXTERNAL,
        .buffer = draw->grid.heights,
        .size = VK_WHOLE_SIZE,
    };
    draw->vk->fn.vkCmdPipelineBarrier(commands, VK_PIPELINE_STAGE_VERTEX_SHADER_BIT,
                                      VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, 0, 0, NULL, 1, &barrier,
                                      0, NULL);
}

/* An instance of the draw is a strip of triangles between two rows of the grid. */
static void record_surface(const struct draw *draw, VkCommandBuffer commands, float time_s)
{
    const struct VolkDeviceTable *fn = &draw->vk->fn;
    const struct pipeline *pipeline = &draw->pipeline;
    const VkRect2D area = {.extent = draw->target.extent};
    const VkViewport viewport = {0, 0, (float)area.extent.width, (float)area.extent.height, 0, 1};
    const struct push push = {
        .aspect = viewport.width / viewport.height,
        .angle = 0.6f + TURN_RADIANS_PER_S * time_s,
        .size = (int32_t)draw->grid.size,
    };
    const VkClearValue clear[] = {
        {.color.float32 = {0.012f, 0.014f, 0.022f, 1.0f}},
        {.depthStencil.depth = 1.0f},
    };
    const VkRenderPassBeginInfo begin = {
        .sType = VK_STRUCTURE_TYPE_RENDER_PASS_BEGIN_INFO,
        .renderPass = pipeline->pass,
        .framebuffer = draw->target.framebuffer,
        .renderArea = area,
        .clearValueCount = 2,
        .pClearValues = clear,
    };
    fn->vkCmdBeginRenderPass(commands, &begin, VK_SUBPASS_CONTENTS_INLINE);
    fn->vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, pipeline->handle);
    fn->vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, pipeline->layout, 0, 1,
                                &pipeline->set, 0, NULL);
    fn->vkCmdPushConstants(commands, pipeline->layout, VK_SHADER_STAGE_VERTEX_BIT, 0, sizeof(push),
                           &push);
    fn->vkCmdSetViewport(commands, 0, 1, &viewport);
    fn->vkCmdSetScissor(commands, 0, 1, &area);
    fn->vkCmdDraw(commands, 2 * draw->grid.size, draw->grid.size - 1, 0, 0);
    fn->vkCmdEndRenderPass(commands);
}

static bool submit(struct draw *draw, VkCommandBuffer commands, struct hipfx_vk_timeline *timeline,
                   const struct output *output, struct hipfx_why *why)
{
    /* The timeline stands first, the output's binary semaphores, if it has any, second. */
    const uint32_t count = output->available ? 2 : 1;
    const VkSemaphore waits[] = {timeline->semaphore, output->available};
    const VkSemaphore signals[] = {timeline->semaphore, output->rendered};
    const uint64_t wait_values[] = {timeline->value, 0};
    const uint64_t signal_values[] = {timeline->value + 1, 0};
    const VkPipelineStageFlags stages[] = {VK_PIPELINE_STAGE_VERTEX_SHADER_BIT,
                                           VK_PIPELINE_STAGE_TRANSFER_BIT};
    const VkTimelineSemaphoreSubmitInfo values = {
        .sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO,
        .waitSemaphoreValueCount = count,
        .pWaitSemaphoreValues = wait_values,
        .signalSemaphoreValueCount = count,
        .pSignalSemaphoreValues = signal_values,
    };
    const VkSubmitInfo info = {
        .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
        .pNext = &values,
        .waitSemaphoreCount = count,
        .pWaitSemaphores = waits,
        .pWaitDstStageMask = stages,
        .commandBufferCount = 1,
        .pCommandBuffers = &commands,
        .signalSemaphoreCount = count,
        .pSignalSemaphores = signals,
    };
    struct hipfx_vk *vk = draw->vk;
    if (!VK(why, vk, vkQueueSubmit, vk->queue, 1, &info, VK_NULL_HANDLE))
        return false;
    timeline->value++;
    return true;
}

bool draw_wait(struct draw *draw, const struct hipfx_vk_timeline *timeline, struct hipfx_why *why)
{
    return hipfx_vk_timeline_wait(draw->vk, timeline->semaphore, draw->done[draw->slot],
                                  HIPFX_FRAME_TIMEOUT_NS, why);
}

bool draw_frame(struct draw *draw, struct hipfx_vk_timeline *timeline, struct output *output,
                float time_s, struct hipfx_why *why)
{
    struct hipfx_vk *vk = draw->vk;
    VkCommandBuffer commands = draw->commands[draw->slot];
    const VkCommandBufferBeginInfo begin = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
        .flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT,
    };
    if (!VK(why, vk, vkBeginCommandBuffer, commands, &begin))
        return false;
    take_heights(draw, commands);
    record_surface(draw, commands, time_s);
    return_heights(draw, commands);
    output->record(output, commands);
    if (!VK(why, vk, vkEndCommandBuffer, commands) ||
        !submit(draw, commands, timeline, output, why))
        return false;
    draw->done[draw->slot] = timeline->value;
    draw->slot = (draw->slot + 1) % FRAMES_IN_FLIGHT;
    return true;
}

bool draw_resize(struct draw *draw, VkExtent2D extent, struct hipfx_why *why)
{
    target_destroy(&draw->target, draw->vk);
    return target_create(&draw->target, draw->vk, draw->pipeline.pass, extent, why);
}

bool draw_create(struct draw *draw, struct hipfx_vk *vk, const struct grid *grid,
                 struct hipfx_why *why)
{
    *draw = (struct draw){.vk = vk, .grid = *grid};
    if (!pipeline_create(&draw->pipeline, vk, grid->heights, why))
        return false;
    const VkCommandPoolCreateInfo pool = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
        .flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT,
        .queueFamilyIndex = vk->queue_family,
    };
    if (!CREATE(draw->pool, why, vk, vkCreateCommandPool, &pool))
        return false;
    const VkCommandBufferAllocateInfo info = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
        .commandPool = draw->pool,
        .commandBufferCount = FRAMES_IN_FLIGHT,
    };
    return VK(why, vk, vkAllocateCommandBuffers, vk->device, &info, draw->commands);
}

void draw_destroy(struct draw *draw)
{
    if (!draw->vk)
        return;
    target_destroy(&draw->target, draw->vk);
    draw->vk->fn.vkDestroyCommandPool(draw->vk->device, draw->pool, NULL);
    pipeline_destroy(&draw->pipeline, draw->vk);
    *draw = (struct draw){0};
}
