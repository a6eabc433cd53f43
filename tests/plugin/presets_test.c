/* Presets in the panel, as OBS Studio works it: a row's setting is written, then its callback is
 * called. */
#include "tests/plugin/fixture.h"

#include <obs/util/platform.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *config; /* the folder of what modules keep */

static obs_properties_t *open_panel(obs_source_t *filter)
{
    obs_properties_t *panel = obs_source_properties(filter);
    obs_data_t *settings = obs_source_get_settings(filter);
    obs_properties_apply_settings(panel, settings);
    obs_data_release(settings);
    return panel;
}

/* What a user does with a row. */
static void set_row(obs_source_t *filter, obs_properties_t *panel, const char *row,
                    const char *value)
{
    obs_data_t *settings = obs_source_get_settings(filter);
    obs_data_set_string(settings, row, value);
    obs_property_modified(obs_properties_get(panel, row), settings);
    assert_false(obs_data_has_user_value(settings, row)); /* it was an order */
    obs_data_release(settings);
}

/* The value of the list's row of that name; NULL: there is none. */
static const char *listed(obs_properties_t *panel, const char *name)
{
    obs_property_t *list = obs_properties_get(panel, "preset");
    for (size_t i = 0; i < obs_property_list_item_count(list); i++) {
        if (!strcmp(obs_property_list_item_name(list, i), name))
            return obs_property_list_item_string(list, i);
    }
    return NULL;
}

static const char *note(obs_properties_t *panel)
{
    obs_property_t *row = obs_properties_get(panel, "preset.note");
    return obs_property_visible(row) ? obs_property_description(row) : "";
}

static double number(obs_source_t *filter, const char *key)
{
    obs_data_t *settings = obs_source_get_settings(filter);
    const double value = obs_data_get_double(settings, key);
    obs_data_release(settings);
    return value;
}

/* The caller frees it. */
static char *settings_of(obs_source_t *filter)
{
    obs_data_t *settings = obs_source_get_settings(filter);
    char *json = strdup(obs_data_get_json(settings));
    obs_data_release(settings);
    return json;
}

static void write_file(const char *path, const char *text)
{
    assert_true(os_quick_write_utf8_file(path, text, strlen(text), false));
}

static void a_shipped_preset_is_chosen(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_TRANSLUCENT, 40, 30);
    stage_show(stage, &in);
    obs_source_t *filter =
        stage_add(stage, "{\"effect\": \"color\", \"color.exposure_ev\": 1, \"mix\": 0.5}");
    obs_properties_t *panel = open_panel(filter);
    assert_null(listed(panel, "Soft")); /* another effect's */
    set_row(filter, panel, "preset", listed(panel, "Black and white"));
    assert_string_equal(note(panel), "");
    assert_true(number(filter, "color.saturation") == 0);
    assert_true(number(filter, "color.exposure_ev") == 0); /* not named: the default */
    assert_true(number(filter, "mix") == 0.5);             /* not named: as it was */

    struct picture wanted = stage_apply(&in, "{\"effect\": \"color\", \"color.saturation\": 0, "
                                             "\"color.contrast\": 1.2, \"mix\": 0.5}");
    stage_draw(stage);
    stage_expect(stage, &wanted);
    obs_properties_destroy(panel);
    picture_destroy(&wanted);
    picture_destroy(&in);
}

static void a_file_is_found_beside_its_preset(void **state)
{
    struct stage *stage = *state;
    obs_source_t *filter = stage_add(stage, "{\"effect\": \"lut\"}");
    obs_properties_t *panel = open_panel(filter);
    set_row(filter, panel, "preset", listed(panel, "Warm film"));
    obs_data_t *settings = obs_source_get_settings(filter);
    const char *path = obs_data_get_string(settings, "lut.path");
    assert_int_equal(path[0], '/');
    assert_true(os_file_exists(path));
    obs_data_release(settings);
    obs_properties_destroy(panel);
}

static void the_list_is_that_of_the_effect(void **state)
{
    struct stage *stage = *state;
    obs_source_t *filter = stage_add(stage, "{\"effect\": \"color\"}");
    obs_properties_t *panel = open_panel(filter);
    assert_non_null(listed(panel, "Vivid"));
    set_row(filter, panel, "preset", "");
    obs_data_t *settings = obs_source_get_settings(filter);
    obs_data_set_string(settings, "effect", "gaussian_blur");
    obs_property_modified(obs_properties_get(panel, "effect"), settings);
    assert_null(listed(panel, "Vivid"));
    assert_non_null(listed(panel, "Soft"));
    obs_data_set_string(settings, "effect", "../color");
    obs_property_modified(obs_properties_get(panel, "effect"), settings);
    assert_int_equal(obs_property_list_item_count(obs_properties_get(panel, "preset")), 1);
    obs_data_release(settings);
    obs_properties_destroy(panel);
}

