/* The filter's life in libobs: sources that come, go, change and hide, filters that are moved and
 * copied, video that is reset. Nothing is left behind. */
#include "tests/plugin/fixture.h"

#include <epoxy/egl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static const char exposed[] = "{\"effect\": \"color\", \"color.exposure_ev\": -1}";
static const char waved[] = "{\"sine_wave.thickness_px\": 9}";

/* Draws a frame and wants what the settings make of the picture. */
static void draw_filtered(struct stage *stage, const struct picture *in, const char *settings)
{
    struct picture wanted = stage_apply(in, settings);
    stage_draw(stage);
    stage_expect(stage, &wanted);
    picture_destroy(&wanted);
}

static void draw_unfiltered(struct stage *stage, const struct picture *in)
{
    stage_draw(stage);
    stage_expect(stage, in);
}

static void nothing_was_complained_about(void)
{
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 0);
    assert_int_equal(hipfx_host_log_count(LOG_ERROR), 0);
}

static void show_and_filter(struct stage *stage, enum picture_kind kind, int width, int height)
{
    struct picture in = stage_picture(kind, width, height);
    stage_show(stage, &in);
    draw_filtered(stage, &in, waved);
    picture_destroy(&in);
}

static void a_new_size_in_each_frame_is_filtered(void **state)
{
    struct stage *stage = *state;
    struct rng rng = {1};
    obs_source_t *filter = stage_add(stage, waved);
    show_and_filter(stage, PICTURE_OPAQUE, 33, 17);
    stage_settle(stage);
    const struct stage_holdings before = stage_holdings();
    const struct stage_report first = stage_report(filter);

    static const int edges[][2] = {{1, 1}, {1, 97}, {97, 1}, {2, 2}, {1, 1}, {129, 65}};
    for (int i = 0; i < 200; i++) {
        const int *edge = edges[i % 6];
        const bool take = i / 6 % 2;
        show_and_filter(stage, i % 2 ? PICTURE_OPAQUE : PICTURE_TRANSLUCENT,
                        take ? edge[0] : 1 + rng_below(&rng, 150),
                        take ? edge[1] : 1 + rng_below(&rng, 90));
    }
    show_and_filter(stage, PICTURE_OPAQUE, 33, 17);
    stage_settle(stage);
    stage_expect_holdings(&before);

    const struct stage_report report = stage_report(filter);
    assert_int_equal(report.frames, first.frames + 201);
    assert_int_equal(report.passthrough_frames, first.passthrough_frames);
    assert_int_equal(report.width, 33);
    assert_int_equal(report.height, 17);
    nothing_was_complained_about();
}

static void a_source_without_a_size_is_waited_for(void **state)
{
    struct stage *stage = *state;
    const struct picture nothing = {0};
    obs_source_t *filter = stage_add(stage, exposed);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(obs_source_get_width(stage->source), 0);
        stage_show(stage, &nothing);
    }
    struct picture in = stage_picture(PICTURE_OPAQUE, 9, 7);
    stage_show(stage, &in);
    draw_filtered(stage, &in, exposed);
    stage_show(stage, &nothing);
    stage_show(stage, &in);
    draw_filtered(stage, &in, exposed);
    assert_string_equal(stage_report(filter).state, "ready");
    picture_destroy(&in);
    nothing_was_complained_about();
}

/* A canvas item of a source that has no size is drawn all the same. */
static void a_source_without_a_size_is_drawn_as_nothing(void **state)
{
    struct stage *stage = *state;
    obs_source_t *filter = stage_add(stage, exposed);
    obs_set_output_source(0, stage->source);
    for (int i = 0; i < 5; i++)
        stage_pass_frame(stage);
    obs_set_output_source(0, NULL);
    assert_string_equal(stage_report(filter).state, "starting");
    nothing_was_complained_about();
}

