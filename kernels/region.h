/* Where in the frame an effect works, and how much of it is mixed in: the same for all effects.
 *
 * The mask is 1 inside of the shape and 0 outside. Its edge is a ramp, `feather_px` wide and
 * centred on the shape's outline, in the form of smoothstep; it is never narrower than a pixel, so
 * that a shape moves smoothly. Through a bar of a thickness, at a depth below one of its sides, the
 * mask is s(depth) + s(thickness - depth) - 1, s being the ramp of one side: so it fades away with
 * the thickness. A rectangle's mask is the product of two such bars. In an ellipse the thickness is
 * the smaller diameter, and the depth is the distance to the outline to first order (G. Taubin,
 * "Distance Approximations for Rasterizing Implicit Curves", ACM Transactions on Graphics 13(1),
 * 1994), but no more than the depth in its box, so that the mask ends where the box does.
 *
 * Pure logic: no HIP, no OBS. */
#pragma once

#include "kernels/args_region.h"

#include <stdbool.h>

#define HIPFX_AREA_ALIGN 16

/* Values out of range are brought in. All zero, but for a mix of 1, is the whole effect. */
struct hipfx_region {
    enum hipfx_region_form form;
    double x, y, width, height; /* of the rectangle: fractions of the frame's size */
    double feather_px;          /* of a source's alpha: four times the sigma of a Gaussian */
    bool invert;
    double mix; /* 0..1: how much of the effect there is where the mask is 1 */
};

#define HIPFX_REGION_FEATHER_MAX_PX 2000.0

/* What a region comes to in a frame of a size. */
struct hipfx_reach {
    struct hipfx_rect area; /* all that the mask reaches, `left` a multiple of HIPFX_AREA_ALIGN;
                               empty (all 0): nothing, and the result is the input. Of a source,
                               of which nothing is known here: all of the frame */
    struct hipfx_rect hole; /* of the area: nothing of the effect; empty unless inverted */
    bool whole;             /* the result is the effect's, all over */

    /* The mask, where the two do not say all of it. */
    enum hipfx_region_form form;
    double center_x, center_y, radius_x, radius_y; /* pixels, radii > 0; of no shape: 0 */
    double ramp_px; /* the edge's width: at least 1 for a shape, at least 0 for a source */
    bool invert;
    double mix;
};

struct hipfx_reach hipfx_region_reach(const struct hipfx_region *region, int width_px,
                                      int height_px);
bool hipfx_reach_is_empty(const struct hipfx_reach *reach);
