#include "interop/map.h"

/* hipExternalMemoryDedicated, by value: older headers that the plugin builds with lack the name. */
#define IMPORT_DEDICATED 0x1

/* CUDA's bit for an image that the graphics API draws into; HIP has no name for it. */
#define ARRAY_COLOR_ATTACHMENT 0x20

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

/* `*fd` stays open for the caller to close where the runtime does not take it: AMD's wants it open
 * until the memory has been mapped. */
static bool import(const struct hipfx_hip *hip, struct hipfx_vk *vk,
                   const struct hipfx_vk_memory *memory, struct hipfx_map *map, int *fd,
                   struct hipfx_why *why)
{
    *fd = hipfx_vk_memory_fd(vk, memory, why);
    if (*fd == HIPFX_FD_NONE)
        return false;
    const hipExternalMemoryHandleDesc handle = {
        .type = hipExternalMemoryHandleTypeOpaqueFd,
        .handle.fd = *fd,
        .size = memory->size,
        .flags = memory->dedicated ? IMPORT_DEDICATED : 0,
    };
    const bool ok = HIP(why, hip, hipImportExternalMemory, &map->external, &handle);
    if (!ok)
        map->external = NULL;
    if (hip->takes_fd)
        *fd = HIPFX_FD_NONE;
    return ok;
}

static bool map_imported(const struct hipfx_hip *hip, struct hipfx_vk *vk,
                         const struct hipfx_vk_memory *memory, struct hipfx_map *map,
                         struct hipfx_why *why)
{
    const hipExternalMemoryBufferDesc buffer = {.size = memory->size};
    int fd = HIPFX_FD_NONE;
    bool ok = import(hip, vk, memory, map, &fd, why) &&
              HIP(why, hip, hipExternalMemoryGetMappedBuffer, &map->data, map->external, &buffer);
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

bool hipfx_map_create_array(const struct hipfx_hip *hip, struct hipfx_vk *vk,
                            const struct hipfx_vk_image *image, enum hipfx_pixel format,
                            int width_px, int height_px, struct hipfx_map *map,
                            struct hipfx_why *why)
{
    const bool half = format == HIPFX_PIXEL_RGBA16F;
    const int bits = half ? 16 : 8;
    const struct hipfx_external_array_desc desc = {
        .offset = image->offset,
        .formatDesc = {bits, bits, bits, bits,
                       half ? hipChannelFormatKindFloat : hipChannelFormatKindUnsigned},
        .extent = {.width = (size_t)width_px, .height = (size_t)height_px},
        .flags = hipArraySurfaceLoadStore | ARRAY_COLOR_ATTACHMENT,
        .numLevels = 1,
    };
    int fd = HIPFX_FD_NONE;
    *map = (struct hipfx_map){0};
    bool ok = import(hip, vk, &image->memory, map, &fd, why) &&
              HIP(why, hip, hipExternalMemoryGetMappedMipmappedArray, &map->levels, map->external,
                  &desc) &&
              HIP(why, hip, hipGetMipmappedArrayLevel, &map->array, map->levels, 0);
    hipfx_fd_close(&fd);
    const hipResourceDesc resource = {
        .resType = hipResourceTypeArray,
        .res.array.array = map->array,
    };
    if (ok && !HIP(why, hip, hipCreateSurfaceObject, &map->surface, &resource)) {
        map->surface = NULL;
        ok = false;
    }
    if (!ok)
        hipfx_map_destroy(hip, map);
    return ok;
}

void hipfx_map_destroy(const struct hipfx_hip *hip, struct hipfx_map *map)
{
    if (map->registered)
        HIP_FREE(hip, hipHostUnregister, map->registered);
    if (map->surface)
        HIP_FREE(hip, hipDestroySurfaceObject, map->surface);
    /* The pointer first, then the memory that it points into: the other way leaks on AMD. */
    if (map->levels)
        HIP_FREE(hip, hipFreeMipmappedArray, map->levels);
    if (map->external && map->data)
        HIP_FREE(hip, hipFree, map->data);
    if (map->external)
        HIP_FREE(hip, hipDestroyExternalMemory, map->external);
    *map = (struct hipfx_map){0};
}
