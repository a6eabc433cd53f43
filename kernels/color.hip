/* Exposure, contrast and saturation on straight colour in linear light. */
#include "kernels/device.h"

/* 0.18 * (v / 0.18)^contrast from the logarithm of v to base 2: middle grey stays. */
HIPFX_FN float color_power_exponent(const struct hipfx_color_args *a, float log2_v)
{
    const float log2_grey = -2.47393119f; /* log2(0.18) */
    return log2_v * a->contrast + log2_grey * (1.0f - a->contrast);
}

/* A negative value keeps its sign. From bytes come no negative values, and none so small or large
 * that its power would not be a normal float. */
HIPFX_FN float color_contrast(const struct hipfx_color_args *a, int format, float v)
{
    if (format == HIPFX_PIXEL_RGBA8_SRGB)
        return v > 0.0f ? hipfx_exp2(color_power_exponent(a, hipfx_log2(v))) : 0.0f;
    float size = hipfx_abs(v);
    float exponent = hipfx_clamp(color_power_exponent(a, hipfx_log2(size)), -126.0f, 127.0f);
    return hipfx_copysign(size > 1e-30f ? hipfx_exp2(exponent) : 0.0f, v);
}

/* Straight colour with exposure and contrast, and alpha as it was. */
HIPFX_FN struct hipfx_px color_expose(const struct hipfx_color_args *a, int format, bool contrast,
                                      uint64_t raw)
{
    struct hipfx_px px = hipfx_decode(format, raw);
    float scale = hipfx_divide(a->gain, px.a);
    px.r *= scale;
    px.g *= scale;
    px.b *= scale;
    if (contrast) {
        px.r = color_contrast(a, format, px.r);
        px.g = color_contrast(a, format, px.g);
        px.b = color_contrast(a, format, px.b);
    }
    return px;
}

HIPFX_FN float color_limit(int format, float v)
{
    return format == HIPFX_PIXEL_RGBA8_SRGB ? hipfx_saturate(v) : v;
}

HIPFX_FN uint64_t color_saturate(const struct hipfx_color_args *a, int format, struct hipfx_px px,
                                 uint64_t raw)
{
    float grey = (0.2126f * px.r + 0.7152f * px.g + 0.0722f * px.b) * (1.0f - a->saturation);
    struct hipfx_px out;
    out.r = color_limit(format, px.r * a->saturation + grey) * px.a;
    out.g = color_limit(format, px.g * a->saturation + grey) * px.a;
    out.b = color_limit(format, px.b * a->saturation + grey) * px.a;
    out.a = px.a;
    uint64_t encoded = hipfx_encode_colour(format, out, raw);
    /* Light without coverage has no straight colour: it is left as it is. */
    return px.a > 0.0f ? encoded : raw;
}

#if HIPFX_GPU

/* With contrast, four logarithms and three powers of each 8-bit pixel would take longer than its
 * bytes do. There are 256 codes: the powers of their light are looked up. Black's is 0, whatever
 * the exponent. */
HIPFX_SHARED float color_power_of_code[256];

HIPFX_FN void color_prepare(const struct hipfx_color_args *a, int format, bool contrast)
{
    if (!contrast || format != HIPFX_PIXEL_RGBA8_SRGB) {
        hipfx_decode_prepare(format);
        return;
    }
    for (int code = hipfx_thread(); code < 256; code += HIPFX_BLOCK) {
        float log2_light = hipfx_log2(hipfx_srgb_decode((float)code));
        color_power_of_code[code] = code == 0 ? 0.0f : hipfx_exp2(log2_light * a->contrast);
    }
    hipfx_barrier();
}

