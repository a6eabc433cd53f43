/* What several effects' tests ask in the same way; each fails the test that it is called from. */
#pragma once

#include "fixture.h"

/* The largest value of any channel of any pixel, in light. */
double compare_brightest(const struct picture *picture);

/* How far a picture may be from its reference: `bytes` in codes and `halves` in steps of half
 * floats, beyond their rounding, after `slack` of the brightest pixel's light (halves only). */
struct compare_bound {
    double bytes, halves, slack;
};

/* Every pixel is what `want` has, row after row. `what` tells the picture apart from others. */
void compare_picture(const struct picture *out, const struct light *want, double brightest,
                     const struct compare_bound *bound, const char *what);

/* One pixel. */
void compare_pixel(const struct picture *out, int x, int y, struct light want, double brightest,
                   const struct compare_bound *bound, const char *what);

/* What was made of an area has the whole frame's bytes there, and no others were written. */
void compare_area(const char *effect, const struct picture *part, const struct picture *whole,
                  const struct hipfx_rect *area);

/* Random values of the effect, for a test's picture `i`. */
typedef struct hipfx_values (*compare_values_fn)(struct rng *rng, int i);

/* That, in areas of many sizes of so many random pictures, with each image. */
void compare_random_areas(const char *effect, compare_values_fn values, int count);
