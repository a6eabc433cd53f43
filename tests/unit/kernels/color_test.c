/* The color effect against its reference. */
#include "check.h"
#include "reference.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct color {
    double exposure_ev, contrast, saturation;
};

static struct hipfx_values values_of(const struct color *color)
{
    struct hipfx_values values = hipfx_values_default(hipfx_effect_find("color"));
    fixture_set("color", &values, "exposure_ev", color->exposure_ev);
    fixture_set("color", &values, "contrast", color->contrast);
    fixture_set("color", &values, "saturation", color->saturation);
    return values;
}

/* Where saturation subtracts channels from one another, what is left cannot be exact to a fraction
 * of itself, but to one of the largest of them. */
static double slack_of(struct light in, const struct color *color)
{
    double most = 0;
    if (color->saturation == 1 || !(in.v[3] > 0))
        return 0;
    for (int i = 0; i < 3; i++) {
        double v = fabs(in.v[i] / in.v[3]) * exp2(color->exposure_ev);
        most = fmax(most, 0.18 * pow(v / 0.18, color->contrast));
    }
    return 3e-6 * (1 + color->contrast) * most * in.v[3] * fmax(color->saturation, 1);
}

/* With each image, every pixel is within `bound` of a step beyond rounding. */
static void check(const struct picture *in, const struct color *color, double bound, uint64_t seed)
{
    struct hipfx_values values = values_of(color);
    for (int image = 0; image < fixture_image_count(); image++) {
        const char *isa = fixture_use(image);
        struct picture out = fixture_apply("color", &values, 0, in);
        for (int y = 0; y < in->height; y++) {
            for (int x = 0; x < in->width; x++) {
                struct light source = picture_at(in, x, y);
                struct light want = reference_color(source, in->format, color->exposure_ev,
                                                    color->contrast, color->saturation);
                double excess = picture_excess(&out, x, y, want, slack_of(source, color));
                if (!(excess <= bound))
                    fail_msg("%s, seed %llu, %dx%d at %d,%d: %.4f steps off with %g EV, "
                             "contrast %g, saturation %g",
                             isa, (unsigned long long)seed, in->width, in->height, x, y, excess,
                             color->exposure_ev, color->contrast, color->saturation);
            }
        }
        picture_destroy(&out);
    }
}

static struct color random_color(struct rng *rng)
{
    struct color c = {
        rng_between(rng, -3, 3),
        rng_between(rng, 0.2, 2),
        rng_between(rng, 0, 2),
    };
    /* Each alone as well: the kernel takes a shorter way without contrast. */
    int alone = rng_below(rng, 6);
    if (alone == 0 || alone == 1)
        c.contrast = 1;
    if (alone == 1 || alone == 2)
        c.saturation = 1;
    if (alone == 2 || alone == 3)
        c.exposure_ev = 0;
    return c;
}

static const struct fixture_pictures pictures = {
    .count = 120,
    .last_kind = PICTURE_ANY,
    .sizes = {{1, 1}, {1, 9}, {9, 1}, {63, 2}, {129, 17}, {333, 41}},
};

static void check_random(const struct picture *in, struct rng *rng, uint64_t seed)
{
    const struct color color = random_color(rng);
    check(in, &color, 0.01, seed);
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

static void the_ends_of_the_ranges_agree(void **state)
{
    (void)state;
    static const struct color ends[] = {{10, 1, 1}, {-10, 1, 1},  {0, 0, 1},   {0, 4, 1},
                                        {0, 1, 0},  {0, 1, 4},    {10, 4, 4},  {-10, 4, 0},
                                        {10, 0, 4}, {0, 0.01, 1}, {5, 4, 0.5}, {-3, 0.05, 2}};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        struct rng rng = {i + 1};
        struct picture in = picture_random(&rng, PICTURE_ANY, 200, 100, HIPFX_PIXEL_RGBA8_SRGB, 0);
        check(&in, &ends[i], 0.1, i + 1);
        picture_destroy(&in);
    }
}

static void a_4k_frame_agrees(void **state)
{
    (void)state;
    fixture_skip_large();
    fixture_use(0);
    struct rng rng = {1};
    struct picture small =
        picture_random(&rng, PICTURE_TRANSLUCENT, 251, 241, HIPFX_PIXEL_RGBA8_SRGB, 0);
    struct picture in = picture_create(3840, 2160, HIPFX_PIXEL_RGBA8_SRGB, 0);
    for (int y = 0; y < in.height; y++)
        for (int x = 0; x < in.width; x++)
            ((uint32_t *)in.bytes)[y * 3840 + x] =
                ((uint32_t *)small.bytes)[y % 241 * 251 + x % 251];

    struct hipfx_values values = values_of(&(struct color){0.7, 1.2, 1.3});
    struct picture small_out = fixture_apply("color", &values, 0, &small);
    struct picture out = fixture_apply("color", &values, 0, &in);
    check(&small, &(struct color){0.7, 1.2, 1.3}, 0.01, 1);
    for (int y = 0; y < in.height; y++)
        for (int x = 0; x < in.width; x++)
            assert_int_equal(((uint32_t *)out.bytes)[y * 3840 + x],
                             ((uint32_t *)small_out.bytes)[y % 241 * 251 + x % 251]);
    picture_destroy(&small);
    picture_destroy(&small_out);
    picture_destroy(&in);
    picture_destroy(&out);
}

/* 8-bit codes survive decoding and encoding, and so does the alpha beside them. */
static void nearly_nothing_changes_no_opaque_code(void **state)
{
    (void)state;
    const struct hipfx_values values = values_of(&(struct color){1e-9, 1, 1});
    check_codes_are_kept("color", &values);
}

/* Light without coverage has no straight colour that exposure could change. */
static void pixels_without_alpha_are_kept(void **state)
{
    (void)state;
    for (int format = HIPFX_PIXEL_RGBA8_SRGB; format <= HIPFX_PIXEL_RGBA16F; format++) {
        struct rng rng = {5};
        struct picture in = picture_random(&rng, PICTURE_ANY, 40, 5, format, 0);
        for (int y = 0; y < 5; y++) {
            for (int x = 0; x < 40; x++) {
                struct light light = picture_at(&in, x, y);
                light.v[3] = 0;
                picture_set(&in, x, y, light);
            }
        }
        struct hipfx_values values = values_of(&(struct color){2, 1.5, 0.5});
        struct picture out = fixture_apply("color", &values, 0, &in);
        assert_true(picture_same_bytes(&in, &out));
        picture_destroy(&in);
        picture_destroy(&out);
    }
}

static void what_is_not_a_number_does_not_spread(void **state)
{
    (void)state;
    const struct hipfx_values values = values_of(&(struct color){1, 1.3, 1.2});
    check_not_a_number(&(struct check){.effect = "color"}, &values, 0);
}

int main(int argc, char **argv)
{
    fixture_options(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_agree_with_the_reference),
        cmocka_unit_test(halves_agree_with_the_reference),
        cmocka_unit_test(the_ends_of_the_ranges_agree),
        cmocka_unit_test(a_4k_frame_agrees),
        cmocka_unit_test(nearly_nothing_changes_no_opaque_code),
        cmocka_unit_test(pixels_without_alpha_are_kept),
        cmocka_unit_test(what_is_not_a_number_does_not_spread),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
