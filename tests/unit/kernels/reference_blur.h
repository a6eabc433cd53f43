/* What the blurs must give, in double and by the shortest way from the definition, written apart
 * from the kernels. */
#pragma once

#include "kernels/args.h"
#include "tests/unit/kernels/picture.h"

/* The index of a row of `size` that stands at i, wherever that is; -1: nothing does. */
int reference_inside(enum hipfx_edge edge, int i, int size);

/* A pixel anywhere in the plane. */
struct light reference_pixel(const struct picture *in, enum hipfx_edge edge, int x, int y);

/* One pixel of the Gaussian, sampled at whole pixels. */
struct light reference_blur_at(const struct picture *in, double sigma, enum hipfx_edge edge, int x,
                               int y);

/* All pixels, row after row; the caller frees it. */
struct light *reference_blur(const struct picture *in, double sigma, enum hipfx_edge edge);
