/* Deband: a pixel that differs little from the mean of four others around it, at a random distance,
 * is of a gradient and becomes that mean; what differs more is kept. As libplacebo's and mpv's
 * (libplacebo, src/shaders/deband.c): the four lie a quarter of a turn apart, and each further
 * iteration looks further away for smaller steps: `range` * i for `threshold` / i. Here one channel
 * that differs keeps all of the pixel, so that no colour comes apart from its coverage.
 *
 * Thresholds are in codes, equal steps to the eye. Pixels of 8 bits are averaged in their codes,
 * where their bands are steps of one, and what lies between codes is rounded up or down at random:
 * without that dither the bands would come back. Half floats are averaged as light, and the
 * threshold is brought over by the slope of sRGB's curve at the pixel; above white its power goes
 * on. */
#include "kernels/device_blur.h"
#include "kernels/device_noise.h"

/* Of the curve's inverse, in light for a code, at a light. */
HIPFX_FN float deband_slope(float light)
{
    const float per_code = 1.0f / 255.0f;
    float size = hipfx_abs(light);
    float curve = hipfx_exp2(hipfx_log2(size) * (1.4f / 2.4f)) * (2.4f / 1.055f);
    return (size > 0.0031308f ? curve : 1.0f / 12.92f) * per_code;
}

/* A pixel in the unit in which it is averaged: codes, or light. */
HIPFX_FN struct hipfx_px deband_decode(int format, uint64_t raw)
{
    if (format != HIPFX_PIXEL_RGBA8_SRGB)
        return blur_decode(format, raw);
    const uint32_t rgba = (uint32_t)raw;
    struct hipfx_px px;
    px.r = (float)(int)(rgba & 255);
    px.g = (float)(int)(rgba >> 8 & 255);
    px.b = (float)(int)(rgba >> 16 & 255);
    px.a = (float)(int)(rgba >> 24);
    return px;
}

/* What a code is in that unit. */
HIPFX_FN struct hipfx_px deband_codes(int format, struct hipfx_px px)
{
    struct hipfx_px codes = {1.0f, 1.0f, 1.0f, 1.0f};
    if (format != HIPFX_PIXEL_RGBA8_SRGB) {
        codes.r = deband_slope(px.r);
        codes.g = deband_slope(px.g);
        codes.b = deband_slope(px.b);
        codes.a = 1.0f / 255.0f;
    }
    return codes;
}

/* Four samples' sum. With 8 bits, of two channels in a word each. */
struct deband_sum {
    struct hipfx_px px;
    uint32_t rb, ga;
};

HIPFX_FN void deband_add(int format, struct deband_sum *sum, uint64_t raw)
{
    if (format == HIPFX_PIXEL_RGBA8_SRGB) {
        sum->rb += (uint32_t)raw & 0x00ff00ff;
        sum->ga += (uint32_t)raw >> 8 & 0x00ff00ff;
        return;
    }
    struct hipfx_px px = blur_decode(format, raw);
    sum->px.r += px.r;
    sum->px.g += px.g;
    sum->px.b += px.b;
    sum->px.a += px.a;
}

HIPFX_FN struct hipfx_px deband_mean(int format, const struct deband_sum *sum)
{
    struct hipfx_px px = sum->px;
    if (format == HIPFX_PIXEL_RGBA8_SRGB) {
        px.r = (float)(int)(sum->rb & 0xffff);
        px.g = (float)(int)(sum->ga & 0xffff);
        px.b = (float)(int)(sum->rb >> 16);
        px.a = (float)(int)(sum->ga >> 16);
    }
    px.r *= 0.25f;
    px.g *= 0.25f;
    px.b *= 0.25f;
    px.a *= 0.25f;
    return px;
}

/* The way to the first of the four samples: each of its parts is uniform from -range to range. */
struct deband_way {
    int x, y;
};

HIPFX_FN struct deband_way deband_way(const struct hipfx_deband_args *a, int iteration,
                                      struct hipfx_noise noise)
{
    const int range = a->range_256 * (iteration + 1);
    struct deband_way way;
    way.x = (((int)(noise.x & 0xffff) - 0x8000) * range + (1 << 22)) >> 23;
    way.y = (((int)(noise.x >> 16) - 0x8000) * range + (1 << 22)) >> 23;
    return way;
}

