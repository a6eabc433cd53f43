/* The filter's panel, as OBS Studio asks for it. */
#include "tests/plugin/fixture.h"

#include "kernels/effect.h"

#include <stdio.h>
#include <string.h>

static void key_of(const struct hipfx_effect *effect, int param, char *key, size_t size)
{
    snprintf(key, size, "%s.%s", effect->id, effect->params[param].key);
}

static bool is_translated(const char *text, const char *key)
{
    return text && text[0] && strcmp(text, key) != 0;
}

static void check_choices(obs_property_t *row, const struct hipfx_param *param, const char *key)
{
    int count = 0;
    for (; param->choices[count]; count++) {
        char choice_key[128];
        snprintf(choice_key, sizeof(choice_key), "%s.%s", key, param->choices[count]);
        assert_string_equal(obs_property_list_item_string(row, (size_t)count),
                            param->choices[count]);
        assert_true(is_translated(obs_property_list_item_name(row, (size_t)count), choice_key));
    }
    assert_int_equal(obs_property_list_item_count(row), count);
}

static void check_row(obs_properties_t *panel, const struct hipfx_param *param, const char *key)
{
    obs_property_t *row = obs_properties_get(panel, key);
    if (!row)
        fail_msg("there is no row %s", key);
    assert_true(is_translated(obs_property_description(row), key));
    switch (param->type) {
    case HIPFX_PARAM_FLOAT:
        assert_int_equal(obs_property_get_type(row), OBS_PROPERTY_FLOAT);
        assert_int_equal(obs_property_float_type(row), OBS_NUMBER_SLIDER);
        assert_true(obs_property_float_min(row) == param->min);
        assert_true(obs_property_float_max(row) == param->max);
        assert_true(obs_property_float_step(row) == param->step);
        assert_string_equal(obs_property_float_suffix(row) ? obs_property_float_suffix(row) : "",
                            param->unit ? param->unit : "");
        break;
    case HIPFX_PARAM_COLOR:
        assert_int_equal(obs_property_get_type(row), OBS_PROPERTY_COLOR_ALPHA);
        break;
    case HIPFX_PARAM_CHOICE:
        assert_int_equal(obs_property_get_type(row), OBS_PROPERTY_LIST);
        check_choices(row, param, key);
        break;
    case HIPFX_PARAM_BOOL:
        assert_int_equal(obs_property_get_type(row), OBS_PROPERTY_BOOL);
        break;
    case HIPFX_PARAM_FILE:
        assert_int_equal(obs_property_get_type(row), OBS_PROPERTY_PATH);
        assert_int_equal(obs_property_path_type(row), OBS_PATH_FILE);
        for (int i = 0; param->choices[i]; i++)
            assert_non_null(strstr(obs_property_path_filter(row), param->choices[i]));
        break;
    case HIPFX_PARAM_NONE:
        fail_msg("%s has no type", key);
    }
}

static void check_rows(obs_properties_t *panel)
{
    assert_non_null(panel);
    obs_property_t *list = obs_properties_get(panel, "effect");
    assert_int_equal(obs_property_list_item_count(list), hipfx_effect_count);
    for (int e = 0; e < hipfx_effect_count; e++) {
        assert_string_equal(obs_property_list_item_string(list, (size_t)e), hipfx_effects[e]->id);
        for (int i = 0; i < hipfx_effects[e]->param_count; i++) {
            char key[96];
            key_of(hipfx_effects[e], i, key, sizeof(key));
            check_row(panel, &hipfx_effects[e]->params[i], key);
        }
    }
    for (int i = 0; i < hipfx_region_param_count; i++)
        check_row(panel, &hipfx_region_params[i], hipfx_region_params[i].key);
}

static void check_version(obs_properties_t *panel)
{
    json_t *spec = json_load_file(HIPFX_BUILDSPEC_FILE, 0, NULL);
    const char *version = json_string_value(json_object_get(spec, "version"));
    assert_non_null(version);
    obs_property_t *row = obs_properties_get(panel, "plugin_info");
    assert_non_null(row);
    assert_non_null(strstr(obs_property_description(row), version));
    json_decref(spec);
}

