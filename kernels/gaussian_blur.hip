/* A Gaussian blur of premultiplied linear light, separable, at a cost that does not grow with
 * sigma; the kernels for the CPU. gaussian_blur_gpu.hip does the same on GPUs.
 *
 * Down the columns a wide window is made of two narrower ones. A Gaussian of variance a^2 + b^2 is
 * the integral over s of Gaussian_a(x - s) * Gaussian_b(s - y), and since that product is again a
 * Gaussian in s, a sum over every h-th s is exact to a relative 2 * exp(-2 * (pi * a * b / (sigma *
 * h))^2): the trapezoidal rule's error, by Poisson's sum formula. So:
 *   blur_fold    windows of a at every h-th row make a picture of few, coarse rows;
 *   blur_rows    blurs those along x with the whole sigma;
 *   blur_unfold  windows of b over the coarse rows make each row of the result.
 * With h = 1 the first only decodes and the last has the whole sigma. The host chooses
 * (effect_gaussian_blur.c) and computes the windows' weights in double.
 *
 * Rows and columns outside the picture are its edge's. */
#include "kernels/device_blur.h"

HIPFX_FN float *blur_plane(const struct hipfx_planes *planes, int row, int channel)
{
    return planes->data + ((uint64_t)row * 4 + (uint64_t)channel) * (uint64_t)planes->plane;
}

/* The window over the coarse rows for one row: its weights, made to add up to 1, and the first
 * coarse row. With a row at `phase` below its coarse row, tap q lies at (q - margin) * step. */
HIPFX_FN float blur_unfold_weight(const struct hipfx_blur_unfold_args *a, int phase, int q)
{
    int away = phase - (q - a->margin) * a->step;
    away = away < 0 ? -away : away;
    return away <= a->radius ? a->weights[away] : 0.0f;
}

/* Columns that are worked on together, so that what is summed up stays in the first cache. */
#define BLUR_TILE 64

/* Tiles of the four channels, as the planes have them. */
struct blur_tile {
    float v[4][BLUR_TILE];
};

HIPFX_FN void blur_tile_zero(struct blur_tile *tile)
{
    for (int i = 0; i < 4 * BLUR_TILE; i += HIPFX_LANES)
        hipfx_vec_store(&tile->v[0][i], 0.0f);
}

HIPFX_FN void blur_tile_add(struct blur_tile *sum, const struct blur_tile *tile, float weight)
{
    for (int i = 0; i < 4 * BLUR_TILE; i += HIPFX_LANES)
        hipfx_vec_store(&sum->v[0][i],
                        hipfx_vec_load(&sum->v[0][i]) + hipfx_vec_load(&tile->v[0][i]) * weight);
}

HIPFX_FN void blur_tile_decode(struct blur_tile *tile, const struct hipfx_frame *in, int format,
                               int x0, int columns, int y)
{
    const size_t size = format == HIPFX_PIXEL_RGBA8_SRGB ? 4 : 8;
    const char *ahead =
        (const char *)in->data + (uint64_t)hipfx_min_i(y + 8, in->height - 1) * in->pitch;
    for (size_t i = 0; i < BLUR_TILE * size; i += 64)
        __builtin_prefetch(ahead + (size_t)x0 * size + i);
    HIPFX_VECTORIZE
    for (int i = 0; i < columns; i++) {
        struct hipfx_px px = blur_load(in, format, x0 + i, y);
        tile->v[0][i] = px.r;
        tile->v[1][i] = px.g;
        tile->v[2][i] = px.b;
        tile->v[3][i] = px.a;
    }
}

/* Coarse rows whose windows hold one fine row at most: 2 * radius / step + 1, see the host's
 * choice. */
#define BLUR_LIVE 32

HIPFX_FN int blur_div_floor(int a, int b)
{
    return a >= 0 ? a / b : -((b - 1 - a) / b);
}

/* Goes down a tile's fine rows once. Each is decoded once and added to all the coarse rows whose
 * windows it lies in; these are kept in a ring until their windows are full. */
HIPFX_FN void blur_fold_tile(const struct hipfx_blur_fold_args *a, int format, int x0, int columns,
                             int row_begin, int row_end)
{
    struct blur_tile live[BLUR_LIVE], fine;
    blur_tile_zero(&fine);
    int decoded = -1, opened = row_begin;
    int first = a->origin + row_begin * a->step - a->radius;
    int last = a->origin + (row_end - 1) * a->step + a->radius;
    for (int y = first; y <= last; y++) {
        int inside = hipfx_clamp_i(y, 0, a->in.height - 1);
        if (inside != decoded)
            blur_tile_decode(&fine, &a->in, format, x0, columns, inside);
        decoded = inside;

        int from = -blur_div_floor(-(y - a->origin - a->radius), a->step);
        int to = blur_div_floor(y - a->origin + a->radius, a->step);
        from = hipfx_max_i(from, row_begin);
        to = hipfx_min_i(to, row_end - 1);
        for (int row = from; row <= to; row++) {
            struct blur_tile *sum = &live[row % BLUR_LIVE];
            int away = y - a->origin - row * a->step;
            if (row == opened) {
                blur_tile_zero(sum);
                opened++;
            }
            blur_tile_add(sum, &fine, a->weights[away < 0 ? -away : away]);
            if (away != a->radius)
                continue;
            for (int channel = 0; channel < 4; channel++)
                for (int i = 0; i < BLUR_TILE; i += HIPFX_LANES)
                    hipfx_vec_store(blur_plane(&a->out, row, channel) + a->out.pad + x0 + i,
                                    hipfx_vec_load(&sum->v[channel][i]));
        }
    }
}

