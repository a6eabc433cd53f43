/* The hotkeys that enable and disable a filter: found with the source, pressed as OBS does it. */
#include "tests/plugin/fixture.h"

#include <string.h>

struct search {
    const char *text; /* the description */
    obs_source_t *source;
    obs_hotkey_id id;
};

static bool look(void *data, obs_hotkey_id id, obs_hotkey_t *key)
{
    struct search *search = data;
    if (obs_hotkey_get_registerer_type(key) != OBS_HOTKEY_REGISTERER_SOURCE ||
        !obs_weak_source_references_source(obs_hotkey_get_registerer(key), search->source))
        return true;
    if (!strcmp(obs_hotkey_get_description(key), search->text))
        search->id = id;
    return true;
}

static obs_hotkey_id find(obs_source_t *source, const char *text)
{
    struct search search = {.text = text, .source = source, .id = OBS_INVALID_HOTKEY_ID};
    obs_enum_hotkeys(look, &search);
    return search.id;
}

static void press(obs_source_t *source, const char *text)
{
    const obs_hotkey_id id = find(source, text);
    assert_int_not_equal(id, OBS_INVALID_HOTKEY_ID);
    obs_hotkey_enable_callback_rerouting(true);
    obs_hotkey_trigger_routed_callback(id, true);
    obs_hotkey_trigger_routed_callback(id, false);
}

static void they_enable_and_disable(void **state)
{
    struct stage *stage = *state;
    obs_source_t *filter = stage_add(stage, "{}");
    obs_source_set_name(filter, "wave");
    stage_pass_frame(stage);
    press(stage->source, "Disable 'wave'");
    assert_false(obs_source_enabled(filter));
    press(stage->source, "Enable 'wave'");
    assert_true(obs_source_enabled(filter));
    press(stage->source, "Enable 'wave'");
    assert_true(obs_source_enabled(filter));
}

static void they_have_the_filters_name(void **state)
{
    struct stage *stage = *state;
    obs_source_t *filter = stage_add(stage, "{}");
    obs_source_set_name(filter, "first");
    stage_pass_frame(stage);
    obs_source_set_name(filter, "second");
    stage_pass_frame(stage);
    assert_int_equal(find(stage->source, "Enable 'first'"), OBS_INVALID_HOTKEY_ID);
    assert_int_not_equal(find(stage->source, "Enable 'second'"), OBS_INVALID_HOTKEY_ID);
}

static size_t bound_keys(obs_source_t *source, const char *text)
{
    const obs_hotkey_id id = find(source, text);
    assert_int_not_equal(id, OBS_INVALID_HOTKEY_ID);
    obs_data_array_t *keys = obs_hotkey_save(id);
    const size_t count = obs_data_array_count(keys);
    obs_data_array_release(keys);
    return count;
}

static void what_is_bound_stays_when_the_filter_is_renamed(void **state)
{
    struct stage *stage = *state;
    obs_key_combination_t keys[] = {{.key = OBS_KEY_F5}, {.key = OBS_KEY_F6}};
    obs_source_t *filter = stage_add(stage, "{}");
    obs_source_set_name(filter, "first");
    stage_pass_frame(stage);
    obs_hotkey_load_bindings(find(stage->source, "Enable 'first'"), keys, 1);
    obs_hotkey_load_bindings(find(stage->source, "Disable 'first'"), keys, 2);
    obs_source_set_name(filter, "second");
    stage_pass_frame(stage);
    assert_int_equal(bound_keys(stage->source, "Enable 'second'"), 1);
    assert_int_equal(bound_keys(stage->source, "Disable 'second'"), 2);
}

static void they_go_with_the_filter(void **state)
{
    struct stage *stage = *state;
    obs_source_t *filter = stage_add(stage, "{}");
    obs_source_set_name(filter, "gone");
    stage_pass_frame(stage);
    assert_int_not_equal(find(stage->source, "Enable 'gone'"), OBS_INVALID_HOTKEY_ID);
    stage_remove(stage, filter);
    assert_int_equal(find(stage->source, "Enable 'gone'"), OBS_INVALID_HOTKEY_ID);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(they_enable_and_disable),
        TEST(they_have_the_filters_name),
        TEST(what_is_bound_stays_when_the_filter_is_renamed),
        TEST(they_go_with_the_filter),
    };
    return cmocka_run_group_tests(tests, stage_group_open, stage_group_close);
}
