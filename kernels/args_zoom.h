/* The kernels of `zoom_blur`. Part of args.h. */
#pragma once

#include "kernels/args_light.h"

#define HIPFX_ZOOM_KERNELS(F)                                                                      \
    F(zoom_light, struct hipfx_zoom_args, 32, HIPFX_LIGHT_ROWS)                                    \
    F(zoom_rgba8, struct hipfx_zoom_args, 32, HIPFX_LIGHT_ROWS)                                    \
    F(zoom_rgba16f, struct hipfx_zoom_args, 32, HIPFX_LIGHT_ROWS)

#define HIPFX_ZOOM_POINTS 32

/* The mean of the pixels at some parts of the way to the centre. Columns and rows are the
 * picture's. */
struct hipfx_zoom_args {
    int32_t width, height;
    struct hipfx_live live;
    int32_t left, top;                            /* of what is made */
    int32_t in_left, in_top, in_width, in_height; /* of `in`, beyond which its edge goes on */
    int32_t count;
    float center_x, center_y; /* a column's or row's number, in whole 256ths */
    struct hipfx_frame frame; /* the result, or */
    struct hipfx_light in, out;
    float way[HIPFX_ZOOM_POINTS];   /* -1: at the centre; 0: at the pixel itself */
    float share[HIPFX_ZOOM_POINTS]; /* of the mean */
};
