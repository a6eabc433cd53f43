/* The kernels of `tilt_shift`. Part of args.h. */
#pragma once

#include "kernels/args_light.h"

#define HIPFX_TILT_KERNELS(F)                                                                      \
    F(tilt_near_rgba8, struct hipfx_tilt_args, 32, HIPFX_LIGHT_ROWS)                               \
    F(tilt_near_rgba16f, struct hipfx_tilt_args, 32, HIPFX_LIGHT_ROWS)                             \
    F(tilt_add_rgba8, struct hipfx_tilt_args, 32, HIPFX_LIGHT_ROWS)                                \
    F(tilt_add_rgba16f, struct hipfx_tilt_args, 32, HIPFX_LIGHT_ROWS)

/* Of a Gaussian of sigma 1. */
#define HIPFX_TILT_REACH 5

/* The distance from the focus, in pixels, is away + across * x + down * y. */
struct hipfx_tilt_args {
    int32_t width, height;
    struct hipfx_live live;
    int32_t left, top;         /* of what is made, in the picture */
    int32_t sum_left, sum_top; /* and in `sum` */
    int32_t level, levels;     /* the one that is added, of 0 to `levels` */
    float away, across, down;
    float half_px;             /* of the focus */
    float per_px;              /* 1 / the distance in which sigma grows to its largest */
    float variance;            /* the largest, in pixels^2 */
    float per_octave;          /* levels in which the variance doubles */
    struct hipfx_frame frame;  /* the result, as much of it as is made */
    struct hipfx_light source; /* near: the picture, HIPFX_TILT_REACH pixels more on each side; add:
                                  as much of the level as is made */
    struct hipfx_light sum;
};
