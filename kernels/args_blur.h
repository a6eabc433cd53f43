/* The kernels of the Gaussian blur. Part of args.h. */
#pragma once

#include "kernels/args_live.h"

#define HIPFX_BLUR_ROWS   8
#define HIPFX_BLUR_SLICES 4

/* From the picture, between, and to the picture. gaussian_blur.hip has them for the CPU,
 * gaussian_blur_gpu.hip for GPUs. */
#define HIPFX_BLUR_KERNELS(F)                                                                      \
    F(blur_in_rgba8, struct hipfx_blur_args, HIPFX_BLOCK, HIPFX_BLUR_ROWS)                         \
    F(blur_in_rgba16f, struct hipfx_blur_args, HIPFX_BLOCK, HIPFX_BLUR_ROWS)                       \
    F(blur_light, struct hipfx_blur_args, HIPFX_BLOCK, HIPFX_BLUR_ROWS)                            \
    F(blur_out_rgba8, struct hipfx_blur_args, HIPFX_BLOCK, HIPFX_BLUR_ROWS)                        \
    F(blur_out_rgba16f, struct hipfx_blur_args, HIPFX_BLOCK, HIPFX_BLUR_ROWS)

/* What lies beyond the frame's edges. */
enum hipfx_edge {
    HIPFX_EDGE_CLAMP = 0, /* the edge's pixels go on */
    HIPFX_EDGE_MIRROR,    /* the picture again, turned over at the edge */
    HIPFX_EDGE_TRANSPARENT,
};

/* Linear light in float: each pixel's r, g, b, a together. */
struct hipfx_light {
    float *data;   /* aligned to 16 bytes; row y starts at data + y * pitch * 4 */
    int32_t pitch; /* pixels from a row to the next */
};

/* A pass makes rows, each of a window over the source's rows: row r's is centred where
 * ((2 * r + 1) * num - den) / (2 * den) is the number of a source row. Numbers may be negative. */
struct hipfx_blur_args {
    int32_t width, height; /* columns, and rows to make */
    struct hipfx_live live;
    int32_t first; /* the first row to make */
    int32_t num, den;
    int32_t low, high; /* rows that the source has: before `low` and from `high` on, `edge` tells */
    int32_t begin, stored;      /* the first of those that lie in memory, and how many do */
    int32_t edge;               /* enum hipfx_edge */
    int32_t turned;             /* 1: (x, y) is written to (y, x) */
    int32_t slices;             /* of a block on a GPU, which the window is shared out to: 1 or
                                   HIPFX_BLUR_SLICES */
    float radius;               /* source rows further away are not in the window */
    float exponent;             /* a row at distance d counts 2^(exponent * d * d) */
    struct hipfx_frame frame;   /* the picture, for the passes that read or write it */
    struct hipfx_light in, out; /* what is not the picture */
};
