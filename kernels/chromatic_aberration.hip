/* Chromatic aberration: the red and the blue picture lie beside the green one. In premultiplied
 * linear light, sampled bilinearly; outside the frame its edges go on.
 *
 * Each of the three brings a coverage of its own, but a pixel has one: their mean is the alpha that
 * is least wrong for what lies below.
 *
 * The way that red is moved along x depends on x alone, and the way along y on y alone. So a column
 * is gone down with the same two source columns and weights, and a row between two source rows
 * finds one of the two, already interpolated along x, where the row before left it. */
#include "kernels/device.h"

/* What is moved lies `fraction` of the way from `pixels` further on to the next. Split off so that
 * a float's bits are spent on the way, not on the place in a large frame. */
struct aberration_shift {
    int pixels;
    float fraction;
};

HIPFX_FN struct aberration_shift aberration_shift(float way)
{
    int pixels = (int)way;
    pixels -= (float)pixels > way ? 1 : 0;
    return (struct aberration_shift){pixels, way - (float)pixels};
}

/* From where red is taken is where it is moved to, less the way; for blue the other way around. */
HIPFX_FN struct aberration_shift aberration_shift_x(const struct hipfx_aberration_args *a,
                                                    float sign, int x)
{
    return aberration_shift(sign * (a->x0 + (float)(a->left + x) * a->per_px));
}

HIPFX_FN struct aberration_shift aberration_shift_y(const struct hipfx_aberration_args *a,
                                                    float sign, int y)
{
    return aberration_shift(sign * (a->y0 + (float)(a->top + y) * a->per_px));
}

#define ABERRATION_RED  (-1.0f)
#define ABERRATION_BLUE 1.0f

/* One colour's light and its coverage: of 8 bits as a code, of half floats as it is. */
struct aberration_sample {
    float light, alpha;
};

HIPFX_FN uint64_t aberration_load(const struct hipfx_aberration_args *a, int format, int x, int y)
{
    return hipfx_load(&a->in, format, hipfx_clamp_i(x, 0, a->in.width - 1),
                      hipfx_clamp_i(y, 0, a->in.height - 1));
}

HIPFX_FN struct aberration_sample aberration_mix(struct aberration_sample p,
                                                 struct aberration_sample q, float t)
{
    return (struct aberration_sample){p.light + (q.light - p.light) * t,
                                      p.alpha + (q.alpha - p.alpha) * t};
}

/* Only what is used of the pixel is decoded. */
HIPFX_FN struct aberration_sample aberration_decode(int format, float sign, uint64_t raw)
{
    const struct hipfx_px px = hipfx_decode(format, raw);
    const bool bytes = format == HIPFX_PIXEL_RGBA8_SRGB;
    return (struct aberration_sample){sign == ABERRATION_RED ? px.r : px.b,
                                      bytes ? hipfx_byte((uint32_t)raw, 3) : px.a};
}

/* At a source row, between two of its pixels. */
HIPFX_FN struct aberration_sample aberration_along_x(const struct hipfx_aberration_args *a,
                                                     int format, float sign,
                                                     struct aberration_shift shift, int x, int row)
{
    const int from = a->left + x + shift.pixels;
    return aberration_mix(
        aberration_decode(format, sign, aberration_load(a, format, from, row)),
        aberration_decode(format, sign, aberration_load(a, format, from + 1, row)), shift.fraction);
}

HIPFX_FN uint64_t aberration_join(int format, struct aberration_sample red, uint64_t raw,
                                  struct aberration_sample blue)
{
    const float third = 1.0f / 3.0f;
    if (format == HIPFX_PIXEL_RGBA8_SRGB) {
        const float alpha = (red.alpha + hipfx_byte((uint32_t)raw, 3) + blue.alpha) * third;
        return hipfx_pack_bytes(hipfx_srgb_encode(red.light), (uint32_t)raw >> 8 & 255,
                                hipfx_srgb_encode(blue.light), hipfx_code(alpha + HIPFX_ROUND));
    }
    struct hipfx_px px = hipfx_decode(format, raw);
    px.r = red.light;
    px.b = blue.light;
    px.a = (red.alpha + px.a + blue.alpha) * third;
    return hipfx_encode(format, px);
}

#if HIPFX_GPU

/* Where red and blue are taken from along y, for each of the block's rows: between the source rows
 * `row` and `row` + 1. */
struct aberration_line {
    int row;
    float fraction;
};

HIPFX_SHARED struct aberration_line aberration_lines[2][HIPFX_ABERRATION_ROWS];

