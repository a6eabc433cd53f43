/* Where an effect works and how much of it is mixed in, against a mask in double. */
#include "fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static double smooth(double t)
{
    t = fmin(fmax(t, 0), 1);
    return t * t * (3 - 2 * t);
}

static double bar(double depth, double thickness, double ramp)
{
    return fmax(smooth(0.5 + depth / ramp) + smooth(0.5 + (thickness - depth) / ramp) - 1, 0);
}

/* The share of the effect at a pixel, by what region.h says. */
static double reference_share(const struct hipfx_region *r, int width, int height, int x, int y)
{
    const double ramp = fmax(r->feather_px, 1);
    const double rx = r->width * width / 2, ry = r->height * height / 2;
    const double dx = fabs(x + 0.5 - (r->x * width + rx)),
                 dy = fabs(y + 0.5 - (r->y * height + ry));
    double mask = 1;
    if (r->form != HIPFX_REGION_FRAME && (rx == 0 || ry == 0)) {
        mask = 0;
    } else if (r->form == HIPFX_REGION_RECTANGLE) {
        mask = bar(rx - dx, 2 * rx, ramp) * bar(ry - dy, 2 * ry, ramp);
    } else if (r->form == HIPFX_REGION_ELLIPSE) {
        const double g = hypot(dx / rx, dy / ry);
        double depth = fmin(rx - dx, ry - dy);
        if (g > 0)
            depth = fmin(depth, (1 - g) * g / hypot(dx / (rx * rx), dy / (ry * ry)));
        mask = bar(depth, 2 * fmin(rx, ry), ramp);
    }
    return (r->invert ? 1 - mask : mask) * r->mix;
}

/* A little of everything: shapes within the frame, across its edges, beyond them, larger than it.
 */
static struct hipfx_region random_region(struct rng *rng)
{
    struct hipfx_region region = {
        .form = (enum hipfx_region_form)rng_below(rng, HIPFX_REGION_SOURCE),
        .x = rng_between(rng, -0.5, 1),
        .y = rng_between(rng, -0.5, 1),
        .width = rng_below(rng, 8) == 0 ? 0 : rng_between(rng, 0, 1),
        .height = rng_below(rng, 4) == 0 ? 0.01 : rng_between(rng, 0, 1),
        .feather_px = rng_below(rng, 2) ? 0 : rng_between(rng, 0, 100),
        .invert = rng_below(rng, 3) == 0,
        .mix = rng_below(rng, 3) == 0 ? rng_between(rng, 0, 1) : 1,
    };
    if (rng_below(rng, 8) == 0)
        region.x = region.y = 0, region.width = region.height = 1;
    return region;
}

static bool is_in(const struct hipfx_rect *rect, int x, int y)
{
    return x >= rect->left && x < rect->right && y >= rect->top && y < rect->bottom;
}

/* Pure: what the reach leaves out is not reached, and what it calls whole is. */
static void the_reach_is_that_of_the_mask(void **state)
{
    (void)state;
    struct rng rng = {11};
    int empty = 0, whole = 0, holes = 0;
    for (int i = 0; i < 2000; i++) {
        const struct hipfx_region region = random_region(&rng);
        const int width = 1 + rng_below(&rng, 90), height = 1 + rng_below(&rng, 60);
        const struct hipfx_reach reach = hipfx_region_reach(&region, width, height);
        const struct hipfx_rect *a = &reach.area;
        empty += hipfx_reach_is_empty(&reach);
        whole += reach.whole;
        holes += reach.hole.left < reach.hole.right;
        assert_int_equal(a->left % HIPFX_AREA_ALIGN, 0);
        assert_true(a->left >= 0 && a->top >= 0 && a->right <= width && a->bottom <= height);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                const double share = reference_share(&region, width, height, x, y);
                const bool in = is_in(a, x, y) && !is_in(&reach.hole, x, y);
                assert_true(in || share < 1e-12);
                assert_true(!reach.whole || share > 1 - 1e-12);
            }
        }
    }
    assert_true(empty > 100 && whole > 100 && holes > 100);
}

