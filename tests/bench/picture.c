#include "tests/bench/picture.h"

#include <stdlib.h>

/* Values that stay below 256 with the grain on top. */
static uint8_t ramp(uint32_t i, uint32_t count)
{
    return (uint8_t)((uint64_t)i * 239 / count);
}

uint8_t *bench_picture(uint32_t width, uint32_t height)
{
    uint8_t *pixels = malloc((size_t)width * height * 4);
    if (!pixels)
        return NULL;
    uint32_t state = 1;
    uint8_t *px = pixels;
    for (uint32_t y = 0; y < height; y++) {
        for (uint32_t x = 0; x < width; x++, px += 4) {
            state = state * 1664525u + 1013904223u;
            px[0] = (uint8_t)(ramp(x, width) + (state >> 28));
            px[1] = (uint8_t)(ramp(y, height) + (state >> 24 & 15));
            px[2] = (uint8_t)(ramp(x + y, width + height) + (state >> 20 & 15));
            px[3] = 255;
        }
    }
    return pixels;
}
