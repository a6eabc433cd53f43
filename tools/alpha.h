/* Straight and premultiplied alpha in 8-bit sRGB.
 *
 * "Premultiplied" is as OBS holds it: the colour times alpha in linear light, then sRGB-encoded.
 * Pixels are RGBA. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* `out` may be `straight`. */
void hipfx_premultiply(uint8_t *out, const uint8_t *straight, size_t pixels);

/* Eight bits of a dark premultiplied colour do not tell which straight colour it came from. So that
 * what was not changed comes back as it was, a pixel of `premultiplied` that equals the one in
 * `before` gets its colour from `before_straight`, the straight form of `before`. Both may be NULL.
 * `out` may be `premultiplied`. */
void hipfx_unpremultiply(uint8_t *out, const uint8_t *premultiplied, const uint8_t *before,
                         const uint8_t *before_straight, size_t pixels);
