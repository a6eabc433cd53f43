/* Pictures for the kernels' tests: random ones, and their values in double. Written apart from the
 * kernels' own conversions. */
#pragma once

#include "kernels/frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rng {
    uint64_t state;
};

uint32_t rng_next(struct rng *rng);
double rng_between(struct rng *rng, double low, double high);
int rng_below(struct rng *rng, int count);

/* Linear light, premultiplied: r, g, b, a. */
struct light {
    double v[4];
};

struct picture {
    unsigned char *bytes; /* height * pitch */
    size_t pitch;         /* bytes; rows may have bytes after their pixels */
    int width, height;
    int format; /* enum hipfx_pixel */
};

enum picture_kind {
    PICTURE_OPAQUE,      /* noise, alpha 1 */
    PICTURE_TRANSLUCENT, /* noise with any alpha; no colour is more than its alpha */
    PICTURE_EDGES,       /* blocks of black, white, colours and nothing, hard against each other */
    PICTURE_ANY,         /* any bytes (8 bits); any finite values from -4 to 1000 (half) */
    PICTURE_KINDS,
};

/* All bytes 0xA5. Exits the program without memory. */
struct picture picture_create(int width, int height, int format, size_t extra_pitch);
struct picture picture_random(struct rng *rng, enum picture_kind kind, int width, int height,
                              int format, size_t extra_pitch);
void picture_destroy(struct picture *picture);

struct light picture_at(const struct picture *picture, int x, int y);
void picture_set(struct picture *picture, int x, int y, struct light light); /* rounded */
bool picture_same_bytes(const struct picture *a, const struct picture *b);   /* pixels only */
bool picture_same_pixel(const struct picture *a, const struct picture *b, int x, int y);

double srgb_decode(double code);  /* 0..255 to 0..1 */
double srgb_encode(double light); /* 0..1 to 0..255, not rounded, clamped */
double half_to_double(uint16_t half);
uint16_t half_from_double(double value); /* to nearest even */

/* How far a pixel of a picture is from what it should be, beyond the rounding that its format makes
 * necessary (half a step), in steps: codes for 8 bits, the spacing of halves at the value for half.
 * Up to `slack` of light, it may be what it should be and still not be exactly that. The worst
 * channel. */
double picture_excess(const struct picture *picture, int x, int y, struct light exact,
                      double slack);
