#include "quality.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned char *pixel(const struct picture *p, int x, int y)
{
    return p->bytes + (size_t)y * p->pitch + (size_t)x * 4;
}

static unsigned char byte_of(double code)
{
    return (unsigned char)lrint(fmin(fmax(code, 0), 255));
}

/* G. E. P. Box, M. E. Muller, "A Note on the Generation of Random Normal Deviates", 1958. */
double noise_normal(struct rng *rng)
{
    double u = (rng_next(rng) + 1.0) / 4294967296.0, v = rng_next(rng) / 4294967296.0;
    return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

void noise_add(struct rng *rng, struct picture *picture, double codes)
{
    for (int y = 0; y < picture->height; y++) {
        for (int x = 0; x < picture->width; x++) {
            unsigned char *p = pixel(picture, x, y);
            for (int i = 0; i < 3; i++)
                p[i] = byte_of(p[i] + codes * noise_normal(rng));
        }
    }
}

static double at_corner(uint64_t seed, int x, int y)
{
    struct rng rng = {seed + (uint64_t)x * 0x9e3779b1u + (uint64_t)y * 0x85ebca77c2b2ae63u};
    rng_next(&rng);
    return rng_between(&rng, -1, 1);
}

/* Noise that is smooth over `size` pixels. */
static double smooth_noise(uint64_t seed, double x, double y, double size)
{
    double fx = floor(x / size), fy = floor(y / size);
    double u = x / size - fx, v = y / size - fy;
    u = u * u * (3 - 2 * u);
    v = v * v * (3 - 2 * v);
    int ix = (int)fx, iy = (int)fy;
    double top = at_corner(seed, ix, iy) * (1 - u) + at_corner(seed, ix + 1, iy) * u;
    double low = at_corner(seed, ix, iy + 1) * (1 - u) + at_corner(seed, ix + 1, iy + 1) * u;
    return top * (1 - v) + low * v;
}

static double texture(uint64_t seed, double x, double y, int finest)
{
    double sum = 0;
    for (int size = 64; size >= finest; size /= 2)
        sum += smooth_noise(seed + (uint64_t)size, x, y, size);
    return sum;
}

struct surface {
    double color[3], rough;
    int finest;
};

/* Discs and half planes, the later over the earlier. */
static double coverage(uint64_t seed, int shape, double x, double y, int width, int height)
{
    struct rng rng = {seed * 977 + (uint64_t)shape};
    double cx = rng_between(&rng, 0, width), cy = rng_between(&rng, 0, height);
    double size = rng_between(&rng, 0.08, 0.3) * height, turn = rng_between(&rng, 0, 2 * M_PI);
    double softness = rng_below(&rng, 3) == 0 ? rng_between(&rng, 2, 8) : 1;
    double inside = shape % 2 ? size - hypot(x - cx, y - cy)
                              : (x - cx) * cos(turn) + (y - cy) * sin(turn) - size;
    return fmin(fmax(inside / softness + 0.5, 0), 1);
}

static struct surface surface_of(uint64_t seed, int shape)
{
    struct rng rng = {seed * 1543 + (uint64_t)shape};
    struct surface s = {.finest = 1 << rng_below(&rng, 4)};
    double grey = rng_between(&rng, 40, 200);
    for (int i = 0; i < 3; i++)
        s.color[i] = grey + rng_between(&rng, -40, 40);
    s.rough = rng_between(&rng, 2, 9);
    return s;
}

/* Lines of strokes in a corner of the picture: dark, a pixel or two wide. */
static bool is_stroke(uint64_t seed, int x, int y, int width, int height)
{
    if (x < width / 2 || y < height * 2 / 3 || y % 12 > 7)
        return false;
    const int letter = x / 7, row = y / 12;
    struct rng rng = {seed + (uint64_t)letter * 31 + (uint64_t)row * 7919};
    uint32_t shape = rng_next(&rng);
    int i = x % 7, j = y % 12;
    if (i > 4 || shape % 6 == 0)
        return false;
    return (i == 0 && shape & 8) || (i == 4 && shape & 16) || (j == 0 && shape & 32) ||
           (j == 7 && shape & 64) || (j == 4 && shape & 128);
}

struct picture picture_scene(uint64_t seed, int width, int height)
{
    enum { shapes = 9 };
    struct picture p = picture_create(width, height, HIPFX_PIXEL_RGBA8_SRGB, 0);
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            double color[3] = {150 - 60.0 * y / height, 160 - 40.0 * y / height, 190};
            for (int i = 0; i < shapes; i++) {
                struct surface s = surface_of(seed, i);
                double part = coverage(seed, i, x, y, width, height);
                double grain = s.rough * texture(seed + (uint64_t)i * 64, x, y, s.finest);
                for (int j = 0; j < 3; j++)
                    color[j] += part * (s.color[j] + grain - color[j]);
            }
            double light = 1 + 0.25 * smooth_noise(seed + 5, x, y, width / 3.0);
            for (int j = 0; j < 3; j++)
                pixel(&p, x, y)[j] =
                    byte_of(color[j] * light * (is_stroke(seed, x, y, width, height) ? 0.35 : 1));
            pixel(&p, x, y)[3] = 255;
        }
    }
    return p;
}

