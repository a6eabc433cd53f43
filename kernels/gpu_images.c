/* The code objects that the build has embedded: hipfx_add_code_objects in cmake/kernels.cmake. */
#include "kernels/container.h"

extern const unsigned char hipfx_gpu_images[];
extern const unsigned char hipfx_gpu_images_end[];

bool hipfx_container_embedded(struct hipfx_container *container, struct hipfx_why *why)
{
    const size_t size = (size_t)((uintptr_t)hipfx_gpu_images_end - (uintptr_t)hipfx_gpu_images);
    return hipfx_container_open(hipfx_gpu_images, size, container, why);
}
