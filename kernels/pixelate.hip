/* The mean of the pixels of each cell, in premultiplied linear light: the exact one of those whose
 * centres lie in the cell and in the frame.
 *   pixelate_sum    adds up parts of a cell's rows of pixels;
 *   pixelate_mean   adds up a cell's parts;
 *   pixelate_fill   gives each pixel its cell's mean.
 * Where a cell begins and ends is computed in whole numbers, so that all three agree. */
#include "kernels/device_blur.h"

/* Hexagons stand on a corner: each is what is nearer to its centre than to any other. Along a row
 * of pixels between two rows of centres, the cells of those above reach half of `across` to both
 * sides in the first third, nothing in the last, and linearly less in between; the cells of those
 * below have the rest. A pixel on a border belongs to the cell right of it, or below. */
struct pixelate_line {
    int row;               /* of cells: whose centres lie above the line */
    int to_left, to_right; /* from such a centre: pixels at -to_left and not yet to_right are its */
};

HIPFX_FN int pixelate_floor(int a, int b)
{
    const int q = a / b;
    return q - (q * b > a ? 1 : 0);
}

/* The line through the centres of the pixels of row y. */
HIPFX_FN struct pixelate_line pixelate_line(const struct hipfx_pixelate_args *a, int y)
{
    const int at = y * HIPFX_PIXELATE_UNITS + HIPFX_PIXELATE_UNITS / 2 - a->top;
    if (!a->hexagon) {
        const int row = pixelate_floor(at + a->down / 2, a->down);
        return (struct pixelate_line){row, a->across / 2, a->across / 2};
    }
    const int row = pixelate_floor(at, a->down);
    const int cut = 3 * a->across * (at - row * a->down), by = 2 * a->down;
    struct pixelate_line line;
    line.row = row;
    line.to_left = hipfx_clamp_i(a->across - (cut + by - 1) / by, 0, a->across / 2);
    line.to_right = hipfx_clamp_i(a->across - cut / by, 0, a->across / 2);
    return line;
}

/* The same where `frame` is the whole picture; no cell has any of what lies outside. */
HIPFX_FN struct pixelate_line pixelate_line_inside(const struct hipfx_pixelate_args *a, int y)
{
    const bool inside = y >= 0 && y < a->frame.height;
    return inside ? pixelate_line(a, y) : (struct pixelate_line){-(1 << 30), 0, 0};
}

/* The middle of column 0. */
HIPFX_FN int pixelate_left(const struct hipfx_pixelate_args *a, int row)
{
    return a->left + (a->hexagon && (row & 1) ? a->across / 2 : 0);
}

/* The first pixel whose centre is not before `at`. */
HIPFX_FN int pixelate_pixel(int at)
{
    return pixelate_floor(at + HIPFX_PIXELATE_UNITS / 2 - 1, HIPFX_PIXELATE_UNITS);
}

/* The pixels of a row that lie in a cell: from begin to before end. */
struct pixelate_run {
    int begin, end;
};

HIPFX_FN struct pixelate_run pixelate_run(const struct hipfx_pixelate_args *a,
                                          struct pixelate_line line, int row, int column)
{
    const bool upper = row == line.row, lower = a->hexagon && row == line.row + 1;
    const int to_left = upper ? line.to_left : a->across / 2 - line.to_right;
    const int to_right = upper ? line.to_right : a->across / 2 - line.to_left;
    const int centre = pixelate_left(a, row) + column * a->across;
    const bool any = upper || lower;
    struct pixelate_run run;
    run.begin = hipfx_clamp_i(pixelate_pixel(centre - to_left), 0, a->frame.width);
    run.end = hipfx_clamp_i(pixelate_pixel(centre + to_right), 0, a->frame.width);
    run.end = any ? run.end : run.begin;
    return run;
}

/* The first row of pixels that a row of cells may have. */
HIPFX_FN int pixelate_top(const struct hipfx_pixelate_args *a, int row)
{
    const int reach = a->hexagon ? (2 * a->down + 2) / 3 : a->down / 2;
    return pixelate_pixel(a->top + row * a->down - reach);
}

/* The number of whole columns from 0 to `at`. A float's quotient is exact enough: what is divided
 * lies half a unit or more from where the result changes. */
