/* The kernels of the disc that blur.h tells of. Part of args.h. */
#pragma once

#include "kernels/args_light.h"

/* Columns of the disc from its middle on, and rows: blur.h's HIPFX_DISC_STEPS, and what rounding a
 * grid's step adds. */
#define HIPFX_DISC_COLUMNS 12

/* Columns that a GPU's threads hand on together: the last ones may lie beyond the disc, and must be
 * numbers even so. */
#define HIPFX_DISC_AT_ONCE 4

/* What a block makes: its outermost threads only have columns that others' discs reach. */
#define HIPFX_DISC_ACROSS (HIPFX_BLOCK - 2 * HIPFX_DISC_COLUMNS)
#define HIPFX_DISC_DOWN   8

#define HIPFX_DISC_KERNELS(F)                                                                      \
    F(disc_light, struct hipfx_disc_args, HIPFX_DISC_ACROSS, HIPFX_DISC_DOWN)                      \
    F(disc_rgba8, struct hipfx_disc_args, HIPFX_DISC_ACROSS, HIPFX_DISC_DOWN)                      \
    F(disc_rgba16f, struct hipfx_disc_args, HIPFX_DISC_ACROSS, HIPFX_DISC_DOWN)

/* Each pixel is the mean over a disc around it. */
struct hipfx_disc_args {
    int32_t width, height;
    struct hipfx_live live;
    int32_t left, top;        /* of what is made, in `in`, which has `reach` pixels around it */
    int32_t reach;            /* HIPFX_DISC_COLUMNS - 1 at most */
    float scale;              /* 1 / the disc's pixels */
    struct hipfx_frame frame; /* the result, or */
    struct hipfx_light in, out;
    float parts[HIPFX_DISC_COLUMNS][HIPFX_DISC_COLUMNS]; /* [y][x]: how much the disc covers of the
                                                            pixel that lies so far from its middle;
                                                            the same on all four sides */
};
