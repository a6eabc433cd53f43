#include "tests/bench/picture.h"
#include "tools/light.h"

#include <stdlib.h>

/* Codes from here on stand for highlights; the largest one's light grows this many times. */
#define HIGHLIGHTS_FROM 240
#define HIGHLIGHTS_GAIN 4.0

#define HALF_ONE 0x3c00

/* Values that stay below 256 with the grain on top. */
static uint8_t ramp(uint32_t i, uint32_t count)
{
    return (uint8_t)((uint64_t)i * 239 / count);
}

uint8_t *bench_picture(uint32_t width, uint32_t height, uint32_t seed)
{
    uint8_t *pixels = malloc((size_t)width * height * 4);
    if (!pixels)
        return NULL;
    uint32_t state = seed;
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

static float light_of(int code)
{
    const double over = (code - HIGHLIGHTS_FROM) / (255.0 - HIGHLIGHTS_FROM);
    const double gain = over > 0 ? 1 + over * (HIGHLIGHTS_GAIN - 1) : 1;
    return (float)(hipfx_srgb_decode(code / 255.0) * gain);
}

uint16_t *bench_picture_half(uint32_t width, uint32_t height, uint32_t seed)
{
    const size_t count = (size_t)width * height * 4;
    uint8_t *codes = bench_picture(width, height, seed);
    uint16_t *halves = codes ? malloc(count * sizeof(*halves)) : NULL;
    uint16_t half_of_code[256];
    for (int code = 0; code < 256; code++)
        hipfx_halves_from_floats(&half_of_code[code], (const float[]){light_of(code)}, 1);
    for (size_t i = 0; halves && i < count; i++)
        halves[i] = i % 4 == 3 ? HALF_ONE : half_of_code[codes[i]];
    free(codes);
    return halves;
}