HIPFX_FN int pixelate_column(const struct hipfx_pixelate_args *a, int at)
{
    const float column = ((float)at + 0.5f) * (1.0f / (float)a->across);
    const int whole = (int)column;
    return whole - (column < (float)whole ? 1 : 0);
}

/* The cell of pixel x of a line, as its place among the means. */
HIPFX_FN int pixelate_cell(const struct hipfx_pixelate_args *a, struct pixelate_line line, int x)
{
    const int at = x * HIPFX_PIXELATE_UNITS + HIPFX_PIXELATE_UNITS / 2 + a->across / 2;
    const int from_upper = at - pixelate_left(a, line.row);
    const int from_lower = at - pixelate_left(a, line.row + 1);
    const int upper = pixelate_column(a, from_upper), lower = pixelate_column(a, from_lower);
    const int away = from_upper - upper * a->across - a->across / 2;
    const bool is_upper = away >= -line.to_left && away < line.to_right;
    const int row = line.row + (is_upper ? 0 : 1) - a->first_row;
    return row * a->columns + (is_upper ? upper : lower) - a->first_column;
}

#if HIPFX_GPU

HIPFX_FN void pixelate_sum(const struct hipfx_pixelate_args *a, int format)
{
    const int x = hipfx_block_x() * HIPFX_BLOCK + hipfx_thread(), y = hipfx_block_y();
    hipfx_decode_prepare(format);
    if (x >= a->width)
        return;
    const int row = a->first_row + y / a->cell_rows, column = a->first_column + x / a->parts;
    const int pixel_row = pixelate_top(a, row) + y % a->cell_rows;
    const struct pixelate_line line = pixelate_line_inside(a, pixel_row);
    const struct pixelate_run run = pixelate_run(a, line, row, column);
    const int begin = run.begin + x % a->parts * HIPFX_PIXELATE_PART;
    const int end = hipfx_min_i(begin + HIPFX_PIXELATE_PART, run.end);
    hipfx_float4 sum = 0.0f;
#pragma clang loop unroll_count(4)
    for (int i = begin; i < end; i++) {
        struct hipfx_px px = blur_load(&a->frame, format, i, pixel_row);
        sum += (hipfx_float4){px.r, px.g, px.b, px.a};
    }
    ((HIPFX_GLOBAL hipfx_float4 *)
         a->sums)[(uint64_t)(uint32_t)y * (uint32_t)a->width + (uint32_t)x] = sum;
}

/* The sum of what the block's threads have. */
HIPFX_SHARED hipfx_float4 pixelate_sums[HIPFX_BLOCK];

HIPFX_FN hipfx_float4 pixelate_join(hipfx_float4 sum)
{
    const int thread = hipfx_thread();
    pixelate_sums[thread] = sum;
    for (int half = HIPFX_BLOCK / 2; half > 0; half /= 2) {
        hipfx_barrier();
        if (thread < half)
            pixelate_sums[thread] += pixelate_sums[thread + half];
    }
    hipfx_barrier();
    return pixelate_sums[0];
}

/* The block's threads share out one cell's parts, or have a cell each. */
HIPFX_FN void pixelate_mean(const struct hipfx_pixelate_args *a, int format)
{
    const int thread = hipfx_thread(), lane = a->lanes > 1 ? thread : 0;
    const int x = a->lanes > 1 ? hipfx_block_x() : hipfx_block_x() * HIPFX_BLOCK + thread;
    const int row = a->first_row + hipfx_block_y(), column = a->first_column + x;
    const int inside = hipfx_min_i(x, a->columns - 1) * a->parts;
    const int top = pixelate_top(a, row);
    hipfx_float4 sum = 0.0f;
    int count = 0;
    for (int i = lane; i < a->cell_rows * a->parts; i += a->lanes) {
        const int line = i / a->parts;
        const uint64_t at = (uint64_t)(uint32_t)(hipfx_block_y() * a->cell_rows + line) *
                            (uint32_t)(a->columns * a->parts);
        sum += ((const HIPFX_GLOBAL hipfx_float4 *)a->sums)[at + (uint32_t)(inside + i % a->parts)];
    }
    for (int line = lane; line < a->cell_rows; line += a->lanes) {
        const struct pixelate_run run =
            pixelate_run(a, pixelate_line_inside(a, top + line), row, column);
        count += run.end - run.begin;
    }
    if (a->lanes > 1) {
        const hipfx_float4 all = pixelate_join((hipfx_float4){(float)count, 0.0f, 0.0f, 0.0f});
        count = (int)all.x;
        hipfx_barrier();
        sum = pixelate_join(sum);
    }
    if (lane != 0 || x >= a->columns)
        return;
    sum *= 1.0f / (float)hipfx_max_i(count, 1);
    ((HIPFX_GLOBAL uint64_t *)a->means)[hipfx_block_y() * a->columns + x] =
        hipfx_encode(format, (struct hipfx_px){sum.x, sum.y, sum.z, sum.w});
}

