/* The denoise effect against its reference, and what it does for pictures. */
#include "denoise_reference.h"
#include "fixture.h"
#include "quality.h"
#include "trail.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Decoding, and float where weights are on a slope. */
#define BYTES_BOUND 0.05

/* The same in light, as a part of the brightest around. */
#define HALVES_SLACK 2e-5

static struct hipfx_values values_of(const struct denoise *denoise)
{
    struct hipfx_values values = hipfx_values_default(hipfx_effect_find("denoise"));
    fixture_set("denoise", &values, "spatial", denoise->spatial);
    fixture_set("denoise", &values, "temporal", denoise->temporal);
    fixture_set("denoise", &values, "noise", denoise->noise);
    return values;
}

static struct picture apply(const struct denoise *denoise, double time_s, const struct picture *in)
{
    struct hipfx_values values = values_of(denoise);
    return fixture_apply("denoise", &values, time_s, in);
}

/* The brightest straight light, of a picture whose alpha may be small. */
static double brightest(const struct picture *p)
{
    double most = 0;
    for (int y = 0; y < p->height; y++) {
        for (int x = 0; x < p->width; x++) {
            struct light light = picture_at(p, x, y);
            for (int i = 0; i < 3 && light.v[3] > 0; i++)
                most = fmax(most, fabs(light.v[i] / light.v[3]));
        }
    }
    return fmin(most, 65504);
}

static void check_frame(const struct picture *in, const struct picture *out,
                        const struct light *want, const char *isa, uint64_t seed, int frame)
{
    const bool bytes = in->format == HIPFX_PIXEL_RGBA8_SRGB;
    const double slack = bytes ? 0 : HALVES_SLACK * brightest(in);
    for (int y = 0; y < in->height; y++) {
        for (int x = 0; x < in->width; x++) {
            double alpha = fabs(picture_at(in, x, y).v[3]);
            double excess = picture_excess(out, x, y, want[y * in->width + x], slack * alpha);
            if (!(excess <= (bytes ? BYTES_BOUND : 0.01)))
                fail_msg("%s, seed %llu, %dx%d at %d,%d in frame %d: %.4f steps off", isa,
                         (unsigned long long)seed, in->width, in->height, x, y, frame, excess);
        }
    }
}

#define FRAMES 4

static void check_sequence(struct picture frames[FRAMES], const struct denoise *denoise,
                           uint64_t seed)
{
    for (int image = 0; image < fixture_image_count(); image++) {
        const char *isa = fixture_use(image);
        struct denoise_history history = {0};
        fixture_forget();
        for (int i = 0; i < FRAMES; i++) {
            struct picture out = apply(denoise, i / 60.0, &frames[i]);
            struct light *want = reference_denoise(denoise, &frames[i], &history);
            check_frame(&frames[i], &out, want, isa, seed, i);
            free(want);
            picture_destroy(&out);
        }
        denoise_history_forget(&history);
    }
}

static struct denoise random_denoise(struct rng *rng)
{
    struct denoise d = {
        rng_between(rng, 0, 1),
        rng_between(rng, 0, 1),
        rng_below(rng, 2) ? rng_between(rng, 0.5, 50) : rng_between(rng, 2, 12),
    };
    int alone = rng_below(rng, 4);
    if (alone == 0)
        d.spatial = 0;
    else if (alone == 1)
        d.temporal = 0;
    return d;
}

/* Each pixel a little brighter or darker, as noise makes it. */
static void flicker(struct rng *rng, struct picture *p, double part)
{
    for (int y = 0; y < p->height; y++) {
        for (int x = 0; x < p->width; x++) {
            struct light light = picture_at(p, x, y);
            for (int i = 0; i < 3; i++)
                light.v[i] *= rng_between(rng, 1 - part, 1 + part);
            picture_set(p, x, y, light);
        }
    }
}

