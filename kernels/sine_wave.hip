/* A sine wave over the frame: drawn as a line, as a filled area, or moving the picture's columns.
 */
#include "kernels/device.h"

/* In 2^-32 of a turn. */
HIPFX_FN uint32_t wave_turn(const struct hipfx_wave_args *a, int x)
{
    return (uint32_t)((a->turn_start + (uint64_t)x * a->turn_step) >> 32);
}

/* Distance in pixels from a point to the wave, negative above it (smaller y).
 *
 * Mirrored at a crest or trough between the two, a point of the curve comes closer: so the nearest
 * one lies in the same half period as the pixel, where the wave is A * sin(phi) with phi from -pi/2
 * to pi/2. There it lies between the two places where the curve passes above or below the pixel and
 * beside it, and the derivative of the squared distance changes its sign between them: F(d) = d + S
 * * (sin(phi + d) - y / A) * cos(phi + d),  S = (A * radians per pixel)^2 with d the way along phi.
 * Newton's method finds the zero, with bisection where it would leave the bracket, from the foot of
 * the perpendicular onto the chord between the two places. Seven rounds are exact to 0.0003 px at
 * the sharpest tips of steep waves; elsewhere two or three would do. */
HIPFX_FN float wave_distance(const struct hipfx_wave_args *a, int x, int y)
{
    const int rounds = 7;
    float phi = hipfx_fold_radians(wave_turn(a, x));
    float dy = (float)(y + 0.5 - a->middle_px);
    float height = dy * a->inverse_amplitude;
    float on_curve = hipfx_clamp(height, -1.0f, 1.0f);
    float here = hipfx_sin_half(phi);

    float across = hipfx_asin(on_curve) - phi;
    float up = (on_curve - here) * (on_curve - here) * a->slope2;
    float d = hipfx_divide(across * up, across * across + up + 1e-30f);
    float low = hipfx_min(across, 0.0f), high = hipfx_max(across, 0.0f);
#pragma clang loop unroll(full)
    for (int i = 0; i < rounds; i++) {
        float s = hipfx_sin_half(phi + d) - height, c = hipfx_cos_half(phi + d);
        float f = d + a->slope2 * s * c;
        float slope = 1.0f + a->slope2 * (c * c - s * (s + height));
        low = f < 0.0f ? d : low;
        high = f < 0.0f ? high : d;
        float next = d - hipfx_divide(f, slope);
        float middle = 0.5f * (low + high);
        d = slope > 0.0f && next >= low && next <= high ? next : middle;
    }

    float dx = hipfx_divide(d, a->per_px);
    dy -= (float)a->amplitude_px * hipfx_sin_half(phi + d);
    float distance = hipfx_sqrt(dx * dx + dy * dy);
    return height > here ? distance : -distance;
}

/* How much of a pixel is covered by what ends at the distance `edge` beyond its centre. */
HIPFX_FN float wave_edge(float edge)
{
    return hipfx_clamp(edge + 0.5f, 0.0f, 1.0f);
}

/* A line narrower than a pixel covers at most its own thickness of it: hence the second edge. */
HIPFX_FN float wave_coverage(const struct hipfx_wave_args *a, float distance)
{
    if (a->fill)
        return wave_edge(distance);
    distance = hipfx_abs(distance);
    return wave_edge(a->half_px - distance) - wave_edge(-a->half_px - distance);
}

HIPFX_FN uint64_t wave_blend(const struct hipfx_wave_args *a, int format, uint64_t raw,
                             float coverage)
{
    float alpha = a->a * coverage, keep = 1.0f - alpha;
    struct hipfx_px px = hipfx_decode(format, raw);
    px.r = px.r * keep + a->r * alpha;
    px.g = px.g * keep + a->g * alpha;
    px.b = px.b * keep + a->b * alpha;
    px.a = px.a * keep + alpha;
    return alpha > 0.0f ? hipfx_encode(format, px) : raw;
}

