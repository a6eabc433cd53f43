/* A look-up table on straight colour, sRGB-encoded as tables are made for; beyond 1 and below 0 the
 * encoding goes on, the same on both sides of 0.
 *
 * Between a cube's entries it is tetrahedral interpolation: J. M. Kasson, S. I. Nin, W. Plouffe,
 * J. L. Hafner, "Performing color space conversions with three-dimensional linear interpolation",
 * Journal of Electronic Imaging 4(3), 1995. Each cell is cut into six tetrahedra along its grey
 * diagonal, and a colour is weighed between the four corners of its own.
 *
 * Light above the table's domain (above 1, if the file says nothing else) is shaped by its
 * logarithm: a colour is brought down by the stops that its most exceeding channel is above the
 * domain, looked up, and brought up by as many. So the table's answer goes on in straight lines of
 * log light, without a break, rising where the table's edge rises. Below the domain its edge
 * counts. */
#include "kernels/device.h"

/* sRGB's transfer function and its inverse for any value. */
HIPFX_FN float lut_encode(float light)
{
    float v = hipfx_abs(light);
    float curve = hipfx_exp2(hipfx_log2(v) * (1.0f / 2.4f)) * 1.055f - 0.055f;
    return hipfx_copysign(v > 0.0031308f ? curve : v * 12.92f, light);
}

HIPFX_FN float lut_decode(float encoded)
{
    float v = hipfx_abs(encoded);
    float base = v * (1.0f / 1.055f) + 0.055f / 1.055f;
    float curve = hipfx_exp2(hipfx_min(hipfx_log2(base) * 2.4f, 127.0f));
    return hipfx_copysign(v > 0.04045f ? curve : v * (1.0f / 12.92f), encoded);
}

/* What a colour is brought down by. */
HIPFX_FN float lut_excess(const struct hipfx_lut_args *a, float r, float g, float b)
{
    float most = hipfx_max(r * a->inverse_top[0], g * a->inverse_top[1]);
    return hipfx_max(hipfx_max(most, b * a->inverse_top[2]), 1.0f);
}

/* NaN is taken for the lower end. */
HIPFX_FN float lut_place(const struct hipfx_lut_args *a, int c, float encoded)
{
    return hipfx_clamp(encoded * a->scale[c] + a->offset[c], 0.0f, (float)(a->size - 1));
}

HIPFX_FN int lut_cell(const struct hipfx_lut_args *a, float place)
{
    return hipfx_min_i((int)place, a->size - 2);
}

/* A cell's corners on the way from its first to its last, as distances from the first in entries,
 * and the weights of all four. */
struct lut_way {
    int first, second, third;
    float w0, w1, w2, w3;
};

HIPFX_FN struct lut_way lut_find_way(const struct hipfx_lut_args *a, float r, float g, float b)
{
    const int green = a->size, blue = a->size * a->size;
    float most = hipfx_max(hipfx_max(r, g), b), least = hipfx_min(hipfx_min(r, g), b);
    float middle = hipfx_max(hipfx_min(r, g), hipfx_min(hipfx_max(r, g), b));
    int first = g >= b ? green : blue;
    int last = g <= r ? green : 1;
    struct lut_way way;
    way.third = 1 + green + blue;
    way.first = r >= g ? (r >= b ? 1 : first) : first;
    way.second = way.third - (b <= g ? (b <= r ? blue : last) : last);
    way.w0 = 1.0f - most;
    way.w1 = most - middle;
    way.w2 = middle - least;
    way.w3 = least;
    return way;
}

HIPFX_FN float lut_value(const struct hipfx_lut_args *a, int c, float entry)
{
    return entry * a->step[c] + a->low[c];
}

HIPFX_FN float lut_limit(int format, float v)
{
    return format == HIPFX_PIXEL_RGBA8_SRGB ? hipfx_saturate(v) : v;
}

/* Straight light out of what the table says, with the light that went in. */
HIPFX_FN float lut_mix(const struct hipfx_lut_args *a, int format, float encoded, float excess,
                       float light)
{
    return lut_limit(format, light + (lut_decode(encoded) * excess - light) * a->amount);
}

/* A straight colour, and what it is brought down by. */
struct lut_colour {
    float r, g, b, a, excess;
};

/* An infinity becomes a large number, so that no NaN comes of it. */
HIPFX_FN float lut_finite(float v)
{
    return hipfx_clamp(v, -1e30f, 1e30f);
}

HIPFX_FN struct lut_colour lut_straight(const struct hipfx_lut_args *a, int format, uint64_t raw)
{
    struct hipfx_px px = hipfx_decode(format, raw);
    float scale = hipfx_divide(1.0f, px.a);
    struct lut_colour colour;
    colour.r = lut_finite(px.r * scale);
    colour.g = lut_finite(px.g * scale);
    colour.b = lut_finite(px.b * scale);
    colour.a = px.a;
    colour.excess = lut_excess(a, colour.r, colour.g, colour.b);
    return colour;
}

