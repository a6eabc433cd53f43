/* Smooth mode: the result of the frame before, exactly that one, and the graphics thread goes on.
 */
#include "tests/plugin/fixture.h"

#include <unistd.h>

#define FRAMES 30

static const char smooth[] =
    "{\"effect\": \"color\", \"color.exposure_ev\": -1, \"mode\": \"smooth\"}";
static const char exact[] =
    "{\"effect\": \"color\", \"color.exposure_ev\": -1, \"mode\": \"exact\"}";

/* Until the worker has done what it was given, so that a frame is late only where it must be. */
static void wait_for_worker(obs_source_t *filter)
{
    for (int i = 0; i < 5000; i++) {
        json_t *report = hipfx_filter_report(filter);
        const bool in_flight = json_is_true(json_object_get(report, "in_flight"));
        json_decref(report);
        if (!in_flight)
            return;
        usleep(1000);
    }
    fail_msg("the worker did not end a frame within 5 s");
}

static void draw(struct stage *stage, obs_source_t *filter, const struct picture *picture)
{
    stage_show(stage, picture);
    stage_draw(stage);
    wait_for_worker(filter);
}

static void each_frame_shows_the_one_before(void **state)
{
    struct stage *stage = *state;
    struct picture before = stage_picture(0, 317, 203);
    stage_show(stage, &before);
    obs_source_t *filter = stage_add(stage, smooth);
    draw(stage, filter, &before);
    for (int i = 0; i < FRAMES; i++) {
        struct picture now = stage_picture((enum picture_kind)(i % 2), 317, 203);
        struct picture wanted = stage_apply(&before, smooth);
        now.bytes[0] = (unsigned char)i; /* no two are alike */
        draw(stage, filter, &now);
        stage_expect(stage, &wanted);
        picture_destroy(&wanted);
        picture_destroy(&before);
        before = now;
    }
    const struct stage_report report = stage_report(filter);
    assert_string_equal(report.state, "ready");
    picture_destroy(&before);
}

static void a_frame_of_a_new_size_passes_through_and_the_next_is_filtered(void **state)
{
    struct stage *stage = *state;
    struct picture first = stage_picture(0, 64, 64);
    stage_show(stage, &first);
    obs_source_t *filter = stage_add(stage, smooth);
    draw(stage, filter, &first);
    picture_destroy(&first);
    for (int i = 0; i < FRAMES; i++) {
        struct picture picture = stage_picture(0, 31 + i * 7, 90 - i);
        struct picture wanted = stage_apply(&picture, smooth);
        draw(stage, filter, &picture); /* drawn until there is something to show */
        stage_expect(stage, &wanted);
        picture_destroy(&wanted);
        picture_destroy(&picture);
    }
}

static void exact_takes_over_at_once(void **state)
{
    struct stage *stage = *state;
    struct picture a = stage_picture(0, 100, 50), b = stage_picture(1, 100, 50);
    struct picture wanted = stage_apply(&b, exact);
    stage_show(stage, &a);
    obs_source_t *filter = stage_add(stage, smooth);
    draw(stage, filter, &a);
    stage_update(filter, exact);
    draw(stage, filter, &b);
    stage_expect(stage, &wanted);
    picture_destroy(&wanted);
    picture_destroy(&b);
    picture_destroy(&a);
}

static void filters_come_and_go_with_frames_in_flight(void **state)
{
    struct stage *stage = *state;
    struct picture picture = stage_picture(0, 400, 300);
    struct stage_holdings before = {0};
    stage_show(stage, &picture);
    for (int i = 0; i < 12; i++) {
        obs_source_t *filter = stage_add(stage, smooth);
        stage_draw(stage);
        stage_remove(stage, filter);
        stage_settle(stage);
        if (i == 2)
            before = stage_holdings();
    }
    stage_expect_holdings(&before);
    picture_destroy(&picture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_frame_shows_the_one_before, stage_open, stage_close),
        cmocka_unit_test_setup_teardown(
            a_frame_of_a_new_size_passes_through_and_the_next_is_filtered, stage_open, stage_close),
        cmocka_unit_test_setup_teardown(exact_takes_over_at_once, stage_open, stage_close),
        cmocka_unit_test_setup_teardown(filters_come_and_go_with_frames_in_flight, stage_open,
                                        stage_close),
    };
    return cmocka_run_group_tests_name("smooth", tests, stage_group_open, stage_group_close);
}