HIPFX_FN uint64_t wave_line_pixel(const struct hipfx_wave_args *a, int format, uint64_t raw, int x,
                                  int y)
{
    return wave_blend(a, format, raw, wave_coverage(a, wave_distance(a, x, y)));
}

HIPFX_FN struct hipfx_px wave_mix(struct hipfx_px p, struct hipfx_px q, float t)
{
    p.r += (q.r - p.r) * t;
    p.g += (q.g - p.g) * t;
    p.b += (q.b - p.b) * t;
    p.a += (q.a - p.a) * t;
    return p;
}

/* Row y of a column shows what lies `fraction` of the way from row y + rows to the next. */
struct wave_shift {
    int rows;
    float fraction;
};

/* In double: in black beside white, a float's error would be seen. */
HIPFX_FN struct wave_shift wave_shift(const struct hipfx_wave_args *a, int x)
{
    double angle = hipfx_fold_radians_d(wave_turn(a, x));
    double shift = -(a->middle_px + a->amplitude_px * hipfx_sin_half_d(angle));
    int rows = (int)shift;
    rows -= rows > shift ? 1 : 0;
    return (struct wave_shift){rows, (float)(shift - rows)};
}

/* From the row y of `out`. Above and below the picture, the edges' rows go on. */
HIPFX_FN uint64_t wave_warp_load(const struct hipfx_wave_args *a, int format, int x, int y)
{
    return hipfx_direct_load(&a->in, format, x, hipfx_clamp_i(a->top + y, 0, a->in.height - 1));
}

/* Most of a frame is far from the curve. It is gone through in pieces of a row, and the full sum is
 * done only where the curve is within reach. */
enum wave_side {
    WAVE_ABOVE, /* the piece lies above the curve, out of its reach */
    WAVE_NEAR,
    WAVE_BELOW,
};

struct wave_range {
    float top, bottom; /* y in pixels; a row outside is not within reach of the curve */
};

/* From begin to end there is less than a turn. */
HIPFX_FN bool wave_passes(uint32_t begin, uint32_t end, uint32_t turn)
{
    return turn - begin <= end - begin;
}

/* For the columns x0..x1, and a little more than needed. */
HIPFX_FN struct wave_range wave_range(const struct hipfx_wave_args *a, int x0, int x1)
{
    const float turn = 6.28f;
    const int margin = (int)a->reach_px + 2;
    uint32_t begin = wave_turn(a, x0 - margin), end = wave_turn(a, x1 + margin);
    bool whole = (float)(x1 - x0 + 2 * margin) * a->per_px >= turn;
    float s0 = hipfx_sin_half(hipfx_fold_radians(begin));
    float s1 = hipfx_sin_half(hipfx_fold_radians(end));
    float top = hipfx_min(s0, s1), bottom = hipfx_max(s0, s1);
    if (whole || wave_passes(begin, end, 0xc0000000u)) /* three quarters: a trough */
        top = -1.0f;
    if (whole || wave_passes(begin, end, 0x40000000u))
        bottom = 1.0f;

    const float middle = (float)a->middle_px, amplitude = (float)a->amplitude_px;
    struct wave_range range;
    range.top = middle + amplitude * top - (a->reach_px + 1.0f);
    range.bottom = middle + amplitude * bottom + (a->reach_px + 1.0f);
    return range;
}

HIPFX_FN enum wave_side wave_side_of(struct wave_range range, int y)
{
    float centre = (float)y + 0.5f;
    return centre < range.top ? WAVE_ABOVE : centre > range.bottom ? WAVE_BELOW : WAVE_NEAR;
}

#if HIPFX_GPU

HIPFX_FN hipfx_group wave_line_group(const struct hipfx_wave_args *a, int format,
                                     enum wave_side side, hipfx_group group, int x, int y)
{
    if (side == WAVE_NEAR) {
#pragma clang loop unroll(disable)
        for (int i = 0; i < hipfx_group_pixels(format); i++) {
            uint64_t raw = hipfx_group_first(group, format);
            group = hipfx_group_rotate(group, format, wave_line_pixel(a, format, raw, x + i, y));
        }
    } else if (side == WAVE_BELOW && a->fill) {
        for (int i = 0; i < hipfx_group_pixels(format); i++) {
            uint64_t raw = hipfx_group_first(group, format);
            group = hipfx_group_rotate(group, format, wave_blend(a, format, raw, 1.0f));
        }
    }
    return group;
}

