/* Contrast-adaptive sharpening: AMD FidelityFX CAS 1.0 (T. Lottes, ffx_cas.h, MIT licence), without
 * scaling, on the cross of five pixels. Each pixel e with the neighbours n:
 *   w   = -strength / 5 * sqrt(saturate(min(least, white - most) / most))
 *   out = (e + w * sum(n)) / (1 + 4 * w)
 * where `least` and `most` are the cross's. So an edge that has little room to black or white is
 * sharpened less, and one that has none not at all: there are no halos. CAS wants linear light from
 * 0 to 1, as it is here. What differs:
 *   - CAS's own strength goes from -1/8 to -1/5; here 0 is no sharpening and 1 is CAS's most.
 *   - CAS finds one w for the three channels from green; here from luminance, so that a picture of
 *     red or blue alone is sharpened, too.
 *   - Coverage has the same w. Light is premultiplied, so white is the cross's largest alpha: a
 *     translucent picture is sharpened as an opaque one, and an edge to nothing (least = 0) stays.
 *   - Beyond white there is room again: |white - most|. Up to white it is CAS.
 * What is no number counts as 0. */
#include "kernels/device_blur.h"

/* A pixel and its luminance. */
struct sharpen_px {
    struct hipfx_px px;
    float y;
};

HIPFX_FN float sharpen_luminance(struct hipfx_px px)
{
    return 0.2126f * px.r + 0.7152f * px.g + 0.0722f * px.b;
}

HIPFX_FN float sharpen_least(float v, float a, float b, float c, float d)
{
    return hipfx_min(v, hipfx_min(hipfx_min(a, b), hipfx_min(c, d)));
}

HIPFX_FN float sharpen_most(float v, float a, float b, float c, float d)
{
    return hipfx_max(v, hipfx_max(hipfx_max(a, b), hipfx_max(c, d)));
}

HIPFX_FN struct hipfx_px sharpen_cross(float strength, int format, struct sharpen_px up,
                                       struct sharpen_px left, struct sharpen_px mid,
                                       struct sharpen_px right, struct sharpen_px down)
{
    const float least = sharpen_least(mid.y, up.y, left.y, right.y, down.y);
    const float most = sharpen_most(mid.y, up.y, left.y, right.y, down.y);
    const float white = sharpen_most(mid.px.a, up.px.a, left.px.a, right.px.a, down.px.a);
    const float room = hipfx_min(least, hipfx_abs(white - most));
    /* The root of room / most, which is at most 1: room is not above `least`. */
    const float root = hipfx_inverse_sqrt(hipfx_max(room * most, 1e-30f));
    const float w = -0.2f * strength * (hipfx_max(room, 0.0f) * root);
    const float scale = hipfx_divide(1.0f, 1.0f + 4.0f * w);

    struct hipfx_px out;
    out.r = (mid.px.r + w * (up.px.r + left.px.r + right.px.r + down.px.r)) * scale;
    out.g = (mid.px.g + w * (up.px.g + left.px.g + right.px.g + down.px.g)) * scale;
    out.b = (mid.px.b + w * (up.px.b + left.px.b + right.px.b + down.px.b)) * scale;
    out.a = (mid.px.a + w * (up.px.a + left.px.a + right.px.a + down.px.a)) * scale;
    out.a = hipfx_min(out.a, white);
    if (format != HIPFX_PIXEL_RGBA8_SRGB) /* else it is not below 0 */
        out.a = hipfx_max(out.a, hipfx_min(mid.px.a, 0.0f));
    return out;
}

#if HIPFX_GPU

/* A thread goes down SHARPEN_WIDE columns. Each pixel is decoded once by it, and the two beside its
 * columns by two threads: tiles in shared memory would be written and read more than that. */
#define SHARPEN_WIDE    4
#define SHARPEN_ROWS    (HIPFX_SHARPEN_ROWS / (HIPFX_BLOCK / 32)) /* that a thread makes */
#define SHARPEN_AT_ONCE 4                                         /* and those asked for together */

/* A row's pixels as they are stored, from the one left of the columns to the one right of them. */
struct sharpen_raw {
    uint32_t low[SHARPEN_WIDE + 2], high[SHARPEN_WIDE + 2]; /* high: of half floats */
};

