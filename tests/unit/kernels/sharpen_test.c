/* The sharpen effect against the formula of AMD FidelityFX CAS. */
#include "check.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct light at(const struct picture *in, int x, int y)
{
    x = x < 0 ? 0 : x >= in->width ? in->width - 1 : x;
    y = y < 0 ? 0 : y >= in->height ? in->height - 1 : y;
    return picture_at(in, x, y);
}

static struct light reference(const struct picture *in, const struct hipfx_values *values,
                              double time_s, int x, int y)
{
    (void)time_s;
    const struct light cross[5] = {at(in, x, y), at(in, x, y - 1), at(in, x - 1, y),
                                   at(in, x + 1, y), at(in, x, y + 1)};
    double least = INFINITY, most = -INFINITY, white = -INFINITY;
    for (int i = 0; i < 5; i++) {
        const double *v = cross[i].v, luminance = 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2];
        least = fmin(least, luminance);
        most = fmax(most, luminance);
        white = fmax(white, v[3]);
    }
    double part = most > 0 ? fmin(least, fabs(white - most)) / most : 0;
    double w = -values->v[0] / 5 * sqrt(fmin(fmax(part, 0), 1));
    struct light out;
    for (int i = 0; i < 4; i++) {
        double sum = cross[1].v[i] + cross[2].v[i] + cross[3].v[i] + cross[4].v[i];
        out.v[i] = (cross[0].v[i] + w * sum) / (1 + 4 * w);
    }
    out.v[3] = fmin(fmax(out.v[3], fmin(cross[0].v[3], 0)), white);
    return out;
}

static const struct check sharpen = {
    .effect = "sharpen",
    .reference = reference,
    .bytes_bound = 0.3, /* a root of nearly nothing, in the dark beside white */
    .slack = 1e-4,
};

static struct hipfx_values strength(double value)
{
    return (struct hipfx_values){.v = {value}};
}

static void bytes_agree_with_the_reference(void **state)
{
    (void)state;
    check_random_pictures(&sharpen, HIPFX_PIXEL_RGBA8_SRGB, 1, 120);
}

static void halves_agree_with_the_reference(void **state)
{
    (void)state;
    check_random_pictures(&sharpen, HIPFX_PIXEL_RGBA16F, 1, 120);
}

/* Between black and white there is no room, and to nothing neither: no pixel changes. */
static void hard_edges_get_no_halo(void **state)
{
    (void)state;
    const struct light sides[][2] = {
        {{{0, 0, 0, 1}}, {{1, 1, 1, 1}}},
        {{{0, 0, 0, 0}}, {{1, 0.2, 0, 1}}},
        {{{0, 0, 0, 0}}, {{0.3, 0.3, 0.1, 0.5}}},
    };
    const struct hipfx_values values = strength(1);
    for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++) {
        struct picture in = picture_create(60, 40, HIPFX_PIXEL_RGBA8_SRGB, 0);
        for (int y = 0; y < 40; y++)
            for (int x = 0; x < 60; x++)
                picture_set(&in, x, y, sides[i][x + y / 2 > 40]);
        for (int image = 0; image < fixture_image_count(); image++) {
            fixture_use(image);
            struct picture out = fixture_apply("sharpen", &values, 0, &in);
            assert_true(picture_same_bytes(&in, &out));
            picture_destroy(&out);
        }
        picture_destroy(&in);
    }
}

/* A texture around `middle`, times alpha. */
static struct picture texture(double middle, double alpha)
{
    struct picture p = picture_create(64, 64, HIPFX_PIXEL_RGBA16F, 0);
    for (int y = 0; y < 64; y++) {
        for (int x = 0; x < 64; x++) {
            double v = alpha * middle * (1 + 0.125 * ((x / 2 + y / 2) % 2 ? 1 : -1));
            picture_set(&p, x, y, (struct light){{v, v, v, alpha}});
        }
    }
    return p;
}

static double contrast(const struct picture *p)
{
    double least = INFINITY, most = 0;
    for (int y = 0; y < p->height; y++) {
        for (int x = 0; x < p->width; x++) {
            least = fmin(least, picture_at(p, x, y).v[1]);
            most = fmax(most, picture_at(p, x, y).v[1]);
        }
    }
    return (most - least) / (most + least);
}

/* In HDR's highlights as in the middle tones, and the brightest light is not cut off. */
static void texture_is_sharpened_below_and_above_white(void **state)
{
    (void)state;
    static const double middles[] = {0.05, 0.25, 0.5, 4, 60};
    for (size_t i = 0; i < sizeof(middles) / sizeof(middles[0]); i++) {
        struct picture in = texture(middles[i], 1);
        const struct hipfx_values soft = strength(0.3), hard = strength(1);
        struct picture some = fixture_apply("sharpen", &soft, 0, &in);
        struct picture more = fixture_apply("sharpen", &hard, 0, &in);
        assert_true(contrast(&some) > 1.05 * contrast(&in));
        assert_true(contrast(&more) > 1.3 * contrast(&some));
        picture_destroy(&in);
        picture_destroy(&some);
        picture_destroy(&more);
    }
}

/* With half the coverage, half the light everywhere. */
static void a_translucent_picture_is_sharpened_as_an_opaque_one(void **state)
{
    (void)state;
    const struct hipfx_values values = strength(0.8);
    struct picture opaque = texture(0.5, 1), half = texture(0.5, 0.5);
    struct picture opaque_out = fixture_apply("sharpen", &values, 0, &opaque);
    struct picture half_out = fixture_apply("sharpen", &values, 0, &half);
    for (int y = 0; y < 64; y++) {
        for (int x = 0; x < 64; x++) {
            struct light a = picture_at(&opaque_out, x, y), b = picture_at(&half_out, x, y);
            for (int i = 0; i < 4; i++)
                assert_true(fabs(a.v[i] / 2 - b.v[i]) < 1e-3);
        }
    }
    picture_destroy(&opaque);
    picture_destroy(&half);
    picture_destroy(&opaque_out);
    picture_destroy(&half_out);
}

static void what_is_not_a_number_does_not_spread(void **state)
{
    (void)state;
    const struct hipfx_values values = strength(1);
    check_not_a_number(&sharpen, &values, 1);
}

int main(int argc, char **argv)
{
    fixture_options(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_agree_with_the_reference),
        cmocka_unit_test(halves_agree_with_the_reference),
        cmocka_unit_test(hard_edges_get_no_halo),
        cmocka_unit_test(texture_is_sharpened_below_and_above_white),
        cmocka_unit_test(a_translucent_picture_is_sharpened_as_an_opaque_one),
        cmocka_unit_test(what_is_not_a_number_does_not_spread),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
