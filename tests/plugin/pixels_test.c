/* The filter's pixels in libobs: what its settings say, and the input's own bytes where they say
 * nothing. */
#include "tests/plugin/fixture.h"

#include "tests/unit/kernels/reference.h"

#include <string.h>

#define WIDTH  61 /* px: odd, so that rows are not aligned by chance */
#define HEIGHT 43

static const char *const strong[] = {
    "{}",
    "{\"effect\": \"sine_wave\", \"sine_wave.style\": \"fill\", \"sine_wave.color\": 2153995212}",
    "{\"effect\": \"sine_wave\", \"sine_wave.style\": \"warp\", \"sine_wave.amplitude\": 0.1}",
    "{\"effect\": \"color\", \"color.exposure_ev\": -1.5, \"color.contrast\": 1.2}",
    "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": 2.5}",
};

static const char *const neutral[] = {
    "{\"effect\": \"sine_wave\", \"sine_wave.opacity\": 0}",
    "{\"effect\": \"sine_wave\", \"sine_wave.thickness_px\": 0}",
    "{\"effect\": \"sine_wave\", \"sine_wave.style\": \"fill\", \"sine_wave.color\": 16777215}",
    "{\"effect\": \"sine_wave\", \"sine_wave.style\": \"warp\", \"sine_wave.amplitude\": 0}",
    "{\"effect\": \"color\"}",
    "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": 0}",
};

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static bool differs(const struct picture *a, const struct picture *b)
{
    return !picture_same_bytes(a, b);
}

/* A filter that was made from settings alone works from its first frame on. */
static void settings_apply_with_no_panel_opened(void **state)
{
    struct stage *stage = *state;
    for (int kind = PICTURE_OPAQUE; kind <= PICTURE_EDGES; kind++) {
        struct picture in = stage_picture((enum picture_kind)kind, WIDTH, HEIGHT);
        stage_show(stage, &in);
        for (int i = 0; i < COUNT(strong); i++) {
            obs_source_t *filter = stage_add(stage, strong[i]);
            struct picture wanted = stage_apply(&in, strong[i]);
            stage_draw(stage);
            stage_expect(stage, &wanted);
            assert_true(differs(&wanted, &in));
            assert_string_equal(stage_report(filter).state, "ready");
            picture_destroy(&wanted);
            stage_remove(stage, filter);
        }
        picture_destroy(&in);
    }
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 0);
    assert_int_equal(hipfx_host_log_count(LOG_ERROR), 0);
}

static void an_update_applies_to_the_next_frame(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_OPAQUE, WIDTH, HEIGHT);
    stage_show(stage, &in);
    obs_source_t *filter = stage_add(stage, neutral[0]);
    for (int i = 0; i < COUNT(strong); i++) {
        stage_update(filter, neutral[0]);
        stage_draw(stage);
        stage_expect(stage, &in);

        /* Settings are kept by key: what an update does not name stays as it was. */
        obs_source_reset_settings(filter, NULL);
        stage_update(filter, strong[i]);
        struct picture wanted = stage_apply(&in, strong[i]);
        stage_draw(stage);
        stage_expect(stage, &wanted);
        picture_destroy(&wanted);
    }
    picture_destroy(&in);
}

/* Rec. 709 luminance in linear light. */
static void without_saturation_a_picture_is_grey(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_TRANSLUCENT, WIDTH, HEIGHT);
    stage_show(stage, &in);
    stage_add(stage, "{\"effect\": \"color\", \"color.saturation\": 0}");
    stage_draw(stage);
    const struct picture out = stage_drawn(stage);
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            const struct light light = picture_at(&in, x, y);
            const double *v = light.v;
            const double grey = 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2];
            const struct light wanted = {{grey, grey, grey, v[3]}};
            assert_true(picture_excess(&out, x, y, wanted, 1e-6) < 0.05);
        }
    }
    picture_destroy(&in);
}

static void one_stop_up_doubles_the_light(void **state)
{
    struct stage *stage = *state;
    struct picture in = picture_create(2, 1, HIPFX_PIXEL_RGBA8_SRGB, 0);
    picture_set(&in, 0, 0, (struct light){{0.1, 0.2, 0.4, 1}});
    picture_set(&in, 1, 0, (struct light){{0.05, 0.1, 0.2, 0.5}});
    stage_show(stage, &in);
    stage_add(stage, "{\"effect\": \"color\", \"color.exposure_ev\": 1}");
    stage_draw(stage);
    const struct picture out = stage_drawn(stage);
    for (int x = 0; x < 2; x++) {
        struct light wanted = picture_at(&in, x, 0);
        for (int i = 0; i < 3; i++)
            wanted.v[i] *= 2;
        assert_true(picture_excess(&out, x, 0, wanted, 1e-6) < 0.05);
    }
    picture_destroy(&in);
}

