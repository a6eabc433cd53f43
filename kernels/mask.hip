/* Where a source's mask leaves anything of the effect: the smallest rectangle around it. */
#include "kernels/device_mask.h"

HIPFX_FN struct hipfx_rect mask_nothing(void)
{
    return (struct hipfx_rect){INT32_MAX, INT32_MAX, 0, 0};
}

HIPFX_FN struct hipfx_rect mask_join(struct hipfx_rect a, struct hipfx_rect b)
{
    return (struct hipfx_rect){hipfx_min_i(a.left, b.left), hipfx_min_i(a.top, b.top),
                               hipfx_max_i(a.right, b.right), hipfx_max_i(a.bottom, b.bottom)};
}

HIPFX_FN bool mask_is_live(const struct hipfx_mask_args *a, int format, uint64_t raw)
{
    return mask_share(mask_alpha(format, raw), a->invert, a->mix) != 0.0f;
}

#if HIPFX_GPU

HIPFX_SHARED struct hipfx_rect mask_boxes[HIPFX_BLOCK];

/* All that the block's threads have, in the first one. */
HIPFX_FN struct hipfx_rect mask_join_all(struct hipfx_rect box)
{
    const int thread = hipfx_thread();
    mask_boxes[thread] = box;
    for (int half = HIPFX_BLOCK / 2; half > 0; half /= 2) {
        hipfx_barrier();
        if (thread < half)
            mask_boxes[thread] = mask_join(mask_boxes[thread], mask_boxes[thread + half]);
    }
    return mask_boxes[0];
}

HIPFX_FN struct hipfx_rect mask_group_box(const struct hipfx_mask_args *a, int format, int x, int y)
{
    struct hipfx_rect box = mask_nothing();
    hipfx_group group = hipfx_direct_group_load(&a->mask, format, x, y);
    HIPFX_UNROLL
    for (int i = 0; i < hipfx_group_pixels(format); i++) {
        const bool inside = x + i < a->mask.width && y < a->mask.height;
        if (inside && mask_is_live(a, format, hipfx_group_first(group, format)))
            box = mask_join(box, (struct hipfx_rect){x + i, y, x + i + 1, y + 1});
        group = hipfx_group_rotate(group, format, 0);
    }
    return box;
}

HIPFX_FN void mask_tile(const struct hipfx_mask_args *a, int format)
{
    const int pixels = hipfx_group_pixels(format);
    const int across = HIPFX_MASK_COLUMNS / pixels, down = HIPFX_BLOCK / across;
    const int x = hipfx_block_x() * HIPFX_MASK_COLUMNS + hipfx_thread() % across * pixels;
    const int top = hipfx_block_y() * HIPFX_MASK_ROWS + hipfx_thread() / across;
    struct hipfx_rect box = mask_nothing();
#pragma clang loop unroll_count(4)
    for (int i = 0; i < HIPFX_MASK_ROWS; i += down)
        box = mask_join(box, mask_group_box(a, format, x, top + i));
    box = mask_join_all(box);
    if (hipfx_thread() == 0)
        hipfx_rect_store(&a->boxes[hipfx_block_y() * a->width + hipfx_block_x()], box);
}

HIPFX_KERNEL_BLOCK(mask_tiles_rgba8, struct hipfx_mask_args, a)
{
    mask_tile(a, HIPFX_PIXEL_RGBA8_SRGB);
}

HIPFX_KERNEL_BLOCK(mask_tiles_rgba16f, struct hipfx_mask_args, a)
{
    mask_tile(a, HIPFX_PIXEL_RGBA16F);
}

HIPFX_KERNEL_BLOCK(mask_box, struct hipfx_mask_args, a)
{
    struct hipfx_rect box = mask_nothing();
    for (int i = hipfx_thread(); i < a->count; i += HIPFX_BLOCK)
        box = mask_join(box, hipfx_rect_load(&a->boxes[i]));
    box = mask_join_all(box);
    if (hipfx_thread() == 0)
        hipfx_rect_store(a->box, box);
}

#else

HIPFX_FN struct hipfx_rect mask_line_box(const struct hipfx_mask_args *a, int format, int x0,
                                         int x1, int y)
{
    int left = INT32_MAX, right = 0;
    HIPFX_VECTORIZE
    for (int x = x0; x < x1; x++) {
        const bool live = mask_is_live(a, format, hipfx_load(&a->mask, format, x, y));
        left = hipfx_min_i(left, live ? x : INT32_MAX);
        right = hipfx_max_i(right, live ? x + 1 : 0);
    }
    return right > 0 ? (struct hipfx_rect){left, y, right, y + 1} : mask_nothing();
}

HIPFX_FN void mask_tiles(const struct hipfx_mask_args *a, int format, int row_begin, int row_end)
{
    for (int row = row_begin; row < row_end; row++) {
        const int end = hipfx_min_i((row + 1) * HIPFX_MASK_ROWS, a->mask.height);
        for (int i = 0; i < a->width; i++) {
            const int x = i * HIPFX_MASK_COLUMNS;
            struct hipfx_rect box = mask_nothing();
            for (int y = row * HIPFX_MASK_ROWS; y < end; y++)
                box = mask_join(
                    box, mask_line_box(a, format, x,
                                       hipfx_min_i(x + HIPFX_MASK_COLUMNS, a->mask.width), y));
            a->boxes[row * a->width + i] = box;
        }
    }
}

HIPFX_KERNEL_ROWS(mask_tiles_rgba8, struct hipfx_mask_args, a, row_begin, row_end)
{
    mask_tiles(a, HIPFX_PIXEL_RGBA8_SRGB, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(mask_tiles_rgba16f, struct hipfx_mask_args, a, row_begin, row_end)
{
    mask_tiles(a, HIPFX_PIXEL_RGBA16F, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(mask_box, struct hipfx_mask_args, a, row_begin, row_end)
{
    (void)row_begin;
    (void)row_end;
    struct hipfx_rect box = mask_nothing();
    for (int i = 0; i < a->count; i++)
        box = mask_join(box, a->boxes[i]);
    *a->box = box;
}

#endif
