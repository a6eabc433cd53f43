/* The filter in each of OBS's colour spaces: it takes and gives light above white and below black,
 * and no space is passed by. */
#include "tests/plugin/fixture.h"

#include "kernels/effect.h"
#include "tests/unit/kernels/reference.h"
#include "tests/unit/kernels/reference_blur.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH  61 /* px: odd, so that rows are not aligned by chance */
#define HEIGHT 43

/* libobs draws with a linear sampler, of which the weights are not quite 0 and 1 in the middle of a
 * pixel: a little of a bright neighbour is seen in 16 bits. What comes out, a software rasterizer
 * may cut to the half below. */
#define SAMPLED_STEPS 1.5
#define SAMPLED_LIGHT 5e-4

static const enum gs_color_space spaces[] = {GS_CS_SRGB, GS_CS_SRGB_16F, GS_CS_709_EXTENDED,
                                             GS_CS_709_SCRGB};
#define SPACES 4

/* Translucent. In 16 bits, light from `darkest` to eight times white. */
static struct picture make_picture(enum gs_color_space space, double darkest)
{
    struct picture p = stage_picture(PICTURE_TRANSLUCENT, WIDTH, HEIGHT);
    if (space == GS_CS_SRGB)
        return p;
    picture_destroy(&p);
    struct rng rng = {space};
    p = picture_create(WIDTH, HEIGHT, HIPFX_PIXEL_RGBA16F, 0);
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            const double alpha = rng_below(&rng, 3) ? rng_between(&rng, 0, 1) : 1;
            struct light light = {{0, 0, 0, alpha}};
            for (int i = 0; i < 3; i++)
                light.v[i] = alpha * rng_between(&rng, darkest, 8);
            picture_set(&p, x, y, light);
        }
    }
    return p;
}

/* The source shows the picture, and is drawn in a scene of the same space. */
static struct picture show_in(struct stage *stage, enum gs_color_space space, double darkest)
{
    struct picture in = make_picture(space, darkest);
    stage_show_in(stage, stage->source, space, &in);
    stage->grab.space = space;
    return in;
}

static void the_filter_tells_the_space_of_its_target(void **state)
{
    struct stage *stage = *state;
    obs_source_t *filter = stage_add(stage, "{\"effect\": \"color\"}");
    for (int s = 0; s < SPACES; s++) {
        struct picture in = show_in(stage, spaces[s], -4);
        for (int asked = 0; asked < SPACES; asked++) {
            assert_int_equal(obs_source_get_color_space(filter, 1, &spaces[asked]), spaces[s]);
            assert_int_equal(obs_source_get_color_space(stage->source, 1, &spaces[asked]),
                             spaces[s]);
        }
        picture_destroy(&in);
    }
}

/* Every pixel of the last frame is within some steps of what it should be. */
static void expect_light(const struct stage *stage, const struct light *wanted, double steps,
                         double slack)
{
    const struct picture out = stage_drawn(stage);
    assert_int_equal(out.width, WIDTH);
    assert_int_equal(out.height, HEIGHT);
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            const double *want = wanted[y * WIDTH + x].v;
            const double excess = picture_excess(&out, x, y, wanted[y * WIDTH + x], slack);
            const struct light got = picture_at(&out, x, y);
            if (!(excess <= steps))
                fail_msg("space %d at %d,%d: %g %g %g %g instead of %g %g %g %g, %.3f steps off",
                         stage->grab.space, x, y, got.v[0], got.v[1], got.v[2], got.v[3], want[0],
                         want[1], want[2], want[3], excess);
        }
    }
}

static void expect_wide_light(const struct light *wanted)
{
    int above = 0, below = 0;
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        for (int c = 0; c < 3; c++) {
            above += wanted[i].v[c] > 1;
            below += wanted[i].v[c] < 0;
        }
    }
    assert_true(above > WIDTH && below > WIDTH);
}

static void colors_are_what_the_reference_says(void **state)
{
    struct stage *stage = *state;
    struct light wanted[WIDTH * HEIGHT];
    for (int s = 0; s < SPACES; s++) {
        struct picture in = show_in(stage, spaces[s], -4);
        obs_source_t *filter =
            stage_add(stage, "{\"effect\": \"color\", \"color.exposure_ev\": 0.5,"
                             " \"color.contrast\": 1.2}");
        stage_draw(stage);
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++)
                wanted[y * WIDTH + x] =
                    reference_color(picture_at(&in, x, y), in.format, 0.5, 1.2, 1);
        if (in.format == HIPFX_PIXEL_RGBA16F)
            expect_wide_light(wanted);
        expect_light(stage, wanted, SAMPLED_STEPS, SAMPLED_LIGHT);
        stage_remove(stage, filter);
        picture_destroy(&in);
    }
}

