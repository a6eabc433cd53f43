/* sRGB's transfer function (IEC 61966-2-1) without rounding, for effects whose definition is in the
 * encoded domain. Above 1 its power goes on, and below 0 it is mirrored, as scRGB has it. */
#pragma once

#include "kernels/device.h"

HIPFX_FN float hipfx_srgb_from_light(float light)
{
    float size = hipfx_abs(light);
    float curve = hipfx_exp2(hipfx_log2(size) * (1.0f / 2.4f)) * 1.055f - 0.055f;
    return hipfx_copysign(size > 0.0031308f ? curve : size * 12.92f, light);
}

HIPFX_FN float hipfx_light_from_srgb(float encoded)
{
    float size = hipfx_abs(encoded);
    float curve = hipfx_exp2(hipfx_log2(size * (1.0f / 1.055f) + 0.055f / 1.055f) * 2.4f);
    return hipfx_copysign(size > 0.04045f ? curve : size * (1.0f / 12.92f), encoded);
}

/* A pixel of 8 bits that is opaque, and whose codes are the encoded colour already, or that is
 * transparent, and left as it is. */
HIPFX_FN bool hipfx_is_srgb(int format, uint64_t raw)
{
    return format == HIPFX_PIXEL_RGBA8_SRGB && ((((uint32_t)raw >> 24) + 1) & 254) == 0;
}

/* Of 8 bits, nothing exceeds its coverage. */
HIPFX_FN float hipfx_srgb_limit(int format, float encoded)
{
    return format == HIPFX_PIXEL_RGBA8_SRGB ? hipfx_saturate(encoded) : encoded;
}

/* By arithmetic alone, for blocks that have not prepared a table. */
HIPFX_FN struct hipfx_px hipfx_decode_light(int format, uint64_t raw)
{
    if (format != HIPFX_PIXEL_RGBA8_SRGB)
        return hipfx_decode(format, raw);
    const uint32_t rgba = (uint32_t)raw;
    struct hipfx_px px;
    px.r = hipfx_srgb_decode((float)(int)(rgba & 255));
    px.g = hipfx_srgb_decode((float)(int)(rgba >> 8 & 255));
    px.b = hipfx_srgb_decode((float)(int)(rgba >> 16 & 255));
    px.a = hipfx_decode_alpha(rgba);
    return px;
}

/* Straight colour in the encoded domain, 1 being white, and coverage as it is. `is_srgb` is
 * hipfx_is_srgb of the pixel. */
HIPFX_FN struct hipfx_px hipfx_decode_srgb(int format, bool is_srgb, uint64_t raw)
{
    struct hipfx_px px;
    if (is_srgb) {
        const uint32_t rgba = (uint32_t)raw;
        px.r = hipfx_byte(rgba, 0) * (1.0f / 255.0f);
        px.g = hipfx_byte(rgba, 1) * (1.0f / 255.0f);
        px.b = hipfx_byte(rgba, 2) * (1.0f / 255.0f);
        px.a = hipfx_decode_alpha(rgba);
        return px;
    }
    px = hipfx_decode_light(format, raw);
    const float per_alpha = px.a > 0.0f ? hipfx_divide(1.0f, px.a) : 0.0f;
    px.r = hipfx_srgb_limit(format, hipfx_srgb_from_light(px.r * per_alpha));
    px.g = hipfx_srgb_limit(format, hipfx_srgb_from_light(px.g * per_alpha));
    px.b = hipfx_srgb_limit(format, hipfx_srgb_from_light(px.b * per_alpha));
    return px;
}

HIPFX_FN uint32_t hipfx_encode_code(float encoded)
{
    return hipfx_code(hipfx_saturate(encoded) * 255.0f + HIPFX_ROUND);
}

HIPFX_FN float hipfx_covered_light(int format, float encoded, float alpha)
{
    return hipfx_light_from_srgb(hipfx_srgb_limit(format, encoded)) * alpha;
}

/* Colour back, with the coverage of the pixel that it was: `raw`. Light without coverage has no
 * straight colour: it is left as it is. */
HIPFX_FN uint64_t hipfx_encode_srgb(int format, bool is_srgb, struct hipfx_px px, uint64_t raw)
{
    if (is_srgb) {
        const uint32_t codes = hipfx_pack_bytes(hipfx_encode_code(px.r), hipfx_encode_code(px.g),
                                                hipfx_encode_code(px.b), 255);
        return (uint32_t)raw >> 24 ? codes : raw;
    }
    const float r = hipfx_covered_light(format, px.r, px.a);
    const float g = hipfx_covered_light(format, px.g, px.a);
    const float b = hipfx_covered_light(format, px.b, px.a);
    uint64_t encoded;
    if (format == HIPFX_PIXEL_RGBA8_SRGB)
        encoded = hipfx_pack_bytes(hipfx_srgb_encode(r), hipfx_srgb_encode(g), hipfx_srgb_encode(b),
                                   (uint32_t)raw >> 24);
    else
        encoded = hipfx_encode_half(r) | hipfx_encode_half(g) << 16 | hipfx_encode_half(b) << 32 |
                  (raw & 0xffff000000000000u);
    return px.a > 0.0f ? encoded : raw;
}

#if !HIPFX_GPU
/* Whether hipfx_is_srgb holds for all pixels of a part of a row, as it does but at soft edges: then
 * vector code need not do both. */
HIPFX_FN bool hipfx_all_srgb(const struct hipfx_frame *frame, int format, int x, int y, int count)
{
    uint32_t between = 0;
    if (format != HIPFX_PIXEL_RGBA8_SRGB)
        return false;
    HIPFX_VECTORIZE
    for (int i = 0; i < count; i++)
        between |= (((uint32_t)hipfx_direct_load(frame, format, x + i, y) >> 24) + 1) & 254;
    return between == 0;
}
#endif
