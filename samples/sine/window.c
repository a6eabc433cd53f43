#include "samples/sine/output.h"

#include "interop/timeout.h"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
#include <stdlib.h>

#define IMAGES_MAX        8
#define ACQUIRE_MAX_NS    UINT64_C(500000000)
#define MINIMISED_PAUSE_S 0.1

struct window {
    struct output base;
    GLFWwindow *handle;
    VkSurfaceKHR surface;
    VkSurfaceFormatKHR format;

    VkSwapchainKHR swapchain;
    bool stale; /* the swapchain no longer fits the window */
    VkImage images[IMAGES_MAX];
    uint32_t image; /* the one to be drawn */
    VkSemaphore available[FRAMES_IN_FLIGHT];
    VkSemaphore
        rendered[IMAGES_MAX]; /* an image's, since the display holds it as long as the image */
};

static const char *glfw_reason(void)
{
    const char *text = NULL;
    return glfwGetError(&text) != GLFW_NO_ERROR && text ? text : "GLFW gives no reason";
}

bool window_system_open(struct hipfx_vk_params *params, struct hipfx_why *why)
{
    static const char *const swapchain[] = {VK_KHR_SWAPCHAIN_EXTENSION_NAME};
    if (!glfwInit())
        return hipfx_fail(why, "no window can be opened: %s", glfw_reason());
    params->instance_extensions =
        glfwGetRequiredInstanceExtensions(&params->instance_extension_count);
    params->device_extensions = swapchain;
    params->device_extension_count = 1;
    if (params->instance_extensions)
        return true;
    hipfx_fail(why, "Vulkan cannot draw into windows here: %s", glfw_reason());
    glfwTerminate();
    return false;
}

void window_system_close(void)
{
    glfwTerminate();
}

/* -- the swapchain -- */

static void destroy_swapchain(struct window *window)
{
    struct hipfx_vk *vk = window->base.draw->vk;
    for (int i = 0; i < IMAGES_MAX; i++) {
        vk->fn.vkDestroySemaphore(vk->device, window->rendered[i], NULL);
        window->rendered[i] = VK_NULL_HANDLE;
    }
    if (window->swapchain)
        vk->fn.vkDestroySwapchainKHR(vk->device, window->swapchain, NULL);
    window->swapchain = VK_NULL_HANDLE;
}

static bool create_semaphore(struct hipfx_vk *vk, VkSemaphore *semaphore, struct hipfx_why *why)
{
    const VkSemaphoreCreateInfo info = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO};
    return CREATE(*semaphore, why, vk, vkCreateSemaphore, &info);
}

static VkExtent2D choose_extent(const struct window *window, const VkSurfaceCapabilitiesKHR *can)
{
    if (can->currentExtent.width != UINT32_MAX)
        return can->currentExtent;
    int width = 0, height = 0;
    glfwGetFramebufferSize(window->handle, &width, &height);
    return (VkExtent2D){(uint32_t)width, (uint32_t)height};
}

static bool create_swapchain(struct window *window, const VkSurfaceCapabilitiesKHR *can,
                             VkExtent2D extent, struct hipfx_why *why)
{
    struct hipfx_vk *vk = window->base.draw->vk;
    uint32_t count = can->minImageCount + 1;
    if (can->maxImageCount && count > can->maxImageCount)
        count = can->maxImageCount;
    const VkSwapchainCreateInfoKHR info = {
        .sType = VK_STRUCTURE_TYPE_SWAPCHAIN_CREATE_INFO_KHR,
        .surface = window->surface,
        .minImageCount = count,
        .imageFormat = window->format.format,
        .imageColorSpace = window->format.colorSpace,
        .imageExtent = extent,
        .imageArrayLayers = 1,
        .imageUsage = VK_IMAGE_USAGE_TRANSFER_DST_BIT,
        .preTransform = can->currentTransform,
        .compositeAlpha = VK_COMPOSITE_ALPHA_OPAQUE_BIT_KHR,
        .presentMode = VK_PRESENT_MODE_FIFO_KHR,
        .clipped = VK_TRUE,
    };
    if (!CREATE(window->swapchain, why, vk, vkCreateSwapchainKHR, &info))
        return false;
    count = IMAGES_MAX;
    if (!VK(why, vk, vkGetSwapchainImagesKHR, vk->device, window->swapchain, &count,
            window->images))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (!create_semaphore(vk, &window->rendered[i], why))
            return false;
    }
    return true;
}

