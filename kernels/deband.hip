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

/* A pixel, or the mean of four. Of 8 bits: two channels in a word each, in quarters of a code, so
 * that the sum of four is their mean. Of half floats: light. */
struct deband_px {
    struct hipfx_px light;
    uint32_t rb, ga;
};

HIPFX_FN struct deband_px deband_decode(int format, uint64_t raw)
{
    struct deband_px px = {};
    if (format == HIPFX_PIXEL_RGBA8_SRGB) {
        px.rb = ((uint32_t)raw & 0x00ff00ff) << 2;
        px.ga = ((uint32_t)raw >> 8 & 0x00ff00ff) << 2;
    } else {
        px.light = blur_decode(format, raw);
    }
    return px;
}

HIPFX_FN struct hipfx_px deband_mean_light(int format, const uint64_t samples[4], bool finite)
{
    struct hipfx_px mean = {};
    HIPFX_UNROLL
    for (int i = 0; i < 4; i++) {
        const struct hipfx_px px =
            finite ? hipfx_decode(format, samples[i]) : blur_decode(format, samples[i]);
        mean.r += px.r * 0.25f;
        mean.g += px.g * 0.25f;
        mean.b += px.b * 0.25f;
        mean.a += px.a * 0.25f;
    }
    return mean;
}

HIPFX_FN bool deband_is_finite(struct hipfx_px px)
{
    return hipfx_abs(px.r) + hipfx_abs(px.g) + hipfx_abs(px.b) + hipfx_abs(px.a) < 1e30f;
}

/* On a GPU it is seen from the mean whether any sample was no number or an infinity. */
HIPFX_FN struct deband_px deband_mean(int format, uint64_t s0, uint64_t s1, uint64_t s2,
                                      uint64_t s3)
{
    const uint64_t samples[] = {s0, s1, s2, s3};
    struct deband_px mean = {};
    if (format != HIPFX_PIXEL_RGBA8_SRGB) {
        mean.light = deband_mean_light(format, samples, HIPFX_GPU);
        if (HIPFX_GPU && !deband_is_finite(mean.light))
            mean.light = deband_mean_light(format, samples, false);
        return mean;
    }
    HIPFX_UNROLL
    for (int i = 0; i < 4; i++) {
        mean.rb += (uint32_t)samples[i] & 0x00ff00ff;
        mean.ga += (uint32_t)samples[i] >> 8 & 0x00ff00ff;
    }
    return mean;
}

