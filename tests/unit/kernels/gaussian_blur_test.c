/* The gaussian_blur effect against its reference. */
#include "fixture.h"
#include "reference.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* What the window lacks beyond 4.5 sigma, in black beside white, and the decoding's own error. */
#define BYTES_BOUND 0.05

/* The same in light, as a part of the brightest pixel around. */
#define HALVES_SLACK 1e-5

static struct picture apply(double sigma, const struct picture *in)
{
    struct hipfx_values values = hipfx_values_default(hipfx_effect_find("gaussian_blur"));
    fixture_set("gaussian_blur", &values, "sigma_px", sigma);
    return fixture_apply("gaussian_blur", &values, 0, in);
}

static double brightest(const struct picture *p)
{
    double most = 0;
    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++)
            for (int i = 0; i < 4; i++)
                most = fmax(most, fabs(picture_at(p, x, y).v[i]));
    return most;
}

static void check_pixel(const struct picture *out, struct light want, double sigma, double slack,
                        int x, int y, const char *isa, uint64_t seed)
{
    double excess = picture_excess(out, x, y, want, slack);
    if (!(excess <= (out->format == HIPFX_PIXEL_RGBA8_SRGB ? BYTES_BOUND : 0.01)))
        fail_msg("%s, seed %llu, %dx%d at %d,%d: %.4f steps off with sigma %g", isa,
                 (unsigned long long)seed, out->width, out->height, x, y, excess, sigma);
}

/* Every pixel, with each image. */
static void check(const struct picture *in, double sigma, uint64_t seed)
{
    double slack = in->format == HIPFX_PIXEL_RGBA16F ? HALVES_SLACK * brightest(in) : 0;
    struct light *want = reference_blur(in, sigma);
    for (int image = 0; image < fixture_image_count(); image++) {
        const char *isa = fixture_use(image);
        struct picture out = apply(sigma, in);
        for (int y = 0; y < in->height; y++)
            for (int x = 0; x < in->width; x++)
                check_pixel(&out, want[y * in->width + x], sigma, slack, x, y, isa, seed);
        picture_destroy(&out);
    }
    free(want);
}

static double random_sigma(struct rng *rng)
{
    switch (rng_below(rng, 4)) {
    case 0:
        return rng_between(rng, 0.05, 1);
    case 1:
        return rng_between(rng, 1, 6);
    default:
        return rng_between(rng, 3, 20);
    }
}

static void check_random_pictures(int format)
{
    static const int sizes[][2] = {{1, 1}, {1, 70}, {70, 1}, {63, 21}, {129, 37}, {200, 91}};
    for (uint64_t seed = 1; seed <= (uint64_t)fixture_rounds(60); seed++) {
        struct rng rng = {seed};
        int size = rng_below(&rng, 6);
        enum picture_kind kind = (enum picture_kind)rng_below(&rng, PICTURE_KINDS);
        struct picture in =
            picture_random(&rng, kind, sizes[size][0], sizes[size][1], format, 16 * (seed % 3));
        check(&in, random_sigma(&rng), seed);
        picture_destroy(&in);
    }
}

static void bytes_agree_with_the_reference(void **state)
{
    (void)state;
    check_random_pictures(HIPFX_PIXEL_RGBA8_SRGB);
}

static void halves_agree_with_the_reference(void **state)
{
    (void)state;
    check_random_pictures(HIPFX_PIXEL_RGBA16F);
}

/* On both sides of each change of the coarse rows' step, and at the ends of the range. */
static void every_step_of_the_coarse_rows_agrees(void **state)
{
    (void)state;
    static const double sigmas[] = {0.05, 0.1,  0.3,   1,     3.333, 3.334, 4.999,
                                    5,    6.66, 16.66, 16.67, 41.7,  99.99, 100};
    struct rng rng = {2};
    struct picture in = picture_random(&rng, PICTURE_EDGES, 131, 77, HIPFX_PIXEL_RGBA8_SRGB, 0);
    for (size_t i = 0; i < sizeof(sigmas) / sizeof(sigmas[0]); i++)
        check(&in, sigmas[i], 2);
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
        check(&point, sigmas[i], 0);
        check(&half, sigmas[i], 0);
    }
    picture_destroy(&point);
    picture_destroy(&half);
}

static void a_4k_frame_agrees(void **state)
{
    (void)state;
    fixture_skip_large();
    const char *isa = fixture_use(0);
    struct rng rng = {4};
    struct picture in = picture_random(&rng, PICTURE_EDGES, 3840, 2160, HIPFX_PIXEL_RGBA8_SRGB, 0);
    struct picture out = apply(10, &in);
    for (int i = 0; i < 200; i++) {
        int x = rng_below(&rng, in.width), y = rng_below(&rng, in.height);
        if (i < 4) { /* the corners */
            x = i % 2 * (in.width - 1);
            y = i / 2 * (in.height - 1);
        }
        check_pixel(&out, reference_blur_at(&in, 10, x, y), 10, 0, x, y, isa, 4);
    }
    picture_destroy(&in);
    picture_destroy(&out);
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
            struct picture out = apply(0.05, &in);
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
    static const double sigmas[] = {0.5, 1.1, 2.5, 3.8, 5.7, 8.5, 12.8, 28.8, 65, 97, 100};
    for (size_t i = 0; i < sizeof(sigmas) / sizeof(sigmas[0]); i++) {
        struct picture out = apply(sigmas[i], &in);
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
            struct picture out = apply(3, &in);
            picture_set(&in, 20, 20, (struct light){{odd[i][1], odd[i][1], 0.5, 1}});
            struct picture want = apply(3, &in);
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
        cmocka_unit_test(every_step_of_the_coarse_rows_agrees),
        cmocka_unit_test(the_dark_beside_the_bright_agrees),
        cmocka_unit_test(a_4k_frame_agrees),
        cmocka_unit_test(a_tiny_sigma_changes_nothing),
        cmocka_unit_test(an_even_picture_stays_as_it_is),
        cmocka_unit_test(what_is_not_a_number_is_taken_out),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
