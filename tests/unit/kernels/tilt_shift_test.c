/* The tilt_shift effect against its definition: each pixel is the exact Gaussian of its own sigma.
 */
#include "compare.h"
#include "reference_blur.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* What effect_tilt_shift.c says of the interpolation between its levels. */
#define LIGHT_BOUND 0.001

struct setting {
    double sigma, x, y, width, feather, angle_deg;
    enum hipfx_edge edge;
};

static struct hipfx_values values_for(const struct setting *s)
{
    struct hipfx_values values = hipfx_values_default(hipfx_effect_find("tilt_shift"));
    fixture_set("tilt_shift", &values, "sigma_px", s->sigma);
    fixture_set("tilt_shift", &values, "center_x", s->x);
    fixture_set("tilt_shift", &values, "center_y", s->y);
    fixture_set("tilt_shift", &values, "width", s->width);
    fixture_set("tilt_shift", &values, "feather", s->feather);
    fixture_set("tilt_shift", &values, "angle_deg", s->angle_deg);
    fixture_set("tilt_shift", &values, "edge", s->edge);
    return values;
}

static double sigma_at(const struct picture *in, const struct setting *s, int x, int y)
{
    const double angle = s->angle_deg * M_PI / 180;
    const double dx = x + 0.5 - s->x * in->width, dy = y + 0.5 - s->y * in->height;
    const double distance = fabs(dy * cos(angle) - dx * sin(angle));
    const double part = (distance - s->width * in->height / 2) / (s->feather * in->height);
    return s->sigma * fmin(fmax(part, 0), 1);
}

static struct light reference_at(const struct picture *in, const struct setting *s, int x, int y)
{
    const double sigma = sigma_at(in, s, x, y);
    return sigma > 0.01 ? reference_blur_at(in, sigma, s->edge, x, y) : picture_at(in, x, y);
}

static struct setting random_setting(struct rng *rng)
{
    return (struct setting){
        .sigma = exp(rng_between(rng, log(0.3), log(40))),
        .x = rng_between(rng, 0, 1),
        .y = rng_between(rng, 0, 1),
        .width = rng_between(rng, 0, 0.5),
        .feather = rng_between(rng, 0.05, 1.5),
        .angle_deg = rng_below(rng, 2) ? 90 * (rng_below(rng, 4) - 1) : rng_between(rng, -180, 180),
        .edge = (enum hipfx_edge)rng_below(rng, 3),
    };
}

static void check(const struct picture *in, const struct setting *s, uint64_t seed)
{
    const struct hipfx_values values = values_for(s);
    for (int image = 0; image < fixture_image_count(); image++) {
        const char *isa = fixture_use(image);
        struct rng rng = {seed};
        struct picture out = fixture_apply("tilt_shift", &values, 0, in);
        for (int i = 0; i < 60; i++) {
            const int x = rng_below(&rng, in->width), y = rng_below(&rng, in->height);
            const struct light want = reference_at(in, s, x, y), have = picture_at(&out, x, y);
            for (int c = 0; c < 4; c++) {
                const double step = in->format == HIPFX_PIXEL_RGBA8_SRGB && c < 3
                                        ? srgb_decode(srgb_encode(want.v[c]) + 0.5) - want.v[c]
                                        : 0.5 / 255;
                if (!(fabs(have.v[c] - want.v[c]) <= LIGHT_BOUND + step))
                    fail_msg("%s, seed %llu, %dx%d at %d,%d, sigma %g of %g: %g instead of %g", isa,
                             (unsigned long long)seed, in->width, in->height, x, y,
                             sigma_at(in, s, x, y), s->sigma, have.v[c], want.v[c]);
            }
        }
        picture_destroy(&out);
    }
}

static const struct fixture_pictures pictures = {
    .count = 40,
    .first_kind = PICTURE_EDGES,
    .last_kind = PICTURE_EDGES,
    .sizes = {{1, 1}, {1, 70}, {70, 1}, {63, 21}, {129, 90}, {200, 150}},
};

static void check_random(const struct picture *in, struct rng *rng, uint64_t seed)
{
    const struct setting setting = random_setting(rng);
    check(in, &setting, seed);
}

/* The first frame of the process: each level's strip is larger than the one before. */
static void memory_grows_once_in_a_frame(void **state)
{
    (void)state;
    const struct setting s = {12, 0.5, 0.5, 0.2, 0.3, 0, HIPFX_EDGE_CLAMP};
    const struct hipfx_values values = values_for(&s);
    struct rng rng = {3};
    struct picture in = picture_random(&rng, PICTURE_OPAQUE, 2, 16384, HIPFX_PIXEL_RGBA8_SRGB, 0);
    struct picture out = fixture_apply("tilt_shift", &values, 0, &in);
    picture_destroy(&in);
    picture_destroy(&out);
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

static void what_is_in_focus_stays_as_it_is(void **state)
{
    (void)state;
    const struct setting s = {30, 0.5, 0.5, 0.4, 0.2, 0, HIPFX_EDGE_CLAMP};
    const struct hipfx_values values = values_for(&s);
    for (int image = 0; image < fixture_image_count(); image++) {
        fixture_use(image);
        struct rng rng = {8};
        struct picture in =
            picture_random(&rng, PICTURE_TRANSLUCENT, 80, 100, HIPFX_PIXEL_RGBA8_SRGB, 0);
        struct picture out = fixture_apply("tilt_shift", &values, 0, &in);
        for (int y = 30; y < 70; y++)
            for (int x = 0; x < 80; x++)
                assert_true(picture_excess(&out, x, y, picture_at(&in, x, y), 0) <= 0);
        picture_destroy(&in);
        picture_destroy(&out);
    }
}

static struct hipfx_values values_for_area(struct rng *rng, int i)
{
    (void)i;
    const struct setting setting = random_setting(rng);
    return values_for(&setting);
}

static void an_area_is_as_in_the_whole(void **state)
{
    (void)state;
    compare_random_areas("tilt_shift", values_for_area, 9);
}

int main(int argc, char **argv)
{
    fixture_options(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_grows_once_in_a_frame),
        cmocka_unit_test(bytes_agree_with_the_reference),
        cmocka_unit_test(halves_agree_with_the_reference),
        cmocka_unit_test(what_is_in_focus_stays_as_it_is),
        cmocka_unit_test(an_area_is_as_in_the_whole),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
