#include "denoise_reference.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DARK  0.04
#define CODES (255 / (sqrt(1 + DARK * DARK) - DARK))

static double code_of(double light)
{
    return copysign((sqrt(fabs(light) + DARK * DARK) - DARK) * CODES, light);
}

static double light_of(double code)
{
    double root = fabs(code) / CODES + DARK;
    return copysign(root * root - DARK * DARK, code);
}

static void *allocate(size_t size)
{
    void *memory = calloc(1, size);
    if (!memory) {
        fprintf(stderr, "no memory for a reference\n");
        exit(1);
    }
    return memory;
}

/* Straight, stabilised codes; n is 0 where there is no coverage and 1 elsewhere. */
static double (*stabilised(const struct picture *in))[4]
{
    double(*out)[4] = allocate(sizeof(*out) * (size_t)in->width * (size_t)in->height);
    for (int y = 0; y < in->height; y++) {
        for (int x = 0; x < in->width; x++) {
            struct light p = picture_at(in, x, y);
            double *to = out[y * in->width + x];
            if (!(p.v[3] > 0))
                continue;
            for (int i = 0; i < 3; i++)
                to[i] = code_of(fmin(fmax(p.v[i] / p.v[3], -65504), 65504));
            to[3] = 1;
        }
    }
    return out;
}

/* By how much the mean at a pixel is off beyond what noise explains, squared, in units of the
 * variance of a difference. */
static double motion(const struct picture *in, double noise, double (*now)[4], double (*mean)[4],
                     int px, int py)
{
    double sum[3] = {0}, squares = 0, own = 0;
    for (int y = py - 2; y <= py + 2; y++) {
        for (int x = px - 2; x <= px + 2; x++) {
            bool inside = x >= 0 && y >= 0 && x < in->width && y < in->height;
            const double *a = inside ? now[y * in->width + x] : NULL;
            const double *b = inside ? mean[y * in->width + x] : NULL;
            if (!inside || a[3] == 0 || b[3] == 0) {
                squares += 1;
                continue;
            }
            double deviation = noise * sqrt(1 + 1 / b[3]);
            for (int i = 0; i < 3; i++) {
                double d = (a[i] - b[i]) / deviation;
                sum[i] += d;
                squares += d * d / 3;
                own += x == px && y == py ? d * d / 3 : 0;
            }
        }
    }
    double shift = (sum[0] * sum[0] + sum[1] * sum[1] + sum[2] * sum[2]) / (3 * 25 * 25);
    double around = fmax(fmax(shift - 6 / 25.0, squares / 25 - 1 - 16 / 25.0), 0);
    return fmax(around, fmin(own - 1, 25 * around));
}

static void add_frame(const struct denoise *d, const struct picture *in, double (*now)[4],
                      struct denoise_history *history)
{
    const size_t size = sizeof(*now) * (size_t)in->width * (size_t)in->height;
    double(*next)[4] = allocate(size);
    if (!history->mean)
        history->mean = allocate(size);
    for (int i = 0; i < in->width * in->height; i++) {
        const double n = history->mean[i][3];
        double gain = 1;
        if (now[i][3] == 0)
            continue;
        if (n > 0) {
            double b = (1 + 1 / n) *
                       motion(in, d->noise, now, history->mean, i % in->width, i / in->width);
            gain = fmax((1 / n + b) / (1 / n + b + 1), pow(256, -d->temporal));
        }
        for (int j = 0; j < 3; j++)
            next[i][j] = history->mean[i][j] + gain * (now[i][j] - history->mean[i][j]);
        next[i][3] = 1 / gain;
    }
    free(history->mean);
    history->mean = next;
}

static int clamp_int(int v, int high)
{
    return v < 0 ? 0 : v > high ? high : v;
}

static const double *pixel_at(const struct picture *in, double (*codes)[4], int x, int y)
{
    return codes[clamp_int(y, in->height - 1) * in->width + clamp_int(x, in->width - 1)];
}

/* The mean square of the differences between two patches; what has no coverage is like nothing
 * that has. */
static double patch_distance(const struct picture *in, double (*codes)[4], int px, int py, int qx,
                             int qy)
{
    double squares = 0;
    for (int y = -1; y <= 1; y++) {
        for (int x = -1; x <= 1; x++) {
            const double *p = pixel_at(in, codes, px + x, py + y);
            const double *q = pixel_at(in, codes, qx + x, qy + y);
            if ((p[3] == 0) != (q[3] == 0))
                return INFINITY;
            for (int i = 0; i < 3; i++)
                squares += (2 - abs(x)) * (2 - abs(y)) * (p[i] - q[i]) * (p[i] - q[i]);
        }
    }
    return squares / (3 * 16);
}

/* From all of `codes`, the mean of those like each, in steps of that many pixels. */
static double (*searched(double noise, const struct picture *in, double (*codes)[4], int step))[4]
{
    double(*out)[4] = allocate(sizeof(*out) * (size_t)in->width * (size_t)in->height);
    for (int i = 0; i < in->width * in->height; i++) {
        const int px = i % in->width, py = i / in->width;
        const double variance = noise * noise / codes[i][3];
        double sum[3] = {0}, weights = 0, squares = 0;
        if (codes[i][3] == 0)
            continue;
        for (int y = -2; y <= 2; y++) {
            for (int x = abs(y) - 2; x <= 2 - abs(y); x++) {
                const int qx = px + x * step, qy = py + y * step;
                double distance = patch_distance(in, codes, px, py, qx, qy);
                double alike = 1 - (distance - 2 * variance) / (6 * variance);
                double weight = pow(fmin(fmax(alike, 0), 1), 2);
                for (int j = 0; j < 3; j++)
                    sum[j] += weight * pixel_at(in, codes, qx, qy)[j];
                weights += weight;
                squares += weight * weight;
            }
        }
        for (int j = 0; j < 3; j++)
            out[i][j] = sum[j] / weights;
        out[i][3] = codes[i][3] * weights * weights / squares;
    }
    return out;
}

struct light *reference_denoise(const struct denoise *d, const struct picture *in,
                                struct denoise_history *history)
{
    struct light *out = allocate(sizeof(*out) * (size_t)in->width * (size_t)in->height);
    double(*now)[4] = stabilised(in);
    if (d->temporal > 0)
        add_frame(d, in, now, history);
    double(*codes)[4] = d->temporal > 0 ? history->mean : now;
    double(*near)[4] = searched(d->noise, in, codes, 1);
    double(*far)[4] = searched(d->noise, in, near, 3);
    for (int i = 0; i < in->width * in->height; i++) {
        out[i] = picture_at(in, i % in->width, i / in->width);
        for (int j = 0; j < 3 && out[i].v[3] > 0; j++)
            out[i].v[j] =
                light_of(codes[i][j] + d->spatial * (far[i][j] - codes[i][j])) * out[i].v[3];
    }
    free(far);
    free(near);
    free(now);
    return out;
}

void denoise_history_forget(struct denoise_history *history)
{
    free(history->mean);
    history->mean = NULL;
}
