/* Which part of a kernel's work is wanted: args_live.h. Part of device.h. */
#pragma once

/* From and to the memory that all blocks see. */
HIPFX_FN struct hipfx_rect hipfx_rect_load(const struct hipfx_rect *rect)
{
    const HIPFX_GLOBAL int32_t *v = (const HIPFX_GLOBAL int32_t *)rect;
    return (struct hipfx_rect){v[0], v[1], v[2], v[3]};
}

HIPFX_FN void hipfx_rect_store(struct hipfx_rect *to, struct hipfx_rect rect)
{
    HIPFX_GLOBAL int32_t *v = (HIPFX_GLOBAL int32_t *)to;
    v[0] = rect.left;
    v[1] = rect.top;
    v[2] = rect.right;
    v[3] = rect.bottom;
}

/* At least one, where any of the frame is wanted: what lies beyond an edge is made of the edge. */
HIPFX_FN void hipfx_live_along(const struct hipfx_live_axis *axis, int begin, int end, int size,
                               int *first, int *last)
{
    const float from = (float)begin * axis->scale - axis->before;
    const float to = (float)end * axis->scale + axis->after;
    const int whole = (int)to;
    *first = hipfx_clamp_i((int)from, 0, size - 1);
    *last = hipfx_max_i(whole + ((float)whole < to ? 1 : 0), 1);
}

/* The columns and rows to make, of `width` and `height`; they may end beyond. */
HIPFX_FN struct hipfx_rect hipfx_live_part(const struct hipfx_live *live, int width, int height)
{
    struct hipfx_rect part = {0, 0, width, height};
    if (!live->box)
        return part;
    const struct hipfx_rect box = hipfx_rect_load(live->box);
    if (box.left >= box.right || box.top >= box.bottom)
        return (struct hipfx_rect){0, 0, 0, 0};
    const int begin_x = live->turned ? box.top : box.left;
    const int end_x = live->turned ? box.bottom : box.right;
    const int begin_y = live->turned ? box.left : box.top;
    const int end_y = live->turned ? box.right : box.bottom;
    hipfx_live_along(&live->x, begin_x, end_x, width, &part.left, &part.right);
    hipfx_live_along(&live->y, begin_y, end_y, height, &part.top, &part.bottom);
    return part;
}
