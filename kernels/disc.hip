/* The mean over a disc around each pixel, at a cost that grows with its radius and not with its
 * square: a disc is the same above and below its middle row, left and right of its middle column.
 * So the pairs of rows that lie equally far above and below are added up first; of them, the sums
 * of each of the disc's columns, once for both columns that are alike; and of those the disc. */
#include "kernels/device_light.h"

#if HIPFX_GPU

enum { disc_at_once = HIPFX_DISC_AT_ONCE, disc_groups = HIPFX_DISC_COLUMNS / disc_at_once };

HIPFX_SHARED hipfx_float4 disc_columns[disc_at_once][HIPFX_BLOCK];
HIPFX_SHARED hipfx_float4 disc_parts[HIPFX_DISC_COLUMNS][disc_groups];

struct disc_sums {
    hipfx_float4 v[HIPFX_DISC_COLUMNS];
};

HIPFX_FN void disc_prepare(const struct hipfx_disc_args *a)
{
    float *parts = (float *)disc_parts;
    for (int i = hipfx_thread(); i < HIPFX_DISC_COLUMNS * HIPFX_DISC_COLUMNS; i += HIPFX_BLOCK)
        parts[i] = a->parts[i / HIPFX_DISC_COLUMNS][i % HIPFX_DISC_COLUMNS];
    hipfx_barrier();
}

/* Of all the disc's columns, if they lay where the thread's pixel lies. */
HIPFX_FN struct disc_sums disc_add_rows(const struct hipfx_disc_args *a, int x, int y)
{
    struct disc_sums sums = {};
#pragma clang loop unroll_count(4)
    for (int row = 0; row <= a->reach; row++) {
        const hipfx_float4 above = light_load(&a->in, x, y - row);
        const hipfx_float4 below = light_load(&a->in, x, y + row);
        const hipfx_float4 both = row > 0 ? above + below : above;
        HIPFX_UNROLL
        for (int group = 0; group < disc_groups; group++) {
            const hipfx_float4 parts = disc_parts[row][group];
            if (parts.x <= 0.0f)
                continue; /* the disc is not that wide there */
            HIPFX_UNROLL
            for (int i = 0; i < disc_at_once; i++)
                sums.v[group * disc_at_once + i] += both * parts[i];
        }
    }
    return sums;
}

HIPFX_FN hipfx_float4 disc_add_columns(const struct hipfx_disc_args *a,
                                       const struct disc_sums *sums, bool wanted)
{
    const int thread = hipfx_thread();
    hipfx_float4 sum = 0.0f;
    HIPFX_UNROLL
    for (int group = 0; group < disc_groups; group++) {
        if (group * disc_at_once > a->reach)
            break;
        hipfx_barrier(); /* nobody reads what was there before */
        HIPFX_UNROLL
        for (int i = 0; i < disc_at_once; i++)
            disc_columns[i][thread] = sums->v[group * disc_at_once + i];
        hipfx_barrier();
        if (!wanted)
            continue;
        HIPFX_UNROLL
        for (int i = 0; i < disc_at_once; i++) {
            const int away = group * disc_at_once + i;
            sum += disc_columns[i][thread - away];
            if (away > 0)
                sum += disc_columns[i][thread + away];
        }
    }
    return sum;
}

HIPFX_FN void disc_block(const struct hipfx_disc_args *a, int format)
{
    const int thread = hipfx_thread();
    const int x = hipfx_block_x() * HIPFX_DISC_ACROSS + thread - HIPFX_DISC_COLUMNS;
    const int top = hipfx_block_y() * HIPFX_DISC_DOWN;
    const int column = a->left + hipfx_clamp_i(x, -a->reach, a->width - 1 + a->reach);
    const bool wanted = thread >= HIPFX_DISC_COLUMNS &&
                        thread < HIPFX_DISC_COLUMNS + HIPFX_DISC_ACROSS && x < a->width;
    disc_prepare(a);
    for (int y = top; y < hipfx_min_i(top + HIPFX_DISC_DOWN, a->height); y++) {
        const struct disc_sums sums = disc_add_rows(a, column, a->top + y);
        const hipfx_float4 sum = disc_add_columns(a, &sums, wanted);
        if (wanted)
            light_write(&a->frame, &a->out, format, x, y, sum * a->scale);
    }
}

#define DISC_KERNEL(name, format)                                                                  \
    HIPFX_KERNEL_BLOCK(name, struct hipfx_disc_args, a)                                            \
    {                                                                                              \
        disc_block(a, format);                                                                     \
    }

#else

/* Pixels of a row whose columns' sums are kept at once, and vectors of them that are worked on
 * together. */
#define DISC_TILE (2 * LIGHT_TILE)
#define DISC_VECS 2

struct disc_tile {
    float v[HIPFX_DISC_COLUMNS][4 * (DISC_TILE + 2 * HIPFX_DISC_COLUMNS)];
};

/* Of each column, the first row that the disc covers in part only, and the first of which it covers
 * nothing. */
struct disc_rows {
    int part[HIPFX_DISC_COLUMNS], end[HIPFX_DISC_COLUMNS];
};

