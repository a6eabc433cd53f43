/* Each pixel is the Gaussian of its own sigma. Up to sigma 1 it is summed up as it stands, beyond
 * blended of pictures of different blur, the levels, whose variance grows by the same factor from
 * each to the next, from 1 to the largest. On that scale the blur of an edge changes in the same
 * way around any sigma, and the parabola through three levels is close to what lies between. */
#include "kernels/device_light.h"

/* The part of the largest sigma that a pixel has. */
HIPFX_FN float tilt_part(const struct hipfx_tilt_args *a, int x, int y)
{
    const float distance =
        a->away + a->across * (float)(a->left + x) + a->down * (float)(a->top + y);
    return hipfx_saturate((hipfx_abs(distance) - a->half_px) * a->per_px);
}

/* Beyond 1 too, by more than rounding: such a pixel is written again. */
#define TILT_NEAR 1.001f

/* A narrower Gaussian does not leave its pixel. */
#define TILT_LEAST 0.02f

HIPFX_FN light_px tilt_window(const struct hipfx_tilt_args *a, int x, int y, float variance)
{
    const float exponent = hipfx_divide(-0.72134752f, hipfx_max(variance, TILT_LEAST));
    const int reach = variance < TILT_LEAST ? 0 : (int)(4.75f * hipfx_sqrt(variance)) + 1;
    float weights[HIPFX_TILT_REACH + 1], total = 1.0f;
    HIPFX_UNROLL
    for (int i = 1; i <= HIPFX_TILT_REACH; i++) {
        const float weight = hipfx_exp2(hipfx_max(exponent * (float)(i * i), -126.0f));
        weights[i] = i <= reach ? weight : 0.0f;
        total += 2.0f * weights[i];
    }
    light_px sum = 0.0f;
    x += HIPFX_TILT_REACH;
    y += HIPFX_TILT_REACH;
    for (int j = -reach; j <= reach; j++) {
        light_px row = light_load(&a->source, x, y + j);
        HIPFX_UNROLL
        for (int i = 1; i <= HIPFX_TILT_REACH; i++) {
            if (i <= reach)
                row +=
                    (light_load(&a->source, x - i, y + j) + light_load(&a->source, x + i, y + j)) *
                    weights[i];
        }
        sum += row * hipfx_exp2(hipfx_max(exponent * (float)(j * j), -126.0f));
    }
    return sum * hipfx_divide(1.0f, total * total);
}

HIPFX_FN void tilt_near_pixel(const struct hipfx_tilt_args *a, int format, int x, int y)
{
    const float part = tilt_part(a, x, y);
    const float variance = part * part * a->variance;
    if (variance <= TILT_NEAR)
        light_write(&a->frame, &a->sum, format, x, y, tilt_window(a, x, y, variance));
}

/* Each level where it counts: a pixel's first begins the sum, the last ends it. Where sigma is the
 * largest, the last level is all that there is. */
HIPFX_FN void tilt_add_pixel(const struct hipfx_tilt_args *a, int format, int x, int y)
{
    const float part = tilt_part(a, x, y);
    const float variance = part * part * a->variance;
    if (variance <= 1.0f)
        return;
    const float place = hipfx_max(hipfx_log2(variance) * a->per_octave, 0.0f);
    const bool largest = part >= 1.0f;
    const int first = largest ? a->levels : hipfx_min_i((int)place, a->levels - 2);
    const int node = a->level - first;
    if (node < 0 || node > 2)
        return;
    const float t = hipfx_min(place, (float)a->levels) - (float)first; /* Lagrange's polynomials */
    const float w0 = (t - 1.0f) * (t - 2.0f) * 0.5f, w1 = t * (2.0f - t),
                w2 = t * (t - 1.0f) * 0.5f;
    const float weight = largest ? 1.0f : node == 0 ? w0 : node == 1 ? w1 : w2;
    light_px px = light_load(&a->source, x, y) * weight;
    if (node > 0)
        px += light_load(&a->sum, a->sum_left + x, a->sum_top + y);
    if (largest || node == 2)
        light_write(&a->frame, &a->sum, format, x, y, px);
    else
        light_store(&a->sum, a->sum_left + x, a->sum_top + y, px);
}

enum { TILT_NEAR_PIXELS, TILT_ADD };

HIPFX_FN void tilt_pixel(const struct hipfx_tilt_args *a, int what, int format, int x, int y)
{
    if (what == TILT_NEAR_PIXELS)
        tilt_near_pixel(a, format, x, y);
    else
        tilt_add_pixel(a, format, x, y);
}

/* A part of a strip at its edge may lie beyond what is wanted of the frame. */
HIPFX_FN bool tilt_is_wanted(const struct hipfx_tilt_args *a, int left, int top, int right,
                             int bottom)
{
    return hipfx_live_has(&a->live.map, (struct hipfx_rect){a->left + left, a->top + top,
                                                            a->left + right, a->top + bottom});
}

/* The same instructions for all pixels: from level to level a pixel must round alike, or its first
 * and its last would not be told apart. */
#define TILT_ONE_BY_ONE _Pragma("clang loop unroll(disable) vectorize(disable)")

#if HIPFX_GPU

HIPFX_FN void tilt_block(const struct hipfx_tilt_args *a, int what, int format)
{
    enum { across = 32, down = HIPFX_BLOCK / across };
    const int x = hipfx_block_x() * across + hipfx_thread() % across;
    const int top = hipfx_block_y() * HIPFX_LIGHT_ROWS + hipfx_thread() / across;
    const int left = hipfx_block_x() * across, block_top = hipfx_block_y() * HIPFX_LIGHT_ROWS;
    if (!tilt_is_wanted(a, left, block_top, hipfx_min_i(left + across, a->width),
                        hipfx_min_i(block_top + HIPFX_LIGHT_ROWS, a->height)))
        return;
    TILT_ONE_BY_ONE
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
    if (!tilt_is_wanted(a, a->live.first, row_begin, a->width, row_end))
        return;
    for (int y = row_begin; y < row_end; y++) {
        TILT_ONE_BY_ONE
        for (int x = a->live.first; x < a->width; x++)
            tilt_pixel(a, what, format, x, y);
    }
}

#define TILT_KERNEL(name, what, format)                                                            \
    HIPFX_KERNEL_ROWS(name, struct hipfx_tilt_args, a, row_begin, row_end)                         \
    {                                                                                              \
        tilt_rows(a, what, format, row_begin, row_end);                                            \
    }

#endif

TILT_KERNEL(tilt_near_rgba8, TILT_NEAR_PIXELS, HIPFX_PIXEL_RGBA8_SRGB)
TILT_KERNEL(tilt_near_rgba16f, TILT_NEAR_PIXELS, HIPFX_PIXEL_RGBA16F)
TILT_KERNEL(tilt_add_rgba8, TILT_ADD, HIPFX_PIXEL_RGBA8_SRGB)
TILT_KERNEL(tilt_add_rgba16f, TILT_ADD, HIPFX_PIXEL_RGBA16F)