static void blurs_are_what_the_reference_says(void **state)
{
    struct stage *stage = *state;
    for (int s = 0; s < SPACES; s++) {
        struct picture in = show_in(stage, spaces[s], -4);
        obs_source_t *filter =
            stage_add(stage, "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": 0.6}");
        stage_draw(stage);
        struct light *wanted = reference_blur(&in, 0.6, HIPFX_EDGE_CLAMP);
        if (in.format == HIPFX_PIXEL_RGBA16F)
            expect_wide_light(wanted);
        expect_light(stage, wanted, SAMPLED_STEPS, SAMPLED_LIGHT);
        free(wanted);
        stage_remove(stage, filter);
        picture_destroy(&in);
    }
}

/* In a scene of any space the filtered source looks like one that has the result's pixels: libobs
 * converts the two alike, tone mapping included, which has a pole
 * where light is below -1. */
static void scenes_of_other_spaces_convert_the_result(void **state)
{
    struct stage *stage = *state;
    static const char settings[] = "{\"effect\": \"color\", \"color.exposure_ev\": -0.5}";
    struct light wanted[WIDTH * HEIGHT];
    obs_source_t *plain = stage_new_source("plain");
    stage_add(stage, settings);
    for (int s = 0; s < SPACES; s++) {
        struct picture in = show_in(stage, spaces[s], -0.2);
        struct picture result = stage_apply(&in, settings);
        stage_show_in(stage, plain, spaces[s], &result);
        for (int scene = 0; scene < SPACES; scene++) {
            stage->grab.space = spaces[scene];
            stage_draw_source(stage, plain);
            const struct picture drawn = stage_drawn(stage);
            for (int y = 0; y < HEIGHT; y++)
                for (int x = 0; x < WIDTH; x++)
                    wanted[y * WIDTH + x] = picture_at(&drawn, x, y);
            stage_draw(stage);
            expect_light(stage, wanted, SAMPLED_STEPS, SAMPLED_LIGHT);
        }
        picture_destroy(&result);
        picture_destroy(&in);
    }
    obs_source_release(plain);
    stage_settle(stage);
}

/* SDR white is 300 nits, as OBS Studio has it, and 1 is 80 nits in scRGB. */
static void white_has_its_brightness_in_every_scene(void **state)
{
    struct stage *stage = *state;
    static const double in_scene[] = {
        [GS_CS_SRGB] = 1,
        [GS_CS_SRGB_16F] = 1,
        [GS_CS_709_EXTENDED] = 1,
        [GS_CS_709_SCRGB] = 300.0 / 80.0,
    };
    struct picture in = picture_create(1, 1, HIPFX_PIXEL_RGBA8_SRGB, 0);
    picture_set(&in, 0, 0, (struct light){{0.5, 0.5, 0.5, 1}});
    const double grey = picture_at(&in, 0, 0).v[0];
    stage_show(stage, &in);
    stage_add(stage, "{\"effect\": \"color\", \"color.saturation\": 0.5}");
    for (int scene = 0; scene < SPACES; scene++) {
        stage->grab.space = spaces[scene];
        stage_draw(stage);
        const struct picture out = stage_drawn(stage);
        const double want = grey * in_scene[spaces[scene]];
        const struct light light = {{want, want, want, 1}};
        /* Software rasterizers decode sRGB by a polynomial. */
        const double excess = picture_excess(&out, 0, 0, light, want * 0.002);
        if (!(excess < SAMPLED_STEPS))
            fail_msg("scene %d: %g instead of %g", scene, picture_at(&out, 0, 0).v[0], want);
    }
    picture_destroy(&in);
}

/* Steps of a gradient, a little noise and a bright square: something in it for every effect. */
static struct picture something_for_every_effect(enum gs_color_space space)
{
    struct rng rng = {7};
    struct picture p = picture_create(128, 64, stage_format(space), 0);
    for (int y = 0; y < p.height; y++) {
        for (int x = 0; x < p.width; x++) {
            const bool square = x > 84 && x < 108 && y > 24 && y < 40;
            const int code = x < 64 ? 60 + x / 16 * 2 : 128 + rng_below(&rng, 7) - 3;
            const double v = square ? 1 : srgb_decode(code);
            picture_set(&p, x, y, (struct light){{v, 0.8 * v, 0.5 * v, 1}});
        }
    }
    return p;
}

