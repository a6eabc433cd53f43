/* The sine_wave effect against its reference. */
#include "fixture.h"
#include "reference.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* The curve's place is exact to a fraction of a thousandth of a pixel. In black beside white, where
 * sRGB's codes lie closest, that may be this much of a code; elsewhere it is far less. */
#define BYTES_BOUND 0.05

/* In light, at an edge between light and none. */
#define HALVES_SLACK 4e-4

static struct hipfx_values values_of(const struct wave *wave)
{
    struct hipfx_values values = hipfx_values_default(hipfx_effect_find("sine_wave"));
    fixture_set("sine_wave", &values, "offset", wave->offset);
    fixture_set("sine_wave", &values, "amplitude", wave->amplitude);
    fixture_set("sine_wave", &values, "cycles", wave->cycles);
    fixture_set("sine_wave", &values, "speed", wave->speed);
    fixture_set("sine_wave", &values, "phase", wave->phase);
    fixture_set("sine_wave", &values, "thickness_px", wave->thickness_px);
    fixture_set("sine_wave", &values, "color", wave->color);
    fixture_set("sine_wave", &values, "opacity", wave->opacity);
    fixture_set("sine_wave", &values, "style", wave->style);
    return values;
}

static struct picture apply(const struct wave *wave, const struct picture *in)
{
    struct hipfx_values values = values_of(wave);
    return fixture_apply("sine_wave", &values, wave->time_s, in);
}

#define IMAGES_MAX 4

/* What each image makes of the picture. */
struct results {
    struct picture out[IMAGES_MAX];
    const char *isa[IMAGES_MAX];
    int count;
};

static struct results apply_each(const struct wave *wave, const struct picture *in)
{
    struct results results = {.count = fixture_image_count()};
    assert_true(results.count <= IMAGES_MAX);
    for (int i = 0; i < results.count; i++) {
        results.isa[i] = fixture_use(i);
        results.out[i] = apply(wave, in);
    }
    return results;
}

static void destroy_results(struct results *results)
{
    for (int i = 0; i < results->count; i++)
        picture_destroy(&results->out[i]);
}

static void compare_pixel(const struct picture *in, const struct results *results,
                          const struct wave *wave, int x, int y, uint64_t seed)
{
    struct light want = reference_wave(in, wave, x, y);
    bool bytes = in->format == HIPFX_PIXEL_RGBA8_SRGB;
    double most = 1;
    for (int i = 0; i < 4; i++)
        most = fmax(most, fabs(picture_at(in, x, y).v[i]));
    for (int i = 0; i < results->count; i++) {
        double excess =
            picture_excess(&results->out[i], x, y, want, bytes ? 0 : HALVES_SLACK * most);
        if (excess <= (bytes ? BYTES_BOUND : 0.01))
            continue;
        fail_msg("%s, seed %llu, %dx%d at %d,%d: %.4f steps off; style %d, offset %g, "
                 "amplitude %g, cycles %g, speed %g, phase %g, thickness %g, colour %x, "
                 "opacity %g, time %g",
                 results->isa[i], (unsigned long long)seed, in->width, in->height, x, y, excess,
                 (int)wave->style, wave->offset, wave->amplitude, wave->cycles, wave->speed,
                 wave->phase, wave->thickness_px, wave->color, wave->opacity, wave->time_s);
    }
}

static void check_all(const struct picture *in, const struct wave *wave, uint64_t seed)
{
    struct results results = apply_each(wave, in);
    for (int y = 0; y < in->height; y++)
        for (int x = 0; x < in->width; x++)
            compare_pixel(in, &results, wave, x, y, seed);
    destroy_results(&results);
}

static struct wave random_wave(struct rng *rng, int width)
{
    struct wave wave = {
        .offset = rng_between(rng, -0.6, 0.6),
        .amplitude = rng_below(rng, 8) == 0 ? 0 : rng_between(rng, 0, 0.6),
        .cycles = rng_below(rng, 8) == 0 ? 0 : rng_between(rng, 0, fmin(20, width / 6.0)),
        .speed = rng_between(rng, -10, 10),
        .phase = rng_between(rng, -6, 6),
        .thickness_px =
            rng_below(rng, 3) == 0 ? rng_between(rng, 0.1, 60) : rng_between(rng, 0.1, 6),
        .color = rng_next(rng) | (rng_below(rng, 2) ? 0xff000000 : 0),
        .opacity = rng_below(rng, 2) ? 1 : rng_between(rng, 0, 1),
        .style = rng_below(rng, 3),
        .time_s = rng_between(rng, 0, 1000),
    };
    return wave;
}

static const struct fixture_pictures pictures = {
    .count = 120,
    .last_kind = PICTURE_ANY,
    .sizes = {{1, 1}, {1, 50}, {50, 1}, {63, 30}, {129, 41}, {190, 32}},
};