static void what_is_saved_is_listed_and_loaded(void **state)
{
    struct stage *stage = *state;
    obs_source_t *filter = stage_add(
        stage, "{\"effect\": \"color\", \"color.exposure_ev\": -0.7, \"region\": \"ellipse\"}");
    obs_properties_t *panel = open_panel(filter);
    const char *folder = obs_property_path_default_path(obs_properties_get(panel, "preset.save"));
    char path[512], file[520];
    assert_true(!strncmp(folder, config, strlen(config)));
    snprintf(path, sizeof(path), "%s/My dusk", folder);
    snprintf(file, sizeof(file), "%s.json", path);
    set_row(filter, panel, "preset.save", path); /* and ".json" */
    assert_string_equal(note(panel), "");
    assert_non_null(listed(panel, "My dusk"));

    stage_update(filter, "{\"effect\": \"gaussian_blur\", \"region\": \"frame\"}");
    obs_properties_destroy(panel);
    panel = open_panel(filter);
    assert_null(listed(panel, "My dusk"));
    set_row(filter, panel, "preset.load", file);
    assert_non_null(listed(panel, "My dusk"));
    assert_true(obs_property_visible(obs_properties_get(panel, "color.contrast")));
    assert_true(obs_property_visible(obs_properties_get(panel, "region.x")));
    assert_true(number(filter, "color.exposure_ev") == -0.7);
    obs_properties_destroy(panel);
    unlink(file);
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 0);
}

/* Though a shipped one's file has the same name. */
static void an_own_preset_has_its_files_name(void **state)
{
    struct stage *stage = *state;
    obs_source_t *filter = stage_add(stage, "{\"effect\": \"color\", \"color.exposure_ev\": -0.7}");
    obs_properties_t *panel = open_panel(filter);
    const char *folder = obs_property_path_default_path(obs_properties_get(panel, "preset.save"));
    char file[520];
    snprintf(file, sizeof(file), "%s/vivid.json", folder);
    set_row(filter, panel, "preset.save", file);
    assert_non_null(listed(panel, "Vivid"));
    assert_non_null(listed(panel, "vivid"));
    set_row(filter, panel, "preset", listed(panel, "Vivid"));
    assert_true(number(filter, "color.exposure_ev") != -0.7);
    set_row(filter, panel, "preset", listed(panel, "vivid"));
    assert_true(number(filter, "color.exposure_ev") == -0.7);
    obs_properties_destroy(panel);
    unlink(file);
}

static void a_broken_preset_changes_nothing(void **state)
{
    static const char *const broken[] = {"", "{",
                                         "{\"version\": 1, \"effect\": \"color\", "
                                         "\"settings\": {\"color.gamma\": 1}}"};
    struct stage *stage = *state;
    char path[256];
    snprintf(path, sizeof(path), "%s/broken.json", config);
    obs_source_t *filter = stage_add(stage, "{\"effect\": \"color\", \"color.exposure_ev\": 1}");
    char *before = settings_of(filter);
    for (int i = 0; i < 6; i++) {
        const char *const files[] = {path,   path,        path,
                                     config, "/dev/zero", "/nonexistent/preset.json"};
        if (i < 3)
            write_file(path, broken[i]);
        obs_properties_t *panel = open_panel(filter);
        hipfx_host_log_clear();
        set_row(filter, panel, "preset.load", files[i]);
        assert_non_null(strstr(note(panel), "nothing was changed"));
        assert_int_equal(hipfx_host_log_count(LOG_WARNING), 1);
        assert_int_equal(hipfx_host_log_count(LOG_ERROR), 0);
        char *after = settings_of(filter);
        assert_string_equal(after, before);
        free(after);
        obs_properties_destroy(panel);
    }
    unlink(path);
    free(before);
}

/* Somebody's file is not written over, and a preset is. */
static void only_presets_are_replaced(void **state)
{
    struct stage *stage = *state;
    char path[256];
    snprintf(path, sizeof(path), "%s/notes.json", config);
    write_file(path, "{\"mine\": true}");
    obs_source_t *filter = stage_add(stage, "{\"effect\": \"color\"}");
    obs_properties_t *panel = open_panel(filter);
    set_row(filter, panel, "preset.save", path);
    assert_non_null(strstr(note(panel), "choose another name"));
    char *text = os_quick_read_utf8_file(path);
    assert_string_equal(text, "{\"mine\": true}");
    bfree(text);
    unlink(path);

    for (int i = 0; i < 2; i++) {
        set_row(filter, panel, "preset.save", path);
        assert_string_equal(note(panel), "");
    }
    obs_properties_destroy(panel);
    unlink(path);
}

/* A scene collection that somebody else made does nothing when the panel is opened. */
static void orders_in_settings_are_dropped(void **state)
{
    struct stage *stage = *state;
    char path[256], settings[512];
    snprintf(path, sizeof(path), "%s/planted.json", config);
    snprintf(settings, sizeof(settings), "{\"effect\": \"color\", \"preset.save\": \"%s\"}", path);
    obs_properties_t *panel = open_panel(stage_add(stage, settings));
    assert_false(os_file_exists(path));
    obs_properties_destroy(panel);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(void)
{
    config = getenv("HIPFX_OBS_CONFIG");
    if (!config || os_mkdirs(config) == MKDIR_ERROR) {
        fprintf(stderr, "HIPFX_OBS_CONFIG must name a folder\n");
        return 1;
    }
    const struct CMUnitTest tests[] = {
        TEST(a_shipped_preset_is_chosen),       TEST(a_file_is_found_beside_its_preset),
        TEST(the_list_is_that_of_the_effect),   TEST(what_is_saved_is_listed_and_loaded),
        TEST(an_own_preset_has_its_files_name), TEST(a_broken_preset_changes_nothing),
        TEST(only_presets_are_replaced),        TEST(orders_in_settings_are_dropped),
    };
    return cmocka_run_group_tests(tests, stage_group_open, stage_group_close);
}
