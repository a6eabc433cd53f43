/* Settings that no panel of this version would write: they are brought into range or refused with a
 * line, and what is saved is what was loaded. With an argument: under that locale, whose decimal
 * separator is a comma. */
#include "tests/plugin/fixture.h"

#include "kernels/effect.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *locale_name;

static int open_in_locale(void **state)
{
    if (stage_open(state) != 0)
        return -1;
    /* After libobs, as Qt does it. */
    if (locale_name && !setlocale(LC_ALL, locale_name))
        return -1;
    return 0;
}

static int close_in_locale(void **state)
{
    setlocale(LC_ALL, "C");
    return stage_close(state);
}

/* What OBS writes into a scene collection for the filter; the caller frees it. */
static char *saved(obs_source_t *filter)
{
    obs_data_t *source = obs_save_source(filter);
    obs_data_t *settings = obs_data_get_obj(source, "settings");
    char *json = strdup(obs_data_get_json(settings));
    obs_data_release(settings);
    obs_data_release(source);
    return json;
}

static void expect_saved(obs_source_t *filter, const char *settings)
{
    char *json = saved(filter);
    json_t *got = json_loads(json, 0, NULL), *wanted = json_loads(settings, 0, NULL);
    assert_non_null(got);
    assert_non_null(wanted);
    if (!json_equal(got, wanted))
        fail_msg("saved as %s instead of %s", json, settings);
    json_decref(got);
    json_decref(wanted);
    free(json);
}

/* The settings come out as `same_as` would, with so many lines, and are saved as they are. */
static void expect_like(struct stage *stage, const char *settings, const char *same_as, int lines)
{
    struct picture in = stage_picture(PICTURE_TRANSLUCENT, 61, 43);
    struct picture wanted = stage_apply(&in, same_as);
    hipfx_host_log_clear();
    stage_show(stage, &in);
    obs_source_t *filter = stage_add(stage, settings);
    for (int i = 0; i < 3; i++) {
        stage_draw(stage);
        stage_expect(stage, &wanted);
    }
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), lines);
    assert_int_equal(hipfx_host_log_count(LOG_ERROR), 0);
    expect_saved(filter, settings);
    stage_remove(stage, filter);
    picture_destroy(&wanted);
    picture_destroy(&in);
}

static void fractions_are_read_in_any_locale(void **state)
{
    static const char settings[] = "{\"effect\": \"color\", \"color.exposure_ev\": -1.25, "
                                   "\"color.contrast\": 1.5e-1, \"color.saturation\": 0.5}";
    if (locale_name) {
        char comma[16];
        snprintf(comma, sizeof(comma), "%.1f", 0.5);
        assert_string_equal(comma, "0,5");
    }
    expect_like(*state, settings, settings, 0);
}

static void a_value_of_another_type_is_the_default_with_a_line(void **state)
{
    static const char *const values[] = {"\"1,5\"", "\"1.5\"", "true", "[{\"a\": 1}]",
                                         "{\"a\": 1}"};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        char settings[256];
        snprintf(settings, sizeof(settings),
                 "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": %s}", values[i]);
        expect_like(*state, settings, "{\"effect\": \"gaussian_blur\"}", 1);
        assert_true(hipfx_host_log_has("gaussian_blur.sigma_px is not a number"));
    }
    expect_like(*state, "{\"effect\": \"sine_wave\", \"sine_wave.style\": 1}",
                "{\"effect\": \"sine_wave\"}", 1);
    expect_like(*state, "{\"effect\": \"sine_wave\", \"sine_wave.color\": \"red\"}",
                "{\"effect\": \"sine_wave\"}", 1);
    expect_like(*state,
                "{\"effect\": \"gaussian_blur\", \"region\": \"ellipse\", "
                "\"region.invert\": \"yes\"}",
                "{\"effect\": \"gaussian_blur\", \"region\": \"ellipse\"}", 1);
    assert_true(hipfx_host_log_has("region.invert is not true or false"));
}

static void a_name_of_another_type_is_none_with_a_line(void **state)
{
    static const char *const values[] = {"7", "-0.5", "true", "[{\"a\": 1}]", "{\"a\": 1}"};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        char settings[256];
        snprintf(settings, sizeof(settings), "{\"effect\": \"lut\", \"lut.path\": %s}", values[i]);
        expect_like(*state, settings, "{\"effect\": \"lut\"}", 1);
        assert_true(hipfx_host_log_has("lut.path is not a text"));
    }
    expect_like(*state, "{\"effect\": \"lut\", \"lut.path\": \"\"}", "{\"effect\": \"lut\"}", 0);
}

