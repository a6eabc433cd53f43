/* A Vulkan layer for tests, which makes another driver of lavapipe. HIPFX_TEST_LAYER says which:
 *
 *   no-external-memory  VK_KHR_external_memory_fd is missing
 *   pci                 VK_EXT_pci_bus_info is there, and the device sits at 0000:03:00.0, where
 *                       the stand-in for AMD's runtime has a GPU
 *
 * One instance and one device at a time, as the plugin has. Loader's interface: "Architecture of
 * the Vulkan Loader Interfaces", version 2 of the layer interface. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <vulkan/vk_layer.h>
#include <vulkan/vulkan.h>

static VkInstance instance;
static PFN_vkGetInstanceProcAddr next_instance_proc;
static PFN_vkEnumerateDeviceExtensionProperties next_enumerate; /* asked for later, it is our own */
static PFN_vkGetDeviceProcAddr next_device_proc;
static PFN_vkGetPhysicalDeviceProperties2 next_properties;

static bool is(const char *which)
{
    const char *chosen = getenv("HIPFX_TEST_LAYER");
    return chosen && !strcmp(chosen, which);
}

static PFN_vkVoidFunction VKAPI_CALL get_instance_proc(VkInstance of, const char *name);

static VkResult VKAPI_CALL create_instance(const VkInstanceCreateInfo *info,
                                           const VkAllocationCallbacks *allocator, VkInstance *out)
{
    const VkLayerInstanceCreateInfo *found = info->pNext;
    while (found && (found->sType != VK_STRUCTURE_TYPE_LOADER_INSTANCE_CREATE_INFO ||
                     found->function != VK_LAYER_LINK_INFO))
        found = found->pNext;
    if (!found)
        return VK_ERROR_INITIALIZATION_FAILED;
    /* The loader lets a layer step its link on. */
    VkLayerInstanceCreateInfo *link = (VkLayerInstanceCreateInfo *)found;
    next_instance_proc = link->u.pLayerInfo->pfnNextGetInstanceProcAddr;
    link->u.pLayerInfo = link->u.pLayerInfo->pNext;

    PFN_vkCreateInstance next =
        (PFN_vkCreateInstance)next_instance_proc(VK_NULL_HANDLE, "vkCreateInstance");
    const VkResult result = next(info, allocator, out);
    if (result != VK_SUCCESS)
        return result;
    instance = *out;
    next_enumerate = (PFN_vkEnumerateDeviceExtensionProperties)next_instance_proc(
        instance, "vkEnumerateDeviceExtensionProperties");
    next_properties = (PFN_vkGetPhysicalDeviceProperties2)next_instance_proc(
        instance, "vkGetPhysicalDeviceProperties2");
    return next_enumerate && next_properties ? VK_SUCCESS : VK_ERROR_INITIALIZATION_FAILED;
}

static VkResult VKAPI_CALL create_device(VkPhysicalDevice physical, const VkDeviceCreateInfo *info,
                                         const VkAllocationCallbacks *allocator, VkDevice *out)
{
    const VkLayerDeviceCreateInfo *found = info->pNext;
    while (found && (found->sType != VK_STRUCTURE_TYPE_LOADER_DEVICE_CREATE_INFO ||
                     found->function != VK_LAYER_LINK_INFO))
        found = found->pNext;
    if (!found)
        return VK_ERROR_INITIALIZATION_FAILED;
    VkLayerDeviceCreateInfo *link = (VkLayerDeviceCreateInfo *)found;
    next_device_proc = link->u.pLayerInfo->pfnNextGetDeviceProcAddr;
    link->u.pLayerInfo = link->u.pLayerInfo->pNext;

    PFN_vkCreateDevice next = (PFN_vkCreateDevice)next_instance_proc(instance, "vkCreateDevice");
    return next(physical, info, allocator, out);
}

static bool is_hidden(const VkExtensionProperties *extension)
{
    return is("no-external-memory") &&
           !strcmp(extension->extensionName, VK_KHR_EXTERNAL_MEMORY_FD_EXTENSION_NAME);
}

