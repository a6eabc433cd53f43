#include "interop/map.h"

/* hipExternalMemoryDedicated, by value: older headers that the plugin builds with lack the name. */
#define IMPORT_DEDICATED 0x1

bool hipfx_map_wants_host(const struct hipfx_hip *hip)
{
    return hip->kind == HIPFX_HIP_CPU;
}

static bool map_host(const struct hipfx_hip *hip, const struct hipfx_vk_memory *memory,
                     struct hipfx_map *map, struct hipfx_why *why)
{
    if (!memory->host)
        return hipfx_fail(why, "the CPU cannot see the allocation");
    if (!HIP(why, hip, hipHostRegister, memory->host, memory->size, hipHostRegisterMapped))
        return false;
    map->registered = memory->host;
    return HIP(why, hip, hipHostGetDevicePointer, &map->data, memory->host, 0);
}

/* The one place that knows who owns a descriptor after hipImportExternalMemory: CUDA takes it,
 * AMD's runtime on Linux does not (https://github.com/ROCm/rocDecode/pull/55), and wants it open
 * until the memory has been mapped. */
static bool map_imported(const struct hipfx_hip *hip, struct hipfx_vk *vk,
                         const struct hipfx_vk_memory *memory, struct hipfx_map *map,
                         struct hipfx_why *why)
{
    int fd = hipfx_vk_memory_fd(vk, memory, why);
    if (fd == HIPFX_FD_NONE)
        return false;
    const hipExternalMemoryHandleDesc handle = {
        .type = hipExternalMemoryHandleTypeOpaqueFd,
        .handle.fd = fd,
        .size = memory->size,
        .flags = memory->dedicated ? IMPORT_DEDICATED : 0,
    };
    bool ok = HIP(why, hip, hipImportExternalMemory, &map->external, &handle);
    if (!ok)
        map->external = NULL;
    else if (hip->kind == HIPFX_HIP_NVIDIA)
        fd = HIPFX_FD_NONE;

    const hipExternalMemoryBufferDesc buffer = {.size = memory->size};
    ok = ok && HIP(why, hip, hipExternalMemoryGetMappedBuffer, &map->data, map->external, &buffer);
    hipfx_fd_close(&fd);
    return ok;
}

bool hipfx_map_create(const struct hipfx_hip *hip, struct hipfx_vk *vk,
                      const struct hipfx_vk_memory *memory, struct hipfx_map *map,
                      struct hipfx_why *why)
{
    *map = (struct hipfx_map){0};
    bool ok = hipfx_map_wants_host(hip) ? map_host(hip, memory, map, why)
                                        : map_imported(hip, vk, memory, map, why);
    if (!ok)
        hipfx_map_destroy(hip, map);
    return ok;
}

/* Nothing can be done about a failure here, and what was being torn down is what matters. */
void hipfx_map_destroy(const struct hipfx_hip *hip, struct hipfx_map *map)
{
    struct hipfx_why why = {0};
    if (map->registered)
        HIP(&why, hip, hipHostUnregister, map->registered);
    /* The pointer first, then the memory that it points into: the other way leaks on AMD. */
    if (map->external && map->data)
        HIP(&why, hip, hipFree, map->data);
    if (map->external)
        HIP(&why, hip, hipDestroyExternalMemory, map->external);
    if (why.text[0])
        hipfx_log(HIPFX_LOG_WARNING, "unmapping a frame: %s", why.text);
    *map = (struct hipfx_map){0};
}