HIPFX_FN struct hipfx_px color_expose_codes(const struct hipfx_color_args *a, uint32_t rgba)
{
    struct hipfx_px px;
    px.a = hipfx_decode_alpha(rgba);
    float scale = hipfx_exp2(color_power_exponent(a, hipfx_log2(a->gain) - hipfx_log2(px.a)));
    px.r = color_power_of_code[rgba & 255] * scale;
    px.g = color_power_of_code[rgba >> 8 & 255] * scale;
    px.b = color_power_of_code[rgba >> 16 & 255] * scale;
    return px;
}

HIPFX_FN hipfx_group color_group(const struct hipfx_color_args *a, int format, bool contrast,
                                 hipfx_group group)
{
    HIPFX_UNROLL
    for (int i = 0; i < hipfx_group_pixels(format); i++) {
        uint64_t raw = hipfx_group_first(group, format);
        struct hipfx_px px = contrast && format == HIPFX_PIXEL_RGBA8_SRGB
                                 ? color_expose_codes(a, (uint32_t)raw)
                                 : color_expose(a, format, contrast, raw);
        group = hipfx_group_rotate(group, format, color_saturate(a, format, px, raw));
    }
    return group;
}

/* A block's part is as copy.hip's. All that a thread reads is asked for before it waits for any of
 * it. */
HIPFX_FN void color_block(const struct hipfx_color_args *a, int format, bool contrast)
{
    enum { across = 16, down = HIPFX_BLOCK / across, times = HIPFX_COLOR_ROWS / down };
    const int x = (hipfx_block_x() * across + hipfx_thread() % across) * hipfx_group_pixels(format);
    const int y = hipfx_block_y() * HIPFX_COLOR_ROWS + hipfx_thread() / across;
    hipfx_group groups[times];
    HIPFX_UNROLL
    for (int i = 0; i < times; i++)
        groups[i] = hipfx_direct_group_load(&a->in, format, x, y + i * down);
    color_prepare(a, format, contrast);
    HIPFX_UNROLL
    for (int i = 0; i < times; i++)
        hipfx_direct_group_store(&a->out, format, x, y + i * down,
                                 color_group(a, format, contrast, groups[i]));
}

HIPFX_KERNEL_BLOCK(color_rgba8, struct hipfx_color_args, a)
{
    color_block(a, HIPFX_PIXEL_RGBA8_SRGB, false);
}

HIPFX_KERNEL_BLOCK(color_rgba16f, struct hipfx_color_args, a)
{
    color_block(a, HIPFX_PIXEL_RGBA16F, false);
}

HIPFX_KERNEL_BLOCK(color_contrast_rgba8, struct hipfx_color_args, a)
{
    color_block(a, HIPFX_PIXEL_RGBA8_SRGB, true);
}

HIPFX_KERNEL_BLOCK(color_contrast_rgba16f, struct hipfx_color_args, a)
{
    color_block(a, HIPFX_PIXEL_RGBA16F, true);
}

#else

HIPFX_FN void color_pixel(const struct hipfx_color_args *a, int format, bool contrast, int x, int y)
{
    uint64_t raw = hipfx_direct_load(&a->in, format, x, y);
    struct hipfx_px px = color_expose(a, format, contrast, raw);
    hipfx_direct_store(&a->out, format, x, y, color_saturate(a, format, px, raw));
}

HIPFX_KERNEL_2D(color_rgba8, struct hipfx_color_args, a, x, y)
{
    color_pixel(a, HIPFX_PIXEL_RGBA8_SRGB, false, x, y);
}

HIPFX_KERNEL_2D(color_rgba16f, struct hipfx_color_args, a, x, y)
{
    color_pixel(a, HIPFX_PIXEL_RGBA16F, false, x, y);
}

HIPFX_KERNEL_2D(color_contrast_rgba8, struct hipfx_color_args, a, x, y)
{
    color_pixel(a, HIPFX_PIXEL_RGBA8_SRGB, true, x, y);
}

HIPFX_KERNEL_2D(color_contrast_rgba16f, struct hipfx_color_args, a, x, y)
{
    color_pixel(a, HIPFX_PIXEL_RGBA16F, true, x, y);
}

#endif
