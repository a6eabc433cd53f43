#define VOLK_IMPLEMENTATION
#include "interop/vk/vk.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEVICES_MAX    16
#define EXTENSIONS_MAX 16

/* One checked instance-level call; volk keeps those as globals. */
#define VKI(why, call, ...) hipfx_vk_check(why, #call, VK_RESULT(#call, call(__VA_ARGS__)))

static const char *result_name(VkResult result)
{
#define NAME(r)                                                                                    \
    case r:                                                                                        \
        return #r
    switch (result) {
        NAME(VK_SUCCESS);
        NAME(VK_NOT_READY);
        NAME(VK_TIMEOUT);
        NAME(VK_INCOMPLETE);
        NAME(VK_ERROR_OUT_OF_HOST_MEMORY);
        NAME(VK_ERROR_OUT_OF_DEVICE_MEMORY);
        NAME(VK_ERROR_INITIALIZATION_FAILED);
        NAME(VK_ERROR_DEVICE_LOST);
        NAME(VK_ERROR_MEMORY_MAP_FAILED);
        NAME(VK_ERROR_LAYER_NOT_PRESENT);
        NAME(VK_ERROR_EXTENSION_NOT_PRESENT);
        NAME(VK_ERROR_FEATURE_NOT_PRESENT);
        NAME(VK_ERROR_INCOMPATIBLE_DRIVER);
        NAME(VK_ERROR_TOO_MANY_OBJECTS);
        NAME(VK_ERROR_FORMAT_NOT_SUPPORTED);
        NAME(VK_ERROR_INVALID_EXTERNAL_HANDLE);
    default:
        return NULL;
    }
#undef NAME
}

bool hipfx_vk_check(struct hipfx_why *why, const char *call, VkResult result)
{
    if (result == VK_SUCCESS)
        return true;
    const char *name = result_name(result);
    return name ? hipfx_fail(why, "%s failed: %s", call, name)
                : hipfx_fail(why, "%s failed: VkResult %d", call, result);
}

static VkResult loader_result;

static void open_loader(void)
{
    loader_result = volkInitialize();
}

static bool new_instance(const struct hipfx_vk_params *params, VkInstance *instance,
                         struct hipfx_why *why)
{
    const VkApplicationInfo application = {
        .sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
        .pApplicationName = "obs-hipfx",
        .apiVersion = VK_API_VERSION_1_2,
    };
    const VkInstanceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
        .pApplicationInfo = &application,
        .enabledExtensionCount = params->instance_extension_count,
        .ppEnabledExtensionNames = params->instance_extensions,
    };
    const VkResult result = VK_RESULT("vkCreateInstance", vkCreateInstance(&info, NULL, instance));
    if (result == VK_SUCCESS) {
        volkLoadInstanceOnly(*instance);
        return true;
    }
    *instance = VK_NULL_HANDLE;
    return result == VK_ERROR_INCOMPATIBLE_DRIVER
               ? hipfx_fail(why, "no Vulkan driver was found: install one (mesa-vulkan-drivers)")
               : hipfx_vk_check(why, "vkCreateInstance", result);
}

static bool create_instance(struct hipfx_vk *vk, const struct hipfx_vk_params *params,
                            struct hipfx_why *why)
{
    /* volk keeps its entry points in globals, so one opening serves the process. */
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, open_loader);
    if (loader_result != VK_SUCCESS)
        return hipfx_fail(why, "libvulkan.so.1 was not found: install the Vulkan loader "
                               "(libvulkan1) and a Vulkan driver");
    if (volkGetInstanceVersion() < VK_API_VERSION_1_2)
        return hipfx_fail(why, "the Vulkan loader is older than 1.2: update it");

    if (params->instance_extension_count) {
        vk->owns_instance = true;
        return new_instance(params, &vk->instance, why);
    }
    /* Never destroyed: with its last instance NVIDIA's driver 580 takes the EGL display down on
     * which OpenGL draws (eglMakeCurrent then gives EGL_NOT_INITIALIZED; seen on an H100). */
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    static VkInstance shared = VK_NULL_HANDLE;
    pthread_mutex_lock(&mutex);
    const bool ok = shared || new_instance(params, &shared, why);
    vk->instance = shared;
    pthread_mutex_unlock(&mutex);
    return ok;
}

