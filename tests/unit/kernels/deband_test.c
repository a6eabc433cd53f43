/* The deband effect: against its reference, and what it does to bands and to edges. */
#include "check.h"
#include "reference_noise.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { THRESHOLD, RANGE_PX, ITERATIONS, GRAIN, RATE_HZ };

static struct hipfx_values values_of(double threshold, double range_px, double iterations)
{
    return (struct hipfx_values){.v = {threshold, range_px, iterations, 0, 60}};
}

/* In codes for 8 bits, else in light. */
static struct light averaged(const struct picture *in, int x, int y)
{
    x = x < 0 ? 0 : x >= in->width ? in->width - 1 : x;
    y = y < 0 ? 0 : y >= in->height ? in->height - 1 : y;
    if (in->format != HIPFX_PIXEL_RGBA8_SRGB)
        return picture_at(in, x, y);
    const unsigned char *p = in->bytes + (size_t)y * in->pitch + 4 * (size_t)x;
    return (struct light){{p[0], p[1], p[2], p[3]}};
}

/* A code's size in that unit, at a value. */
static double code(const struct picture *in, double v, int channel)
{
    if (in->format == HIPFX_PIXEL_RGBA8_SRGB)
        return 1;
    if (channel == 3)
        return 1 / 255.0;
    v = fabs(v);
    return (v <= 0.0031308 ? 1 / 12.92 : 2.4 / 1.055 * pow(v, 1.4 / 2.4)) / 255;
}

static int part(uint32_t bits, double range)
{
    return (int)floor(((int)bits - 32768) / 32768.0 * range + 0.5);
}

static struct light iterate(const struct picture *in, const struct hipfx_values *values,
                            uint32_t step, int i, struct light v, int x, int y)
{
    const double range = floor(values->v[RANGE_PX] * 256) / 256 * (i + 1);
    const uint32_t bits = reference_noise((uint32_t)x, (uint32_t)y, step * 5 + (uint32_t)i).v[0];
    const int dx = part(bits & 0xffff, range), dy = part(bits >> 16, range);
    const struct light around[] = {averaged(in, x + dx, y + dy), averaged(in, x - dy, y + dx),
                                   averaged(in, x - dx, y - dy), averaged(in, x + dy, y - dx)};
    const double threshold = values->v[THRESHOLD] / (i + 1) * fmin(1, values->v[ITERATIONS] - i);
    struct light mean;
    bool near = true;
    for (int k = 0; k < 4; k++) {
        mean.v[k] = (around[0].v[k] + around[1].v[k] + around[2].v[k] + around[3].v[k]) / 4;
        near = near && fabs(mean.v[k] - v.v[k]) <= threshold * code(in, v.v[k], k);
    }
    return near ? mean : v;
}

static struct light reference(const struct picture *in, const struct hipfx_values *values,
                              double time_s, int x, int y)
{
    const uint32_t step = (uint32_t)floor(time_s * values->v[RATE_HZ]);
    struct light v = averaged(in, x, y);
    for (int i = 0; i < values->v[ITERATIONS] && values->v[THRESHOLD] > 0; i++)
        v = iterate(in, values, step, i, v, x, y);

    const struct noise first = reference_noise((uint32_t)x, (uint32_t)y, step * 5);
    const struct noise last = reference_noise((uint32_t)x, (uint32_t)y, step * 5 + 4);
    const bool bytes = in->format == HIPFX_PIXEL_RGBA8_SRGB;
    const double alpha = fmin(fmax(bytes ? v.v[3] / 255 : v.v[3], 0), 1);
    const double grain = values->v[GRAIN] * (2 * (last.v[0] & 0xffff) / 65536.0 - 1) * alpha;
    for (int k = 0; k < 3; k++)
        v.v[k] += grain * code(in, v.v[k], k);
    for (int k = 0; bytes && k < 4; k++) {
        const uint32_t bits = first.v[1 + k % 2] >> 16 * (k / 2) & 0xffff;
        const double rounded = floor(fmin(fmax(v.v[k] + bits / 65536.0, 0), 255));
        v.v[k] = k < 3 ? srgb_decode(rounded) : rounded / 255;
    }
    return v;
}

static const struct check deband = {
    .effect = "deband",
    .reference = reference,
    .time_s = 2.345,
    .bytes_bound = 0.01,
    .slack = 1e-6,
};

/* Smooth, so that much of it is of a gradient; with noise of about a code, and some edges. */
static struct picture slopes(struct rng *rng, int width, int height, int format)
{
    struct picture p = picture_create(width, height, format, 0);
    const double a = rng_between(rng, -1, 1), b = rng_between(rng, -1, 1);
    const double c = rng_between(rng, 60, 200), alpha = rng_below(rng, 2) ? 1 : 0.6;
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            struct light light = {.v[3] = alpha};
            for (int i = 0; i < 3; i++) {
                double v = c + a * x / 8 + b * y / 8 + rng_between(rng, -1, 1) + 10 * i;
                v += x > width / 2 && y > height / 3 ? 30 : 0;
                light.v[i] = reference_light_from_srgb(v / 255) * alpha;
            }
            picture_set(&p, x, y, light);
        }
    }
    return p;
}

static void check_slopes(const struct check *check, int format, double grain)
{
    for (uint64_t seed = 1; seed <= (uint64_t)fixture_rounds(40); seed++) {
        struct rng rng = {seed};
        struct picture in = slopes(&rng, 150, 70, format);
        struct hipfx_values values = check_random_values(&rng, "deband", 120);
        if (rng_below(&rng, 2))
            values.v[ITERATIONS] = floor(values.v[ITERATIONS]);
        values.v[GRAIN] = grain;
        check_picture(check, &values, &in, seed);
        picture_destroy(&in);
    }
}

