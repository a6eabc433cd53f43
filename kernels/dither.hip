/* Dither: rounds straight colour to few levels, evenly spaced in the sRGB-encoded domain, in such a
 * way that its mean stays. Before rounding down, noise is added to what is counted in levels:
 *   level = floor(v + u0 + m * (u1 - 0.5))
 * with u0 and u1 uniform in 0..1. For m = 1 that is triangular noise, with which the error's
 * variance, too, does not depend on the signal (S. Lipshitz, R. Wannamaker and J. Vanderkooy,
 * "Quantization and Dither: A Theoretical Survey", JAES 40(5), 1992). At black and at white, where
 * half of it would be cut off, m goes down to 0 (M. Gjoel, "Banding in Games", 2016): the mean is
 * exact up to them, black stays black, white white, and nothing is added to a transparent pixel.
 *
 * Ordered, u0 is Bayer's 8x8 matrix and m = 0.
 *
 * Light above white and below black is rounded to the levels that would follow. Coverage stays. */
#include "kernels/device_noise.h"
#include "kernels/device_srgb.h"

/* Of what is not below 0. `u`: two uniform numbers, in the halves of a word. */
HIPFX_FN float dither_level(const struct hipfx_dither_args *a, bool ordered, float encoded,
                            uint32_t u)
{
    float v = encoded * a->levels;
    float noise = hipfx_noise_low(u);
    if (!ordered) {
        float m = hipfx_min(1.0f, 2.0f * hipfx_min(v, hipfx_abs(a->levels - v)));
        noise += m * (hipfx_noise_high(u) - 0.5f);
    }
    return hipfx_floor(v + noise) * a->per_level;
}

HIPFX_FN float dither_round(const struct hipfx_dither_args *a, int format, bool ordered,
                            float encoded, uint32_t u)
{
    if (format == HIPFX_PIXEL_RGBA8_SRGB)
        return dither_level(a, ordered, encoded, u);
    return hipfx_copysign(dither_level(a, ordered, hipfx_abs(encoded), u), encoded);
}

/* Row by row 0 32 8 40 ..., 48 16 56 24 ...: the bits of x ^ y and of y, in turns and backwards. In
 * the low half of a word, as the noise. */
HIPFX_FN uint32_t dither_matrix(uint32_t x, uint32_t y)
{
    uint32_t d = x ^ y;
    uint32_t place =
        (d & 1) << 5 | (y & 1) << 4 | (d & 2) << 2 | (y & 2) << 1 | (d & 4) >> 1 | (y & 4) >> 2;
    return place << 10 | 1u << 9;
}

HIPFX_FN uint64_t dither_pixel(const struct hipfx_dither_args *a, int format, bool ordered,
                               bool is_srgb, uint64_t raw, int x, int y)
{
    const uint32_t at_x = (uint32_t)(a->left + x), at_y = (uint32_t)(a->top + y);
    struct hipfx_noise noise;
    if (ordered)
        noise.x = noise.y = noise.z = dither_matrix(at_x, at_y);
    else
        noise = hipfx_noise(at_x, at_y, a->step);
    struct hipfx_px px = hipfx_decode_srgb(format, is_srgb, raw);
    px.r = dither_round(a, format, ordered, px.r, noise.x);
    px.g = dither_round(a, format, ordered, px.g, noise.y);
    px.b = dither_round(a, format, ordered, px.b, noise.z);
    return hipfx_encode_srgb(format, is_srgb, px, raw);
}

#if HIPFX_GPU

/* `is_opaque` is a constant wherever this is called. */
HIPFX_FN hipfx_group dither_group(const struct hipfx_dither_args *a, int format, bool ordered,
                                  bool is_opaque, hipfx_group group, int x, int y)
{
    HIPFX_UNROLL
    for (int j = 0; j < hipfx_group_pixels(format); j++) {
        const uint64_t raw = hipfx_group_first(group, format);
        const uint64_t out = dither_pixel(a, format, ordered, is_opaque, raw, x + j, y);
        group = hipfx_group_rotate(group, format,
                                   is_opaque ? out : hipfx_keep_uncovered(format, out, raw));
    }
    return group;
}