/* What lies below a curve filled with a colour that lets nothing through. */
HIPFX_FN hipfx_group wave_solid_group(const struct hipfx_wave_args *a, int format)
{
    const struct hipfx_px px = {a->r, a->g, a->b, 1.0f};
    const uint64_t raw = hipfx_encode(format, px);
    hipfx_group group = 0;
    HIPFX_UNROLL
    for (int i = 0; i < hipfx_group_pixels(format); i++)
        group = hipfx_group_rotate(group, format, raw);
    return group;
}

/* A block's part is 4 groups wide and higher than that, since the curve may be steep: the fewer
 * columns, the fewer rows it is near to in them. */
HIPFX_FN void wave_line_block(const struct hipfx_wave_args *a, int format)
{
    enum { across = 4, down = HIPFX_BLOCK / across, times = HIPFX_LINE_ROWS / down };
    const int pixels = hipfx_group_pixels(format);
    const int left = hipfx_block_x() * across * pixels, top = hipfx_block_y() * HIPFX_LINE_ROWS;
    const int x = left + hipfx_thread() % across * pixels, y = top + hipfx_thread() / across;

    const struct wave_range range = wave_range(a, left, left + across * pixels - 1);
    const enum wave_side side = wave_side_of(range, top);
    const bool even = side == wave_side_of(range, top + HIPFX_LINE_ROWS - 1);
    if (even && (side == WAVE_ABOVE || (side == WAVE_BELOW && !a->fill))) {
        hipfx_group groups[times];
        HIPFX_UNROLL
        for (int i = 0; i < times; i++)
            groups[i] = hipfx_direct_group_load(&a->in, format, x, y + i * down);
        HIPFX_UNROLL
        for (int i = 0; i < times; i++)
            hipfx_direct_group_store(&a->out, format, x, y + i * down, groups[i]);
        return;
    }
    if (even && side == WAVE_BELOW && a->a >= 1.0f) {
        const hipfx_group solid = wave_solid_group(a, format);
        HIPFX_UNROLL
        for (int i = 0; i < times; i++)
            hipfx_direct_group_store(&a->out, format, x, y + i * down, solid);
        return;
    }
    hipfx_decode_prepare(format);
    const struct wave_range narrow = wave_range(a, x, x + pixels - 1);
#pragma clang loop unroll(disable)
    for (int row = y; row < top + HIPFX_LINE_ROWS; row += down) {
        hipfx_group group = hipfx_direct_group_load(&a->in, format, x, row);
        group = wave_line_group(a, format, wave_side_of(narrow, row), group, x, row);
        hipfx_direct_group_store(&a->out, format, x, row, group);
    }
}

HIPFX_KERNEL_BLOCK(wave_line_rgba8, struct hipfx_wave_args, a)
{
    wave_line_block(a, HIPFX_PIXEL_RGBA8_SRGB);
}

HIPFX_KERNEL_BLOCK(wave_line_rgba16f, struct hipfx_wave_args, a)
{
    wave_line_block(a, HIPFX_PIXEL_RGBA16F);
}

/* Where the wave is steep, columns side by side are moved by very different ways: read from the
 * frame, each would want another line of memory. So a block's part is narrow, 64 bytes, and high,
 * and the rows that its columns come from are copied to shared memory first, line by line. Columns
 * whose ways differ by more than there is place for are read from the frame. */
#define WAVE_GROUPS    4 /* of a row */
#define WAVE_TILE_ROWS 208
#define WAVE_AT_ONCE   3 /* that are asked for together */

HIPFX_SHARED hipfx_group wave_tile[WAVE_TILE_ROWS][WAVE_GROUPS];
HIPFX_SHARED struct wave_shift wave_shifts[WAVE_GROUPS * 4];

