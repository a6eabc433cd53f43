/* No effect makes a fringe at the edge of something opaque.
 *
 * A shape of one colour with a hard edge stands in front of nothing at all; the pixels around it
 * have a strong colour, which their alpha of 0 hides. What an effect makes of the shape is then
 * laid over a background of one colour. Wherever a pixel of it is, it can only be
 *
 *     something between what the effect makes of the shape's colour, and the background,
 *
 * in every channel: any other value is a colour that neither of the two has, and that is what is
 * seen as a fringe: the hidden colour where straight colours were mixed, a dark rim where what was
 * mixed was not multiplied by alpha or encoded, a bright one where an overshoot of colour has no
 * alpha. What the effect makes of the shape's colour is taken from a picture of nothing else, pixel
 * by pixel, so that vignettes and grain have their place in it. The sharpest case is a background
 * of the shape's own colour, in which the edge must vanish. */
#include "tests/plugin/fixture.h"

#include "kernels/effect.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define WIDTH  101 /* px: odd, so that rows are not aligned by chance */
#define HEIGHT 67

/* A source that has straight alpha, and draws it the way that OBS's own do, with the blending that
 * it finds. */
struct straight {
    gs_texture_t *texture;
    gs_samplerstate_t *nearest;
    enum gs_color_space space;
};

static struct straight shown;

static const char *straight_name(void *unused)
{
    (void)unused;
    return "straight alpha";
}

static void *straight_create(obs_data_t *settings, obs_source_t *source)
{
    (void)settings;
    (void)source;
    return &shown;
}

static void straight_destroy(void *data)
{
    (void)data;
}

static uint32_t straight_width(void *data)
{
    (void)data;
    return WIDTH;
}

static uint32_t straight_height(void *data)
{
    (void)data;
    return HEIGHT;
}

static enum gs_color_space straight_space(void *data, size_t count,
                                          const enum gs_color_space *preferred)
{
    (void)count;
    (void)preferred;
    const struct straight *straight = data;
    return straight->space;
}

static void straight_render(void *data, gs_effect_t *effect)
{
    const struct straight *straight = data;
    const bool encode = gs_framebuffer_srgb_enabled();
    gs_eparam_t *image = gs_effect_get_param_by_name(effect, "image");
    gs_enable_framebuffer_srgb(true);
    if (straight->space == GS_CS_SRGB)
        gs_effect_set_texture_srgb(image, straight->texture);
    else
        gs_effect_set_texture(image, straight->texture);
    gs_effect_set_next_sampler(image, straight->nearest);
    gs_draw_sprite(straight->texture, 0, WIDTH, HEIGHT);
    gs_enable_framebuffer_srgb(encode);
}

static const struct obs_source_info straight_info = {
    .id = "hipfx_test_straight",
    .type = OBS_SOURCE_TYPE_INPUT,
    .output_flags = OBS_SOURCE_VIDEO | OBS_SOURCE_SRGB,
    .get_name = straight_name,
    .create = straight_create,
    .destroy = straight_destroy,
    .get_width = straight_width,
    .get_height = straight_height,
    .video_render = straight_render,
    .video_get_color_space = straight_space,
};

/* A disc, a hair line and lone pixels. */
static bool is_shape(int x, int y)
{
    const double dx = x - 36.3, dy = y - 33.7;
    return dx * dx + dy * dy < 400 || x == 70 || (x > 76 && x % 8 == 0 && y % 8 == 0);
}

/* Light, straight. */
static struct picture make_picture(enum gs_color_space space, const double shape[3],
                                   const double *hidden)
{
    struct picture p = picture_create(WIDTH, HEIGHT, stage_format(space), 0);
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            const bool inside = !hidden || is_shape(x, y);
            const double *v = inside ? shape : hidden;
            picture_set(&p, x, y, (struct light){{v[0], v[1], v[2], inside}});
        }
    }
    return p;
}

