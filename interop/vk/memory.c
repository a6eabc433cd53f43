#include "interop/vk/vk.h"

#define OPAQUE_FD VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT
#define NO_TYPE   UINT32_MAX

/* Host-cached memory where the host is to read it: uncached reads are slower than a copy. */
#define HOST_FLAGS                                                                                 \
    (VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT |                  \
     VK_MEMORY_PROPERTY_HOST_CACHED_BIT)

static uint32_t memory_type(const struct hipfx_vk *vk, uint32_t bits, VkMemoryPropertyFlags flags)
{
    for (uint32_t i = 0; i < vk->memory.memoryTypeCount; i++) {
        if ((bits >> i & 1) && (vk->memory.memoryTypes[i].propertyFlags & flags) == flags)
            return i;
    }
    return NO_TYPE;
}

/* Allocates for one image or one buffer. NVIDIA and AMD want exported memory to be dedicated. */
static bool allocate(struct hipfx_vk *vk, const VkMemoryRequirements *needs, VkImage image,
                     VkBuffer buffer, bool exported, bool host_visible,
                     struct hipfx_vk_memory *memory, struct hipfx_why *why)
{
    uint32_t type = memory_type(vk, needs->memoryTypeBits,
                                host_visible ? HOST_FLAGS : VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT);
    if (type == NO_TYPE)
        return hipfx_fail(why, "Vulkan device %s has no %s memory for it", vk->device_name,
                          host_visible ? "host-cached" : "device-local");

    const VkExportMemoryAllocateInfo export = {
        .sType = VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO,
        .handleTypes = OPAQUE_FD,
    };
    const VkMemoryDedicatedAllocateInfo dedicated = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO,
        .pNext = exported ? &export : NULL,
        .image = image,
        .buffer = buffer,
    };
    const VkMemoryAllocateInfo info = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
        .pNext = &dedicated,
        .allocationSize = needs->size,
        .memoryTypeIndex = type,
    };
    if (!VK(why, vk, vkAllocateMemory, vk->device, &info, NULL, &memory->memory)) {
        memory->memory = VK_NULL_HANDLE;
        return false;
    }
    memory->size = needs->size;
    memory->dedicated = true;
    memory->exportable = exported;
    return true;
}

static bool map(struct hipfx_vk *vk, struct hipfx_vk_memory *memory, struct hipfx_why *why)
{
    if (VK(why, vk, vkMapMemory, vk->device, memory->memory, 0, VK_WHOLE_SIZE, 0, &memory->host))
        return true;
    memory->host = NULL;
    return false;
}

/* Freeing unmaps. */
static void free_memory(struct hipfx_vk *vk, struct hipfx_vk_memory *memory)
{
    if (memory->memory)
        vk->fn.vkFreeMemory(vk->device, memory->memory, NULL);
    *memory = (struct hipfx_vk_memory){0};
}

int hipfx_vk_memory_fd(struct hipfx_vk *vk, const struct hipfx_vk_memory *memory,
                       struct hipfx_why *why)
{
    const VkMemoryGetFdInfoKHR info = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_GET_FD_INFO_KHR,
        .memory = memory->memory,
        .handleType = OPAQUE_FD,
    };
    int fd = HIPFX_FD_NONE;
    if (!VK(why, vk, vkGetMemoryFdKHR, vk->device, &info, &fd))
        return HIPFX_FD_NONE;
    return fd;
}

/* Every usage that the format has features for: GL may use its texture in any of these ways. */
static VkImageUsageFlags image_usage(struct hipfx_vk *vk, VkFormat format, VkImageTiling tiling)
{
    VkFormatProperties properties;
    vkGetPhysicalDeviceFormatProperties(vk->physical, format, &properties);
    VkFormatFeatureFlags has = tiling == VK_IMAGE_TILING_LINEAR ? properties.linearTilingFeatures
                                                                : properties.optimalTilingFeatures;
    VkImageUsageFlags usage = 0;
    if (has & VK_FORMAT_FEATURE_SAMPLED_IMAGE_BIT)
        usage |= VK_IMAGE_USAGE_SAMPLED_BIT;
    if (has & VK_FORMAT_FEATURE_STORAGE_IMAGE_BIT)
        usage |= VK_IMAGE_USAGE_STORAGE_BIT;
    if (has & VK_FORMAT_FEATURE_COLOR_ATTACHMENT_BIT)
        usage |= VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_INPUT_ATTACHMENT_BIT;
    if (has & VK_FORMAT_FEATURE_TRANSFER_SRC_BIT)
        usage |= VK_IMAGE_USAGE_TRANSFER_SRC_BIT;
    if (has & VK_FORMAT_FEATURE_TRANSFER_DST_BIT)
        usage |= VK_IMAGE_USAGE_TRANSFER_DST_BIT;
    return usage;
}

