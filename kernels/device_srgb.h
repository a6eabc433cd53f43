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

/* Colour in the encoded domain, 1 being white, and coverage as it is. */
HIPFX_FN struct hipfx_px hipfx_decode_srgb(int format, uint64_t raw)
{
    struct hipfx_px px;
    if (format == HIPFX_PIXEL_RGBA8_SRGB) {
        const uint32_t rgba = (uint32_t)raw;
        px.r = hipfx_byte(rgba, 0) * (1.0f / 255.0f);
        px.g = hipfx_byte(rgba, 1) * (1.0f / 255.0f);
        px.b = hipfx_byte(rgba, 2) * (1.0f / 255.0f);
        px.a = hipfx_decode_alpha(rgba);
        return px;
    }
    px = hipfx_decode(format, raw);
    px.r = hipfx_srgb_from_light(px.r);
    px.g = hipfx_srgb_from_light(px.g);
    px.b = hipfx_srgb_from_light(px.b);
    return px;
}

HIPFX_FN uint32_t hipfx_encode_code(float encoded)
{
    return hipfx_code(hipfx_saturate(encoded) * 255.0f + HIPFX_ROUND);
}

/* Colour back, with the coverage of the pixel that it was: `raw`. */
HIPFX_FN uint64_t hipfx_encode_srgb(int format, struct hipfx_px px, uint64_t raw)
{
    if (format == HIPFX_PIXEL_RGBA8_SRGB)
        return hipfx_pack_bytes(hipfx_encode_code(px.r), hipfx_encode_code(px.g),
                                hipfx_encode_code(px.b), (uint32_t)raw >> 24);
    return hipfx_encode_half(hipfx_light_from_srgb(px.r)) |
           hipfx_encode_half(hipfx_light_from_srgb(px.g)) << 16 |
           hipfx_encode_half(hipfx_light_from_srgb(px.b)) << 32 | (raw & 0xffff000000000000u);
}
