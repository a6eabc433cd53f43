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

/* What an amount that is a ten thousandth larger may change in a picture of edges. */
#define JUMP_CODES 4

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

/* One stage: a place every `step` of the way, of which the last may be a part of one. They are in
 * the middle of their parts, or where these begin. */
static struct light *stage_of(const struct light *from, int w, int h, const struct setting *s,
                              double count, double step, double middle)
{
    const double cx = round((s->x * w - 0.5) * 256) / 256, cy = round((s->y * h - 0.5) * 256) / 256;
    struct light *to = calloc((size_t)w * (size_t)h, sizeof(*to));
    assert_non_null(to);
    for (int i = 0; i < w * h; i++) {
        const int x = i % w, y = i / w;
        for (int j = 0; j < count; j++) {
            const double part = fmin(count - j, 1);
            const double scale = pow(1 - s->amount, (j + middle * part) * step);
            const struct light at =
                between(from, w, h, cx + (x - cx) * scale, cy + (y - cy) * scale);
            for (int c = 0; c < 4; c++)
                to[i].v[c] += at.v[c] * part / count;
        }
    }
    return to;
}

static struct light *reference(const struct picture *in, const struct setting *s)
{
    const int w = in->width, h = in->height;
    const double cx = s->x * w - 0.5, cy = s->y * h - 0.5;
    const double wanted = -log(1 - s->amount) * hypot(fmax(cx, w - cx), fmax(cy, h - cy));
    const int second = wanted <= 512 ? 16 : 12, third = wanted <= 512 ? 1 : 16;
    struct light *picture = calloc((size_t)w * (size_t)h, sizeof(*picture));
    assert_non_null(picture);
    for (int i = 0; i < w * h; i++)
        picture[i] = picture_at(in, i % w, i / w);
    struct light *one = stage_of(picture, w, h, s, wanted / (second * third), 1 / wanted, 0.5);
    struct light *two = stage_of(one, w, h, s, second, 1.0 / (second * third), 0);
    struct light *three = stage_of(two, w, h, s, third, 1.0 / third, 0);
    free(picture);
    free(one);
    free(two);
    return three;
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

/* Where the number of places changes, too. */
static void the_picture_does_not_jump(void **state)
{
    (void)state;
    fixture_skip_large();
    fixture_use(0);
    struct rng rng = {5};
    struct picture in = picture_random(&rng, PICTURE_EDGES, 230, 9, HIPFX_PIXEL_RGBA8_SRGB, 0);
    struct picture before = {0};
    enum { steps = 9000 };
    for (int step = 1; step <= steps; step++) {
        const struct setting setting = {0.5, 0.5, 0.9 * step / steps};
        const struct hipfx_values values = values_for(&setting);
        struct picture now = fixture_apply("zoom_blur", &values, 0, &in);
        for (int i = 0; before.bytes && i < now.height * (int)now.pitch; i++) {
            const int moved = abs(now.bytes[i] - before.bytes[i]);
            if (moved > JUMP_CODES)
                fail_msg("%d codes at an amount of %g", moved, setting.amount);
        }
        picture_destroy(&before);
        before = now;
    }
    picture_destroy(&before);
    picture_destroy(&in);
}

int main(int argc, char **argv)
{
    fixture_options(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_agree_with_the_reference),
        cmocka_unit_test(halves_agree_with_the_reference),
        cmocka_unit_test(three_stages_agree),
        cmocka_unit_test(an_area_is_as_in_the_whole),
        cmocka_unit_test(the_picture_does_not_jump),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
