#include "reference_blur.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void *zeroed(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory) {
        fprintf(stderr, "no memory for a reference\n");
        exit(1);
    }
    return memory;
}

int reference_inside(enum hipfx_edge edge, int i, int size)
{
    if (i >= 0 && i < size)
        return i;
    if (edge == HIPFX_EDGE_TRANSPARENT)
        return -1;
    if (edge == HIPFX_EDGE_CLAMP)
        return i < 0 ? 0 : size - 1;
    while (i < 0 || i >= size)
        i = i < 0 ? -1 - i : 2 * size - 1 - i;
    return i;
}

struct light reference_pixel(const struct picture *in, enum hipfx_edge edge, int x, int y)
{
    x = reference_inside(edge, x, in->width);
    y = reference_inside(edge, y, in->height);
    return x < 0 || y < 0 ? (struct light){{0}} : picture_at(in, x, y);
}

/* What each of `size` rows counts for the row `at`: the window has more of its tails than a double
 * can tell from nothing. */
struct reach {
    double *weights;
    int begin, end; /* those that count at all */
};

static struct reach reach_of(double sigma, enum hipfx_edge edge, int at, int size)
{
    struct reach reach = {zeroed((size_t)size, sizeof(double)), size, 0};
    const int radius = (int)ceil(8 * sigma);
    double sum = 0;
    for (int i = -radius; i <= radius; i++) {
        const int inside = reference_inside(edge, at + i, size);
        const double weight = exp(-i * (double)i / (2 * sigma * sigma));
        sum += weight;
        if (inside < 0)
            continue;
        reach.weights[inside] += weight;
        reach.begin = inside < reach.begin ? inside : reach.begin;
        reach.end = inside >= reach.end ? inside + 1 : reach.end;
    }
    for (int i = 0; i < size; i++)
        reach.weights[i] /= sum;
    return reach;
}

struct light reference_blur_at(const struct picture *in, double sigma, enum hipfx_edge edge, int x,
                               int y)
{
    const struct reach across = reach_of(sigma, edge, x, in->width);
    const struct reach down = reach_of(sigma, edge, y, in->height);
    struct light out = {{0}};
    for (int j = down.begin; j < down.end; j++) {
        for (int i = across.begin; i < across.end; i++) {
            const struct light from = picture_at(in, i, j);
            for (int c = 0; c < 4; c++)
                out.v[c] += down.weights[j] * across.weights[i] * from.v[c];
        }
    }
    free(across.weights);
    free(down.weights);
    return out;
}

struct light *reference_blur(const struct picture *in, double sigma, enum hipfx_edge edge)
{
    const int w = in->width, h = in->height;
    struct light *across = zeroed((size_t)w * (size_t)h, sizeof(*across));
    struct light *out = zeroed((size_t)w * (size_t)h, sizeof(*out));
    for (int x = 0; x < w; x++) {
        const struct reach reach = reach_of(sigma, edge, x, w);
        for (int y = 0; y < h; y++) {
            for (int i = reach.begin; i < reach.end; i++) {
                const struct light from = picture_at(in, i, y);
                for (int c = 0; c < 4; c++)
                    across[y * w + x].v[c] += reach.weights[i] * from.v[c];
            }
        }
        free(reach.weights);
    }
    for (int y = 0; y < h; y++) {
        const struct reach reach = reach_of(sigma, edge, y, h);
        for (int i = reach.begin; i < reach.end; i++)
            for (int x = 0; x < w; x++)
                for (int c = 0; c < 4; c++)
                    out[y * w + x].v[c] += reach.weights[i] * across[i * w + x].v[c];
        free(reach.weights);
    }
    free(across);
    return out;
}
