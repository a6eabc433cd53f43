/* Blends pictures of different blur by what each pixel is to have: level 0 is the picture itself,
 * level k has 2^(k / 2) - 1 times the variance of level 2. On such a scale the blur of an edge
 * changes as evenly from level to level at any sigma, so that the cubic polynomial through four
 * levels is close to what lies between them. */
#include "kernels/device_light.h"

/* Where between the levels a pixel lies. */
HIPFX_FN float tilt_place(const struct hipfx_tilt_args *a, int x, int y)
{
    const float distance =
        a->away + a->across * (float)(a->left + x) + a->down * (float)(a->top + y);
    const float part = hipfx_saturate((hipfx_abs(distance) - a->half_px) * a->per_px);
    return hipfx_min(2.0f * hipfx_log2(part * part * a->variances + 1.0f), (float)a->levels);
}

/* What the level counts for it: Lagrange's polynomial. */
HIPFX_FN float tilt_weight(const struct hipfx_tilt_args *a, float place)
{
    const int base = hipfx_clamp_i((int)place - 1, 0, a->levels - 3);
    const int node = a->level - base;
    const float x = place - (float)base;
    const float w0 = -(x - 1.0f) * (x - 2.0f) * (x - 3.0f) * (1.0f / 6.0f);
    const float w1 = x * (x - 2.0f) * (x - 3.0f) * 0.5f;
    const float w2 = -x * (x - 1.0f) * (x - 3.0f) * 0.5f;
    const float w3 = x * (x - 1.0f) * (x - 2.0f) * (1.0f / 6.0f);
    const float low = node == 0 ? w0 : w1, high = node == 2 ? w2 : w3;
    return node < 0 || node > 3 ? 0.0f : node < 2 ? low : high;
}

HIPFX_FN light_px tilt_sum(const struct hipfx_tilt_args *a, int x, int y)
{
    return light_load(&a->sum, a->sum_left + x, a->sum_top + y);
}

HIPFX_FN void tilt_begin_pixel(const struct hipfx_tilt_args *a, int format, int x, int y)
{
    const struct hipfx_px px = blur_load(&a->frame, format, a->left + x, a->top + y);
    const light_px light = {px.r, px.g, px.b, px.a};
    light_store(&a->sum, x, y, light * tilt_weight(a, tilt_place(a, x, y)));
}

HIPFX_FN void tilt_add_pixel(const struct hipfx_tilt_args *a, int x, int y)
{
    const float weight = tilt_weight(a, tilt_place(a, x, y));
    if (weight != 0.0f)
        light_store(&a->sum, a->sum_left + x, a->sum_top + y,
                    tilt_sum(a, x, y) + light_load(&a->level_light, x, y) * weight);
}

HIPFX_FN void tilt_end_pixel(const struct hipfx_tilt_args *a, int format, int x, int y)
{
    light_write(&a->frame, &a->sum, format, x, y, tilt_sum(a, x, y));
}

enum { TILT_BEGIN, TILT_ADD, TILT_END };

HIPFX_FN void tilt_pixel(const struct hipfx_tilt_args *a, int what, int format, int x, int y)
{
    if (what == TILT_BEGIN)
        tilt_begin_pixel(a, format, x, y);
    else if (what == TILT_ADD)
        tilt_add_pixel(a, x, y);
    else
        tilt_end_pixel(a, format, x, y);
}

#if HIPFX_GPU

HIPFX_FN void tilt_block(const struct hipfx_tilt_args *a, int what, int format)
{
    enum { across = 32, down = HIPFX_BLOCK / across };
    const int x = hipfx_block_x() * across + hipfx_thread() % across;
    const int top = hipfx_block_y() * HIPFX_LIGHT_ROWS + hipfx_thread() / across;
    if (what == TILT_BEGIN)
        hipfx_decode_prepare(format);
    HIPFX_UNROLL
    for (int i = 0; i < HIPFX_LIGHT_ROWS; i += down) {
        if (x < a->width && top + i < a->height)
            tilt_pixel(a, what, format, x, top + i);
    }
}

#define TILT_KERNEL(name, what, format)                                                            \
    HIPFX_KERNEL_BLOCK(name, struct hipfx_tilt_args, a)                                            \
    {                                                                                              \
        tilt_block(a, what, format);                                                               \
    }

#else

HIPFX_FN void tilt_rows(const struct hipfx_tilt_args *a, int what, int format, int row_begin,
                        int row_end)
{
    for (int y = row_begin; y < row_end; y++)
        for (int x = a->live.first; x < a->width; x++)
            tilt_pixel(a, what, format, x, y);
}

#define TILT_KERNEL(name, what, format)                                                            \
    HIPFX_KERNEL_ROWS(name, struct hipfx_tilt_args, a, row_begin, row_end)                         \
    {                                                                                              \
        tilt_rows(a, what, format, row_begin, row_end);                                            \
    }

#endif

TILT_KERNEL(tilt_begin_rgba8, TILT_BEGIN, HIPFX_PIXEL_RGBA8_SRGB)
TILT_KERNEL(tilt_begin_rgba16f, TILT_BEGIN, HIPFX_PIXEL_RGBA16F)
TILT_KERNEL(tilt_add, TILT_ADD, HIPFX_PIXEL_NONE)
TILT_KERNEL(tilt_end_rgba8, TILT_END, HIPFX_PIXEL_RGBA8_SRGB)
TILT_KERNEL(tilt_end_rgba16f, TILT_END, HIPFX_PIXEL_RGBA16F)