static void the_panel_follows_the_effect_table(void **state)
{
    struct stage *stage = *state;
    obs_properties_t *panel = obs_source_properties(stage_add(stage, "{}"));
    check_rows(panel);
    check_version(panel);
    assert_non_null(obs_properties_get(panel, "status"));
    obs_properties_destroy(panel);
}

/* As OBS Studio asks for it before there is a filter. */
static void the_panel_needs_no_filter(void **state)
{
    (void)state;
    obs_properties_t *panel = obs_get_source_properties(HIPFX_FILTER_ID);
    check_rows(panel);
    check_version(panel);
    obs_properties_destroy(panel);
}

static const char *effect_name(obs_properties_t *panel, const char *id)
{
    obs_property_t *list = obs_properties_get(panel, "effect");
    for (size_t i = 0; i < obs_property_list_item_count(list); i++) {
        if (!strcmp(obs_property_list_item_string(list, i), id))
            return obs_property_list_item_name(list, i);
    }
    return "";
}

/* English, where there is no file of the language. */
static void the_panel_speaks_the_language_of_obs(void **state)
{
    static const struct {
        const char *locale, *blur;
    } languages[] = {
        {"de-DE", "Gaußscher Weichzeichner"}, {"es-ES", "Desenfoque gaussiano"},
        {"fr-FR", "Flou gaussien"},           {"ja-JP", "ガウスぼかし"},
        {"pt-BR", "Desfoque gaussiano"},      {"zh-CN", "高斯模糊"},
        {"xx-XX", "Gaussian blur"},
    };
    struct stage *stage = *state;
    obs_source_t *filter = stage_add(stage, "{}");
    for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++) {
        obs_set_locale(languages[i].locale);
        obs_properties_t *panel = obs_source_properties(filter);
        assert_string_equal(effect_name(panel, "gaussian_blur"), languages[i].blur);
        check_rows(panel);
        obs_properties_destroy(panel);
    }
}

static void expect_visible_rows(obs_properties_t *panel, const char *chosen)
{
    for (int e = 0; e < hipfx_effect_count; e++) {
        const struct hipfx_effect *effect = hipfx_effects[e];
        for (int i = 0; i < effect->param_count; i++) {
            char key[96];
            key_of(effect, i, key, sizeof(key));
            assert_int_equal(obs_property_visible(obs_properties_get(panel, key)),
                             !strcmp(effect->id, chosen));
        }
    }
    static const char *const always[] = {"effect", "status", "plugin_info"};
    for (int i = 0; i < 3; i++)
        assert_true(obs_property_visible(obs_properties_get(panel, always[i])));
}

static void only_the_chosen_effect_shows_its_rows(void **state)
{
    struct stage *stage = *state;
    obs_source_t *filter = stage_add(stage, "{}");
    obs_properties_t *panel = obs_source_properties(filter);
    expect_visible_rows(panel, hipfx_effects[0]->id);
    obs_data_t *settings = obs_data_create();
    for (int e = 0; e < hipfx_effect_count; e++) {
        obs_data_set_string(settings, "effect", hipfx_effects[e]->id);
        obs_properties_apply_settings(panel, settings);
        expect_visible_rows(panel, hipfx_effects[e]->id);
    }
    obs_data_set_string(settings, "effect", "does_not_exist");
    obs_properties_apply_settings(panel, settings);
    expect_visible_rows(panel, "does_not_exist");
    obs_data_release(settings);
    obs_properties_destroy(panel);
}

static bool is_visible(obs_properties_t *panel, const char *row)
{
    return obs_property_visible(obs_properties_get(panel, row));
}

static void expect_region_rows(obs_properties_t *panel, bool shape, bool source)
{
    static const char *const shapes[] = {"region.x", "region.y", "region.width", "region.height"};
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
        assert_int_equal(is_visible(panel, shapes[i]), shape);
    assert_int_equal(is_visible(panel, "region.feather_px"), shape || source);
    assert_int_equal(is_visible(panel, "region.invert"), shape || source);
    assert_int_equal(is_visible(panel, "region.source"), source);
    assert_true(obs_property_visible(obs_properties_get(panel, "mix")));
    assert_true(obs_property_visible(obs_properties_get(panel, "region")));
}

