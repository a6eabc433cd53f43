/* The kernels of `color`. Part of args.h. */
#pragma once

#include "kernels/args_live.h"

#define HIPFX_COLOR_ROWS 32

#define HIPFX_COLOR_KERNELS(F)                                                                     \
    F(color_rgba8, struct hipfx_color_args, 64, HIPFX_COLOR_ROWS)                                  \
    F(color_rgba16f, struct hipfx_color_args, 32, HIPFX_COLOR_ROWS)                                \
    F(color_contrast_rgba8, struct hipfx_color_args, 64, HIPFX_COLOR_ROWS)                         \
    F(color_contrast_rgba16f, struct hipfx_color_args, 32, HIPFX_COLOR_ROWS)

struct hipfx_color_args {
    int32_t width, height;
    struct hipfx_live live;
    struct hipfx_frame in, out;
    float gain;       /* 2^EV */
    float contrast;   /* the power, above 0; 1: none */
    float saturation; /* 1: none */
};