static void check_random(const struct picture *in, struct rng *rng, uint64_t seed)
{
    const struct wave wave = random_wave(rng, in->width);
    check_all(in, &wave, seed);
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

/* Pixels on and around the curve of a large frame, and some anywhere. */
static void check_some(const struct picture *in, const struct wave *wave, int count, uint64_t seed)
{
    struct rng rng = {seed};
    struct results results = apply_each(wave, in);
    for (int i = 0; i < count; i++) {
        int x = rng_below(&rng, in->width), y = rng_below(&rng, in->height);
        if (i % 4 == 1) { /* at the height of the tips, between them too */
            double tip = (i / 4 % 2 ? 1 : -1) * wave->amplitude + 0.5 + wave->offset;
            double reach = wave->thickness_px / 2 + 1.5;
            y = (int)(tip * in->height + rng_between(&rng, -reach, reach));
            y = y < 0 ? 0 : y >= in->height ? in->height - 1 : y;
        } else if (i % 4 != 0) {
            double reach = wave->thickness_px / 2 + 1.5;
            double at = rng_between(&rng, 0, in->width);
            x = (int)(at + rng_between(&rng, -reach, reach));
            x = x < 0 ? 0 : x >= in->width ? in->width - 1 : x;
            y = (int)(reference_wave_height(in, wave, (int)at) + rng_between(&rng, -reach, reach));
            y = y < 0 ? 0 : y >= in->height ? in->height - 1 : y;
        }
        compare_pixel(in, &results, wave, x, y, seed);
    }
    destroy_results(&results);
}

/* Steep waves have tips narrower than a pixel: no spikes there, and no gaps. */
static void steep_waves_agree(void **state)
{
    (void)state;
    fixture_skip_large();
    static const struct wave waves[] = {
        {.amplitude = 0.4, .cycles = 20, .thickness_px = 4, .opacity = 1, .color = 0xffffffff},
        {.amplitude = 0.5, .cycles = 60, .thickness_px = 3, .opacity = 1, .color = 0xff0080ff},
        {.amplitude = 0.4, .cycles = 100, .thickness_px = 1, .opacity = 1, .color = 0xffffffff},
        {.amplitude = 1, .cycles = 33.3, .thickness_px = 9, .opacity = 1, .color = 0xff00ff00},
        {.amplitude = 0.4, .cycles = 7, .thickness_px = 120, .opacity = 0.7, .color = 0x80ffffff},
        {.amplitude = 0.4, .cycles = 16, .thickness_px = 70, .opacity = 1, .color = 0xffffffff},
        {.amplitude = 0.4, .cycles = 16, .thickness_px = 76, .opacity = 1, .color = 0xffffffff},
        {.amplitude = 0.2, .cycles = 3, .thickness_px = 500, .opacity = 1, .color = 0xffffffff},
        {.amplitude = 0.3, .cycles = 20, .opacity = 1, .color = 0xffffffff, .style = WAVE_FILL},
        {.amplitude = 0.5, .cycles = 100, .opacity = 1, .color = 0xffffffff, .style = WAVE_FILL},
    };
    struct rng rng = {3};
    struct picture in = picture_random(&rng, PICTURE_EDGES, 1280, 720, HIPFX_PIXEL_RGBA8_SRGB, 0);
    for (size_t i = 0; i < sizeof(waves) / sizeof(waves[0]); i++)
        check_some(&in, &waves[i], 2000, i + 1);
    picture_destroy(&in);
}

/* A warp that moves columns side by side by anything from nothing to hundreds of rows. */
static void steep_warps_agree(void **state)
{
    (void)state;
    static const struct wave waves[] = {
        {.amplitude = 0.9, .cycles = 3, .opacity = 1, .style = WAVE_WARP},
        {.amplitude = 0.3, .cycles = 1, .opacity = 0.6, .style = WAVE_WARP},
    };
    for (int format = HIPFX_PIXEL_RGBA8_SRGB; format <= HIPFX_PIXEL_RGBA16F; format++) {
        struct rng rng = {5};
        struct picture in = picture_random(&rng, PICTURE_EDGES, 70, 401, format, 0);
        for (size_t i = 0; i < sizeof(waves) / sizeof(waves[0]); i++)
            check_all(&in, &waves[i], i + 1);
        picture_destroy(&in);
    }
}

static void a_4k_frame_agrees(void **state)
{
    (void)state;
    fixture_skip_large();
    struct rng rng = {4};
    struct picture in = picture_random(&rng, PICTURE_EDGES, 3840, 2160, HIPFX_PIXEL_RGBA8_SRGB, 0);
    for (int style = WAVE_LINE; style <= WAVE_WARP; style++) {
        struct wave wave = {.amplitude = 0.45,
                            .cycles = 11,
                            .speed = 0.37,
                            .thickness_px = 5,
                            .opacity = 1,
                            .color = 0xffffffff,
                            .style = style,
                            .time_s = 12345.678};
        check_some(&in, &wave, 2000, 5);
    }
    picture_destroy(&in);
}

/* One frame of 60 a second moves the wave by the same way after a month as at the start. */
static void the_wave_is_smooth_after_days(void **state)
{
    (void)state;
    fixture_skip_large();
    struct picture in = picture_create(400, 200, HIPFX_PIXEL_RGBA8_SRGB, 0);
    static const double starts[] = {0, 1, 60, 3600, 86400, 604800, 2678400};
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        for (int frame = 0; frame < 3; frame++) {
            struct wave wave = {.amplitude = 0.4,
                                .cycles = 2,
                                .speed = 0.25,
                                .thickness_px = 2,
                                .opacity = 1,
                                .color = 0xffffffff,
                                .time_s = starts[i] + frame / 60.0};
            check_some(&in, &wave, 300, 6);
        }
    }
    picture_destroy(&in);
}