/* Cost is the area's: it is no larger than it must be. */
static void the_reach_is_tight(void **state)
{
    (void)state;
    const struct hipfx_region quarter = {HIPFX_REGION_RECTANGLE, 0.25, 0.25, 0.5, 0.5, 0, false, 1};
    struct hipfx_reach reach = hipfx_region_reach(&quarter, 1920, 1080);
    assert_int_equal(reach.area.left, 480);
    assert_int_equal(reach.area.top, 270);
    assert_int_equal(reach.area.right, 1440);
    assert_int_equal(reach.area.bottom, 810);

    struct hipfx_region feathered = quarter;
    feathered.form = HIPFX_REGION_ELLIPSE;
    feathered.feather_px = 20;
    reach = hipfx_region_reach(&feathered, 1920, 1080);
    assert_int_equal(reach.area.left, 464); /* 470, aligned */
    assert_int_equal(reach.area.top, 260);
    assert_int_equal(reach.area.right, 1450);
    assert_int_equal(reach.area.bottom, 820);

    struct hipfx_region outside = quarter;
    outside.invert = true;
    reach = hipfx_region_reach(&outside, 1920, 1080);
    assert_int_equal(reach.area.right, 1920);
    assert_int_equal(reach.hole.left, 480);
    assert_int_equal(reach.hole.top, 270);
    assert_int_equal(reach.hole.right, 1440);
    assert_int_equal(reach.hole.bottom, 810);
}

static void nothing_and_everything_are_known(void **state)
{
    (void)state;
    const struct hipfx_region frame = {.mix = 1};
    assert_true(hipfx_region_reach(&frame, 64, 64).whole);
    struct hipfx_region region = frame;
    region.mix = 0.999;
    assert_false(hipfx_region_reach(&region, 64, 64).whole);
    region.mix = 0;
    struct hipfx_reach reach = hipfx_region_reach(&region, 64, 64);
    assert_true(hipfx_reach_is_empty(&reach));

    /* All of the frame as a rectangle, then all but it. */
    region = (struct hipfx_region){HIPFX_REGION_RECTANGLE, 0, 0, 1, 1, 0, false, 1};
    assert_true(hipfx_region_reach(&region, 64, 64).whole);
    region.invert = true;
    reach = hipfx_region_reach(&region, 64, 64);
    assert_true(hipfx_reach_is_empty(&reach));

    /* Beyond the edge. */
    region = (struct hipfx_region){HIPFX_REGION_ELLIPSE, 1, 0, 1, 1, 0, false, 1};
    reach = hipfx_region_reach(&region, 64, 64);
    assert_true(hipfx_reach_is_empty(&reach));
    region.invert = true;
    assert_true(hipfx_region_reach(&region, 64, 64).whole);
}

static void odd_values_are_brought_in(void **state)
{
    (void)state;
    static const double odd[] = {NAN, INFINITY, -INFINITY, 1e300, -1e300};
    for (size_t i = 0; i < 5; i++) {
        for (int which = 0; which < 6; which++) {
            struct hipfx_region region = {
                HIPFX_REGION_ELLIPSE, 0.25, 0.25, 0.5, 0.5, 8, which % 2, 1};
            double *const members[] = {&region.x,      &region.y,          &region.width,
                                       &region.height, &region.feather_px, &region.mix};
            *members[which] = odd[i];
            const struct hipfx_reach reach = hipfx_region_reach(&region, 100, 80);
            assert_true(hipfx_reach_is_empty(&reach) ||
                        (reach.area.left >= 0 && reach.area.top >= 0 && reach.area.right <= 100 &&
                         reach.area.bottom <= 80));
            assert_true(isfinite(reach.center_x) && isfinite(reach.radius_y) &&
                        isfinite(reach.ramp_px) && isfinite(reach.mix));
        }
    }
}

/* A share in float, at the steepest place of the ramp. */
#define SHARE_ERROR 4e-5

static struct light blend(struct light in, struct light out, double share)
{
    for (int i = 0; i < 4; i++)
        in.v[i] += (out.v[i] - in.v[i]) * share;
    return in;
}

