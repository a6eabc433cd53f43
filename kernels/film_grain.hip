/* Film grain: noise on straight colour in the sRGB-encoded domain, where equal steps look equal,
 * with mean 0 there. As in AV1's film grain synthesis (A. Norkin and N. Birkbeck, "Film Grain
 * Synthesis for AV1 Video Codec", DCC 2018) it is filtered Gaussian noise, times a function of the
 * luma, added:
 *   out = v + amount * (1 - response * (1 - 2 * luma)^2) * noise
 * At full response there is none in black and in white, and most in the middle.
 *
 * The noise is a lattice of Gaussian numbers, `size` pixels apart, interpolated by smoothsteps
 * whose weights are scaled so that the variance is 1 at every place. With size 1 each pixel has a
 * number of its own. Grey grain needs one lattice, coloured grain three. */
#include "kernels/device_noise.h"
#include "kernels/device_srgb.h"

enum { GRAIN_GREY = 1, GRAIN_COLOR = 3 }; /* channels: constants wherever they are handed on */

struct grain_noise {
    float v[GRAIN_COLOR];
};

/* A lattice point's. Red has the first number, the others go over from that to ones of their own.
 */
HIPFX_FN struct grain_noise grain_point(const struct hipfx_grain_args *a, int channels, int x,
                                        int y)
{
    const struct hipfx_noise words = hipfx_noise((uint32_t)x, (uint32_t)y, a->step);
    struct grain_noise noise;
    noise.v[0] = noise.v[1] = noise.v[2] = hipfx_noise_gaussian(words.x);
    if (channels == GRAIN_COLOR) {
        noise.v[1] = noise.v[0] * a->shared + hipfx_noise_gaussian(words.y) * a->own;
        noise.v[2] = noise.v[0] * a->shared + hipfx_noise_gaussian(words.z) * a->own;
    }
    return noise;
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

/* Between the points `p` and `q` of one row and `r` and `s` of the next. */
HIPFX_FN float grain_interpolate(float p, float q, float r, float s, struct grain_place x,
                                 struct grain_place y)
{
    return (p * x.before + q * x.after) * y.before + (r * x.before + s * x.after) * y.after;
}

HIPFX_FN uint64_t grain_pixel(const struct hipfx_grain_args *a, int format, int channels,
                              bool is_srgb, uint64_t raw, struct grain_noise noise)
{
    struct hipfx_px px = hipfx_decode_srgb(format, is_srgb, raw);
    float luma = hipfx_saturate(0.2126f * px.r + 0.7152f * px.g + 0.0722f * px.b);
    float away = 1.0f - 2.0f * luma;
    float strength = a->amount * (1.0f - a->response * away * away);
    px.r += strength * noise.v[0];
    px.g += strength * noise.v[channels == GRAIN_COLOR ? 1 : 0];
    px.b += strength * noise.v[channels == GRAIN_COLOR ? 2 : 0];
    return hipfx_encode_srgb(format, is_srgb, px, raw);
}

#if HIPFX_GPU

/* The lattice points of a block's part, where they are closest: one to a pixel, one more, and one
 * for rounding. Threads read every fourth or second: a gap after four gives them banks of their
 * own. */
#define GRAIN_ACROSS  132
#define GRAIN_DOWN    (HIPFX_GRAIN_ROWS + 3)
#define GRAIN_SKEW(i) ((i) + (i) / 4)
#define GRAIN_PITCH   GRAIN_SKEW(GRAIN_ACROSS)

HIPFX_SHARED float grain_grey[GRAIN_DOWN * GRAIN_PITCH];
HIPFX_SHARED float grain_color[GRAIN_COLOR][GRAIN_DOWN * GRAIN_PITCH];

HIPFX_FN float *grain_lattice(int channels, int channel)
{
    return channels == GRAIN_COLOR ? grain_color[channel] : grain_grey;
}

/* The points from (left, top) on that are needed for the pixels up to (right, bottom), which are
 * the frame's. */
HIPFX_FN void grain_prepare(const struct hipfx_grain_args *a, int channels, int left, int top,
                            int right, int bottom)
{
    const int across = hipfx_min_i(grain_place(a, right).point + 2 - left, GRAIN_ACROSS);
    const int down = hipfx_min_i(grain_place(a, bottom).point + 2 - top, GRAIN_DOWN);
    for (int y = hipfx_thread() / 32; y < down; y += HIPFX_BLOCK / 32) {
        for (int x = hipfx_thread() % 32; x < across; x += 32) {
            const struct grain_noise noise = grain_point(a, channels, left + x, top + y);
            HIPFX_UNROLL
            for (int i = 0; i < channels; i++)
                grain_lattice(channels, i)[y * GRAIN_PITCH + GRAIN_SKEW(x)] = noise.v[i];
        }
    }
    hipfx_barrier();
}

HIPFX_FN struct grain_noise grain_at(int channels, struct grain_place x, int left,
                                     struct grain_place y, int top)
{
    const int p = (y.point - top) * GRAIN_PITCH + GRAIN_SKEW(x.point - left);
    const int q = (y.point - top) * GRAIN_PITCH + GRAIN_SKEW(x.point - left + 1);
    struct grain_noise noise;
    HIPFX_UNROLL
    for (int i = 0; i < channels; i++) {
        const float *lattice = grain_lattice(channels, i);
        noise.v[i] = grain_interpolate(lattice[p], lattice[q], lattice[p + GRAIN_PITCH],
                                       lattice[q + GRAIN_PITCH], x, y);
    }
    return noise;
}

/* A group with its places between the lattice's columns and rows. `is_opaque` is a constant
 * wherever this is called. */
HIPFX_FN hipfx_group grain_group(const struct hipfx_grain_args *a, int format, int channels,
                                 bool is_opaque, hipfx_group group,
                                 const struct grain_place columns[4], int left,
                                 struct grain_place row, int top)
{
    HIPFX_UNROLL
    for (int j = 0; j < hipfx_group_pixels(format); j++) {
        const struct grain_noise noise = grain_at(channels, columns[j], left, row, top);
        const uint64_t raw = hipfx_group_first(group, format);
        const uint64_t out = grain_pixel(a, format, channels, is_opaque, raw, noise);
        group = hipfx_group_rotate(group, format,
                                   is_opaque ? out : hipfx_keep_uncovered(format, out, raw));
    }
    return group;
}

HIPFX_FN void grain_block(const struct hipfx_grain_args *a, int format, int channels)
{
    enum { across = 32, down = HIPFX_BLOCK / across, times = HIPFX_GRAIN_ROWS / down };
    const int pixels = hipfx_group_pixels(format);
    const int x0 = hipfx_block_x() * across * pixels, y0 = hipfx_block_y() * HIPFX_GRAIN_ROWS;
    const int x = x0 + hipfx_thread() % across * pixels, y = y0 + hipfx_thread() / across;
    hipfx_group groups[times];
    HIPFX_UNROLL
    for (int i = 0; i < times; i++)
        groups[i] = hipfx_direct_group_load(&a->in, format, x, y + i * down);

    const int left = grain_place(a, a->left + x0).point, top = grain_place(a, a->top + y0).point;
    grain_prepare(a, channels, left, top, a->left + x0 + across * pixels - 1,
                  a->top + y0 + HIPFX_GRAIN_ROWS - 1);
    struct grain_place columns[4];
    HIPFX_UNROLL
    for (int j = 0; j < pixels; j++)
        columns[j] = grain_place(a, a->left + x + j);
    HIPFX_UNROLL
    for (int i = 0; i < times; i++) {
        const struct grain_place row = grain_place(a, a->top + y + i * down);
        if (hipfx_group_is_opaque(format, groups[i]))
            groups[i] = grain_group(a, format, channels, true, groups[i], columns, left, row, top);
        else if (hipfx_group_is_covered(format, groups[i]))
            groups[i] = grain_group(a, format, channels, false, groups[i], columns, left, row, top);
        hipfx_direct_group_store(&a->out, format, x, y + i * down, groups[i]);
    }
}

HIPFX_KERNEL_BLOCK(grain_grey_rgba8, struct hipfx_grain_args, a)
{
    grain_block(a, HIPFX_PIXEL_RGBA8_SRGB, GRAIN_GREY);
}

HIPFX_KERNEL_BLOCK(grain_grey_rgba16f, struct hipfx_grain_args, a)
{
    grain_block(a, HIPFX_PIXEL_RGBA16F, GRAIN_GREY);
}

HIPFX_KERNEL_BLOCK(grain_color_rgba8, struct hipfx_grain_args, a)
{
    grain_block(a, HIPFX_PIXEL_RGBA8_SRGB, GRAIN_COLOR);
}

HIPFX_KERNEL_BLOCK(grain_color_rgba16f, struct hipfx_grain_args, a)
{
    grain_block(a, HIPFX_PIXEL_RGBA16F, GRAIN_COLOR);
}

#else

#define GRAIN_COLUMNS 64 /* that are gone down together */
#define GRAIN_POINTS  (GRAIN_COLUMNS + 16)

struct grain_row {
    int row;
    float v[GRAIN_COLOR][GRAIN_POINTS];
};

/* The columns' places, and two rows of the lattice. */
struct grain_columns {
    int first;
    int point[GRAIN_COLUMNS]; /* counted from the first */
    float before[GRAIN_COLUMNS], after[GRAIN_COLUMNS];
    struct grain_row rows[2];
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
    columns->first = first;
    columns->rows[0].row = columns->rows[1].row = -1;
}

/* Rows are found again by whether they are even. */
HIPFX_FN const struct grain_row *grain_row(const struct hipfx_grain_args *a, int channels,
                                           struct grain_columns *columns, int at)
{
    struct grain_row *row = &columns->rows[at & 1];
    if (row->row == at)
        return row;
    row->row = at;
    const int count = columns->point[GRAIN_COLUMNS - 1] + 2, first = columns->first;
    HIPFX_VECTORIZE
    for (int i = 0; i < count; i++) {
        const struct grain_noise noise = grain_point(a, channels, first + i, at);
        row->v[0][i] = noise.v[0];
        row->v[1][i] = noise.v[1];
        row->v[2][i] = noise.v[2];
    }
    return row;
}

HIPFX_FN float grain_at(const float *above, const float *below, struct grain_place x,
                        struct grain_place y)
{
    return grain_interpolate(above[x.point], above[x.point + 1], below[x.point], below[x.point + 1],
                             x, y);
}

/* A part of a row between two of the lattice; `all_srgb` is a constant wherever this is called. */
HIPFX_FN void grain_part(const struct hipfx_grain_args *a, int format, int channels, bool all_srgb,
                         const struct grain_columns *columns, const struct grain_row *above,
                         const struct grain_row *below, int x, int y, int count)
{
    const struct grain_place row = grain_place(a, a->top + y);
    HIPFX_VECTORIZE
    for (int i = 0; i < count; i++) {
        const struct grain_place column = {columns->point[i], columns->before[i],
                                           columns->after[i]};
        struct grain_noise noise;
        noise.v[0] = grain_at(above->v[0], below->v[0], column, row);
        if (channels == GRAIN_COLOR) {
            noise.v[1] = grain_at(above->v[1], below->v[1], column, row);
            noise.v[2] = grain_at(above->v[2], below->v[2], column, row);
        }
        const uint64_t raw = hipfx_direct_load(&a->in, format, x + i, y);
        const uint64_t out = grain_pixel(a, format, channels, all_srgb, raw, noise);
        hipfx_direct_store(&a->out, format, x + i, y, hipfx_keep_uncovered(format, out, raw));
    }
}

HIPFX_FN void grain_rows(const struct hipfx_grain_args *a, int format, int channels, int row_begin,
                         int row_end)
{
    for (int x0 = a->live.first; x0 < a->width; x0 += GRAIN_COLUMNS) {
        const int count = hipfx_min_i(GRAIN_COLUMNS, a->width - x0);
        struct grain_columns columns;
        grain_columns_begin(a, a->left + x0, &columns);
        for (int y = row_begin; y < row_end; y++) {
            const struct grain_place row = grain_place(a, a->top + y);
            const struct grain_row *above = grain_row(a, channels, &columns, row.point);
            const struct grain_row *below = grain_row(a, channels, &columns, row.point + 1);
            if (hipfx_all_srgb(&a->in, format, x0, y, count))
                grain_part(a, format, channels, true, &columns, above, below, x0, y, count);
            else
                grain_part(a, format, channels, false, &columns, above, below, x0, y, count);
        }
    }
}

HIPFX_KERNEL_ROWS(grain_grey_rgba8, struct hipfx_grain_args, a, row_begin, row_end)
{
    grain_rows(a, HIPFX_PIXEL_RGBA8_SRGB, GRAIN_GREY, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(grain_grey_rgba16f, struct hipfx_grain_args, a, row_begin, row_end)
{
    grain_rows(a, HIPFX_PIXEL_RGBA16F, GRAIN_GREY, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(grain_color_rgba8, struct hipfx_grain_args, a, row_begin, row_end)
{
    grain_rows(a, HIPFX_PIXEL_RGBA8_SRGB, GRAIN_COLOR, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(grain_color_rgba16f, struct hipfx_grain_args, a, row_begin, row_end)
{
    grain_rows(a, HIPFX_PIXEL_RGBA16F, GRAIN_COLOR, row_begin, row_end);
}

#endif
