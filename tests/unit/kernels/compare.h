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

/* In areas of many sizes, the pixels are those of the whole frame, to the byte, and no others are
 * written. */
void compare_areas(const char *effect, const struct hipfx_values *values, const struct picture *in,
                   uint64_t seed);
