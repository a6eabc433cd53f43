/* What every effect must keep: neutral settings, sound frames, values out of range. */
#include "fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct {
    const char *effect, *key;
    double value;
} neutrals[] = {
    {"sine_wave", "opacity", 0},        {"sine_wave", "thickness_px", 0},
    {"sine_wave", "color", 0x00ffffff}, {"color", "exposure_ev", 0},
    {"gaussian_blur", "sigma_px", 0},   {"vignette", "amount", 0},
    {"vignette", "color", 0x00ffffff},  {"chromatic_aberration", "radial_px", 0},
    {"sharpen", "strength", 0},         {"film_grain", "amount", 0},
    {"deband", "threshold", 0},         {"lut", "amount", 0},
    {"pixelate", "size_px", 1},         {"directional_blur", "length_px", 0},
    {"tilt_shift", "sigma_px", 0},      {"bokeh", "radius_px", 0},
    {"zoom_blur", "amount", 0},         {"denoise", "noise", 0},
};

/* Colour without alpha, colour above alpha, NaN: any bytes at all. */
static void neutral_settings_give_any_bytes_back(void **state)
{
    (void)state;
    for (int format = HIPFX_PIXEL_RGBA8_SRGB; format <= HIPFX_PIXEL_RGBA16F; format++) {
        struct rng rng = {1};
        struct picture in = picture_create(173, 61, format, 48);
        for (int y = 0; y < in.height; y++)
            for (int x = 0; x < 173 * (format == HIPFX_PIXEL_RGBA8_SRGB ? 4 : 8); x++)
                in.bytes[(size_t)y * in.pitch + (size_t)x] = (unsigned char)rng_next(&rng);

        for (size_t i = 0; i < sizeof(neutrals) / sizeof(neutrals[0]); i++) {
            const struct hipfx_effect *effect = hipfx_effect_find(neutrals[i].effect);
            struct hipfx_values values = hipfx_values_default(effect);
            fixture_set(effect->id, &values, neutrals[i].key, neutrals[i].value);
            assert_true(effect->is_neutral(&values));
            struct picture out = fixture_apply(effect->id, &values, 1.5, &in);
            assert_true(picture_same_bytes(&in, &out));
            picture_destroy(&out);
        }
        picture_destroy(&in);
    }
}

static void no_strength_is_neutral(void **state)
{
    (void)state;
    struct rng rng = {4};
    struct picture in = picture_random(&rng, PICTURE_ANY, 50, 50, HIPFX_PIXEL_RGBA8_SRGB, 0);
    const struct hipfx_effect *denoise = hipfx_effect_find("denoise");
    struct hipfx_values values = hipfx_values_default(denoise);
    fixture_set("denoise", &values, "spatial", 0);
    fixture_set("denoise", &values, "temporal", 0);
    assert_true(denoise->is_neutral(&values));
    struct picture out = fixture_apply("denoise", &values, 0, &in);
    assert_true(picture_same_bytes(&in, &out));
    picture_destroy(&out);
    picture_destroy(&in);
}

static void a_flat_warp_is_neutral(void **state)
{
    (void)state;
    struct rng rng = {2};
    struct picture in = picture_random(&rng, PICTURE_ANY, 50, 50, HIPFX_PIXEL_RGBA8_SRGB, 0);
    struct hipfx_values values = hipfx_values_default(hipfx_effect_find("sine_wave"));
    fixture_set("sine_wave", &values, "style", 2);
    fixture_set("sine_wave", &values, "amplitude", 0);
    struct picture out = fixture_apply("sine_wave", &values, 0, &in);
    assert_true(picture_same_bytes(&in, &out));
    picture_destroy(&out);
    picture_destroy(&in);
}

/* Defaults that show nothing would look like a filter that does not work. */
static void a_new_wave_is_seen(void **state)
{
    (void)state;
    struct picture in = picture_create(64, 64, HIPFX_PIXEL_RGBA8_SRGB, 0);
    struct hipfx_values values = hipfx_values_default(hipfx_effect_find("sine_wave"));
    struct picture out = fixture_apply("sine_wave", &values, 0, &in);
    assert_false(picture_same_bytes(&in, &out));
    picture_destroy(&out);
    picture_destroy(&in);
}

/* A value outside its range works as the one inside that it stands for. */
static void values_out_of_range_are_brought_in(void **state)
{
    (void)state;
    static const double odd[] = {NAN, INFINITY, -INFINITY, 1e30, -1e30};
    struct rng rng = {3};
    struct picture in =
        picture_random(&rng, PICTURE_TRANSLUCENT, 90, 40, HIPFX_PIXEL_RGBA8_SRGB, 0);
    for (int e = 0; e < hipfx_effect_count; e++) {
        const struct hipfx_effect *effect = hipfx_effects[e];
        for (int i = 0; i < effect->param_count; i++) {
            for (size_t j = 0; j < sizeof(odd) / sizeof(odd[0]); j++) {
                struct hipfx_values values = hipfx_values_default(effect), inside = values;
                values.v[i] = odd[j];
                inside.v[i] = hipfx_param_clamp(&effect->params[i], odd[j]);
                fixture_forget();
                struct picture out = fixture_apply(effect->id, &values, 1, &in);
                fixture_forget();
                struct picture want = fixture_apply(effect->id, &inside, 1, &in);
                assert_true(picture_same_bytes(&want, &out));
                picture_destroy(&out);
                picture_destroy(&want);
            }
        }
    }
    picture_destroy(&in);
}

static void frames_that_cannot_be_right_are_refused(void **state)
{
    (void)state;
    const struct hipfx_frame good = {.data = fixture_memory((size_t)16 * 16 * 4),
                                     .pitch = (size_t)16 * 4,
                                     .width = 16,
                                     .height = 16,
                                     .format = HIPFX_PIXEL_RGBA8_SRGB};
    struct hipfx_frame out = good;
    out.data = fixture_memory((size_t)16 * 16 * 4);
    struct hipfx_frame bad[] = {good, good, good, good, good, good, good, good, good};
    bad[0].data = NULL;
    bad[1].width = 0;
    bad[2].height = -1;
    bad[3].pitch = 15 * 4;
    bad[4].pitch = 16 * 4 + 2;
    bad[5].format = HIPFX_PIXEL_NONE;
    bad[6].width = 15; /* sound, but not like the other */
    bad[7].data = (char *)good.data + 4;
    bad[8].pitch = UINT64_C(1) << 32;
    for (int e = 0; e < hipfx_effect_count; e++) {
        const char *id = hipfx_effects[e]->id;
        struct hipfx_why why = {0};
        assert_true(fixture_accepts(id, &good, &out, &why));
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
            why = (struct hipfx_why){0};
            assert_false(fixture_accepts(id, &bad[i], &out, &why));
            assert_true(why.text[0] != 0);
        }
    }
}

int main(int argc, char **argv)
{
    fixture_options(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neutral_settings_give_any_bytes_back),
        cmocka_unit_test(no_strength_is_neutral),
        cmocka_unit_test(a_flat_warp_is_neutral),
        cmocka_unit_test(a_new_wave_is_seen),
        cmocka_unit_test(values_out_of_range_are_brought_in),
        cmocka_unit_test(frames_that_cannot_be_right_are_refused),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
