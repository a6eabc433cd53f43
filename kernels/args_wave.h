/* The kernels of `sine_wave`. Part of args.h. */
#pragma once

#include "kernels/args_live.h"

#define HIPFX_LINE_ROWS 64

/* By format: an odd number for each of the block's threads that are in a column. */
#define HIPFX_WARP_ROWS_8  120
#define HIPFX_WARP_ROWS_16 144

#define HIPFX_WAVE_KERNELS(F)                                                                      \
    F(wave_line_rgba8, struct hipfx_wave_args, 16, HIPFX_LINE_ROWS)                                \
    F(wave_line_rgba16f, struct hipfx_wave_args, 8, HIPFX_LINE_ROWS)                               \
    F(wave_warp_rgba8, struct hipfx_wave_args, 16, HIPFX_WARP_ROWS_8)                              \
    F(wave_warp_rgba16f, struct hipfx_wave_args, 8, HIPFX_WARP_ROWS_16)

struct hipfx_wave_args {
    int32_t width, height;
    struct hipfx_live live;
    struct hipfx_frame in, out;
    int32_t top; /* the row of `in` that `out` begins with */
    /* The wave's argument at column x's centre: start + x * step, in 2^-64 of a turn, which wraps
     * around where it should. Fewer bits, and the wave of a large frame would tremble by visible
     * fractions of a pixel. */
    uint64_t turn_start, turn_step;
    double middle_px; /* the wave's zero line; for warp: how far it lies below the frame's middle */
    double amplitude_px; /* > 0 */
    float per_px;        /* the argument's growth along x in radians per pixel, > 0 */
    float slope2;        /* square of the steepest slope, (amplitude_px * per_px)^2 */
    float inverse_amplitude;
    float reach_px;   /* a pixel further from the curve than this is not touched by a line */
    float half_px;    /* half the line's thickness */
    int32_t fill;     /* 1: all below the curve, 0: the line */
    float r, g, b, a; /* the colour: linear light, straight; alpha times opacity */
    float opacity;    /* of the warped picture */
};