double quality_psnr(const struct picture *a, const struct picture *truth)
{
    double squares = 0;
    for (int y = 0; y < a->height; y++) {
        for (int x = 0; x < a->width; x++) {
            for (int i = 0; i < 3; i++) {
                double d = (double)pixel(a, x, y)[i] - pixel(truth, x, y)[i];
                squares += d * d;
            }
        }
    }
    return 10 * log10(255 * 255 * 3.0 * a->width * a->height / squares);
}

static double luma(const struct picture *p, int x, int y)
{
    const unsigned char *v = pixel(p, x, y);
    return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2];
}

#define SSIM_REACH 5

/* Weighted sums of a, b, a^2, b^2 and a b. */
struct moments {
    double v[5];
};

static double similarity(const struct moments *m)
{
    const double c1 = 0.01 * 255 * 0.01 * 255, c2 = 0.03 * 255 * 0.03 * 255;
    double a = m->v[0], b = m->v[1];
    double aa = m->v[2] - a * a, bb = m->v[3] - b * b, ab = m->v[4] - a * b;
    return (2 * a * b + c1) * (2 * ab + c2) / ((a * a + b * b + c1) * (aa + bb + c2));
}

static struct moments moments_at(const struct picture *a, const struct picture *b, int x, int y,
                                 const double window[2 * SSIM_REACH + 1])
{
    struct moments m = {{0}};
    for (int j = -SSIM_REACH; j <= SSIM_REACH; j++) {
        for (int i = -SSIM_REACH; i <= SSIM_REACH; i++) {
            double w = window[i + SSIM_REACH] * window[j + SSIM_REACH];
            double u = luma(a, x + i, y + j), v = luma(b, x + i, y + j);
            m.v[0] += w * u;
            m.v[1] += w * v;
            m.v[2] += w * u * u;
            m.v[3] += w * v * v;
            m.v[4] += w * u * v;
        }
    }
    return m;
}

double quality_ssim(const struct picture *a, const struct picture *truth)
{
    double window[2 * SSIM_REACH + 1], total = 0, sum = 0;
    for (int i = -SSIM_REACH; i <= SSIM_REACH; i++)
        total += window[i + SSIM_REACH] = exp(-i * i / (2 * 1.5 * 1.5));
    for (int i = 0; i <= 2 * SSIM_REACH; i++)
        window[i] /= total;
    for (int y = SSIM_REACH; y < a->height - SSIM_REACH; y++) {
        for (int x = SSIM_REACH; x < a->width - SSIM_REACH; x++) {
            struct moments m = moments_at(a, truth, x, y, window);
            sum += similarity(&m);
        }
    }
    return sum / ((a->width - 2.0 * SSIM_REACH) * (a->height - 2.0 * SSIM_REACH));
}

static int clamp_int(int v, int high)
{
    return v < 0 ? 0 : v > high ? high : v;
}

/* Between two rows, as a texture is sampled. */
static void sample(const struct picture *in, int x, double y, double out[3])
{
    const double row = floor(y);
    const unsigned char *high =
        pixel(in, clamp_int(x, in->width - 1), clamp_int((int)row, in->height - 1));
    const unsigned char *low =
        pixel(in, clamp_int(x, in->width - 1), clamp_int((int)row + 1, in->height - 1));
    for (int i = 0; i < 3; i++)
        out[i] = high[i] + (low[i] - high[i]) * (y - row);
}

static void smart_denoise_at(const struct picture *in, double sigma, double k_sigma,
                             double threshold, int x, int y, unsigned char out[3])
{
    const double radius = round(k_sigma * sigma);
    const unsigned char *center = pixel(in, x, y);
    double sum[3] = {0}, weights = 0;
    for (int dx = -(int)radius; dx <= (int)radius; dx++) {
        const double reach = sqrt(radius * radius - dx * dx);
        for (int i = 0; i <= (int)(2 * reach); i++) {
            const double dy = i - reach;
            double p[3], squares = 0;
            sample(in, x + dx, y + dy, p);
            for (int j = 0; j < 3; j++)
                squares += pow((p[j] - center[j]) / 255, 2);
            double weight = exp(-(dx * dx + dy * dy) / (2 * sigma * sigma)) *
                            exp(-squares / (2 * threshold * threshold));
            weights += weight;
            for (int j = 0; j < 3; j++)
                sum[j] += weight * p[j];
        }
    }
    for (int i = 0; i < 3; i++)
        out[i] = byte_of(sum[i] / weights);
}

struct picture smart_denoise(const struct picture *in, double sigma, double k_sigma,
                             double threshold)
{
    struct picture out = picture_create(in->width, in->height, in->format, 0);
    for (int y = 0; y < in->height; y++) {
        for (int x = 0; x < in->width; x++) {
            smart_denoise_at(in, sigma, k_sigma, threshold, x, y, pixel(&out, x, y));
            pixel(&out, x, y)[3] = pixel(in, x, y)[3];
        }
    }
    return out;
}