HIPFX_FN void aberration_prepare(const struct hipfx_aberration_args *a, int format, int top)
{
    for (int i = hipfx_thread(); i < 2 * HIPFX_ABERRATION_ROWS; i += HIPFX_BLOCK) {
        const int blue = i / HIPFX_ABERRATION_ROWS, y = top + i % HIPFX_ABERRATION_ROWS;
        const struct aberration_shift shift =
            aberration_shift_y(a, blue ? ABERRATION_BLUE : ABERRATION_RED, y);
        aberration_lines[blue][y - top] =
            (struct aberration_line){a->top + y + shift.pixels, shift.fraction};
    }
    hipfx_decode_prepare(format);
    hipfx_barrier();
}

/* A colour's column, between the source columns `left` and `right`, and two rows of it. */
struct aberration_column {
    int left, right, row;
    float fraction;
    struct aberration_sample above, below;
};

/* The two pixels of a source row. */
struct aberration_pair {
    uint64_t left, right;
};

HIPFX_FN struct aberration_pair aberration_read(const struct hipfx_aberration_args *a, int format,
                                                const struct aberration_column *column, int row)
{
    row = hipfx_clamp_i(row, 0, a->in.height - 1);
    return (struct aberration_pair){hipfx_load(&a->in, format, column->left, row),
                                    hipfx_load(&a->in, format, column->right, row)};
}

HIPFX_FN struct aberration_sample aberration_within(int format, float sign,
                                                    const struct aberration_column *column,
                                                    struct aberration_pair pair)
{
    return aberration_mix(aberration_decode(format, sign, pair.left),
                          aberration_decode(format, sign, pair.right), column->fraction);
}

HIPFX_FN struct aberration_column aberration_column(const struct hipfx_aberration_args *a,
                                                    int format, float sign, int x,
                                                    struct aberration_line line)
{
    const struct aberration_shift shift = aberration_shift_x(a, sign, x);
    const int from = a->left + x + shift.pixels, last = a->in.width - 1;
    struct aberration_column column;
    column.left = hipfx_clamp_i(from, 0, last);
    column.right = hipfx_clamp_i(from + 1, 0, last);
    column.fraction = shift.fraction;
    column.row = line.row - 1;
    column.above.light = column.above.alpha = 0.0f;
    column.below =
        aberration_within(format, sign, &column, aberration_read(a, format, &column, line.row));
    return column;
}

/* `below`: of the row below `line`'s. */
HIPFX_FN struct aberration_sample aberration_next(const struct hipfx_aberration_args *a, int format,
                                                  float sign, struct aberration_column *column,
                                                  struct aberration_line line,
                                                  struct aberration_pair below)
{
    if (line.row == column->row + 1)
        column->above = column->below;
    else if (line.row != column->row)
        column->above =
            aberration_within(format, sign, column, aberration_read(a, format, column, line.row));
    column->below = aberration_within(format, sign, column, below);
    column->row = line.row;
    return aberration_mix(column->above, column->below, line.fraction);
}

HIPFX_FN void aberration_block(const struct hipfx_aberration_args *a, int format)
{
    const int x = hipfx_block_x() * HIPFX_BLOCK + hipfx_thread();
    const int top = hipfx_block_y() * HIPFX_ABERRATION_ROWS;
    const int rows = hipfx_min_i(HIPFX_ABERRATION_ROWS, a->height - top);
    aberration_prepare(a, format, top);
    if (x >= a->width)
        return;

    const struct aberration_line *up = aberration_lines[0], *down = aberration_lines[1];
    struct aberration_column red = aberration_column(a, format, ABERRATION_RED, x, up[0]);
    struct aberration_column blue = aberration_column(a, format, ABERRATION_BLUE, x, down[0]);
#pragma clang loop unroll_count(2)
    for (int i = 0; i < rows; i++) {
        /* All is asked for before it is waited for, rows that are there already as well. */
        const uint64_t raw = hipfx_load(&a->in, format, a->left + x, a->top + top + i);
        const struct aberration_pair r = aberration_read(a, format, &red, up[i].row + 1);
        const struct aberration_pair b = aberration_read(a, format, &blue, down[i].row + 1);
        const struct aberration_sample red_light =
            aberration_next(a, format, ABERRATION_RED, &red, up[i], r);
        const struct aberration_sample blue_light =
            aberration_next(a, format, ABERRATION_BLUE, &blue, down[i], b);
        hipfx_store(&a->out, format, x, top + i,
                    aberration_join(format, red_light, raw, blue_light));
    }
}

