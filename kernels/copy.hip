/* Frames copied on a GPU, be they plain memory or surfaces. */
#include "kernels/device.h"

#if HIPFX_GPU

/* A block's part is 16 groups wide and 32 rows high: an array's pixels lie in memory by small
 * blocks of rows, and parts that are wider than high take up to half as long again. */
HIPFX_FN void copy_block(const struct hipfx_copy_args *a, int format)
{
    enum { across = 16, down = HIPFX_BLOCK / across, times = HIPFX_COPY_ROWS / down };
    const int x = (hipfx_block_x() * across + hipfx_thread() % across) * hipfx_group_pixels(format);
    const int y = hipfx_block_y() * HIPFX_COPY_ROWS + hipfx_thread() / across;
    hipfx_group groups[times];
    HIPFX_UNROLL
    for (int i = 0; i < times; i++)
        groups[i] = hipfx_direct_group_load(&a->in, format, x, y + i * down);
    HIPFX_UNROLL
    for (int i = 0; i < times; i++)
        hipfx_direct_group_store(&a->out, format, x, y + i * down, groups[i]);
}

HIPFX_KERNEL_BLOCK(copy_rgba8, struct hipfx_copy_args, a)
{
    copy_block(a, HIPFX_PIXEL_RGBA8_SRGB);
}

HIPFX_KERNEL_BLOCK(copy_rgba16f, struct hipfx_copy_args, a)
{
    copy_block(a, HIPFX_PIXEL_RGBA16F);
}

#endif
