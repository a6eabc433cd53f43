#include "reference_noise.h"

#include <math.h>

struct noise reference_noise(uint32_t x, uint32_t y, uint32_t z)
{
    struct noise n = {{x, y, z}};
    for (int i = 0; i < 3; i++)
        n.v[i] = n.v[i] * 1664525u + 1013904223u;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 3; i++)
            n.v[i] += n.v[(i + 1) % 3] * n.v[(i + 2) % 3];
        for (int i = 0; round == 0 && i < 3; i++)
            n.v[i] ^= n.v[i] >> 16;
    }
    return n;
}

double reference_srgb_from_light(double light)
{
    double v = fabs(light);
    return copysign(v <= 0.0031308 ? v * 12.92 : 1.055 * pow(v, 1 / 2.4) - 0.055, light);
}

double reference_light_from_srgb(double encoded)
{
    double v = fabs(encoded);
    return copysign(v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4), encoded);
}

/* Of a pixel that has coverage; bytes do not exceed it. */
static double straight_srgb(const struct picture *in, struct light light, int channel)
{
    const double v = reference_srgb_from_light(light.v[channel] / light.v[3]);
    return in->format == HIPFX_PIXEL_RGBA8_SRGB ? fmin(v, 1) : v;
}

double reference_covered_light(const struct picture *in, double encoded, double alpha)
{
    if (in->format == HIPFX_PIXEL_RGBA8_SRGB)
        encoded = fmin(fmax(encoded, 0), 1);
    return reference_light_from_srgb(encoded) * alpha;
}

static double value(const char *effect, const struct hipfx_values *values, const char *key)
{
    return values->v[hipfx_param_find(hipfx_effect_find(effect), key)];
}

static double gaussian(uint32_t word)
{
    double sum = 0;
    for (int i = 0; i < 4; i++)
        sum += (word >> 8 * i & 255) - 127.5;
    return sum / sqrt(4 * (256 * 256 - 1) / 12.0);
}

/* The channel's lattice noise between the points around (x, y). */
static double lattice(double x, double y, uint32_t step, int channel)
{
    const int left = (int)floor(x), top = (int)floor(y);
    double tx = x - left, ty = y - top, sum = 0, squares = 0;
    tx = tx * tx * (3 - 2 * tx);
    ty = ty * ty * (3 - 2 * ty);
    for (int j = 0; j < 2; j++) {
        for (int i = 0; i < 2; i++) {
            struct noise n = reference_noise((uint32_t)(left + i), (uint32_t)(top + j), step);
            double weight = (i ? tx : 1 - tx) * (j ? ty : 1 - ty);
            sum += weight * gaussian(n.v[channel]);
            squares += weight * weight;
        }
    }
    return sum / sqrt(squares);
}

struct light reference_film_grain(const struct picture *in, const struct hipfx_values *values,
                                  double time_s, int x, int y)
{
#define OF(key) value("film_grain", values, key)
    const double size = OF("size_px"), own = OF("chroma"), away_of_white = OF("response");
    const uint32_t step = (uint32_t)floor(time_s * OF("rate_hz"));
    struct light light = picture_at(in, x, y);
    double v[3], luma = 0;
    if (!(light.v[3] > 0))
        return light;
    for (int i = 0; i < 3; i++) {
        static const double parts[] = {0.2126, 0.7152, 0.0722};
        v[i] = straight_srgb(in, light, i);
        luma += parts[i] * v[i];
    }
    luma = fmin(fmax(luma, 0), 1);
    const double strength = OF("amount") / 100 * (1 - away_of_white * pow(1 - 2 * luma, 2));
    const double first = lattice(x / size, y / size, step, 0);
    for (int i = 0; i < 3; i++) {
        double noise = first;
        if (i > 0)
            noise = ((1 - own) * first + own * lattice(x / size, y / size, step, i)) /
                    hypot(1 - own, own);
        light.v[i] = reference_covered_light(in, v[i] + strength * noise, light.v[3]);
    }
    return light;
#undef OF
}

static int bayer(int x, int y)
{
    int place = 0;
    for (int size = 1, weight = 16; size < 8; size *= 2, weight /= 4)
        place += weight * ((x / size + y / size) % 2 * 2 + y / size % 2);
    return place;
}

struct dithered reference_dither(const struct picture *in, const struct hipfx_values *values,
                                 double time_s, int x, int y, int channel)
{
#define OF(key) value("dither", values, key)
    const double levels = round(pow(2, OF("bits"))) - 1;
    const double encoded = straight_srgb(in, picture_at(in, x, y), channel);
    const double v = fabs(encoded) * levels;
    if (OF("pattern") == 1)
        return (struct dithered){v + (bayer(x, y) + 0.5) / 64, encoded};
    const uint32_t step = (uint32_t)floor(time_s * OF("rate_hz"));
    const uint32_t word = reference_noise((uint32_t)x, (uint32_t)y, step).v[channel];
    const double u0 = (word & 0xffff) / 65536.0, u1 = (word >> 16) / 65536.0;
    const double m = fmin(1, 2 * fmin(v, fabs(levels - v)));
    return (struct dithered){v + u0 + m * (u1 - 0.5), encoded};
#undef OF
}
