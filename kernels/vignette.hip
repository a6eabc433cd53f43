/* A vignette: towards the frame's edge the picture goes over into a colour. In premultiplied linear
 * light, where darkening is a product as it is in a lens. */
#include "kernels/device.h"

/* How much of the colour there is, 0..1: a smoothstep along the distance. */
HIPFX_FN float vignette_share(const struct hipfx_vignette_args *a, int x, int y)
{
    float dx = (float)(a->left + x) + 0.5f - a->middle_x;
    float dy = (float)(a->top + y) + 0.5f - a->middle_y;
    float distance = hipfx_sqrt(a->per_x2 * dx * dx + a->per_y2 * dy * dy);
    float t = hipfx_saturate((distance - a->start) * a->per_distance);
    return t * t * (3.0f - 2.0f * t) * a->amount;
}

HIPFX_FN uint64_t vignette_pixel(const struct hipfx_vignette_args *a, int format, uint64_t raw,
                                 int x, int y)
{
    struct hipfx_px px = hipfx_decode(format, raw);
    float share = vignette_share(a, x, y), keep = 1.0f - share, cover = px.a * share;
    px.r = px.r * keep + a->r * cover;
    px.g = px.g * keep + a->g * cover;
    px.b = px.b * keep + a->b * cover;
    uint64_t encoded = hipfx_encode(format, px);
    return share > 0.0f ? encoded : raw;
}

#if HIPFX_GPU

/* A block's part is 32 groups wide. All that a thread reads is asked for before it waits for any of
 * it. */
HIPFX_FN void vignette_block(const struct hipfx_vignette_args *a, int format)
{
    enum { across = 32, down = HIPFX_BLOCK / across, times = HIPFX_VIGNETTE_ROWS / down };
    const int pixels = hipfx_group_pixels(format);
    const int x = (hipfx_block_x() * across + hipfx_thread() % across) * pixels;
    const int y = hipfx_block_y() * HIPFX_VIGNETTE_ROWS + hipfx_thread() / across;
    hipfx_group groups[times];
    HIPFX_UNROLL
    for (int i = 0; i < times; i++)
        groups[i] = hipfx_direct_group_load(&a->in, format, x, y + i * down);
    hipfx_decode_prepare(format);
    HIPFX_UNROLL
    for (int i = 0; i < times; i++) {
        HIPFX_UNROLL
        for (int j = 0; j < pixels; j++) {
            uint64_t raw = hipfx_group_first(groups[i], format);
            raw = vignette_pixel(a, format, raw, x + j, y + i * down);
            groups[i] = hipfx_group_rotate(groups[i], format, raw);
        }
        hipfx_direct_group_store(&a->out, format, x, y + i * down, groups[i]);
    }
}

HIPFX_KERNEL_BLOCK(vignette_rgba8, struct hipfx_vignette_args, a)
{
    vignette_block(a, HIPFX_PIXEL_RGBA8_SRGB);
}

HIPFX_KERNEL_BLOCK(vignette_rgba16f, struct hipfx_vignette_args, a)
{
    vignette_block(a, HIPFX_PIXEL_RGBA16F);
}

#else

HIPFX_FN void vignette_store(const struct hipfx_vignette_args *a, int format, int x, int y)
{
    uint64_t raw = hipfx_direct_load(&a->in, format, x, y);
    hipfx_direct_store(&a->out, format, x, y, vignette_pixel(a, format, raw, x, y));
}

HIPFX_KERNEL_2D(vignette_rgba8, struct hipfx_vignette_args, a, x, y)
{
    vignette_store(a, HIPFX_PIXEL_RGBA8_SRGB, x, y);
}

HIPFX_KERNEL_2D(vignette_rgba16f, struct hipfx_vignette_args, a, x, y)
{
    vignette_store(a, HIPFX_PIXEL_RGBA16F, x, y);
}

#endif
