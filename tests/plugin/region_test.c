/* Mix and region, for all effects alike, in libobs. */
#include "tests/plugin/fixture.h"

#include <stdio.h>
#include <string.h>

/* Effects' settings with those of a region behind them; the caller draws at once. */
static const char *with(const char *effect, const char *region)
{
    static char settings[512];
    snprintf(settings, sizeof(settings), "{%s, %s}", effect, region);
    return settings;
}

#define EXPOSED "\"effect\": \"color\", \"color.exposure_ev\": -2"
#define WARPED  "\"effect\": \"sine_wave\", \"sine_wave.style\": \"warp\""
#define BLURRED "\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": 4"

static void expect_applied(struct stage *stage, const struct picture *in, obs_source_t *filter,
                           const char *settings)
{
    struct picture wanted = stage_apply(in, settings);
    stage_update(filter, settings);
    stage_draw(stage);
    stage_expect(stage, &wanted);
    assert_string_equal(stage_report(filter).state, "ready");
    picture_destroy(&wanted);
}

static void every_form_is_filtered(void **state)
{
    static const char *const regions[] = {
        "\"region\": \"frame\", \"mix\": 0.5",
        "\"region\": \"rectangle\", \"mix\": 1, \"region.feather_px\": 0",
        "\"region\": \"rectangle\", \"region.invert\": true, \"region.feather_px\": 9",
        "\"region\": \"ellipse\", \"region.invert\": false, \"region.x\": 0.6",
        "\"region\": \"ellipse\", \"region.invert\": true, \"mix\": 0.25",
    };
    static const char *const effects[] = {EXPOSED, WARPED};
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_TRANSLUCENT, 121, 67);
    stage_show(stage, &in);
    for (size_t e = 0; e < sizeof(effects) / sizeof(effects[0]); e++) {
        for (size_t i = 0; i < sizeof(regions) / sizeof(regions[0]); i++) {
            obs_source_t *filter = stage_add(stage, "{}");
            expect_applied(stage, &in, filter, with(effects[e], regions[i]));
            stage_remove(stage, filter);
        }
    }
    picture_destroy(&in);
}

/* The bytes outside are the source's, whatever the effect's reach is. */
static void outside_of_the_region_nothing_is_changed(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_TRANSLUCENT, 160, 80);
    stage_show(stage, &in);
    stage_add(stage, with(BLURRED, "\"region\": \"rectangle\", \"region.feather_px\": 10, "
                                   "\"region.x\": 0.5, \"region.y\": 0.5"));
    stage_draw(stage);
    const struct picture got = stage_drawn(stage);
    int changed = 0;
    for (int y = 0; y < in.height; y++) {
        for (int x = 0; x < in.width; x++) {
            const bool same = !memcmp(got.bytes + (size_t)y * got.pitch + (size_t)x * 4,
                                      in.bytes + (size_t)y * in.pitch + (size_t)x * 4, 4);
            if (x < 75 || y < 35)
                assert_true(same);
            changed += !same;
        }
    }
    assert_true(changed > 80 * 40 / 2);
    picture_destroy(&in);
}

/* A region that is nothing, or a mix of nothing, is no work. */
static void no_share_is_neutral(void **state)
{
    static const char *const regions[] = {
        "\"mix\": 0",
        "\"region\": \"rectangle\", \"region.width\": 0",
        "\"region\": \"ellipse\", \"region.x\": 1, \"region.feather_px\": 0",
        "\"region\": \"rectangle\", \"region.feather_px\": 0, \"region.invert\": true, "
        "\"region.x\": 0, \"region.y\": 0, \"region.width\": 1, \"region.height\": 1",
    };
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_TRANSLUCENT, 64, 48);
    stage_show(stage, &in);
    for (size_t i = 0; i < sizeof(regions) / sizeof(regions[0]); i++) {
        obs_source_t *filter = stage_add(stage, with(EXPOSED, regions[i]));
        stage_draw(stage);
        stage_expect(stage, &in);
        assert_string_equal(stage_report(filter).state, "ready");
        assert_int_equal(stage_report(filter).first_frames, 0); /* the effect was not run */
        stage_remove(stage, filter);
    }
    picture_destroy(&in);
}

/* Left over from a shape: its row is hidden then. */
static void the_whole_picture_has_no_outside(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_OPAQUE, 64, 48);
    struct picture wanted = stage_apply(&in, with(EXPOSED, "\"mix\": 1"));
    stage_show(stage, &in);
    obs_source_t *filter =
        stage_add(stage, with(EXPOSED, "\"region\": \"ellipse\", \"region.invert\": true"));
    stage_draw(stage);
    stage_update(filter, "{\"region\": \"frame\"}");
    stage_draw(stage);
    stage_expect(stage, &wanted);
    picture_destroy(&wanted);
    picture_destroy(&in);
}

static void what_is_no_region_is_the_whole_picture_with_a_line(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_OPAQUE, 64, 48);
    stage_show(stage, &in);
    obs_source_t *filter = stage_add(stage, with(EXPOSED, "\"region\": \"triangle\""));
    expect_applied(stage, &in, filter, with(EXPOSED, "\"mix\": 1"));
    assert_true(hipfx_host_log_has("region: \"triangle\" is not a choice"));
    picture_destroy(&in);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_form_is_filtered),
        TEST(outside_of_the_region_nothing_is_changed),
        TEST(no_share_is_neutral),
        TEST(the_whole_picture_has_no_outside),
        TEST(what_is_no_region_is_the_whole_picture_with_a_line),
    };
    return cmocka_run_group_tests(tests, stage_group_open, stage_group_close);
}
