/* The kernels that copy frames on GPUs. Part of args.h. */
#pragma once

#include "kernels/args_live.h"

#define HIPFX_COPY_ROWS 32

#define HIPFX_COPY_KERNELS(F)                                                                      \
    F(copy_rgba8, struct hipfx_copy_args, 64, HIPFX_COPY_ROWS)                                     \
    F(copy_rgba16f, struct hipfx_copy_args, 32, HIPFX_COPY_ROWS)

struct hipfx_copy_args {
    int32_t width, height;
    struct hipfx_live live;
    struct hipfx_frame in, out;
};