/* What a new filter makes of the picture, in linear light; after some frames, for effects that look
 * back. The caller destroys it. */
static struct picture filtered(struct stage *stage, const char *settings, enum gs_color_space space,
                               const struct picture *picture)
{
    const uint8_t *bytes = picture->bytes;
    const struct gs_sampler_info nearest = {.filter = GS_FILTER_POINT};
    obs_enter_graphics();
    shown.nearest = gs_samplerstate_create(&nearest);
    shown.texture = gs_texture_create(WIDTH, HEIGHT, gs_get_format_from_space(space), 1, &bytes, 0);
    obs_leave_graphics();
    shown.space = space;
    obs_source_t *source = obs_source_create_private(straight_info.id, "straight", NULL);
    struct hipfx_why why = {0};
    obs_source_t *filter = hipfx_filter_add(source, settings, &why);
    if (!filter)
        fail_msg("%s", why.text);
    hipfx_filter_set_time(filter, 0.0);
    stage->grab.space = space;
    for (int frame = 0; frame < 3; frame++)
        stage_draw_source(stage, source);
    assert_string_equal(stage_report(filter).state, "ready");

    const struct picture drawn = stage_drawn(stage);
    struct picture out = picture_create(WIDTH, HEIGHT, drawn.format, 0);
    memcpy(out.bytes, drawn.bytes, out.pitch * HEIGHT);
    hipfx_filter_remove(&filter);
    obs_source_release(source);
    stage_settle(stage);
    obs_enter_graphics();
    gs_texture_destroy(shown.texture);
    gs_samplerstate_destroy(shown.nearest);
    obs_leave_graphics();
    return out;
}

/* By how much light a pixel, laid over the background, is neither like `whole`, which is what the
 * effect makes of the shape's colour, nor like the background, nor between them. */
static double fringe(const struct light *pixel, const struct light *whole, const double back[3])
{
    double worst = fmax(-pixel->v[3], pixel->v[3] - 1);
    for (int i = 0; i < 3; i++) {
        const double over = pixel->v[i] + (1 - pixel->v[3]) * back[i];
        const double low = fmin(whole->v[i], back[i]), high = fmax(whole->v[i], back[i]);
        worst = fmax(worst, fmax(low - over, over - high));
    }
    return worst;
}

/* What else may be at an edge, by the effect's meaning. */
enum meaning {
    MIXES = 0, /* nothing: it mixes what is there */
    PAINTS,    /* a colour of its own over everything: only the shape's own colour hides the edge */
    PARTS, /* it draws the three colours of light apart: an edge has no more light than before */
};

static const struct {
    const char *settings;
    enum meaning meaning;
} others[] = {
    {"{\"effect\": \"sine_wave\"}", PAINTS},
    {"{\"effect\": \"chromatic_aberration\"}", PARTS},
};

static enum meaning meaning_of(const char *settings)
{
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (strcmp(others[i].settings, settings) == 0)
            return others[i].meaning;
    }
    return MIXES;
}

/* Strong colours, the shape's own among them. */
static const double shape[3] = {1, 0.3, 0.02};
static const double backgrounds[][3] = {{1, 0.3, 0.02}, {0, 0, 0}, {1, 1, 1},
                                        {0, 0.8, 1},    {0, 1, 0}, {0.02, 0, 1}};
static const double hidden[][3] = {{0, 1, 0}, {0.1, 0, 1}};
#define BACKGROUNDS 6
#define HIDDEN      2

/* Light. In 8 bits: half a code of colour and of alpha, near white, and one more code for effects
 * that round on their own terms. */
static double allowed(enum gs_color_space space)
{
    return space == GS_CS_SRGB ? 0.012 : 0.004;
}