static void a_source_may_be_removed_while_it_is_filtered(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_OPAQUE, 31, 21);
    stage_show(stage, &in);
    for (int i = 0; i < 3; i++) {
        struct hipfx_why why = {0};
        obs_source_t *source = stage_new_source("short-lived");
        obs_source_t *filter = hipfx_filter_add(source, exposed, &why);
        stage_show_on(stage, source, &in);
        stage_draw_source(stage, source);
        obs_source_remove(source);
        stage_draw_source(stage, source);
        obs_source_release(source);
        if (i == 1)
            stage_settle(stage); /* the filter outlives its source */
        obs_source_release(filter);
        stage_settle(stage);
    }
    picture_destroy(&in);
    nothing_was_complained_about();
}

/* In the middle of a frame: drawn, taken off, drawn. */
struct cut {
    struct stage *stage;
    obs_source_t *filter;
    bool ok;
};

static void cut_filter(void *param)
{
    struct cut *cut = param;
    struct hipfx_grab *grab = &cut->stage->grab;
    cut->ok = hipfx_grab_draw(grab, cut->stage->source);
    obs_source_filter_remove(cut->stage->source, cut->filter);
    cut->ok = cut->ok && hipfx_grab_draw(grab, cut->stage->source) && hipfx_grab_read(grab);
}

static void a_filter_may_be_removed_within_a_frame(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_OPAQUE, 31, 21);
    stage_show(stage, &in);
    for (int i = 0; i < 3; i++) {
        obs_source_t *filter = stage_add(stage, exposed);
        draw_filtered(stage, &in, exposed);
        struct cut cut = {.stage = stage, .filter = filter};
        const struct hipfx_host_job job = {.draw = cut_filter, .param = &cut};
        assert_true(hipfx_host_frame(stage->host, &job));
        assert_true(cut.ok);
        stage_expect(stage, &in);
        stage_remove(stage, filter);
    }
    picture_destroy(&in);
    nothing_was_complained_about();
}

/* The graphics thread draws the scene all the time while this one changes it. */
static void filters_come_and_go_while_frames_are_drawn(void **state)
{
    struct stage *stage = *state;
    struct picture small = stage_picture(PICTURE_OPAQUE, 31, 21);
    struct picture large = stage_picture(PICTURE_TRANSLUCENT, 63, 40);
    stage_show(stage, &small);
    obs_set_output_source(0, stage->source);
    for (int i = 0; i < 40; i++) {
        obs_source_t *first = stage_add(stage, exposed);
        obs_source_t *second = stage_add(stage, waved);
        stage_show(stage, i % 2 ? &small : &large);
        stage_update(first, waved);
        obs_source_filter_set_order(stage->source, second, OBS_ORDER_MOVE_UP);
        stage_update(second, exposed);
        if (i % 4 == 0)
            stage_settle(stage);
        stage_remove(stage, i % 3 ? first : second);
        stage_remove(stage, i % 3 ? second : first);
    }
    obs_set_output_source(0, NULL);
    picture_destroy(&small);
    picture_destroy(&large);
    nothing_was_complained_about();
}

static void a_disabled_filter_does_nothing(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_TRANSLUCENT, 31, 21);
    stage_show(stage, &in);
    obs_source_t *filter = stage_add(stage, exposed);
    draw_filtered(stage, &in, exposed);
    const long long frames = stage_report(filter).frames;

    obs_source_set_enabled(filter, false);
    for (int i = 0; i < 5; i++)
        draw_unfiltered(stage, &in);
    assert_int_equal(stage_report(filter).frames, frames);

    obs_source_set_enabled(filter, true);
    draw_filtered(stage, &in, exposed);
    assert_int_equal(stage_report(filter).frames, frames + 1);
    picture_destroy(&in);
    nothing_was_complained_about();
}

static long long frames_after(struct stage *stage, obs_source_t *filter, int frames)
{
    for (int i = 0; i < frames; i++)
        stage_pass_frame(stage);
    return stage_report(filter).frames;
}