static void huge_numbers_are_brought_into_range_with_a_line(void **state)
{
    expect_like(*state, "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": 1e308}",
                "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": 1000}", 1);
    expect_like(*state,
                "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": 9223372036854775807}",
                "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": 1000}", 1);
    expect_like(*state,
                "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": -9223372036854775808}",
                "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": 0}", 1);
    assert_true(hipfx_host_log_has("is outside 0 to 1000: using 0"));
    expect_like(*state, "{\"effect\": \"sine_wave\", \"sine_wave.color\": 1e308}",
                "{\"effect\": \"sine_wave\"}", 1);
}

/* A program may set them, though no file can hold them. */
static void what_is_not_finite_is_no_number(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_TRANSLUCENT, 61, 43);
    stage_show(stage, &in);
    obs_source_t *filter = stage_add(stage, "{\"effect\": \"gaussian_blur\"}");
    const struct {
        double value;
        const char *same_as, *line;
    } cases[] = {
        {(double)NAN, "{\"effect\": \"gaussian_blur\"}", "sigma_px is not a number"},
        {(double)INFINITY, "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": 1000}",
         "is outside 0 to 1000: using 1000"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        obs_data_t *settings = obs_source_get_settings(filter);
        obs_data_set_double(settings, "gaussian_blur.sigma_px", cases[i].value);
        obs_source_update(filter, NULL);
        obs_data_release(settings);
        struct picture wanted = stage_apply(&in, cases[i].same_as);
        stage_draw(stage);
        stage_draw(stage);
        stage_expect(stage, &wanted);
        assert_true(hipfx_host_log_has(cases[i].line));
        picture_destroy(&wanted);
    }
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 2);
    picture_destroy(&in);
}

/* A colour as a program gives it that knows ints of 32 bits only. */
static void a_colour_may_be_below_0(void **state)
{
    expect_like(*state, "{\"effect\": \"sine_wave\", \"sine_wave.color\": -16776961}",
                "{\"effect\": \"sine_wave\", \"sine_wave.color\": 4278190335}", 0);
}

static void a_turn_more_is_the_same_angle(void **state)
{
    expect_like(*state, "{\"effect\": \"directional_blur\", \"directional_blur.angle_deg\": 435}",
                "{\"effect\": \"directional_blur\", \"directional_blur.angle_deg\": 75}", 0);
}

static void update(struct stage *stage, obs_source_t *filter, const char *settings)
{
    stage_update(filter, settings);
    stage_draw(stage); /* libobs reads them before the next frame */
}

/* Each change of any setting has all of them read again. */
static void one_line_is_enough_for_a_value(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_OPAQUE, 20, 10);
    stage_show(stage, &in);
    obs_source_t *filter =
        stage_add(stage, "{\"effect\": \"sine_wave\", \"sine_wave.style\": \"zigzag\", "
                         "\"sine_wave.cycles\": \"three\"}");
    for (int i = 1; i < 5; i++) {
        char settings[64];
        snprintf(settings, sizeof(settings), "{\"sine_wave.amplitude\": 0.%d}", i);
        update(stage, filter, settings);
        assert_int_equal(hipfx_host_log_count(LOG_WARNING), 2);
    }
    update(stage, filter, "{\"sine_wave.style\": \"sawtooth\"}");
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 3);
    assert_true(hipfx_host_log_has("\"sawtooth\" is not a choice that this version knows"));
    update(stage, filter, "{\"sine_wave.style\": \"fill\"}");
    update(stage, filter, "{\"sine_wave.style\": \"sawtooth\"}");
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 4);
    for (int i = 2; i < 6; i++) { /* as a value that moves */
        char settings[64];
        snprintf(settings, sizeof(settings), "{\"sine_wave.amplitude\": %d}", i);
        update(stage, filter, settings);
        assert_int_equal(hipfx_host_log_count(LOG_WARNING), 5);
    }
    picture_destroy(&in);
}

static void one_line_is_enough_for_each_of_many_values(void **state)
{
    static const char *const curves[] = {"curve", "red", "green", "blue"};
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_OPAQUE, 20, 10);
    stage_show(stage, &in);
    char settings[1024] = "{\"effect\": \"grade\"";
    for (int i = 0; i < 20; i++) {
        const size_t used = strlen(settings);
        snprintf(settings + used, sizeof(settings) - used, ", \"grade.%s_%d\": \"x\"%s",
                 curves[i / 5], i % 5 * 25, i == 19 ? "}" : "");
    }
    obs_source_t *filter = stage_add(stage, settings);
    update(stage, filter, "{\"mix\": 0.5}");
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 20);
    picture_destroy(&in);
}

/* As a program over obs-websocket may, one key after the other: a frame is filtered, or passes
 * through with a reason. No objects or arrays: libobs 29 itself crashes where one takes
 * another value's place. */