static void check_over(const char *settings, enum gs_color_space space, const struct picture *out,
                       const struct picture *flat, const double back[3], enum meaning meaning)
{
    static const double dark[3] = {0};
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            const struct light pixel = picture_at(out, x, y);
            struct light whole = picture_at(flat, x, y);
            for (int i = 0; i < 3 && meaning == PARTS; i++)
                whole.v[i] = fmax(whole.v[i], 1);
            const double off = fringe(&pixel, &whole, meaning == PARTS ? dark : back);
            if (!(off <= allowed(space)))
                fail_msg("%s in space %d at %d,%d: %g %g %g %g over %g %g %g is %.4f away from all "
                         "between that and %g %g %g",
                         settings, space, x, y, pixel.v[0], pixel.v[1], pixel.v[2], pixel.v[3],
                         back[0], back[1], back[2], off, whole.v[0], whole.v[1], whole.v[2]);
        }
    }
}

static void check_effect(struct stage *stage, const char *settings, enum gs_color_space space)
{
    const enum meaning meaning = meaning_of(settings);
    struct picture opaque = make_picture(space, shape, NULL);
    struct picture flat = filtered(stage, settings, space, &opaque);
    struct picture first = {0};
    for (int h = 0; h < HIDDEN; h++) {
        struct picture in = make_picture(space, shape, hidden[h]);
        struct picture out = filtered(stage, settings, space, &in);
        for (int b = 0; b < (meaning == PAINTS ? 1 : BACKGROUNDS); b++)
            check_over(settings, space, &out, &flat, backgrounds[b], meaning);
        /* What is hidden is not there. */
        if (h > 0 && !picture_same_bytes(&first, &out))
            fail_msg("%s: a colour that alpha hides was used", settings);
        picture_destroy(&in);
        if (h == 0)
            first = out;
        else
            picture_destroy(&out);
    }
    picture_destroy(&first);
    picture_destroy(&flat);
    picture_destroy(&opaque);
}

static void no_effect_makes_a_fringe(void **state)
{
    static const enum gs_color_space spaces[] = {GS_CS_SRGB, GS_CS_SRGB_16F, GS_CS_709_EXTENDED};
    obs_register_source(&straight_info);
    for (int s = 0; s < 3; s++) {
        for (int e = 0; e < hipfx_effect_count; e++) {
            char settings[96];
            snprintf(settings, sizeof(settings), "{\"effect\": \"%s\"}", hipfx_effects[e]->id);
            check_effect(*state, settings, spaces[s]);
        }
        check_effect(*state, "{\"sine_wave.style\": \"warp\", \"sine_wave.opacity\": 0.5}",
                     spaces[s]);
        check_effect(*state, "{\"effect\": \"color\", \"color.exposure_ev\": -1}", spaces[s]);
    }
}

/* A pixel half on the edge, as it is and as it comes out of the usual mistakes. */
static void a_fringe_is_seen(void **state)
{
    (void)state;
    const struct light whole = {{1, 0.3, 0.02, 1}}, right = {{0.5, 0.15, 0.01, 0.5}};
    const struct light straight = {{0.5, 0.65, 0.01, 0.5}};  /* green was mixed in */
    const struct light dark = {{0.25, 0.075, 0.005, 0.5}};   /* alpha was multiplied twice */
    const struct light encoded = {{0.214, 0.07, 0.01, 0.5}}; /* mixed in sRGB codes */
    const struct light glow = {{1, 0.3, 0.02, 0.5}};         /* not multiplied by alpha */
    for (int b = 0; b < BACKGROUNDS; b++)
        assert_true(fringe(&right, &whole, backgrounds[b]) <= 1e-12);
    assert_true(fringe(&straight, &whole, backgrounds[0]) > 0.3);
    assert_true(fringe(&dark, &whole, backgrounds[0]) > 0.2);
    assert_true(fringe(&encoded, &whole, backgrounds[0]) > 0.2);
    assert_true(fringe(&glow, &whole, backgrounds[0]) > 0.4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_effect_makes_a_fringe, stage_open, stage_close),
        cmocka_unit_test(a_fringe_is_seen),
    };
    return cmocka_run_group_tests(tests, stage_group_open, stage_group_close);
}