HIPFX_FN uint64_t lut_finish(const struct hipfx_lut_args *a, int format, struct lut_colour in,
                             float r, float g, float b, uint64_t raw)
{
    struct hipfx_px out;
    out.r = lut_mix(a, format, lut_value(a, 0, r), in.excess, in.r) * in.a;
    out.g = lut_mix(a, format, lut_value(a, 1, g), in.excess, in.g) * in.a;
    out.b = lut_mix(a, format, lut_value(a, 2, b), in.excess, in.b) * in.a;
    out.a = in.a;
    uint64_t encoded = hipfx_encode_colour(format, out, raw);
    /* Light without coverage has no straight colour: it is left as it is. */
    return in.a > 0.0f ? encoded : raw;
}

HIPFX_FN uint32_t lut_code(float encoded)
{
    return hipfx_code(hipfx_saturate(encoded) * 255.0f + HIPFX_ROUND);
}

HIPFX_FN uint64_t lut_finish_codes(const struct hipfx_lut_args *a, float r, float g, float b)
{
    return hipfx_pack_bytes(lut_code(lut_value(a, 0, r)), lut_code(lut_value(a, 1, g)),
                            lut_code(lut_value(a, 2, b)), 255);
}

HIPFX_FN float lut_fraction_of_code(uint64_t raw, int c)
{
    return hipfx_byte((uint32_t)raw, c) * (1.0f / 255.0f);
}

#if HIPFX_GPU

typedef uint32_t lut_entry __attribute__((ext_vector_type(2)));

HIPFX_FN lut_entry lut_fetch(const struct hipfx_lut_args *a, int at)
{
    return ((const HIPFX_GLOBAL lut_entry *)a->entries)[at];
}

struct lut_rgb {
    float r, g, b;
};

HIPFX_FN void lut_add(struct lut_rgb *sum, lut_entry entry, float weight)
{
    sum->r += hipfx_low_half(entry.x) * weight;
    sum->g += hipfx_high_half(entry.x) * weight;
    sum->b += hipfx_low_half(entry.y) * weight;
}

HIPFX_FN struct lut_rgb lut_in_cube(const struct hipfx_lut_args *a, float r, float g, float b)
{
    int i = lut_cell(a, r), j = lut_cell(a, g), k = lut_cell(a, b);
    int at = (k * a->size + j) * a->size + i;
    struct lut_way way = lut_find_way(a, r - (float)i, g - (float)j, b - (float)k);
    lut_entry e0 = lut_fetch(a, at), e1 = lut_fetch(a, at + way.first);
    lut_entry e2 = lut_fetch(a, at + way.second), e3 = lut_fetch(a, at + way.third);
    struct lut_rgb sum = {0.0f, 0.0f, 0.0f};
    lut_add(&sum, e0, way.w0);
    lut_add(&sum, e1, way.w1);
    lut_add(&sum, e2, way.w2);
    lut_add(&sum, e3, way.w3);
    return sum;
}

HIPFX_FN float lut_on_curve(const struct hipfx_lut_args *a, int c, float place)
{
    const HIPFX_GLOBAL uint16_t *entries = (const HIPFX_GLOBAL uint16_t *)a->entries;
    int i = lut_cell(a, place);
    float from = (float)entries[i * 4 + c], to = (float)entries[i * 4 + 4 + c];
    return from + (to - from) * (place - (float)i);
}

HIPFX_FN struct lut_rgb lut_look_up(const struct hipfx_lut_args *a, float r, float g, float b)
{
    r = lut_place(a, 0, r);
    g = lut_place(a, 1, g);
    b = lut_place(a, 2, b);
    if (a->cube)
        return lut_in_cube(a, r, g, b);
    struct lut_rgb rgb = {lut_on_curve(a, 0, r), lut_on_curve(a, 1, g), lut_on_curve(a, 2, b)};
    return rgb;
}

HIPFX_FN uint64_t lut_pixel(const struct hipfx_lut_args *a, int format, uint64_t raw)
{
    if (format == HIPFX_PIXEL_RGBA8_SRGB && a->direct && (uint32_t)raw >> 24 == 255) {
        struct lut_rgb rgb =
            lut_look_up(a, lut_fraction_of_code(raw, 0), lut_fraction_of_code(raw, 1),
                        lut_fraction_of_code(raw, 2));
        return lut_finish_codes(a, rgb.r, rgb.g, rgb.b);
    }
    struct lut_colour in = lut_straight(a, format, raw);
    float down = hipfx_divide(1.0f, in.excess);
    struct lut_rgb rgb =
        lut_look_up(a, lut_encode(in.r * down), lut_encode(in.g * down), lut_encode(in.b * down));
    return lut_finish(a, format, in, rgb.r, rgb.g, rgb.b, raw);
}

