/* Linear light: the sRGB curve and 16-bit floats. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* IEC 61966-2-1; both sides from 0 to 1, encode clamps. */
double hipfx_srgb_decode(double code);
double hipfx_srgb_encode(double light);

/* IEEE halves, rounded to the nearest. */
void hipfx_halves_from_floats(uint16_t *out, const float *in, size_t count);
void hipfx_floats_from_halves(float *out, const uint16_t *in, size_t count);
