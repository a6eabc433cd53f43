/* Film grain: noise in the sRGB-encoded domain, where equal steps look equal, with mean 0 there. As
 * in AV1's film grain synthesis (A. Norkin and N. Birkbeck, "Film Grain Synthesis for AV1 Video
 * Codec", DCC 2018) it is filtered Gaussian noise, times a function of the luma, added:
 *   out = v + alpha * amount * (1 - response * (1 - 2 * luma)^2) * noise
 * At full response there is none in black and in white, and most in the middle.
 *
 * The noise is a lattice of Gaussian numbers, `size` pixels apart, interpolated by smoothsteps
 * whose weights are scaled so that the variance is 1 at every place. With size 1 each pixel has a
 * number of its own. A lattice point has three, of 10 bits each in one word. */
#include "kernels/device_noise.h"
#include "kernels/device_srgb.h"

HIPFX_FN uint32_t grain_point(const struct hipfx_grain_args *a, int x, int y)
{
    struct hipfx_noise noise = hipfx_noise((uint32_t)x, (uint32_t)y, a->step);
    return hipfx_noise_bytes(noise.x) | hipfx_noise_bytes(noise.y) << 10 |
           hipfx_noise_bytes(noise.z) << 20;
}

/* A place between lattice points along one axis. */
struct grain_place {
    int point;           /* the one before it */
    float before, after; /* weights */
};

HIPFX_FN struct grain_place grain_place(const struct hipfx_grain_args *a, int at)
{
    struct grain_place place;
    float lattice = (float)at * a->points_per_px;
    place.point = (int)lattice;
    float t = lattice - (float)place.point;
    t = t * t * (3.0f - 2.0f * t);
    float scale = hipfx_divide(1.0f, hipfx_sqrt((1.0f - t) * (1.0f - t) + t * t));
    place.before = (1.0f - t) * scale;
    place.after = t * scale;
    return place;
}

/* Four lattice points' words, and their weights. */
struct grain_taps {
    uint32_t word[4];
    float weight[4];
};

HIPFX_FN struct grain_taps grain_taps(uint32_t w0, uint32_t w1, uint32_t w2, uint32_t w3,
                                      struct grain_place x, struct grain_place y)
{
    return (struct grain_taps){
        {w0, w1, w2, w3},
        {x.before * y.before, x.after * y.before, x.before * y.after, x.after * y.after}};
}

/* The number at bit 0, 10 or 20 as 1..2, without a conversion, which would be a slow instruction.
 */
HIPFX_FN float grain_unpack(uint32_t word, int bit)
{
    uint32_t moved = bit == 20 ? word >> 7 : word << (13 - bit);
    return hipfx_bits_float((int)((moved & 0x007fe000) | 0x3f800000));
}

HIPFX_FN float grain_interpolate(const struct grain_taps *taps, int bit)
{
    float sum = grain_unpack(taps->word[0], bit) * taps->weight[0] +
                grain_unpack(taps->word[1], bit) * taps->weight[1] +
                grain_unpack(taps->word[2], bit) * taps->weight[2] +
                grain_unpack(taps->word[3], bit) * taps->weight[3];
    float weights = taps->weight[0] + taps->weight[1] + taps->weight[2] + taps->weight[3];
    return (sum - weights * (1.0f + HIPFX_NOISE_MEAN / 1024.0f)) * (1024.0f * HIPFX_NOISE_INVERSE);
}

/* Red has the first number, the others go over from that to numbers of their own. */
HIPFX_FN uint64_t grain_pixel(const struct hipfx_grain_args *a, int format, uint64_t raw,
                              const struct grain_taps *taps)
{
    struct hipfx_px px = hipfx_decode_srgb(format, raw);
    float luma = hipfx_saturate(0.2126f * px.r + 0.7152f * px.g + 0.0722f * px.b);
    float away = 1.0f - 2.0f * luma;
    float strength = hipfx_saturate(px.a) * a->amount * (1.0f - a->response * away * away);
    float shared = grain_interpolate(taps, 0);
    px.r += strength * shared;
    px.g += strength * (shared * a->shared + grain_interpolate(taps, 10) * a->own);
    px.b += strength * (shared * a->shared + grain_interpolate(taps, 20) * a->own);
    uint64_t encoded = hipfx_encode_srgb(format, px, raw);
    return strength > 0.0f ? encoded : raw;
}

#if HIPFX_GPU

/* The lattice points of a block's part, where they are closest: one to a pixel, one more, and one
 * for rounding. Threads read every fourth or second: a gap after four gives them banks of their
 * own. */
#define GRAIN_ACROSS  132
#define GRAIN_DOWN    (HIPFX_GRAIN_ROWS + 3)
#define GRAIN_SKEW(i) ((i) + (i) / 4)

HIPFX_SHARED uint32_t grain_lattice[GRAIN_DOWN][GRAIN_SKEW(GRAIN_ACROSS)];

/* The points from (left, top) on that are needed for the pixels up to (right, bottom), which are
 * the frame's. */
HIPFX_FN void grain_prepare(const struct hipfx_grain_args *a, int left, int top, int right,
                            int bottom)
{
    const int across = hipfx_min_i(grain_place(a, right).point + 2 - left, GRAIN_ACROSS);
    const int down = hipfx_min_i(grain_place(a, bottom).point + 2 - top, GRAIN_DOWN);
    for (int y = hipfx_thread() / 32; y < down; y += HIPFX_BLOCK / 32) {
        for (int x = hipfx_thread() % 32; x < across; x += 32)
            grain_lattice[y][GRAIN_SKEW(x)] = grain_point(a, left + x, top + y);
    }
    hipfx_barrier();
}

