/* The kernels of `pixelate`. Part of args.h. */
#pragma once

#include "kernels/args_live.h"

#define HIPFX_PIXELATE_ROWS 16

#define HIPFX_PIXELATE_KERNELS(F)                                                                  \
    F(pixelate_sum_rgba8, struct hipfx_pixelate_args, HIPFX_BLOCK, 1)                              \
    F(pixelate_sum_rgba16f, struct hipfx_pixelate_args, HIPFX_BLOCK, 1)                            \
    F(pixelate_mean_rgba8, struct hipfx_pixelate_args, HIPFX_BLOCK, 1)                             \
    F(pixelate_mean_rgba16f, struct hipfx_pixelate_args, HIPFX_BLOCK, 1)                           \
    F(pixelate_fill_rgba8, struct hipfx_pixelate_args, 128, HIPFX_PIXELATE_ROWS)                   \
    F(pixelate_fill_rgba16f, struct hipfx_pixelate_args, 64, HIPFX_PIXELATE_ROWS)

/* A row of the frame is cut up in parts of at most this many pixels, whose sums are added up
 * afterwards. */
#define HIPFX_PIXELATE_PART 64

/* Lengths and places are in units of 1 / HIPFX_PIXELATE_UNITS of a pixel, in which a pixel's centre
 * is a whole number. */
#define HIPFX_PIXELATE_UNITS 16

/* Cells lie in rows: number `column` of row r is centred at (left + column * across, top + r *
 * down), hexagons in odd rows half of `across` further. */
struct hipfx_pixelate_args {
    int32_t width, height; /* sum: parts, and rows of cells times their rows of pixels; mean: cells;
                              fill: pixels */
    struct hipfx_live live;
    int32_t hexagon;                 /* 1, or 0: rectangles */
    int32_t left, top, across, down; /* units; `across` is even */
    int32_t first_row, first_column; /* of the cells that are made */
    int32_t columns;                 /* of them in a row */
    int32_t parts;                   /* of a cell's row of pixels */
    int32_t cell_rows;               /* rows of pixels that a cell may have */
    int32_t lanes;                   /* mean, on a GPU: threads of a cell, 1 or HIPFX_BLOCK */
    int32_t fill_left, fill_top;     /* of the pixels to fill */
    struct hipfx_frame frame;        /* sum: the whole picture; fill: the part to fill */
    float *sums;                     /* r, g, b, a of each part */
    uint64_t *means;                 /* each cell's, as the frame stores a pixel */
};