static void check_pixel(const struct hipfx_region *region, const struct picture *in,
                        const struct picture *result, const struct picture *got, int x, int y)
{
    const double share = reference_share(region, in->width, in->height, x, y);
    if (share == 0 || share == 1) {
        const bool sure =
            share == 0 ? picture_same_pixel(in, got, x, y) : picture_same_pixel(result, got, x, y);
        if (sure)
            return;
    }
    const struct light a = picture_at(in, x, y), b = picture_at(result, x, y);
    double most = 0;
    for (int i = 0; i < 4; i++)
        most = fmax(most, fabs(a.v[i]) + fabs(b.v[i]));
    const double excess = picture_excess(got, x, y, blend(a, b, share), SHARE_ERROR * most);
    if (excess > 0.05)
        fail_msg(
            "form %d at %g,%g %gx%g, feather %g, invert %d, mix %g: %.4f steps off at %d,%d of "
            "%dx%d, where the share is %g",
            (int)region->form, region->x, region->y, region->width, region->height,
            region->feather_px, region->invert, region->mix, excess, x, y, in->width, in->height,
            share);
}

static void check_region(const struct hipfx_region *region, const struct picture *in)
{
    struct hipfx_values values = hipfx_values_default(hipfx_effect_find("color"));
    fixture_set("color", &values, "exposure_ev", -2);
    fixture_set("color", &values, "saturation", 0);
    struct picture result = fixture_apply("color", &values, 0, in);
    struct picture got = fixture_apply_region(region, NULL, "color", &values, 0, in);
    for (int y = 0; y < in->height; y++)
        for (int x = 0; x < in->width; x++)
            check_pixel(region, in, &result, &got, x, y);
    picture_destroy(&result);
    picture_destroy(&got);
}

static void the_result_is_mixed_in_by_the_mask(void **state)
{
    (void)state;
    for (int format = HIPFX_PIXEL_RGBA8_SRGB; format <= HIPFX_PIXEL_RGBA16F; format++) {
        for (int i = 0; i < fixture_rounds(300); i++) {
            struct rng rng = {(uint64_t)i * 2 + (uint64_t)format};
            struct picture in =
                picture_random(&rng, rng_below(&rng, 2) ? PICTURE_TRANSLUCENT : PICTURE_EDGES,
                               1 + rng_below(&rng, 200), 1 + rng_below(&rng, 60), format, 16);
            const struct hipfx_region region = random_region(&rng);
            fixture_use(i % fixture_image_count());
            check_region(&region, &in);
            picture_destroy(&in);
        }
    }
}

/* Where the effect gives something that is no number, the input is still the input. */
static void what_is_out_of_reach_keeps_its_bytes(void **state)
{
    (void)state;
    for (int format = HIPFX_PIXEL_RGBA8_SRGB; format <= HIPFX_PIXEL_RGBA16F; format++) {
        struct rng rng = {5};
        struct picture in = picture_random(&rng, PICTURE_ANY, 173, 61, format, 0);
        const struct hipfx_region region = {HIPFX_REGION_ELLIPSE, 0.3, 0.2, 0.4, 0.5, 6, false, 1};
        struct hipfx_values values = hipfx_values_default(hipfx_effect_find("sine_wave"));
        fixture_set("sine_wave", &values, "style", 1);
        struct picture got = fixture_apply_region(&region, NULL, "sine_wave", &values, 0, &in);
        int kept = 0, changed = 0;
        for (int y = 0; y < in.height; y++) {
            for (int x = 0; x < in.width; x++) {
                const bool same = picture_same_pixel(&in, &got, x, y);
                const double share = reference_share(&region, in.width, in.height, x, y);
                assert_true(share > 0 || same);
                kept += share == 0;
                changed += !same;
            }
        }
        assert_true(kept > 1000 && changed > 500);
        picture_destroy(&got);
        picture_destroy(&in);
    }
}

static void expect_mixed(const struct picture *in, const struct picture *result,
                         const struct picture *got, const struct picture *mask, bool invert)
{
    for (int y = 0; y < in->height; y++) {
        for (int x = 0; x < in->width; x++) {
            double share = fmin(fmax(picture_at(mask, x, y).v[3], 0), 1);
            share = invert ? 1 - share : share;
            const struct light a = picture_at(in, x, y), b = picture_at(result, x, y);
            if (share == 0 || share == 1)
                assert_true(picture_same_pixel(share == 0 ? in : result, got, x, y));
            else if (picture_excess(got, x, y, blend(a, b, share), SHARE_ERROR) > 0.05)
                fail_msg("%d,%d, where the share is %g", x, y, share);
        }
    }
}