bool hipfx_vk_image_can_export(struct hipfx_vk *vk, VkFormat format, VkImageTiling tiling,
                               uint32_t width_px, uint32_t height_px, struct hipfx_why *why)
{
    const char *tiling_name = tiling == VK_IMAGE_TILING_LINEAR ? "LINEAR" : "OPTIMAL";
    const VkImageUsageFlags usage = image_usage(vk, format, tiling);
    const VkImageUsageFlags needed =
        VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT |
        VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT;
    if (!vk->external_memory_fd)
        return hipfx_fail(why, "the Vulkan driver (%s) has no VK_KHR_external_memory_fd: update it",
                          vk->driver);
    if ((usage & needed) != needed)
        return hipfx_fail(why, "Vulkan cannot draw into and sample a %s image", tiling_name);

    const VkPhysicalDeviceExternalImageFormatInfo external = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_IMAGE_FORMAT_INFO,
        .handleType = OPAQUE_FD,
    };
    const VkPhysicalDeviceImageFormatInfo2 info = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_IMAGE_FORMAT_INFO_2,
        .pNext = &external,
        .format = format,
        .type = VK_IMAGE_TYPE_2D,
        .tiling = tiling,
        .usage = usage,
        .flags = VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT,
    };
    VkExternalImageFormatProperties can = {
        .sType = VK_STRUCTURE_TYPE_EXTERNAL_IMAGE_FORMAT_PROPERTIES,
    };
    VkImageFormatProperties2 limits = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_FORMAT_PROPERTIES_2,
        .pNext = &can,
    };
    VkResult result = vkGetPhysicalDeviceImageFormatProperties2(vk->physical, &info, &limits);
    if (result != VK_SUCCESS || !(can.externalMemoryProperties.externalMemoryFeatures &
                                  VK_EXTERNAL_MEMORY_FEATURE_EXPORTABLE_BIT))
        return hipfx_fail(why, "Vulkan cannot export a %s image", tiling_name);
    const VkExtent3D max = limits.imageFormatProperties.maxExtent;
    if (!width_px || !height_px)
        return hipfx_fail(why, "an image of %ux%u cannot be", width_px, height_px);
    if (width_px > max.width || height_px > max.height)
        return hipfx_fail(why, "%ux%u is larger than the device's images (%ux%u)", width_px,
                          height_px, max.width, max.height);
    return true;
}

bool hipfx_vk_image_create(struct hipfx_vk *vk, VkFormat format, VkImageTiling tiling,
                           uint32_t width_px, uint32_t height_px, bool host_visible,
                           struct hipfx_vk_image *image, struct hipfx_why *why)
{
    *image = (struct hipfx_vk_image){.tiling = tiling};
    if (!hipfx_vk_image_can_export(vk, format, tiling, width_px, height_px, why))
        return false;
    const VkExternalMemoryImageCreateInfo external = {
        .sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_IMAGE_CREATE_INFO,
        .handleTypes = OPAQUE_FD,
    };
    const VkImageCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO,
        .pNext = &external,
        .flags = VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT,
        .imageType = VK_IMAGE_TYPE_2D,
        .format = format,
        .extent = {width_px, height_px, 1},
        .mipLevels = 1,
        .arrayLayers = 1,
        .samples = VK_SAMPLE_COUNT_1_BIT,
        .tiling = tiling,
        .usage = image_usage(vk, format, tiling),
    };
    if (!VK(why, vk, vkCreateImage, vk->device, &info, NULL, &image->image)) {
        image->image = VK_NULL_HANDLE;
        goto error;
    }

    VkMemoryRequirements needs;
    vk->fn.vkGetImageMemoryRequirements(vk->device, image->image, &needs);
    if (!allocate(vk, &needs, image->image, VK_NULL_HANDLE, true, host_visible, &image->memory,
                  why))
        goto error;
    if (!VK(why, vk, vkBindImageMemory, vk->device, image->image, image->memory.memory, 0))
        goto error;
    if (host_visible && !map(vk, &image->memory, why))
        goto error;

    if (tiling == VK_IMAGE_TILING_LINEAR) {
        const VkImageSubresource color = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0};
        VkSubresourceLayout layout;
        vk->fn.vkGetImageSubresourceLayout(vk->device, image->image, &color, &layout);
        image->offset = layout.offset;
        image->pitch = layout.rowPitch;
    }
    return true;

error:
    hipfx_vk_image_destroy(vk, image);
    return false;
}

void hipfx_vk_image_destroy(struct hipfx_vk *vk, struct hipfx_vk_image *image)
{
    if (image->image)
        vk->fn.vkDestroyImage(vk->device, image->image, NULL);
    free_memory(vk, &image->memory);
    *image = (struct hipfx_vk_image){0};
}

bool hipfx_vk_buffer_create(struct hipfx_vk *vk, VkDeviceSize size, VkBufferUsageFlags usage,
                            bool exported, bool host_visible, struct hipfx_vk_buffer *buffer,
                            struct hipfx_why *why)
{
    *buffer = (struct hipfx_vk_buffer){0};
    const VkExternalMemoryBufferCreateInfo external = {
        .sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_BUFFER_CREATE_INFO,
        .handleTypes = OPAQUE_FD,
    };
    const VkBufferCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
        .pNext = exported ? &external : NULL,
        .size = size,
        .usage = usage,
    };
    if (!VK(why, vk, vkCreateBuffer, vk->device, &info, NULL, &buffer->buffer)) {
        buffer->buffer = VK_NULL_HANDLE;
        goto error;
    }

    VkMemoryRequirements needs;
    vk->fn.vkGetBufferMemoryRequirements(vk->device, buffer->buffer, &needs);
    if (!allocate(vk, &needs, VK_NULL_HANDLE, buffer->buffer, exported, host_visible,
                  &buffer->memory, why))
        goto error;
    if (!VK(why, vk, vkBindBufferMemory, vk->device, buffer->buffer, buffer->memory.memory, 0))
        goto error;
    if (host_visible && !map(vk, &buffer->memory, why))
        goto error;
    return true;

error:
    hipfx_vk_buffer_destroy(vk, buffer);
    return false;
}

void hipfx_vk_buffer_destroy(struct hipfx_vk *vk, struct hipfx_vk_buffer *buffer)
{
    if (buffer->buffer)
        vk->fn.vkDestroyBuffer(vk->device, buffer->buffer, NULL);
    free_memory(vk, &buffer->memory);
    *buffer = (struct hipfx_vk_buffer){0};
}
