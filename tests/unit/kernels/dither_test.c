/* The dither effect: against its reference, and what dither is for. */
#include "check.h"
#include "reference_noise.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { NOISE, ORDERED };

static struct hipfx_values values_of(double bits, int pattern)
{
    return (struct hipfx_values){.v = {bits, pattern, 24}};
}

/* The result's channel, in levels. */
static double level_at(const struct picture *out, int x, int y, int channel, double levels)
{
    return fabs(reference_srgb_from_light(picture_at(out, x, y).v[channel])) * levels;
}

/* To half a code, or half a half float's step. */
static bool is_level(const struct picture *out, int x, int y, int i, double level, double levels)
{
    const struct light light = picture_at(out, x, y);
    const double want = reference_covered_light(out, level / levels, light.v[3]);
    const double have = fabs(light.v[i]);
    if (out->format == HIPFX_PIXEL_RGBA8_SRGB)
        return fabs(reference_srgb_from_light(have) - reference_srgb_from_light(want)) <
               0.505 / 255;
    return fabs(have - fmin(want, 65504)) <= 6e-4 * want + 1e-7;
}

static void check_channel(const struct picture *in, const struct picture *out,
                          const struct hipfx_values *values, double time_s, int x, int y, int i)
{
    const double levels = round(exp2(values->v[0])) - 1;
    const struct dithered want = reference_dither(in, values, time_s, x, y, i);
    /* Just beside a whole level, either of the two is right; bytes are decoded to a part of a code,
     * which is more of a straight colour. */
    const bool is_decoded = in->format == HIPFX_PIXEL_RGBA8_SRGB && picture_at(in, x, y).v[3] < 1;
    const double tolerance = 2e-5 * want.level + 1e-4 + (is_decoded ? 0.02 * levels / 255 : 0);
    if (!is_level(out, x, y, i, floor(want.level - tolerance), levels) &&
        !is_level(out, x, y, i, floor(want.level + tolerance), levels))
        fail_msg("%dx%d at %d,%d,%d: level %g, not %g; bits %g, pattern %g", in->width, in->height,
                 x, y, i, level_at(out, x, y, i, levels), want.level, values->v[0], values->v[1]);
    assert_true(floor(want.level - tolerance) < 1 ||
                signbit(picture_at(out, x, y).v[i]) == signbit(want.sign));
}

static bool same_light(struct light a, struct light b)
{
    return a.v[0] == b.v[0] && a.v[1] == b.v[1] && a.v[2] == b.v[2] && a.v[3] == b.v[3];
}

static void check(const struct picture *in, const struct hipfx_values *values, double time_s)
{
    for (int image = 0; image < fixture_image_count(); image++) {
        fixture_use(image);
        struct picture out = fixture_apply("dither", values, time_s, in);
        for (int y = 0; y < in->height; y++) {
            for (int x = 0; x < in->width; x++) {
                const struct light light = picture_at(in, x, y);
                /* Light without coverage has no straight colour. */
                if (!(light.v[3] > 0))
                    assert_true(same_light(picture_at(&out, x, y), light));
                for (int i = 0; i < 3 && light.v[3] > 0; i++)
                    check_channel(in, &out, values, time_s, x, y, i);
                assert_true(picture_at(&out, x, y).v[3] == light.v[3]);
            }
        }
        picture_destroy(&out);
    }
}

static void levels_agree_with_the_reference(void **state)
{
    (void)state;
    static const int sizes[][2] = {{1, 1}, {1, 70}, {70, 1}, {63, 21}, {129, 37}};
    for (uint64_t seed = 1; seed <= (uint64_t)fixture_rounds(100); seed++) {
        struct rng rng = {seed};
        const int *size = sizes[rng_below(&rng, 5)];
        const int format = 1 + rng_below(&rng, 2);
        struct picture in = picture_random(&rng, (enum picture_kind)rng_below(&rng, PICTURE_KINDS),
                                           size[0], size[1], format, 16 * (seed % 3));
        double bits = rng_below(&rng, 2) ? 1 + rng_below(&rng, 7) : rng_between(&rng, 1, 7.9);
        if (format == HIPFX_PIXEL_RGBA16F && rng_below(&rng, 3) == 0)
            bits = 8;
        const struct hipfx_values values = values_of(bits, rng_below(&rng, 2));
        check(&in, &values, rng_between(&rng, 0, 100));
        picture_destroy(&in);
    }
}

