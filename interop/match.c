#include "interop/match.h"

#include <string.h>

bool hipfx_match_pci(const struct hipfx_hip *hip, int ordinal, struct hipfx_pci *pci,
                     struct hipfx_why *why)
{
    char text[32] = "";
    hipDevice_t device = 0;
    *pci = (struct hipfx_pci){0};
    if (!HIP(why, hip, hipDeviceGet, &device, ordinal) ||
        !HIP(why, hip, hipDeviceGetPCIBusId, text, sizeof(text), device))
        return false;
    text[sizeof(text) - 1] = '\0';
    return hipfx_pci_parse(text, pci) ||
           hipfx_fail(why, "HIP gives \"%s\" as the PCI address of device %d", text, ordinal);
}

static bool has_address(const struct hipfx_hip *hip, const struct hipfx_vk *vk, int ordinal,
                        bool *same, struct hipfx_why *why)
{
    struct hipfx_pci pci;
    if (!hipfx_match_pci(hip, ordinal, &pci, why))
        return false;
    *same = hipfx_pci_equal(&pci, &vk->pci);
    return true;
}

static bool has_uuid(const struct hipfx_hip *hip, const struct hipfx_vk *vk, int ordinal,
                     bool *same, struct hipfx_why *why)
{
    hipDevice_t device = 0;
    hipUUID uuid = {0};
    if (!HIP(why, hip, hipDeviceGet, &device, ordinal) ||
        !HIP(why, hip, hipDeviceGetUuid, &uuid, device))
        return false;
    *same = !memcmp(uuid.bytes, vk->device_uuid, sizeof(uuid.bytes));
    return true;
}

bool hipfx_match_device(const struct hipfx_hip *hip, const struct hipfx_vk *vk, int *ordinal,
                        struct hipfx_why *why)
{
    const bool by_address = hip->kind == HIPFX_HIP_AMD;
    int count = 0;
    *ordinal = 0;
    if (hip->kind == HIPFX_HIP_CPU || !vk || (!by_address && !hip->hipDeviceGetUuid))
        return true;
    if (by_address && !vk->has_pci)
        return hipfx_fail(why,
                          "OpenGL does not draw on an AMD GPU: Vulkan has no PCI address for %s",
                          vk->device_name);
    if (!HIP(why, hip, hipGetDeviceCount, &count))
        return false;
    for (int i = 0; i < count; i++) {
        bool same = false;
        if (!(by_address ? has_address : has_uuid)(hip, vk, i, &same, why))
            return false;
        if (same) {
            *ordinal = i;
            return true;
        }
    }
    return hipfx_fail(why, "none of its %d devices is the one that OpenGL draws on (%s)", count,
                      vk->device_name);
}
