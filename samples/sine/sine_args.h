/* The kernel's argument, shared by the host and device code. */
#pragma once

#include <stdint.h>

struct sine_args {
    int32_t width, height; /* threads: one for each vertex of the grid */
    float *heights;        /* width * height, row by row */
    float time_s;
};