HIPFX_FN hipfx_group lut_group(const struct hipfx_lut_args *a, int format, hipfx_group group)
{
    HIPFX_UNROLL
    for (int i = 0; i < hipfx_group_pixels(format); i++)
        group = hipfx_group_rotate(group, format,
                                   lut_pixel(a, format, hipfx_group_first(group, format)));
    return group;
}

/* As color_block. */
HIPFX_FN void lut_block(const struct hipfx_lut_args *a, int format)
{
    enum { across = 16, down = HIPFX_BLOCK / across, times = HIPFX_LUT_ROWS / down };
    const int x = (hipfx_block_x() * across + hipfx_thread() % across) * hipfx_group_pixels(format);
    const int y = hipfx_block_y() * HIPFX_LUT_ROWS + hipfx_thread() / across;
    hipfx_group groups[times];
    HIPFX_UNROLL
    for (int i = 0; i < times; i++)
        groups[i] = hipfx_direct_group_load(&a->in, format, x, y + i * down);
    hipfx_decode_prepare(format);
    HIPFX_UNROLL
    for (int i = 0; i < times; i++)
        hipfx_direct_group_store(&a->out, format, x, y + i * down, lut_group(a, format, groups[i]));
}

HIPFX_KERNEL_BLOCK(lut_rgba8, struct hipfx_lut_args, a)
{
    lut_block(a, HIPFX_PIXEL_RGBA8_SRGB);
}

HIPFX_KERNEL_BLOCK(lut_rgba16f, struct hipfx_lut_args, a)
{
    lut_block(a, HIPFX_PIXEL_RGBA16F);
}

#else

/* A row goes through in parts: what is arithmetic in loops of vector code over pixels, what reads
 * the table pixel by pixel with an entry's colours as a vector; that is faster than gathering each
 * of them for many pixels. */
#define LUT_PART 128

struct lut_part {
    float r[LUT_PART], g[LUT_PART], b[LUT_PART], a[LUT_PART], excess[LUT_PART]; /* what went in */
    float place[3][LUT_PART];
    int at[LUT_PART], first[LUT_PART], second[LUT_PART];
    float weights[4][LUT_PART];
    float sum[LUT_PART][4]; /* entries, weighed */
};

typedef uint16_t lut_entry __attribute__((ext_vector_type(4)));
typedef float lut_float4 __attribute__((ext_vector_type(4), aligned(4)));

HIPFX_FN lut_float4 lut_fetch(const struct hipfx_lut_args *a, int at)
{
    return __builtin_convertvector(((const lut_entry *)a->entries)[at], lut_float4);
}

HIPFX_FN void lut_in_cube(const struct hipfx_lut_args *a, struct lut_part *p, int count)
{
    HIPFX_VECTORIZE
    for (int i = 0; i < count; i++) {
        float r = p->place[0][i], g = p->place[1][i], b = p->place[2][i];
        int ri = lut_cell(a, r), gi = lut_cell(a, g), bi = lut_cell(a, b);
        struct lut_way way = lut_find_way(a, r - (float)ri, g - (float)gi, b - (float)bi);
        p->at[i] = (bi * a->size + gi) * a->size + ri;
        p->first[i] = way.first;
        p->second[i] = way.second;
        p->weights[0][i] = way.w0;
        p->weights[1][i] = way.w1;
        p->weights[2][i] = way.w2;
        p->weights[3][i] = way.w3;
    }
    const int third = 1 + a->size + a->size * a->size;
    for (int i = 0; i < count; i++) {
        const int at = p->at[i];
        *(lut_float4 *)p->sum[i] = lut_fetch(a, at) * p->weights[0][i] +
                                   lut_fetch(a, at + p->first[i]) * p->weights[1][i] +
                                   lut_fetch(a, at + p->second[i]) * p->weights[2][i] +
                                   lut_fetch(a, at + third) * p->weights[3][i];
    }
}

HIPFX_FN void lut_on_curves(const struct hipfx_lut_args *a, struct lut_part *p, int count)
{
    const uint16_t *entries = (const uint16_t *)a->entries;
    for (int i = 0; i < count; i++) {
        for (int c = 0; c < 3; c++) {
            float place = p->place[c][i];
            int at = lut_cell(a, place);
            float from = (float)entries[at * 4 + c], to = (float)entries[at * 4 + 4 + c];
            p->sum[i][c] = from + (to - from) * (place - (float)at);
        }
    }
}