/* A block's part is 32 groups wide. */
HIPFX_FN void pixelate_fill(const struct hipfx_pixelate_args *a, int format)
{
    enum { across = 32, down = HIPFX_BLOCK / across };
    const int pixels = hipfx_group_pixels(format);
    const int x = (hipfx_block_x() * across + hipfx_thread() % across) * pixels;
    const int top = hipfx_block_y() * HIPFX_PIXELATE_ROWS + hipfx_thread() / across;
    const HIPFX_GLOBAL uint64_t *means = (const HIPFX_GLOBAL uint64_t *)a->means;
    for (int i = 0; i < HIPFX_PIXELATE_ROWS; i += down) {
        const struct pixelate_line line = pixelate_line(a, a->fill_top + top + i);
        hipfx_group group = 0;
        if (x >= a->width || top + i >= a->height)
            return;
        HIPFX_UNROLL
        for (int j = 0; j < pixels; j++) {
            const int inside = a->fill_left + hipfx_min_i(x + j, a->width - 1);
            group = hipfx_group_rotate(group, format, means[pixelate_cell(a, line, inside)]);
        }
        hipfx_group_store(&a->frame, format, x, top + i, group);
    }
}

HIPFX_KERNEL_BLOCK(pixelate_sum_rgba8, struct hipfx_pixelate_args, a)
{
    pixelate_sum(a, HIPFX_PIXEL_RGBA8_SRGB);
}

HIPFX_KERNEL_BLOCK(pixelate_sum_rgba16f, struct hipfx_pixelate_args, a)
{
    pixelate_sum(a, HIPFX_PIXEL_RGBA16F);
}

HIPFX_KERNEL_BLOCK(pixelate_mean_rgba8, struct hipfx_pixelate_args, a)
{
    pixelate_mean(a, HIPFX_PIXEL_RGBA8_SRGB);
}

HIPFX_KERNEL_BLOCK(pixelate_mean_rgba16f, struct hipfx_pixelate_args, a)
{
    pixelate_mean(a, HIPFX_PIXEL_RGBA16F);
}

HIPFX_KERNEL_BLOCK(pixelate_fill_rgba8, struct hipfx_pixelate_args, a)
{
    pixelate_fill(a, HIPFX_PIXEL_RGBA8_SRGB);
}

HIPFX_KERNEL_BLOCK(pixelate_fill_rgba16f, struct hipfx_pixelate_args, a)
{
    pixelate_fill(a, HIPFX_PIXEL_RGBA16F);
}

#else

#define PIXELATE_TILE 512 /* pixels that are decoded together */

typedef float pixelate_px __attribute__((ext_vector_type(4), aligned(4)));

HIPFX_FN void pixelate_decode(const struct hipfx_pixelate_args *a, int format, int y,
                              struct pixelate_run run, float *tile)
{
    HIPFX_VECTORIZE
    for (int i = 0; i < run.end - run.begin; i++) {
        struct hipfx_px px = blur_load(&a->frame, format, run.begin + i, y);
        tile[4 * i] = px.r;
        tile[4 * i + 1] = px.g;
        tile[4 * i + 2] = px.b;
        tile[4 * i + 3] = px.a;
    }
}