HIPFX_FN struct disc_rows disc_rows(const struct hipfx_disc_args *a)
{
    struct disc_rows rows;
    for (int column = 0; column <= a->reach; column++) {
        int part = 0, end = 0;
        while (part <= a->reach && a->parts[part][column] >= 1.0f)
            part++;
        while (end <= a->reach && a->parts[end][column] > 0.0f)
            end++;
        rows.part[column] = part;
        rows.end[column] = end;
    }
    return rows;
}

/* From the outermost column on each covers the rows of the one before, which need not be added up
 * again. */
HIPFX_FN void disc_add_rows(const struct hipfx_disc_args *a, const struct disc_rows *rows,
                            const float *in, int at, struct disc_tile *tile)
{
    const ptrdiff_t pitch = (ptrdiff_t)a->in.pitch * 4;
    hipfx_vec both[HIPFX_DISC_COLUMNS][DISC_VECS], covered[DISC_VECS];
    int row = 0;
    for (int i = 0; i < DISC_VECS; i++) {
        covered[i] = 0.0f;
        both[0][i] = hipfx_vec_load(in + at + i * HIPFX_LANES);
    }
    for (int y = 1; y <= a->reach; y++)
        for (int i = 0; i < DISC_VECS; i++)
            both[y][i] = hipfx_vec_load(in + at + i * HIPFX_LANES - y * pitch) +
                         hipfx_vec_load(in + at + i * HIPFX_LANES + y * pitch);
    for (int column = a->reach; column >= 0; column--) {
        for (; row < rows->part[column]; row++)
            for (int i = 0; i < DISC_VECS; i++)
                covered[i] += both[row][i];
        hipfx_vec sum[DISC_VECS];
        for (int i = 0; i < DISC_VECS; i++)
            sum[i] = covered[i];
        for (int y = row; y < rows->end[column]; y++)
            for (int i = 0; i < DISC_VECS; i++)
                sum[i] += both[y][i] * a->parts[y][column];
        for (int i = 0; i < DISC_VECS; i++)
            hipfx_vec_store(&tile->v[column][at + i * HIPFX_LANES], sum[i]);
    }
}

HIPFX_FN void disc_add_columns(const struct hipfx_disc_args *a, const struct disc_tile *tile,
                               int first, struct light_tile *out)
{
    for (int at = 0; at < 4 * LIGHT_TILE; at += LIGHT_VECS * HIPFX_LANES) {
        const int middle = 4 * (first + a->reach) + at;
        hipfx_vec sum[LIGHT_VECS];
        for (int i = 0; i < LIGHT_VECS; i++)
            sum[i] = hipfx_vec_load(&tile->v[0][middle + i * HIPFX_LANES]);
        for (int column = 1; column <= a->reach; column++)
            for (int i = 0; i < LIGHT_VECS; i++) {
                const float *v = &tile->v[column][middle + i * HIPFX_LANES];
                sum[i] += hipfx_vec_load(v - 4 * column) + hipfx_vec_load(v + 4 * column);
            }
        for (int i = 0; i < LIGHT_VECS; i++)
            hipfx_vec_store(&out->v[at + i * HIPFX_LANES], sum[i] * a->scale);
    }
}

HIPFX_FN void disc_pass(const struct hipfx_disc_args *a, int format, int row_begin, int row_end)
{
    enum { at_once = DISC_VECS * HIPFX_LANES };
    static_assert(sizeof(((struct disc_tile *)0)->v[0]) % (at_once * sizeof(float)) == 0,
                  "a tile is whole");
    const struct disc_rows rows = disc_rows(a);
    for (int x0 = a->live.first; x0 < a->width; x0 += DISC_TILE) {
        const int columns = hipfx_min_i(DISC_TILE, a->width - x0);
        for (int y = row_begin; y < row_end; y++) {
            const size_t from = (size_t)(a->top + y) * (size_t)a->in.pitch;
            const float *in = a->in.data + (from + (size_t)(a->left + x0 - a->reach)) * 4;
            struct disc_tile tile;
            struct light_tile out;
            for (int at = 0; at < 4 * (columns + 2 * a->reach); at += at_once)
                disc_add_rows(a, &rows, in, at, &tile);
            for (int i = 0; i < columns; i += LIGHT_TILE) {
                disc_add_columns(a, &tile, i, &out);
                light_tile_write(&a->frame, &a->out, format, x0 + i,
                                 hipfx_min_i(LIGHT_TILE, columns - i), y, &out);
            }
        }
    }
}

#define DISC_KERNEL(name, format)                                                                  \
    HIPFX_KERNEL_ROWS(name, struct hipfx_disc_args, a, row_begin, row_end)                         \
    {                                                                                              \
        disc_pass(a, format, row_begin, row_end);                                                  \
    }

#endif

DISC_KERNEL(disc_light, HIPFX_PIXEL_NONE)
DISC_KERNEL(disc_rgba8, HIPFX_PIXEL_RGBA8_SRGB)
DISC_KERNEL(disc_rgba16f, HIPFX_PIXEL_RGBA16F)
