/* The passes of the Gaussian blur on the CPU; blur.h tells the method. A tile's columns are gone
 * through from top to bottom, so that a row of the picture is decoded once for all the windows that
 * it lies in. */
#include "kernels/device_blur.h"

/* Columns of a tile, and source rows of it that are kept decoded: no window over the picture is
 * higher. */
#define BLUR_TILE 32
#define BLUR_LIVE 64

/* What a tile has of a row: its pixels' r, g, b, a. */
struct blur_tile {
    float v[4 * BLUR_TILE];
};

#define BLUR_VECS 8 /* sums kept in registers at once */

/* Windows that are gone through for all tiles before the next ones. */
#define BLUR_ROWS    128
#define BLUR_WEIGHTS 4096
#define BLUR_TAPS    192 /* of a window at most */

struct blur_window {
    int first, count;     /* source rows */
    const float *weights; /* they add up to 1, but for transparent rows */
};

HIPFX_FN struct blur_window blur_window(const struct hipfx_blur_args *a, int row, float *weights)
{
    const struct blur_place place = blur_place(a, row);
    const int first = blur_first(a, place);
    const int count = hipfx_min_i(blur_last(a, place) - first + 1, BLUR_TAPS);
    float sum = 0.0f;
    for (int i = 0; i < count; i++) {
        const float weight = blur_weight(a, place, first + i);
        weights[i] = blur_shown(a, weight, first + i);
        sum += weight;
    }
    const float scale = 1.0f / sum;
    for (int i = 0; i < count; i++)
        weights[i] *= scale;
    return (struct blur_window){first, count, weights};
}

HIPFX_FN void blur_decode(const struct hipfx_blur_args *a, int format, int x0, int columns, int y,
                          struct blur_tile *tile)
{
    const size_t size = format == HIPFX_PIXEL_RGBA8_SRGB ? 4 : 8;
    const int ahead = blur_inside(a->edge, a->low, a->high, y + 8);
    const char *next = (const char *)a->frame.data + hipfx_row_offset(&a->frame, ahead);
    for (size_t i = 0; i < BLUR_TILE * size; i += 64)
        __builtin_prefetch(next + (size_t)x0 * size + i);
    y = blur_inside(a->edge, a->low, a->high, y);
    HIPFX_VECTORIZE
    for (int i = 0; i < columns; i++) {
        struct hipfx_px px = blur_load(&a->frame, format, x0 + i, y);
        tile->v[4 * i] = px.r;
        tile->v[4 * i + 1] = px.g;
        tile->v[4 * i + 2] = px.b;
        tile->v[4 * i + 3] = px.a;
    }
}

HIPFX_FN const float *blur_light_at(const struct hipfx_blur_args *a, int x, int y)
{
    const int row = blur_inside(a->edge, a->low, a->high, y) - a->begin;
    return a->in.data + ((size_t)row * (size_t)a->in.pitch + (size_t)x) * 4;
}

HIPFX_FN void blur_gather(const struct blur_window *window, const float *const rows[BLUR_TAPS],
                          struct blur_tile *out)
{
    for (int at = 0; at < 4 * BLUR_TILE; at += BLUR_VECS * HIPFX_LANES) {
        hipfx_vec sum[BLUR_VECS];
        for (int i = 0; i < BLUR_VECS; i++)
            sum[i] = 0.0f;
        for (int q = 0; q < window->count; q++)
            for (int i = 0; i < BLUR_VECS; i++)
                sum[i] += hipfx_vec_load(rows[q] + at + i * HIPFX_LANES) * window->weights[q];
        for (int i = 0; i < BLUR_VECS; i++)
            hipfx_vec_store(&out->v[at + i * HIPFX_LANES], sum[i]);
    }
}

HIPFX_FN void blur_write_light(const struct hipfx_blur_args *a, int x0, int columns, int row,
                               const struct blur_tile *tile)
{
    typedef float px __attribute__((ext_vector_type(4), aligned(4)));
    const size_t pitch = (size_t)a->out.pitch;
    for (int i = 0; i < columns; i++) {
        size_t x = (size_t)(x0 + i), y = (size_t)row;
        float *to = a->out.data + (a->turned ? x * pitch + y : y * pitch + x) * 4;
        *(px *)to = *(const px *)&tile->v[4 * i];
    }
}