HIPFX_FN void sharpen_keep(struct sharpen_raw *raw, int i, uint64_t pixel)
{
    raw->low[i] = (uint32_t)pixel;
    raw->high[i] = (uint32_t)(pixel >> 32);
}

struct sharpen_row {
    struct sharpen_px v[SHARPEN_WIDE + 2];
};

/* (x, y) in the frame. */
HIPFX_FN struct sharpen_raw sharpen_read(const struct hipfx_frame *in, int format, int x, int y)
{
    const int pixels = hipfx_group_pixels(format), last = in->width - 1;
    struct sharpen_raw raw;
    y = hipfx_clamp_i(y, 0, in->height - 1);
    sharpen_keep(&raw, 0, hipfx_load(in, format, hipfx_clamp_i(x - 1, 0, last), y));
    sharpen_keep(&raw, SHARPEN_WIDE + 1,
                 hipfx_load(in, format, hipfx_min_i(x + SHARPEN_WIDE, last), y));
    if (hipfx_group_fits(in, format, x + SHARPEN_WIDE - pixels)) {
        HIPFX_UNROLL
        for (int i = 0; i < SHARPEN_WIDE; i += pixels) {
            hipfx_group group = hipfx_group_load(in, format, x + i, y);
            HIPFX_UNROLL
            for (int j = 0; j < pixels; j++) {
                sharpen_keep(&raw, 1 + i + j, hipfx_group_first(group, format));
                group = hipfx_group_rotate(group, format, 0);
            }
        }
    } else {
        HIPFX_UNROLL
        for (int i = 0; i < SHARPEN_WIDE; i++)
            sharpen_keep(&raw, 1 + i, hipfx_load(in, format, hipfx_min_i(x + i, last), y));
    }
    return raw;
}

HIPFX_FN struct sharpen_row sharpen_decode(int format, const struct sharpen_raw *raw)
{
    struct sharpen_row row;
    HIPFX_UNROLL
    for (int i = 0; i < SHARPEN_WIDE + 2; i++) {
        row.v[i].px = blur_decode(format, raw->low[i] | (uint64_t)raw->high[i] << 32);
        row.v[i].y = sharpen_luminance(row.v[i].px);
    }
    return row;
}

/* (x, y) in the area. */
HIPFX_FN void sharpen_write(const struct hipfx_sharpen_args *a, int format, int x, int y,
                            const struct sharpen_row *up, const struct sharpen_row *mid,
                            const struct sharpen_row *down)
{
    const int pixels = hipfx_group_pixels(format);
    HIPFX_UNROLL
    for (int i = 0; i < SHARPEN_WIDE; i += pixels) {
        hipfx_group group = 0;
        HIPFX_UNROLL
        for (int j = i + 1; j <= i + pixels; j++) {
            struct hipfx_px px = sharpen_cross(a->strength, format, up->v[j], mid->v[j - 1],
                                               mid->v[j], mid->v[j + 1], down->v[j]);
            group = hipfx_group_rotate(group, format, hipfx_encode(format, px));
        }
        hipfx_group_store(&a->out, format, x + i, y, group);
    }
}

HIPFX_FN void sharpen_block(const struct hipfx_sharpen_args *a, int format)
{
    const int x = (hipfx_block_x() * 32 + hipfx_thread() % 32) * SHARPEN_WIDE;
    const int top = hipfx_block_y() * HIPFX_SHARPEN_ROWS + hipfx_thread() / 32 * SHARPEN_ROWS;
    const int end = hipfx_min_i(top + SHARPEN_ROWS, a->height);
    hipfx_decode_prepare(format);
    if (x >= a->width || top >= end)
        return;

    struct sharpen_raw raw[SHARPEN_AT_ONCE];
    raw[0] = sharpen_read(&a->in, format, a->left + x, a->top + top - 1);
    raw[1] = sharpen_read(&a->in, format, a->left + x, a->top + top);
    struct sharpen_row up = sharpen_decode(format, &raw[0]), mid = sharpen_decode(format, &raw[1]);
    for (int y = top; y < end; y += SHARPEN_AT_ONCE) {
        HIPFX_UNROLL
        for (int i = 0; i < SHARPEN_AT_ONCE; i++)
            raw[i] = sharpen_read(&a->in, format, a->left + x, a->top + y + i + 1);
        HIPFX_UNROLL
        for (int i = 0; i < SHARPEN_AT_ONCE; i++) {
            struct sharpen_row down = sharpen_decode(format, &raw[i]);
            sharpen_write(a, format, x, y + i, &up, &mid, &down);
            up = mid;
            mid = down;
        }
    }
}