static void a_source_s_alpha_is_a_mask(void **state)
{
    (void)state;
    struct hipfx_values values = hipfx_values_default(hipfx_effect_find("color"));
    fixture_set("color", &values, "exposure_ev", -2);
    for (int format = HIPFX_PIXEL_RGBA8_SRGB; format <= HIPFX_PIXEL_RGBA16F; format++) {
        struct rng rng = {(uint64_t)format};
        struct picture in = picture_random(&rng, PICTURE_TRANSLUCENT, 173, 61, format, 0);
        struct picture mask = picture_random(&rng, PICTURE_EDGES, 173, 61, format, 0);
        struct picture result = fixture_apply("color", &values, 0, &in);
        for (int invert = 0; invert < 2; invert++) {
            const struct hipfx_region region = {
                .form = HIPFX_REGION_SOURCE, .invert = invert, .mix = 1};
            struct picture got = fixture_apply_region(&region, &mask, "color", &values, 0, &in);
            expect_mixed(&in, &result, &got, &mask, invert);
            picture_destroy(&got);
        }
        picture_destroy(&in);
        picture_destroy(&mask);
        picture_destroy(&result);
    }
}

/* Opaque in rectangles. */
static struct picture mask_of(const struct hipfx_rect *rects, int count, const struct picture *like)
{
    struct picture mask = picture_create(like->width, like->height, like->format, 0);
    const size_t size = like->format == HIPFX_PIXEL_RGBA8_SRGB ? 4 : 8;
    memset(mask.bytes, 0, mask.pitch * (size_t)mask.height);
    for (int i = 0; i < count; i++) {
        for (int y = rects[i].top; y < rects[i].bottom; y++) {
            for (int x = rects[i].left; x < rects[i].right; x++) {
                unsigned char *px = mask.bytes + (size_t)y * mask.pitch + (size_t)x * size;
                px[size - 1] = size == 4 ? 255 : 0x3c; /* the half 1.0 */
            }
        }
    }
    return mask;
}

#define MOVES  5
#define PLACES 2

/* Of a film, the masked frames, and what the effect makes of all of each. */
static void check_film(const char *effect, int format, bool invert)
{
    static const struct hipfx_rect places[MOVES][PLACES] = {
        {{10, 40, 11, 41}},
        {{140, 2, 171, 60}},
        {{0, 0, 0, 0}},
        {{0, 0, 3, 2}, {170, 60, 173, 61}},
        {{129, 31, 173, 33}, {1, 0, 64, 60}},
    };
    const struct hipfx_values values = hipfx_values_default(hipfx_effect_find(effect));
    const struct hipfx_region region = {.form = HIPFX_REGION_SOURCE, .invert = invert, .mix = 1};
    struct picture in[MOVES], result[MOVES];
    struct rng rng = {(uint64_t)format};
    fixture_forget();
    for (int i = 0; i < MOVES; i++) {
        in[i] = picture_random(&rng, PICTURE_TRANSLUCENT, 173, 61, format, 0);
        result[i] = fixture_apply(effect, &values, i / 60.0, &in[i]);
    }
    fixture_forget();
    for (int i = 0; i < MOVES; i++) {
        struct picture mask = mask_of(places[i], PLACES, &in[i]);
        struct picture got =
            fixture_apply_region(&region, &mask, effect, &values, i / 60.0, &in[i]);
        expect_mixed(&in[i], &result[i], &got, &mask, invert);
        picture_destroy(&got);
        picture_destroy(&mask);
        picture_destroy(&in[i]);
        picture_destroy(&result[i]);
    }
}

/* Work that a mask spares is missed nowhere: not where it moves to, either. */
static void a_source_s_mask_moves_over_any_effect(void **state)
{
    (void)state;
    for (int e = 0; e < hipfx_effect_count; e++) {
        fixture_use(e % fixture_image_count());
        for (int format = HIPFX_PIXEL_RGBA8_SRGB; format <= HIPFX_PIXEL_RGBA16F; format++) {
            check_film(hipfx_effects[e]->id, format, false);
            check_film(hipfx_effects[e]->id, format, true);
        }
    }
}

static size_t bytes_for(const struct hipfx_region *region, const struct picture *mask,
                        const char *effect, const struct picture *in)
{
    const struct hipfx_values values = hipfx_values_default(hipfx_effect_find(effect));
    fixture_forget();
    struct picture got = fixture_apply_region(region, mask, effect, &values, 0, in);
    picture_destroy(&got);
    return fixture_scratch_written();
}

