#include "plugin/plugin.h"

enum gs_color_space hipfx_capture_space(obs_source_t *target)
{
    static const enum gs_color_space spaces[] = {GS_CS_SRGB, GS_CS_SRGB_16F, GS_CS_709_EXTENDED};
    return obs_source_get_color_space(target, sizeof(spaces) / sizeof(spaces[0]), spaces);
}

enum hipfx_pixel hipfx_capture_format(enum gs_color_space space)
{
    return gs_get_format_from_space(space) == GS_RGBA16F ? HIPFX_PIXEL_RGBA16F
                                                         : HIPFX_PIXEL_RGBA8_SRGB;
}

/* A texture object that has no storage yet: the link gives it some. */
static gs_texture_t *create_empty(uint32_t width_px, uint32_t height_px, enum gs_color_space space)
{
    return HIPFX_FAULT_POINT(HIPFX_FAULT_LIBOBS, "gs_texture_create", NULL,
                             gs_texture_create(width_px, height_px, gs_get_format_from_space(space),
                                               1, NULL, GS_RENDER_TARGET | GS_GL_DUMMYTEX));
}

bool hipfx_capture_create(struct hipfx_capture *capture, uint32_t width_px, uint32_t height_px,
                          bool masked, enum gs_color_space space, struct hipfx_why *why)
{
    *capture = (struct hipfx_capture){
        .input = create_empty(width_px, masked ? 2 * height_px : height_px, space),
        .output = create_empty(width_px, height_px, space),
        .width_px = width_px,
        .height_px = height_px,
        .masked = masked,
        .space = space,
    };
    if (capture->input && capture->output)
        return true;
    hipfx_capture_destroy(capture);
    return hipfx_fail(why, "gs_texture_create failed for %ux%u", width_px, height_px);
}

void hipfx_capture_destroy(struct hipfx_capture *capture)
{
    gs_texture_destroy(capture->input);
    gs_texture_destroy(capture->output);
    *capture = (struct hipfx_capture){0};
}

GLuint hipfx_capture_gl_name(gs_texture_t *texture)
{
    return *(GLuint *)gs_texture_get_obj(texture);
}

static void render_target(obs_source_t *target, obs_source_t *parent)
{
    const uint32_t flags = obs_source_get_output_flags(target);
    const bool custom_draw = flags & OBS_SOURCE_CUSTOM_DRAW;
    const bool async = flags & OBS_SOURCE_ASYNC;
    if (target == parent && !custom_draw && !async)
        obs_source_default_render(target);
    else
        obs_source_video_render(target);
}

/* What was being drawn to. */
struct place {
    gs_texture_t *target;
    gs_zstencil_t *zstencil;
    enum gs_color_space space;
};

/* As gs_texrender does, but into rows of a texture whose memory is shared, for a picture of a size.
 * The blend state is the one of obs_source_process_filter_begin: sources with straight alpha come
 * out premultiplied. */
static struct place begin_drawing(struct hipfx_capture *capture, uint32_t top_px, uint32_t width_px,
                                  uint32_t height_px)
{
    const struct place before = {gs_get_render_target(), gs_get_zstencil_target(),
                                 gs_get_color_space()};
    gs_viewport_push();
    gs_projection_push();
    gs_matrix_push();
    gs_matrix_identity();
    gs_set_render_target_with_color_space(capture->input, NULL, capture->space);
    gs_set_viewport(0, (int)top_px, (int)capture->width_px, (int)capture->height_px);
    gs_ortho(0.0f, (float)width_px, 0.0f, (float)height_px, -100.0f, 100.0f);
    gs_blend_state_push();
    gs_enable_blending(true);
    gs_blend_function_separate(GS_BLEND_SRCALPHA, GS_BLEND_INVSRCALPHA, GS_BLEND_ONE,
                               GS_BLEND_INVSRCALPHA);
    return before;
}

static void end_drawing(const struct place *before)
{
    gs_blend_state_pop();
    gs_set_render_target_with_color_space(before->target, before->zstencil, before->space);
    gs_matrix_pop();
    gs_projection_pop();
    gs_viewport_pop();
}

void hipfx_capture_draw_target(struct hipfx_capture *capture, obs_source_t *target,
                               obs_source_t *parent)
{
    struct vec4 clear;
    vec4_zero(&clear);
    const struct place before = begin_drawing(capture, 0, capture->width_px, capture->height_px);
    gs_clear(GS_CLEAR_COLOR, &clear, 0.0f, 0); /* the mask's rows, too */
    render_target(target, parent);
    end_drawing(&before);
}

static bool drawing_mask; /* whoever has entered the graphics context */

void hipfx_capture_draw_mask(struct hipfx_capture *capture, obs_source_t *source)
{
    const uint32_t width_px = obs_source_get_width(source);
    const uint32_t height_px = obs_source_get_height(source);
    if (!width_px || !height_px)
        return;
    const struct place before = begin_drawing(capture, capture->height_px, width_px, height_px);
    drawing_mask = true;
    obs_source_video_render(source);
    drawing_mask = false;
    end_drawing(&before);
}

bool hipfx_capture_is_drawing_mask(void)
{
    return drawing_mask;
}

/* How to draw a picture of one colour space into a target of another: as libobs's own filters do.
 */
static const char *technique(enum gs_color_space target, enum gs_color_space picture,
                             float *multiplier)
{
    const float white = obs_get_video_sdr_white_level();
    *multiplier = 1.0f;
    switch (picture) {
    case GS_CS_SRGB:
    case GS_CS_SRGB_16F:
        if (target != GS_CS_709_SCRGB)
            return "Draw";
        *multiplier = white / 80.0f;
        return "DrawMultiply";
    case GS_CS_709_EXTENDED:
        if (target == GS_CS_SRGB || target == GS_CS_SRGB_16F)
            return "DrawTonemap";
        if (target != GS_CS_709_SCRGB)
            return "Draw";
        *multiplier = white / 80.0f;
        return "DrawMultiply";
    case GS_CS_709_SCRGB:
        if (target == GS_CS_709_SCRGB)
            return "Draw";
        *multiplier = 80.0f / white;
        return target == GS_CS_709_EXTENDED ? "DrawMultiply" : "DrawMultiplyTonemap";
    }
    return "Draw";
}

void hipfx_capture_draw_output(struct hipfx_capture *capture)
{
    gs_effect_t *effect = obs_get_base_effect(OBS_EFFECT_DEFAULT);
    float multiplier;
    const char *name = technique(gs_get_color_space(), capture->space, &multiplier);
    const bool linear = gs_get_linear_srgb();
    const bool previous = gs_framebuffer_srgb_enabled();
    gs_eparam_t *image = gs_effect_get_param_by_name(effect, "image");

    gs_enable_framebuffer_srgb(linear);
    if (linear)
        gs_effect_set_texture_srgb(image, capture->output);
    else
        gs_effect_set_texture(image, capture->output);
    gs_effect_set_float(gs_effect_get_param_by_name(effect, "multiplier"), multiplier);

    gs_blend_state_push();
    gs_enable_blending(true);
    gs_blend_function(GS_BLEND_ONE, GS_BLEND_INVSRCALPHA);
    while (gs_effect_loop(effect, name))
        gs_draw_sprite(capture->output, 0, capture->width_px, capture->height_px);
    gs_blend_state_pop();
    gs_enable_framebuffer_srgb(previous);
}
