/* The kernels and their arguments, shared by the host (C17) and device code. */
#pragma once

#include "kernels/frame.h"

/* Every kernel, with the type of its one argument. The effects' host code names them
 * HIPFX_KERNEL_x. */
#define HIPFX_KERNELS(F)                                                                           \
    F(color_rgba8, struct hipfx_color_args)                                                        \
    F(color_rgba16f, struct hipfx_color_args)                                                      \
    F(color_contrast_rgba8, struct hipfx_color_args)                                               \
    F(color_contrast_rgba16f, struct hipfx_color_args)                                             \
    F(wave_line_rgba8, struct hipfx_wave_args)                                                     \
    F(wave_line_rgba16f, struct hipfx_wave_args)                                                   \
    F(wave_warp_rgba8, struct hipfx_wave_args)                                                     \
    F(wave_warp_rgba16f, struct hipfx_wave_args)                                                   \
    F(blur_fold_rgba8, struct hipfx_blur_fold_args)                                                \
    F(blur_fold_rgba16f, struct hipfx_blur_fold_args)                                              \
    F(blur_rows, struct hipfx_blur_rows_args)                                                      \
    F(blur_unfold_rgba8, struct hipfx_blur_unfold_args)                                            \
    F(blur_unfold_rgba16f, struct hipfx_blur_unfold_args)

/* In each struct, width and height are the number of threads: one for each (x, y). */

struct hipfx_color_args {
    int32_t width, height;
    struct hipfx_frame in, out;
    float gain;       /* 2^EV */
    float contrast;   /* the power; 1: none */
    float at_zero;    /* what the power makes of 0 */
    float saturation; /* 1: none */
};

struct hipfx_wave_args {
    int32_t width, height;
    struct hipfx_frame in, out;
    /* The wave's argument at column x's centre, in half turns: start + x * step. In double, or the
     * wave of a large frame would tremble by visible fractions of a pixel. */
    double half_turns_start, half_turns_step;
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

/* The blur's tables hold one side of a symmetrical window. Sigma 100 needs 451. */
#define HIPFX_BLUR_TABLE 456

/* Between the blur's kernels the picture lies in float planes: row after row, each with its planes
 * r, g, b, a of `plane` floats, the picture's first column at `pad`. */
struct hipfx_planes {
    float *data;
    int32_t plane; /* floats from a plane to the next */
    int32_t pad;   /* columns before and at least as many after the picture */
};

/* Coarse row c stands for the fine rows around origin + c * step. */
struct hipfx_blur_fold_args {
    int32_t width, height; /* of `out`: columns and coarse rows */
    struct hipfx_frame in;
    struct hipfx_planes out;
    int32_t step, origin, radius;
    float weights[HIPFX_BLUR_TABLE];
};

struct hipfx_blur_rows_args {
    int32_t width, height;
    struct hipfx_planes in, out;
    int32_t radius;
    float weights[HIPFX_BLUR_TABLE];
};

struct hipfx_blur_unfold_args {
    int32_t width, height; /* of the picture */
    struct hipfx_planes in;
    struct hipfx_frame out;
    int32_t step, radius;
    int32_t margin; /* coarse row `margin` stands at fine row 0 */
    int32_t taps;   /* coarse rows that a row is made of */
    float weights[HIPFX_BLUR_TABLE];
};
