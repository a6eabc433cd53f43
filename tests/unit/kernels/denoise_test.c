/* The denoise effect against its reference, and what it does for pictures. */
#include "denoise_reference.h"
#include "fixture.h"
#include "quality.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

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

/* A few frames of the same, apart by noise and by what `moves` says. */
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

int main(int argc, char **argv)
{
    fixture_options(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_agree_with_the_reference),
        cmocka_unit_test(halves_agree_with_the_reference),
        cmocka_unit_test(noisy_scenes_agree_with_the_reference),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
