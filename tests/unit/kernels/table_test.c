/* The effect table by itself. */
#include "kernels/effect.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void check_keys(const char *effect, const char *const keys[], int count)
{
    const struct hipfx_effect *e = hipfx_effect_find(effect);
    assert_non_null(e);
    assert_int_equal(e->param_count, count);
    for (int i = 0; i < count; i++)
        assert_int_not_equal(hipfx_param_find(e, keys[i]), -1);
}

/* They stand in users' settings. */
static void the_settings_keys_are_the_promised_ones(void **state)
{
    (void)state;
    static const char *const sine_wave[] = {"offset", "amplitude", "cycles",
                                            "speed",  "phase",     "thickness_px",
                                            "color",  "opacity",   "style"};
    static const char *const color[] = {"exposure_ev", "contrast", "saturation"};
    static const char *const directional_blur[] = {"length_px", "angle_deg", "profile", "edge"};
    static const char *const zoom_blur[] = {"center_x", "center_y", "amount"};
    static const char *const bokeh[] = {"radius_px", "edge"};
    static const char *const tilt_shift[] = {"sigma_px", "center_x",  "center_y", "width",
                                             "feather",  "angle_deg", "edge"};
    static const char *const pixelate[] = {"shape", "size_px", "origin_x", "origin_y"};
    static const char *const gaussian_blur[] = {"sigma_px", "edge"};
    check_keys("sine_wave", sine_wave, 9);
    check_keys("color", color, 3);
    check_keys("gaussian_blur", gaussian_blur, 2);
    check_keys("pixelate", pixelate, 4);
    check_keys("tilt_shift", tilt_shift, 7);
    check_keys("bokeh", bokeh, 2);
    check_keys("zoom_blur", zoom_blur, 3);
    check_keys("directional_blur", directional_blur, 4);
    static const char *const grade[] = {
        "exposure_ev", "temperature_k", "tint",      "contrast",   "pivot",     "lift",
        "lift_red",    "lift_green",    "lift_blue", "gamma",      "gamma_red", "gamma_green",
        "gamma_blue",  "gain",          "gain_red",  "gain_green", "gain_blue", "saturation",
        "vibrance",    "curve_0",       "curve_25",  "curve_50",   "curve_75",  "curve_100",
        "red_0",       "red_25",        "red_50",    "red_75",     "red_100",   "green_0",
        "green_25",    "green_50",      "green_75",  "green_100",  "blue_0",    "blue_25",
        "blue_50",     "blue_75",       "blue_100"};
    static const char *const lut[] = {"path", "amount"};
    check_keys("grade", grade, 39);
    check_keys("lut", lut, 2);
    static const char *const sharpen[] = {"strength"};
    static const char *const deband[] = {"threshold", "range_px", "iterations", "grain", "rate_hz"};
    static const char *const film_grain[] = {"amount", "size_px", "response", "chroma", "rate_hz"};
    static const char *const dither[] = {"bits", "pattern", "rate_hz"};
    static const char *const vignette[] = {"amount",   "radius",   "softness", "roundness",
                                           "center_x", "center_y", "color"};
    static const char *const aberration[] = {"radial_px", "linear_px", "angle_deg", "center_x",
                                             "center_y"};
    check_keys("sharpen", sharpen, 1);
    check_keys("deband", deband, 5);
    check_keys("film_grain", film_grain, 5);
    check_keys("dither", dither, 3);
    check_keys("vignette", vignette, 7);
    check_keys("chromatic_aberration", aberration, 5);
    static const char *const denoise[] = {"spatial", "temporal", "noise"};
    check_keys("denoise", denoise, 3);

    const struct hipfx_effect *wave = hipfx_effect_find("sine_wave");
    const struct hipfx_param *style = &wave->params[hipfx_param_find(wave, "style")];
    assert_int_equal(hipfx_choice_find(style, "line"), 0);
    assert_int_equal(hipfx_choice_find(style, "fill"), 1);
    assert_int_equal(hipfx_choice_find(style, "warp"), 2);
    assert_int_equal(hipfx_choice_find(style, "lines"), -1);
    assert_null(hipfx_effect_find("sine"));
    assert_int_equal(hipfx_param_find(wave, "color2"), -1);
}

