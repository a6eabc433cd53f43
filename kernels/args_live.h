/* What of a kernel's work is wanted where only the device knows it: a source's mask lies there, and
 * its effect is wanted in the rectangle around all that it reaches. Part of args.h. */
#pragma once

#include "kernels/frame.h"

/* Of the columns or rows that a kernel makes, those that the frame's from `begin` up to `end` are
 * made of: from begin * scale - before up to end * scale + after. */
struct hipfx_live_axis {
    float scale, before, after;
};

/* On the CPU columns are left out by as many. */
#define HIPFX_LIVE_ALIGN 64

struct hipfx_live {
    const struct hipfx_rect *box; /* of the frame, in device memory; NULL: all is wanted */
    struct hipfx_live_axis x, y;
    int32_t turned; /* 1: the columns are made for the frame's rows, the rows for its columns */
    int32_t first;  /* column to make: found on the CPU when the kernel begins, which takes the
                       `width` down, too; 0 for the host and on GPUs */
};