static void check_random_pictures(int format)
{
    static const int sizes[][2] = {{1, 1}, {1, 70}, {70, 1}, {63, 21}, {129, 37}, {150, 45}};
    for (uint64_t seed = 1; seed <= (uint64_t)fixture_rounds(40); seed++) {
        struct rng rng = {seed};
        const int *size = sizes[rng_below(&rng, 6)];
        enum picture_kind kind = (enum picture_kind)rng_below(&rng, PICTURE_KINDS);
        struct denoise denoise = random_denoise(&rng);
        const bool cut = rng_below(&rng, 4) == 0;
        const uint64_t content = seed * 1000;
        struct picture frames[FRAMES];
        for (int i = 0; i < FRAMES; i++) {
            struct rng of_frame = {content + (cut && i > 1)};
            frames[i] = picture_random(&of_frame, kind, size[0], size[1], format, 16 * (seed % 3));
            flicker(&rng, &frames[i], 0.1);
        }
        check_sequence(frames, &denoise, seed);
        for (int i = 0; i < FRAMES; i++)
            picture_destroy(&frames[i]);
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

/* What a photograph and noise are like, where patches are alike and weights between 0 and 1. */
static void noisy_scenes_agree_with_the_reference(void **state)
{
    (void)state;
    static const struct denoise ways[] = {{1, 0, 10}, {0, 1, 10}, {0.7, 0.6, 10}};
    struct rng rng = {3};
    struct picture frames[FRAMES];
    for (int i = 0; i < FRAMES; i++) {
        frames[i] = picture_scene(1, 210, 96);
        noise_add(&rng, &frames[i], 10);
    }
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        check_sequence(frames, &ways[i], i);
    for (int i = 0; i < FRAMES; i++)
        picture_destroy(&frames[i]);
}

static const struct denoise over_time = {0, 1, 9}, in_a_frame = {1, 0, 9}, both = {1, 1, 9};

#define NOISE 8.0 /* of the pictures: a little less than what the filter is told */

/* The scene with new noise. */
static struct picture noisy(struct rng *rng, const struct picture *scene, double codes)
{
    struct picture p = picture_create(scene->width, scene->height, scene->format, 0);
    memcpy(p.bytes, scene->bytes, scene->pitch * (size_t)scene->height);
    noise_add(rng, &p, codes);
    return p;
}

/* One grey in half, with normal noise in the codes that the filter judges by. */
static struct picture noisy_half(struct rng *rng, int size, double grey, double codes)
{
    struct picture p = picture_create(size, size, HIPFX_PIXEL_RGBA16F, 0);
    for (int y = 0; y < size; y++) {
        for (int x = 0; x < size; x++) {
            struct light light = {{0, 0, 0, 1}};
            for (int i = 0; i < 3; i++)
                light.v[i] = srgb_decode(grey + codes * noise_normal(rng));
            picture_set(&p, x, y, light);
        }
    }
    return p;
}

/* Mean and variance of a picture of one grey, in codes. */
static void spread(const struct picture *p, double *mean, double *variance)
{
    const double count = 3.0 * p->width * p->height;
    double sum = 0, squares = 0;
    for (int y = 0; y < p->height; y++) {
        for (int x = 0; x < p->width; x++) {
            for (int i = 0; i < 3; i++) {
                double code = srgb_encode(picture_at(p, x, y).v[i]);
                sum += code;
                squares += code * code;
            }
        }
    }
    *mean = sum / count;
    *variance = squares / count - *mean * *mean;
}

/* The variance falls as that of a mean of n does, on to where 8 bits and halves would have stalled
 * long ago, and the mean does not wander off. */
static void what_rests_converges(void **state)
{
    (void)state;
    fixture_skip_large();
    const double grey = 130;
    fixture_use(0);
    fixture_forget();
    struct rng rng = {5};
    for (int n = 1; n <= 256; n++) {
        double mean, variance;
        struct picture in = noisy_half(&rng, 64, grey, NOISE);
        struct picture out = apply(&over_time, n / 60.0, &in);
        spread(&out, &mean, &variance);
        if (!(variance < 1.25 * NOISE * NOISE / n) || !(fabs(mean - grey) < 0.5))
            fail_msg("frame %d: mean %g, variance %g instead of %g", n, mean, variance,
                     NOISE * NOISE / n);
        picture_destroy(&in);
        picture_destroy(&out);
    }
}

/* A bar that is well above the noise leaves nothing from the next frame on; one that is hardly seen
 * in it leaves less than the noise. */
static void nothing_trails_behind_what_moves(void **state)
{
    (void)state;
    fixture_skip_large();
    static const struct {
        int contrast;
        double bound;
    } bars[] = {{120, 1}, {-80, 1}, {40, 1.5}, {16, 0.75 * NOISE}, {8, 0.75 * NOISE}};
    const struct hipfx_values values = values_of(&over_time);
    fixture_use(0);
    for (size_t i = 0; i < sizeof(bars) / sizeof(bars[0]); i++) {
        for (int step = 1; step <= 4; step += 3) {
            double residue = denoise_trail(&values, NOISE, bars[i].contrast, step, 1);
            if (!(residue <= bars[i].bound))
                fail_msg("contrast %d, %d px a frame: %g codes are left", bars[i].contrast, step,
                         residue);
        }
    }
}

/* What comes after a cut is all but as if nothing had been before. */
static void a_cut_leaves_nothing(void **state)
{
    (void)state;
    struct picture before = picture_scene(11, 160, 96), after = picture_scene(12, 160, 96);
    fixture_use(0);
    fixture_forget();
    struct rng rng = {7};
    for (int i = 0; i < 20; i++) {
        struct picture in = noisy(&rng, &before, NOISE);
        struct picture out = apply(&both, i / 60.0, &in);
        picture_destroy(&in);
        picture_destroy(&out);
    }
    struct picture in = noisy(&rng, &after, NOISE);
    struct picture out = apply(&both, 20 / 60.0, &in);
    fixture_forget();
    struct picture fresh = apply(&both, 21 / 60.0, &in);
    assert_true(quality_psnr(&out, &after) > quality_psnr(&fresh, &after) - 1);
    picture_destroy(&before);
    picture_destroy(&after);
    picture_destroy(&in);
    picture_destroy(&out);
    picture_destroy(&fresh);
}

/* A gap, a clock set back, a hidden filter, another size or format: the frame by itself. */
static void what_was_before_a_gap_is_forgotten(void **state)
{
    (void)state;
    static const struct {
        double time_s;
        bool forgets;
        int width, format;
        bool anew;
    } steps[] = {
        {0, false, 90, HIPFX_PIXEL_RGBA8_SRGB, true},
        {0.1, false, 90, HIPFX_PIXEL_RGBA8_SRGB, false},
        {0.1, false, 90, HIPFX_PIXEL_RGBA8_SRGB, false},
        {0.3, false, 90, HIPFX_PIXEL_RGBA8_SRGB, false},
        {0.6, false, 90, HIPFX_PIXEL_RGBA8_SRGB, true},
        {0.5, false, 90, HIPFX_PIXEL_RGBA8_SRGB, true},
        {0.6, true, 90, HIPFX_PIXEL_RGBA8_SRGB, true},
        {0.7, false, 80, HIPFX_PIXEL_RGBA8_SRGB, true},
        {0.8, false, 80, HIPFX_PIXEL_RGBA16F, true},
        {0.9, false, 80, HIPFX_PIXEL_RGBA16F, false},
    };
    struct rng rng = {8};
    fixture_use(0);
    fixture_forget();
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        struct rng of_scene = {1};
        struct picture in =
            picture_random(&of_scene, PICTURE_EDGES, steps[i].width, 50, steps[i].format, 0);
        flicker(&rng, &in, 0.1);
        if (steps[i].forgets)
            fixture_forget();
        struct picture out = apply(&both, steps[i].time_s, &in);
        struct picture alone = apply(&in_a_frame, steps[i].time_s, &in);
        assert_int_equal(picture_same_bytes(&out, &alone), steps[i].anew);
        picture_destroy(&in);
        picture_destroy(&out);
        picture_destroy(&alone);
    }
}

static bool same_in(const struct hipfx_rect *area, const struct picture *a, const struct picture *b)
{
    for (int y = area->top; y < area->bottom; y++) {
        const size_t at = (size_t)y * a->pitch + (size_t)area->left * 4;
        if (memcmp(a->bytes + at, b->bytes + at, (size_t)(area->right - area->left) * 4) != 0)
            return false;
    }
    return true;
}

/* The area's pixels are the whole frame's, in each frame, while the scene rests. When the area
 * moves on, what it covers newly starts there. */
static void an_area_is_a_part_of_the_whole(void **state)
{
    (void)state;
    static const struct hipfx_rect area = {32, 11, 97, 60}, moved = {112, 11, 170, 60};
    const struct hipfx_values values = values_of(&both), alone = values_of(&in_a_frame);
    struct picture scene = picture_scene(13, 200, 80);
    for (int image = 0; image < fixture_image_count(); image++) {
        fixture_use(image);
        struct picture whole[3];
        struct rng rng = {9};
        fixture_forget();
        for (int i = 0; i < 3; i++) {
            struct picture in = noisy(&rng, &scene, NOISE);
            whole[i] = fixture_apply("denoise", &values, i / 60.0, &in);
            picture_destroy(&in);
        }
        rng = (struct rng){9};
        fixture_forget();
        for (int i = 0; i < 3; i++) {
            struct picture in = noisy(&rng, &scene, NOISE);
            struct picture part = fixture_apply_in(&area, "denoise", &values, i / 60.0, &in);
            assert_true(same_in(&area, &part, &whole[i]));
            picture_destroy(&in);
            picture_destroy(&part);
        }
        struct picture in = noisy(&rng, &scene, NOISE);
        struct picture part = fixture_apply_in(&moved, "denoise", &values, 3 / 60.0, &in);
        struct picture first = fixture_apply_in(&moved, "denoise", &alone, 3 / 60.0, &in);
        const struct hipfx_rect new_part = {128, 11, 170, 60}; /* beyond what was kept around */
        assert_true(same_in(&new_part, &part, &first));
        picture_destroy(&in);
        picture_destroy(&part);
        picture_destroy(&first);
        for (int i = 0; i < 3; i++)
            picture_destroy(&whole[i]);
    }
    picture_destroy(&scene);
}

/* A strong colour with a hard edge to nothing, over a half covered column. */
static void edges_of_coverage_get_no_fringe(void **state)
{
    (void)state;
    enum { width = 96, height = 64, edge = 50 };
    static const double color[3] = {220, 60, 90};
    struct rng rng = {10};
    struct picture in = picture_create(width, height, HIPFX_PIXEL_RGBA8_SRGB, 0);
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            struct light light = {{0, 0, 0, x < edge ? 1 : x == edge ? 0.5 : 0}};
            for (int i = 0; i < 3; i++)
                light.v[i] = srgb_decode(color[i] + NOISE * noise_normal(&rng)) * light.v[3];
            picture_set(&in, x, y, light);
        }
    }
    for (int image = 0; image < fixture_image_count(); image++) {
        fixture_use(image);
        struct picture out = apply(&in_a_frame, 0, &in);
        for (int x = edge - 2; x <= edge; x++) {
            double mean[3] = {0};
            for (int y = 0; y < height; y++) {
                struct light light = picture_at(&out, x, y);
                assert_true(light.v[3] == picture_at(&in, x, y).v[3]);
                for (int i = 0; i < 3; i++)
                    mean[i] += srgb_encode(light.v[i] / light.v[3]) / height;
            }
            for (int i = 0; i < 3; i++)
                assert_true(fabs(mean[i] - color[i]) < 3);
        }
        for (int y = 0; y < height; y++)
            for (int x = edge + 1; x < width; x++)
                assert_memory_equal(out.bytes + (size_t)y * out.pitch + (size_t)x * 4,
                                    in.bytes + (size_t)y * in.pitch + (size_t)x * 4, 4);
        picture_destroy(&out);
    }
    picture_destroy(&in);
}