/* What of the source is in the tile, in rows of `out`: from the row `first` on. */
struct wave_tiled {
    int first, rows; /* 0 rows: it would not fit */
};

/* Group `at` of the tile, counted row by row. */
HIPFX_FN hipfx_group wave_tile_group(const struct hipfx_wave_args *a, int format, int left,
                                     int first, int at)
{
    const int x = left + at % WAVE_GROUPS * hipfx_group_pixels(format);
    const int y = hipfx_clamp_i(a->top + first + at / WAVE_GROUPS, 0, a->in.height - 1);
    return hipfx_direct_group_load(&a->in, format, x, y);
}

HIPFX_FN struct wave_tiled wave_tile_prepare(const struct hipfx_wave_args *a, int format, int left,
                                             int top, int height)
{
    const int pixels = hipfx_group_pixels(format), columns = WAVE_GROUPS * pixels;
    if (hipfx_thread() < columns)
        wave_shifts[hipfx_thread()] = wave_shift(a, left + hipfx_thread());
    hipfx_barrier();
    int least = wave_shifts[0].rows, most = least;
    for (int i = 1; i < columns; i++) {
        least = hipfx_min_i(least, wave_shifts[i].rows);
        most = hipfx_max_i(most, wave_shifts[i].rows);
    }
    struct wave_tiled tiled = {top + least, height + most - least + 1};
    tiled.rows = tiled.rows <= WAVE_TILE_ROWS ? tiled.rows : 0;
    const int last = tiled.rows * WAVE_GROUPS - 1;
    for (int i = hipfx_thread(); i <= last; i += WAVE_AT_ONCE * HIPFX_BLOCK) {
        hipfx_group groups[WAVE_AT_ONCE];
        HIPFX_UNROLL
        for (int j = 0; j < WAVE_AT_ONCE; j++)
            groups[j] = wave_tile_group(a, format, left, tiled.first,
                                        hipfx_min_i(i + j * HIPFX_BLOCK, last));
        HIPFX_UNROLL
        for (int j = 0; j < WAVE_AT_ONCE; j++) {
            const int at = hipfx_min_i(i + j * HIPFX_BLOCK, last);
            wave_tile[at / WAVE_GROUPS][at % WAVE_GROUPS] = groups[j];
        }
    }
    hipfx_barrier();
    return tiled;
}

/* `column` of the tile's is x. */
HIPFX_FN uint64_t wave_tile_load(const struct hipfx_wave_args *a, int format,
                                 struct wave_tiled tiled, int column, int x, int y)
{
    if (tiled.rows == 0)
        return wave_warp_load(a, format, x, y);
    if (format == HIPFX_PIXEL_RGBA8_SRGB)
        return ((const uint32_t *)wave_tile[y - tiled.first])[column];
    return ((const uint64_t *)wave_tile[y - tiled.first])[column];
}

/* A thread goes down some rows of a column: each pixel lies between two rows, and the lower one is
 * the next pixel's upper one. The rows are odd in number, so that threads further down use the
 * other half of shared memory's banks. */
HIPFX_FN void wave_warp_block(const struct hipfx_wave_args *a, int format, int block_rows)
{
    const int columns = WAVE_GROUPS * hipfx_group_pixels(format);
    const int rows = block_rows * columns / HIPFX_BLOCK;
    const int left = hipfx_block_x() * columns, top = hipfx_block_y() * block_rows;
    const int column = hipfx_thread() % columns, x = left + column;
    const int begin = top + hipfx_thread() / columns * rows;
    const int end = hipfx_min_i(begin + rows, a->height);

    hipfx_decode_prepare(format);
    const struct wave_tiled tiled = wave_tile_prepare(a, format, left, top, block_rows);
    if (x >= a->width || begin >= end)
        return;
    const struct wave_shift shift = wave_shifts[column];
    const bool mix = a->opacity < 1.0f;
    struct hipfx_px px =
        hipfx_decode(format, wave_tile_load(a, format, tiled, column, x, begin + shift.rows));
    for (int y = begin; y < end; y += WAVE_AT_ONCE) {
        uint64_t below[WAVE_AT_ONCE], here[WAVE_AT_ONCE];
        HIPFX_UNROLL
        for (int i = 0; i < WAVE_AT_ONCE; i++) {
            below[i] = wave_tile_load(a, format, tiled, column, x, y + i + shift.rows + 1);
            here[i] = mix ? wave_warp_load(a, format, x, y + i) : 0;
        }
        HIPFX_UNROLL
        for (int i = 0; i < WAVE_AT_ONCE; i++) {
            struct hipfx_px next = hipfx_decode(format, below[i]);
            struct hipfx_px out = wave_mix(px, next, shift.fraction);
            if (mix)
                out = wave_mix(hipfx_decode(format, here[i]), out, a->opacity);
            if (y + i < end)
                hipfx_direct_store(&a->out, format, x, y + i, hipfx_encode(format, out));
            px = next;
        }
    }
}

