#include "samples/sine/target.h"

static bool allocate(struct hipfx_vk *vk, VkImage image, VkDeviceMemory *memory,
                     struct hipfx_why *why)
{
    VkMemoryRequirements needs;
    vk->fn.vkGetImageMemoryRequirements(vk->device, image, &needs);
    uint32_t type = 0;
    while (type < vk->memory.memoryTypeCount &&
           (!(needs.memoryTypeBits >> type & 1) ||
            !(vk->memory.memoryTypes[type].propertyFlags & VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT)))
        type++;
    if (type == vk->memory.memoryTypeCount)
        return hipfx_fail(why, "Vulkan device %s has no memory for an image", vk->device_name);
    const VkMemoryAllocateInfo info = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
        .allocationSize = needs.size,
        .memoryTypeIndex = type,
    };
    return CREATE(*memory, why, vk, vkAllocateMemory, &info) &&
           VK(why, vk, vkBindImageMemory, vk->device, image, *memory, 0);
}

static bool create_attachment(struct hipfx_vk *vk, VkExtent2D extent, VkFormat format,
                              VkSampleCountFlagBits samples, VkImageUsageFlags usage,
                              struct attachment *out, struct hipfx_why *why)
{
    const VkImageCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO,
        .imageType = VK_IMAGE_TYPE_2D,
        .format = format,
        .extent = {extent.width, extent.height, 1},
        .mipLevels = 1,
        .arrayLayers = 1,
        .samples = samples,
        .usage = usage,
    };
    if (!CREATE(out->image, why, vk, vkCreateImage, &info) ||
        !allocate(vk, out->image, &out->memory, why))
        return false;
    const VkImageViewCreateInfo view = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO,
        .image = out->image,
        .viewType = VK_IMAGE_VIEW_TYPE_2D,
        .format = format,
        .subresourceRange = {format == DEPTH_FORMAT ? VK_IMAGE_ASPECT_DEPTH_BIT
                                                    : VK_IMAGE_ASPECT_COLOR_BIT,
                             0, 1, 0, 1},
    };
    return CREATE(out->view, why, vk, vkCreateImageView, &view);
}

static void destroy_attachment(struct hipfx_vk *vk, struct attachment *attachment)
{
    vk->fn.vkDestroyImageView(vk->device, attachment->view, NULL);
    vk->fn.vkDestroyImage(vk->device, attachment->image, NULL);
    vk->fn.vkFreeMemory(vk->device, attachment->memory, NULL);
    *attachment = (struct attachment){0};
}

bool target_create(struct target *target, struct hipfx_vk *vk, VkRenderPass pass, VkExtent2D extent,
                   struct hipfx_why *why)
{
    const VkImageUsageFlags color = VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT;
    *target = (struct target){.extent = extent};
    if (!create_attachment(vk, extent, PICTURE_FORMAT, SAMPLES, color, &target->samples, why) ||
        !create_attachment(vk, extent, DEPTH_FORMAT, SAMPLES,
                           VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT, &target->depth, why) ||
        !create_attachment(vk, extent, PICTURE_FORMAT, VK_SAMPLE_COUNT_1_BIT,
                           color | VK_IMAGE_USAGE_TRANSFER_SRC_BIT, &target->picture, why))
        return false;
    const VkImageView views[] = {target->samples.view, target->depth.view, target->picture.view};
    const VkFramebufferCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_FRAMEBUFFER_CREATE_INFO,
        .renderPass = pass,
        .attachmentCount = 3,
        .pAttachments = views,
        .width = extent.width,
        .height = extent.height,
        .layers = 1,
    };
    return CREATE(target->framebuffer, why, vk, vkCreateFramebuffer, &info);
}

void target_destroy(struct target *target, struct hipfx_vk *vk)
{
    vk->fn.vkDestroyFramebuffer(vk->device, target->framebuffer, NULL);
    destroy_attachment(vk, &target->samples);
    destroy_attachment(vk, &target->depth);
    destroy_attachment(vk, &target->picture);
    *target = (struct target){0};
}
