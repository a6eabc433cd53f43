/* The picture that all rows show. */
#pragma once

#include <stdint.h>

/* Opaque RGBA, rows without padding: ramps of every colour with a grain on them, the same on every
 * machine. free() it; NULL: out of memory. */
uint8_t *bench_picture(uint32_t width, uint32_t height);
