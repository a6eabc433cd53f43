/* Pixels in device code: how they are stored and the linear light that effects work in. Part of
 * device.h. */
#pragma once

/* Linear light, premultiplied by alpha. */
struct hipfx_px {
    float r, g, b, a;
};

/* sRGB's transfer function, IEC 61966-2-1, of a whole code 0..255 to linear light 0..1. The curved
 * part is a polynomial fitted over the codes: at most 0.001 of a code off. */
HIPFX_FN float hipfx_srgb_decode(float code)
{
    float t = code * code;
    float even =
        ((-1.48764865e-15f * t + -1.85233709e-10f) * t + 7.48411796e-06f) * t + 0.000854648372f;
    float odd =
        ((1.43333180e-18f * t + 6.69513155e-13f) * t + 5.10876335e-08f) * t + 0.000138295576f;
    float p = odd * code + even;
    return code > 10.5f ? p : code * (1.0f / (255.0f * 12.92f));
}

/* The nearest code to 0..255, in the low byte; a GPU leaves other bits in those above. Adding 2^23
 * rounds and leaves the integer in the low bits: a conversion would be a slow instruction there. */
#if HIPFX_GPU
#define HIPFX_ROUND 0.0f
HIPFX_FN uint32_t hipfx_code(float v)
{
    return (uint32_t)hipfx_float_bits(v + 8388608.0f);
}
#else
#define HIPFX_ROUND 0.5f /* must have been added */
HIPFX_FN uint32_t hipfx_code(float v)
{
    return (uint32_t)(int)v;
}

HIPFX_FN uint32_t hipfx_pack_bytes(uint32_t b0, uint32_t b1, uint32_t b2, uint32_t b3)
{
    return b0 | b1 << 8 | b2 << 16 | b3 << 24;
}
#endif

/* Its inverse: linear light to the nearest code; outside 0..1 is clamped, NaN is 0. */
HIPFX_FN uint32_t hipfx_srgb_encode(float v)
{
    v = hipfx_saturate(v);
    float curve = hipfx_exp2(hipfx_log2(v) * (1.0f / 2.4f)); /* at 0 it is not chosen below */
    curve = curve * (255.0f * 1.055f) + (HIPFX_ROUND - 255.0f * 0.055f);
    float line = v * (255.0f * 12.92f) + HIPFX_ROUND;
    return hipfx_code(v > 0.0031308f ? curve : line);
}

/* sRGB's codes and alpha's as light. A GPU looks codes up: what a pixel costs must stay below what
 * its bytes cost. */
#if HIPFX_GPU
HIPFX_SHARED float hipfx_light_of_code[256];

/* All threads of the block call this before any of them decodes 8-bit pixels. */
HIPFX_FN void hipfx_decode_prepare(int format)
{
    if (format != HIPFX_PIXEL_RGBA8_SRGB)
        return;
    for (int code = hipfx_thread(); code < 256; code += HIPFX_BLOCK)
        hipfx_light_of_code[code] = hipfx_srgb_decode((float)code);
    hipfx_barrier();
}

HIPFX_FN float hipfx_decode_code(uint32_t code)
{
    return hipfx_light_of_code[code];
}
#else
HIPFX_FN float hipfx_decode_code(uint32_t code)
{
    return hipfx_srgb_decode((float)(int)code);
}
#endif

HIPFX_FN float hipfx_decode_alpha(uint32_t rgba)
{
    return hipfx_byte(rgba, 3) * (1.0f / 255.0f);
}

/* Half to float and back, rounding to nearest even. Without instructions for it a call per value
 * would keep the compiler from making vector code, so then it is done on the bits: F. Giesen,
 * "half.cpp" (half_to_float_fast4, float_to_half_fast3_rtne), in the public domain. */
#if HIPFX_GPU || defined(__F16C__) || !defined(__x86_64__)
HIPFX_FN float hipfx_half_to_float(unsigned short bits)
{
    _Float16 h;
    __builtin_memcpy(&h, &bits, sizeof(h));
    return (float)h;
}

HIPFX_FN unsigned short hipfx_float_to_half(float v)
{
    _Float16 h = (_Float16)v;
    unsigned short bits;
    __builtin_memcpy(&bits, &h, sizeof(bits));
    return bits;
}
#else
HIPFX_FN float hipfx_half_to_float(unsigned short bits)
{
    int shifted = (bits & 0x7fff) << 13;
    int exponent = shifted & 0x0f800000;
    float normal = hipfx_bits_float(shifted + (112 << 23));
    float special = hipfx_bits_float(shifted + (224 << 23));
    float subnormal = hipfx_bits_float(shifted + (113 << 23)) - hipfx_bits_float(113 << 23);
    float v = exponent == 0x0f800000 ? special : exponent == 0 ? subnormal : normal;
    return hipfx_bits_float(hipfx_float_bits(v) | (int)((unsigned)(bits & 0x8000) << 16));
}

