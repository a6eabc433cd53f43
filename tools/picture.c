#include "tools/picture.h"

#include <obs/util/bmem.h>

struct picture {
    gs_texture_t *texture;
    uint32_t width, height; /* px */
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

    if (picture->texture && (picture->width != width || picture->height != height)) {
        gs_texture_destroy(picture->texture);
        picture->texture = NULL;
    }
    picture->width = width;
    picture->height = height;
    if (!width || !height)
        return;
    if (!picture->texture)
        picture->texture = gs_texture_create(width, height, GS_RGBA, 1, NULL, GS_DYNAMIC);
    if (picture->texture)
        gs_texture_set_image(picture->texture, pixels, width * 4, false);
}

static void *create(obs_data_t *settings, obs_source_t *source)
{
    (void)settings;
    struct picture *picture = bzalloc(sizeof(*picture));
    proc_handler_add(obs_source_get_proc_handler(source),
                     "void show(in ptr pixels, in int width, in int height)", show, picture);
    return picture;
}

static void destroy(void *data)
{
    struct picture *picture = data;
    if (picture->texture) {
        obs_enter_graphics();
        gs_texture_destroy(picture->texture);
        obs_leave_graphics();
    }
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

static void render(void *data, gs_effect_t *effect)
{
    const struct picture *picture = data;
    if (!picture->texture)
        return;

    const bool encode = gs_framebuffer_srgb_enabled();
    gs_enable_framebuffer_srgb(true);
    gs_blend_state_push();
    gs_blend_function(GS_BLEND_ONE, GS_BLEND_INVSRCALPHA);
    gs_effect_set_texture_srgb(gs_effect_get_param_by_name(effect, "image"), picture->texture);
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
    };
    obs_register_source(&info);
}

void hipfx_picture_show(obs_source_t *source, const uint8_t *pixels, uint32_t width,
                        uint32_t height)
{
    uint8_t stack[256];
    calldata_t data;
    calldata_init_fixed(&data, stack, sizeof(stack));
    calldata_set_ptr(&data, "pixels", (void *)pixels);
    calldata_set_int(&data, "width", width);
    calldata_set_int(&data, "height", height);
    proc_handler_call(obs_source_get_proc_handler(source), "show", &data);
}