static bool is_snake_case(const char *text)
{
    return text[0] >= 'a' && text[0] <= 'z' &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(text);
}

static void names_are_unique_and_snake_case(void **state)
{
    (void)state;
    for (int i = 0; i < hipfx_effect_count; i++) {
        const struct hipfx_effect *e = hipfx_effects[i];
        assert_true(is_snake_case(e->id));
        assert_ptr_equal(hipfx_effect_find(e->id), e);
        assert_true(e->param_count > 0 && e->param_count <= HIPFX_PARAMS_MAX);
        for (int j = 0; j < e->param_count; j++) {
            assert_true(is_snake_case(e->params[j].key));
            assert_int_equal(hipfx_param_find(e, e->params[j].key), j);
        }
    }
}

static void ranges_are_sound(void **state)
{
    (void)state;
    for (int i = 0; i < hipfx_effect_count; i++) {
        const struct hipfx_effect *e = hipfx_effects[i];
        struct hipfx_values defaults = hipfx_values_default(e);
        for (int j = 0; j < e->param_count; j++) {
            const struct hipfx_param *p = &e->params[j];
            if (p->type == HIPFX_PARAM_FILE) {
                assert_true(p->min == 0 && p->max == 0 && p->step == 0 && p->def == 0);
                assert_non_null(p->choices[0]);
                continue;
            }
            assert_true(p->min < p->max && p->step > 0 && p->step <= p->max - p->min);
            assert_true(p->def >= p->min && p->def <= p->max);
            assert_true(defaults.v[j] == p->def);
            assert_true((p->type == HIPFX_PARAM_CHOICE) == (p->choices != NULL));
            int choices = 0;
            while (p->choices && p->choices[choices])
                choices++;
            if (p->choices)
                assert_true(p->min == 0 && p->max == choices - 1);
        }
    }
}

static void an_effect_that_takes_a_file_reads_it(void **state)
{
    (void)state;
    for (int i = 0; i < hipfx_effect_count; i++) {
        const struct hipfx_effect *e = hipfx_effects[i];
        int files = 0;
        for (int j = 0; j < e->param_count; j++)
            files += e->params[j].type == HIPFX_PARAM_FILE;
        assert_int_equal(files, e->read_file ? 1 : 0);
        assert_true(!files == !hipfx_file_param(e));
    }
}

static void values_are_brought_into_range(void **state)
{
    (void)state;
    for (int i = 0; i < hipfx_effect_count; i++) {
        for (int j = 0; j < hipfx_effects[i]->param_count; j++) {
            const struct hipfx_param *p = &hipfx_effects[i]->params[j];
            assert_true(hipfx_param_clamp(p, NAN) == p->def);
            assert_true(hipfx_param_clamp(p, INFINITY) == p->max);
            assert_true(hipfx_param_clamp(p, -INFINITY) == p->min);
            if (!hipfx_param_is_angle(p)) {
                assert_true(hipfx_param_clamp(p, 1e300) == p->max);
                assert_true(hipfx_param_clamp(p, -1e300) == p->min);
            }
            assert_true(hipfx_param_clamp(p, p->min) == p->min);
            assert_true(hipfx_param_clamp(p, p->max) == p->max);
            assert_true(hipfx_param_clamp(p, p->def) == p->def);
        }
    }
}

static void angles_are_brought_into_range_by_whole_turns(void **state)
{
    (void)state;
    static const double angles[][2] = {{181, -179}, {-181, 179},  {270, -90},
                                       {-270, 90},  {360, 0},     {12.5 - 720, 12.5},
                                       {180, 180},  {-180, -180}, {179.5 + 3600, 179.5}};
    int found = 0;
    for (int i = 0; i < hipfx_effect_count; i++) {
        for (int j = 0; j < hipfx_effects[i]->param_count; j++) {
            const struct hipfx_param *p = &hipfx_effects[i]->params[j];
            assert_true(hipfx_param_is_angle(p) == (strstr(p->key, "angle") != NULL));
            if (!hipfx_param_is_angle(p))
                continue;
            found++;
            assert_true(p->min == -180 && p->max == 180);
            for (size_t k = 0; k < sizeof(angles) / sizeof(angles[0]); k++)
                assert_true(hipfx_param_clamp(p, angles[k][0]) == angles[k][1]);
            assert_true(fabs(hipfx_param_clamp(p, 1e300)) <= 180);
        }
    }
    assert_int_equal(found, 3);
}