/* Of what an effect makes on the way to its result: hardly any for two spots far apart, though all
 * of the frame lies between them. */
static void what_a_mask_does_not_reach_is_not_made(void **state)
{
    (void)state;
    static const struct hipfx_rect all = {0, 0, 700, 300}, hole = {20, 20, 680, 280};
    static const struct hipfx_rect spots[] = {{0, 0, 5, 5}, {690, 290, 700, 300}};
    static const char *const effects[] = {"directional_blur", "denoise"};
    const struct hipfx_region source = {.form = HIPFX_REGION_SOURCE, .mix = 1};
    const struct hipfx_region inverse = {.form = HIPFX_REGION_SOURCE, .invert = true, .mix = 1};
    const struct hipfx_region outside = {
        HIPFX_REGION_RECTANGLE, 20 / 700.0, 20 / 300.0, 660 / 700.0, 260 / 300.0, 0, true, 1};
    struct rng rng = {4};
    struct picture in =
        picture_random(&rng, PICTURE_TRANSLUCENT, 700, 300, HIPFX_PIXEL_RGBA8_SRGB, 0);
    struct picture whole = mask_of(&all, 1, &in), middle = mask_of(&hole, 1, &in);
    struct picture scattered = mask_of(spots, 2, &in);
    for (size_t i = 0; i < sizeof(effects) / sizeof(effects[0]); i++) {
        bytes_for(&source, &whole, effects[i], &in); /* the memory is large enough then */
        const size_t most = bytes_for(&source, &whole, effects[i], &in);
        assert_true(most > 700 * 300 * 4);
        assert_true(bytes_for(&source, &scattered, effects[i], &in) < most / 2);
        assert_true(bytes_for(&inverse, &middle, effects[i], &in) < most * 9 / 10);
        assert_true(bytes_for(&outside, NULL, effects[i], &in) < most * 9 / 10);
        assert_true(bytes_for(&inverse, &whole, effects[i], &in) == 0);
    }
    picture_destroy(&in);
    picture_destroy(&whole);
    picture_destroy(&middle);
    picture_destroy(&scattered);
}

/* The blur's own picture of the mask is the mask. */
static void a_source_s_feather_is_a_gaussian(void **state)
{
    (void)state;
    struct rng rng = {3};
    struct hipfx_values values = hipfx_values_default(hipfx_effect_find("color"));
    struct hipfx_values blur = hipfx_values_default(hipfx_effect_find("gaussian_blur"));
    fixture_set("color", &values, "exposure_ev", -2);
    fixture_set("gaussian_blur", &blur, "sigma_px", 3);
    const int format = HIPFX_PIXEL_RGBA8_SRGB;
    struct picture in = picture_random(&rng, PICTURE_TRANSLUCENT, 90, 61, format, 0);
    struct picture mask = picture_random(&rng, PICTURE_EDGES, 90, 61, format, 0);
    struct picture soft = fixture_apply("gaussian_blur", &blur, 0, &mask);
    struct picture result = fixture_apply("color", &values, 0, &in);
    const struct hipfx_region region = {.form = HIPFX_REGION_SOURCE, .feather_px = 12, .mix = 1};
    struct picture got = fixture_apply_region(&region, &mask, "color", &values, 0, &in);
    expect_mixed(&in, &result, &got, &soft, false);
    picture_destroy(&got);
    picture_destroy(&in);
    picture_destroy(&mask);
    picture_destroy(&soft);
    picture_destroy(&result);
}

int main(int argc, char **argv)
{
    fixture_options(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reach_is_that_of_the_mask),
        cmocka_unit_test(the_reach_is_tight),
        cmocka_unit_test(nothing_and_everything_are_known),
        cmocka_unit_test(odd_values_are_brought_in),
        cmocka_unit_test(the_result_is_mixed_in_by_the_mask),
        cmocka_unit_test(what_is_out_of_reach_keeps_its_bytes),
        cmocka_unit_test(a_source_s_alpha_is_a_mask),
        cmocka_unit_test(a_source_s_mask_moves_over_any_effect),
        cmocka_unit_test(what_a_mask_does_not_reach_is_not_made),
        cmocka_unit_test(a_source_s_feather_is_a_gaussian),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
