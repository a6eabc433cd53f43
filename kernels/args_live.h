/* What of a kernel's work is wanted where an effect is wanted in parts of the frame only. Part of
 * args.h. */
#pragma once

#include "kernels/frame.h"

/* A source's mask lies on the device, which alone knows where it leaves anything of the effect: in
 * some of the frame's tiles of this many pixels. */
#define HIPFX_LIVE_COLUMNS 64
#define HIPFX_LIVE_ROWS    32

/* Outside of what is wanted pixels need not be written, nor those computed that only they are made
 * of. */
struct hipfx_live_map {
    int32_t width, height;  /* of the frame; 0: all is wanted */
    struct hipfx_rect hole; /* of the frame: nothing in it is wanted */

    /* In device memory: for each tile, how many are wanted of those up to its row and its column,
     * both included; so whether any in a rectangle is takes four numbers (F. C. Crow, "Summed-Area
     * Tables for Texture Mapping", SIGGRAPH 1984). NULL: all are. */
    const uint32_t *sums;
};

/* Of the frame's columns or rows, those for which a kernel makes its own from `begin` up to `end`:
 * from begin * scale - before up to end * scale + after. */
struct hipfx_live_axis {
    float scale, before, after;
};

/* On the CPU as many columns are made or left out together. What is left over of a row by whole
 * vectors is computed in other code, which may round otherwise: so it is the same that all of the
 * row would leave. */
#define HIPFX_LIVE_ALIGN 64

struct hipfx_live {
    struct hipfx_live_map map;
    struct hipfx_live_axis x, y;
    int32_t turned;  /* 1: the columns are made for the frame's rows, the rows for its columns */
    int32_t sharing; /* threads of a GPU's block that make a column together; 0: each its own */
    int32_t first;   /* column to make: found on the CPU when the kernel begins, which takes the
                        `width` down, too; 0 for the host and on GPUs */
};