static void every_key_takes_anything(void **state)
{
    static const char *const values[] = {"-1e308", "1e308", "9223372036854775807",
                                         "true",   "\"x\"", "\"\""};
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_TRANSLUCENT, 33, 18);
    stage_show(stage, &in);
    for (int e = 0; e < hipfx_effect_count; e++) {
        const struct hipfx_effect *effect = hipfx_effects[e];
        char settings[256];
        snprintf(settings, sizeof(settings), "{\"effect\": \"%s\"}", effect->id);
        obs_source_t *filter = stage_add(stage, settings);
        for (int i = 0; i < effect->param_count + hipfx_region_param_count; i++) {
            const int common = i - effect->param_count;
            char key[128];
            snprintf(key, sizeof(key), "%s%s%s", common < 0 ? effect->id : "",
                     common < 0 ? "." : "",
                     common < 0 ? effect->params[i].key : hipfx_region_params[common].key);
            for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
                snprintf(settings, sizeof(settings), "{\"%s\": %s}", key, values[v]);
                stage_update(filter, settings);
                stage_draw_times(stage, 1);
            }
        }
        stage_draw(stage);
        const struct stage_report report = stage_report(filter);
        if (strcmp(report.state, "ready") != 0 && !report.reason[0])
            fail_msg("%s: %s without a reason", effect->id, report.state);
        stage_remove(stage, filter);
    }
    picture_destroy(&in);
}

static void a_mode_of_another_version_is_exact_with_a_line(void **state)
{
    expect_like(*state, "{\"effect\": \"color\", \"color.exposure_ev\": 1, \"mode\": \"ahead\"}",
                "{\"effect\": \"color\", \"color.exposure_ev\": 1}", 1);
    assert_true(hipfx_host_log_has("mode: \"ahead\" is not a choice that this version knows"));
    expect_like(*state, "{\"effect\": \"color\", \"color.exposure_ev\": 1, \"mode\": 3}",
                "{\"effect\": \"color\", \"color.exposure_ev\": 1}", 1);
}

/* A later version's keys are kept for it. */
static void what_this_version_does_not_know_is_left_alone(void **state)
{
    expect_like(*state,
                "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": 3, \"version\": 99, "
                "\"gaussian_blur.quality\": \"best\", \"glow.curve\": {\"points\": 4}}",
                "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": 3}", 0);
}

static void expect_refused(struct stage *stage, const char *settings, int lines, const char *reason)
{
    struct picture in = stage_picture(PICTURE_OPAQUE, 20, 10);
    stage_show(stage, &in);
    obs_source_t *filter = stage_add(stage, settings);
    stage_draw(stage);
    stage_expect(stage, &in);
    assert_string_equal(stage_report(filter).state, "passthrough");
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), lines);
    assert_true(hipfx_host_log_has(reason));
    expect_saved(filter, settings);
    picture_destroy(&in);
}

static void an_effect_of_another_version_is_refused_with_a_line(void **state)
{
    expect_refused(*state, "{\"effect\": \"glow\", \"glow.radius_px\": 12.5, \"mode\": \"smooth\"}",
                   1, "effect \"glow\" is not known to this version: update obs-hipfx");
}

static void an_effect_that_is_no_text_is_refused_with_a_line(void **state)
{
    expect_refused(*state, "{\"effect\": 7, \"color.exposure_ev\": 1}", 1, "effect \"\"");
}

static void a_mask_s_name_that_is_no_text_is_none_with_a_line(void **state)
{
    expect_refused(*state,
                   "{\"effect\": \"color\", \"color.exposure_ev\": 1, \"region\": \"source\", "
                   "\"region.source\": 7}",
                   2, "no source is chosen for the mask");
    assert_true(hipfx_host_log_has("region.source is not a text"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_in_locale, close_in_locale)

int main(int argc, char **argv)
{
    locale_name = argc > 1 ? argv[1] : NULL;
    if (locale_name && !setlocale(LC_ALL, locale_name)) {
        fprintf(stderr, "skipped: there is no locale %s\n", locale_name);
        return 77;
    }
    setlocale(LC_ALL, "C");
    const struct CMUnitTest tests[] = {
        TEST(fractions_are_read_in_any_locale),
        TEST(a_value_of_another_type_is_the_default_with_a_line),
        TEST(a_name_of_another_type_is_none_with_a_line),
        TEST(huge_numbers_are_brought_into_range_with_a_line),
        TEST(what_is_not_finite_is_no_number),
        TEST(a_colour_may_be_below_0),
        TEST(a_turn_more_is_the_same_angle),
        TEST(one_line_is_enough_for_a_value),
        TEST(one_line_is_enough_for_each_of_many_values),
        TEST(every_key_takes_anything),
        TEST(a_mode_of_another_version_is_exact_with_a_line),
        TEST(what_this_version_does_not_know_is_left_alone),
        TEST(an_effect_of_another_version_is_refused_with_a_line),
        TEST(an_effect_that_is_no_text_is_refused_with_a_line),
        TEST(a_mask_s_name_that_is_no_text_is_none_with_a_line),
    };
    return cmocka_run_group_tests(tests, stage_group_open, stage_group_close);
}
