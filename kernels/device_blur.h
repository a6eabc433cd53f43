/* What the blur's kernels for the CPU and for GPUs share. */
#pragma once

#include "kernels/device.h"

enum { BLUR_LIGHT = HIPFX_PIXEL_NONE }; /* in place of a picture's format */

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

/* The row that stands for row y of those from `low` up to `high`. */
HIPFX_FN int blur_inside(int edge, int low, int high, int y)
{
    if (y >= low && y < high)
        return y;
    if (edge == HIPFX_EDGE_MIRROR) {
        const int count = high - low, period = 2 * count;
        int at = (y - low) % period;
        at = at < 0 ? at + period : at;
        return low + (at < count ? at : period - 1 - at);
    }
    return hipfx_clamp_i(y, low, high - 1);
}

/* Where a row's window is centred: at source row whole + part, 0 <= part < 1. In whole numbers as
 * long as possible: a float would lose, far from the first row, what moves the picture visibly. */
struct blur_place {
    int whole;
    float part;
};

HIPFX_FN struct blur_place blur_place(const struct hipfx_blur_args *a, int row)
{
    const int at = (2 * row + 1) * a->num - a->den, unit = 2 * a->den;
    int whole = at / unit;
    whole -= whole * unit > at ? 1 : 0;
    return (struct blur_place){whole, (float)(at - whole * unit) / (float)unit};
}

/* The first and the last source row in a window. */
HIPFX_FN int blur_first(const struct hipfx_blur_args *a, struct blur_place place)
{
    return place.whole - (int)(a->radius - place.part);
}

HIPFX_FN int blur_last(const struct hipfx_blur_args *a, struct blur_place place)
{
    return place.whole + (int)(a->radius + place.part);
}

/* Weights are divided by the sum of the window's afterwards. */
HIPFX_FN float blur_weight(const struct hipfx_blur_args *a, struct blur_place place, int y)
{
    const float away = (float)(y - place.whole) - place.part;
    const float weight = hipfx_exp2(hipfx_max(a->exponent * away * away, -126.0f));
    return hipfx_abs(away) <= a->radius ? weight : 0.0f;
}

/* What a weight counts for the picture: a transparent row adds to the sum of weights only. */
HIPFX_FN float blur_shown(const struct hipfx_blur_args *a, float weight, int y)
{
    const bool gone = a->edge == HIPFX_EDGE_TRANSPARENT && (y < a->low || y >= a->high);
    return gone ? 0.0f : weight;
}
