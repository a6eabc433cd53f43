/* The kernels that make linear light of a picture, and sums of its pixels. Part of args.h. */
#pragma once

#include "kernels/args_blur.h"

#define HIPFX_LIGHT_ROWS 16

#define HIPFX_LIGHT_KERNELS(F)                                                                     \
    F(light_rgba8, struct hipfx_light_args, 32, HIPFX_LIGHT_ROWS)                                  \
    F(light_rgba16f, struct hipfx_light_args, 32, HIPFX_LIGHT_ROWS)                                \
    F(taps_light, struct hipfx_taps_args, 32, HIPFX_LIGHT_ROWS)                                    \
    F(taps_rgba8, struct hipfx_taps_args, 32, HIPFX_LIGHT_ROWS)                                    \
    F(taps_rgba16f, struct hipfx_taps_args, 32, HIPFX_LIGHT_ROWS)

/* A picture and what lies around it. */
struct hipfx_light_args {
    int32_t width, height;
    struct hipfx_live live;
    int32_t left, top; /* of what is made, in the picture; may lie outside */
    int32_t edge;      /* enum hipfx_edge */
    struct hipfx_frame frame;
    struct hipfx_light out;
};

#define HIPFX_TAPS_MAX 240 /* a line of 57 points between four pixels each has 228 */

struct hipfx_tap {
    int16_t x, y;
    float weight;
};

/* Each pixel is a sum over the same places around it. */
struct hipfx_taps_args {
    int32_t width, height;
    struct hipfx_live live;
    int32_t left, top; /* of what is made, in `in`, which has all that the taps reach */
    int32_t count;
    struct hipfx_frame frame; /* the result, or */
    struct hipfx_light in, out;
    struct hipfx_tap taps[HIPFX_TAPS_MAX];
};
