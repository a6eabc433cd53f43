/* A standing wave along y times a travelling wave along x, over a grid. */
#include "kernels/device.h"

#include "samples/sine/sine_args.h"

HIPFX_FN float sine(float turns)
{
    return hipfx_sin_half(hipfx_fold_radians((uint32_t)(int64_t)(turns * 4294967296.0f)));
}

HIPFX_KERNEL_2D(sine_heights, struct sine_args, a, x, y)
{
    const float amplitude = 0.22f, cycles = 1.5f, hertz = 0.35f;
    float u = (float)x / (float)(a->width - 1);
    float v = (float)y / (float)(a->height - 1);
    float along_x = sine(cycles * u - hertz * a->time_s);
    float along_y = sine(cycles * v + 0.25f);
    a->heights[y * a->width + x] = amplitude * along_x * along_y;
}
