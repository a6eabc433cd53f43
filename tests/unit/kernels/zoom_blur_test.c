/* The zoom_blur effect against the means that effect_zoom_blur.c defines. */
#include "compare.h"
#include "reference_blur.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* Places are known to about 1e-5 of a pixel: of the step between two pixels. */
static const struct compare_bound bound = {.bytes = 0.1, .halves = 0.02, .slack = 3e-5};

struct setting {
    double x, y, amount;
};

static struct hipfx_values values_for(const struct setting *s)
{
    struct hipfx_values values = hipfx_values_default(hipfx_effect_find("zoom_blur"));
    fixture_set("zoom_blur", &values, "center_x", s->x);
    fixture_set("zoom_blur", &values, "center_y", s->y);
    fixture_set("zoom_blur", &values, "amount", s->amount);
    return values;
}

static struct light between(const struct light *from, int w, int h, double x, double y)
{
    const int u = (int)floor(x), v = (int)floor(y);
    struct light sum = {{0}};
    for (int i = 0; i < 4; i++) {
        const double weight = (i & 1 ? x - u : u + 1 - x) * (i & 2 ? y - v : v + 1 - y);
        const int column = reference_inside(HIPFX_EDGE_CLAMP, u + (i & 1), w);
        const int row = reference_inside(HIPFX_EDGE_CLAMP, v + i / 2, h);
        for (int c = 0; c < 4; c++)
            sum.v[c] += weight * from[row * w + column].v[c];
    }
    return sum;
}

static struct light *reference(const struct picture *in, const struct setting *s)
{
    const int w = in->width, h = in->height;
    const double cx = round((s->x * w - 0.5) * 16) / 16, cy = round((s->y * h - 0.5) * 16) / 16;
    const double furthest = hypot(fmax(cx, w - cx), fmax(cy, h - cy));
    const double wanted = fmax(ceil(-log(1 - s->amount) * furthest), 2);
    const int stages = wanted <= 24 ? 1 : wanted <= 576 ? 2 : 3;
    const int n = (int)ceil(pow(wanted, 1.0 / stages) - 1e-9);
    struct light *from = calloc((size_t)w * (size_t)h, sizeof(*from));
    assert_non_null(from);
    for (int i = 0; i < w * h; i++)
        from[i] = picture_at(in, i % w, i / w);
    for (int stage = 0; stage < stages; stage++) {
        struct light *to = calloc((size_t)w * (size_t)h, sizeof(*to));
        assert_non_null(to);
        for (int i = 0; i < w * h; i++) {
            const int x = i % w, y = i / w;
            for (int j = 0; j < n; j++) {
                const double way = (j * pow(n, stage) + (stage ? 0 : 0.5)) / pow(n, stages);
                const double scale = pow(1 - s->amount, way);
                const struct light at =
                    between(from, w, h, cx + (x - cx) * scale, cy + (y - cy) * scale);
                for (int c = 0; c < 4; c++)
                    to[i].v[c] += at.v[c] / n;
            }
        }
        free(from);
        from = to;
    }
    return from;
}

static void check(const struct picture *in, const struct setting *s, uint64_t seed)
{
    const struct hipfx_values values = values_for(s);
    struct light *want = reference(in, s);
    for (int image = 0; image < fixture_image_count(); image++) {
        char what[120];
        snprintf(what, sizeof(what), "%s, seed %llu, %g around %g,%g", fixture_use(image),
                 (unsigned long long)seed, s->amount, s->x, s->y);
        struct picture out = fixture_apply("zoom_blur", &values, 0, in);
        compare_picture(&out, want, compare_brightest(in), &bound, what);
        picture_destroy(&out);
    }
    free(want);
}

static struct setting random_setting(struct rng *rng)
{
    return (struct setting){rng_between(rng, 0, 1), rng_between(rng, 0, 1),
                            rng_below(rng, 4) ? rng_between(rng, 0.001, 0.3)
                                              : rng_between(rng, 0.3, 0.9)};
}

static const struct fixture_pictures pictures = {
    .count = 50,
    .last_kind = PICTURE_ANY,
    .sizes = {{1, 1}, {1, 70}, {70, 1}, {63, 21}, {129, 37}, {300, 101}},
};

static void check_random(const struct picture *in, struct rng *rng, uint64_t seed)
{
    const struct setting setting = random_setting(rng);
    check(in, &setting, seed);
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

static void three_stages_agree(void **state)
{
    (void)state;
    fixture_skip_large();
    struct rng rng = {3};
    struct picture in = picture_random(&rng, PICTURE_EDGES, 600, 40, HIPFX_PIXEL_RGBA8_SRGB, 0);
    check(&in, &(struct setting){0.02, 0.4, 0.9}, 3);
    picture_destroy(&in);
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
    compare_random_areas("zoom_blur", values_for_area, 10);
}

int main(int argc, char **argv)
{
    fixture_options(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_agree_with_the_reference),
        cmocka_unit_test(halves_agree_with_the_reference),
        cmocka_unit_test(three_stages_agree),
        cmocka_unit_test(an_area_is_as_in_the_whole),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