HIPFX_FN uint64_t blur_encode(int format, const struct blur_tile *tile, int i)
{
    return hipfx_encode(format, (struct hipfx_px){tile->v[4 * i], tile->v[4 * i + 1],
                                                  tile->v[4 * i + 2], tile->v[4 * i + 3]});
}

HIPFX_FN void blur_write_picture(const struct hipfx_blur_args *a, int format, int x0, int columns,
                                 int row, const struct blur_tile *tile)
{
    uint64_t raw[BLUR_TILE];
    if (!a->turned) {
        HIPFX_VECTORIZE
        for (int i = 0; i < columns; i++)
            hipfx_store(&a->frame, format, x0 + i, row, blur_encode(format, tile, i));
        return;
    }
    HIPFX_VECTORIZE
    for (int i = 0; i < BLUR_TILE; i++)
        raw[i] = blur_encode(format, tile, i);
    for (int i = 0; i < columns; i++)
        hipfx_store(&a->frame, format, row, x0 + i, raw[i]);
}

/* `row` counts from the first that is made. */
HIPFX_FN void blur_go_down(const struct hipfx_blur_args *a, int source, int target, int x0, int row,
                           int count, const struct blur_window *windows)
{
    struct blur_tile live[BLUR_LIVE], sum;
    const int columns = hipfx_min_i(BLUR_TILE, a->width - x0);
    int decoded = windows[0].first;
    if (columns < BLUR_TILE && source != BLUR_LIGHT)
        __builtin_memset(live, 0, sizeof(live));
    for (int r = 0; r < count; r++) {
        const float *rows[BLUR_TAPS];
        for (int q = 0; q < windows[r].count; q++) {
            const int y = windows[r].first + q;
            if (source == BLUR_LIGHT) {
                rows[q] = blur_light_at(a, x0, y);
                continue;
            }
            struct blur_tile *tile = &live[y & (BLUR_LIVE - 1)];
            if (y == decoded) {
                blur_decode(a, source, x0, columns, y, tile);
                decoded++;
            }
            rows[q] = tile->v;
        }
        blur_gather(&windows[r], rows, &sum);
        if (target == BLUR_LIGHT)
            blur_write_light(a, x0, columns, row + r, &sum);
        else
            blur_write_picture(a, target, x0, columns, row + r, &sum);
    }
}

HIPFX_FN void blur_pass(const struct hipfx_blur_args *a, int source, int target, int row_begin,
                        int row_end)
{
    float weights[BLUR_WEIGHTS];
    struct blur_window windows[BLUR_ROWS];
    const int taps = hipfx_min_i((int)(2.0f * a->radius) + 2, BLUR_TAPS);
    const int at_once = hipfx_min_i(BLUR_WEIGHTS / taps, BLUR_ROWS);
    for (int row = row_begin; row < row_end; row += at_once) {
        const int count = hipfx_min_i(at_once, row_end - row);
        for (int i = 0; i < count; i++)
            windows[i] = blur_window(a, a->first + row + i, &weights[i * taps]);
        for (int x0 = a->live.first; x0 < a->width; x0 += BLUR_TILE)
            blur_go_down(a, source, target, x0, row, count, windows);
    }
}

HIPFX_KERNEL_ROWS(blur_in_rgba8, struct hipfx_blur_args, a, row_begin, row_end)
{
    blur_pass(a, HIPFX_PIXEL_RGBA8_SRGB, BLUR_LIGHT, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(blur_in_rgba16f, struct hipfx_blur_args, a, row_begin, row_end)
{
    blur_pass(a, HIPFX_PIXEL_RGBA16F, BLUR_LIGHT, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(blur_light, struct hipfx_blur_args, a, row_begin, row_end)
{
    blur_pass(a, BLUR_LIGHT, BLUR_LIGHT, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(blur_out_rgba8, struct hipfx_blur_args, a, row_begin, row_end)
{
    blur_pass(a, BLUR_LIGHT, HIPFX_PIXEL_RGBA8_SRGB, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(blur_out_rgba16f, struct hipfx_blur_args, a, row_begin, row_end)
{
    blur_pass(a, BLUR_LIGHT, HIPFX_PIXEL_RGBA16F, row_begin, row_end);
}