HIPFX_FN void lut_look_up(const struct hipfx_lut_args *a, struct lut_part *p, int count)
{
    if (a->cube)
        lut_in_cube(a, p, count);
    else
        lut_on_curves(a, p, count);
}

HIPFX_FN bool lut_is_stored(int format, bool direct, uint64_t raw)
{
    return format == HIPFX_PIXEL_RGBA8_SRGB && direct && (uint32_t)raw >> 24 == 255;
}

/* An opaque pixel's result is the same whatever the pixels beside it are. */
HIPFX_FN void lut_any(const struct hipfx_lut_args *a, int format, bool direct, struct lut_part *p,
                      int x, int y, int count)
{
    HIPFX_VECTORIZE
    for (int i = 0; i < count; i++) {
        uint64_t raw = hipfx_load(&a->in, format, x + i, y);
        struct lut_colour in = lut_straight(a, format, raw);
        bool stored = lut_is_stored(format, direct, raw);
        float down = 1.0f / in.excess;
        float r = lut_encode(in.r * down), g = lut_encode(in.g * down);
        float b = lut_encode(in.b * down);
        p->place[0][i] = lut_place(a, 0, stored ? lut_fraction_of_code(raw, 0) : r);
        p->place[1][i] = lut_place(a, 1, stored ? lut_fraction_of_code(raw, 1) : g);
        p->place[2][i] = lut_place(a, 2, stored ? lut_fraction_of_code(raw, 2) : b);
        p->r[i] = in.r;
        p->g[i] = in.g;
        p->b[i] = in.b;
        p->a[i] = in.a;
        p->excess[i] = in.excess;
    }
    lut_look_up(a, p, count);
    HIPFX_VECTORIZE
    for (int i = 0; i < count; i++) {
        uint64_t raw = hipfx_load(&a->in, format, x + i, y);
        float r = p->sum[i][0], g = p->sum[i][1], b = p->sum[i][2];
        struct lut_colour in = {p->r[i], p->g[i], p->b[i], p->a[i], p->excess[i]};
        uint64_t out = lut_finish(a, format, in, r, g, b, raw);
        uint64_t codes = lut_finish_codes(a, r, g, b);
        hipfx_store(&a->out, format, x + i, y, lut_is_stored(format, direct, raw) ? codes : out);
    }
}

HIPFX_FN void lut_opaque(const struct hipfx_lut_args *a, struct lut_part *p, int x, int y,
                         int count)
{
    HIPFX_VECTORIZE
    for (int i = 0; i < count; i++) {
        uint64_t raw = hipfx_load(&a->in, HIPFX_PIXEL_RGBA8_SRGB, x + i, y);
        p->place[0][i] = lut_place(a, 0, lut_fraction_of_code(raw, 0));
        p->place[1][i] = lut_place(a, 1, lut_fraction_of_code(raw, 1));
        p->place[2][i] = lut_place(a, 2, lut_fraction_of_code(raw, 2));
    }
    lut_look_up(a, p, count);
    HIPFX_VECTORIZE
    for (int i = 0; i < count; i++) {
        float r = p->sum[i][0], g = p->sum[i][1], b = p->sum[i][2];
        hipfx_store(&a->out, HIPFX_PIXEL_RGBA8_SRGB, x + i, y, lut_finish_codes(a, r, g, b));
    }
}

HIPFX_FN bool lut_is_opaque(const struct hipfx_lut_args *a, int x, int y, int count)
{
    uint32_t all = 0xffffffffu;
    HIPFX_VECTORIZE
    for (int i = 0; i < count; i++)
        all &= (uint32_t)hipfx_load(&a->in, HIPFX_PIXEL_RGBA8_SRGB, x + i, y);
    return all >> 24 == 255;
}

HIPFX_FN void lut_rows(const struct hipfx_lut_args *a, int format, int row_begin, int row_end)
{
    struct lut_part part;
    for (int y = row_begin; y < row_end; y++) {
        for (int x = a->live.first; x < a->width; x += LUT_PART) {
            const int count = hipfx_min_i(LUT_PART, a->width - x);
            if (format != HIPFX_PIXEL_RGBA8_SRGB || !a->direct)
                lut_any(a, format, false, &part, x, y, count);
            else if (lut_is_opaque(a, x, y, count))
                lut_opaque(a, &part, x, y, count);
            else
                lut_any(a, format, true, &part, x, y, count);
        }
    }
}

HIPFX_KERNEL_ROWS(lut_rgba8, struct hipfx_lut_args, a, row_begin, row_end)
{
    lut_rows(a, HIPFX_PIXEL_RGBA8_SRGB, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(lut_rgba16f, struct hipfx_lut_args, a, row_begin, row_end)
{
    lut_rows(a, HIPFX_PIXEL_RGBA16F, row_begin, row_end);
}

#endif
