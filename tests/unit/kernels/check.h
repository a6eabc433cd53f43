/* Checks an effect against its reference on many pictures, with each of the processor's images. */
#pragma once

#include "fixture.h"

/* One pixel of what the effect must make of the picture. The values are the effect's own. */
typedef struct light (*reference_fn)(const struct picture *in, const struct hipfx_values *values,
                                     double time_s, int x, int y);

struct check {
    const char *effect;
    reference_fn reference;
    double time_s;
    double bytes_bound; /* steps beyond rounding (picture_excess) */
    double slack;       /* of light, as a part of the picture's brightest pixel; for half only */
};

void check_picture(const struct check *check, const struct hipfx_values *values,
                   const struct picture *in, uint64_t seed);

/* Values anywhere in their ranges, or from -bound to bound where the effect's range is wider. */
struct hipfx_values check_random_values(struct rng *rng, const char *effect, double bound);

/* Random pictures of all kinds and several sizes with random values. */
void check_random_pictures(const struct check *check, int format, double bound, int count);

/* Values that change next to nothing give every opaque 8-bit code back. */
void check_codes_are_kept(const char *effect, const struct hipfx_values *values);

/* A pixel that is no number changes no other that is further from it than `reach_px`. */
void check_not_a_number(const struct check *check, const struct hipfx_values *values, int reach_px);
