/* The bokeh effect against its definition: a disc whose edge a Gaussian of 0.1157 of the radius
 * softens, and the width of a pixel, or beyond 11 px of an 11th of the radius. */
#include "compare.h"
#include "reference_blur.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* The grid's disc is counted by its pixels' covered parts, not as a disc is. */
static const struct compare_bound bound = {.bytes = 0.2, .halves = 0.2, .slack = 3e-4};

static struct hipfx_values values_for(double radius, enum hipfx_edge edge)
{
    struct hipfx_values values = hipfx_values_default(hipfx_effect_find("bokeh"));
    fixture_set("bokeh", &values, "radius_px", radius);
    fixture_set("bokeh", &values, "edge", edge);
    return values;
}

/* The integral of the Gaussian's integral. */
static double twice(double t, double sigma)
{
    const double z = t / sigma;
    return t * 0.5 * erfc(-z / sqrt(2)) + sigma * exp(-z * z / 2) / sqrt(2 * M_PI);
}

/* The integral of a Gaussian that is spread over `width` too, up to t. */
static double up_to(double t, double sigma, double width)
{
    return (twice(t + width / 2, sigma) - twice(t - width / 2, sigma)) / width;
}

static double at(double t, double sigma, double width)
{
    const double root = sigma * sqrt(2);
    return (erf((t + width / 2) / root) - erf((t - width / 2) / root)) / (2 * width);
}

struct kernel {
    int reach;
    double *weights;
};

static struct kernel kernel_for(double radius)
{
    enum { lines = 400 };
    const double sigma = 0.1157 * radius, width = fmax(radius / 11, 1);
    struct kernel kernel = {.reach = (int)ceil(radius + width + 5 * sigma)};
    const int side = 2 * kernel.reach + 1;
    double sum = 0;
    kernel.weights = calloc((size_t)side * (size_t)side, sizeof(double));
    assert_non_null(kernel.weights);
    for (int y = 0; y < side; y++) {
        for (int i = 0; i < lines; i++) {
            const double v = radius * cos(M_PI * (i + 0.5) / lines); /* close at the disc's top */
            const double half = sqrt(radius * radius - v * v);
            const double share = at(y - kernel.reach - v, sigma, width) * half * M_PI / lines;
            for (int x = 0; x < side; x++) {
                const double from = x - kernel.reach;
                kernel.weights[y * side + x] +=
                    share * (up_to(from + half, sigma, width) - up_to(from - half, sigma, width));
            }
        }
    }
    for (int i = 0; i < side * side; i++)
        sum += kernel.weights[i];
    for (int i = 0; i < side * side; i++)
        kernel.weights[i] /= sum;
    return kernel;
}

static struct light reference_at(const struct picture *in, const struct kernel *kernel,
                                 enum hipfx_edge edge, int x, int y)
{
    const int reach = kernel->reach, side = 2 * reach + 1;
    struct light sum = {{0}};
    for (int j = -reach; j <= reach; j++) {
        for (int i = -reach; i <= reach; i++) {
            const struct light from = reference_pixel(in, edge, x + i, y + j);
            for (int c = 0; c < 4; c++)
                sum.v[c] += kernel->weights[(j + reach) * side + i + reach] * from.v[c];
        }
    }
    return sum;
}

static void check(const struct picture *in, double radius, enum hipfx_edge edge, uint64_t seed)
{
    const struct hipfx_values values = values_for(radius, edge);
    struct kernel kernel = kernel_for(radius);
    const double brightest = compare_brightest(in);
    for (int image = 0; image < fixture_image_count(); image++) {
        struct rng rng = {seed};
        char what[120];
        snprintf(what, sizeof(what), "%s, seed %llu, radius %g, edge %d", fixture_use(image),
                 (unsigned long long)seed, radius, edge);
        struct picture out = fixture_apply("bokeh", &values, 0, in);
        for (int i = 0; i < 40; i++) {
            const int x = rng_below(&rng, in->width), y = rng_below(&rng, in->height);
            compare_pixel(&out, x, y, reference_at(in, &kernel, edge, x, y), brightest, &bound,
                          what);
        }
        picture_destroy(&out);
    }
    free(kernel.weights);
}

static const struct fixture_pictures pictures = {
    .count = 16,
    .last_kind = PICTURE_EDGES,
    .sizes = {{1, 1}, {1, 70}, {70, 1}, {63, 21}, {129, 37}, {150, 91}},
};

static void check_random(const struct picture *in, struct rng *rng, uint64_t seed)
{
    /* A narrower Gaussian sampled at whole pixels is another than the continuous one. */
    const double radius = exp(rng_between(rng, log(7), log(45)));
    check(in, radius, (enum hipfx_edge)rng_below(rng, 3), seed);
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

/* A highlight of 1000 becomes an even disc, whose light is the highlight's. */
static void a_highlight_becomes_a_disc(void **state)
{
    (void)state;
    fixture_use(0);
    struct picture in = picture_create(201, 201, HIPFX_PIXEL_RGBA16F, 0);
    static const double radii[] = {0.6, 2, 5, 10.9, 11.1, 25, 60};
    for (int y = 0; y < 201; y++)
        for (int x = 0; x < 201; x++) {
            const double v = x == 100 && y == 100 ? 1000 : 0;
            picture_set(&in, x, y, (struct light){{v, v, v, 1}});
        }
    for (size_t i = 0; i < sizeof(radii) / sizeof(radii[0]); i++) {
        const struct hipfx_values values = values_for(radii[i], HIPFX_EDGE_CLAMP);
        struct picture out = fixture_apply("bokeh", &values, 0, &in);
        const double even = 1000 / (M_PI * radii[i] * radii[i]);
        double sum = 0;
        for (int y = 0; y < 201; y++)
            for (int x = 0; x < 201; x++) {
                const double away = hypot(x - 100, y - 100), v = picture_at(&out, x, y).v[0];
                sum += v;
                if (away > radii[i] * 1.6 + 3 && v > 1e-3 * even)
                    fail_msg("radius %g: %g at %g px", radii[i], v, away);
                if (away < radii[i] * 0.5 - 2 && fabs(v - even) > 0.01 * even)
                    fail_msg("radius %g: %g instead of %g at %g px", radii[i], v, even, away);
            }
        if (fabs(sum - 1000) > 2)
            fail_msg("radius %g: %g of 1000 are left", radii[i], sum);
        picture_destroy(&out);
    }
    picture_destroy(&in);
}

static struct hipfx_values values_for_area(struct rng *rng, int i)
{
    return values_for(exp(rng_between(rng, 0, 5)), (enum hipfx_edge)(i % 3));
}

static void an_area_is_as_in_the_whole(void **state)
{
    (void)state;
    compare_random_areas("bokeh", values_for_area, 9);
}

int main(int argc, char **argv)
{
    fixture_options(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_agree_with_the_reference),
        cmocka_unit_test(halves_agree_with_the_reference),
        cmocka_unit_test(a_highlight_becomes_a_disc),
        cmocka_unit_test(an_area_is_as_in_the_whole),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