static void a_hidden_source_costs_nothing(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_OPAQUE, 31, 21);
    stage_show(stage, &in);
    obs_source_t *filter = stage_add(stage, exposed);
    obs_scene_t *scene = obs_scene_create_private("scene");
    obs_sceneitem_t *item = obs_scene_add(scene, stage->source);
    obs_set_output_source(0, obs_scene_get_source(scene));
    const long long shown = frames_after(stage, filter, 10);
    assert_true(shown >= 5);

    obs_sceneitem_set_visible(item, false);
    const long long hidden = frames_after(stage, filter, 3);
    assert_int_equal(frames_after(stage, filter, 20), hidden);

    obs_sceneitem_set_visible(item, true);
    assert_true(frames_after(stage, filter, 10) >= hidden + 5);

    obs_set_output_source(0, NULL);
    obs_scene_release(scene);
    picture_destroy(&in);
    nothing_was_complained_about();
}

static void a_source_that_is_drawn_often_is_filtered_once_a_frame(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_TRANSLUCENT, 31, 21);
    stage_show(stage, &in);
    obs_source_t *filter = stage_add(stage, exposed);
    draw_filtered(stage, &in, exposed);
    const long long frames = stage_report(filter).frames;
    for (int i = 1; i <= 10; i++) {
        stage_draw_times(stage, 3);
        assert_int_equal(stage_report(filter).frames, frames + i);
    }
    draw_filtered(stage, &in, exposed);
    picture_destroy(&in);
}

static void draw_other_filtered(struct stage *stage, obs_source_t *other, const struct picture *in)
{
    struct picture wanted = stage_apply(in, exposed);
    stage_show_on(stage, other, in);
    stage_draw_source(stage, other);
    stage_expect(stage, &wanted);
    picture_destroy(&wanted);
}

static void copies_of_a_filter_work_on_their_own(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_OPAQUE, 31, 21);
    struct picture other_in = stage_picture(PICTURE_TRANSLUCENT, 15, 40);
    stage_show(stage, &in);
    obs_source_t *filter = stage_add(stage, exposed);
    draw_filtered(stage, &in, exposed);

    obs_source_t *other = stage_new_source("other");
    obs_source_copy_filters(other, stage->source);
    draw_other_filtered(stage, other, &other_in);

    obs_source_t *duplicate = obs_source_duplicate(stage->source, "duplicate", true);
    assert_ptr_not_equal(duplicate, stage->source);
    draw_other_filtered(stage, duplicate, &other_in);

    /* The first one goes, and the copies do not notice. */
    stage_update(filter, waved);
    stage_remove(stage, filter);
    draw_unfiltered(stage, &in);
    draw_other_filtered(stage, other, &in);
    draw_other_filtered(stage, duplicate, &in);

    obs_source_release(other);
    obs_source_release(duplicate);
    stage_settle(stage);
    picture_destroy(&in);
    picture_destroy(&other_in);
    nothing_was_complained_about();
}

static void the_filter_outlives_a_video_reset(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_OPAQUE, 31, 21);
    stage_show(stage, &in);
    obs_source_t *filter = stage_add(stage, exposed);
    draw_filtered(stage, &in, exposed);
    const struct stage_report first = stage_report(filter);
    for (int i = 1; i <= 4; i++) {
        stage_reset_video(stage);
        draw_filtered(stage, &in, exposed);
        assert_int_equal(stage_report(filter).frames, first.frames + i);
    }
    assert_int_equal(stage_report(filter).passthrough_frames, first.passthrough_frames);
    picture_destroy(&in);
    assert_int_equal(hipfx_host_log_count(LOG_ERROR), 0);
}

/* Every test here starts libobs again, with the module that the one before had loaded: this one
 * makes sure that it was in use before and after. */
static void libobs_may_stop_and_start_again(void **state)
{
    for (int i = 0; i < 3; i++) {
        struct stage *stage = *state;
        struct picture in = stage_picture(PICTURE_OPAQUE, 31, 21);
        stage_show(stage, &in);
        stage_add(stage, exposed);
        draw_filtered(stage, &in, exposed);
        picture_destroy(&in);
        nothing_was_complained_about();
        if (i < 2) {
            assert_int_equal(stage_close(state), 0);
            assert_int_equal(stage_open(state), 0);
        }
    }
}