static void slopes_agree_with_the_reference(void **state)
{
    (void)state;
    check_slopes(&deband, HIPFX_PIXEL_RGBA8_SRGB, 0);
    check_slopes(&deband, HIPFX_PIXEL_RGBA16F, 0);
}

/* With grain, what lies just beside a code may be rounded to the next. */
static void grain_agrees_with_the_reference(void **state)
{
    (void)state;
    struct check grain = deband;
    grain.bytes_bound = 0.51;
    check_slopes(&grain, HIPFX_PIXEL_RGBA8_SRGB, 3);
    check_slopes(&grain, HIPFX_PIXEL_RGBA16F, 3);
}

static void any_pictures_agree_with_the_reference(void **state)
{
    (void)state;
    struct check any = deband;
    any.bytes_bound = 0.51;
    check_random_pictures(&any, HIPFX_PIXEL_RGBA8_SRGB, 120, 40);
    check_random_pictures(&any, HIPFX_PIXEL_RGBA16F, 120, 40);
}

/* The gradient before it was rounded to 8 bits. */
static double gradient(int x, int y)
{
    return 40 + x / 48.0 + y / 160.0;
}

/* How far small squares' means are from the gradient's, in codes, root mean square: what the eye
 * sees from some way off. Not at the frame's edges, where the gradient ends. */
static double bands(const struct picture *p)
{
    enum { SQUARE = 8, BORDER = 96 };
    double squares = 0;
    int count = 0;
    for (int y = BORDER; y + SQUARE <= p->height - BORDER; y += SQUARE) {
        for (int x = BORDER; x + SQUARE <= p->width - BORDER; x += SQUARE, count++) {
            double sum = 0;
            for (int i = 0; i < SQUARE * SQUARE; i++)
                sum += averaged(p, x + i % SQUARE, y + i / SQUARE).v[1] -
                       gradient(x + i % SQUARE, y + i / SQUARE);
            squares += pow(sum / (SQUARE * SQUARE), 2);
        }
    }
    return sqrt(squares / count);
}

static void a_banded_gradient_comes_closer_to_the_true_one(void **state)
{
    (void)state;
    struct picture in = picture_create(640, 400, HIPFX_PIXEL_RGBA8_SRGB, 0);
    for (int y = 0; y < in.height; y++) {
        for (int x = 0; x < in.width; x++) {
            const double light = reference_light_from_srgb(round(gradient(x, y)) / 255);
            picture_set(&in, x, y, (struct light){{light, light, light, 1}});
        }
    }
    const struct hipfx_values mild = values_of(2, 16, 1), strong = values_of(4, 24, 4);
    for (int image = 0; image < fixture_image_count(); image++) {
        fixture_use(image);
        struct picture some = fixture_apply("deband", &mild, 1, &in);
        struct picture more = fixture_apply("deband", &strong, 1, &in);
        assert_true(bands(&some) < 0.5 * bands(&in));
        assert_true(bands(&more) < 0.3 * bands(&in));
        picture_destroy(&some);
        picture_destroy(&more);
    }
    picture_destroy(&in);
}

/* Steps of 8 codes, of which one channel is enough, and an edge to nothing. */
static void edges_above_the_threshold_are_untouched(void **state)
{
    (void)state;
    static const unsigned char pixels[][4] = {
        {100, 100, 100, 255}, {100, 108, 100, 255}, {100, 108, 92, 255}, {0, 0, 0, 0}};
    struct picture in = picture_create(128, 64, HIPFX_PIXEL_RGBA8_SRGB, 0);
    for (int y = 0; y < 64; y++)
        for (int x = 0; x < 128; x++)
            memcpy(in.bytes + (size_t)y * in.pitch + 4 * (size_t)x, pixels[x / 16 % 4], 4);
    /* A mean of four may differ by a quarter of the step. */
    const struct hipfx_values values = values_of(1.9, 30, 1);
    for (int image = 0; image < fixture_image_count(); image++) {
        fixture_use(image);
        struct picture out = fixture_apply("deband", &values, 1, &in);
        assert_true(picture_same_bytes(&in, &out));
        picture_destroy(&out);
    }
    picture_destroy(&in);
}

static void a_time_has_its_own_noise_and_always_the_same(void **state)
{
    (void)state;
    struct rng rng = {9};
    struct picture in = slopes(&rng, 128, 64, HIPFX_PIXEL_RGBA8_SRGB);
    const struct hipfx_values values = values_of(3, 16, 2);
    struct picture first = fixture_apply("deband", &values, 1.001, &in);
    struct picture again = fixture_apply("deband", &values, 1.001, &in);
    struct picture next = fixture_apply("deband", &values, 1.018, &in);
    assert_true(picture_same_bytes(&first, &again));
    assert_false(picture_same_bytes(&first, &next));
    picture_destroy(&first);
    picture_destroy(&again);
    picture_destroy(&next);
    picture_destroy(&in);
}

static void what_is_not_a_number_does_not_spread(void **state)
{
    (void)state;
    const struct hipfx_values values = values_of(16, 10, 2);
    check_not_a_number(&deband, &values, 20);
}

int main(int argc, char **argv)
{
    fixture_options(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slopes_agree_with_the_reference),
        cmocka_unit_test(grain_agrees_with_the_reference),
        cmocka_unit_test(any_pictures_agree_with_the_reference),
        cmocka_unit_test(a_banded_gradient_comes_closer_to_the_true_one),
        cmocka_unit_test(edges_above_the_threshold_are_untouched),
        cmocka_unit_test(a_time_has_its_own_noise_and_always_the_same),
        cmocka_unit_test(what_is_not_a_number_does_not_spread),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
