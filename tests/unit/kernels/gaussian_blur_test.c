/* The gaussian_blur effect against its reference. */
#include "compare.h"
#include "reference_blur.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* What kernels/blur.h says that windows lack and let through, along both axes: 2e-5 of the light
 * around; in black beside white, where sRGB is steepest, 0.05 of a code. */
static const struct compare_bound bound = {.bytes = 0.05, .halves = 0.01, .slack = 2e-5};

static struct hipfx_values values_for(double sigma, enum hipfx_edge edge)
{
    struct hipfx_values values = hipfx_values_default(hipfx_effect_find("gaussian_blur"));
    fixture_set("gaussian_blur", &values, "sigma_px", sigma);
    fixture_set("gaussian_blur", &values, "edge", edge);
    return values;
}

static struct picture apply(double sigma, enum hipfx_edge edge, const struct picture *in)
{
    const struct hipfx_values values = values_for(sigma, edge);
    return fixture_apply("gaussian_blur", &values, 0, in);
}

/* Every pixel, with each image. */
static void check(const struct picture *in, double sigma, enum hipfx_edge edge, uint64_t seed)
{
    const double brightest = compare_brightest(in);
    struct light *want = reference_blur(in, sigma, edge);
    for (int image = 0; image < fixture_image_count(); image++) {
        char what[100];
        snprintf(what, sizeof(what), "%s, seed %llu, sigma %g, edge %d", fixture_use(image),
                 (unsigned long long)seed, sigma, edge);
        struct picture out = apply(sigma, edge, in);
        compare_picture(&out, want, brightest, &bound, what);
        picture_destroy(&out);
    }
    free(want);
}

static const struct fixture_pictures pictures = {
    .count = 60,
    .last_kind = PICTURE_ANY,
    .sizes = {{1, 1}, {1, 70}, {70, 1}, {63, 21}, {129, 37}, {200, 91}},
};

static void check_random(const struct picture *in, struct rng *rng, uint64_t seed)
{
    const double sigma = exp(rng_between(rng, log(0.05), log(1000)));
    check(in, sigma, (enum hipfx_edge)rng_below(rng, 3), seed);
}

static void bytes_agree_with_the_reference(void **state)
{
    (void)state;
    fixture_random_pictures(&pictures, HIPFX_PIXEL_RGBA8_SRGB, check_random);
}

static void halves_agree_with_the_reference(void **state)
{
    (void)state;
    fixture_random_pictures(&pictures, HIPFX_PIXEL_RGBA16F, check_random);
}

/* On both sides of each change of the grids, and at the ends of the range. */
static void every_choice_of_grids_agrees(void **state)
{
    (void)state;
    static const double sigmas[] = {0.05, 0.1,  0.2,  0.3, 1,     3.399, 3.4, 5,
                                    13.3, 13.4, 41.7, 128, 128.1, 300,   500, 1000};
    struct rng rng = {2};
    struct picture in = picture_random(&rng, PICTURE_EDGES, 131, 77, HIPFX_PIXEL_RGBA8_SRGB, 0);
    for (size_t i = 0; i < sizeof(sigmas) / sizeof(sigmas[0]); i++)
        for (int edge = HIPFX_EDGE_CLAMP; edge <= HIPFX_EDGE_TRANSPARENT; edge++)
            check(&in, sigmas[i], (enum hipfx_edge)edge, 2);
    picture_destroy(&in);
}

/* A white point and a white half on black: the dark side, where sRGB is steepest. */
static void the_dark_beside_the_bright_agrees(void **state)
{
    (void)state;
    struct picture point = picture_create(121, 121, HIPFX_PIXEL_RGBA8_SRGB, 0);
    struct picture half = picture_create(121, 121, HIPFX_PIXEL_RGBA8_SRGB, 0);
    for (int y = 0; y < 121; y++) {
        for (int x = 0; x < 121; x++) {
            double a = x == 60 && y == 60, b = x + y / 3 > 80;
            picture_set(&point, x, y, (struct light){{a, a, a, 1}});
            picture_set(&half, x, y, (struct light){{b, b, b, b}});
        }
    }
    static const double sigmas[] = {0.5, 0.85, 1.45, 2.46, 4.2, 7.1, 12, 20.5};
    for (size_t i = 0; i < sizeof(sigmas) / sizeof(sigmas[0]); i++) {
        check(&point, sigmas[i], HIPFX_EDGE_CLAMP, 0);
        check(&half, sigmas[i], HIPFX_EDGE_MIRROR, 0);
    }
    picture_destroy(&point);
    picture_destroy(&half);
}

/* The frame's corners and `count` other pixels. */
static void check_large(int width, int height, double sigma, enum hipfx_edge edge, int count)
{
    char what[100];
    struct rng rng = {4};
    struct picture in =
        picture_random(&rng, PICTURE_EDGES, width, height, HIPFX_PIXEL_RGBA8_SRGB, 0);
    snprintf(what, sizeof(what), "%s, sigma %g, edge %d", fixture_use(0), sigma, edge);
    struct picture out = apply(sigma, edge, &in);
    for (int i = 0; i < 4 + count; i++) {
        const int x = i < 4 ? i % 2 * (width - 1) : rng_below(&rng, width);
        const int y = i < 4 ? i / 2 * (height - 1) : rng_below(&rng, height);
        compare_pixel(&out, x, y, reference_blur_at(&in, sigma, edge, x, y), 1, &bound, what);
    }
    picture_destroy(&in);
    picture_destroy(&out);
}

