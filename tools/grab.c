#include "tools/grab.h"

#include <epoxy/gl.h>
#include <obs/graphics/vec4.h>
#include <obs/util/platform.h>
#include <stdlib.h>
#include <string.h>

static void draw_source(obs_source_t *source, uint32_t width, uint32_t height)
{
    struct vec4 transparent;
    vec4_zero(&transparent);
    gs_clear(GS_CLEAR_COLOR, &transparent, 0.0f, 0);
    gs_ortho(0.0f, (float)width, 0.0f, (float)height, -100.0f, 100.0f);

    /* libobs's own state for scene items: straight sources blend to premultiplied, in linear
     * light. Set in full, since gs_reset_blend_state() trusts libobs's note of the state, which
     * says from the start that blending is on, while a new GL context has it off. */
    gs_blend_state_push();
    gs_enable_blending(true);
    gs_blend_function_separate(GS_BLEND_SRCALPHA, GS_BLEND_INVSRCALPHA, GS_BLEND_ONE,
                               GS_BLEND_INVSRCALPHA);
    const bool linear = gs_set_linear_srgb(true);
    const bool encode = gs_framebuffer_srgb_enabled();
    gs_enable_framebuffer_srgb(true);
    obs_source_video_render(source);
    gs_enable_framebuffer_srgb(encode);
    gs_set_linear_srgb(linear);
    gs_blend_state_pop();
}

bool hipfx_grab_draw(struct hipfx_grab *grab, obs_source_t *source)
{
    const uint32_t width = obs_source_get_width(source);
    const uint32_t height = obs_source_get_height(source);
    if (!width || !height)
        return false;
    const enum gs_color_format format = gs_get_format_from_space(grab->space);
    if (grab->target && gs_texrender_get_format(grab->target) != format) {
        gs_texrender_destroy(grab->target);
        grab->target = NULL;
    }
    if (!grab->target)
        grab->target = gs_texrender_create(format, GS_ZS_NONE);
    if (!grab->target)
        return false;

    glFinish();
    const uint64_t begin_ns = os_gettime_ns();
    gs_texrender_reset(grab->target);
    if (!gs_texrender_begin_with_color_space(grab->target, width, height, grab->space))
        return false;
    draw_source(source, width, height);
    gs_texrender_end(grab->target);
    glFinish();
    grab->draw_ms = (double)(os_gettime_ns() - begin_ns) / 1e6;
    return true;
}

static bool fit(struct hipfx_grab *grab, const gs_texture_t *texture)
{
    const uint32_t width = gs_texture_get_width(texture), height = gs_texture_get_height(texture);
    const enum gs_color_format format = gs_texture_get_color_format(texture);
    if (grab->staging && grab->width == width && grab->height == height &&
        gs_stagesurface_get_color_format(grab->staging) == format)
        return true;
    gs_stagesurface_destroy(grab->staging);
    grab->staging = gs_stagesurface_create(width, height, format);
    const size_t size = (size_t)width * height * gs_get_format_bpp(format) / 8;
    if (size > grab->capacity) {
        free(grab->pixels);
        grab->pixels = malloc(size);
        grab->capacity = grab->pixels ? size : 0;
    }
    grab->width = grab->staging && grab->pixels ? width : 0;
    grab->height = grab->width ? height : 0;
    return grab->width != 0;
}

bool hipfx_grab_read(struct hipfx_grab *grab)
{
    gs_texture_t *texture = gs_texrender_get_texture(grab->target);
    if (!texture || !fit(grab, texture))
        return false;

    uint8_t *rows = NULL;
    uint32_t pitch = 0;
    gs_stage_texture(grab->staging, texture);
    if (!gs_stagesurface_map(grab->staging, &rows, &pitch))
        return false;
    const size_t row_size =
        (size_t)grab->width * gs_get_format_bpp(gs_texture_get_color_format(texture)) / 8;
    for (uint32_t y = 0; y < grab->height; y++)
        memcpy(grab->pixels + y * row_size, rows + (size_t)y * pitch, row_size);
    gs_stagesurface_unmap(grab->staging);
    return true;
}

void hipfx_grab_free(struct hipfx_grab *grab)
{
    if (grab->target || grab->staging) {
        obs_enter_graphics();
        gs_stagesurface_destroy(grab->staging);
        gs_texrender_destroy(grab->target);
        obs_leave_graphics();
    }
    free(grab->pixels);
    *grab = (struct hipfx_grab){0};
}