static bool uuid_fits(VkPhysicalDevice physical, const struct hipfx_vk_params *params)
{
    VkPhysicalDeviceIDProperties id = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES};
    VkPhysicalDeviceProperties2 properties = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2,
        .pNext = &id,
    };
    vkGetPhysicalDeviceProperties2(physical, &properties);
    if (params->device_uuid && memcmp(id.deviceUUID, params->device_uuid, VK_UUID_SIZE) != 0)
        return false;
    /* Opaque descriptors work only within one build of one driver. */
    return !params->driver_uuid || !memcmp(id.driverUUID, params->driver_uuid, VK_UUID_SIZE);
}

static bool pick_physical(struct hipfx_vk *vk, const struct hipfx_vk_params *params,
                          struct hipfx_why *why)
{
    VkPhysicalDevice devices[DEVICES_MAX];
    uint32_t count = DEVICES_MAX;
    VkResult result = VK_RESULT("vkEnumeratePhysicalDevices",
                                vkEnumeratePhysicalDevices(vk->instance, &count, devices));
    if (result != VK_INCOMPLETE && !hipfx_vk_check(why, "vkEnumeratePhysicalDevices", result))
        return false;
    if (!count)
        return hipfx_fail(why, "no Vulkan driver was found: install one (mesa-vulkan-drivers)");

    for (uint32_t i = 0; i < count; i++) {
        VkPhysicalDeviceProperties properties;
        vkGetPhysicalDeviceProperties(devices[i], &properties);
        if (properties.apiVersion < VK_API_VERSION_1_2) {
            hipfx_log(HIPFX_LOG_DEBUG, "Vulkan device %s passed over: older than 1.2",
                      properties.deviceName);
        } else if (!uuid_fits(devices[i], params)) {
            hipfx_log(HIPFX_LOG_DEBUG, "Vulkan device %s passed over: not OpenGL's device",
                      properties.deviceName);
        } else {
            vk->physical = devices[i];
            return true;
        }
    }
    return hipfx_fail(why,
                      "none of the %u Vulkan devices is the one that OpenGL draws on: "
                      "install the Vulkan driver of that GPU",
                      count);
}

static bool has_extension(VkPhysicalDevice physical, const char *name)
{
    uint32_t count = 0;
    if (vkEnumerateDeviceExtensionProperties(physical, NULL, &count, NULL) != VK_SUCCESS || !count)
        return false;
    VkExtensionProperties *list =
        HIPFX_FAULT_POINT(HIPFX_FAULT_LIBC, "calloc", NULL, calloc(count, sizeof(*list)));
    bool found = false;
    if (list && vkEnumerateDeviceExtensionProperties(physical, NULL, &count, list) >= 0) {
        for (uint32_t i = 0; i < count && !found; i++)
            found = !strcmp(list[i].extensionName, name);
    }
    free(list);
    return found;
}

static void find_address(struct hipfx_vk *vk)
{
    VkPhysicalDevicePCIBusInfoPropertiesEXT pci = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PCI_BUS_INFO_PROPERTIES_EXT,
    };
    VkPhysicalDeviceProperties2 properties = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2,
        .pNext = &pci,
    };
    vk->has_pci = has_extension(vk->physical, VK_EXT_PCI_BUS_INFO_EXTENSION_NAME);
    if (!vk->has_pci)
        return;
    vkGetPhysicalDeviceProperties2(vk->physical, &properties);
    vk->pci = (struct hipfx_pci){pci.pciDomain, (uint8_t)pci.pciBus, (uint8_t)pci.pciDevice};
}

static void describe(struct hipfx_vk *vk)
{
    VkPhysicalDeviceIDProperties id = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES};
    VkPhysicalDeviceDriverProperties driver = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES,
        .pNext = &id,
    };
    VkPhysicalDeviceProperties2 properties = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2,
        .pNext = &driver,
    };
    vkGetPhysicalDeviceProperties2(vk->physical, &properties);
    vkGetPhysicalDeviceMemoryProperties(vk->physical, &vk->memory);
    memcpy(vk->device_uuid, id.deviceUUID, sizeof(vk->device_uuid));
    vk->is_software = properties.properties.deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU;
    snprintf(vk->device_name, sizeof(vk->device_name), "%s", properties.properties.deviceName);
    snprintf(vk->driver, sizeof(vk->driver), "%s %s", driver.driverName, driver.driverInfo);
    find_address(vk);
}

