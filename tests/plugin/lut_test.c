/* The lut effect beside OBS's own Apply LUT, with the tables that OBS brings: the same look. OBS
 * interpolates along three axes and in linear light, so that between entries the two differ a
 * little, and where a table jumps by more. */
#include "tests/plugin/fixture.h"

#include <stdlib.h>
#include <string.h>

/* The canvas, of which a scene has the size. */
#define WIDTH  128
#define HEIGHT 64

/* Greys, and colours of all hues and depths, opaque: what OBS does at the edge of alpha is another
 * question. */
static struct picture all_colours(void)
{
    struct picture p = picture_create(WIDTH, HEIGHT, HIPFX_PIXEL_RGBA8_SRGB, 0);
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            unsigned char *pixel = p.bytes + (size_t)y * p.pitch + 4 * (size_t)x;
            pixel[0] = (unsigned char)(2 * x);
            pixel[1] = (unsigned char)(y < 8 ? 2 * x : 4 * y);
            pixel[2] = (unsigned char)(y < 8 ? 2 * x : (x * 7 + y * 3) % 256);
            pixel[3] = 255;
        }
    }
    return p;
}

static struct picture copy_of(const struct picture *in)
{
    struct picture out = picture_create(in->width, in->height, in->format, 0);
    for (int y = 0; y < in->height; y++)
        memcpy(out.bytes + (size_t)y * out.pitch, in->bytes + (size_t)y * in->pitch, out.pitch);
    return out;
}

/* On a scene: on the picture itself the filter would draw with the picture's own sampler, and look
 * its table up with that. */
static struct picture drawn_by_obs(struct stage *stage, const char *path, double amount)
{
    obs_data_t *settings = obs_data_create();
    obs_data_set_string(settings, "image_path", path);
    obs_data_set_double(settings, "clut_amount", amount);
    obs_source_t *filter = obs_source_create_private("clut_filter", "OBS", settings);
    obs_scene_t *scene = obs_scene_create_private("scene");
    obs_source_t *source = obs_scene_get_source(scene);
    obs_data_release(settings);
    assert_non_null(filter);
    obs_scene_add(scene, stage->source);
    obs_source_filter_add(source, filter);
    stage_draw_source(stage, source);
    stage_draw_source(stage, source);
    const struct picture drawn = stage_drawn(stage);
    assert_int_equal(drawn.width, WIDTH);
    assert_int_equal(drawn.height, HEIGHT);
    struct picture out = copy_of(&drawn);
    obs_source_filter_remove(source, filter);
    obs_source_release(filter);
    obs_scene_release(scene);
    stage_settle(stage);
    return out;
}

static struct picture drawn_by_us(struct stage *stage, const char *path, double amount)
{
    char settings[600];
    snprintf(settings, sizeof(settings),
             "{\"effect\": \"lut\", \"lut.path\": \"%s\", \"lut.amount\": %g}", path, amount);
    obs_source_t *filter = stage_add(stage, settings);
    stage_draw(stage);
    assert_string_equal(stage_report(filter).state, "ready");
    const struct picture drawn = stage_drawn(stage);
    struct picture out = copy_of(&drawn);
    stage_remove(stage, filter);
    return out;
}

struct difference {
    double mean;
    int worst;
};

static struct difference difference_of(const struct picture *a, const struct picture *b)
{
    struct difference d = {0};
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH * 4; x++) {
            const int away = abs(a->bytes[(size_t)y * a->pitch + (size_t)x] -
                                 b->bytes[(size_t)y * b->pitch + (size_t)x]);
            d.mean += away / (4.0 * WIDTH * HEIGHT);
            d.worst = away > d.worst ? away : d.worst;
        }
    }
    return d;
}

static void the_look_is_that_of_obs_s_apply_lut(void **state)
{
    static const struct {
        const char *name;
        double amount;
    } tables[] = {
        {"original.png", 1},
        {"grayscale.png", 1},
        {"red_isolated.png", 1},
        {"teal_lows_orange_highs.png", 1},
        {"teal_lows_orange_highs.png", 0.5},
        {"original.cube", 1},
        {"grayscale.cube", 1},
        {"grayscale.cube", 0.4},
    };
    struct stage *stage = *state;
    struct hipfx_why why = {0};
    struct picture in = all_colours();
    if (!hipfx_host_load(stage->host, "obs-filters", &why)) {
        print_message("skipped: %s\n", why.text);
        skip();
    }
    stage_show(stage, &in);
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        char name[64];
        snprintf(name, sizeof(name), "LUTs/%s", tables[i].name);
        char *path = obs_find_module_file(obs_get_module("obs-filters"), name);
        assert_non_null(path);
        struct picture theirs = drawn_by_obs(stage, path, tables[i].amount);
        struct picture ours = drawn_by_us(stage, path, tables[i].amount);
        const struct difference d = difference_of(&theirs, &ours);
        if (d.mean > 0.5 || d.worst > 3)
            fail_msg("%s, %g: %.3f codes off in the mean, %d at worst", tables[i].name,
                     tables[i].amount, d.mean, d.worst);
        picture_destroy(&theirs);
        picture_destroy(&ours);
        bfree(path);
    }
    picture_destroy(&in);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_look_is_that_of_obs_s_apply_lut),
    };
    return cmocka_run_group_tests(tests, stage_group_open, stage_group_close);
}
