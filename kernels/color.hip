/* Exposure, contrast and saturation on straight colour in linear light. */
#include "kernels/device.h"

#include "kernels/args.h"

/* 0.18 * (v / 0.18)^contrast: middle grey stays, and a negative value keeps its sign. From bytes
 * come no negative values, and none so small or large that its power would not be a normal float.
 */
HIPFX_FN float color_contrast(const struct hipfx_color_args *a, int format, float v)
{
    const float log2_grey = -2.47393119f; /* log2(0.18) */
    const float offset = log2_grey * (1.0f - a->contrast);
    if (format == HIPFX_PIXEL_RGBA8_SRGB)
        return v > 0.0f ? hipfx_exp2(hipfx_log2(v) * a->contrast + offset) : a->at_zero;
    float size = hipfx_abs(v);
    float exponent = hipfx_clamp(hipfx_log2(size) * a->contrast + offset, -126.0f, 127.0f);
    return hipfx_copysign(size > 1e-30f ? hipfx_exp2(exponent) : a->at_zero, v);
}

HIPFX_FN float color_limit(int format, float v)
{
    return format == HIPFX_PIXEL_RGBA8_SRGB ? hipfx_clamp(v, 0.0f, 1.0f) : v;
}

HIPFX_FN void color_pixel(const struct hipfx_color_args *a, int format, bool contrast, int x, int y)
{
    uint64_t raw = hipfx_load(&a->in, format, x, y);
    struct hipfx_px px = hipfx_decode(format, raw);

    float scale = a->gain / px.a;
    float r = px.r * scale, g = px.g * scale, b = px.b * scale;
    if (contrast) {
        r = color_contrast(a, format, r);
        g = color_contrast(a, format, g);
        b = color_contrast(a, format, b);
    }
    float grey = (0.2126f * r + 0.7152f * g + 0.0722f * b) * (1.0f - a->saturation);
    r = r * a->saturation + grey;
    g = g * a->saturation + grey;
    b = b * a->saturation + grey;

    struct hipfx_px out;
    out.r = color_limit(format, r) * px.a;
    out.g = color_limit(format, g) * px.a;
    out.b = color_limit(format, b) * px.a;
    out.a = px.a;
    /* Light without coverage has no straight colour: it is left as it is. */
    hipfx_store(&a->out, format, x, y, px.a > 0.0f ? hipfx_encode(format, out) : raw);
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
