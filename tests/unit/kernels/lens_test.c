/* The effects vignette and chromatic_aberration against their references. */
#include "check.h"
#include "reference_lens.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct check vignette = {
    .effect = "vignette",
    .reference = reference_vignette,
    .bytes_bound = 0.05, /* where it is as hard as a pixel, in black beside white */
    .slack = 1e-5,
};

static const struct check aberration = {
    .effect = "chromatic_aberration",
    .reference = reference_chromatic_aberration,
    .bytes_bound = 0.2, /* 1e-5 px of a place, in black beside white */
    .slack = 4e-5,
};

static struct hipfx_values defaults(const struct check *check)
{
    return hipfx_values_default(hipfx_effect_find(check->effect));
}

static void vignettes_agree_with_the_reference(void **state)
{
    (void)state;
    check_random_pictures(&vignette, HIPFX_PIXEL_RGBA8_SRGB, 10, 60);
    check_random_pictures(&vignette, HIPFX_PIXEL_RGBA16F, 10, 60);
}

static void aberrations_agree_with_the_reference(void **state)
{
    (void)state;
    check_random_pictures(&aberration, HIPFX_PIXEL_RGBA8_SRGB, 30, 60);
    check_random_pictures(&aberration, HIPFX_PIXEL_RGBA16F, 30, 60);
}

static void the_middle_of_a_vignette_is_kept(void **state)
{
    (void)state;
    for (int format = HIPFX_PIXEL_RGBA8_SRGB; format <= HIPFX_PIXEL_RGBA16F; format++) {
        struct rng rng = {1};
        struct picture in = picture_random(&rng, PICTURE_ANY, 120, 80, format, 0);
        struct hipfx_values values = defaults(&vignette);
        fixture_set("vignette", &values, "softness", 0.5);
        fixture_set("vignette", &values, "radius", 0.75); /* begins at 0.5 */
        for (int image = 0; image < fixture_image_count(); image++) {
            fixture_use(image);
            struct picture out = fixture_apply("vignette", &values, 0, &in);
            for (int y = 25; y < 55; y++) {
                for (int x = 45; x < 75; x++) {
                    struct light a = picture_at(&in, x, y), b = picture_at(&out, x, y);
                    for (int i = 0; i < 4; i++)
                        assert_true(a.v[i] == b.v[i]);
                }
            }
            picture_destroy(&out);
        }
        picture_destroy(&in);
    }
}

/* At the corner, red comes from `radial_px` further in. */
static void the_corner_is_moved_by_the_given_way(void **state)
{
    (void)state;
    const int width = 600, height = 450; /* the half diagonal is 375 px */
    struct picture in = picture_create(width, height, HIPFX_PIXEL_RGBA16F, 0);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            picture_set(&in, x, y, (struct light){{x, y, x, 1}});
    struct hipfx_values values = defaults(&aberration);
    fixture_set("chromatic_aberration", &values, "radial_px", 25);
    struct picture out = fixture_apply("chromatic_aberration", &values, 0, &in);
    /* 3/5 and 4/5 of the way lie along y and x; halves of these numbers are exact to 0.25. */
    assert_true(fabs(picture_at(&out, width - 1, height - 1).v[0] - (width - 1 - 25 * 0.8)) < 0.5);
    assert_true(fabs(picture_at(&out, 0, 0).v[0] - 25 * 0.8) < 0.5);
    assert_true(picture_at(&out, 0, 0).v[2] == 0);
    picture_destroy(&in);
    picture_destroy(&out);
}

/* Where nothing is near, there is nothing, and what is opaque all around stays opaque. */
static void coverage_stays_around_what_is_covered(void **state)
{
    (void)state;
    struct picture in = picture_create(100, 100, HIPFX_PIXEL_RGBA16F, 0);
    for (int y = 0; y < 100; y++)
        for (int x = 0; x < 100; x++)
            picture_set(&in, x, y, x < 50 ? (struct light){{4, 2, 1, 1}} : (struct light){{0}});
    struct hipfx_values values = defaults(&aberration);
    struct picture out = fixture_apply("chromatic_aberration", &values, 0, &in);
    for (int y = 0; y < 100; y++) {
        for (int x = 0; x < 100; x++) {
            struct light light = picture_at(&out, x, y), want = picture_at(&in, x, y);
            if (x < 50 - 5 || x > 50 + 5)
                for (int i = 0; i < 4; i++)
                    assert_true(fabs(light.v[i] - want.v[i]) < 1e-3);
        }
    }
    picture_destroy(&in);
    picture_destroy(&out);
}

static void what_is_not_a_number_does_not_spread(void **state)
{
    (void)state;
    struct hipfx_values values = defaults(&vignette);
    check_not_a_number(&vignette, &values, 0);
    values = defaults(&aberration);
    check_not_a_number(&aberration, &values, 5);
}

int main(int argc, char **argv)
{
    fixture_options(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vignettes_agree_with_the_reference),
        cmocka_unit_test(aberrations_agree_with_the_reference),
        cmocka_unit_test(the_middle_of_a_vignette_is_kept),
        cmocka_unit_test(the_corner_is_moved_by_the_given_way),
        cmocka_unit_test(coverage_stays_around_what_is_covered),
        cmocka_unit_test(what_is_not_a_number_does_not_spread),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