static void eight_bits_at_eight_bits_are_unchanged(void **state)
{
    (void)state;
    struct rng rng = {4};
    struct picture in = picture_random(&rng, PICTURE_ANY, 100, 50, HIPFX_PIXEL_RGBA8_SRGB, 0);
    const struct hipfx_values values = values_of(8, NOISE);
    struct picture out = fixture_apply("dither", &values, 0, &in);
    assert_true(picture_same_bytes(&in, &out));
    picture_destroy(&in);
    picture_destroy(&out);
}

/* All of one encoded value. */
static struct picture flat(int size, double encoded)
{
    struct picture p = picture_create(size, size, HIPFX_PIXEL_RGBA16F, 0);
    const double light = reference_light_from_srgb(encoded);
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++)
            picture_set(&p, x, y, (struct light){{light, light, light, 1}});
    return p;
}

/* Lipshitz, Wannamaker and Vanderkooy: triangular noise leaves an error of mean 0 and of variance
 * 1/4 of a level's square, whatever the signal. Only half a level from the ends it has less. */
static void noise_makes_the_error_independent_of_the_signal(void **state)
{
    (void)state;
    enum { SIZE = 256, BITS = 4, LEVELS = 15 };
    static const double at[] = {0.1, 0.25, 0.5, 1, 1.3, 4.5, 7.77, 10, 14.4, 14.8};
    const struct hipfx_values values = values_of(BITS, NOISE);
    for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
        struct picture in = flat(SIZE, at[i] / LEVELS);
        struct picture out = fixture_apply("dither", &values, 1, &in);
        const double exact = level_at(&in, 0, 0, 0, LEVELS);
        for (int channel = 0; channel < 3; channel++) {
            double sum = 0, squares = 0;
            for (int y = 0; y < SIZE; y++) {
                for (int x = 0; x < SIZE; x++) {
                    double error = level_at(&out, x, y, channel, LEVELS) - exact;
                    sum += error;
                    squares += error * error;
                }
            }
            assert_true(fabs(sum / (SIZE * SIZE)) < 5 * 0.5 / SIZE);
            if (at[i] >= 0.5 && at[i] <= LEVELS - 0.5)
                assert_true(fabs(squares / (SIZE * SIZE) - 0.25) < 5 * 0.3 / SIZE);
        }
        picture_destroy(&in);
        picture_destroy(&out);
    }
}

/* Every 8x8 pixels have the mean to half of 1/64 level, that is, as near as 64 pixels can. */
static void the_ordered_pattern_keeps_the_mean_of_small_squares(void **state)
{
    (void)state;
    enum { SIZE = 64, LEVELS = 7, TRIES = 20 };
    const struct hipfx_values values = values_of(3, ORDERED);
    for (int i = 0; i <= TRIES; i++) {
        struct picture in = flat(SIZE, (double)i / TRIES);
        struct picture out = fixture_apply("dither", &values, 1, &in);
        const double exact = level_at(&in, 0, 0, 1, LEVELS);
        for (int corner = 0; corner < (SIZE - 8) * (SIZE - 8); corner += 37) {
            double sum = 0;
            for (int j = 0; j < 64; j++)
                sum += level_at(&out, corner % (SIZE - 8) + j % 8, corner / (SIZE - 8) + j / 8, 1,
                                LEVELS);
            assert_true(fabs(sum / 64 - exact) < 0.5 / 64 + 1e-2);
        }
        picture_destroy(&in);
        picture_destroy(&out);
    }
}