static void large_frames_agree(void **state)
{
    (void)state;
    fixture_skip_large();
    check_large(3840, 2160, 10, HIPFX_EDGE_CLAMP, 200);
    check_large(1920, 1080, 80, HIPFX_EDGE_MIRROR, 8);
    check_large(1920, 1080, 500, HIPFX_EDGE_CLAMP, 4);
    check_large(1921, 1083, 700, HIPFX_EDGE_MIRROR, 4);
}

static struct hipfx_values values_for_area(struct rng *rng, int i)
{
    (void)rng;
    static const double sigmas[] = {0.7, 3, 7, 30, 200};
    return values_for(sigmas[i % 5], (enum hipfx_edge)(i / 5));
}

static void an_area_is_as_in_the_whole(void **state)
{
    (void)state;
    compare_random_areas("gaussian_blur", values_for_area, 15);
}

/* With a sigma that grows by a part p, no pixel of a picture of light 0 to 1 can change by more
 * than p times the integral of the Gaussian's derivative, 0.97 along each axis, over the light's
 * half. */
static void a_little_more_sigma_changes_little(void **state)
{
    (void)state;
    fixture_skip_large();
    const double part = 0.004;
    struct rng rng = {6};
    struct picture in = picture_random(&rng, PICTURE_EDGES, 150, 90, HIPFX_PIXEL_RGBA16F, 0);
    struct picture before = apply(2, HIPFX_EDGE_CLAMP, &in);
    for (int step = 1; step <= 1250; step++) { /* to sigma 294 */
        const double sigma = 2 * pow(1 + part, step);
        struct picture after = apply(sigma, HIPFX_EDGE_CLAMP, &in);
        for (int y = 0; y < in.height; y++)
            for (int x = 0; x < in.width; x++)
                for (int i = 0; i < 4; i++) {
                    double change = picture_at(&after, x, y).v[i] - picture_at(&before, x, y).v[i];
                    if (!(fabs(change) <= part * 0.97 + 0.0005 + 4e-5))
                        fail_msg("%g at %d,%d with sigma %g", change, x, y, sigma);
                }
        picture_destroy(&before);
        before = after;
    }
    picture_destroy(&before);
    picture_destroy(&in);
}

/* A window that is a single 1 gives the bytes back. */
static void a_tiny_sigma_changes_nothing(void **state)
{
    (void)state;
    for (int format = HIPFX_PIXEL_RGBA8_SRGB; format <= HIPFX_PIXEL_RGBA16F; format++) {
        struct rng rng = {9};
        struct picture in = picture_random(&rng, PICTURE_ANY, 150, 40, format, 0);
        for (int image = 0; image < fixture_image_count(); image++) {
            fixture_use(image);
            struct picture out = apply(0.05, HIPFX_EDGE_CLAMP, &in);
            assert_true(picture_same_bytes(&in, &out));
            picture_destroy(&out);
        }
        picture_destroy(&in);
    }
}

static void an_even_picture_stays_as_it_is(void **state)
{
    (void)state;
    struct picture in = picture_create(100, 60, HIPFX_PIXEL_RGBA8_SRGB, 0); /* all 0xa5 */
    static const double sigmas[] = {0.5, 1.1, 2.5, 3.8, 5.7, 8.5, 12.8, 28.8, 65, 97, 210, 1000};
    for (size_t i = 0; i < sizeof(sigmas) / sizeof(sigmas[0]); i++) {
        struct picture out = apply(sigmas[i], (enum hipfx_edge)(i % 2), &in);
        assert_true(picture_same_bytes(&in, &out));
        picture_destroy(&out);
    }
    picture_destroy(&in);
}

/* NaN counts as 0 and an infinity as the largest half, so that neither lives on around its pixel.
 */
static void what_is_not_a_number_is_taken_out(void **state)
{
    (void)state;
    static const double odd[][2] = {{NAN, 0}, {INFINITY, 65504}, {-INFINITY, -65504}};
    for (int image = 0; image < fixture_image_count(); image++) {
        fixture_use(image);
        for (int i = 0; i < 3; i++) {
            struct rng rng = {10};
            struct picture in =
                picture_random(&rng, PICTURE_OPAQUE, 50, 40, HIPFX_PIXEL_RGBA16F, 0);
            picture_set(&in, 20, 20, (struct light){{odd[i][0], odd[i][0], 0.5, 1}});
            struct picture out = apply(3, HIPFX_EDGE_CLAMP, &in);
            picture_set(&in, 20, 20, (struct light){{odd[i][1], odd[i][1], 0.5, 1}});
            struct picture want = apply(3, HIPFX_EDGE_CLAMP, &in);
            assert_true(picture_same_bytes(&want, &out));
            picture_destroy(&in);
            picture_destroy(&out);
            picture_destroy(&want);
        }
    }
}

int main(int argc, char **argv)
{
    fixture_options(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_agree_with_the_reference),
        cmocka_unit_test(halves_agree_with_the_reference),
        cmocka_unit_test(every_choice_of_grids_agrees),
        cmocka_unit_test(the_dark_beside_the_bright_agrees),
        cmocka_unit_test(large_frames_agree),
        cmocka_unit_test(an_area_is_as_in_the_whole),
        cmocka_unit_test(a_little_more_sigma_changes_little),
        cmocka_unit_test(a_tiny_sigma_changes_nothing),
        cmocka_unit_test(an_even_picture_stays_as_it_is),
        cmocka_unit_test(what_is_not_a_number_is_taken_out),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