/* Makes the swapchain and the picture anew, at the window's size; minimised, it has none. */
static enum output_state resize(struct window *window, const struct hipfx_vk_timeline *timeline,
                                struct hipfx_why *why)
{
    struct draw *draw = window->base.draw;
    struct hipfx_vk *vk = draw->vk;
    VkSurfaceCapabilitiesKHR can;
    if (!hipfx_vk_check(
            why, "vkGetPhysicalDeviceSurfaceCapabilitiesKHR",
            vkGetPhysicalDeviceSurfaceCapabilitiesKHR(vk->physical, window->surface, &can)))
        return OUTPUT_FAILED;
    if (!(can.supportedUsageFlags & VK_IMAGE_USAGE_TRANSFER_DST_BIT)) {
        hipfx_fail(why, "a picture cannot be copied into this window");
        return OUTPUT_FAILED;
    }
    const VkExtent2D extent = choose_extent(window, &can);
    if (!extent.width || !extent.height) {
        glfwWaitEventsTimeout(MINIMISED_PAUSE_S);
        return OUTPUT_NOT_NOW;
    }

    /* Once the drawing is finished, the queue holds only presents, which no timeline tells of. */
    if (!hipfx_vk_timeline_wait(vk, timeline->semaphore, timeline->value, HIPFX_FRAME_TIMEOUT_NS,
                                why) ||
        !VK(why, vk, vkQueueWaitIdle, vk->queue))
        return OUTPUT_FAILED;
    destroy_swapchain(window);
    if (!create_swapchain(window, &can, extent, why) || !draw_resize(draw, extent, why))
        return OUTPUT_FAILED;
    window->stale = false;
    return OUTPUT_READY;
}

/* -- a frame -- */

/* Some drivers go on with a swapchain whose window has another size, and crop or stretch. */
static bool fits(const struct window *window)
{
    const VkExtent2D extent = window->base.draw->target.extent;
    int width = 0, height = 0;
    glfwGetFramebufferSize(window->handle, &width, &height);
    return (uint32_t)width == extent.width && (uint32_t)height == extent.height;
}

static enum output_state
window_begin(struct output *output, const struct hipfx_vk_timeline *timeline, struct hipfx_why *why)
{
    struct window *window = (struct window *)output;
    struct hipfx_vk *vk = output->draw->vk;
    glfwPollEvents();
    if (glfwWindowShouldClose(window->handle) ||
        glfwGetKey(window->handle, GLFW_KEY_ESCAPE) == GLFW_PRESS)
        return OUTPUT_CLOSED;
    if (window->stale || !fits(window)) {
        enum output_state state = resize(window, timeline, why);
        if (state != OUTPUT_READY)
            return state;
    }

    output->available = window->available[output->draw->slot];
    VkResult result =
        vk->fn.vkAcquireNextImageKHR(vk->device, window->swapchain, ACQUIRE_MAX_NS,
                                     output->available, VK_NULL_HANDLE, &window->image);
    if (result == VK_TIMEOUT || result == VK_NOT_READY)
        return OUTPUT_NOT_NOW;
    window->stale = result == VK_ERROR_OUT_OF_DATE_KHR || result == VK_SUBOPTIMAL_KHR;
    if (result == VK_ERROR_OUT_OF_DATE_KHR)
        return OUTPUT_NOT_NOW;
    if (result != VK_SUBOPTIMAL_KHR && !hipfx_vk_check(why, "vkAcquireNextImageKHR", result))
        return OUTPUT_FAILED;
    output->rendered = window->rendered[window->image];
    return OUTPUT_READY;
}

static void image_barrier(struct hipfx_vk *vk, VkCommandBuffer commands, VkImage image,
                          VkImageLayout from, VkImageLayout to)
{
    const bool begin = to == VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL;
    const VkImageMemoryBarrier barrier = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER,
        .srcAccessMask = begin ? 0 : VK_ACCESS_TRANSFER_WRITE_BIT,
        .dstAccessMask = begin ? VK_ACCESS_TRANSFER_WRITE_BIT : 0,
        .oldLayout = from,
        .newLayout = to,
        .srcQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
        .dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
        .image = image,
        .subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1},
    };
    vk->fn.vkCmdPipelineBarrier(commands, VK_PIPELINE_STAGE_TRANSFER_BIT,
                                begin ? VK_PIPELINE_STAGE_TRANSFER_BIT
                                      : VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT,
                                0, 0, NULL, 0, NULL, 1, &barrier);
}

/* A blit, not a copy: the window's images may have another order of channels. */
static void window_record(struct output *output, VkCommandBuffer commands)
{
    const struct window *window = (struct window *)output;
    const struct draw *draw = output->draw;
    const VkImage image = window->images[window->image];
    const VkImageSubresourceLayers color = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1};
    const VkOffset3D end = {(int32_t)draw->target.extent.width, (int32_t)draw->target.extent.height,
                            1};
    const VkImageBlit all = {
        .srcSubresource = color,
        .srcOffsets = {{0}, end},
        .dstSubresource = color,
        .dstOffsets = {{0}, end},
    };
    image_barrier(draw->vk, commands, image, VK_IMAGE_LAYOUT_UNDEFINED,
                  VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL);
    draw->vk->fn.vkCmdBlitImage(commands, draw->target.picture.image,
                                VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, image,
                                VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, 1, &all, VK_FILTER_NEAREST);
    image_barrier(draw->vk, commands, image, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL,
                  VK_IMAGE_LAYOUT_PRESENT_SRC_KHR);
}

