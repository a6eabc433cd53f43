/* The filter's life on the stand-in for AMD's runtime: descriptors are imported and not consumed at
 * each resize, and none is left behind. */
#include "tests/plugin/fixture.h"

#include <string.h>
#include <unistd.h>

#define FRAMES 200

static const char settings[] =
    "{\"effect\": \"color\", \"color.exposure_ev\": -1, \"color.saturation\": 1.5}";

static void draw_size(struct stage *stage, int width, int height)
{
    struct picture in = stage_picture(PICTURE_OPAQUE, width, height);
    struct picture wanted = stage_apply(&in, settings);
    stage_show(stage, &in);
    stage_draw(stage);
    stage_expect(stage, &wanted);
    picture_destroy(&wanted);
    picture_destroy(&in);
}

/* Other threads open and close some of their own, so that a moment's count may be one off. */
static void expect_descriptors(int wanted)
{
    for (int i = 0; i < 200 && stage_holdings().descriptors != wanted; i++)
        usleep(10000);
    assert_int_equal(stage_holdings().descriptors, wanted);
}

static void resizes_leave_no_descriptor_behind(void **state)
{
    struct stage *stage = *state;
    obs_source_t *filter = stage_add(stage, settings);
    draw_size(stage, 40, 30);
    const struct stage_report report = stage_report(filter);
    assert_string_equal(report.device, "amd");
    assert_string_equal(report.state, "ready");
    assert_string_equal(report.reason, "");
    assert_int_equal(report.host_bytes_per_frame, 0);

    const int descriptors = stage_holdings().descriptors;
    for (int i = 1; i <= FRAMES; i++) {
        draw_size(stage, 40 + i % 7, 30 + i % 11);
        expect_descriptors(descriptors);
    }
    assert_true(stage_report(filter).frames > FRAMES);
    assert_int_equal(stage_report(filter).passthrough_frames, report.passthrough_frames);
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 0);
    assert_int_equal(hipfx_host_log_count(LOG_ERROR), 0);
}

static void filters_come_and_go(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_OPAQUE, 33, 21);
    stage_show(stage, &in);
    stage_remove(stage, stage_add(stage, settings));
    obs_source_t *first = stage_add(stage, settings);
    stage_draw(stage);
    const int descriptors = stage_holdings().descriptors;
    for (int i = 0; i < 10; i++) {
        obs_source_t *second = stage_add(stage, settings);
        stage_draw(stage);
        assert_string_equal(stage_report(second).device, "amd");
        stage_remove(stage, second);
        expect_descriptors(descriptors);
    }
    stage_remove(stage, first);
    picture_destroy(&in);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(resizes_leave_no_descriptor_behind),
        TEST(filters_come_and_go),
    };
    return cmocka_run_group_tests(tests, stage_group_open, stage_group_close);
}
