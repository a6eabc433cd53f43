/* The filter on sources of libobs's other kinds than the stage's own: a camera's, which gives its
 * frames whenever they come, a scene, one that draws with an effect of its own, and one that is
 * only heard. */
#include "tests/plugin/fixture.h"

#include "tools/picture.h"

#include <string.h>

#define WIDTH  70
#define HEIGHT 41
#define LOOK   "{\"effect\": \"color\", \"color.exposure_ev\": -1.5, \"color.saturation\": 0.5}"

static const char *name_of(void *type_data)
{
    return type_data;
}

/* libobs wants something there. */
static void *create(obs_data_t *settings, obs_source_t *source)
{
    (void)settings;
    return source;
}

static void destroy(void *data)
{
    (void)data;
}

static uint32_t width_of(void *data)
{
    (void)data;
    return WIDTH;
}

static uint32_t height_of(void *data)
{
    (void)data;
    return HEIGHT;
}

/* Left and right, of other colours, by libobs's own effect. */
static void draw_halves(void *data, gs_effect_t *unused)
{
    (void)data;
    (void)unused;
    gs_effect_t *solid = obs_get_base_effect(OBS_EFFECT_SOLID);
    for (int i = 0; i < 2; i++) {
        struct vec4 color;
        vec4_set(&color, i ? 0.5f : 0.2f, 0.25f, i ? 0.1f : 0.75f, 1.0f);
        gs_effect_set_vec4(gs_effect_get_param_by_name(solid, "color"), &color);
        gs_matrix_push();
        gs_matrix_translate3f(i ? WIDTH / 2.0f : 0.0f, 0.0f, 0.0f);
        while (gs_effect_loop(solid, "Solid"))
            gs_draw_sprite(NULL, 0, WIDTH / 2, HEIGHT);
        gs_matrix_pop();
    }
}

/* In the place of the stage's own source. */
static void take_stage(struct stage *stage, obs_source_t *source)
{
    assert_non_null(source);
    obs_source_release(stage->source);
    stage->source = source;
}

static void take_stage_as(struct stage *stage, const char *id, uint32_t flags, bool drawn)
{
    struct obs_source_info info = {
        .id = id,
        .type = OBS_SOURCE_TYPE_INPUT,
        .output_flags = flags,
        .type_data = (void *)id,
        .get_name = name_of,
        .create = create,
        .destroy = destroy,
        .get_width = drawn ? width_of : NULL,
        .get_height = drawn ? height_of : NULL,
        .video_render = drawn ? draw_halves : NULL,
    };
    obs_register_source(&info);
    take_stage(stage, obs_source_create_private(id, id, NULL));
}

/* Whatever the source shows: with the filter, that is what the kernels make of it. */
static void expect_filtered(struct stage *stage)
{
    stage_draw(stage);
    const struct picture drawn = stage_drawn(stage);
    struct picture in = picture_create(drawn.width, drawn.height, drawn.format, 0);
    memcpy(in.bytes, drawn.bytes, drawn.pitch * (size_t)drawn.height);
    struct picture wanted = stage_apply(&in, LOOK);
    assert_false(picture_same_bytes(&wanted, &in));

    obs_source_t *filter = stage_add(stage, LOOK);
    stage_draw(stage);
    stage_expect(stage, &wanted);
    assert_string_equal(stage_report(filter).state, "ready");
    stage_remove(stage, filter);
    stage_draw(stage);
    stage_expect(stage, &in);
    picture_destroy(&in);
    picture_destroy(&wanted);
}

/* Drawn in the frame that comes next, and until there is another. */
static void give_frame(struct stage *stage, const struct picture *picture)
{
    const struct obs_source_frame frame = {
        .data = {picture->bytes},
        .linesize = {(uint32_t)picture->pitch},
        .width = (uint32_t)picture->width,
        .height = (uint32_t)picture->height,
        .timestamp = 1,
        .format = VIDEO_FORMAT_RGBA,
        .full_range = true,
    };
    obs_source_output_video(stage->source, &frame);
}

static void a_camera_is_filtered_once_it_gives_frames(void **state)
{
    struct stage *stage = *state;
    struct picture small = stage_picture(PICTURE_OPAQUE, WIDTH, HEIGHT);
    struct picture large = stage_picture(PICTURE_OPAQUE, 2 * WIDTH, HEIGHT + 5);
    take_stage_as(stage, "camera", OBS_SOURCE_ASYNC_VIDEO, false);
    obs_source_set_async_unbuffered(stage->source, true);
    obs_source_t *filter = stage_add(stage, LOOK);
    stage_pass_frame(stage);
    assert_string_equal(stage_report(filter).state, "starting");
    stage_remove(stage, filter);

    give_frame(stage, &small);
    expect_filtered(stage);
    give_frame(stage, &large);
    expect_filtered(stage);
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 0);
    picture_destroy(&small);
    picture_destroy(&large);
}

static void what_draws_with_an_effect_of_its_own_is_filtered(void **state)
{
    struct stage *stage = *state;
    take_stage_as(stage, "halves", OBS_SOURCE_VIDEO | OBS_SOURCE_CUSTOM_DRAW, true);
    expect_filtered(stage);
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 0);
}

static void a_scene_is_filtered(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_TRANSLUCENT, WIDTH, HEIGHT);
    obs_scene_t *scene = obs_scene_create_private("scene");
    obs_source_t *item = stage_new_source("item");
    stage_show_on(stage, item, &in);
    assert_non_null(obs_scene_add(scene, item));
    obs_source_release(item);
    take_stage(stage, obs_scene_get_source(scene));
    expect_filtered(stage);
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 0);
    picture_destroy(&in);
}

static void what_is_only_heard_is_left_alone(void **state)
{
    struct stage *stage = *state;
    take_stage_as(stage, "sound", OBS_SOURCE_AUDIO, false);
    obs_source_t *filter = stage_add(stage, LOOK);
    for (int i = 0; i < 3; i++)
        stage_pass_frame(stage);
    assert_string_equal(stage_report(filter).state, "starting");
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_camera_is_filtered_once_it_gives_frames),
        TEST(what_draws_with_an_effect_of_its_own_is_filtered),
        TEST(a_scene_is_filtered),
        TEST(what_is_only_heard_is_left_alone),
    };
    return cmocka_run_group_tests(tests, stage_group_open, stage_group_close);
}
