/* Failures that can be cured while OBS runs, and settings that nobody's panel would write. */
#include "tests/plugin/fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char exposed[] = "{\"effect\": \"color\", \"color.exposure_ev\": -1}";

static void expect_filtered(struct stage *stage, const struct picture *in, const char *settings)
{
    struct picture wanted = stage_apply(in, settings);
    stage_draw(stage);
    stage_expect(stage, &wanted);
    picture_destroy(&wanted);
}

static void expect_unfiltered(struct stage *stage, const struct picture *in)
{
    stage_draw(stage);
    stage_expect(stage, in);
}

/* The environment is read when the device is opened, which a failure undoes. It is written on the
 * graphics thread, where it is read. */
static void forbid(void *unused)
{
    (void)unused;
    setenv("HIPFX_FORCE", "order=none", 1);
}

static void allow(void *unused)
{
    (void)unused;
    unsetenv("HIPFX_FORCE");
}

static void on_graphics_thread(struct stage *stage, void (*what)(void *))
{
    assert_true(hipfx_host_frame(stage->host, &(struct hipfx_host_job){.tick = what}));
}

static int open_forbidden(void **state)
{
    if (stage_open(state) != 0)
        return -1;
    on_graphics_thread(*state, forbid);
    return 0;
}

static int close_allowed(void **state)
{
    allow(NULL);
    return stage_close(state);
}

/* Fails, and keeps to it when the cause is gone but nothing gave it reason to try again. */
static obs_source_t *fail_first(struct stage *stage, const struct picture *in)
{
    stage_show(stage, in);
    obs_source_t *filter = stage_add(stage, exposed);
    expect_unfiltered(stage, in);
    assert_string_equal(stage_report(filter).state, "passthrough");
    on_graphics_thread(stage, allow);
    for (int i = 0; i < 5; i++)
        expect_unfiltered(stage, in);
    return filter;
}

static void expect_cured(struct stage *stage, obs_source_t *filter, const struct picture *in)
{
    expect_filtered(stage, in, exposed);
    const struct stage_report report = stage_report(filter);
    assert_string_equal(report.state, "ready");
    assert_string_equal(report.reason, "");
}

static void an_update_tries_again(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_OPAQUE, 20, 10);
    obs_source_t *filter = fail_first(stage, &in);
    stage_update(filter, "{}");
    expect_cured(stage, filter, &in);
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 1);
    picture_destroy(&in);
}

static void a_new_size_tries_again(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_OPAQUE, 20, 10);
    struct picture larger = stage_picture(PICTURE_OPAQUE, 20, 11);
    obs_source_t *filter = fail_first(stage, &in);
    stage_show(stage, &larger);
    expect_cured(stage, filter, &larger);
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 1);
    picture_destroy(&in);
    picture_destroy(&larger);
}

static void a_video_reset_tries_again(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_OPAQUE, 20, 10);
    obs_source_t *filter = fail_first(stage, &in);
    stage_reset_video(stage);
    expect_cured(stage, filter, &in);
    picture_destroy(&in);
}

/* A failure that comes back after a cure is news. */
static void a_second_failure_is_told_again(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_OPAQUE, 20, 10);
    obs_source_t *filter = fail_first(stage, &in);
    stage_update(filter, "{}");
    expect_cured(stage, filter, &in);
    stage_update(filter, "{\"effect\": \"does_not_exist\"}");
    expect_unfiltered(stage, &in);
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 2);
    stage_update(filter, exposed);
    expect_cured(stage, filter, &in);
    stage_update(filter, "{\"effect\": \"does_not_exist\"}");
    expect_unfiltered(stage, &in);
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 3);
    picture_destroy(&in);
}

static void an_effect_of_a_later_version_waits_for_it(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_TRANSLUCENT, 20, 10);
    stage_show(stage, &in);
    obs_source_t *filter =
        stage_add(stage, "{\"effect\": \"does_not_exist\", \"does_not_exist.strength\": 0.5}");
    obs_data_t *kept = obs_source_get_settings(filter);
    for (int i = 0; i < 100; i++)
        expect_unfiltered(stage, &in);
    const struct stage_report report = stage_report(filter);
    assert_string_equal(report.state, "passthrough");
    assert_non_null(strstr(report.reason, "\"does_not_exist\""));
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 1);
    assert_true(hipfx_host_log_has(report.reason));
    assert_string_equal(obs_data_get_string(kept, "effect"), "does_not_exist");
    assert_true(obs_data_get_double(kept, "does_not_exist.strength") == 0.5);

    stage_update(filter, exposed);
    expect_cured(stage, filter, &in);
    assert_true(obs_data_get_double(kept, "does_not_exist.strength") == 0.5);
    obs_data_release(kept);
    picture_destroy(&in);
}

