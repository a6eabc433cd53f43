/* Another source's alpha as a region: what it lets through, and what happens when it comes, goes,
 * or shows the source that it masks. */
#include "tests/plugin/fixture.h"

#include "tools/picture.h"

#include <stdio.h>
#include <string.h>

#define EXPOSED "{\"effect\": \"color\", \"color.exposure_ev\": -2}"
#define MASKED                                                                                     \
    "{\"effect\": \"color\", \"color.exposure_ev\": -2, \"region\": \"source\", "                  \
    "\"region.source\": \"mask\", \"region.feather_px\": 0%s}"

static const char *masked(const char *more)
{
    static char settings[512];
    snprintf(settings, sizeof(settings), MASKED, more);
    return settings;
}

/* One that can be found by its name. */
static obs_source_t *add_source(const char *name)
{
    obs_source_t *source = obs_source_create(HIPFX_PICTURE_ID, name, NULL, NULL);
    assert_non_null(source);
    return source;
}

static void drop_source(struct stage *stage, obs_source_t *source)
{
    obs_source_remove(source);
    obs_source_release(source);
    stage_settle(stage);
}

/* Opaque in blocks, and nothing between them. */
static struct picture make_mask(int width, int height, int block)
{
    struct picture mask = stage_picture(PICTURE_OPAQUE, width, height);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            if ((x / block + y / block) % 2)
                memset(mask.bytes + (size_t)y * mask.pitch + (size_t)x * 4, 0, 4);
    return mask;
}

/* What has the effect where the mask lets it through, and the picture elsewhere. */
static struct picture expected(const struct picture *in, int block, bool invert)
{
    struct picture out = stage_apply(in, EXPOSED);
    for (int y = 0; y < in->height; y++)
        for (int x = 0; x < in->width; x++)
            if ((x / block + y / block) % 2 != invert)
                memcpy(out.bytes + (size_t)y * out.pitch + (size_t)x * 4,
                       in->bytes + (size_t)y * in->pitch + (size_t)x * 4, 4);
    return out;
}

static void expect_masked(struct stage *stage, const struct picture *in, int block, bool invert)
{
    struct picture wanted = expected(in, block, invert);
    stage_draw(stage);
    stage_expect(stage, &wanted);
    picture_destroy(&wanted);
}

static void the_effect_is_seen_where_the_mask_is(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_TRANSLUCENT, 61, 47), mask = make_mask(61, 47, 8);
    obs_source_t *source = add_source("mask");
    stage_show(stage, &in);
    stage_show_on(stage, source, &mask);
    obs_source_t *filter = stage_add(stage, masked(""));
    expect_masked(stage, &in, 8, false);
    assert_true(obs_source_showing(source));
    stage_update(filter, masked(", \"region.invert\": true"));
    expect_masked(stage, &in, 8, true);
    assert_string_equal(stage_report(filter).state, "ready");

    /* It is let go when it is not needed. */
    stage_update(filter, "{\"region\": \"frame\"}");
    stage_draw(stage);
    stage_pass_frame(stage);
    stage_pass_frame(stage);
    assert_false(obs_source_showing(source));
    stage_remove(stage, filter);
    drop_source(stage, source);
    picture_destroy(&in);
    picture_destroy(&mask);
}

/* Twice as large: the middles of blocks say how it lies. */
static void the_mask_is_stretched_to_the_picture(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_OPAQUE, 128, 64), mask = make_mask(64, 32, 16);
    obs_source_t *source = add_source("mask");
    stage_show(stage, &in);
    stage_show_on(stage, source, &mask);
    obs_source_t *filter = stage_add(stage, masked(""));
    struct picture wanted = expected(&in, 32, false);
    stage_draw(stage);
    const struct picture got = stage_drawn(stage);
    for (int y = 0; y < 64; y++) {
        for (int x = 0; x < 128; x++) {
            const bool edge = x % 32 < 2 || x % 32 > 29 || y % 32 < 2 || y % 32 > 29;
            if (!edge)
                assert_memory_equal(got.bytes + (size_t)y * got.pitch + (size_t)x * 4,
                                    wanted.bytes + (size_t)y * wanted.pitch + (size_t)x * 4, 4);
        }
    }
    stage_remove(stage, filter);
    drop_source(stage, source);
    picture_destroy(&wanted);
    picture_destroy(&in);
    picture_destroy(&mask);
}

/* Each is larger than all before it, and so is the memory that the mask's edge takes. */
static void a_soft_mask_goes_on_through_many_sizes(void **state)
{
    struct stage *stage = *state;
    struct picture mask = make_mask(61, 47, 8);
    obs_source_t *source = add_source("mask");
    stage_show_on(stage, source, &mask);
    obs_source_t *filter = stage_add(stage, masked(""));
    stage_update(filter, "{\"region.feather_px\": 12}");
    for (int i = 0; i < 20; i++) {
        struct picture in = stage_picture(PICTURE_OPAQUE, 64 + 16 * i, 50 + i);
        stage_show(stage, &in);
        stage_draw(stage);
        assert_string_equal(stage_report(filter).reason, "");
        assert_string_equal(stage_report(filter).state, "ready");
        picture_destroy(&in);
    }
    stage_remove(stage, filter);
    drop_source(stage, source);
    picture_destroy(&mask);
}