static void no_effect_is_skipped_in_any_space(void **state)
{
    struct stage *stage = *state;
    for (int s = 0; s < SPACES; s++) {
        struct picture in = something_for_every_effect(spaces[s]);
        stage_show_in(stage, stage->source, spaces[s], &in);
        stage->grab.space = spaces[s];
        for (int e = 0; e < hipfx_effect_count; e++) {
            const char *id = hipfx_effects[e]->id;
            const struct hipfx_values values = hipfx_values_default(hipfx_effects[e]);
            char settings[96];
            snprintf(settings, sizeof(settings), "{\"effect\": \"%s\"}", id);
            obs_source_t *filter = stage_add(stage, settings);
            for (int frame = 0; frame < 3; frame++)
                stage_draw(stage);
            const struct stage_report report = stage_report(filter);
            assert_string_equal(report.state, "ready");
            assert_string_equal(report.effect, id);
            const struct picture out = stage_drawn(stage);
            if (!hipfx_effects[e]->is_neutral(&values)) {
                assert_string_equal(report.format,
                                    spaces[s] == GS_CS_SRGB ? "RGBA8 sRGB" : "RGBA16F");
                if (picture_same_bytes(&in, &out))
                    fail_msg("%s as it is added changes nothing in space %d", id, spaces[s]);
            }
            stage_remove(stage, filter);
        }
        picture_destroy(&in);
    }
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 0);
}

/* Settings with which an effect does nothing, where it takes more than one parameter besides the
 * defaults to say so. */
static const struct {
    const char *effect, *settings;
} neutrals[] = {
    {"grade", "{\"effect\": \"grade\", \"grade.contrast\": 1, \"grade.vibrance\": 0}"},
    {"dither", "{\"effect\": \"dither\", \"mix\": 0}"}, /* it rounds light to whole codes */
};

/* One parameter at 0, 1, its least or its most, which makes the effect neutral. False: none does.
 */
static bool find_neutral(const struct hipfx_effect *effect, char *settings, size_t size)
{
    for (int i = 0; i < effect->param_count; i++) {
        const struct hipfx_param *param = &effect->params[i];
        const double tries[] = {param->def, 0, 1, param->min, param->max};
        for (int t = 0; t < 5 && param->type == HIPFX_PARAM_FLOAT; t++) {
            struct hipfx_values values = hipfx_values_default(effect);
            values.v[i] = hipfx_param_clamp(param, tries[t]);
            if (!effect->is_neutral(&values))
                continue;
            snprintf(settings, size, "{\"effect\": \"%s\", \"%s.%s\": %.17g}", effect->id,
                     effect->id, param->key, values.v[i]);
            return true;
        }
    }
    for (size_t i = 0; i < sizeof(neutrals) / sizeof(neutrals[0]); i++) {
        if (strcmp(neutrals[i].effect, effect->id) == 0) {
            snprintf(settings, size, "%s", neutrals[i].settings);
            return true;
        }
    }
    return false;
}

static void neutral_settings_change_no_byte(void **state)
{
    struct stage *stage = *state;
    for (int s = 0; s < SPACES; s++) {
        struct picture in = show_in(stage, spaces[s], -4);
        stage_draw(stage);
        stage_expect(stage, &in);
        for (int e = 0; e < hipfx_effect_count; e++) {
            char settings[512];
            if (!find_neutral(hipfx_effects[e], settings, sizeof(settings)))
                fail_msg("no neutral settings of %s are known", hipfx_effects[e]->id);
            obs_source_t *filter = stage_add(stage, settings);
            stage_draw(stage);
            stage_expect(stage, &in);
            assert_string_equal(stage_report(filter).state, "ready");
            stage_remove(stage, filter);

            snprintf(settings, sizeof(settings), "{\"effect\": \"%s\", \"mix\": 0}",
                     hipfx_effects[e]->id);
            filter = stage_add(stage, settings);
            stage_draw(stage);
            stage_expect(stage, &in);
            stage_remove(stage, filter);
        }
        picture_destroy(&in);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_filter_tells_the_space_of_its_target),
        TEST(colors_are_what_the_reference_says),
        TEST(blurs_are_what_the_reference_says),
        TEST(scenes_of_other_spaces_convert_the_result),
        TEST(white_has_its_brightness_in_every_scene),
        TEST(no_effect_is_skipped_in_any_space),
        TEST(neutral_settings_change_no_byte),
    };
    return cmocka_run_group_tests(tests, stage_group_open, stage_group_close);
}