/* Different ones for a pixel's iterations and for its grain. */
HIPFX_FN struct hipfx_noise deband_noise(const struct hipfx_deband_args *a, int use, int x, int y)
{
    return hipfx_noise((uint32_t)(a->left + x), (uint32_t)(a->top + y),
                       a->step * (HIPFX_DEBAND_ITERATIONS + 1) + (uint32_t)use);
}

HIPFX_FN bool deband_is_near(struct hipfx_px p, struct hipfx_px q, struct hipfx_px codes,
                             float threshold)
{
    float r = hipfx_abs(p.r - q.r) - codes.r * threshold;
    float g = hipfx_abs(p.g - q.g) - codes.g * threshold;
    float b = hipfx_abs(p.b - q.b) - codes.b * threshold;
    float alpha = hipfx_abs(p.a - q.a) - codes.a * threshold;
    return hipfx_max(hipfx_max(r, g), hipfx_max(b, alpha)) <= 0.0f;
}

HIPFX_FN struct hipfx_px deband_choose(bool first, struct hipfx_px p, struct hipfx_px q)
{
    return (struct hipfx_px){first ? p.r : q.r, first ? p.g : q.g, first ? p.b : q.b,
                             first ? p.a : q.a};
}

/* An iteration's outcome for a pixel that is `px` so far. */
HIPFX_FN struct hipfx_px deband_step(const struct hipfx_deband_args *a, int format, int iteration,
                                     struct hipfx_px px, const struct deband_sum *sum)
{
    const struct hipfx_px mean = deband_mean(format, sum), codes = deband_codes(format, px);
    const float part = iteration == a->iterations - 1 ? a->last : 1.0f;
    const float threshold = hipfx_divide(a->threshold, (float)(iteration + 1)) * part;
    return deband_choose(deband_is_near(px, mean, codes, threshold), mean, px);
}

/* Uniform grain of the same light in all colours, within the coverage. */
HIPFX_FN struct hipfx_px deband_grain(const struct hipfx_deband_args *a, int format,
                                      struct hipfx_px px, float alpha, uint32_t word)
{
    const struct hipfx_px codes = deband_codes(format, px);
    const float grain = (2.0f * hipfx_noise_low(word) - 1.0f) * a->grain * hipfx_saturate(alpha);
    px.r += grain * codes.r;
    px.g += grain * codes.g;
    px.b += grain * codes.b;
    return px;
}

/* Up with as great a chance as it is near to the code above: whole codes stay. */
HIPFX_FN uint32_t deband_code(float v, float noise)
{
    return (uint32_t)(int)hipfx_clamp(v + noise, 0.0f, 255.0f);
}

/* `noise` must not have been used for the ways. */
HIPFX_FN uint64_t deband_encode(const struct hipfx_deband_args *a, int format, bool grain,
                                struct hipfx_px px, struct hipfx_noise noise)
{
    if (grain)
        px =
            deband_grain(a, format, px,
                         format == HIPFX_PIXEL_RGBA8_SRGB ? px.a * (1.0f / 255.0f) : px.a, noise.z);
    if (format != HIPFX_PIXEL_RGBA8_SRGB)
        return hipfx_encode(format, px);
    return hipfx_pack_bytes(
        deband_code(px.r, hipfx_noise_low(noise.x)), deband_code(px.g, hipfx_noise_high(noise.x)),
        deband_code(px.b, hipfx_noise_low(noise.y)), deband_code(px.a, hipfx_noise_high(noise.y)));
}

/* (x, y) in the frame; outside, its edges go on. */
HIPFX_FN uint64_t deband_load(const struct hipfx_frame *in, int format, int x, int y)
{
    return hipfx_load(in, format, hipfx_clamp_i(x, 0, in->width - 1),
                      hipfx_clamp_i(y, 0, in->height - 1));
}

#if HIPFX_GPU

/* A block's part and DEBAND_AROUND pixels around it are held in shared memory as they are stored:
 * reading them at random from the frame, each thread another line, would be several times slower.
 * Ways beyond that are rare, and read there. */
#define DEBAND_AROUND 16

