/* Noise and what rests on it, in double, from the definitions; see reference.h. */
#pragma once

#include "kernels/effect.h"
#include "picture.h"

/* pcg3d of Jarzynski and Olano, 2020. */
struct noise {
    uint32_t v[3];
};

struct noise reference_noise(uint32_t x, uint32_t y, uint32_t z);

/* sRGB's transfer function, beyond 0..1 too: mirrored below 0, and its power going on above 1. */
double reference_srgb_from_light(double light);
double reference_light_from_srgb(double encoded);

/* Light of that coverage, of a straight colour; in a picture of bytes it does not exceed it. */
double reference_covered_light(const struct picture *in, double encoded, double alpha);

struct light reference_film_grain(const struct picture *in, const struct hipfx_values *values,
                                  double time_s, int x, int y);

/* A channel's level before it is rounded down, and with which sign. The pixel has coverage. */
struct dithered {
    double level, sign;
};

struct dithered reference_dither(const struct picture *in, const struct hipfx_values *values,
                                 double time_s, int x, int y, int channel);
