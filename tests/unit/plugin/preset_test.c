/* Presets as files: what is read, what is refused, and those that are shipped. */
#include "plugin/check.h"
#include "plugin/preset.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static json_t *read_preset(const char *text)
{
    struct hipfx_why why = {0};
    json_t *settings = hipfx_preset_read(text, strlen(text), &why);
    if (!settings)
        fail_msg("%s: %s", text, why.text);
    return settings;
}

static double number(const json_t *settings, const char *key)
{
    const json_t *value = json_object_get(settings, key);
    assert_true(json_is_number(value));
    return json_number_value(value);
}

static void what_a_preset_does_not_name_is_the_default(void **state)
{
    (void)state;
    json_t *settings = read_preset("{\"version\": 1, \"effect\": \"color\", "
                                   "\"settings\": {\"color.contrast\": 1.5, \"mix\": 0.25}}");
    assert_string_equal(json_string_value(json_object_get(settings, "effect")), "color");
    assert_true(number(settings, "color.contrast") == 1.5);
    assert_true(number(settings, "color.exposure_ev") == 0);
    assert_true(number(settings, "color.saturation") == 1);
    assert_true(number(settings, "mix") == 0.25);
    assert_null(json_object_get(settings, "region")); /* stays as it is */
    assert_int_equal(json_object_size(settings), 5);
    json_decref(settings);
}

static void what_was_written_is_read_again(void **state)
{
    (void)state;
    json_t *settings = read_preset(
        "{\"version\": 1, \"effect\": \"sine_wave\", \"settings\": "
        "{\"sine_wave.color\": 4283490336, \"sine_wave.style\": \"warp\", "
        "\"sine_wave.speed\": -0.3, \"region\": \"ellipse\", \"region.invert\": true}}");
    char *text = hipfx_preset_write(settings);
    json_t *again = read_preset(text);
    assert_true(json_equal(settings, again));
    json_decref(again);
    json_decref(settings);
    free(text);
}

static void broken_presets_are_refused_with_the_reason(void **state)
{
    (void)state;
    static const struct {
        const char *text, *reason;
    } broken[] = {
        {"", "line 1 is not JSON"},
        {"{\n\"version\": 1,\n", "is not JSON"},
        {"[1]", "it has no version"},
        {"{\"effect\": \"color\", \"settings\": {}}", "it has no version"},
        {"{\"version\": 0, \"effect\": \"color\", \"settings\": {}}", "it has no version"},
        {"{\"version\": 2, \"effect\": \"color\", \"settings\": {}}", "update obs-hipfx"},
        {"{\"version\": 1, \"effect\": \"color\"}", "it has no settings"},
        {"{\"version\": 1, \"effect\": \"color\", \"settings\": []}", "it has no settings"},
        {"{\"version\": 1, \"effect\": 7, \"settings\": {}}", "effect is not known"},
        {"{\"version\": 1, \"effect\": \"glow\", \"settings\": {}}", "effect is not known"},
        {"{\"version\": 1, \"effect\": \"color\", \"settings\": {\"gaussian_blur.sigma_px\": 1}}",
         "not those of its effect"},
        {"{\"version\": 1, \"effect\": \"color\", \"settings\": {\"mode\": \"smooth\"}}",
         "not those of its effect"},
        {"{\"version\": 1, \"effect\": \"color\", \"settings\": {\"color.gamma\": 1}}",
         "unknown parameter"},
        {"{\"version\": 1, \"effect\": \"color\", \"settings\": {\"color.contrast\": \"1\"}}",
         "takes a number"},
        {"{\"version\": 1, \"effect\": \"color\", \"settings\": {\"region\": \"star\"}}",
         "takes one of"},
        {"{\"version\": 1, \"version\": 1, \"effect\": \"color\", \"settings\": {}}",
         "is not JSON"},
    };
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        struct hipfx_why why = {0};
        json_t *settings = hipfx_preset_read(broken[i].text, strlen(broken[i].text), &why);
        assert_null(settings);
        if (!strstr(why.text, broken[i].reason))
            fail_msg("%s: \"%s\" does not say \"%s\"", broken[i].text, why.text, broken[i].reason);
    }
    struct hipfx_why why = {0};
    assert_null(hipfx_preset_read(broken[0].text, HIPFX_PRESET_SIZE_MAX + 1, &why));
    assert_non_null(strstr(why.text, "too large"));
}

/* It lies beside the preset, and can be read. */
static void check_file(const char *path, const struct hipfx_effect *effect, const json_t *settings)
{
    const struct hipfx_param *param = hipfx_file_param(effect);
    if (!param)
        return;
    char key[96], file[1024];
    struct hipfx_why why = {0};
    snprintf(key, sizeof(key), "%s.%s", effect->id, param->key);
    snprintf(file, sizeof(file), "%.*s/%s", (int)(strrchr(path, '/') - path), path,
             json_string_value(json_object_get(settings, key)));
    void *data = effect->read_file(file, &why);
    if (!data)
        fail_msg("%s: %s", file, why.text);
    free(data);
}

/* Known keys, in their ranges, of the effect whose folder it lies in, and not without effect. */
static void check_shipped(const char *path, const struct hipfx_effect *effect)
{
    struct hipfx_why why = {0}, clamped = {0};
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    char *text = json_dumps(root, 0);
    json_t *settings = text ? hipfx_preset_read(text, strlen(text), &why) : NULL;
    if (!settings)
        fail_msg("%s: %s", path, why.text);
    assert_ptr_equal(hipfx_settings_check_object(settings, &clamped, &why), effect);
    if (clamped.text[0])
        fail_msg("%s: %s", path, clamped.text);
    if (!json_object_size(json_object_get(root, "settings")))
        fail_msg("%s says nothing", path);
    check_file(path, effect, settings);
    free(text);
    json_decref(settings);
    json_decref(root);
}

static void every_effect_has_sound_presets(void **state)
{
    (void)state;
    for (int e = 0; e < hipfx_effect_count; e++) {
        char pattern[512];
        glob_t files;
        snprintf(pattern, sizeof(pattern), "%s/%s/*.json", HIPFX_PRESETS, hipfx_effects[e]->id);
        const int found = glob(pattern, 0, NULL, &files);
        if (found != 0 || files.gl_pathc < 2)
            fail_msg("%s has fewer than two presets", hipfx_effects[e]->id);
        for (size_t i = 0; i < files.gl_pathc; i++)
            check_shipped(files.gl_pathv[i], hipfx_effects[e]);
        globfree(&files);
    }
}

static void every_folder_is_an_effects(void **state)
{
    (void)state;
    glob_t folders;
    assert_int_equal(glob(HIPFX_PRESETS "/*", 0, NULL, &folders), 0);
    for (size_t i = 0; i < folders.gl_pathc; i++) {
        const char *name = strrchr(folders.gl_pathv[i], '/') + 1;
        if (!hipfx_effect_find(name))
            fail_msg("there are presets of %s, which is no effect", name);
    }
    globfree(&folders);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_preset_does_not_name_is_the_default),
        cmocka_unit_test(what_was_written_is_read_again),
        cmocka_unit_test(broken_presets_are_refused_with_the_reason),
        cmocka_unit_test(every_effect_has_sound_presets),
        cmocka_unit_test(every_folder_is_an_effects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