static void a_mask_that_is_not_there_is_waited_for(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_TRANSLUCENT, 61, 47), mask = make_mask(61, 47, 8);
    stage_show(stage, &in);
    obs_source_t *filter = stage_add(stage, masked(""));
    stage_update(filter, "{\"region.source\": \"\"}");
    stage_draw(stage);
    assert_string_equal(stage_report(filter).reason,
                        "no source is chosen for the mask: choose one");
    stage_update(filter, "{\"region.source\": \"mask\"}");
    for (int i = 0; i < 2; i++) {
        hipfx_host_log_clear();
        for (int frame = 0; frame < 3; frame++) {
            stage_draw(stage);
            stage_expect(stage, &in);
        }
        assert_string_equal(stage_report(filter).state, "passthrough");
        assert_non_null(strstr(stage_report(filter).reason, "no source \"mask\""));
        assert_int_equal(hipfx_host_log_count(LOG_WARNING), 1);

        obs_source_t *source = add_source("mask");
        stage_show_on(stage, source, &mask);
        expect_masked(stage, &in, 8, false);
        drop_source(stage, source);
    }
    stage_remove(stage, filter);
    picture_destroy(&in);
    picture_destroy(&mask);
}

/* In the session, and in what is saved for the next one. Nobody else of the old name is taken for
 * it. */
static void a_mask_keeps_its_place_under_another_name(void **state)
{
    struct stage *stage = *state;
    char name[600];
    memset(name, 'm', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    const char *const names[] = {"another name", name, "mask"};
    struct picture in = stage_picture(PICTURE_TRANSLUCENT, 61, 47), mask = make_mask(61, 47, 8);
    obs_source_t *source = add_source("mask");
    stage_show(stage, &in);
    stage_show_on(stage, source, &mask);
    obs_source_t *filter = stage_add(stage, masked(""));
    expect_masked(stage, &in, 8, false);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        obs_source_set_name(source, names[i]);
        obs_source_t *stranger = add_source(i ? names[i - 1] : "mask");
        stage_show_on(stage, stranger, &in);
        expect_masked(stage, &in, 8, false);
        drop_source(stage, stranger);
        expect_masked(stage, &in, 8, false);
        obs_data_t *settings = obs_source_get_settings(filter);
        assert_string_equal(obs_data_get_string(settings, "region.source"), names[i]);
        obs_data_release(settings);

        /* As the next session finds it. */
        stage_update(filter, "{\"region\": \"frame\"}");
        stage_draw(stage);
        stage_update(filter, "{\"region\": \"source\"}");
        expect_masked(stage, &in, 8, false);
    }
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 0);
    stage_remove(stage, filter);
    drop_source(stage, source);
    picture_destroy(&in);
    picture_destroy(&mask);
}

static void expect_refused(struct stage *stage, obs_source_t *filter, const struct picture *in)
{
    hipfx_host_log_clear();
    for (int i = 0; i < 3; i++) {
        stage_draw(stage);
        stage_expect(stage, in);
    }
    assert_string_equal(stage_report(filter).state, "passthrough");
    assert_non_null(strstr(stage_report(filter).reason, "shows the source that it masks"));
    assert_int_equal(hipfx_host_log_count(LOG_ERROR), 0);
}

/* A scene with the filtered source in it, and without. */
static void a_mask_must_not_show_what_it_masks(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_OPAQUE, 61, 47);
    obs_scene_t *scene = obs_scene_create("mask");
    stage_show(stage, &in);
    obs_sceneitem_t *item = obs_scene_add(scene, stage->source);
    obs_source_t *filter = stage_add(stage, masked(""));
    expect_refused(stage, filter, &in);

    obs_sceneitem_remove(item);
    stage_update(filter, masked(""));
    stage_draw(stage);
    assert_string_equal(stage_report(filter).state, "ready");
    stage_remove(stage, filter);
    drop_source(stage, obs_source_get_ref(obs_scene_get_source(scene)));
    obs_scene_release(scene);
    stage_settle(stage);
    picture_destroy(&in);
}

/* Each has the other's source for its mask: within a mask there are no masks. */
static void two_may_mask_one_another(void **state)
{
    struct stage *stage = *state;
    struct hipfx_why why = {0};
    struct picture in = make_mask(61, 47, 8);
    obs_source_t *one = add_source("mask"), *other = add_source("other");
    stage_show_on(stage, one, &in);
    stage_show_on(stage, other, &in);
    obs_source_t *filters[2] = {
        hipfx_filter_add(one,
                         "{\"effect\": \"color\", \"color.exposure_ev\": -2, "
                         "\"region\": \"source\", \"region.source\": \"other\"}",
                         &why),
        hipfx_filter_add(other, masked(""), &why),
    };
    struct picture wanted = expected(&in, 8, false);
    stage_draw_source(stage, other);
    stage_expect(stage, &wanted);
    hipfx_filter_remove(&filters[0]);
    hipfx_filter_remove(&filters[1]);
    drop_source(stage, one);
    drop_source(stage, other);
    picture_destroy(&wanted);
    picture_destroy(&in);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_effect_is_seen_where_the_mask_is),
        TEST(the_mask_is_stretched_to_the_picture),
        TEST(a_soft_mask_goes_on_through_many_sizes),
        TEST(a_mask_that_is_not_there_is_waited_for),
        TEST(a_mask_keeps_its_place_under_another_name),
        TEST(a_mask_must_not_show_what_it_masks),
        TEST(two_may_mask_one_another),
    };
    return cmocka_run_group_tests(tests, stage_group_open, stage_group_close);
}