#define DEBAND_TILE_WIDE_8  (HIPFX_DEBAND_WIDE_8 + 2 * DEBAND_AROUND)
#define DEBAND_TILE_WIDE_16 (HIPFX_DEBAND_WIDE_16 + 2 * DEBAND_AROUND)
#define DEBAND_TILE_HIGH    (HIPFX_DEBAND_ROWS + 2 * DEBAND_AROUND)

HIPFX_SHARED hipfx_group deband_tile_8[DEBAND_TILE_HIGH][DEBAND_TILE_WIDE_8 / 4];
HIPFX_SHARED hipfx_group deband_tile_16[DEBAND_TILE_HIGH][DEBAND_TILE_WIDE_16 / 2];

HIPFX_FN int deband_wide(int format)
{
    return format == HIPFX_PIXEL_RGBA8_SRGB ? DEBAND_TILE_WIDE_8 : DEBAND_TILE_WIDE_16;
}

HIPFX_FN uint64_t deband_tile_at(int format, int x, int y)
{
    if (format == HIPFX_PIXEL_RGBA8_SRGB)
        return ((const uint32_t *)deband_tile_8[y])[x];
    return ((const uint64_t *)deband_tile_16[y])[x];
}

/* The tile's pixel (0, 0) is the frame's (left, top); `left` is a whole number of groups. */
HIPFX_FN void deband_tile_prepare(const struct hipfx_frame *in, int format, int left, int top)
{
    const int pixels = hipfx_group_pixels(format), across = deband_wide(format) / pixels;
#pragma clang loop unroll_count(4)
    for (int i = hipfx_thread(); i < across * DEBAND_TILE_HIGH; i += HIPFX_BLOCK) {
        const int row = i / across, column = i % across;
        const int x = left + column * pixels, y = hipfx_clamp_i(top + row, 0, in->height - 1);
        hipfx_group group = 0;
        if (x >= 0 && hipfx_group_fits(in, format, x)) {
            group = hipfx_group_load(in, format, x, y);
        } else {
            HIPFX_UNROLL
            for (int j = 0; j < pixels; j++)
                group = hipfx_group_rotate(group, format, deband_load(in, format, x + j, y));
        }
        if (format == HIPFX_PIXEL_RGBA8_SRGB)
            deband_tile_8[row][column] = group;
        else
            deband_tile_16[row][column] = group;
    }
    hipfx_barrier();
}

/* (x, y) in the tile, which begins at (left, top). */
HIPFX_FN uint64_t deband_sample(const struct hipfx_frame *in, int format, int left, int top, int x,
                                int y)
{
    if ((unsigned)x < (unsigned)deband_wide(format) && (unsigned)y < DEBAND_TILE_HIGH)
        return deband_tile_at(format, x, y);
    return deband_load(in, format, left + x, top + y);
}

HIPFX_FN uint64_t deband_pixel(const struct hipfx_deband_args *a, int format, int left, int top,
                               int x, int y)
{
    const int tile_x = a->left + x - left, tile_y = a->top + y - top;
    struct hipfx_px px = deband_decode(format, deband_tile_at(format, tile_x, tile_y));
    for (int i = 0; i < a->iterations; i++) {
        const struct deband_way way = deband_way(a, i, deband_noise(a, i, x, y));
        const int dx[] = {way.x, -way.y, -way.x, way.y}, dy[] = {way.y, way.x, -way.y, -way.x};
        struct deband_sum sum = {};
        HIPFX_UNROLL
        for (int j = 0; j < 4; j++)
            deband_add(format, &sum,
                       deband_sample(&a->in, format, left, top, tile_x + dx[j], tile_y + dy[j]));
        px = deband_step(a, format, i, px, &sum);
    }
    return deband_encode(a, format, a->grain > 0.0f, px,
                         deband_noise(a, HIPFX_DEBAND_ITERATIONS, x, y));
}

/* Neighbouring threads have neighbouring pixels: what they read from shared memory then lies in
 * different banks more often. */
HIPFX_FN void deband_block(const struct hipfx_deband_args *a, int format)
{
    const int wide = deband_wide(format) - 2 * DEBAND_AROUND;
    const int x0 = hipfx_block_x() * wide, y0 = hipfx_block_y() * HIPFX_DEBAND_ROWS;
    const int left = a->left + x0 - DEBAND_AROUND, top = a->top + y0 - DEBAND_AROUND;
    deband_tile_prepare(&a->in, format, left, top);
    const int x = x0 + hipfx_thread() % wide;
    if (x >= a->width)
        return;
    const int end = hipfx_min_i(y0 + HIPFX_DEBAND_ROWS, a->height);
    for (int y = y0 + hipfx_thread() / wide; y < end; y += HIPFX_BLOCK / wide)
        hipfx_store(&a->out, format, x, y, deband_pixel(a, format, left, top, x, y));
}

