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

/* In sRGB's curved part, encoded + 0.055 is 1.055 times light's 2.4th root: that of premultiplied
 * colour is that of straight colour times alpha's. So codes of 8 bits become straight, and
 * premultiplied again, by one power for all channels, without going by way of light. */
struct hipfx_coverage {
    float code, per_code; /* of alpha, 0..255, and its reciprocal */
    float root;           /* of alpha */
    float line;           /* codes per_code up to this are straight colour already */
};

/* Opaque pixels among others have straight colour already: white must stay white. */
HIPFX_FN struct hipfx_coverage hipfx_coverage_of(uint32_t rgba)
{
    struct hipfx_coverage coverage;
    coverage.code = hipfx_byte(rgba, 3);
    coverage.root = /* the constant: log2(255) / 2.4 */
        hipfx_exp2(hipfx_log2(coverage.code) * (1.0f / 2.4f) - 3.3309806f);
    const bool is_opaque = rgba >= 0xff000000u;
    coverage.per_code = is_opaque ? 1.0f / 255.0f : hipfx_divide(1.0f, coverage.code);
    coverage.line = is_opaque ? 1.0f : 0.04045f;
    return coverage;
}

/* A channel's code as straight encoded colour, limited to its coverage. Codes 0..10 are light in
 * the straight part, with roots of their own (1.055 times that of code / (255 * 12.92), whence the
 * constant), and may be in the curved one as straight colour. */
HIPFX_FN float hipfx_straight_of_code(float code, struct hipfx_coverage coverage)
{
    const float line = code * coverage.per_code;
    const float power = hipfx_exp2(hipfx_log2(code) * (1.0f / 2.4f) - 4.79187684f);
    const float root = code > 10.5f ? code * (1.0f / 255.0f) + 0.055f : power;
    const float curve = hipfx_saturate(root * hipfx_divide(1.0f, coverage.root) - 0.055f);
    return line > coverage.line ? curve : line;
}

/* Back, of 0..1, for hipfx_code. Where it goes from the curved part into the straight one, a
 * polynomial, fitted, in how far the root is below the curve's end is added, which leaves an error
 * of 0.001 of a code. */
HIPFX_FN float hipfx_code_of_straight(float encoded, struct hipfx_coverage coverage)
{
    const float curve = encoded * (coverage.root * 255.0f) +
                        (coverage.root * (255.0f * 0.055f) + (HIPFX_ROUND - 255.0f * 0.055f));
    const float below =
        hipfx_saturate((0.04045f + 0.055f) - coverage.root * 0.055f - encoded * coverage.root);
    float p = (-12938.6104f * below + -1777.66485f) * below + 1871.59344f;
    p = p * below + -4.04161341f;
    const float line = encoded * coverage.code + HIPFX_ROUND;
    return encoded > 0.04045f ? p * below + curve : line;
}

/* Straight colour in the encoded domain, 1 being white, and coverage as it is. Where there is none,
 * colour is any. `is_srgb`: of 8 bits and opaque, so that its codes are that already. */
HIPFX_FN struct hipfx_px hipfx_decode_srgb(int format, bool is_srgb, uint64_t raw)
{
    const uint32_t rgba = (uint32_t)raw;
    struct hipfx_px px;
    if (is_srgb) {
        px.r = hipfx_byte(rgba, 0) * (1.0f / 255.0f);
        px.g = hipfx_byte(rgba, 1) * (1.0f / 255.0f);
        px.b = hipfx_byte(rgba, 2) * (1.0f / 255.0f);
        px.a = hipfx_decode_alpha(rgba);
    } else if (format == HIPFX_PIXEL_RGBA8_SRGB) {
        const struct hipfx_coverage coverage = hipfx_coverage_of(rgba);
        px.r = hipfx_straight_of_code(hipfx_byte(rgba, 0), coverage);
        px.g = hipfx_straight_of_code(hipfx_byte(rgba, 1), coverage);
        px.b = hipfx_straight_of_code(hipfx_byte(rgba, 2), coverage);
        px.a = hipfx_decode_alpha(rgba);
    } else {
        px = hipfx_decode(format, raw);
        const float per_alpha = px.a > 0.0f ? hipfx_divide(1.0f, px.a) : 0.0f;
        px.r = hipfx_srgb_from_light(px.r * per_alpha);
        px.g = hipfx_srgb_from_light(px.g * per_alpha);
        px.b = hipfx_srgb_from_light(px.b * per_alpha);
    }
    return px;
}

/* Colour back, with the coverage of the pixel that it was: `raw`. Where that has none,
 * hipfx_keep_uncovered must follow. */
HIPFX_FN uint64_t hipfx_encode_srgb(int format, bool is_srgb, struct hipfx_px px, uint64_t raw)
{
    if (format != HIPFX_PIXEL_RGBA8_SRGB)
        return hipfx_encode_half(hipfx_light_from_srgb(px.r) * px.a) |
               hipfx_encode_half(hipfx_light_from_srgb(px.g) * px.a) << 16 |
               hipfx_encode_half(hipfx_light_from_srgb(px.b) * px.a) << 32 |
               (raw & 0xffff000000000000u);
    float r = hipfx_saturate(px.r), g = hipfx_saturate(px.g), b = hipfx_saturate(px.b);
    if (is_srgb) {
        r = r * 255.0f + HIPFX_ROUND;
        g = g * 255.0f + HIPFX_ROUND;
        b = b * 255.0f + HIPFX_ROUND;
        return hipfx_pack_bytes(hipfx_code(r), hipfx_code(g), hipfx_code(b), 255);
    }
    const struct hipfx_coverage coverage = hipfx_coverage_of((uint32_t)raw);
    r = hipfx_code_of_straight(r, coverage);
    g = hipfx_code_of_straight(g, coverage);
    b = hipfx_code_of_straight(b, coverage);
    return hipfx_pack_bytes(hipfx_code(r), hipfx_code(g), hipfx_code(b), (uint32_t)raw >> 24);
}

/* Light without coverage has no straight colour: it is left as it is. */
HIPFX_FN uint64_t hipfx_keep_uncovered(int format, uint64_t encoded, uint64_t raw)
{
    if (format == HIPFX_PIXEL_RGBA8_SRGB)
        return (uint32_t)raw >> 24 ? encoded : raw;
    return hipfx_half_to_float((unsigned short)(raw >> 48)) > 0.0f ? encoded : raw;
}

#if HIPFX_GPU
/* Of a group of 8 bits: whether all of its pixels are opaque, and whether any has coverage. */
HIPFX_FN bool hipfx_group_is_opaque(int format, hipfx_group group)
{
    return format == HIPFX_PIXEL_RGBA8_SRGB &&
           (group.x & group.y & group.z & group.w) >= 0xff000000u;
}

HIPFX_FN bool hipfx_group_is_covered(int format, hipfx_group group)
{
    return format != HIPFX_PIXEL_RGBA8_SRGB ||
           (group.x | group.y | group.z | group.w) >= 0x01000000u;
}
#else
/* Whether all pixels of a part of a row are of 8 bits and opaque, or without coverage, as they are
 * but at soft edges: then their codes are straight encoded colour. */
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