static bool window_end(struct output *output, const struct hipfx_vk_timeline *timeline,
                       struct hipfx_why *why)
{
    struct window *window = (struct window *)output;
    struct hipfx_vk *vk = output->draw->vk;
    (void)timeline;
    const VkPresentInfoKHR info = {
        .sType = VK_STRUCTURE_TYPE_PRESENT_INFO_KHR,
        .waitSemaphoreCount = 1,
        .pWaitSemaphores = &output->rendered,
        .swapchainCount = 1,
        .pSwapchains = &window->swapchain,
        .pImageIndices = &window->image,
    };
    VkResult result = vk->fn.vkQueuePresentKHR(vk->queue, &info);
    if (result == VK_ERROR_OUT_OF_DATE_KHR || result == VK_SUBOPTIMAL_KHR) {
        window->stale = true;
        return true;
    }
    return hipfx_vk_check(why, "vkQueuePresentKHR", result);
}

/* -- life -- */

static void window_destroy(struct output *output)
{
    struct window *window = (struct window *)output;
    struct hipfx_vk *vk = output->draw->vk;
    vk->fn.vkQueueWaitIdle(vk->queue); /* presents: no timeline tells of them */
    destroy_swapchain(window);
    for (int i = 0; i < FRAMES_IN_FLIGHT; i++)
        vk->fn.vkDestroySemaphore(vk->device, window->available[i], NULL);
    if (window->surface)
        vkDestroySurfaceKHR(vk->instance, window->surface, NULL);
    if (window->handle)
        glfwDestroyWindow(window->handle);
    free(window);
}

/* The picture is in linear light, so the window's format must be one that encodes sRGB. */
static bool choose_format(struct window *window, struct hipfx_why *why)
{
    VkSurfaceFormatKHR formats[64];
    uint32_t count = 64;
    VkResult result = vkGetPhysicalDeviceSurfaceFormatsKHR(window->base.draw->vk->physical,
                                                           window->surface, &count, formats);
    if (result != VK_INCOMPLETE &&
        !hipfx_vk_check(why, "vkGetPhysicalDeviceSurfaceFormatsKHR", result))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (formats[i].format == VK_FORMAT_B8G8R8A8_SRGB ||
            formats[i].format == VK_FORMAT_R8G8B8A8_SRGB) {
            window->format = formats[i];
            return true;
        }
    }
    return hipfx_fail(why, "the window has no 8-bit sRGB format");
}

static bool open_surface(struct window *window, VkExtent2D extent, const char *title,
                         struct hipfx_why *why)
{
    struct hipfx_vk *vk = window->base.draw->vk;
    glfwWindowHint(GLFW_CLIENT_API, GLFW_NO_API);
    window->handle = glfwCreateWindow((int)extent.width, (int)extent.height, title, NULL, NULL);
    if (!window->handle)
        return hipfx_fail(why, "no window can be opened: %s", glfw_reason());
    glfwSetInputMode(window->handle, GLFW_STICKY_KEYS, GLFW_TRUE);
    VkResult result = glfwCreateWindowSurface(vk->instance, window->handle, NULL, &window->surface);
    if (!hipfx_vk_check(why, "glfwCreateWindowSurface", result)) {
        window->surface = VK_NULL_HANDLE;
        return false;
    }

    VkBool32 can_present = VK_FALSE;
    if (!hipfx_vk_check(why, "vkGetPhysicalDeviceSurfaceSupportKHR",
                        vkGetPhysicalDeviceSurfaceSupportKHR(vk->physical, vk->queue_family,
                                                             window->surface, &can_present)))
        return false;
    if (!can_present)
        return hipfx_fail(why, "Vulkan device %s cannot draw into this window", vk->device_name);
    return choose_format(window, why);
}

struct output *window_create(struct draw *draw, VkExtent2D extent, const char *title,
                             struct hipfx_why *why)
{
    struct window *window = calloc(1, sizeof(*window));
    if (!window) {
        hipfx_fail(why, "out of memory");
        return NULL;
    }
    window->stale = true;
    window->base = (struct output){
        .draw = draw,
        .begin = window_begin,
        .record = window_record,
        .end = window_end,
        .destroy = window_destroy,
    };
    bool ok = open_surface(window, extent, title, why);
    for (int i = 0; ok && i < FRAMES_IN_FLIGHT; i++)
        ok = create_semaphore(draw->vk, &window->available[i], why);
    if (ok)
        return &window->base;
    window_destroy(&window->base);
    return NULL;
}