/* Repeats the edge columns, so that the next kernel can read past them. */
HIPFX_FN void blur_pad(const struct hipfx_blur_fold_args *a, int row)
{
    for (int channel = 0; channel < 4; channel++) {
        float *plane = blur_plane(&a->out, row, channel);
        int end = a->out.pad + a->width;
        float left = plane[a->out.pad], right = plane[end - 1];
        for (int i = 0; i < a->out.pad; i++)
            plane[i] = left;
        for (int i = end; i < a->out.plane; i++)
            plane[i] = right;
    }
}

HIPFX_FN void blur_fold_rows(const struct hipfx_blur_fold_args *a, int format, int row_begin,
                             int row_end)
{
    for (int x0 = 0; x0 < a->width; x0 += BLUR_TILE)
        blur_fold_tile(a, format, x0, hipfx_min_i(BLUR_TILE, a->width - x0), row_begin, row_end);
    for (int row = row_begin; row < row_end; row++)
        blur_pad(a, row);
}

HIPFX_KERNEL_ROWS(blur_fold_rgba8, struct hipfx_blur_fold_args, a, row_begin, row_end)
{
    blur_fold_rows(a, HIPFX_PIXEL_RGBA8_SRGB, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(blur_fold_rgba16f, struct hipfx_blur_fold_args, a, row_begin, row_end)
{
    blur_fold_rows(a, HIPFX_PIXEL_RGBA16F, row_begin, row_end);
}

#define BLUR_VECS 8 /* sums kept in registers at once */

HIPFX_KERNEL_ROWS(blur_rows, struct hipfx_blur_rows_args, a, row_begin, row_end)
{
    for (int row = row_begin; row < row_end; row++) {
        for (int channel = 0; channel < 4; channel++) {
            const float *in = blur_plane(&a->in, row, channel) + a->in.pad;
            float *out = blur_plane(&a->out, row, channel) + a->out.pad;
            for (int x = 0; x < a->width; x += BLUR_VECS * HIPFX_LANES) {
                hipfx_vec sum[BLUR_VECS];
                for (int i = 0; i < BLUR_VECS; i++)
                    sum[i] = hipfx_vec_load(in + x + i * HIPFX_LANES) * a->weights[0];
                for (int k = 1; k <= a->radius; k++)
                    for (int i = 0; i < BLUR_VECS; i++)
                        sum[i] += (hipfx_vec_load(in + x + i * HIPFX_LANES - k) +
                                   hipfx_vec_load(in + x + i * HIPFX_LANES + k)) *
                                  a->weights[k];
                for (int i = 0; i < BLUR_VECS; i++)
                    hipfx_vec_store(out + x + i * HIPFX_LANES, sum[i]);
            }
        }
    }
}

HIPFX_FN void blur_unfold_tile(const struct hipfx_blur_unfold_args *a, const float *weights,
                               int coarse, int x0, struct blur_tile *tile)
{
    for (int channel = 0; channel < 4; channel++) {
        const float *in = blur_plane(&a->in, coarse, channel) + a->in.pad + x0;
        hipfx_vec sum[BLUR_TILE / HIPFX_LANES];
        for (int i = 0; i < BLUR_TILE / HIPFX_LANES; i++)
            sum[i] = 0.0f;
        for (int q = 0; q < a->taps; q++, in += 4 * a->in.plane)
            for (int i = 0; i < BLUR_TILE / HIPFX_LANES; i++)
                sum[i] += hipfx_vec_load(in + i * HIPFX_LANES) * weights[q];
        for (int i = 0; i < BLUR_TILE / HIPFX_LANES; i++)
            hipfx_vec_store(&tile->v[channel][i * HIPFX_LANES], sum[i]);
    }
}

HIPFX_FN void blur_unfold_rows(const struct hipfx_blur_unfold_args *a, int format, int row_begin,
                               int row_end)
{
    for (int y = row_begin; y < row_end; y++) {
        int coarse = y / a->step, phase = y - coarse * a->step;
        float weights[2 * BLUR_LIVE], total = 0.0f;
        for (int q = 0; q < a->taps; q++)
            total += weights[q] = blur_unfold_weight(a, phase, q);
        for (int q = 0; q < a->taps; q++)
            weights[q] /= total;

        for (int x0 = 0; x0 < a->width; x0 += BLUR_TILE) {
            struct blur_tile tile;
            blur_unfold_tile(a, weights, coarse, x0, &tile);
            HIPFX_VECTORIZE
            for (int i = 0; i < hipfx_min_i(BLUR_TILE, a->width - x0); i++) {
                struct hipfx_px px = {tile.v[0][i], tile.v[1][i], tile.v[2][i], tile.v[3][i]};
                hipfx_store(&a->out, format, x0 + i, y, hipfx_encode(format, px));
            }
        }
    }
}

HIPFX_KERNEL_ROWS(blur_unfold_rgba8, struct hipfx_blur_unfold_args, a, row_begin, row_end)
{
    blur_unfold_rows(a, HIPFX_PIXEL_RGBA8_SRGB, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(blur_unfold_rgba16f, struct hipfx_blur_unfold_args, a, row_begin, row_end)
{
    blur_unfold_rows(a, HIPFX_PIXEL_RGBA16F, row_begin, row_end);
}
