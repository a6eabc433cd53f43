/* Exposure and white balance, tone, and saturation, on straight colour: in linear light a matrix,
 * then a function of each channel by itself, looked up, then colour against luminance.
 *
 * The function of a channel is, for light above 0: contrast as a power about the pivot, in linear
 * light; then on sRGB-encoded colour e, whose encoding goes on above 1, lift and gain
 * (e * (1 - lift) + lift) * gain, gamma e^(1/gamma), the curve of all channels and that of its own.
 * For light below 0 it is mirrored at its value for black, so that it is continuous and neutral
 * where it is neutral above. A curve goes through its points by Fritsch and Carlson's monotone
 * cubic, and on in straight lines beyond 0 and 1: highlights of HDR keep their order. Beyond light
 * of 64 the function itself goes on in the straight line through its values for 56 and 64.
 *
 * The table has steps of equal ratio, so that a step is found in the bits of the float, and
 * straight lines in between: 64 to a doubling are within 0.01 of a code of a square root. What is
 * looked up is the light and a little more, so that near black no case of its own is needed. The
 * table holds differences to the value for black, about which what is below 0 is mirrored. */
#include "kernels/device.h"

/* sRGB's transfer function and its inverse for any value. */
HIPFX_FN float grade_encode(float light)
{
    float v = hipfx_abs(light);
    float curve = hipfx_exp2(hipfx_log2(v) * (1.0f / 2.4f)) * 1.055f - 0.055f;
    return hipfx_copysign(v > 0.0031308f ? curve : v * 12.92f, light);
}

HIPFX_FN float grade_decode(float encoded)
{
    float v = hipfx_abs(encoded);
    float base = v * (1.0f / 1.055f) + 0.055f / 1.055f;
    float curve = hipfx_exp2(hipfx_min(hipfx_log2(base) * 2.4f, 100.0f));
    return hipfx_copysign(v > 0.04045f ? curve : v * (1.0f / 12.92f), encoded);
}

/* For v > 0; a value beyond what a float holds becomes a large one. */
HIPFX_FN float grade_power(float v, float exponent)
{
    return hipfx_exp2(hipfx_clamp(hipfx_log2(v) * exponent, -100.0f, 100.0f));
}

HIPFX_FN float grade_curve(const struct hipfx_curve *curve, float x)
{
    float at = 0.0f, y0 = curve->y[0], y1 = curve->y[1];
    float slope0 = curve->slope[0], slope1 = curve->slope[1];
    /* The segment is chosen by comparisons: an index would put the curve into slow memory. */
    HIPFX_UNROLL
    for (int i = 1; i < HIPFX_CURVE_POINTS - 1; i++) {
        bool beyond = x >= (float)i * 0.25f;
        at = beyond ? (float)i * 0.25f : at;
        y0 = beyond ? curve->y[i] : y0;
        y1 = beyond ? curve->y[i + 1] : y1;
        slope0 = beyond ? curve->slope[i] : slope0;
        slope1 = beyond ? curve->slope[i + 1] : slope1;
    }
    float t = (hipfx_clamp(x, 0.0f, 1.0f) - at) * 4.0f;
    float rise = y1 - y0, d0 = slope0 * 0.25f, d1 = slope1 * 0.25f;
    float inside = y0 + t * (d0 + t * (3.0f * rise - 2.0f * d0 - d1 + t * (d0 + d1 - 2.0f * rise)));
    float below = hipfx_min(x, 0.0f) * curve->slope[0];
    float above = hipfx_max(x - 1.0f, 0.0f) * curve->slope[HIPFX_CURVE_POINTS - 1];
    return inside + below + above;
}

/* For light >= 0. */
HIPFX_FN float grade_tone_of(const struct hipfx_tone_args *a, const struct hipfx_tone *tone,
                             float light)
{
    float v = light * hipfx_divide(1.0f, a->pivot);
    v = v > 0.0f ? grade_power(v, a->contrast) * a->pivot : 0.0f;
    v = a->contrast == 1.0f ? light : v;
    float e = grade_encode(v);
    e = (e * (1.0f - tone->lift) + tone->lift) * tone->gain;
    float size = hipfx_abs(e);
    float power = size > 0.0f ? hipfx_copysign(grade_power(size, tone->inverse_gamma), e) : 0.0f;
    e = tone->inverse_gamma == 1.0f ? e : power;
    e = grade_curve(&tone->curve, grade_curve(&a->curve, e));
    return grade_decode(e);
}

