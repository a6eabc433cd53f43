/* A sine wave over the frame: drawn as a line, as a filled area, or moving the picture's columns.
 */
#include "kernels/device.h"

#include "kernels/args.h"

HIPFX_FN double wave_angle(const struct hipfx_wave_args *a, int x)
{
    return hipfx_fold(a->half_turns_start + x * a->half_turns_step);
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
    float phi = (float)wave_angle(a, x);
    float dy = (float)(y + 0.5 - a->middle_px);
    float height = dy * a->inverse_amplitude;
    float on_curve = hipfx_clamp(height, -1.0f, 1.0f);
    float here = hipfx_sin_half(phi);

    float across = hipfx_asin(on_curve) - phi;
    float up = (on_curve - here) * (on_curve - here) * a->slope2;
    float d = across * up / (across * across + up + 1e-30f);
    float low = hipfx_min(across, 0.0f), high = hipfx_max(across, 0.0f);
#pragma clang loop unroll(full)
    for (int i = 0; i < rounds; i++) {
        float s = hipfx_sin_half(phi + d) - height, c = hipfx_cos_half(phi + d);
        float f = d + a->slope2 * s * c;
        float slope = 1.0f + a->slope2 * (c * c - s * (s + height));
        low = f < 0.0f ? d : low;
        high = f < 0.0f ? high : d;
        float next = d - f / slope;
        float middle = 0.5f * (low + high);
        d = slope > 0.0f && next >= low && next <= high ? next : middle;
    }

    float dx = d / a->per_px;
    dy -= (float)a->amplitude_px * hipfx_sin_half(phi + d);
    float distance = __builtin_sqrtf(dx * dx + dy * dy);
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

HIPFX_FN void wave_line_pixel(const struct hipfx_wave_args *a, int format, int x, int y)
{
    uint64_t raw = hipfx_load(&a->in, format, x, y);
    float coverage = wave_coverage(a, wave_distance(a, x, y));
    hipfx_store(&a->out, format, x, y, wave_blend(a, format, raw, coverage));
}

HIPFX_FN struct hipfx_px wave_mix(struct hipfx_px p, struct hipfx_px q, float t)
{
    p.r += (q.r - p.r) * t;
    p.g += (q.g - p.g) * t;
    p.b += (q.b - p.b) * t;
    p.a += (q.a - p.a) * t;
    return p;
}

/* How far a column moves down, in pixels. */
HIPFX_FN double wave_shift(const struct hipfx_wave_args *a, int x)
{
    return a->middle_px + a->amplitude_px * hipfx_sin_half_d(wave_angle(a, x));
}

/* out(x, y) = in(x, y - shift), between two rows linearly, edges clamped. `mix`: opacity is
 * below 1. */
HIPFX_FN void wave_warp_pixel(const struct hipfx_wave_args *a, int format, bool mix, double shift,
                              int x, int y)
{
    double at = y - shift;
    double bottom = a->height - 1;
    at = at > 0.0 ? at : 0.0;
    at = at < bottom ? at : bottom;
    int row = (int)at;
    float fraction = (float)(at - row);

    struct hipfx_px px = hipfx_decode(format, hipfx_load(&a->in, format, x, row));
    struct hipfx_px below =
        hipfx_decode(format, hipfx_load(&a->in, format, x, hipfx_min_i(row + 1, a->height - 1)));
    px = wave_mix(px, below, fraction);
    if (mix)
        px = wave_mix(hipfx_decode(format, hipfx_load(&a->in, format, x, y)), px, a->opacity);
    hipfx_store(&a->out, format, x, y, hipfx_encode(format, px));
}

#if HIPFX_GPU

HIPFX_KERNEL_2D(wave_warp_rgba8, struct hipfx_wave_args, a, x, y)
{
    wave_warp_pixel(a, HIPFX_PIXEL_RGBA8_SRGB, true, wave_shift(a, x), x, y);
}

HIPFX_KERNEL_2D(wave_warp_rgba16f, struct hipfx_wave_args, a, x, y)
{
    wave_warp_pixel(a, HIPFX_PIXEL_RGBA16F, true, wave_shift(a, x), x, y);
}

HIPFX_KERNEL_2D(wave_line_rgba8, struct hipfx_wave_args, a, x, y)
{
    wave_line_pixel(a, HIPFX_PIXEL_RGBA8_SRGB, x, y);
}

HIPFX_KERNEL_2D(wave_line_rgba16f, struct hipfx_wave_args, a, x, y)
{
    wave_line_pixel(a, HIPFX_PIXEL_RGBA16F, x, y);
}

#else

/* Most of a frame is far from the curve. The CPU goes through it in short runs of a row, and does
 * the full sum only where the curve is within reach. */
#define WAVE_RUN   64
#define WAVE_RUNS  64 /* looked at together: their ranges are found once for all rows */

enum wave_side {
    WAVE_ABOVE, /* the run lies above the curve, out of its reach */
    WAVE_NEAR,
    WAVE_BELOW,
};

struct wave_range {
    float top, bottom; /* y in pixels; a row outside is not within reach of the curve */
};

/* Is one of the places offset + 2n in begin..end? */
HIPFX_FN bool wave_has_extreme(double begin, double end, double offset)
{
    double from = (begin - offset) * 0.5, to = (end - offset) * 0.5;
    double next = hipfx_round(from);
    next += next < from ? 1.0 : 0.0;
    return next <= to;
}

/* For the columns x0..x1, and a little more than needed. */
HIPFX_FN struct wave_range wave_range(const struct hipfx_wave_args *a, int x0, int x1)
{
    double margin = a->reach_px + 1.0;
    double begin = a->half_turns_start + (x0 - margin) * a->half_turns_step;
    double end = a->half_turns_start + (x1 + margin) * a->half_turns_step;
    double s0 = hipfx_sin_half_d(hipfx_fold(begin));
    double s1 = hipfx_sin_half_d(hipfx_fold(end));
    double top = s0 < s1 ? s0 : s1, bottom = s0 < s1 ? s1 : s0;
    if (wave_has_extreme(begin, end, 1.5))
        top = -1.0;
    if (wave_has_extreme(begin, end, 0.5))
        bottom = 1.0;

    struct wave_range range;
    range.top = (float)(a->middle_px + a->amplitude_px * top - margin);
    range.bottom = (float)(a->middle_px + a->amplitude_px * bottom + margin);
    return range;
}

HIPFX_FN enum wave_side wave_side_of(struct wave_range range, int y)
{
    float centre = (float)y + 0.5f;
    return centre < range.top ? WAVE_ABOVE : centre > range.bottom ? WAVE_BELOW : WAVE_NEAR;
}

HIPFX_FN void wave_line_run(const struct hipfx_wave_args *a, int format, enum wave_side side,
                            int x0, int x1, int y)
{
    if (side == WAVE_NEAR) {
        HIPFX_VECTORIZE
        for (int x = x0; x < x1; x++)
            wave_line_pixel(a, format, x, y);
    } else if (side == WAVE_BELOW && a->fill) {
        HIPFX_VECTORIZE
        for (int x = x0; x < x1; x++)
            hipfx_store(&a->out, format, x, y,
                        wave_blend(a, format, hipfx_load(&a->in, format, x, y), 1.0f));
    } else {
        HIPFX_VECTORIZE
        for (int x = x0; x < x1; x++)
            hipfx_store(&a->out, format, x, y, hipfx_load(&a->in, format, x, y));
    }
}

HIPFX_FN void wave_line_rows(const struct hipfx_wave_args *a, int format, int row_begin,
                             int row_end)
{
    for (int block = 0; block < a->width; block += WAVE_RUN * WAVE_RUNS) {
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
    double shift[WAVE_RUN];
    double most_up[WAVE_RUN / 8]; /* for each line of 64 bytes */
};

HIPFX_FN void wave_columns_find(const struct hipfx_wave_args *a, int x0, int per_line,
                                struct wave_columns *columns)
{
    HIPFX_VECTORIZE
    for (int i = 0; i < WAVE_RUN; i++)
        columns->shift[i] = wave_shift(a, x0 + i);
    for (int line = 0; line < WAVE_RUN / per_line; line++) {
        double least = columns->shift[line * per_line];
        for (int i = 1; i < per_line; i++) {
            double shift = columns->shift[line * per_line + i];
            least = shift < least ? shift : least;
        }
        columns->most_up[line] = least;
    }
}

HIPFX_FN void wave_warp_rows(const struct hipfx_wave_args *a, int format, bool mix, int row_begin,
                             int row_end)
{
    const int per_line = format == HIPFX_PIXEL_RGBA8_SRGB ? 16 : 8;
    for (int x0 = 0; x0 < a->width; x0 += WAVE_RUN) {
        const int count = hipfx_min_i(WAVE_RUN, a->width - x0);
        struct wave_columns columns;
        wave_columns_find(a, x0, per_line, &columns);
        for (int y = row_begin; y < row_end; y++) {
            for (int line = 0; line < WAVE_RUN / per_line; line++) {
                int row = (int)((double)(y + WAVE_AHEAD) - columns.most_up[line]);
                row = hipfx_clamp_i(row, 0, a->height - 1);
                __builtin_prefetch((const char *)a->in.data + (uint64_t)row * a->in.pitch +
                                   (size_t)x0 * (size_t)(64 / per_line) + (size_t)line * 64);
            }
            HIPFX_VECTORIZE
            for (int i = 0; i < count; i++)
                wave_warp_pixel(a, format, mix, columns.shift[i], x0 + i, y);
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
