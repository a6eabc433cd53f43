/* What the blur's kernels for the CPU and for GPUs share. */
#pragma once

#include "kernels/device.h"

/* A NaN would spread over its whole surroundings and stay there: it is taken as 0, and an infinity
 * as the largest half. On the bits: a comparison of floats that come from halves is made one of
 * halves by the compiler, and that one value at a time. */
HIPFX_FN uint64_t blur_finite(uint64_t raw, int shift)
{
    unsigned bits = (unsigned)(raw >> shift) & 0xffff, size = bits & 0x7fff;
    bits = size > 0x7c00 ? 0 : size == 0x7c00 ? bits - 1 : bits;
    return (uint64_t)bits << shift;
}

HIPFX_FN uint64_t blur_all_finite(uint64_t raw)
{
    return blur_finite(raw, 0) | blur_finite(raw, 16) | blur_finite(raw, 32) | blur_finite(raw, 48);
}

HIPFX_FN struct hipfx_px blur_load(const struct hipfx_frame *in, int format, int x, int y)
{
    uint64_t raw = hipfx_load(in, format, x, y);
    if (format == HIPFX_PIXEL_RGBA16F)
        raw = blur_all_finite(raw);
    return hipfx_decode(format, raw);
}
