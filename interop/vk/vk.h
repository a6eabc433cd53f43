/* The Vulkan side: a device that matches GL's, memory that others can map, and timelines.
 *
 * Vulkan is opened at run time (volk); nothing of it is linked. One queue is used, by one
 * thread at a time (queue_mutex). Objects belong to the thread that works with them. */
#pragma once

#include "interop/fault.h"
#include "interop/fd.h"
#include "interop/pci.h"
#include "interop/why.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <volk.h>

struct hipfx_vk {
    VkInstance instance;
    bool owns_instance; /* otherwise it is the process's, and stays */
    VkPhysicalDevice physical;
    VkDevice device;
    struct VolkDeviceTable fn;
    VkQueue queue;
    pthread_mutex_t queue_mutex; /* held around each use of the queue */
    uint32_t queue_family;
    VkPhysicalDeviceMemoryProperties memory;
    bool external_memory_fd;    /* VK_KHR_external_memory_fd is enabled */
    bool external_semaphore_fd; /* VK_KHR_external_semaphore_fd is enabled */
    uint8_t device_uuid[VK_UUID_SIZE];
    bool has_pci; /* the driver tells where the device sits */
    struct hipfx_pci pci;
    bool is_software; /* lavapipe and its like: device memory is host memory */
    char device_name[VK_MAX_PHYSICAL_DEVICE_NAME_SIZE];
    char driver[VK_MAX_DRIVER_NAME_SIZE + VK_MAX_DRIVER_INFO_SIZE + 1]; /* name and version */
};

struct hipfx_vk_params {
    /* The device's and the driver's UUID as GL gives them, 16 bytes each. NULL: the first device.
     */
    const uint8_t *device_uuid;
    const uint8_t *driver_uuid;
    /* What the caller needs beside the interop, for a window say. */
    const char *const *instance_extensions;
    uint32_t instance_extension_count;
    const char *const *device_extensions;
    uint32_t device_extension_count;
};

/* NULL with the reason if there is no Vulkan, or no device that fits. */
struct hipfx_vk *hipfx_vk_create(const struct hipfx_vk_params *params, struct hipfx_why *why);

/* Everything made from the device must be gone. Sets the pointer to NULL; NULL is allowed. */
void hipfx_vk_destroy(struct hipfx_vk **vk);

/* An allocation, exported when asked for and mapped when the host can see it. */
struct hipfx_vk_memory {
    VkDeviceMemory memory;
    VkDeviceSize size; /* what was allocated: what an importer must be told */
    void *host;        /* mapped for as long as it lives, or NULL */
    bool dedicated;
    bool exportable;
};

/* A new descriptor of an exportable allocation, owned by the caller; HIPFX_FD_NONE on failure. */
int hipfx_vk_memory_fd(struct hipfx_vk *vk, const struct hipfx_vk_memory *memory,
                       struct hipfx_why *why);

struct hipfx_vk_image {
    VkImage image;
    struct hipfx_vk_memory memory;
    VkImageTiling tiling;
    VkDeviceSize offset; /* LINEAR: of the first row in the allocation */
    VkDeviceSize pitch;  /* LINEAR: bytes from a row to the next */
};

/* True if an image of this format, tiling and size can be created and exported as an opaque fd;
 * otherwise the reason. Creates nothing: drivers do not fail creation for what they do not support.
 */
bool hipfx_vk_image_can_export(struct hipfx_vk *vk, VkFormat format, VkImageTiling tiling,
                               uint32_t width_px, uint32_t height_px, struct hipfx_why *why);

/* An exportable image in dedicated memory with MUTABLE_FORMAT and every usage that its format
 * supports, as EXT_external_objects wants (issues 13 and 17). `host_visible`: in memory that the
 * host reads at full speed, mapped. On failure nothing is left. */
