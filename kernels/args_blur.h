/* The kernels of the blurs. Part of args.h. */
#pragma once

#include "kernels/frame.h"

#define HIPFX_BLUR_ROWS 8

/* The blur's order of work differs too much to share kernels: gaussian_blur.hip, for the CPU, and
 * gaussian_blur_gpu.hip. */
#define HIPFX_BLUR_CPU_KERNELS(F)                                                                  \
    F(blur_fold_rgba8, struct hipfx_blur_fold_args, 1, 1)                                          \
    F(blur_fold_rgba16f, struct hipfx_blur_fold_args, 1, 1)                                        \
    F(blur_rows, struct hipfx_blur_rows_args, 1, 1)                                                \
    F(blur_unfold_rgba8, struct hipfx_blur_unfold_args, 1, 1)                                      \
    F(blur_unfold_rgba16f, struct hipfx_blur_unfold_args, 1, 1)

#define HIPFX_BLUR_GPU_KERNELS(F)                                                                  \
    F(blur_down_rgba8, struct hipfx_blur_pass_args, HIPFX_BLOCK, HIPFX_BLUR_ROWS)                  \
    F(blur_down_rgba16f, struct hipfx_blur_pass_args, HIPFX_BLOCK, HIPFX_BLUR_ROWS)                \
    F(blur_down_light, struct hipfx_blur_pass_args, HIPFX_BLOCK, HIPFX_BLUR_ROWS)                  \
    F(blur_up_light, struct hipfx_blur_pass_args, HIPFX_BLOCK, HIPFX_BLUR_ROWS)                    \
    F(blur_up_rgba8, struct hipfx_blur_pass_args, HIPFX_BLOCK, HIPFX_BLUR_ROWS)                    \
    F(blur_up_rgba16f, struct hipfx_blur_pass_args, HIPFX_BLOCK, HIPFX_BLUR_ROWS)

/* The blur's tables hold one side of a symmetrical window. Sigma 100 needs 451. */
#define HIPFX_BLUR_TABLE 456

/* On the CPU the picture lies in float planes between the blur's kernels: row after row, each with
 * its planes r, g, b, a of `plane` floats, the picture's first column at `pad`. */
struct hipfx_planes {
    float *data;
    int32_t plane; /* floats from a plane to the next */
    int32_t pad;   /* columns before and at least as many after the picture */
};

/* Coarse row c stands for the fine rows around origin + c * step. */
struct hipfx_blur_fold_args {
    int32_t width, height; /* of `out`: columns and coarse rows */
    struct hipfx_frame in;
    struct hipfx_planes out;
    int32_t step, origin, radius;
    float weights[HIPFX_BLUR_TABLE];
};

struct hipfx_blur_rows_args {
    int32_t width, height;
    struct hipfx_planes in, out;
    int32_t radius;
    float weights[HIPFX_BLUR_TABLE];
};

struct hipfx_blur_unfold_args {
    int32_t width, height; /* of the picture */
    struct hipfx_planes in;
    struct hipfx_frame out;
    int32_t step, radius;
    int32_t margin; /* coarse row `margin` stands at fine row 0 */
    int32_t taps;   /* coarse rows that a row is made of */
    float weights[HIPFX_BLUR_TABLE];
};

/* On a GPU, too, but each pixel's r, g, b, a together. */
struct hipfx_light {
    float *data;   /* aligned to 16 bytes; row y starts at data + y * pitch * 4 */
    int32_t pitch; /* pixels from a row to the next */
};

/* A pass goes down the columns; what it writes it may turn by a quarter, so that the next goes
 * along the rows. Coarse row c stands for the fine rows around (c - margin) * step. */
#define HIPFX_BLUR_STEPS  64
#define HIPFX_BLUR_SLICES 4

struct hipfx_blur_pass_args {
    int32_t width, height; /* columns, and the rows to make */
    int32_t rows;          /* that there are */
    int32_t turned;        /* 1: (x, y) is written to (y, x) */
    int32_t step, margin, radius;
    int32_t slices; /* of a block, which the window is shared out to: 1 or HIPFX_BLUR_SLICES */
    struct hipfx_frame frame;   /* the picture, for the passes that read or write it */
    struct hipfx_light in, out; /* what is not the picture */
    float weights[HIPFX_BLUR_TABLE];
    float scale[HIPFX_BLUR_STEPS]; /* up: of the window of a row at each phase of the step */
};