HIPFX_KERNEL_BLOCK(aberration_rgba8, struct hipfx_aberration_args, a)
{
    aberration_block(a, HIPFX_PIXEL_RGBA8_SRGB);
}

HIPFX_KERNEL_BLOCK(aberration_rgba16f, struct hipfx_aberration_args, a)
{
    aberration_block(a, HIPFX_PIXEL_RGBA16F);
}

#else

#define ABERRATION_COLUMNS 64 /* that are gone down together */

/* A colour of a source row, moved along x. */
struct aberration_row {
    int row;
    float light[ABERRATION_COLUMNS], alpha[ABERRATION_COLUMNS];
};

/* A colour's columns, and two lines of it. */
struct aberration_columns {
    int pixels[ABERRATION_COLUMNS];
    float fraction[ABERRATION_COLUMNS];
    struct aberration_row lines[2];
};

HIPFX_FN void aberration_columns_begin(const struct hipfx_aberration_args *a, float sign, int x0,
                                       struct aberration_columns *columns)
{
    HIPFX_VECTORIZE
    for (int i = 0; i < ABERRATION_COLUMNS; i++) {
        struct aberration_shift shift = aberration_shift_x(a, sign, x0 + i);
        columns->pixels[i] = shift.pixels;
        columns->fraction[i] = shift.fraction;
    }
    columns->lines[0].row = columns->lines[1].row = -0x7fffffff;
}

/* Lines are found again by whether their rows are even. */
HIPFX_FN const struct aberration_row *aberration_row(const struct hipfx_aberration_args *a,
                                                     int format, float sign, int x0, int count,
                                                     struct aberration_columns *columns, int row)
{
    struct aberration_row *line = &columns->lines[row & 1];
    if (line->row == row)
        return line;
    line->row = row;
    HIPFX_VECTORIZE
    for (int i = 0; i < count; i++) {
        struct aberration_shift shift = {columns->pixels[i], columns->fraction[i]};
        struct aberration_sample sample = aberration_along_x(a, format, sign, shift, x0 + i, row);
        line->light[i] = sample.light;
        line->alpha[i] = sample.alpha;
    }
    return line;
}

HIPFX_FN struct aberration_sample aberration_between(const struct aberration_row *above,
                                                     const struct aberration_row *below, int i,
                                                     float fraction)
{
    return aberration_mix((struct aberration_sample){above->light[i], above->alpha[i]},
                          (struct aberration_sample){below->light[i], below->alpha[i]}, fraction);
}

HIPFX_FN void aberration_rows(const struct hipfx_aberration_args *a, int format, int row_begin,
                              int row_end)
{
    for (int x0 = a->live.first; x0 < a->width; x0 += ABERRATION_COLUMNS) {
        const int count = hipfx_min_i(ABERRATION_COLUMNS, a->width - x0);
        struct aberration_columns red, blue;
        aberration_columns_begin(a, ABERRATION_RED, x0, &red);
        aberration_columns_begin(a, ABERRATION_BLUE, x0, &blue);
        for (int y = row_begin; y < row_end; y++) {
            const struct aberration_shift up = aberration_shift_y(a, ABERRATION_RED, y);
            const struct aberration_shift down = aberration_shift_y(a, ABERRATION_BLUE, y);
            const int r_row = a->top + y + up.pixels, b_row = a->top + y + down.pixels;
            const struct aberration_row *r[2], *b[2];
            for (int i = 0; i < 2; i++) {
                r[i] = aberration_row(a, format, ABERRATION_RED, x0, count, &red, r_row + i);
                b[i] = aberration_row(a, format, ABERRATION_BLUE, x0, count, &blue, b_row + i);
            }
            HIPFX_VECTORIZE
            for (int i = 0; i < count; i++) {
                uint64_t raw = hipfx_load(&a->in, format, a->left + x0 + i, a->top + y);
                hipfx_store(&a->out, format, x0 + i, y,
                            aberration_join(format, aberration_between(r[0], r[1], i, up.fraction),
                                            raw, aberration_between(b[0], b[1], i, down.fraction)));
            }
        }
    }
}

HIPFX_KERNEL_ROWS(aberration_rgba8, struct hipfx_aberration_args, a, row_begin, row_end)
{
    aberration_rows(a, HIPFX_PIXEL_RGBA8_SRGB, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(aberration_rgba16f, struct hipfx_aberration_args, a, row_begin, row_end)
{
    aberration_rows(a, HIPFX_PIXEL_RGBA16F, row_begin, row_end);
}

#endif