static void an_unknown_choice_is_the_default_one(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_OPAQUE, 61, 43);
    stage_show(stage, &in);
    obs_source_t *filter = stage_add(stage, "{\"sine_wave.style\": \"zigzag\"}");
    obs_data_t *kept = obs_source_get_settings(filter);
    for (int i = 0; i < 100; i++)
        expect_filtered(stage, &in, "{}");
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 1);
    assert_true(hipfx_host_log_has("\"zigzag\""));
    assert_string_equal(obs_data_get_string(kept, "sine_wave.style"), "zigzag");

    stage_update(filter, "{\"sine_wave.style\": \"fill\"}");
    expect_filtered(stage, &in, "{\"sine_wave.style\": \"fill\"}");
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 1);
    obs_data_release(kept);
    picture_destroy(&in);
}

static void set_number(obs_source_t *filter, const char *key, double value)
{
    obs_data_t *data = obs_data_create();
    obs_data_set_double(data, key, value);
    obs_source_update(filter, data);
    obs_data_release(data);
}

static void numbers_out_of_range_are_brought_into_it(void **state)
{
    static const struct {
        double value;
        const char *same_as;
    } cases[] = {
        {NAN, "{\"effect\": \"gaussian_blur\"}"},
        {INFINITY, "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": 1000}"},
        {1e300, "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": 1000}"},
        {-1e300, "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": 0}"},
        {-INFINITY, "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": 0}"},
        {1e-310, "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": 0}"},
    };
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_TRANSLUCENT, 61, 43);
    stage_show(stage, &in);
    obs_source_t *filter = stage_add(stage, "{\"effect\": \"gaussian_blur\"}");
    obs_data_t *kept = obs_source_get_settings(filter);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        set_number(filter, "gaussian_blur.sigma_px", cases[i].value);
        expect_filtered(stage, &in, cases[i].same_as);
        const double stored = obs_data_get_double(kept, "gaussian_blur.sigma_px");
        assert_memory_equal(&stored, &cases[i].value, sizeof(stored));
    }
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 2);
    assert_true(hipfx_host_log_has("gaussian_blur.sigma_px is not a number"));
    assert_true(hipfx_host_log_has("gaussian_blur.sigma_px: inf is outside 0 to 1000: using 1000"));
    obs_data_release(kept);
    picture_destroy(&in);
}

/* No GPU, and no llvmpipe either, has images of this width. */
static void a_source_too_large_for_the_device_passes_through(void **state)
{
    struct stage *stage = *state;
    struct picture wide = picture_create(100000, 1, HIPFX_PIXEL_RGBA8_SRGB, 0);
    struct picture in = stage_picture(PICTURE_OPAQUE, 20, 10);
    stage_show(stage, &in);
    obs_source_t *filter = stage_add(stage, exposed);
    expect_filtered(stage, &in, exposed);

    stage_show(stage, &wide);
    obs_set_output_source(0, stage->source);
    for (int i = 0; i < 10; i++)
        stage_pass_frame(stage);
    obs_set_output_source(0, NULL);
    const struct stage_report report = stage_report(filter);
    assert_string_equal(report.state, "passthrough");
    assert_non_null(strstr(report.reason, "100000x1 is larger than the device's images"));
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 1);

    stage_show(stage, &in);
    expect_cured(stage, filter, &in);
    picture_destroy(&wide);
    picture_destroy(&in);
}

#define TEST(name)           cmocka_unit_test_setup_teardown(name, stage_open, stage_close)
#define FORBIDDEN_TEST(name) cmocka_unit_test_setup_teardown(name, open_forbidden, close_allowed)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FORBIDDEN_TEST(an_update_tries_again),
        FORBIDDEN_TEST(a_new_size_tries_again),
        FORBIDDEN_TEST(a_video_reset_tries_again),
        FORBIDDEN_TEST(a_second_failure_is_told_again),
        TEST(an_effect_of_a_later_version_waits_for_it),
        TEST(an_unknown_choice_is_the_default_one),
        TEST(numbers_out_of_range_are_brought_into_it),
        TEST(a_source_too_large_for_the_device_passes_through),
    };
    return cmocka_run_group_tests(tests, stage_group_open, stage_group_close);
}