bool hipfx_vk_image_create(struct hipfx_vk *vk, VkFormat format, VkImageTiling tiling,
                           uint32_t width_px, uint32_t height_px, bool host_visible,
                           struct hipfx_vk_image *image, struct hipfx_why *why);
void hipfx_vk_image_destroy(struct hipfx_vk *vk, struct hipfx_vk_image *image);

struct hipfx_vk_buffer {
    VkBuffer buffer;
    struct hipfx_vk_memory memory;
};

/* A buffer in dedicated memory. `exported`: for an importer on a GPU; `host_visible`: in memory
 * that the host reads at full speed, mapped. On failure nothing is left. */
bool hipfx_vk_buffer_create(struct hipfx_vk *vk, VkDeviceSize size, VkBufferUsageFlags usage,
                            bool exported, bool host_visible, struct hipfx_vk_buffer *buffer,
                            struct hipfx_why *why);
void hipfx_vk_buffer_destroy(struct hipfx_vk *vk, struct hipfx_vk_buffer *buffer);

/* True if semaphores of this type can be exported as an opaque fd. */
bool hipfx_vk_semaphore_can_export(struct hipfx_vk *vk, VkSemaphoreType type);

/* A new descriptor of an exported semaphore, owned by the caller; HIPFX_FD_NONE on failure. */
int hipfx_vk_semaphore_fd(struct hipfx_vk *vk, VkSemaphore semaphore, struct hipfx_why *why);

/* A binary semaphore that others can import. VK_NULL_HANDLE is left on failure; destroying that is
 * allowed. */
bool hipfx_vk_binary_create(struct hipfx_vk *vk, VkSemaphore *semaphore, struct hipfx_why *why);
void hipfx_vk_binary_destroy(struct hipfx_vk *vk, VkSemaphore *semaphore);

/* Enqueues its signal on Vulkan's queue. Any thread. */
bool hipfx_vk_binary_signal(struct hipfx_vk *vk, VkSemaphore semaphore, struct hipfx_why *why);

/* A timeline semaphore and the value that the last enqueued work will bring it to. */
struct hipfx_vk_timeline {
    VkSemaphore semaphore;
    uint64_t value;
};

bool hipfx_vk_timeline_create(struct hipfx_vk *vk, bool exported,
                              struct hipfx_vk_timeline *timeline, struct hipfx_why *why);
void hipfx_vk_timeline_destroy(struct hipfx_vk *vk, struct hipfx_vk_timeline *timeline);

/* Waits on the host until the timeline reaches `value`; false with the reason after `timeout_ns`.
 * Any thread. */
bool hipfx_vk_timeline_wait(struct hipfx_vk *vk, VkSemaphore semaphore, uint64_t value,
                            uint64_t timeout_ns, struct hipfx_why *why);

/* Signals from the host. Any thread. */
bool hipfx_vk_timeline_signal(struct hipfx_vk *vk, VkSemaphore semaphore, uint64_t value,
                              struct hipfx_why *why);

/* True if the device was lost: what it was given has then ended. */
bool hipfx_vk_is_lost(struct hipfx_vk *vk, VkSemaphore timeline);

/* Says which call failed and with which VkResult. True if `result` is VK_SUCCESS. */
bool hipfx_vk_check(struct hipfx_why *why, const char *call, VkResult result);

/* One checked device-level call: VK(why, vk, vkQueueSubmit, vk->queue, ...) is true on success. */
#define VK(why, vk, call, ...)                                                                     \
    hipfx_vk_check(why, #call, VK_RESULT(#call, (vk)->fn.call(__VA_ARGS__)))

/* The same where the result is looked at by the caller. */
#define VK_RESULT(name, call)                                                                      \
    HIPFX_FAULT_POINT(                                                                             \
        HIPFX_FAULT_VULKAN, name,                                                                  \
        hipfx_fault_is_lasting() ? VK_ERROR_DEVICE_LOST : VK_ERROR_OUT_OF_DEVICE_MEMORY, call)
