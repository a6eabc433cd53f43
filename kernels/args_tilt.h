/* The kernels of `tilt_shift`. Part of args.h. */
#pragma once

#include "kernels/args_light.h"

#define HIPFX_TILT_KERNELS(F)                                                                      \
    F(tilt_begin_rgba8, struct hipfx_tilt_args, 32, HIPFX_LIGHT_ROWS)                              \
    F(tilt_begin_rgba16f, struct hipfx_tilt_args, 32, HIPFX_LIGHT_ROWS)                            \
    F(tilt_add, struct hipfx_tilt_args, 32, HIPFX_LIGHT_ROWS)                                      \
    F(tilt_end_rgba8, struct hipfx_tilt_args, 32, HIPFX_LIGHT_ROWS)                                \
    F(tilt_end_rgba16f, struct hipfx_tilt_args, 32, HIPFX_LIGHT_ROWS)

/* The distance from the focus, in pixels, is away + across * x + down * y. */
struct hipfx_tilt_args {
    int32_t width, height;
    struct hipfx_live live;
    int32_t left, top;         /* of what is made, in the picture */
    int32_t sum_left, sum_top; /* and in `sum` */
    int32_t level, levels;     /* the one that is added, of 0 to `levels` */
    float away, across, down;
    float half_px;                  /* of the focus */
    float per_px;                   /* 1 / the distance in which sigma grows to its largest */
    float variances;                /* the largest variance, in those of level 2 */
    struct hipfx_frame frame;       /* begin: the picture; end: the result */
    struct hipfx_light level_light; /* add: as much of the level as is made */
    struct hipfx_light sum;
};
