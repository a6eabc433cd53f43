/* The kernels that blend an effect's result into its input, and that find what a mask reaches. Part
 * of args.h. */
#pragma once

#include "kernels/args_live.h"

#define HIPFX_REGION_ROWS 16

#define HIPFX_REGION_KERNELS(F)                                                                    \
    F(region_rgba8, struct hipfx_region_args, 128, HIPFX_REGION_ROWS)                              \
    F(region_rgba16f, struct hipfx_region_args, 64, HIPFX_REGION_ROWS)                             \
    F(mask_tiles_rgba8, struct hipfx_mask_args, 1, 1)                                              \
    F(mask_tiles_rgba16f, struct hipfx_mask_args, 1, 1)                                            \
    F(mask_sums, struct hipfx_mask_args, 1, 1)

enum hipfx_region_form {
    HIPFX_REGION_FRAME = 0, /* everywhere */
    HIPFX_REGION_RECTANGLE,
    HIPFX_REGION_ELLIPSE, /* the largest in the rectangle */
    HIPFX_REGION_SOURCE,  /* the alpha of another picture */
    HIPFX_REGION_FORMS,
};

struct hipfx_region_args {
    int32_t width, height;
    struct hipfx_live live;
    struct hipfx_frame in, out; /* `out` holds the effect's result within the area */
    struct hipfx_frame mask;    /* HIPFX_REGION_SOURCE: of the same size and format */
    struct hipfx_rect area;     /* outside of it the input is what comes out */
    struct hipfx_live_map map;  /* and where it has nothing */
    int32_t form;               /* enum hipfx_region_form */
    float center_x, center_y;   /* pixels */
    float radius_x, radius_y;   /* pixels, > 0 */
    float inverse_x, inverse_y; /* 1 / radius */
    float inverse_ramp;         /* 1 / the width of the edge in pixels */
    float mix;                  /* what the mask's 1 stands for */
    int32_t invert;             /* 1: the mask is what is outside */
};

/* The tiles of the frame where a source's mask leaves anything of the effect: a 1 for each first,
 * then their sums. */
struct hipfx_mask_args {
    int32_t width, height; /* tiles; mask_sums: 1, 1 */
    struct hipfx_live live;
    struct hipfx_frame mask;
    uint32_t *sums; /* as a hipfx_live_map has them */
    float mix;
    int32_t invert;
};
