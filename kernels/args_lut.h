/* The kernels of `lut`. Part of args.h. */
#pragma once

#include "kernels/args_live.h"

#define HIPFX_LUT_ROWS 32

#define HIPFX_LUT_KERNELS(F)                                                                       \
    F(lut_rgba8, struct hipfx_lut_args, 64, HIPFX_LUT_ROWS)                                        \
    F(lut_rgba16f, struct hipfx_lut_args, 32, HIPFX_LUT_ROWS)

struct hipfx_lut_args {
    int32_t width, height;
    struct hipfx_live live;
    struct hipfx_frame in, out;
    const void *entries; /* in device memory, four of 16 bits each: struct hipfx_lut */
    int32_t size;
    int32_t cube; /* 1: three dimensions, 0: one */
    /* Opaque 8-bit pixels go through the table as they are stored: all of them lie in its domain,
     * and `amount` is 1. */
    int32_t direct;
    float scale[3], offset[3]; /* of encoded colour, to the place along an axis */
    float low[3], step[3];     /* of an entry, to encoded colour */
    float inverse_top[3];      /* of the domain's upper end in linear light */
    float amount;
};