static void only_a_region_shows_its_rows(void **state)
{
    struct stage *stage = *state;
    obs_properties_t *panel = obs_source_properties(stage_add(stage, "{}"));
    expect_region_rows(panel, false, false);
    obs_data_t *settings = obs_data_create();
    static const char *const forms[] = {"rectangle", "source", "frame", "ellipse"};
    for (int i = 0; i < 4; i++) {
        obs_data_set_string(settings, "region", forms[i]);
        obs_properties_apply_settings(panel, settings);
        expect_region_rows(panel, i == 0 || i == 3, i == 1);
    }
    obs_data_release(settings);
    obs_properties_destroy(panel);
}

static void rows_that_surprise_are_explained(void **state)
{
    struct stage *stage = *state;
    obs_properties_t *panel = obs_source_properties(stage_add(stage, "{}"));
    const char *help = obs_property_long_description(obs_properties_get(panel, "mix"));
    assert_true(is_translated(help, "mix.help"));
    assert_null(obs_property_long_description(obs_properties_get(panel, "region.x")));
    obs_properties_destroy(panel);
}

static void expect_default(obs_data_t *defaults, const struct hipfx_param *param, const char *key)
{
    if (param->type == HIPFX_PARAM_CHOICE)
        assert_string_equal(obs_data_get_string(defaults, key), param->choices[(int)param->def]);
    else if (param->type == HIPFX_PARAM_BOOL)
        assert_true(obs_data_get_bool(defaults, key) == (param->def != 0));
    else if (param->type == HIPFX_PARAM_FILE)
        assert_string_equal(obs_data_get_string(defaults, key), "");
    else
        assert_true(obs_data_get_double(defaults, key) == param->def);
}

static void defaults_are_the_tables(void **state)
{
    (void)state;
    obs_data_t *defaults = obs_get_source_defaults(HIPFX_FILTER_ID);
    assert_string_equal(obs_data_get_string(defaults, "effect"), hipfx_effects[0]->id);
    for (int e = 0; e < hipfx_effect_count; e++) {
        const struct hipfx_effect *effect = hipfx_effects[e];
        for (int i = 0; i < effect->param_count; i++) {
            char key[96];
            key_of(effect, i, key, sizeof(key));
            expect_default(defaults, &effect->params[i], key);
        }
    }
    for (int i = 0; i < hipfx_region_param_count; i++)
        expect_default(defaults, &hipfx_region_params[i], hipfx_region_params[i].key);
    obs_data_release(defaults);
}

static void expect_status(obs_source_t *filter, enum obs_text_info_type type, const char *words)
{
    obs_properties_t *panel = obs_source_properties(filter);
    obs_property_t *row = obs_properties_get(panel, "status");
    assert_int_equal(obs_property_text_info_type(row), type);
    if (!strstr(obs_property_description(row), words))
        fail_msg("\"%s\" does not say \"%s\"", obs_property_description(row), words);
    obs_properties_destroy(panel);
}

static void the_status_row_tells_device_and_rungs_or_the_reason(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_OPAQUE, 20, 10);
    stage_show(stage, &in);
    obs_source_t *filter = stage_add(stage, "{}");
    expect_status(filter, OBS_TEXT_INFO_NORMAL, "Not drawn yet");
    stage_draw(stage);
    const struct stage_report report = stage_report(filter);
    expect_status(filter, OBS_TEXT_INFO_NORMAL, report.device);
    expect_status(filter, OBS_TEXT_INFO_NORMAL, report.memory);
    expect_status(filter, OBS_TEXT_INFO_NORMAL, report.order);

    stage_update(filter, "{\"effect\": \"does_not_exist\"}");
    stage_draw(stage);
    expect_status(filter, OBS_TEXT_INFO_WARNING, "does_not_exist");
    stage_update(filter, "{\"effect\": \"color\", \"color.contrast\": 2}");
    stage_draw(stage);
    expect_status(filter, OBS_TEXT_INFO_NORMAL, report.device);
    picture_destroy(&in);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_panel_follows_the_effect_table),
        TEST(the_panel_needs_no_filter),
        TEST(the_panel_speaks_the_language_of_obs),
        TEST(only_the_chosen_effect_shows_its_rows),
        TEST(only_a_region_shows_its_rows),
        TEST(rows_that_surprise_are_explained),
        TEST(defaults_are_the_tables),
        TEST(the_status_row_tells_device_and_rungs_or_the_reason),
    };
    return cmocka_run_group_tests(tests, stage_group_open, stage_group_close);
}