/* A family that draws, since it can copy and compute too. */
static bool pick_queue_family(struct hipfx_vk *vk, struct hipfx_why *why)
{
    VkQueueFamilyProperties families[DEVICES_MAX];
    uint32_t count = DEVICES_MAX;
    vkGetPhysicalDeviceQueueFamilyProperties(vk->physical, &count, families);
    for (uint32_t i = 0; i < count; i++) {
        if (families[i].queueFlags & VK_QUEUE_GRAPHICS_BIT) {
            vk->queue_family = i;
            return true;
        }
    }
    return hipfx_fail(why, "Vulkan device %s has no graphics queue", vk->device_name);
}

static bool create_device(struct hipfx_vk *vk, const struct hipfx_vk_params *params,
                          struct hipfx_why *why)
{
    VkPhysicalDeviceVulkan12Features has = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES,
    };
    VkPhysicalDeviceFeatures2 features = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2,
        .pNext = &has,
    };
    vkGetPhysicalDeviceFeatures2(vk->physical, &features);
    if (!has.timelineSemaphore)
        return hipfx_fail(why, "Vulkan device %s has no timeline semaphores: update its driver",
                          vk->device_name);

    const char *extensions[EXTENSIONS_MAX];
    uint32_t count = 0;
    if (params->device_extension_count + 2 > EXTENSIONS_MAX)
        return hipfx_fail(why, "more than %d Vulkan device extensions asked for", EXTENSIONS_MAX);
    for (; count < params->device_extension_count; count++)
        extensions[count] = params->device_extensions[count];
    vk->external_memory_fd = has_extension(vk->physical, VK_KHR_EXTERNAL_MEMORY_FD_EXTENSION_NAME);
    if (vk->external_memory_fd)
        extensions[count++] = VK_KHR_EXTERNAL_MEMORY_FD_EXTENSION_NAME;
    vk->external_semaphore_fd =
        has_extension(vk->physical, VK_KHR_EXTERNAL_SEMAPHORE_FD_EXTENSION_NAME);
    if (vk->external_semaphore_fd)
        extensions[count++] = VK_KHR_EXTERNAL_SEMAPHORE_FD_EXTENSION_NAME;

    const float priority = 1.0f;
    const VkDeviceQueueCreateInfo queue = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
        .queueFamilyIndex = vk->queue_family,
        .queueCount = 1,
        .pQueuePriorities = &priority,
    };
    const VkPhysicalDeviceVulkan12Features wanted = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES,
        .timelineSemaphore = VK_TRUE,
    };
    const VkDeviceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
        .pNext = &wanted,
        .queueCreateInfoCount = 1,
        .pQueueCreateInfos = &queue,
        .enabledExtensionCount = count,
        .ppEnabledExtensionNames = extensions,
    };
    if (!VKI(why, vkCreateDevice, vk->physical, &info, NULL, &vk->device)) {
        vk->device = VK_NULL_HANDLE;
        return false;
    }
    volkLoadDeviceTable(&vk->fn, vk->device);
    vk->fn.vkGetDeviceQueue(vk->device, vk->queue_family, 0, &vk->queue);
    return true;
}

struct hipfx_vk *hipfx_vk_create(const struct hipfx_vk_params *params, struct hipfx_why *why)
{
    struct hipfx_vk *vk =
        HIPFX_FAULT_POINT(HIPFX_FAULT_LIBC, "calloc", NULL, calloc(1, sizeof(*vk)));
    if (!vk) {
        hipfx_fail(why, "out of memory");
        return NULL;
    }
    pthread_mutex_init(&vk->queue_mutex, NULL);
    if (!create_instance(vk, params, why) || !pick_physical(vk, params, why))
        goto error;
    describe(vk);
    if (!pick_queue_family(vk, why) || !create_device(vk, params, why))
        goto error;
    return vk;

error:
    hipfx_vk_destroy(&vk);
    return NULL;
}

void hipfx_vk_destroy(struct hipfx_vk **pvk)
{
    struct hipfx_vk *vk = *pvk;
    *pvk = NULL;
    if (!vk)
        return;
    if (vk->device)
        vk->fn.vkDestroyDevice(vk->device, NULL);
    if (vk->instance && vk->owns_instance)
        vkDestroyInstance(vk->instance, NULL);
    pthread_mutex_destroy(&vk->queue_mutex);
    free(vk);
}