/* The whole list, as it is to be seen; the caller frees it. */
static VkResult list_extensions(VkPhysicalDevice physical, VkExtensionProperties **list,
                                uint32_t *count)
{
    *list = NULL;
    VkResult result = next_enumerate(physical, NULL, count, NULL);
    if (result != VK_SUCCESS)
        return result;
    *list = calloc(*count + 1, sizeof(**list));
    if (!*list)
        return VK_ERROR_OUT_OF_HOST_MEMORY;
    result = next_enumerate(physical, NULL, count, *list);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < *count; i++) {
        if (!is_hidden(&(*list)[i]))
            (*list)[kept++] = (*list)[i];
    }
    if (is("pci"))
        (*list)[kept++] = (VkExtensionProperties){VK_EXT_PCI_BUS_INFO_EXTENSION_NAME,
                                                  VK_EXT_PCI_BUS_INFO_SPEC_VERSION};
    *count = kept;
    return result;
}

static VkResult VKAPI_CALL enumerate_device_extensions(VkPhysicalDevice physical, const char *layer,
                                                       uint32_t *count, VkExtensionProperties *out)
{
    (void)layer; /* this one has no extensions of its own to list */
    VkExtensionProperties *list;
    uint32_t have = 0;
    const VkResult result = list_extensions(physical, &list, &have);
    const bool fits = !out || *count >= have;
    if (out && result == VK_SUCCESS)
        memcpy(out, list, (fits ? have : *count) * sizeof(*out));
    if (!out || fits)
        *count = have;
    free(list);
    return result == VK_SUCCESS && !fits ? VK_INCOMPLETE : result;
}

static void VKAPI_CALL get_properties(VkPhysicalDevice physical, VkPhysicalDeviceProperties2 *out)
{
    next_properties(physical, out);
    for (VkBaseOutStructure *s = out->pNext; s && is("pci"); s = s->pNext) {
        if (s->sType != VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PCI_BUS_INFO_PROPERTIES_EXT)
            continue;
        VkPhysicalDevicePCIBusInfoPropertiesEXT *pci = (VkPhysicalDevicePCIBusInfoPropertiesEXT *)s;
        pci->pciDomain = pci->pciDevice = pci->pciFunction = 0;
        pci->pciBus = 3;
    }
}

static PFN_vkVoidFunction VKAPI_CALL get_device_proc(VkDevice device, const char *name)
{
    if (!strcmp(name, "vkGetDeviceProcAddr"))
        return (PFN_vkVoidFunction)get_device_proc;
    return next_device_proc(device, name);
}

static PFN_vkVoidFunction VKAPI_CALL get_instance_proc(VkInstance of, const char *name)
{
    static const struct {
        const char *name;
        PFN_vkVoidFunction function;
    } own[] = {
        {"vkGetInstanceProcAddr", (PFN_vkVoidFunction)get_instance_proc},
        {"vkGetDeviceProcAddr", (PFN_vkVoidFunction)get_device_proc},
        {"vkCreateInstance", (PFN_vkVoidFunction)create_instance},
        {"vkCreateDevice", (PFN_vkVoidFunction)create_device},
        {"vkEnumerateDeviceExtensionProperties", (PFN_vkVoidFunction)enumerate_device_extensions},
        {"vkGetPhysicalDeviceProperties2", (PFN_vkVoidFunction)get_properties},
    };
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        if (!strcmp(name, own[i].name))
            return own[i].function;
    }
    return next_instance_proc ? next_instance_proc(of, name) : NULL;
}

__attribute__((visibility("default"))) VkResult VKAPI_CALL
vkNegotiateLoaderLayerInterfaceVersion(VkNegotiateLayerInterface *pVersionStruct)
{
    if (pVersionStruct->loaderLayerInterfaceVersion < 2)
        return VK_ERROR_INITIALIZATION_FAILED;
    pVersionStruct->loaderLayerInterfaceVersion = 2;
    pVersionStruct->pfnGetInstanceProcAddr = get_instance_proc;
    pVersionStruct->pfnGetDeviceProcAddr = get_device_proc;
    pVersionStruct->pfnGetPhysicalDeviceProcAddr = NULL;
    return VK_SUCCESS;
}
