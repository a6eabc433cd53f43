#include "picture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint32_t rng_next(struct rng *rng)
{
    /* splitmix64: S. Vigna, in the public domain. */
    uint64_t z = rng->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ (z >> 31)) >> 32);
}

double rng_between(struct rng *rng, double low, double high)
{
    return low + (high - low) * (rng_next(rng) / 4294967295.0);
}

int rng_below(struct rng *rng, int count)
{
    return (int)(rng_next(rng) % (uint32_t)count);
}

double srgb_decode(double code)
{
    double v = code / 255;
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

double srgb_encode(double light)
{
    if (!(light > 0))
        return 0;
    if (light > 1)
        return 255;
    return 255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055);
}

double half_to_double(uint16_t half)
{
    int exponent = half >> 10 & 31;
    double mantissa = half & 1023;
    double v;
    if (exponent == 31)
        v = mantissa != 0 ? NAN : INFINITY;
    else if (exponent == 0)
        v = ldexp(mantissa, -24);
    else
        v = ldexp(1024 + mantissa, exponent - 25);
    return half & 0x8000 ? -v : v;
}

/* The distance between halves around a value. */
static double half_step(double v)
{
    int exponent;
    frexp(v, &exponent);
    return ldexp(1, (exponent < -13 ? -13 : exponent) - 11);
}

uint16_t half_from_double(double value)
{
    uint16_t sign = signbit(value) ? 0x8000 : 0;
    if (isnan(value))
        return sign | 0x7e00;
    double v = fabs(value), step = half_step(v);
    v = nearbyint(v / step) * step;
    if (v >= 65520)
        return sign | 0x7c00;
    if (v < ldexp(1, -14))
        return sign | (uint16_t)ldexp(v, 24);
    int exponent;
    double mantissa = frexp(v, &exponent); /* 0.5..1 */
    return sign | (uint16_t)((exponent + 14) << 10 | ((int)ldexp(mantissa, 11) & 1023));
}

struct picture picture_create(int width, int height, int format, size_t extra_pitch)
{
    size_t size = format == HIPFX_PIXEL_RGBA8_SRGB ? 4 : 8;
    struct picture p = {
        .pitch = (size_t)width * size + extra_pitch,
        .width = width,
        .height = height,
        .format = format,
    };
    p.bytes = malloc(p.pitch * (size_t)height);
    if (!p.bytes) {
        fprintf(stderr, "no memory for a picture of %dx%d\n", width, height);
        exit(1);
    }
    memset(p.bytes, 0xa5, p.pitch * (size_t)height);
    return p;
}

void picture_destroy(struct picture *picture)
{
    free(picture->bytes);
    *picture = (struct picture){0};
}

static unsigned char *pixel(const struct picture *p, int x, int y)
{
    size_t size = p->format == HIPFX_PIXEL_RGBA8_SRGB ? 4 : 8;
    return p->bytes + (size_t)y * p->pitch + (size_t)x * size;
}

struct light picture_at(const struct picture *picture, int x, int y)
{
    static double decoded[256];
    if (decoded[255] == 0) {
        for (int i = 0; i < 256; i++)
            decoded[i] = srgb_decode(i);
    }
    const unsigned char *p = pixel(picture, x, y);
    if (picture->format == HIPFX_PIXEL_RGBA8_SRGB)
        return (struct light){{decoded[p[0]], decoded[p[1]], decoded[p[2]], p[3] / 255.0}};

    struct light light;
    for (int i = 0; i < 4; i++) {
        uint16_t half;
        memcpy(&half, p + 2 * i, 2);
        light.v[i] = half_to_double(half);
    }
    return light;
}

void picture_set(struct picture *picture, int x, int y, struct light light)
{
    unsigned char *p = pixel(picture, x, y);
    if (picture->format == HIPFX_PIXEL_RGBA8_SRGB) {
        for (int i = 0; i < 3; i++)
            p[i] = (unsigned char)lrint(srgb_encode(light.v[i]));
        p[3] = (unsigned char)lrint(fmin(fmax(light.v[3], 0), 1) * 255);
        return;
    }
    for (int i = 0; i < 4; i++) {
        uint16_t half = half_from_double(light.v[i]);
        memcpy(p + 2 * i, &half, 2);
    }
}

static struct light random_light(struct rng *rng, enum picture_kind kind)
{
    struct light light;
    double alpha = kind == PICTURE_OPAQUE ? 1 : rng_below(rng, 256) / 255.0;
    for (int i = 0; i < 3; i++)
        light.v[i] = srgb_decode(rng_below(rng, 256)) * alpha;
    light.v[3] = alpha;
    if (kind == PICTURE_ANY) {
        double scale = rng_below(rng, 4) == 0 ? 1000 : 4;
        for (int i = 0; i < 4; i++)
            light.v[i] = rng_between(rng, -4, scale);
    }
    return light;
}

static struct light edge_light(int block)
{
    static const struct light lights[] = {
        {{0, 0, 0, 1}}, {{1, 1, 1, 1}}, {{0, 0, 0, 0}}, {{1, 0, 0, 1}}, {{0.2, 0.2, 0, 0.2}},
    };
    return lights[block % 5];
}

struct picture picture_random(struct rng *rng, enum picture_kind kind, int width, int height,
                              int format, size_t extra_pitch)
{
    struct picture p = picture_create(width, height, format, extra_pitch);
    int block = 1 + rng_below(rng, 40);
    uint32_t salt = rng_next(rng);
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            if (kind == PICTURE_EDGES) {
                struct rng of_block = {salt + (uint64_t)(x / block) * 7919 + (uint64_t)(y / block)};
                picture_set(&p, x, y, edge_light(rng_below(&of_block, 5)));
            } else if (kind == PICTURE_ANY && format == HIPFX_PIXEL_RGBA8_SRGB) {
                uint32_t any = rng_next(rng);
                memcpy(pixel(&p, x, y), &any, 4);
            } else {
                picture_set(&p, x, y, random_light(rng, kind));
            }
        }
    }
    return p;
}

bool picture_same_bytes(const struct picture *a, const struct picture *b)
{
    size_t size = (size_t)a->width * (a->format == HIPFX_PIXEL_RGBA8_SRGB ? 4 : 8);
    for (int y = 0; y < a->height; y++) {
        if (memcmp(pixel(a, 0, y), pixel(b, 0, y), size) != 0)
            return false;
    }
    return true;
}

bool picture_same_pixel(const struct picture *a, const struct picture *b, int x, int y)
{
    return memcmp(pixel(a, x, y), pixel(b, x, y), a->format == HIPFX_PIXEL_RGBA8_SRGB ? 4 : 8) == 0;
}

static double code_of(double light, int channel)
{
    return channel < 3 ? srgb_encode(light) : fmin(fmax(light, 0), 1) * 255;
}

double picture_excess(const struct picture *picture, int x, int y, struct light exact, double slack)
{
    double worst = 0;
    const unsigned char *p = pixel(picture, x, y);
    struct light have = picture_at(picture, x, y);
    for (int i = 0; i < 4; i++) {
        double low = exact.v[i] - slack, high = exact.v[i] + slack, away;
        if (picture->format == HIPFX_PIXEL_RGBA8_SRGB)
            away = fmax(code_of(low, i) - p[i], p[i] - code_of(high, i));
        else
            away = fmax(fmin(low, 65504) - have.v[i], have.v[i] - fmax(high, -65504)) /
                   half_step(exact.v[i]);
        if (!(away - 0.5 <= worst)) /* NaN counts */
            worst = away - 0.5;
    }
    return worst;
}
