/* The film_grain effect: against its reference, and what makes it grain. */
#include "check.h"
#include "reference_noise.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct check grain = {
    .effect = "film_grain",
    .reference = reference_film_grain,
    .time_s = 3.21,
    .bytes_bound = 0.05,
    .slack = 1e-5,
};

/* AMOUNT, SIZE_PX, RESPONSE, CHROMA, RATE_HZ */
static struct hipfx_values values_of(double amount, double size_px, double chroma)
{
    return (struct hipfx_values){.v = {amount, size_px, 1, chroma, 24}};
}

static void bytes_agree_with_the_reference(void **state)
{
    (void)state;
    check_random_pictures(&grain, HIPFX_PIXEL_RGBA8_SRGB, 120, 100);
}

static void halves_agree_with_the_reference(void **state)
{
    (void)state;
    check_random_pictures(&grain, HIPFX_PIXEL_RGBA16F, 120, 100);
}

/* All of one encoded value. */
static struct picture flat(int size, double encoded, double alpha)
{
    struct picture p = picture_create(size, size, HIPFX_PIXEL_RGBA16F, 0);
    const double light = reference_light_from_srgb(encoded) * alpha;
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++)
            picture_set(&p, x, y, (struct light){{light, light, light, alpha}});
    return p;
}

static double encoded_at(const struct picture *p, int x, int y, int channel)
{
    return reference_srgb_from_light(picture_at(p, x, y).v[channel]);
}

struct moments {
    double mean, deviation, beside; /* beside: correlation with the pixel to the right */
};

static struct moments moments_of(const struct picture *p, int channel)
{
    double sum = 0, squares = 0, products = 0;
    const double count = (double)(p->width - 1) * p->height;
    const double origin = encoded_at(p, 0, 0, channel);
    for (int y = 0; y < p->height; y++) {
        for (int x = 0; x < p->width - 1; x++) {
            double v = encoded_at(p, x, y, channel) - origin;
            sum += v;
            squares += v * v;
            products += v * (encoded_at(p, x + 1, y, channel) - origin);
        }
    }
    const double mean = sum / count, variance = squares / count - mean * mean;
    return (struct moments){mean + origin, sqrt(variance),
                            variance > 0 ? (products / count - mean * mean) / variance : 0};
}

/* Whatever its size: 5 % is 5 %, around the value that there was. */
static void the_mean_stays_and_the_amount_is_the_deviation(void **state)
{
    (void)state;
    static const double sizes_px[] = {1, 1.5, 2.7, 4};
    struct picture in = flat(512, 0.5, 1);
    const double middle = encoded_at(&in, 0, 0, 0);
    for (size_t i = 0; i < sizeof(sizes_px) / sizeof(sizes_px[0]); i++) {
        const struct hipfx_values values = values_of(5, sizes_px[i], 0.5);
        struct picture out = fixture_apply("film_grain", &values, 1, &in);
        /* As many independent numbers as there are lattice points. */
        const double error = 5 * 0.05 * sizes_px[i] / 512;
        for (int channel = 0; channel < 3; channel++) {
            const struct moments have = moments_of(&out, channel);
            assert_true(fabs(have.mean - middle) < error);
            assert_true(fabs(have.deviation - 0.05) < error);
        }
        assert_true(picture_at(&out, 100, 100).v[3] == 1);
        picture_destroy(&out);
    }
    picture_destroy(&in);
}

static void grains_are_as_large_as_asked_for(void **state)
{
    (void)state;
    struct picture in = flat(512, 0.5, 1);
    const struct hipfx_values fine = values_of(5, 1, 0), coarse = values_of(5, 6, 0);
    struct picture a = fixture_apply("film_grain", &fine, 1, &in);
    struct picture b = fixture_apply("film_grain", &coarse, 1, &in);
    assert_true(fabs(moments_of(&a, 1).beside) < 0.02);
    assert_true(moments_of(&b, 1).beside > 0.8);
    picture_destroy(&a);
    picture_destroy(&b);
    picture_destroy(&in);
}

static void black_white_and_nothing_are_kept(void **state)
{
    (void)state;
    const struct hipfx_values values = values_of(25, 1, 1);
    struct picture all[] = {flat(64, 0, 1), flat(64, 1, 1), flat(64, 0, 0), flat(64, 1.5, 1),
                            flat(64, 1, 0.25)};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        struct picture out = fixture_apply("film_grain", &values, 1, &all[i]);
        for (int y = 0; y < 64; y++)
            for (int x = 0; x < 64; x++)
                for (int channel = 0; channel < 4; channel++)
                    assert_true(fabs(picture_at(&out, x, y).v[channel] -
                                     picture_at(&all[i], x, y).v[channel]) < 2e-3);
        picture_destroy(&out);
        picture_destroy(&all[i]);
    }
}

static void grain_is_of_one_colour_or_of_all(void **state)
{
    (void)state;
    struct picture in = flat(128, 0.5, 1);
    const struct hipfx_values grey = values_of(5, 1, 0), colour = values_of(5, 1, 1);
    struct picture a = fixture_apply("film_grain", &grey, 1, &in);
    struct picture b = fixture_apply("film_grain", &colour, 1, &in);
    double product = 0;
    for (int y = 0; y < 128; y++) {
        for (int x = 0; x < 128; x++) {
            assert_true(picture_at(&a, x, y).v[0] == picture_at(&a, x, y).v[2]);
            product += (encoded_at(&b, x, y, 0) - 0.5) * (encoded_at(&b, x, y, 2) - 0.5);
        }
    }
    assert_true(fabs(product / (128 * 128)) < 0.05 * 0.05 * 5 / 128);
    picture_destroy(&a);
    picture_destroy(&b);
    picture_destroy(&in);
}

/* 24 times a second, and the same in every render. */
static void time_makes_new_grain_in_steps(void **state)
{
    (void)state;
    struct picture in = flat(64, 0.5, 1);
    const struct hipfx_values values = values_of(5, 1, 0);
    struct picture first = fixture_apply("film_grain", &values, 10 / 24.0 + 0.001, &in);
    struct picture same = fixture_apply("film_grain", &values, 11 / 24.0 - 0.001, &in);
    struct picture next = fixture_apply("film_grain", &values, 11 / 24.0 + 0.001, &in);
    assert_true(picture_same_bytes(&first, &same));
    assert_false(picture_same_bytes(&first, &next));
    picture_destroy(&first);
    picture_destroy(&same);
    picture_destroy(&next);
    picture_destroy(&in);
}

static void what_is_not_a_number_does_not_spread(void **state)
{
    (void)state;
    const struct hipfx_values values = values_of(10, 1.3, 0.5);
    check_not_a_number(&grain, &values, 0);
}

int main(int argc, char **argv)
{
    fixture_options(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_agree_with_the_reference),
        cmocka_unit_test(halves_agree_with_the_reference),
        cmocka_unit_test(the_mean_stays_and_the_amount_is_the_deviation),
        cmocka_unit_test(grains_are_as_large_as_asked_for),
        cmocka_unit_test(black_white_and_nothing_are_kept),
        cmocka_unit_test(grain_is_of_one_colour_or_of_all),
        cmocka_unit_test(time_makes_new_grain_in_steps),
        cmocka_unit_test(what_is_not_a_number_does_not_spread),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
