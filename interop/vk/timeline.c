#include "interop/vk/vk.h"

bool hipfx_vk_timeline_create(struct hipfx_vk *vk, struct hipfx_vk_timeline *timeline,
                              struct hipfx_why *why)
{
    *timeline = (struct hipfx_vk_timeline){0};
    const VkSemaphoreTypeCreateInfo type = {
        .sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO,
        .semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE,
    };
    const VkSemaphoreCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO,
        .pNext = &type,
    };
    if (VK(why, vk, vkCreateSemaphore, vk->device, &info, NULL, &timeline->semaphore))
        return true;
    timeline->semaphore = VK_NULL_HANDLE;
    return false;
}

void hipfx_vk_timeline_destroy(struct hipfx_vk *vk, struct hipfx_vk_timeline *timeline)
{
    if (timeline->semaphore)
        vk->fn.vkDestroySemaphore(vk->device, timeline->semaphore, NULL);
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
