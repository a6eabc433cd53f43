#include "interop/vk/vk.h"

#define OPAQUE_FD VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD_BIT

bool hipfx_vk_semaphore_can_export(struct hipfx_vk *vk, VkSemaphoreType kind)
{
    if (!vk->external_semaphore_fd)
        return false;
    const VkSemaphoreTypeCreateInfo type = {
        .sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO,
        .semaphoreType = kind,
    };
    const VkPhysicalDeviceExternalSemaphoreInfo info = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_SEMAPHORE_INFO,
        .pNext = &type,
        .handleType = OPAQUE_FD,
    };
    VkExternalSemaphoreProperties can = {
        .sType = VK_STRUCTURE_TYPE_EXTERNAL_SEMAPHORE_PROPERTIES,
    };
    vkGetPhysicalDeviceExternalSemaphoreProperties(vk->physical, &info, &can);
    return can.externalSemaphoreFeatures & VK_EXTERNAL_SEMAPHORE_FEATURE_EXPORTABLE_BIT;
}

int hipfx_vk_semaphore_fd(struct hipfx_vk *vk, VkSemaphore semaphore, struct hipfx_why *why)
{
    const VkSemaphoreGetFdInfoKHR info = {
        .sType = VK_STRUCTURE_TYPE_SEMAPHORE_GET_FD_INFO_KHR,
        .semaphore = semaphore,
        .handleType = OPAQUE_FD,
    };
    int fd = HIPFX_FD_NONE;
    if (!VK(why, vk, vkGetSemaphoreFdKHR, vk->device, &info, &fd))
        return HIPFX_FD_NONE;
    return fd;
}

static bool create(struct hipfx_vk *vk, VkSemaphoreType kind, bool exported, VkSemaphore *semaphore,
                   struct hipfx_why *why)
{
    const VkExportSemaphoreCreateInfo export = {
        .sType = VK_STRUCTURE_TYPE_EXPORT_SEMAPHORE_CREATE_INFO,
        .handleTypes = OPAQUE_FD,
    };
    const VkSemaphoreTypeCreateInfo type = {
        .sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO,
        .pNext = exported ? &export : NULL,
        .semaphoreType = kind,
    };
    const VkSemaphoreCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO,
        .pNext = &type,
    };
    if (VK(why, vk, vkCreateSemaphore, vk->device, &info, NULL, semaphore))
        return true;
    *semaphore = VK_NULL_HANDLE;
    return false;
}

bool hipfx_vk_binary_create(struct hipfx_vk *vk, VkSemaphore *semaphore, struct hipfx_why *why)
{
    return create(vk, VK_SEMAPHORE_TYPE_BINARY, true, semaphore, why);
}

void hipfx_vk_binary_destroy(struct hipfx_vk *vk, VkSemaphore *semaphore)
{
    if (*semaphore)
        vk->fn.vkDestroySemaphore(vk->device, *semaphore, NULL);
    *semaphore = VK_NULL_HANDLE;
}

bool hipfx_vk_binary_signal(struct hipfx_vk *vk, VkSemaphore semaphore, struct hipfx_why *why)
{
    const VkSubmitInfo submit = {
        .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
        .signalSemaphoreCount = 1,
        .pSignalSemaphores = &semaphore,
    };
    pthread_mutex_lock(&vk->queue_mutex);
    const bool ok = VK(why, vk, vkQueueSubmit, vk->queue, 1, &submit, VK_NULL_HANDLE);
    pthread_mutex_unlock(&vk->queue_mutex);
    return ok;
}

bool hipfx_vk_timeline_create(struct hipfx_vk *vk, bool exported,
                              struct hipfx_vk_timeline *timeline, struct hipfx_why *why)
{
    *timeline = (struct hipfx_vk_timeline){0};
    return create(vk, VK_SEMAPHORE_TYPE_TIMELINE, exported, &timeline->semaphore, why);
}

void hipfx_vk_timeline_destroy(struct hipfx_vk *vk, struct hipfx_vk_timeline *timeline)
{
    hipfx_vk_binary_destroy(vk, &timeline->semaphore);
    *timeline = (struct hipfx_vk_timeline){0};
}

bool hipfx_vk_timeline_wait(struct hipfx_vk *vk, VkSemaphore semaphore, uint64_t value,
                            uint64_t timeout_ns, struct hipfx_why *why)
{
    const VkSemaphoreWaitInfo info = {
        .sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO,
        .semaphoreCount = 1,
        .pSemaphores = &semaphore,
        .pValues = &value,
    };
    return VK(why, vk, vkWaitSemaphores, vk->device, &info, timeout_ns);
}

bool hipfx_vk_timeline_signal(struct hipfx_vk *vk, VkSemaphore semaphore, uint64_t value,
                              struct hipfx_why *why)
{
    const VkSemaphoreSignalInfo info = {
        .sType = VK_STRUCTURE_TYPE_SEMAPHORE_SIGNAL_INFO,
        .semaphore = semaphore,
        .value = value,
    };
    return VK(why, vk, vkSignalSemaphore, vk->device, &info);
}

bool hipfx_vk_is_lost(struct hipfx_vk *vk, VkSemaphore timeline)
{
    uint64_t value;
    if (VK_RESULT("vkGetSemaphoreCounterValue",
                  vk->fn.vkGetSemaphoreCounterValue(vk->device, timeline, &value)) !=
        VK_ERROR_DEVICE_LOST)
        return false;
    /* Returns in finite time on a lost device, whatever it returns. */
    pthread_mutex_lock(&vk->queue_mutex);
    vk->fn.vkQueueWaitIdle(vk->queue);
    pthread_mutex_unlock(&vk->queue_mutex);
    return true;
}
