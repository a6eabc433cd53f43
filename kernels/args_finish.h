/* The kernels of the finishing effects. Part of args.h. */
#pragma once

#include "kernels/args_live.h"

#define HIPFX_SHARPEN_ROWS    32
#define HIPFX_DEBAND_ROWS     32
#define HIPFX_GRAIN_ROWS      16
#define HIPFX_DITHER_ROWS     16
#define HIPFX_VIGNETTE_ROWS   16
#define HIPFX_ABERRATION_ROWS 32

/* Pixels of a row that a block works on, by format. */
#define HIPFX_DEBAND_WIDE_8  128
#define HIPFX_DEBAND_WIDE_16 64

#define HIPFX_DEBAND_ITERATIONS 4 /* at most */

#define HIPFX_FINISH_KERNELS(F)                                                                    \
    F(sharpen_rgba8, struct hipfx_sharpen_args, 128, HIPFX_SHARPEN_ROWS)                           \
    F(sharpen_rgba16f, struct hipfx_sharpen_args, 128, HIPFX_SHARPEN_ROWS)                         \
    F(deband_rgba8, struct hipfx_deband_args, HIPFX_DEBAND_WIDE_8, HIPFX_DEBAND_ROWS)              \
    F(deband_rgba16f, struct hipfx_deband_args, HIPFX_DEBAND_WIDE_16, HIPFX_DEBAND_ROWS)           \
    F(grain_grey_rgba8, struct hipfx_grain_args, 128, HIPFX_GRAIN_ROWS)                            \
    F(grain_grey_rgba16f, struct hipfx_grain_args, 64, HIPFX_GRAIN_ROWS)                           \
    F(grain_color_rgba8, struct hipfx_grain_args, 128, HIPFX_GRAIN_ROWS)                           \
    F(grain_color_rgba16f, struct hipfx_grain_args, 64, HIPFX_GRAIN_ROWS)                          \
    F(dither_noise_rgba8, struct hipfx_dither_args, 128, HIPFX_DITHER_ROWS)                        \
    F(dither_noise_rgba16f, struct hipfx_dither_args, 64, HIPFX_DITHER_ROWS)                       \
    F(dither_ordered_rgba8, struct hipfx_dither_args, 128, HIPFX_DITHER_ROWS)                      \
    F(dither_ordered_rgba16f, struct hipfx_dither_args, 64, HIPFX_DITHER_ROWS)                     \
    F(vignette_rgba8, struct hipfx_vignette_args, 128, HIPFX_VIGNETTE_ROWS)                        \
    F(vignette_rgba16f, struct hipfx_vignette_args, 64, HIPFX_VIGNETTE_ROWS)                       \
    F(aberration_rgba8, struct hipfx_aberration_args, HIPFX_BLOCK, HIPFX_ABERRATION_ROWS)          \
    F(aberration_rgba16f, struct hipfx_aberration_args, HIPFX_BLOCK, HIPFX_ABERRATION_ROWS)

/* In all of them, width and height are the area's, (left, top) is its place in the frame, and `out`
 * is the area's part of the frame. */
struct hipfx_sharpen_args {
    int32_t width, height;
    struct hipfx_live live;
    int32_t left, top;
    struct hipfx_frame in, out; /* `in`: the whole frame */
    float strength;
};

struct hipfx_deband_args {
    int32_t width, height;
    struct hipfx_live live;
    int32_t left, top;
    struct hipfx_frame in, out; /* `in`: the whole frame */
    uint32_t step;              /* of the noise in time */
    int32_t iterations;
    int32_t range_256; /* of the first iteration, in 1/256 px, at most 32 px */
    float thresholds[HIPFX_DEBAND_ITERATIONS]; /* in codes */
    int32_t quarters[HIPFX_DEBAND_ITERATIONS]; /* the same in quarters of codes, rounded down */
    float grain;                               /* codes, to both sides */
};

struct hipfx_grain_args {
    int32_t width, height;
    struct hipfx_live live;
    int32_t left, top;
    struct hipfx_frame in, out; /* `in`: the area's part, too */
    uint32_t step;              /* of the noise in time */
    float points_per_px;        /* of the noise's lattice, at most 1 */
    float amount;               /* standard deviation; 1: white */
    float response;
    float shared, own; /* parts of the noise that green and blue have in common with red or not;
                          their squares add up to 1 */
};

struct hipfx_dither_args {
    int32_t width, height;
    struct hipfx_live live;
    int32_t left, top;
    struct hipfx_frame in, out; /* `in`: the area's part, too */
    uint32_t step;              /* of the noise in time */
    float levels;               /* from black to white */
    float per_level;
};

struct hipfx_vignette_args {
    int32_t width, height;
    struct hipfx_live live;
    int32_t left, top;
    struct hipfx_frame in, out; /* `in`: the area's part, too */
    float middle_x, middle_y;   /* px in the frame */
    float per_x2, per_y2;       /* distance^2 = per_x2 * dx^2 + per_y2 * dy^2 */
    float start, per_distance;  /* the way from light to dark: (distance - start) * per_distance */
    float amount;
    float r, g, b; /* linear light, straight */
};

struct hipfx_aberration_args {
    int32_t width, height;
    struct hipfx_live live;
    int32_t left, top;
    struct hipfx_frame in, out; /* `in`: the whole frame */
    /* Red at the pixel (x, y) is moved by (x0 + x * per_px, y0 + y * per_px), blue by as much the
     * other way. */
    float x0, y0, per_px;
};
