#include "kernels/images.h"

#include <stdint.h>

extern const char hipfx_kernels_ptx[];
extern const unsigned char hipfx_gpu_images[], hipfx_gpu_images_end[];

const char *hipfx_images_ptx(void)
{
    return hipfx_kernels_ptx;
}

const void *hipfx_images_code_objects(size_t *size)
{
    *size = (size_t)((uintptr_t)hipfx_gpu_images_end - (uintptr_t)hipfx_gpu_images);
    return hipfx_gpu_images;
}
