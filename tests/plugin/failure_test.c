/* failure_test REASON [THING]: the environment makes the filter fail. Frames pass through, and the
 * log, the report and the panel say why, with the words of REASON. Skipped where the device has the
 * thing that is to be missing. */
#include "interop/gl/semaphore.h"
#include "interop/hip/hip.h"
#include "tests/plugin/fixture.h"

#include <string.h>

static const char *reason;

static const char settings[] =
    "{\"effect\": \"color\", \"color.exposure_ev\": -1, \"sine_wave.cycles\": 7}";

static void expect_one_line(void)
{
    assert_int_equal(hipfx_host_log_count(LOG_ERROR), 0);
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 1);
}

static void expect_refusal(obs_source_t *filter)
{
    const struct stage_report report = stage_report(filter);
    assert_string_equal(report.state, "passthrough");
    if (!strstr(report.reason, reason))
        fail_msg("the report says: %s", report.reason);
    assert_true(hipfx_host_log_has(report.reason));

    obs_properties_t *panel = obs_source_properties(filter);
    obs_property_t *row = obs_properties_get(panel, "status");
    assert_non_null(row);
    assert_int_equal(obs_property_text_info_type(row), OBS_TEXT_INFO_WARNING);
    if (!strstr(obs_property_description(row), report.reason))
        fail_msg("the panel says: %s", obs_property_description(row));
    obs_properties_destroy(panel);
}

static void frames_pass_through_and_one_line_says_why(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_TRANSLUCENT, 61, 43);
    stage_show(stage, &in);
    obs_source_t *filter = stage_add(stage, settings);
    obs_data_t *kept = obs_source_get_settings(filter);
    char before[1024];
    snprintf(before, sizeof(before), "%s", obs_data_get_json(kept));

    stage_draw(stage);
    stage_expect(stage, &in);
    expect_refusal(filter);
    expect_one_line();

    const long long frames = stage_report(filter).passthrough_frames;
    for (int i = 0; i < 100; i++) {
        stage_draw(stage);
        stage_expect(stage, &in);
    }
    assert_int_equal(stage_report(filter).passthrough_frames, frames + 100);
    expect_refusal(filter);
    expect_one_line();

    assert_string_equal(obs_data_get_json(kept), before);
    obs_data_release(kept);
    picture_destroy(&in);
}

/* Each of them tries again, which comes to the same: nobody wants to read it twice. */
static void what_tries_again_in_vain_adds_no_line(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_OPAQUE, 20, 10);
    stage_show(stage, &in);
    obs_source_t *filter = stage_add(stage, settings);
    stage_draw(stage);
    for (int i = 1; i <= 5; i++) {
        struct picture other = stage_picture(PICTURE_OPAQUE, 20 + i, 10);
        stage_show(stage, &other);
        stage_draw(stage);
        stage_expect(stage, &other);
        stage_update(filter, "{\"color.exposure_ev\": 1}");
        stage_draw(stage);
        stage_expect(stage, &other);
        picture_destroy(&other);
    }
    expect_refusal(filter);
    expect_one_line();
    picture_destroy(&in);
}

static void neutral_settings_ask_for_nothing(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_OPAQUE, 20, 10);
    stage_show(stage, &in);
    obs_source_t *filter = stage_add(stage, "{\"effect\": \"color\"}");
    stage_draw(stage);
    stage_expect(stage, &in);
    assert_string_equal(stage_report(filter).state, "ready");
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 0);
    picture_destroy(&in);
}

static void nothing_grows_while_filters_fail(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_OPAQUE, 20, 10);
    struct stage_holdings before = {0};
    stage_show(stage, &in);
    for (int i = 0; i < 8; i++) {
        obs_source_t *filter = stage_add(stage, settings);
        stage_draw(stage);
        stage_remove(stage, filter);
        if (i == 2)
            before = stage_holdings();
    }
    stage_expect_holdings(&before);
    picture_destroy(&in);
}

static bool has_memory_object(void)
{
    return epoxy_has_gl_extension("GL_EXT_memory_object");
}

/* Where OpenGL is NVIDIA's, so is HIP. */
static bool has_timeline(void)
{
    return hipfx_gl_has_timeline() && hipfx_hip_open(HIPFX_HIP_NVIDIA, NULL);
}

static bool has_array(void)
{
    return hipfx_gl_has_tiling(HIPFX_PIXEL_RGBA8_SRGB, VK_IMAGE_TILING_OPTIMAL) &&
           hipfx_hip_open(HIPFX_HIP_NVIDIA, NULL);
}

static const struct {
    const char *name;
    bool (*ask)(void);
    const char *skipped;
} things[] = {
    {"memory_object", has_memory_object, "this OpenGL has GL_EXT_memory_object in any case"},
    {"gl-timeline", has_timeline, "this device has order=gl-timeline"},
    {"array", has_array, "this device has memory=array"},
};

/* True if the device has it. */
static bool skips(const char *thing)
{
    for (size_t i = 0; i < sizeof(things) / sizeof(things[0]); i++) {
        if (strcmp(things[i].name, thing) != 0)
            continue;
        const bool has = stage_gl_has(things[i].ask);
        if (has)
            printf("skipped: %s\n", things[i].skipped);
        return has;
    }
    return false;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(int argc, char **argv)
{
    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: %s REASON [THING]\n", argv[0]);
        return 2;
    }
    reason = argv[1];
    if (argc == 3 && skips(argv[2]))
        return 77;
    const struct CMUnitTest tests[] = {
        TEST(frames_pass_through_and_one_line_says_why),
        TEST(what_tries_again_in_vain_adds_no_line),
        TEST(neutral_settings_ask_for_nothing),
        TEST(nothing_grows_while_filters_fail),
    };
    return cmocka_run_group_tests(tests, stage_group_open, stage_group_close);
}