#define GRADE_LOW       (1.0f / (1 << -HIPFX_TONE_LOG2_LOW))
#define GRADE_LOW_BITS  ((127 + HIPFX_TONE_LOG2_LOW) << 23)
#define GRADE_HIGH      ((float)(1 << (HIPFX_TONE_LOG2_LOW + HIPFX_TONE_DOUBLINGS)))
#define GRADE_STEP_BITS 17

/* The light at which step i of the table begins. */
HIPFX_FN float grade_light_of_step(int i)
{
    return hipfx_bits_float(GRADE_LOW_BITS + (i << GRADE_STEP_BITS)) - GRADE_LOW;
}

/* An infinity becomes a large number, so that no NaN comes of it; NaN becomes black. Bytes without
 * coverage, of which both come, are left as they are. */
HIPFX_FN float grade_finite(int format, float v)
{
    if (format == HIPFX_PIXEL_RGBA8_SRGB)
        return v;
    v = v == v ? v : 0.0f;
    return hipfx_clamp(v, -1e12f, 1e12f);
}

HIPFX_FN struct hipfx_px grade_balance(const struct hipfx_grade_args *a, int format,
                                       struct hipfx_px px)
{
    float scale = hipfx_divide(1.0f, px.a);
    float r = grade_finite(format, px.r * scale), g = grade_finite(format, px.g * scale);
    float b = grade_finite(format, px.b * scale);
    struct hipfx_px out;
    out.r = a->matrix[0][0] * r + a->matrix[0][1] * g + a->matrix[0][2] * b;
    out.g = a->matrix[1][0] * r + a->matrix[1][1] * g + a->matrix[1][2] * b;
    out.b = a->matrix[2][0] * r + a->matrix[2][1] * g + a->matrix[2][2] * b;
    out.a = px.a;
    return out;
}

HIPFX_FN float grade_look_up(const float *table, float light)
{
    const float size = hipfx_abs(light), beyond = hipfx_max(size - GRADE_HIGH, 0.0f);
    const int last = GRADE_LOW_BITS + (HIPFX_TONE_STEPS << GRADE_STEP_BITS) - 1;
    const int bits = hipfx_float_bits(hipfx_min(size + GRADE_LOW, hipfx_bits_float(last)));
    const float *step = table + ((bits - GRADE_LOW_BITS) >> GRADE_STEP_BITS);
    /* How far it is into the step is what the bits below say: as a number from 1 to 2. */
    const int part = bits << (23 - GRADE_STEP_BITS) & 0x7fffff;
    const float one_to_two = hipfx_bits_float(0x3f800000 | part), rise = step[1] - step[0];
    const float y = rise * one_to_two + (step[0] - rise) + beyond * table[HIPFX_TONE_SLOPE];
    return hipfx_flip_sign(y, light) + table[HIPFX_TONE_BLACK];
}

HIPFX_FN float grade_limit(int format, float v)
{
    return format == HIPFX_PIXEL_RGBA8_SRGB ? hipfx_saturate(v) : v;
}

/* Vibrance changes colours the more, the less saturated they are. */
HIPFX_FN uint64_t grade_saturate(const struct hipfx_grade_args *a, int format, struct hipfx_px px,
                                 uint64_t raw)
{
    float most = hipfx_max(hipfx_max(px.r, px.g), px.b);
    float least = hipfx_min(hipfx_min(px.r, px.g), px.b);
    float pale = hipfx_saturate(hipfx_divide(least, hipfx_max(most, 1e-9f)));
    float keep = a->saturation + a->saturation * a->vibrance * pale;
    float grey = (0.2126f * px.r + 0.7152f * px.g + 0.0722f * px.b) * (1.0f - keep);
    struct hipfx_px out;
    out.r = grade_limit(format, px.r * keep + grey) * px.a;
    out.g = grade_limit(format, px.g * keep + grey) * px.a;
    out.b = grade_limit(format, px.b * keep + grey) * px.a;
    out.a = px.a;
    uint64_t encoded = hipfx_encode_colour(format, out, raw);
    /* Light without coverage has no straight colour: it is left as it is. */
    return px.a > 0.0f ? encoded : raw;
}

HIPFX_FN uint64_t grade_pixel(const struct hipfx_grade_args *a, int format, const float *table,
                              uint64_t raw)
{
    struct hipfx_px px = grade_balance(a, format, hipfx_decode(format, raw));
    px.r = grade_look_up(table, px.r);
    px.g = grade_look_up(table + HIPFX_TONE_PITCH, px.g);
    px.b = grade_look_up(table + 2 * HIPFX_TONE_PITCH, px.b);
    return grade_saturate(a, format, px, raw);
}

