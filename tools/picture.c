#include "tools/picture.h"

#include <obs/util/bmem.h>

struct picture {
    gs_texture_t *texture;
    uint32_t width, height; /* px */
    enum gs_color_space space;
    gs_samplerstate_t *nearest;
};

static const char *get_name(void *type_data)
{
    (void)type_data;
    return "HIP Effects: picture";
}

static void show(void *param, calldata_t *data)
{
    struct picture *picture = param;
    const uint8_t *pixels = calldata_ptr(data, "pixels");
    const uint32_t width = (uint32_t)calldata_int(data, "width");
    const uint32_t height = (uint32_t)calldata_int(data, "height");
    const enum gs_color_space space = (enum gs_color_space)calldata_int(data, "space");
    const enum gs_color_format format = gs_get_format_from_space(space);

    if (picture->texture && (picture->width != width || picture->height != height ||
                             gs_texture_get_color_format(picture->texture) != format)) {
        gs_texture_destroy(picture->texture);
        picture->texture = NULL;
    }
    picture->space = space;
    picture->width = width;
    picture->height = height;
    if (!width || !height)
        return;
    if (!picture->texture)
        picture->texture = gs_texture_create(width, height, format, 1, NULL, GS_DYNAMIC);
    if (picture->texture)
        gs_texture_set_image(picture->texture, pixels, width * gs_get_format_bpp(format) / 8,
                             false);
}

static void *create(obs_data_t *settings, obs_source_t *source)
{
    (void)settings;
    struct picture *picture = bzalloc(sizeof(*picture));
    const struct gs_sampler_info nearest = {.filter = GS_FILTER_POINT};
    obs_enter_graphics();
    picture->nearest = gs_samplerstate_create(&nearest);
    obs_leave_graphics();
    proc_handler_add(obs_source_get_proc_handler(source),
                     "void show(in ptr pixels, in int width, in int height, in int space)", show,
                     picture);
    return picture;
}

static void destroy(void *data)
{
    struct picture *picture = data;
    obs_enter_graphics();
    gs_texture_destroy(picture->texture);
    gs_samplerstate_destroy(picture->nearest);
    obs_leave_graphics();
    bfree(picture);
}

static uint32_t get_width(void *data)
{
    const struct picture *picture = data;
    return picture->width;
}

static uint32_t get_height(void *data)
{
    const struct picture *picture = data;
    return picture->height;
}

static enum gs_color_space get_color_space(void *data, size_t count,
                                           const enum gs_color_space *preferred)
{
    (void)count;
    (void)preferred;
    const struct picture *picture = data;
    return picture->space;
}

static void render(void *data, gs_effect_t *effect)
{
    const struct picture *picture = data;
    if (!picture->texture)
        return;

    const bool encode = gs_framebuffer_srgb_enabled();
    gs_enable_framebuffer_srgb(true);
    gs_blend_state_push();
    gs_blend_function(GS_BLEND_ONE, GS_BLEND_INVSRCALPHA);
    gs_eparam_t *image = gs_effect_get_param_by_name(effect, "image");
    if (picture->space == GS_CS_SRGB)
        gs_effect_set_texture_srgb(image, picture->texture);
    else
        gs_effect_set_texture(image, picture->texture);
    gs_effect_set_next_sampler(image, picture->nearest);
    gs_draw_sprite(picture->texture, 0, picture->width, picture->height);
    gs_blend_state_pop();
    gs_enable_framebuffer_srgb(encode);
}

void hipfx_picture_register(void)
{
    static const struct obs_source_info info = {
        .id = HIPFX_PICTURE_ID,
        .type = OBS_SOURCE_TYPE_INPUT,
        .output_flags = OBS_SOURCE_VIDEO | OBS_SOURCE_SRGB,
        .get_name = get_name,
        .create = create,
        .destroy = destroy,
        .get_width = get_width,
        .get_height = get_height,
        .video_render = render,
        .video_get_color_space = get_color_space,
    };
    obs_register_source(&info);
}

void hipfx_picture_show(obs_source_t *source, enum gs_color_space space, const void *pixels,
                        uint32_t width, uint32_t height)
{
    uint8_t stack[256];
    calldata_t data;
    calldata_init_fixed(&data, stack, sizeof(stack));
    calldata_set_ptr(&data, "pixels", (void *)pixels);
    calldata_set_int(&data, "width", width);
    calldata_set_int(&data, "height", height);
    calldata_set_int(&data, "space", space);
    proc_handler_call(obs_source_get_proc_handler(source), "show", &data);
}