/* Bytes that the line does not touch are the input's, whatever they are. */
static void what_the_line_does_not_touch_is_kept(void **state)
{
    (void)state;
    for (int format = HIPFX_PIXEL_RGBA8_SRGB; format <= HIPFX_PIXEL_RGBA16F; format++) {
        const size_t size = format == HIPFX_PIXEL_RGBA8_SRGB ? 4 : 8;
        struct picture in = picture_create(300, 200, format, 0);
        struct rng rng = {8};
        for (size_t i = 0; i < in.pitch * 200; i++) /* for half: NaN and infinities among them */
            in.bytes[i] = (unsigned char)rng_next(&rng);
        const struct wave wave = {
            .amplitude = 0.2, .cycles = 3, .thickness_px = 4, .opacity = 1, .color = 0xffffffff};
        for (int image = 0; image < fixture_image_count(); image++) {
            fixture_use(image);
            struct picture out = apply(&wave, &in);
            int touched = 0;
            for (int x = 0; x < in.width; x++) {
                /* The distance is at most the difference in height over the slope's secant. */
                double slope = 0.2 * 200 * 2 * M_PI * 3 / 300;
                double reach = 2.6 * sqrt(1 + slope * slope);
                for (int y = 0; y < in.height; y++) {
                    size_t at = (size_t)y * in.pitch + (size_t)x * size;
                    bool same = memcmp(in.bytes + at, out.bytes + at, size) == 0;
                    if (fabs(reference_wave_height(&in, &wave, x) - (y + 0.5)) > reach)
                        assert_true(same);
                    touched += !same;
                }
            }
            assert_true(touched > 4 * 300);
            picture_destroy(&out);
        }
        picture_destroy(&in);
    }
}

/* The warp of a frame of two rows by one row, half mixed in, makes the mean of the two: exactly
 * between two halves that follow each other. All finite ones from 0 up, and their negatives. */
static void halves_are_rounded_to_nearest_even(void **state)
{
    (void)state;
    fixture_skip_large();
    const int count = 0x7bff;
    const struct wave wave = {.offset = -0.5, .opacity = 0.5, .style = WAVE_WARP};
    struct picture in = picture_create(count, 2, HIPFX_PIXEL_RGBA16F, 0);
    uint16_t *rows[2] = {(uint16_t *)in.bytes, (uint16_t *)(in.bytes + in.pitch)};
    for (int i = 0; i < count; i++) {
        for (int channel = 0; channel < 4; channel++) {
            rows[0][4 * i + channel] = (uint16_t)(i | (channel & 1) << 15);
            rows[1][4 * i + channel] = (uint16_t)((i + 1) | (channel & 1) << 15);
        }
    }
    for (int image = 0; image < fixture_image_count(); image++) {
        fixture_use(image);
        struct picture out = apply(&wave, &in);
        const uint16_t *result = (const uint16_t *)out.bytes;
        for (int i = 0; i < 4 * count; i++) {
            int size = i / 4, even = size % 2 ? size + 1 : size;
            assert_int_equal(result[i] & 0x7fff, even);
            if (even != 0)
                assert_int_equal(result[i] >> 15, i & 1);
        }
        picture_destroy(&out);
    }
    picture_destroy(&in);
}

int main(int argc, char **argv)
{
    fixture_options(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_agree_with_the_reference),
        cmocka_unit_test(halves_agree_with_the_reference),
        cmocka_unit_test(steep_waves_agree),
        cmocka_unit_test(steep_warps_agree),
        cmocka_unit_test(a_4k_frame_agrees),
        cmocka_unit_test(the_wave_is_smooth_after_days),
        cmocka_unit_test(what_the_line_does_not_touch_is_kept),
        cmocka_unit_test(halves_are_rounded_to_nearest_even),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