HIPFX_FN void pixelate_sum_line(const struct hipfx_pixelate_args *a, int format, int row, int y,
                                float *sums)
{
    float tile[4 * PIXELATE_TILE];
    struct pixelate_run decoded = {0, 0}, run = {0, 0};
    const struct pixelate_line line = pixelate_line_inside(a, y);
    for (int i = a->live.first; i < a->width; i++) {
        const struct pixelate_run cell = pixelate_run(a, line, row, a->first_column + i / a->parts);
        run.begin = hipfx_min_i(cell.begin + i % a->parts * HIPFX_PIXELATE_PART, cell.end);
        run.end = hipfx_min_i(run.begin + HIPFX_PIXELATE_PART, cell.end);
        if (run.begin < run.end && run.end > decoded.end) {
            decoded.begin = run.begin;
            decoded.end = hipfx_min_i(run.begin + PIXELATE_TILE, a->frame.width);
            pixelate_decode(a, format, y, decoded, tile);
        }
        pixelate_px sum = 0.0f;
        for (int x = run.begin; x < run.end; x++)
            sum += *(const pixelate_px *)&tile[4 * (x - decoded.begin)];
        *(pixelate_px *)&sums[(size_t)i * 4] = sum;
    }
}

HIPFX_FN void pixelate_sum(const struct hipfx_pixelate_args *a, int format, int row_begin,
                           int row_end)
{
    const size_t pitch = (size_t)a->columns * (size_t)a->parts * 4;
    for (int y = row_begin; y < row_end; y++) {
        const int row = a->first_row + y / a->cell_rows;
        pixelate_sum_line(a, format, row, pixelate_top(a, row) + y % a->cell_rows,
                          a->sums + (size_t)y * pitch);
    }
}

HIPFX_FN uint64_t pixelate_mean_of(const struct hipfx_pixelate_args *a, int format, int y, int x)
{
    const int row = a->first_row + y, top = pixelate_top(a, row);
    const size_t pitch = (size_t)a->columns * (size_t)a->parts * 4;
    const float *sums = a->sums + (size_t)y * (size_t)a->cell_rows * pitch;
    pixelate_px all = 0.0f;
    int count = 0;
    for (int line = 0; line < a->cell_rows; line++) {
        const struct pixelate_run run =
            pixelate_run(a, pixelate_line_inside(a, top + line), row, a->first_column + x);
        count += run.end - run.begin;
        pixelate_px sum = 0.0f;
        for (int part = x * a->parts; part < (x + 1) * a->parts; part++)
            sum += *(const pixelate_px *)&sums[(size_t)line * pitch + (size_t)part * 4];
        all += sum;
    }
    all *= 1.0f / (float)hipfx_max_i(count, 1);
    return hipfx_encode(format, (struct hipfx_px){all.x, all.y, all.z, all.w});
}

HIPFX_FN void pixelate_mean(const struct hipfx_pixelate_args *a, int format, int row_begin,
                            int row_end)
{
    for (int y = row_begin; y < row_end; y++)
        for (int x = a->live.first; x < a->width; x++)
            a->means[(size_t)y * (size_t)a->columns + (size_t)x] =
                pixelate_mean_of(a, format, y, x);
}

HIPFX_FN void pixelate_fill(const struct hipfx_pixelate_args *a, int format, int row_begin,
                            int row_end)
{
    for (int y = row_begin; y < row_end; y++) {
        const struct pixelate_line line = pixelate_line(a, a->fill_top + y);
        HIPFX_VECTORIZE
        for (int x = a->live.first; x < a->width; x++)
            hipfx_store(&a->frame, format, x, y,
                        a->means[pixelate_cell(a, line, a->fill_left + x)]);
    }
}

HIPFX_KERNEL_ROWS(pixelate_sum_rgba8, struct hipfx_pixelate_args, a, row_begin, row_end)
{
    pixelate_sum(a, HIPFX_PIXEL_RGBA8_SRGB, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(pixelate_sum_rgba16f, struct hipfx_pixelate_args, a, row_begin, row_end)
{
    pixelate_sum(a, HIPFX_PIXEL_RGBA16F, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(pixelate_mean_rgba8, struct hipfx_pixelate_args, a, row_begin, row_end)
{
    pixelate_mean(a, HIPFX_PIXEL_RGBA8_SRGB, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(pixelate_mean_rgba16f, struct hipfx_pixelate_args, a, row_begin, row_end)
{
    pixelate_mean(a, HIPFX_PIXEL_RGBA16F, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(pixelate_fill_rgba8, struct hipfx_pixelate_args, a, row_begin, row_end)
{
    pixelate_fill(a, HIPFX_PIXEL_RGBA8_SRGB, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(pixelate_fill_rgba16f, struct hipfx_pixelate_args, a, row_begin, row_end)
{
    pixelate_fill(a, HIPFX_PIXEL_RGBA16F, row_begin, row_end);
}

#endif