HIPFX_FN unsigned short hipfx_float_to_half(float v)
{
    int all = hipfx_float_bits(v);
    int bits = all & 0x7fffffff;
    int special = bits > 0x7f800000 ? 0x7e00 : 0x7c00;
    int subnormal = hipfx_float_bits(hipfx_bits_float(bits) + 0.5f) - 0x3f000000;
    int normal = (bits - (112 << 23) + 0xfff + ((bits >> 13) & 1)) >> 13;
    int half = bits >= (143 << 23) ? special : bits < (113 << 23) ? subnormal : normal;
    return (unsigned short)(half | ((all >> 16) & 0x8000));
}
#endif

/* A pixel as it is stored, 32 or 64 bits wide, for those that are handed on unchanged. `format` is
 * a constant wherever these are called, so the branches on it vanish. */
HIPFX_FN uint64_t hipfx_load(const struct hipfx_frame *frame, int format, int x, int y)
{
    const HIPFX_GLOBAL char *row =
        (const HIPFX_GLOBAL char *)frame->data + hipfx_row_offset(frame, y);
    if (format == HIPFX_PIXEL_RGBA8_SRGB)
        return ((const HIPFX_GLOBAL uint32_t *)row)[x];
    return ((const HIPFX_GLOBAL uint64_t *)row)[x];
}

HIPFX_FN void hipfx_store(const struct hipfx_frame *frame, int format, int x, int y, uint64_t raw)
{
    HIPFX_GLOBAL char *row = (HIPFX_GLOBAL char *)frame->data + hipfx_row_offset(frame, y);
    if (format == HIPFX_PIXEL_RGBA8_SRGB)
        ((HIPFX_GLOBAL uint32_t *)row)[x] = (uint32_t)raw;
    else
        ((HIPFX_GLOBAL uint64_t *)row)[x] = raw;
}

/* The same for kernels of effects that are `direct`: the frame may be a surface. */
HIPFX_FN uint64_t hipfx_direct_load(const struct hipfx_frame *frame, int format, int x, int y)
{
#ifdef HIPFX_SURFACES
    if (frame->surface)
        return hipfx_surface_load(frame, format, x, y);
#endif
    return hipfx_load(frame, format, x, y);
}

HIPFX_FN void hipfx_direct_store(const struct hipfx_frame *frame, int format, int x, int y,
                                 uint64_t raw)
{
#ifdef HIPFX_SURFACES
    if (frame->surface) {
        hipfx_surface_store(frame, format, x, y, raw);
        return;
    }
#endif
    hipfx_store(frame, format, x, y, raw);
}

HIPFX_FN struct hipfx_px hipfx_decode(int format, uint64_t raw)
{
    struct hipfx_px px;
    if (format == HIPFX_PIXEL_RGBA8_SRGB) {
        uint32_t rgba = (uint32_t)raw;
        px.r = hipfx_decode_code(rgba & 255);
        px.g = hipfx_decode_code(rgba >> 8 & 255);
        px.b = hipfx_decode_code(rgba >> 16 & 255);
        px.a = hipfx_decode_alpha(rgba);
    } else {
        px.r = hipfx_half_to_float((unsigned short)raw);
        px.g = hipfx_half_to_float((unsigned short)(raw >> 16));
        px.b = hipfx_half_to_float((unsigned short)(raw >> 32));
        px.a = hipfx_half_to_float((unsigned short)(raw >> 48));
    }
    return px;
}

/* Light beyond the largest half becomes the largest half: an infinity would spread in what comes
 * after. NaN stays. */
HIPFX_FN uint64_t hipfx_encode_half(float v)
{
    v = v < -65504.0f ? -65504.0f : v;
    v = v > 65504.0f ? 65504.0f : v;
    return hipfx_float_to_half(v);
}

HIPFX_FN uint64_t hipfx_encode(int format, struct hipfx_px px)
{
    if (format == HIPFX_PIXEL_RGBA8_SRGB) {
        uint32_t alpha = hipfx_code(hipfx_saturate(px.a) * 255.0f + HIPFX_ROUND);
        return hipfx_pack_bytes(hipfx_srgb_encode(px.r), hipfx_srgb_encode(px.g),
                                hipfx_srgb_encode(px.b), alpha);
    }
    return hipfx_encode_half(px.r) | hipfx_encode_half(px.g) << 16 | hipfx_encode_half(px.b) << 32 |
           hipfx_encode_half(px.a) << 48;
}

/* The same for colour whose coverage is still that of the pixel that it was, `raw`. */
HIPFX_FN uint64_t hipfx_encode_colour(int format, struct hipfx_px px, uint64_t raw)
{
    if (format == HIPFX_PIXEL_RGBA8_SRGB)
        return hipfx_pack_bytes(hipfx_srgb_encode(px.r), hipfx_srgb_encode(px.g),
                                hipfx_srgb_encode(px.b), (uint32_t)raw >> 24);
    return hipfx_encode(format, px);
}