static void a_choice_and_a_colour_are_whole_numbers(void **state)
{
    (void)state;
    const struct hipfx_effect *wave = hipfx_effect_find("sine_wave");
    assert_true(hipfx_param_clamp(&wave->params[hipfx_param_find(wave, "style")], 1.7) == 1);
    assert_true(hipfx_param_clamp(&wave->params[hipfx_param_find(wave, "color")], 4294901760.5) ==
                4294901760.0);
}

static bool neutral_with(const char *effect, const char *key, double value)
{
    const struct hipfx_effect *e = hipfx_effect_find(effect);
    struct hipfx_values values = hipfx_values_default(e);
    values.v[hipfx_param_find(e, key)] = value;
    return e->is_neutral(&values);
}

static void neutral_settings_are_known(void **state)
{
    (void)state;
    assert_false(neutral_with("sine_wave", "opacity", 1));
    assert_true(neutral_with("sine_wave", "opacity", 0));
    assert_true(neutral_with("sine_wave", "color", 0x00ffffff));
    assert_true(neutral_with("sine_wave", "thickness_px", 0));
    assert_true(neutral_with("color", "exposure_ev", 0));
    assert_false(neutral_with("color", "exposure_ev", 0.01));
    assert_false(neutral_with("color", "contrast", 1.01));
    assert_false(neutral_with("color", "saturation", 0.99));
    assert_true(neutral_with("gaussian_blur", "sigma_px", 0));
    assert_false(neutral_with("gaussian_blur", "sigma_px", 0.1));
    assert_true(neutral_with("pixelate", "size_px", 1));
    assert_false(neutral_with("pixelate", "size_px", 1.125));
    assert_true(neutral_with("sharpen", "strength", 0));
    assert_false(neutral_with("sharpen", "strength", 0.01));
    assert_true(neutral_with("deband", "threshold", 0));
    assert_false(neutral_with("deband", "range_px", 1));
    assert_true(neutral_with("film_grain", "amount", 0));
    assert_false(neutral_with("film_grain", "rate_hz", 0));
    assert_true(neutral_with("vignette", "amount", 0));
    assert_true(neutral_with("vignette", "color", 0x00ffffff));
    assert_false(neutral_with("vignette", "radius", 2));
    assert_true(neutral_with("chromatic_aberration", "radial_px", 0));
    assert_false(neutral_with("chromatic_aberration", "linear_px", 1));
    assert_true(neutral_with("denoise", "noise", 0));
    assert_false(neutral_with("denoise", "spatial", 0));
    assert_false(neutral_with("denoise", "temporal", 0));
}

/* A GPU for which this build has no code is refused before anything is asked of it: the table is
 * empty, so a call through it would crash. */
static void a_device_without_kernels_is_refused_with_the_reason(void **state)
{
    (void)state;
    const struct hipfx_hip none = {.name = "another"};
    struct hipfx_why why = {0};
    assert_null(hipfx_kernels_create(&none, 0, &why));
    assert_non_null(strstr(why.text, "no kernels for this device in this build"));
    assert_non_null(strstr(why.text, "another"));
}

static void destroying_nothing_is_safe(void **state)
{
    (void)state;
    struct hipfx_kernels *kernels = NULL;
    hipfx_kernels_destroy(&kernels);
    assert_null(kernels);
    struct hipfx_scratch scratch = {0};
    hipfx_scratch_free(&(struct hipfx_hip){0}, &scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_settings_keys_are_the_promised_ones),
        cmocka_unit_test(names_are_unique_and_snake_case),
        cmocka_unit_test(ranges_are_sound),
        cmocka_unit_test(an_effect_that_takes_a_file_reads_it),
        cmocka_unit_test(values_are_brought_into_range),
        cmocka_unit_test(angles_are_brought_into_range_by_whole_turns),
        cmocka_unit_test(a_choice_and_a_colour_are_whole_numbers),
        cmocka_unit_test(neutral_settings_are_known),
        cmocka_unit_test(a_device_without_kernels_is_refused_with_the_reason),
        cmocka_unit_test(destroying_nothing_is_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