HIPFX_FN void grade_make_tone(const struct hipfx_tone_args *a, int x)
{
    HIPFX_GLOBAL float *table = (HIPFX_GLOBAL float *)a->table;
    const float light = grade_light_of_step(hipfx_min_i(x, HIPFX_TONE_STEPS));
    HIPFX_UNROLL
    for (int c = 0; c < 3; c++) {
        const float y = grade_tone_of(a, &a->tones[c], light);
        const float black = grade_tone_of(a, &a->tones[c], 0.0f);
        const float before = grade_tone_of(a, &a->tones[c], GRADE_HIGH - 8.0f);
        float value = y - black;
        value = x == HIPFX_TONE_BLACK ? black : value;
        value = x == HIPFX_TONE_SLOPE ? (y - before) * (1.0f / 8.0f) : value;
        table[c * HIPFX_TONE_PITCH + x] = value;
    }
}

#if HIPFX_GPU

HIPFX_KERNEL_BLOCK(grade_tone, struct hipfx_tone_args, a)
{
    int x = hipfx_block_x() * HIPFX_BLOCK + hipfx_thread();
    if (x < a->width)
        grade_make_tone(a, x);
}

/* What a pixel looks up must be near: its places are anywhere. */
#define GRADE_TABLE_QUADS (3 * HIPFX_TONE_PITCH / 4)
HIPFX_SHARED hipfx_float4 grade_table[GRADE_TABLE_QUADS];

HIPFX_FN void grade_prepare(const struct hipfx_grade_args *a, int format)
{
    const HIPFX_GLOBAL hipfx_float4 *table = (const HIPFX_GLOBAL hipfx_float4 *)a->table;
    for (int i = hipfx_thread(); i < GRADE_TABLE_QUADS; i += HIPFX_BLOCK)
        grade_table[i] = table[i];
    hipfx_decode_prepare(format);
    hipfx_barrier();
}

HIPFX_FN hipfx_group grade_group(const struct hipfx_grade_args *a, int format, hipfx_group group)
{
    HIPFX_UNROLL
    for (int i = 0; i < hipfx_group_pixels(format); i++)
        group = hipfx_group_rotate(
            group, format,
            grade_pixel(a, format, (const float *)grade_table, hipfx_group_first(group, format)));
    return group;
}

/* As color_block, and so high that the table is small beside what a block reads and writes. */
HIPFX_FN void grade_block(const struct hipfx_grade_args *a, int format)
{
    enum { across = 16, down = HIPFX_BLOCK / across, times = 4 };
    const int x = (hipfx_block_x() * across + hipfx_thread() % across) * hipfx_group_pixels(format);
    const int top = hipfx_block_y() * HIPFX_GRADE_ROWS + hipfx_thread() / across;
    for (int part = 0; part < HIPFX_GRADE_ROWS; part += times * down) {
        hipfx_group groups[times];
        HIPFX_UNROLL
        for (int i = 0; i < times; i++)
            groups[i] = hipfx_direct_group_load(&a->in, format, x, top + part + i * down);
        if (part == 0)
            grade_prepare(a, format);
        HIPFX_UNROLL
        for (int i = 0; i < times; i++)
            hipfx_direct_group_store(&a->out, format, x, top + part + i * down,
                                     grade_group(a, format, groups[i]));
    }
}

HIPFX_KERNEL_BLOCK(grade_rgba8, struct hipfx_grade_args, a)
{
    grade_block(a, HIPFX_PIXEL_RGBA8_SRGB);
}

HIPFX_KERNEL_BLOCK(grade_rgba16f, struct hipfx_grade_args, a)
{
    grade_block(a, HIPFX_PIXEL_RGBA16F);
}

#else

HIPFX_KERNEL_2D(grade_tone, struct hipfx_tone_args, a, x, y)
{
    (void)y;
    grade_make_tone(a, x);
}

HIPFX_FN void grade_at(const struct hipfx_grade_args *a, int format, int x, int y)
{
    uint64_t raw = hipfx_load(&a->in, format, x, y);
    hipfx_store(&a->out, format, x, y, grade_pixel(a, format, a->table, raw));
}

HIPFX_KERNEL_2D(grade_rgba8, struct hipfx_grade_args, a, x, y)
{
    grade_at(a, HIPFX_PIXEL_RGBA8_SRGB, x, y);
}

HIPFX_KERNEL_2D(grade_rgba16f, struct hipfx_grade_args, a, x, y)
{
    grade_at(a, HIPFX_PIXEL_RGBA16F, x, y);
}

#endif