/* Some are left on their source when libobs stops. */
static void filters_may_be_left_when_libobs_stops(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_OPAQUE, 31, 21);
    stage_show(stage, &in);
    stage_add(stage, exposed);
    stage_add(stage, waved);
    stage_draw(stage);
    picture_destroy(&in);
}

static void nothing_grows_while_filters_come_and_go(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_OPAQUE, 31, 21);
    struct stage_holdings before = {0};
    stage_show(stage, &in);
    for (int i = 0; i < 12; i++) {
        obs_source_t *first = stage_add(stage, exposed);
        obs_source_t *second = stage_add(stage, waved);
        stage_draw(stage);
        stage_remove(stage, first);
        stage_remove(stage, second);
        draw_unfiltered(stage, &in);
        if (i == 1)
            before = stage_holdings();
    }
    stage_expect_holdings(&before);
    picture_destroy(&in);
}

/* One thread makes all links, and has begun the one of a filter that is then drawn no more. */
static void a_filter_that_is_hidden_as_it_starts_holds_up_no_other(void **state)
{
    struct stage *stage = *state;
    struct hipfx_why why = {0};
    struct picture in = stage_picture(PICTURE_OPAQUE, 31, 21);
    stage_show(stage, &in);
    stage_add(stage, exposed);
    draw_filtered(stage, &in, exposed);
    stage_add(stage, waved);
    stage_draw_times(stage, 1);

    obs_source_t *other = stage_new_source("other");
    obs_source_t *filter = hipfx_filter_add(other, exposed, &why);
    assert_non_null(filter);
    draw_other_filtered(stage, other, &in);
    hipfx_filter_remove(&filter);
    obs_source_release(other);
    stage_settle(stage);
    picture_destroy(&in);
    nothing_was_complained_about();
}

static PFNEGLCREATECONTEXTPROC create_context;
static atomic_int contexts_made;

static EGLContext count_context(EGLDisplay display, EGLConfig config, EGLContext shared,
                                const EGLint *attributes)
{
    atomic_fetch_add(&contexts_made, 1);
    return create_context(display, config, shared, attributes);
}

/* Drivers make a context under a lock that OBS's thread waits for. */
static void filters_that_start_together_share_one_context(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_OPAQUE, 31, 21);
    atomic_store(&contexts_made, 0);
    create_context = epoxy_eglCreateContext;
    epoxy_eglCreateContext = count_context;
    stage_show(stage, &in);
    for (int i = 0; i < STAGE_FILTERS; i++)
        stage_add(stage, exposed);
    stage_draw(stage);
    epoxy_eglCreateContext = create_context;
    assert_int_equal(atomic_load(&contexts_made), 1);
    picture_destroy(&in);
    nothing_was_complained_about();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)
#define FREE_RUNNING_TEST(name)                                                                    \
    cmocka_unit_test_setup_teardown(name, stage_open_free_running, stage_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_new_size_in_each_frame_is_filtered),
        TEST(a_source_without_a_size_is_waited_for),
        TEST(a_source_without_a_size_is_drawn_as_nothing),
        TEST(a_source_may_be_removed_while_it_is_filtered),
        TEST(a_filter_may_be_removed_within_a_frame),
        FREE_RUNNING_TEST(filters_come_and_go_while_frames_are_drawn),
        TEST(a_disabled_filter_does_nothing),
        TEST(a_hidden_source_costs_nothing),
        TEST(a_source_that_is_drawn_often_is_filtered_once_a_frame),
        TEST(copies_of_a_filter_work_on_their_own),
        TEST(the_filter_outlives_a_video_reset),
        TEST(libobs_may_stop_and_start_again),
        TEST(filters_may_be_left_when_libobs_stops),
        TEST(nothing_grows_while_filters_come_and_go),
        TEST(filters_that_start_together_share_one_context),
        TEST(a_filter_that_is_hidden_as_it_starts_holds_up_no_other),
    };
    return cmocka_run_group_tests(tests, stage_group_open, stage_group_close);
}