HIPFX_FN hipfx_group grain_group(const struct hipfx_grain_args *a, int format, hipfx_group group,
                                 const struct grain_place *columns, int left,
                                 struct grain_place row, int top)
{
    HIPFX_UNROLL
    for (int i = 0; i < hipfx_group_pixels(format); i++) {
        const int x = columns[i].point - left, y = row.point - top;
        const struct grain_taps taps =
            grain_taps(grain_lattice[y][GRAIN_SKEW(x)], grain_lattice[y][GRAIN_SKEW(x + 1)],
                       grain_lattice[y + 1][GRAIN_SKEW(x)], grain_lattice[y + 1][GRAIN_SKEW(x + 1)],
                       columns[i], row);
        uint64_t raw = hipfx_group_first(group, format);
        group = hipfx_group_rotate(group, format, grain_pixel(a, format, raw, &taps));
    }
    return group;
}

HIPFX_FN void grain_block(const struct hipfx_grain_args *a, int format)
{
    enum { across = 32, down = HIPFX_BLOCK / across, times = HIPFX_GRAIN_ROWS / down };
    const int pixels = hipfx_group_pixels(format);
    const int x0 = hipfx_block_x() * across * pixels, y0 = hipfx_block_y() * HIPFX_GRAIN_ROWS;
    const int x = x0 + hipfx_thread() % across * pixels, y = y0 + hipfx_thread() / across;
    hipfx_group groups[times];
    HIPFX_UNROLL
    for (int i = 0; i < times; i++)
        groups[i] = hipfx_group_load(&a->in, format, x, y + i * down);

    const int left = grain_place(a, a->left + x0).point, top = grain_place(a, a->top + y0).point;
    grain_prepare(a, left, top, a->left + x0 + across * pixels - 1,
                  a->top + y0 + HIPFX_GRAIN_ROWS - 1);
    struct grain_place columns[4];
    HIPFX_UNROLL
    for (int i = 0; i < pixels; i++)
        columns[i] = grain_place(a, a->left + x + i);
    HIPFX_UNROLL
    for (int i = 0; i < times; i++) {
        struct grain_place row = grain_place(a, a->top + y + i * down);
        groups[i] = grain_group(a, format, groups[i], columns, left, row, top);
        hipfx_group_store(&a->out, format, x, y + i * down, groups[i]);
    }
}

HIPFX_KERNEL_BLOCK(film_grain_rgba8, struct hipfx_grain_args, a)
{
    grain_block(a, HIPFX_PIXEL_RGBA8_SRGB);
}

HIPFX_KERNEL_BLOCK(film_grain_rgba16f, struct hipfx_grain_args, a)
{
    grain_block(a, HIPFX_PIXEL_RGBA16F);
}

#else

#define GRAIN_COLUMNS 64 /* that are gone down together */
#define GRAIN_POINTS  (GRAIN_COLUMNS + 16)

/* The columns' places, and two rows of the lattice. */
struct grain_columns {
    int point[GRAIN_COLUMNS]; /* counted from the first */
    float before[GRAIN_COLUMNS], after[GRAIN_COLUMNS];
    int row[2];
    uint32_t words[2][GRAIN_POINTS];
};

HIPFX_FN void grain_columns_begin(const struct hipfx_grain_args *a, int left,
                                  struct grain_columns *columns)
{
    const int first = grain_place(a, left).point;
    HIPFX_VECTORIZE
    for (int i = 0; i < GRAIN_COLUMNS; i++) {
        struct grain_place place = grain_place(a, left + i);
        columns->point[i] = place.point - first;
        columns->before[i] = place.before;
        columns->after[i] = place.after;
    }
    columns->row[0] = columns->row[1] = -1;
}

/* Rows are found again by whether they are even. */
HIPFX_FN const uint32_t *grain_row(const struct hipfx_grain_args *a, int first,
                                   struct grain_columns *columns, int row)
{
    uint32_t *words = columns->words[row & 1];
    if (columns->row[row & 1] == row)
        return words;
    columns->row[row & 1] = row;
    const int count = columns->point[GRAIN_COLUMNS - 1] + 2;
    HIPFX_VECTORIZE
    for (int i = 0; i < count; i++)
        words[i] = grain_point(a, first + i, row);
    return words;
}

HIPFX_FN void grain_rows(const struct hipfx_grain_args *a, int format, int row_begin, int row_end)
{
    for (int x0 = 0; x0 < a->width; x0 += GRAIN_COLUMNS) {
        const int count = hipfx_min_i(GRAIN_COLUMNS, a->width - x0);
        const int first = grain_place(a, a->left + x0).point;
        struct grain_columns columns;
        grain_columns_begin(a, a->left + x0, &columns);
        for (int y = row_begin; y < row_end; y++) {
            const struct grain_place row = grain_place(a, a->top + y);
            const uint32_t *above = grain_row(a, first, &columns, row.point);
            const uint32_t *below = grain_row(a, first, &columns, row.point + 1);
            HIPFX_VECTORIZE
            for (int i = 0; i < count; i++) {
                const int point = columns.point[i];
                const struct grain_place column = {point, columns.before[i], columns.after[i]};
                const struct grain_taps taps = grain_taps(
                    above[point], above[point + 1], below[point], below[point + 1], column, row);
                uint64_t raw = hipfx_load(&a->in, format, x0 + i, y);
                hipfx_store(&a->out, format, x0 + i, y, grain_pixel(a, format, raw, &taps));
            }
        }
    }
}

HIPFX_KERNEL_ROWS(film_grain_rgba8, struct hipfx_grain_args, a, row_begin, row_end)
{
    grain_rows(a, HIPFX_PIXEL_RGBA8_SRGB, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(film_grain_rgba16f, struct hipfx_grain_args, a, row_begin, row_end)
{
    grain_rows(a, HIPFX_PIXEL_RGBA16F, row_begin, row_end);
}

#endif
