#include "kernels/light.h"

/* Tiles on the CPU read up to their last column. */
#define TILE 32

static int32_t pitch_for(const struct hipfx_rect *rect)
{
    return (rect->right - rect->left + TILE - 1) / TILE * TILE;
}

size_t hipfx_field_floats(const struct hipfx_rect *rect)
{
    const size_t rows = (size_t)(rect->bottom - rect->top);
    return ((size_t)pitch_for(rect) * rows + TILE) * 4;
}

struct hipfx_field hipfx_field_at(const struct hipfx_rect *rect, float *data)
{
    return (struct hipfx_field){.rect = *rect, .light = {.data = data, .pitch = pitch_for(rect)}};
}

bool hipfx_field_make(const struct hipfx_run *run, const struct hipfx_frame *in,
                      enum hipfx_edge edge, const struct hipfx_live *live,
                      const struct hipfx_field *out)
{
    const struct hipfx_light_args args = {
        .width = out->rect.right - out->rect.left,
        .height = out->rect.bottom - out->rect.top,
        .live = *live,
        .left = out->rect.left,
        .top = out->rect.top,
        .edge = (int32_t)edge,
        .frame = *in,
        .out = out->light,
    };
    return hipfx_launch(run, hipfx_kernel_for(in, HIPFX_KERNEL_light_rgba8), args.width,
                        args.height, &args);
}

struct hipfx_rect hipfx_taps_reach(const struct hipfx_taps_args *taps,
                                   const struct hipfx_rect *rect)
{
    int left = 0, top = 0, right = 0, bottom = 0;
    for (int i = 0; i < taps->count; i++) {
        const struct hipfx_tap *tap = &taps->taps[i];
        left = tap->x < left ? tap->x : left;
        right = tap->x > right ? tap->x : right;
        top = tap->y < top ? tap->y : top;
        bottom = tap->y > bottom ? tap->y : bottom;
    }
    return (struct hipfx_rect){rect->left + left, rect->top + top, rect->right + right,
                               rect->bottom + bottom};
}

bool hipfx_taps_sum(const struct hipfx_run *run, struct hipfx_taps_args *taps,
                    const struct hipfx_field *in, const struct hipfx_field *out,
                    const struct hipfx_frame *frame)
{
    const struct hipfx_rect *made = frame ? &run->area : &out->rect;
    taps->width = made->right - made->left;
    taps->height = made->bottom - made->top;
    taps->left = made->left - in->rect.left;
    taps->top = made->top - in->rect.top;
    taps->in = in->light;
    enum hipfx_kernel kernel = HIPFX_KERNEL_taps_light;
    if (frame) {
        taps->frame = hipfx_frame_crop(frame, made);
        kernel = hipfx_kernel_for(frame, HIPFX_KERNEL_taps_rgba8);
    } else {
        taps->out = out->light;
    }
    return hipfx_launch(run, kernel, taps->width, taps->height, taps);
}
