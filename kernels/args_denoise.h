/* The kernels of `denoise`. Part of args.h. */
#pragma once

#include "kernels/args_live.h"

#define HIPFX_DENOISE_TIME_ROWS 16

/* Lanes 0 and 31 of each 32 have no neighbour on one side. */
#define HIPFX_DENOISE_COLUMNS 30
#define HIPFX_DENOISE_ROWS    8 /* of a thread; a block has four times as many */

#define HIPFX_DENOISE_KERNELS(F)                                                                   \
    F(denoise_time_rgba8, struct hipfx_denoise_args, HIPFX_BLOCK, HIPFX_DENOISE_TIME_ROWS)         \
    F(denoise_time_rgba16f, struct hipfx_denoise_args, HIPFX_BLOCK, HIPFX_DENOISE_TIME_ROWS)       \
    F(denoise_near_rgba8, struct hipfx_denoise_args, HIPFX_DENOISE_COLUMNS,                        \
      4 * HIPFX_DENOISE_ROWS)                                                                      \
    F(denoise_near_rgba16f, struct hipfx_denoise_args, HIPFX_DENOISE_COLUMNS,                      \
      4 * HIPFX_DENOISE_ROWS)                                                                      \
    F(denoise_near_mean, struct hipfx_denoise_args, HIPFX_DENOISE_COLUMNS, 4 * HIPFX_DENOISE_ROWS) \
    F(denoise_far_rgba8, struct hipfx_denoise_args, HIPFX_DENOISE_COLUMNS, 4 * HIPFX_DENOISE_ROWS) \
    F(denoise_far_rgba16f, struct hipfx_denoise_args, HIPFX_DENOISE_COLUMNS, 4 * HIPFX_DENOISE_ROWS)

/* The pixels that a pixel is compared with lie in steps of 1, near, or 3, far. */
#define HIPFX_DENOISE_SEARCH   2 /* steps on each side */
#define HIPFX_DENOISE_FAR_STEP 3
#define HIPFX_DENOISE_FAR_REACH                                                                    \
    (HIPFX_DENOISE_SEARCH * HIPFX_DENOISE_FAR_STEP + 1) /* with the patch */

/* Patches are alike by the squares of their differences, weighted by 16 in all, in each of three
 * colours. Noise of variance s^2 alone gives a difference a variance of 2 s^2: up to there the
 * weight is 1, and from 8 s^2 on it is 0. The sum is counted in what lies between: */
#define HIPFX_DENOISE_PATCH_SQUARES (16.0 * 3.0 * (8.0 - 2.0))
#define HIPFX_DENOISE_PATCH_START   (8.0f / (8.0f - 2.0f))

/* Pixels on their way: r, g, b in stabilised codes and the number of frames that they are worth, 0:
 * none. Row y of the frame starts at data + y * pitch * 4; there, a GPU has each pixel's four
 * together, the CPU `pitch` of each. */
struct hipfx_denoise_codes {
    float *data;
    int32_t pitch;
};

struct hipfx_denoise_args {
    int32_t width, height; /* of what is made: `made`, `near_made` or `area` */
    struct hipfx_live live;
    struct hipfx_frame in, out;
    struct hipfx_denoise_codes before, now; /* the frames' mean */
    struct hipfx_denoise_codes near;        /* what the near search makes */
    struct hipfx_rect known;                /* what `before` has */
    struct hipfx_rect made;                 /* what `now` is to have, or has */
    struct hipfx_rect near_made;            /* what `near` is to have, or has: a part of `made` */
    struct hipfx_rect area;                 /* what is written of `out`: a part of `near_made` */
    int32_t averaged;                       /* 1: the mean is what is searched, 0: `in` */
    int32_t shown;                          /* 1: the mean is the result: written to `out` */
    float per_noise;                        /* 1 / noise, in codes */
    float least_gain;                       /* 1 / the most frames that a mean is worth */
    float per_patch;                        /* 1 / (HIPFX_DENOISE_PATCH_SQUARES * noise^2) */
    float strength;                         /* of what the searches say, 0..1 */
};