/* NaN counts as 0 and an infinity as the largest half, and neither is kept for the next frame. */
static void what_is_not_a_number_is_taken_out(void **state)
{
    (void)state;
    static const double odd[] = {NAN, INFINITY, -INFINITY};
    for (int image = 0; image < fixture_image_count(); image++) {
        fixture_use(image);
        for (int i = 0; i < 3; i++) {
            struct rng rng = {12};
            struct picture in =
                picture_random(&rng, PICTURE_OPAQUE, 50, 40, HIPFX_PIXEL_RGBA16F, 0);
            picture_set(&in, 20, 20, (struct light){{odd[i], odd[i], odd[i], 1}});
            fixture_forget();
            for (int frame = 0; frame < 2; frame++) {
                struct picture out = apply(&both, frame / 60.0, &in);
                for (int y = 0; y < in.height; y++)
                    for (int x = 0; x < in.width; x++)
                        for (int j = 0; j < 4; j++)
                            assert_true(isfinite(picture_at(&out, x, y).v[j]));
                picture_destroy(&out);
            }
            picture_destroy(&in);
        }
    }
}

/* In decibels and in structure, against the noise and against smart denoise with what suits it
 * best among its usual settings. tests/bench/denoise_quality.c does the same on photographs. */
static void scenes_gain_more_than_by_smart_denoise(void **state)
{
    (void)state;
    fixture_skip_large();
    static const double sigmas[] = {1.5, 2.25, 3}, thresholds[] = {2, 2.5, 3, 3.5};
    const double codes = 20;
    const struct denoise way = {1, 0, codes};
    fixture_use(0);
    for (uint64_t seed = 1; seed <= 2; seed++) {
        struct rng rng = {seed};
        struct picture scene = picture_scene(seed, 256, 192), in = noisy(&rng, &scene, codes);
        struct picture out = apply(&way, 0, &in);
        const double psnr = quality_psnr(&out, &scene), ssim = quality_ssim(&out, &scene);
        assert_true(psnr > quality_psnr(&in, &scene) + 9);
        assert_true(ssim > quality_ssim(&in, &scene) + 0.3);
        for (int i = 0; i < 12; i++) {
            struct picture smart =
                smart_denoise(&in, sigmas[i % 3], 2, thresholds[i / 3] * codes / 255);
            assert_true(psnr > quality_psnr(&smart, &scene) + 0.25);
            assert_true(ssim > quality_ssim(&smart, &scene) + 0.005);
            picture_destroy(&smart);
        }
        picture_destroy(&scene);
        picture_destroy(&in);
        picture_destroy(&out);
    }
}

int main(int argc, char **argv)
{
    fixture_options(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_agree_with_the_reference),
        cmocka_unit_test(halves_agree_with_the_reference),
        cmocka_unit_test(noisy_scenes_agree_with_the_reference),
        cmocka_unit_test(what_rests_converges),
        cmocka_unit_test(nothing_trails_behind_what_moves),
        cmocka_unit_test(a_cut_leaves_nothing),
        cmocka_unit_test(what_was_before_a_gap_is_forgotten),
        cmocka_unit_test(an_area_is_a_part_of_the_whole),
        cmocka_unit_test(edges_of_coverage_get_no_fringe),
        cmocka_unit_test(what_is_not_a_number_is_taken_out),
        cmocka_unit_test(scenes_gain_more_than_by_smart_denoise),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
