/* The picture that the rows show. */
#pragma once

#include <stdint.h>

/* Opaque RGBA, rows without padding: ramps of every colour with a grain on them, the same on every
 * machine; another seed gives another grain. free() it; NULL: out of memory. */
uint8_t *bench_picture(uint32_t width, uint32_t height, uint32_t seed);

/* The same picture's linear light in half floats, with highlights above white. */
uint16_t *bench_picture_half(uint32_t width, uint32_t height, uint32_t seed);
