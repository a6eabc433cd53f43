/* The kernels and their arguments, shared by the host (C17) and device code. */
#pragma once

#include "kernels/frame.h"

/* Threads of a block on a GPU, and the rows that a block works on. */
#define HIPFX_BLOCK      128
#define HIPFX_COLOR_ROWS 16
#define HIPFX_LINE_ROWS  64
#define HIPFX_WARP_ROWS  32
#define HIPFX_BLUR_ROWS  8

/* The kernels: their names, the type of their one argument, and the part of the argument's width x
 * height that a block on a GPU works on. The effects' host code names them HIPFX_KERNEL_x. */
#define HIPFX_PIXEL_KERNELS(F)                                                                     \
    F(color_rgba8, struct hipfx_color_args, 128, HIPFX_COLOR_ROWS)                                 \
    F(color_rgba16f, struct hipfx_color_args, 64, HIPFX_COLOR_ROWS)                                \
    F(color_contrast_rgba8, struct hipfx_color_args, 128, HIPFX_COLOR_ROWS)                        \
    F(color_contrast_rgba16f, struct hipfx_color_args, 64, HIPFX_COLOR_ROWS)                       \
    F(wave_line_rgba8, struct hipfx_wave_args, 32, HIPFX_LINE_ROWS)                                \
    F(wave_line_rgba16f, struct hipfx_wave_args, 16, HIPFX_LINE_ROWS)                              \
    F(wave_warp_rgba8, struct hipfx_wave_args, HIPFX_BLOCK, HIPFX_WARP_ROWS)                       \
    F(wave_warp_rgba16f, struct hipfx_wave_args, HIPFX_BLOCK, HIPFX_WARP_ROWS)

/* The blur's order of work differs too much to share kernels: gaussian_blur.hip, for the CPU, and
 * gaussian_blur_gpu.hip. */
#define HIPFX_BLUR_CPU_KERNELS(F)                                                                  \
    F(blur_fold_rgba8, struct hipfx_blur_fold_args, 1, 1)                                          \
    F(blur_fold_rgba16f, struct hipfx_blur_fold_args, 1, 1)                                        \
    F(blur_rows, struct hipfx_blur_rows_args, 1, 1)                                                \
    F(blur_unfold_rgba8, struct hipfx_blur_unfold_args, 1, 1)                                      \
    F(blur_unfold_rgba16f, struct hipfx_blur_unfold_args, 1, 1)

#define HIPFX_BLUR_GPU_KERNELS(F)                                                                  \
    F(blur_down_rgba8, struct hipfx_blur_pass_args, HIPFX_BLOCK, HIPFX_BLUR_ROWS)                  \
    F(blur_down_rgba16f, struct hipfx_blur_pass_args, HIPFX_BLOCK, HIPFX_BLUR_ROWS)                \
    F(blur_down_light, struct hipfx_blur_pass_args, HIPFX_BLOCK, HIPFX_BLUR_ROWS)                  \
    F(blur_up_light, struct hipfx_blur_pass_args, HIPFX_BLOCK, HIPFX_BLUR_ROWS)                    \
    F(blur_up_rgba8, struct hipfx_blur_pass_args, HIPFX_BLOCK, HIPFX_BLUR_ROWS)                    \
    F(blur_up_rgba16f, struct hipfx_blur_pass_args, HIPFX_BLOCK, HIPFX_BLUR_ROWS)

#define HIPFX_CPU_KERNELS(F) HIPFX_PIXEL_KERNELS(F) HIPFX_BLUR_CPU_KERNELS(F)
#define HIPFX_GPU_KERNELS(F) HIPFX_PIXEL_KERNELS(F) HIPFX_BLUR_GPU_KERNELS(F)

/* In each struct, width and height are what there is to make: one thing for each (x, y). */

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

/* The blur's tables hold one side of a symmetrical window. Sigma 100 needs 451. */
#define HIPFX_BLUR_TABLE 456

/* On the CPU the picture lies in float planes between the blur's kernels: row after row, each with
 * its planes r, g, b, a of `plane` floats, the picture's first column at `pad`. */
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

/* On a GPU, too, but each pixel's r, g, b, a together. */
struct hipfx_light {
    float *data;   /* aligned to 16 bytes; row y starts at data + y * pitch * 4 */
    int32_t pitch; /* pixels from a row to the next */
};

/* A pass goes down the columns; what it writes it may turn by a quarter, so that the next goes
 * along the rows. Coarse row c stands for the fine rows around (c - margin) * step. */
#define HIPFX_BLUR_STEPS  64
#define HIPFX_BLUR_SLICES 4

struct hipfx_blur_pass_args {
    int32_t width, height; /* columns, and the rows to make */
    int32_t rows;          /* that there are */
    int32_t turned;        /* 1: (x, y) is written to (y, x) */
    int32_t step, margin, radius;
    int32_t slices; /* of a block, which the window is shared out to: 1 or HIPFX_BLUR_SLICES */
    struct hipfx_frame frame;   /* the picture, for the passes that read or write it */
    struct hipfx_light in, out; /* what is not the picture */
    float weights[HIPFX_BLUR_TABLE];
    float scale[HIPFX_BLUR_STEPS]; /* up: of the window of a row at each phase of the step */
};