/* A block's part is 32 groups wide. All that a thread reads is asked for before it waits for any of
 * it. */
HIPFX_FN void dither_block(const struct hipfx_dither_args *a, int format, bool ordered)
{
    enum { across = 32, down = HIPFX_BLOCK / across, times = HIPFX_DITHER_ROWS / down };
    const int pixels = hipfx_group_pixels(format);
    const int x = (hipfx_block_x() * across + hipfx_thread() % across) * pixels;
    const int y = hipfx_block_y() * HIPFX_DITHER_ROWS + hipfx_thread() / across;
    hipfx_group groups[times];
    HIPFX_UNROLL
    for (int i = 0; i < times; i++)
        groups[i] = hipfx_direct_group_load(&a->in, format, x, y + i * down);
    HIPFX_UNROLL
    for (int i = 0; i < times; i++) {
        if (hipfx_group_is_opaque(format, groups[i]))
            groups[i] = dither_group(a, format, ordered, true, groups[i], x, y + i * down);
        else if (hipfx_group_is_covered(format, groups[i]))
            groups[i] = dither_group(a, format, ordered, false, groups[i], x, y + i * down);
        hipfx_direct_group_store(&a->out, format, x, y + i * down, groups[i]);
    }
}

HIPFX_KERNEL_BLOCK(dither_noise_rgba8, struct hipfx_dither_args, a)
{
    dither_block(a, HIPFX_PIXEL_RGBA8_SRGB, false);
}

HIPFX_KERNEL_BLOCK(dither_noise_rgba16f, struct hipfx_dither_args, a)
{
    dither_block(a, HIPFX_PIXEL_RGBA16F, false);
}

HIPFX_KERNEL_BLOCK(dither_ordered_rgba8, struct hipfx_dither_args, a)
{
    dither_block(a, HIPFX_PIXEL_RGBA8_SRGB, true);
}

HIPFX_KERNEL_BLOCK(dither_ordered_rgba16f, struct hipfx_dither_args, a)
{
    dither_block(a, HIPFX_PIXEL_RGBA16F, true);
}

#else

#define DITHER_PART 64

/* `all_srgb` is a constant wherever this is called. */
HIPFX_FN void dither_part(const struct hipfx_dither_args *a, int format, bool ordered,
                          bool all_srgb, int x, int y, int count)
{
    HIPFX_VECTORIZE
    for (int i = 0; i < count; i++) {
        const uint64_t raw = hipfx_direct_load(&a->in, format, x + i, y);
        const uint64_t out = dither_pixel(a, format, ordered, all_srgb, raw, x + i, y);
        hipfx_direct_store(&a->out, format, x + i, y, hipfx_keep_uncovered(format, out, raw));
    }
}

HIPFX_FN void dither_rows(const struct hipfx_dither_args *a, int format, bool ordered,
                          int row_begin, int row_end)
{
    for (int y = row_begin; y < row_end; y++) {
        for (int x = a->live.first; x < a->width; x += DITHER_PART) {
            const int count = hipfx_min_i(DITHER_PART, a->width - x);
            if (hipfx_all_srgb(&a->in, format, x, y, count))
                dither_part(a, format, ordered, true, x, y, count);
            else
                dither_part(a, format, ordered, false, x, y, count);
        }
    }
}

HIPFX_KERNEL_ROWS(dither_noise_rgba8, struct hipfx_dither_args, a, row_begin, row_end)
{
    dither_rows(a, HIPFX_PIXEL_RGBA8_SRGB, false, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(dither_noise_rgba16f, struct hipfx_dither_args, a, row_begin, row_end)
{
    dither_rows(a, HIPFX_PIXEL_RGBA16F, false, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(dither_ordered_rgba8, struct hipfx_dither_args, a, row_begin, row_end)
{
    dither_rows(a, HIPFX_PIXEL_RGBA8_SRGB, true, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(dither_ordered_rgba16f, struct hipfx_dither_args, a, row_begin, row_end)
{
    dither_rows(a, HIPFX_PIXEL_RGBA16F, true, row_begin, row_end);
}

#endif