static void black_white_and_nothing_are_kept(void **state)
{
    (void)state;
    for (int pattern = NOISE; pattern <= ORDERED; pattern++) {
        for (int format = HIPFX_PIXEL_RGBA8_SRGB; format <= HIPFX_PIXEL_RGBA16F; format++) {
            struct picture in = picture_create(96, 64, format, 0);
            for (int y = 0; y < 64; y++)
                for (int x = 0; x < 96; x++)
                    picture_set(&in, x, y,
                                x < 32   ? (struct light){{0, 0, 0, 1}}
                                : x < 64 ? (struct light){{1, 1, 1, 1}}
                                         : (struct light){{0, 0, 0, 0}});
            const struct hipfx_values values = values_of(3, pattern);
            struct picture out = fixture_apply("dither", &values, 1, &in);
            for (int y = 0; y < 64; y++)
                for (int x = 0; x < 96; x++)
                    for (int i = 0; i < 4; i++)
                        assert_true(fabs(picture_at(&out, x, y).v[i] - picture_at(&in, x, y).v[i]) <
                                    1e-6);
            picture_destroy(&in);
            picture_destroy(&out);
        }
    }
}

/* So many pixels that noise is at its ends at some. */
static void opaque_bytes_among_translucent_ones_keep_black_and_white(void **state)
{
    (void)state;
    enum { WIDTH = 512, HEIGHT = 256, KEPT = 2 };
    static const struct light lights[KEPT + 1] = {
        {{0, 0, 0, 1}}, {{1, 1, 1, 1}}, {{0.1, 0.2, 0.3, 0.5}}};
    struct picture in = picture_create(WIDTH, HEIGHT, HIPFX_PIXEL_RGBA8_SRGB, 0);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            picture_set(&in, x, y, lights[x % (KEPT + 1)]);
    for (int image = 0; image < fixture_image_count(); image++) {
        fixture_use(image);
        const struct hipfx_values values = values_of(3, NOISE);
        struct picture out = fixture_apply("dither", &values, 1, &in);
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++)
                assert_true(x % (KEPT + 1) == KEPT || picture_same_pixel(&in, &out, x, y));
        picture_destroy(&out);
    }
    picture_destroy(&in);
}

/* Noise does not make light that its coverage does not have: what is half transparent and white is
 * as white as what is opaque. */
static void translucent_white_stays_white(void **state)
{
    (void)state;
    for (int pattern = NOISE; pattern <= ORDERED; pattern++) {
        struct picture in = picture_create(64, 64, HIPFX_PIXEL_RGBA16F, 0);
        for (int y = 0; y < 64; y++)
            for (int x = 0; x < 64; x++)
                picture_set(&in, x, y, (struct light){{0.25, 0.25, 0.25, 0.25}});
        const struct hipfx_values values = values_of(1, pattern);
        struct picture out = fixture_apply("dither", &values, 1, &in);
        assert_true(picture_same_bytes(&in, &out));
        picture_destroy(&in);
        picture_destroy(&out);
    }
}

static const struct check dither = {.effect = "dither", .time_s = 1};

static void what_is_not_a_number_does_not_spread(void **state)
{
    (void)state;
    const struct hipfx_values values = values_of(3, NOISE);
    check_not_a_number(&dither, &values, 0);
}

int main(int argc, char **argv)
{
    fixture_options(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_agree_with_the_reference),
        cmocka_unit_test(eight_bits_at_eight_bits_are_unchanged),
        cmocka_unit_test(noise_makes_the_error_independent_of_the_signal),
        cmocka_unit_test(the_ordered_pattern_keeps_the_mean_of_small_squares),
        cmocka_unit_test(black_white_and_nothing_are_kept),
        cmocka_unit_test(opaque_bytes_among_translucent_ones_keep_black_and_white),
        cmocka_unit_test(translucent_white_stays_white),
        cmocka_unit_test(what_is_not_a_number_does_not_spread),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