/* What a code is in light. */
HIPFX_FN struct hipfx_px deband_codes(struct hipfx_px px)
{
    return (struct hipfx_px){deband_slope(px.r), deband_slope(px.g), deband_slope(px.b),
                             1.0f / 255.0f};
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

HIPFX_FN bool deband_is_near_light(struct hipfx_px p, struct hipfx_px q, float threshold)
{
    const struct hipfx_px codes = deband_codes(p);
    float r = hipfx_abs(p.r - q.r) - codes.r * threshold;
    float g = hipfx_abs(p.g - q.g) - codes.g * threshold;
    float b = hipfx_abs(p.b - q.b) - codes.b * threshold;
    float alpha = hipfx_abs(p.a - q.a) - codes.a * threshold;
    return hipfx_max(hipfx_max(r, g), hipfx_max(b, alpha)) <= 0.0f;
}

/* Bit 14 of each half of the word says whether those of p and q differ by at most `most`. All are
 * so small that with 2^14 added nothing is carried from one half to the other. */
HIPFX_FN uint32_t deband_within(uint32_t p, uint32_t q, int most)
{
    const uint32_t room = (uint32_t)(0x4000 + most) * 0x00010001u;
    return (p - q + room) & (q - p + room);
}

/* `mean` where it differs by no more than an iteration's threshold, else `px`. */
HIPFX_FN struct deband_px deband_step(const struct hipfx_deband_args *a, int format, int iteration,
                                      struct deband_px px, struct deband_px mean)
{
    bool near;
    if (format == HIPFX_PIXEL_RGBA8_SRGB) {
        const int most = a->quarters[iteration];
        const uint32_t within =
            deband_within(px.rb, mean.rb, most) & deband_within(px.ga, mean.ga, most);
        near = (within & 0x40004000) == 0x40004000;
    } else {
        near = deband_is_near_light(px.light, mean.light, a->thresholds[iteration]);
    }
    struct deband_px out;
    out.light.r = near ? mean.light.r : px.light.r;
    out.light.g = near ? mean.light.g : px.light.g;
    out.light.b = near ? mean.light.b : px.light.b;
    out.light.a = near ? mean.light.a : px.light.a;
    out.rb = near ? mean.rb : px.rb;
    out.ga = near ? mean.ga : px.ga;
    return out;
}

/* Uniform grain of the same light in all colours, in codes, within the coverage. */
HIPFX_FN float deband_grain(const struct hipfx_deband_args *a, float alpha, uint32_t word)
{
    return (2.0f * hipfx_noise_low(word) - 1.0f) * a->grain * hipfx_saturate(alpha);
}

/* Up with as great a chance as it is near to the code above: whole codes stay. */
HIPFX_FN uint32_t deband_code(float v, float noise)
{
    return (uint32_t)(int)hipfx_clamp(v + noise, 0.0f, 255.0f);
}

/* Up in as many of four cases as there are quarters. */
HIPFX_FN uint32_t deband_round(uint32_t quarters, uint32_t noise)
{
    return (quarters + (noise >> 14 & 0x00030003)) >> 2 & 0x00ff00ff;
}

/* `noise`: the first iteration's, whose way has used x only. `grain`: another's, or 0. */
HIPFX_FN uint64_t deband_encode(const struct hipfx_deband_args *a, int format, bool grain,
                                struct deband_px px, struct hipfx_noise noise, uint32_t grain_word)
{
    if (format == HIPFX_PIXEL_RGBA8_SRGB && !grain)
        return deband_round(px.rb, noise.y) | deband_round(px.ga, noise.z) << 8;
    if (format == HIPFX_PIXEL_RGBA8_SRGB) {
        const float alpha = hipfx_high_half(px.ga) * 0.25f;
        const float more = deband_grain(a, alpha * (1.0f / 255.0f), grain_word);
        return hipfx_pack_bytes(
            deband_code(hipfx_low_half(px.rb) * 0.25f + more, hipfx_noise_low(noise.y)),
            deband_code(hipfx_low_half(px.ga) * 0.25f + more, hipfx_noise_low(noise.z)),
            deband_code(hipfx_high_half(px.rb) * 0.25f + more, hipfx_noise_high(noise.y)),
            deband_code(alpha, hipfx_noise_high(noise.z)));
    }
    if (grain) {
        const struct hipfx_px codes = deband_codes(px.light);
        const float more = deband_grain(a, px.light.a, grain_word);
        px.light.r += more * codes.r;
        px.light.g += more * codes.g;
        px.light.b += more * codes.b;
    }
    return hipfx_encode(format, px.light);
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

/* `at` is counted row by row. */
HIPFX_FN uint64_t deband_tile_at(int format, int at)
{
    if (format == HIPFX_PIXEL_RGBA8_SRGB)
        return ((const uint32_t *)deband_tile_8)[at];
    return ((const uint64_t *)deband_tile_16)[at];
}

HIPFX_FN void deband_tile_put(int format, int row, int column, hipfx_group group)
{
    if (format == HIPFX_PIXEL_RGBA8_SRGB)
        deband_tile_8[row][column] = group;
    else
        deband_tile_16[row][column] = group;
}

/* The tile's pixel (0, 0) is the frame's (left, top); `left` is a whole number of groups. 8 threads
 * side by side share a row, so that no place must be divided out. */
HIPFX_FN void deband_tile_prepare(const struct hipfx_frame *in, int format, int left, int top)
{
    enum { across = 8, down = HIPFX_BLOCK / across };
    const int pixels = hipfx_group_pixels(format), columns = deband_wide(format) / pixels;
    const int first = hipfx_thread() % across;
    const bool inside = left >= 0 && hipfx_group_fits(in, format, left + (columns - 1) * pixels);
    for (int row = hipfx_thread() / across; row < DEBAND_TILE_HIGH; row += down) {
        const int y = hipfx_clamp_i(top + row, 0, in->height - 1);
        if (inside) {
            const HIPFX_GLOBAL hipfx_group *from =
                (const HIPFX_GLOBAL hipfx_group *)hipfx_group_at(in, format, left, y) + first;
            HIPFX_UNROLL
            for (int i = 0; i < columns; i += across)
                deband_tile_put(format, row, first + i, from[i]);
            continue;
        }
        for (int i = first; i < columns; i += across) {
            hipfx_group group = 0;
            HIPFX_UNROLL
            for (int j = 0; j < pixels; j++)
                group = hipfx_group_rotate(group, format,
                                           deband_load(in, format, left + i * pixels + j, y));
            deband_tile_put(format, row, i, group);
        }
    }
    hipfx_barrier();
}

/* (x, y) in the tile, which begins at (left, top). */
HIPFX_FN uint64_t deband_sample(const struct hipfx_frame *in, int format, int left, int top, int x,
                                int y)
{
    if ((unsigned)x < (unsigned)deband_wide(format) && (unsigned)y < DEBAND_TILE_HIGH)
        return deband_tile_at(format, y * deband_wide(format) + x);
    return deband_load(in, format, left + x, top + y);
}

HIPFX_FN struct deband_px deband_around(const struct hipfx_deband_args *a, int format,
                                        int iteration, int left, int top, int x, int y,
                                        struct deband_way way)
{
    if (a->range_256 * (iteration + 1) <= 256 * DEBAND_AROUND) {
        const int wide = deband_wide(format), at = y * wide + x;
        const int first = way.y * wide + way.x, second = way.x * wide - way.y;
        return deband_mean(format, deband_tile_at(format, at + first),
                           deband_tile_at(format, at + second), deband_tile_at(format, at - first),
                           deband_tile_at(format, at - second));
    }
    return deband_mean(format, deband_sample(&a->in, format, left, top, x + way.x, y + way.y),
                       deband_sample(&a->in, format, left, top, x - way.y, y + way.x),
                       deband_sample(&a->in, format, left, top, x - way.x, y - way.y),
                       deband_sample(&a->in, format, left, top, x + way.y, y - way.x));
}

HIPFX_FN uint64_t deband_pixel(const struct hipfx_deband_args *a, int format, int left, int top,
                               int x, int y)
{
    const int tile_x = a->left + x - left, tile_y = a->top + y - top;
    const struct hipfx_noise first = deband_noise(a, 0, x, y);
    struct deband_px px =
        deband_decode(format, deband_tile_at(format, tile_y * deband_wide(format) + tile_x));
    for (int i = 0; i < a->iterations; i++) {
        const struct hipfx_noise noise = i == 0 ? first : deband_noise(a, i, x, y);
        const struct deband_way way = deband_way(a, i, noise);
        px = deband_step(a, format, i, px,
                         deband_around(a, format, i, left, top, tile_x, tile_y, way));
    }
    if (a->grain > 0.0f)
        return deband_encode(a, format, true, px, first,
                             deband_noise(a, HIPFX_DEBAND_ITERATIONS, x, y).x);
    return deband_encode(a, format, false, px, first, 0);
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

/* Those of the two that the format has are filled. */
struct deband_columns {
    float r[DEBAND_COLUMNS], g[DEBAND_COLUMNS], b[DEBAND_COLUMNS], a[DEBAND_COLUMNS];
    uint32_t rb[DEBAND_COLUMNS], ga[DEBAND_COLUMNS];
};

HIPFX_FN void deband_put(struct deband_columns *columns, int format, int i, struct deband_px px)
{
    if (format == HIPFX_PIXEL_RGBA8_SRGB) {
        columns->rb[i] = px.rb;
        columns->ga[i] = px.ga;
        return;
    }
    columns->r[i] = px.light.r;
    columns->g[i] = px.light.g;
    columns->b[i] = px.light.b;
    columns->a[i] = px.light.a;
}

HIPFX_FN struct deband_px deband_get(const struct deband_columns *columns, int format, int i)
{
    if (format == HIPFX_PIXEL_RGBA8_SRGB)
        return (struct deband_px){{}, columns->rb[i], columns->ga[i]};
    return (struct deband_px){{columns->r[i], columns->g[i], columns->b[i], columns->a[i]}, 0, 0};
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
        const struct deband_px mean =
            deband_mean(format, deband_load(&a->in, format, at_x + way.x, at_y + way.y),
                        deband_load(&a->in, format, at_x - way.y, at_y + way.x),
                        deband_load(&a->in, format, at_x - way.x, at_y - way.y),
                        deband_load(&a->in, format, at_x + way.y, at_y - way.x));
        deband_put(columns, format, i,
                   deband_step(a, format, iteration, deband_get(columns, format, i), mean));
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
                deband_put(&columns, format, i,
                           deband_decode(format,
                                         hipfx_load(&a->in, format, a->left + x0 + i, a->top + y)));
            for (int i = 0; i < a->iterations; i++)
                deband_iterate(a, format, i, x0, count, y, &columns);
            HIPFX_VECTORIZE
            for (int i = 0; i < count; i++) {
                const uint32_t word =
                    grain ? deband_noise(a, HIPFX_DEBAND_ITERATIONS, x0 + i, y).x : 0;
                hipfx_store(&a->out, format, x0 + i, y,
                            deband_encode(a, format, grain, deband_get(&columns, format, i),
                                          deband_noise(a, 0, x0 + i, y), word));
            }
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