HIPFX_KERNEL_BLOCK(deband_rgba8, struct hipfx_deband_args, a)
{
    deband_block(a, HIPFX_PIXEL_RGBA8_SRGB);
}

HIPFX_KERNEL_BLOCK(deband_rgba16f, struct hipfx_deband_args, a)
{
    deband_block(a, HIPFX_PIXEL_RGBA16F);
}

#else

#define DEBAND_COLUMNS 64 /* that are worked on together */

struct deband_columns {
    float r[DEBAND_COLUMNS], g[DEBAND_COLUMNS], b[DEBAND_COLUMNS], a[DEBAND_COLUMNS];
};

HIPFX_FN void deband_put(struct deband_columns *columns, int i, struct hipfx_px px)
{
    columns->r[i] = px.r;
    columns->g[i] = px.g;
    columns->b[i] = px.b;
    columns->a[i] = px.a;
}

HIPFX_FN struct hipfx_px deband_get(const struct deband_columns *columns, int i)
{
    return (struct hipfx_px){columns->r[i], columns->g[i], columns->b[i], columns->a[i]};
}

HIPFX_FN void deband_iterate(const struct hipfx_deband_args *a, int format, int iteration, int x0,
                             int count, int y, struct deband_columns *columns)
{
    const int at_y = a->top + y;
    HIPFX_VECTORIZE
    for (int i = 0; i < count; i++) {
        const int at_x = a->left + x0 + i;
        const struct deband_way way =
            deband_way(a, iteration, deband_noise(a, iteration, x0 + i, y));
        struct deband_sum sum = {};
        deband_add(format, &sum, deband_load(&a->in, format, at_x + way.x, at_y + way.y));
        deband_add(format, &sum, deband_load(&a->in, format, at_x - way.y, at_y + way.x));
        deband_add(format, &sum, deband_load(&a->in, format, at_x - way.x, at_y - way.y));
        deband_add(format, &sum, deband_load(&a->in, format, at_x + way.y, at_y - way.x));
        deband_put(columns, i, deband_step(a, format, iteration, deband_get(columns, i), &sum));
    }
}

HIPFX_FN void deband_rows(const struct hipfx_deband_args *a, int format, bool grain, int row_begin,
                          int row_end)
{
    for (int y = row_begin; y < row_end; y++) {
        for (int x0 = a->live.first; x0 < a->width; x0 += DEBAND_COLUMNS) {
            const int count = hipfx_min_i(DEBAND_COLUMNS, a->width - x0);
            struct deband_columns columns;
            HIPFX_VECTORIZE
            for (int i = 0; i < count; i++)
                deband_put(&columns, i,
                           deband_decode(format,
                                         hipfx_load(&a->in, format, a->left + x0 + i, a->top + y)));
            for (int i = 0; i < a->iterations; i++)
                deband_iterate(a, format, i, x0, count, y, &columns);
            HIPFX_VECTORIZE
            for (int i = 0; i < count; i++)
                hipfx_store(&a->out, format, x0 + i, y,
                            deband_encode(a, format, grain, deband_get(&columns, i),
                                          deband_noise(a, HIPFX_DEBAND_ITERATIONS, x0 + i, y)));
        }
    }
}

HIPFX_KERNEL_ROWS(deband_rgba8, struct hipfx_deband_args, a, row_begin, row_end)
{
    if (a->grain > 0.0f)
        deband_rows(a, HIPFX_PIXEL_RGBA8_SRGB, true, row_begin, row_end);
    else
        deband_rows(a, HIPFX_PIXEL_RGBA8_SRGB, false, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(deband_rgba16f, struct hipfx_deband_args, a, row_begin, row_end)
{
    if (a->grain > 0.0f)
        deband_rows(a, HIPFX_PIXEL_RGBA16F, true, row_begin, row_end);
    else
        deband_rows(a, HIPFX_PIXEL_RGBA16F, false, row_begin, row_end);
}

#endif
