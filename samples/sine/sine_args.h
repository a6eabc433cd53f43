/* The kernel's argument, shared by the host and device code. */
#pragma once

#include "kernels/args_live.h"

struct sine_args {
    int32_t width, height;  /* threads: one for each vertex of the grid */
    struct hipfx_live live; /* no box: all of it */
    float *heights;         /* width * height, row by row */
    float time_s;
};
