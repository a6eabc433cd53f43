/* A runtime that passes its trial and hangs afterwards: frames pass through at once, and after a
 * bound the filter says so. */
#include "tests/plugin/fixture.h"

#include <string.h>

static void a_runtime_that_hangs_is_given_up(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_TRANSLUCENT, 61, 43);
    stage_show(stage, &in);
    obs_source_t *filter = stage_add(stage, "{\"effect\": \"color\", \"color.exposure_ev\": -1}");
    stage_draw_times(stage, 1);
    assert_string_equal(stage_report(filter).state, "starting");
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 0);

    stage_draw(stage); /* until it is not starting any more */
    stage_expect(stage, &in);
    struct stage_report report = stage_report(filter);
    assert_string_equal(report.state, "passthrough");
    assert_non_null(strstr(report.reason, "amd did not open its device within"));
    assert_non_null(strstr(report.reason, "restart OBS"));

    /* Trying again does not wait again. */
    stage_update(filter, "{\"color.exposure_ev\": 1}");
    stage_draw_times(stage, 1);
    report = stage_report(filter);
    assert_string_equal(report.state, "passthrough");
    assert_true(hipfx_host_log_has(report.reason));
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 1);
    picture_destroy(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_runtime_that_hangs_is_given_up, stage_open, stage_close),
    };
    return cmocka_run_group_tests(tests, stage_group_open, stage_group_close);
}
