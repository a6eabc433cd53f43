/* When what an effect keeps of earlier frames is begun anew: the report counts the frames that had
 * none before them. */
#include "tests/plugin/fixture.h"

#include <obs/util/platform.h>

static const char exposed[] = "{\"effect\": \"color\", \"color.exposure_ev\": -1}";

static void show(struct stage *stage, int width, int height)
{
    struct picture in = stage_picture(PICTURE_OPAQUE, width, height);
    stage_show(stage, &in);
    picture_destroy(&in);
}

/* A filter that has had its first frame, and more. */
static obs_source_t *begin(struct stage *stage)
{
    show(stage, 31, 21);
    obs_source_t *filter = stage_add(stage, exposed);
    for (int i = 0; i < 3; i++)
        stage_draw(stage);
    assert_int_equal(stage_report(filter).first_frames, 1);
    return filter;
}

/* The next frame goes on from the one before, or does not; those after it do. */
static void expect_anew(struct stage *stage, obs_source_t *filter, bool anew)
{
    const long long before = stage_report(filter).first_frames;
    for (int i = 0; i < 3; i++) {
        stage_draw(stage);
        assert_int_equal(stage_report(filter).first_frames, before + (anew ? 1 : 0));
    }
}

static void other_values_go_on(void **state)
{
    struct stage *stage = *state;
    obs_source_t *filter = begin(stage);
    stage_update(filter, "{\"color.exposure_ev\": 1}");
    expect_anew(stage, filter, false);
    hipfx_filter_set_time(filter, 0.5);
    expect_anew(stage, filter, false);
}

static void another_size_begins_anew(void **state)
{
    struct stage *stage = *state;
    obs_source_t *filter = begin(stage);
    show(stage, 32, 21);
    expect_anew(stage, filter, true);
    show(stage, 31, 21);
    expect_anew(stage, filter, true);
}

static void another_effect_begins_anew(void **state)
{
    struct stage *stage = *state;
    obs_source_t *filter = begin(stage);
    stage_update(filter, "{\"effect\": \"sine_wave\"}");
    expect_anew(stage, filter, true);
    stage_update(filter, exposed);
    expect_anew(stage, filter, true);
}

/* Frames that needed no filtering were not seen by the effect. */
static void neutral_frames_end_it(void **state)
{
    struct stage *stage = *state;
    obs_source_t *filter = begin(stage);
    stage_update(filter, "{\"color.exposure_ev\": 0}");
    expect_anew(stage, filter, false);
    stage_update(filter, exposed);
    expect_anew(stage, filter, true);
}

static void hiding_ends_it(void **state)
{
    struct stage *stage = *state;
    obs_source_t *filter = begin(stage);
    obs_source_inc_showing(stage->source);
    stage_draw(stage);
    expect_anew(stage, filter, false);
    obs_source_dec_showing(stage->source);
    stage_pass_frame(stage);
    expect_anew(stage, filter, true);
}

/* Ticked, but not drawn, for longer than the eye would connect. */
static void a_gap_ends_it(void **state)
{
    struct stage *stage = *state;
    obs_source_t *filter = begin(stage);
    stage_pass_frame(stage);
    os_sleep_ms(400);
    stage_pass_frame(stage);
    expect_anew(stage, filter, true);
}

/* Where the effect had not been, there is nothing to go on from. */
static void a_region_that_grows_or_moves_begins_anew(void **state)
{
    struct stage *stage = *state;
    show(stage, 160, 80);
    obs_source_t *filter = stage_add(stage, exposed);
    stage_draw(stage);
    stage_update(filter, "{\"region\": \"rectangle\"}");
    expect_anew(stage, filter, false);
    stage_update(filter, "{\"region.x\": 0.4}");
    expect_anew(stage, filter, true);
    stage_update(filter, "{\"region.width\": 0.2}");
    expect_anew(stage, filter, false);
    stage_update(filter, "{\"region\": \"frame\"}");
    expect_anew(stage, filter, true);
}

static void a_jump_of_the_clock_ends_it(void **state)
{
    struct stage *stage = *state;
    obs_source_t *filter = begin(stage);
    hipfx_filter_set_time(filter, 100);
    expect_anew(stage, filter, true);
    hipfx_filter_set_time(filter, 99.9);
    expect_anew(stage, filter, true);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(other_values_go_on),
        TEST(another_size_begins_anew),
        TEST(another_effect_begins_anew),
        TEST(neutral_frames_end_it),
        TEST(hiding_ends_it),
        TEST(a_gap_ends_it),
        TEST(a_region_that_grows_or_moves_begins_anew),
        TEST(a_jump_of_the_clock_ends_it),
    };
    return cmocka_run_group_tests(tests, stage_group_open, stage_group_close);
}