/* The curve's own rows are white where the defaults say so, and rows far from it are untouched. */
static void the_default_wave_is_drawn_where_its_formula_says(void **state)
{
    struct stage *stage = *state;
    struct picture in = picture_create(WIDTH, HEIGHT, HIPFX_PIXEL_RGBA8_SRGB, 0);
    memset(in.bytes, 0, in.pitch * (size_t)in.height);
    stage_show(stage, &in);
    stage_add(stage, "{}");
    stage_draw(stage);
    const struct picture out = stage_drawn(stage);
    const struct wave wave = {
        .amplitude = 0.25, .cycles = 3, .thickness_px = 4, .opacity = 1, .color = 0xffffffff};
    for (int x = 0; x < WIDTH; x++) {
        const int y = (int)reference_wave_height(&in, &wave, x);
        const uint8_t *on = out.bytes + (size_t)y * out.pitch + (size_t)x * 4;
        const uint8_t *off = out.bytes + (size_t)x * 4;
        assert_memory_equal(on, ((uint8_t[]){255, 255, 255, 255}), 4);
        assert_memory_equal(off, ((uint8_t[]){0, 0, 0, 0}), 4);
    }
    picture_destroy(&in);
}

static void neutral_settings_give_the_bytes_back(void **state)
{
    struct stage *stage = *state;
    for (int kind = 0; kind < PICTURE_KINDS; kind++) {
        struct picture in = stage_picture((enum picture_kind)kind, WIDTH, HEIGHT);
        stage_show(stage, &in);
        stage_draw(stage);
        struct picture plain = picture_create(WIDTH, HEIGHT, HIPFX_PIXEL_RGBA8_SRGB, 0);
        const struct picture drawn = stage_drawn(stage);
        memcpy(plain.bytes, drawn.bytes, plain.pitch * HEIGHT);
        for (int i = 0; i < COUNT(neutral); i++) {
            obs_source_t *filter = stage_add(stage, neutral[i]);
            stage_draw(stage);
            stage_expect(stage, &plain);
            const struct stage_report report = stage_report(filter);
            assert_string_equal(report.state, "ready");
            assert_int_equal(report.passthrough_frames, 0);
            stage_remove(stage, filter);
        }
        picture_destroy(&plain);
        picture_destroy(&in);
    }
}

/* Pixels that an effect does not touch come through the shared memory as they were: the wave's
 * line leaves all others alone. */
static void what_an_effect_leaves_alone_keeps_its_bytes(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_TRANSLUCENT, WIDTH, HEIGHT);
    stage_show(stage, &in);
    obs_source_t *filter = stage_add(
        stage, "{\"sine_wave.amplitude\": 0, \"sine_wave.offset\": 0.4, \"sine_wave.cycles\": 0}");
    stage_draw(stage);
    const struct picture out = stage_drawn(stage);
    assert_memory_equal(out.bytes, in.bytes, in.pitch * (HEIGHT / 2));
    assert_true(differs(&out, &in));
    assert_string_equal(stage_report(filter).format, "RGBA8 sRGB");
    picture_destroy(&in);
}

/* The second filter takes what the first one gives. */
static void two_filters_compose_in_their_order(void **state)
{
    struct stage *stage = *state;
    static const char *const wave = "{\"sine_wave.thickness_px\": 9}";
    static const char *const blur =
        "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": 3}";
    struct picture in = stage_picture(PICTURE_TRANSLUCENT, WIDTH, HEIGHT);
    struct picture waved = stage_apply(&in, wave), blurred = stage_apply(&in, blur);
    struct picture wave_blur = stage_apply(&waved, blur), blur_wave = stage_apply(&blurred, wave);
    assert_true(differs(&wave_blur, &blur_wave));

    stage_show(stage, &in);
    stage_add(stage, wave);
    obs_source_t *second = stage_add(stage, blur);
    stage_draw(stage);
    stage_expect(stage, &wave_blur);

    /* Up is towards the source: what the panel of OBS Studio shows as above is done before. */
    obs_source_filter_set_order(stage->source, second, OBS_ORDER_MOVE_UP);
    stage_draw(stage);
    stage_expect(stage, &blur_wave);
    obs_source_filter_set_order(stage->source, second, OBS_ORDER_MOVE_DOWN);
    stage_draw(stage);
    stage_expect(stage, &wave_blur);

    stage_remove(stage, second);
    stage_draw(stage);
    stage_expect(stage, &waved);
    picture_destroy(&in);
    picture_destroy(&waved);
    picture_destroy(&blurred);
    picture_destroy(&wave_blur);
    picture_destroy(&blur_wave);
}

