/* A Vulkan allocation as HIP sees it: one pointer, however the provider comes by it.
 *
 * A GPU's runtime imports the allocation by a file descriptor. On the CPU the allocation is mapped
 * through Vulkan (only the driver that made an opaque fd knows what lies behind it) and registered
 * with HIP as host memory. */
#pragma once

#include "interop/hip/hip.h"
#include "interop/vk/vk.h"
#include "kernels/frame.h"

struct hipfx_map {
    void *data;                   /* HIP's pointer to the allocation's first byte, or NULL */
    hipArray_t array;             /* ... or the allocation as an array, or NULL */
    hipSurfaceObject_t surface;   /* ... through which kernels reach it: owned */
    hipMipmappedArray_t levels;   /* what `array` is the first level of: owned */
    hipExternalMemory_t external; /* imported: owned */
    void *registered;             /* registered with hipHostRegister: owned */
};

/* True where memory must be visible to the host in order to be mapped by this provider. */
bool hipfx_map_wants_host(const struct hipfx_hip *hip);

/* As a buffer: sets `data`. The allocation must outlive the map. On failure nothing is left. */
bool hipfx_map_create(const struct hipfx_hip *hip, struct hipfx_vk *vk,
                      const struct hipfx_vk_memory *memory, struct hipfx_map *map,
                      struct hipfx_why *why);

/* As a 2-D array of four channels over an OPTIMAL image: sets `array` and `surface`. */
bool hipfx_map_create_array(const struct hipfx_hip *hip, struct hipfx_vk *vk,
                            const struct hipfx_vk_image *image, enum hipfx_pixel format,
                            int width_px, int height_px, struct hipfx_map *map,
                            struct hipfx_why *why);

/* All work on the memory must be finished. */
void hipfx_map_destroy(const struct hipfx_hip *hip, struct hipfx_map *map);