HIPFX_KERNEL_BLOCK(wave_warp_rgba8, struct hipfx_wave_args, a)
{
    wave_warp_block(a, HIPFX_PIXEL_RGBA8_SRGB, HIPFX_WARP_ROWS_8);
}

HIPFX_KERNEL_BLOCK(wave_warp_rgba16f, struct hipfx_wave_args, a)
{
    wave_warp_block(a, HIPFX_PIXEL_RGBA16F, HIPFX_WARP_ROWS_16);
}

#else

#define WAVE_RUN   64
#define WAVE_RUNS  64 /* looked at together: their ranges are found once for all rows */

HIPFX_FN void wave_line_run(const struct hipfx_wave_args *a, int format, enum wave_side side,
                            int x0, int x1, int y)
{
    if (side == WAVE_NEAR) {
        HIPFX_VECTORIZE
        for (int x = x0; x < x1; x++)
            hipfx_direct_store(
                &a->out, format, x, y,
                wave_line_pixel(a, format, hipfx_direct_load(&a->in, format, x, y), x, y));
    } else if (side == WAVE_BELOW && a->fill) {
        HIPFX_VECTORIZE
        for (int x = x0; x < x1; x++)
            hipfx_direct_store(
                &a->out, format, x, y,
                wave_blend(a, format, hipfx_direct_load(&a->in, format, x, y), 1.0f));
    } else {
        HIPFX_VECTORIZE
        for (int x = x0; x < x1; x++)
            hipfx_direct_store(&a->out, format, x, y, hipfx_direct_load(&a->in, format, x, y));
    }
}

HIPFX_FN void wave_line_rows(const struct hipfx_wave_args *a, int format, int row_begin,
                             int row_end)
{
    for (int block = a->live.first; block < a->width; block += WAVE_RUN * WAVE_RUNS) {
        struct wave_range ranges[WAVE_RUNS];
        int end = hipfx_min_i(block + WAVE_RUN * WAVE_RUNS, a->width);
        int runs = (end - block + WAVE_RUN - 1) / WAVE_RUN;
        for (int i = 0; i < runs; i++)
            ranges[i] = wave_range(a, block + i * WAVE_RUN, block + (i + 1) * WAVE_RUN - 1);

        for (int y = row_begin; y < row_end; y++) {
            for (int i = 0; i < runs;) {
                int first = i;
                enum wave_side side = wave_side_of(ranges[i], y);
                while (i < runs && wave_side_of(ranges[i], y) == side)
                    i++;
                wave_line_run(a, format, side, block + first * WAVE_RUN,
                              hipfx_min_i(block + i * WAVE_RUN, end), y);
            }
        }
    }
}