/* A source of 16 bits a channel, in linear light. */
static struct picture wide;

static const char *wide_name(void *unused)
{
    (void)unused;
    return "16 bits";
}

static void *wide_create(obs_data_t *settings, obs_source_t *source)
{
    (void)settings;
    (void)source;
    const uint8_t *bytes = wide.bytes;
    obs_enter_graphics();
    gs_texture_t *texture =
        gs_texture_create((uint32_t)wide.width, (uint32_t)wide.height, GS_RGBA16F, 1, &bytes, 0);
    obs_leave_graphics();
    return texture;
}

static void wide_destroy(void *texture)
{
    obs_enter_graphics();
    gs_texture_destroy(texture);
    obs_leave_graphics();
}

static uint32_t wide_width(void *texture)
{
    return gs_texture_get_width(texture);
}

static uint32_t wide_height(void *texture)
{
    return gs_texture_get_height(texture);
}

static enum gs_color_space wide_space(void *texture, size_t count,
                                      const enum gs_color_space *preferred)
{
    (void)texture;
    (void)count;
    (void)preferred;
    return GS_CS_SRGB_16F;
}

static void wide_render(void *texture, gs_effect_t *effect)
{
    const bool encode = gs_framebuffer_srgb_enabled();
    gs_enable_framebuffer_srgb(true);
    gs_blend_state_push();
    gs_blend_function(GS_BLEND_ONE, GS_BLEND_INVSRCALPHA);
    gs_effect_set_texture(gs_effect_get_param_by_name(effect, "image"), texture);
    gs_draw_sprite(texture, 0, 0, 0);
    gs_blend_state_pop();
    gs_enable_framebuffer_srgb(encode);
}

static const struct obs_source_info wide_info = {
    .id = "hipfx_test_16_bits",
    .type = OBS_SOURCE_TYPE_INPUT,
    .output_flags = OBS_SOURCE_VIDEO | OBS_SOURCE_SRGB,
    .get_name = wide_name,
    .create = wide_create,
    .destroy = wide_destroy,
    .get_width = wide_width,
    .get_height = wide_height,
    .video_render = wide_render,
    .video_get_color_space = wide_space,
};

/* What is drawn is the result in halves, encoded once. */
static void pictures_of_16_bits_are_filtered_in_16_bits(void **state)
{
    struct stage *stage = *state;
    struct rng rng = {16};
    struct hipfx_why why = {0};
    obs_register_source(&wide_info);
    wide = picture_random(&rng, PICTURE_TRANSLUCENT, WIDTH, HEIGHT, HIPFX_PIXEL_RGBA16F, 0);
    obs_source_t *source = obs_source_create_private(wide_info.id, "wide", NULL);
    for (int i = 0; i < COUNT(strong); i++) {
        obs_source_t *filter = hipfx_filter_add(source, strong[i], &why);
        hipfx_filter_set_time(filter, 0.0);
        struct picture wanted = stage_apply(&wide, strong[i]);
        stage_draw_source(stage, source);
        const struct picture out = stage_drawn(stage);
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                /* OpenGL may be off by half a code when it encodes. */
                assert_true(picture_excess(&out, x, y, picture_at(&wanted, x, y), 0) < 0.5);
            }
        }
        assert_string_equal(stage_report(filter).format, "RGBA16F");
        picture_destroy(&wanted);
        hipfx_filter_remove(&filter);
    }
    obs_source_release(source);
    stage_settle(stage);
    picture_destroy(&wide);
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(settings_apply_with_no_panel_opened),
        TEST(an_update_applies_to_the_next_frame),
        TEST(without_saturation_a_picture_is_grey),
        TEST(one_stop_up_doubles_the_light),
        TEST(the_default_wave_is_drawn_where_its_formula_says),
        TEST(neutral_settings_give_the_bytes_back),
        TEST(what_an_effect_leaves_alone_keeps_its_bytes),
        TEST(two_filters_compose_in_their_order),
        TEST(pictures_of_16_bits_are_filtered_in_16_bits),
    };
    return cmocka_run_group_tests(tests, stage_group_open, stage_group_close);
}
