#include "tools/alpha.h"
#include "tools/light.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

/* By alpha, then by colour byte. */
static uint8_t multiplied[256][256];
static uint8_t divided[256][256];

static double decode(int byte)
{
    return hipfx_srgb_decode(byte / 255.0);
}

static uint8_t encode(double light)
{
    return (uint8_t)lrint(255.0 * hipfx_srgb_encode(light));
}

static void make_tables(void)
{
    for (int alpha = 1; alpha < 256; alpha++) {
        for (int c = 0; c < 256; c++) {
            multiplied[alpha][c] = encode(decode(c) * alpha / 255.0);
            divided[alpha][c] = encode(decode(c) * 255.0 / alpha);
        }
    }
}

static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static void convert(uint8_t *out, const uint8_t *in, const uint8_t table[256][256])
{
    const uint8_t *row = table[in[3]];
    out[0] = row[in[0]];
    out[1] = row[in[1]];
    out[2] = row[in[2]];
    out[3] = in[3];
}

void hipfx_premultiply(uint8_t *out, const uint8_t *straight, size_t pixels)
{
    pthread_once(&tables_once, make_tables);
    for (size_t i = 0; i < pixels; i++)
        convert(out + 4 * i, straight + 4 * i, multiplied);
}

void hipfx_unpremultiply(uint8_t *out, const uint8_t *premultiplied, const uint8_t *before,
                         const uint8_t *before_straight, size_t pixels)
{
    pthread_once(&tables_once, make_tables);
    for (size_t i = 0; i < pixels; i++) {
        const uint8_t *in = premultiplied + 4 * i;
        if (before && memcmp(in, before + 4 * i, 4) == 0)
            memcpy(out + 4 * i, before_straight + 4 * i, 4);
        else
            convert(out + 4 * i, in, divided);
    }
}
