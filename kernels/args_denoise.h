/* The kernels of `denoise`. Part of args.h. */
#pragma once

#include "kernels/frame.h"

#define HIPFX_DENOISE_TIME_ROWS 16

/* Lanes 0 and 31 of each 32 have no neighbour on one side. */
#define HIPFX_DENOISE_COLUMNS 30
#define HIPFX_DENOISE_ROWS    8 /* of a thread */

#define HIPFX_DENOISE_KERNELS(F)                                                                   \
    F(denoise_time_rgba8, struct hipfx_denoise_args, HIPFX_BLOCK, HIPFX_DENOISE_TIME_ROWS)         \
    F(denoise_time_rgba16f, struct hipfx_denoise_args, HIPFX_BLOCK, HIPFX_DENOISE_TIME_ROWS)       \
    F(denoise_frame_rgba8, struct hipfx_denoise_args, HIPFX_DENOISE_COLUMNS,                       \
      4 * HIPFX_DENOISE_ROWS)                                                                      \
    F(denoise_frame_rgba16f, struct hipfx_denoise_args, HIPFX_DENOISE_COLUMNS,                     \
      4 * HIPFX_DENOISE_ROWS)                                                                      \
    F(denoise_mean_rgba8, struct hipfx_denoise_args, HIPFX_DENOISE_COLUMNS,                        \
      4 * HIPFX_DENOISE_ROWS)                                                                      \
    F(denoise_mean_rgba16f, struct hipfx_denoise_args, HIPFX_DENOISE_COLUMNS,                      \
      4 * HIPFX_DENOISE_ROWS)

/* Patches are alike by the squares of their 27 differences. Noise of variance s^2 alone gives each
 * a variance of 2 s^2: up to there the weight is 1, and from three times as much on it is 0. Their
 * sum is counted in twice that: */
#define HIPFX_DENOISE_PATCH_SQUARES (27.0 * 4.0)

/* The frames' mean: r, g, b in stabilised codes and the number of frames that it is worth, 0: none.
 * Row y of the frame starts at data + y * pitch * 4; there, a GPU has each pixel's four together,
 * the CPU `pitch` of each. */
struct hipfx_denoise_mean {
    float *data;
    int32_t pitch;
};

struct hipfx_denoise_args {
    int32_t width, height; /* of what is made: of `made` over time, of `area` in a frame */
    struct hipfx_frame in, out;
    struct hipfx_denoise_mean before, now;
    struct hipfx_rect known; /* what `before` has */
    struct hipfx_rect made;  /* what `now` is to have, or has */
    struct hipfx_rect area;  /* what is written of `out`: a part of `made` */
    float per_noise;         /* 1 / noise, in codes */
    float least_gain;        /* 1 / the most frames that a mean is worth */
    float per_patch;         /* 1 / (HIPFX_DENOISE_PATCH_SQUARES * noise^2) */
    float strength;          /* of what a frame's neighbourhood says, 0..1 */
    int32_t shows;           /* 1: the mean is the result, and is written to `out` */
};