HIPFX_KERNEL_BLOCK(sharpen_rgba8, struct hipfx_sharpen_args, a)
{
    sharpen_block(a, HIPFX_PIXEL_RGBA8_SRGB);
}

HIPFX_KERNEL_BLOCK(sharpen_rgba16f, struct hipfx_sharpen_args, a)
{
    sharpen_block(a, HIPFX_PIXEL_RGBA16F);
}

#else

#define SHARPEN_COLUMNS 64 /* that are gone down together */

/* Columns of a row, decoded, with one more at each end. */
struct sharpen_line {
    float r[SHARPEN_COLUMNS + 2], g[SHARPEN_COLUMNS + 2], b[SHARPEN_COLUMNS + 2],
        a[SHARPEN_COLUMNS + 2], y[SHARPEN_COLUMNS + 2];
};

HIPFX_FN void sharpen_put(struct sharpen_line *line, int i, struct hipfx_px px)
{
    line->r[i] = px.r;
    line->g[i] = px.g;
    line->b[i] = px.b;
    line->a[i] = px.a;
    line->y[i] = sharpen_luminance(px);
}

HIPFX_FN struct sharpen_px sharpen_get(const struct sharpen_line *line, int i)
{
    return (struct sharpen_px){{line->r[i], line->g[i], line->b[i], line->a[i]}, line->y[i]};
}

/* The columns begin at `x` in the frame. */
HIPFX_FN void sharpen_decode(const struct hipfx_frame *in, int format, int x, int count, int y,
                             struct sharpen_line *line)
{
    const int last = in->width - 1;
    y = hipfx_clamp_i(y, 0, in->height - 1);
    HIPFX_VECTORIZE
    for (int i = 0; i < count; i++)
        sharpen_put(line, i + 1, blur_load(in, format, x + i, y));
    sharpen_put(line, 0, blur_load(in, format, hipfx_max_i(x - 1, 0), y));
    sharpen_put(line, count + 1, blur_load(in, format, hipfx_min_i(x + count, last), y));
}

HIPFX_FN void sharpen_rows(const struct hipfx_sharpen_args *a, int format, int row_begin,
                           int row_end)
{
    for (int x0 = a->live.first; x0 < a->width; x0 += SHARPEN_COLUMNS) {
        const int count = hipfx_min_i(SHARPEN_COLUMNS, a->width - x0);
        struct sharpen_line lines[3], *up = &lines[0], *mid = &lines[1], *down = &lines[2];
        sharpen_decode(&a->in, format, a->left + x0, count, a->top + row_begin - 1, up);
        sharpen_decode(&a->in, format, a->left + x0, count, a->top + row_begin, mid);
        for (int y = row_begin; y < row_end; y++) {
            sharpen_decode(&a->in, format, a->left + x0, count, a->top + y + 1, down);
            HIPFX_VECTORIZE
            for (int i = 0; i < count; i++) {
                struct hipfx_px px = sharpen_cross(
                    a->strength, format, sharpen_get(up, i + 1), sharpen_get(mid, i),
                    sharpen_get(mid, i + 1), sharpen_get(mid, i + 2), sharpen_get(down, i + 1));
                hipfx_store(&a->out, format, x0 + i, y, hipfx_encode(format, px));
            }
            struct sharpen_line *free = up;
            up = mid;
            mid = down;
            down = free;
        }
    }
}

HIPFX_KERNEL_ROWS(sharpen_rgba8, struct hipfx_sharpen_args, a, row_begin, row_end)
{
    sharpen_rows(a, HIPFX_PIXEL_RGBA8_SRGB, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(sharpen_rgba16f, struct hipfx_sharpen_args, a, row_begin, row_end)
{
    sharpen_rows(a, HIPFX_PIXEL_RGBA16F, row_begin, row_end);
}

#endif