HIPFX_KERNEL_ROWS(wave_line_rgba8, struct hipfx_wave_args, a, row_begin, row_end)
{
    wave_line_rows(a, HIPFX_PIXEL_RGBA8_SRGB, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(wave_line_rgba16f, struct hipfx_wave_args, a, row_begin, row_end)
{
    wave_line_rows(a, HIPFX_PIXEL_RGBA16F, row_begin, row_end);
}

/* Going down a few columns, each line of memory is first wanted by the one of its columns that is
 * moved up most, at a place where no hardware expects it: it is asked for some rows ahead. */
#define WAVE_AHEAD 12

struct wave_columns {
    int rows[WAVE_RUN];
    float fraction[WAVE_RUN];
    int most_up[WAVE_RUN / 8]; /* for each line of 64 bytes */
};

HIPFX_FN void wave_columns_find(const struct hipfx_wave_args *a, int x0, int per_line,
                                struct wave_columns *columns)
{
    HIPFX_VECTORIZE
    for (int i = 0; i < WAVE_RUN; i++) {
        struct wave_shift shift = wave_shift(a, x0 + i);
        columns->rows[i] = shift.rows;
        columns->fraction[i] = shift.fraction;
    }
    for (int line = 0; line < WAVE_RUN / per_line; line++) {
        int most = columns->rows[line * per_line];
        for (int i = 1; i < per_line; i++)
            most = hipfx_max_i(most, columns->rows[line * per_line + i]);
        columns->most_up[line] = most;
    }
}

HIPFX_FN void wave_columns_prefetch(const struct hipfx_wave_args *a, int x0, int per_line,
                                    const struct wave_columns *columns, int y)
{
    for (int line = 0; line < WAVE_RUN / per_line; line++) {
        int row =
            hipfx_clamp_i(a->top + y + WAVE_AHEAD + columns->most_up[line], 0, a->in.height - 1);
        __builtin_prefetch((const char *)a->in.data + (uint64_t)row * a->in.pitch +
                           (size_t)x0 * (size_t)(64 / per_line) + (size_t)line * 64);
    }
}

HIPFX_FN void wave_warp_pixel(const struct hipfx_wave_args *a, int format, bool mix,
                              struct wave_shift shift, int x, int y)
{
    struct hipfx_px px = hipfx_decode(format, wave_warp_load(a, format, x, y + shift.rows));
    struct hipfx_px below = hipfx_decode(format, wave_warp_load(a, format, x, y + shift.rows + 1));
    px = wave_mix(px, below, shift.fraction);
    if (mix)
        px = wave_mix(hipfx_decode(format, wave_warp_load(a, format, x, y)), px, a->opacity);
    hipfx_direct_store(&a->out, format, x, y, hipfx_encode(format, px));
}

HIPFX_FN void wave_warp_rows(const struct hipfx_wave_args *a, int format, bool mix, int row_begin,
                             int row_end)
{
    const int per_line = format == HIPFX_PIXEL_RGBA8_SRGB ? 16 : 8;
    for (int x0 = a->live.first; x0 < a->width; x0 += WAVE_RUN) {
        const int count = hipfx_min_i(WAVE_RUN, a->width - x0);
        struct wave_columns columns;
        wave_columns_find(a, x0, per_line, &columns);
        for (int y = row_begin; y < row_end; y++) {
            wave_columns_prefetch(a, x0, per_line, &columns, y);
            HIPFX_VECTORIZE
            for (int i = 0; i < count; i++) {
                struct wave_shift shift = {columns.rows[i], columns.fraction[i]};
                wave_warp_pixel(a, format, mix, shift, x0 + i, y);
            }
        }
    }
}

HIPFX_KERNEL_ROWS(wave_warp_rgba8, struct hipfx_wave_args, a, row_begin, row_end)
{
    if (a->opacity < 1.0f)
        wave_warp_rows(a, HIPFX_PIXEL_RGBA8_SRGB, true, row_begin, row_end);
    else
        wave_warp_rows(a, HIPFX_PIXEL_RGBA8_SRGB, false, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(wave_warp_rgba16f, struct hipfx_wave_args, a, row_begin, row_end)
{
    if (a->opacity < 1.0f)
        wave_warp_rows(a, HIPFX_PIXEL_RGBA16F, true, row_begin, row_end);
    else
        wave_warp_rows(a, HIPFX_PIXEL_RGBA16F, false, row_begin, row_end);
}

#endif
