/* What the blur's kernels for the CPU and for GPUs share. */
#pragma once

#include "kernels/device.h"

/* A NaN would spread over its whole surroundings and stay there: it is taken as 0, and an infinity
 * as the largest half. */
#if HIPFX_GPU
HIPFX_FN float blur_finite(float v)
{
    return v == v ? hipfx_clamp(v, -65504.0f, 65504.0f) : 0.0f;
}

HIPFX_FN struct hipfx_px blur_decode(int format, uint64_t raw)
{
    struct hipfx_px px = hipfx_decode(format, raw);
    if (format == HIPFX_PIXEL_RGBA16F) {
        px.r = blur_finite(px.r);
        px.g = blur_finite(px.g);
        px.b = blur_finite(px.b);
        px.a = blur_finite(px.a);
    }
    return px;
}
#else
/* On the bits: a comparison of floats that come from halves is made one of halves by the compiler,
 * and that one value at a time. */
HIPFX_FN uint64_t blur_finite(uint64_t raw, int shift)
{
    unsigned bits = (unsigned)(raw >> shift) & 0xffff, size = bits & 0x7fff;
    bits = size > 0x7c00 ? 0 : size == 0x7c00 ? bits - 1 : bits;
    return (uint64_t)bits << shift;
}

HIPFX_FN struct hipfx_px blur_decode(int format, uint64_t raw)
{
    if (format == HIPFX_PIXEL_RGBA16F)
        raw = blur_finite(raw, 0) | blur_finite(raw, 16) | blur_finite(raw, 32) |
              blur_finite(raw, 48);
    return hipfx_decode(format, raw);
}
#endif

HIPFX_FN struct hipfx_px blur_load(const struct hipfx_frame *in, int format, int x, int y)
{
    return blur_decode(format, hipfx_load(in, format, x, y));
}
