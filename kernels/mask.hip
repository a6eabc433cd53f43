/* Where a source's mask leaves anything of the effect: args_live.h tells what is made of it. */
#include "kernels/device_mask.h"

HIPFX_FN bool mask_is_live(const struct hipfx_mask_args *a, int format, uint64_t raw)
{
    return mask_share(mask_alpha(format, raw), a->invert, a->mix) != 0.0f;
}

/* Numbers become the sums of those up to them, `step` from one to the next. As many are asked for
 * before any is waited for. */
HIPFX_FN void mask_add_up(HIPFX_GLOBAL uint32_t *first, int count, int step)
{
    enum { at_once = 16 };
    uint32_t sum = 0;
    for (int begin = 0; begin < count; begin += at_once) {
        uint32_t read[at_once];
        HIPFX_UNROLL
        for (int i = 0; i < at_once; i++)
            read[i] = first[hipfx_min_i(begin + i, count - 1) * step];
        HIPFX_UNROLL
        for (int i = 0; i < at_once; i++) {
            sum += read[i];
            if (begin + i < count)
                first[(begin + i) * step] = sum;
        }
    }
}

#if HIPFX_GPU

HIPFX_SHARED int mask_found[HIPFX_BLOCK];

/* Whether any of the block's threads has found something: in the first one. */
HIPFX_FN bool mask_found_any(bool found)
{
    const int thread = hipfx_thread();
    mask_found[thread] = found;
    for (int half = HIPFX_BLOCK / 2; half > 0; half /= 2) {
        hipfx_barrier();
        if (thread < half)
            mask_found[thread] |= mask_found[thread + half];
    }
    return thread == 0 && mask_found[0];
}

HIPFX_FN bool mask_group_is_live(const struct hipfx_mask_args *a, int format, hipfx_group group,
                                 int x, int y)
{
    bool live = false;
    HIPFX_UNROLL
    for (int i = 0; i < hipfx_group_pixels(format); i++) {
        const bool inside = x + i < a->mask.width && y < a->mask.height;
        live = live || (inside && mask_is_live(a, format, hipfx_group_first(group, format)));
        group = hipfx_group_rotate(group, format, 0);
    }
    return live;
}

/* A block has a tile. */
HIPFX_FN void mask_tile(const struct hipfx_mask_args *a, int format)
{
    enum { most = HIPFX_LIVE_ROWS * HIPFX_LIVE_COLUMNS / HIPFX_BLOCK / 2 };
    const int pixels = hipfx_group_pixels(format);
    const int across = HIPFX_LIVE_COLUMNS / pixels, down = HIPFX_BLOCK / across;
    const int x = hipfx_block_x() * HIPFX_LIVE_COLUMNS + hipfx_thread() % across * pixels;
    const int top = hipfx_block_y() * HIPFX_LIVE_ROWS + hipfx_thread() / across;
    hipfx_group groups[most];
    bool live = false;
    HIPFX_UNROLL
    for (int i = 0; i < HIPFX_LIVE_ROWS / down; i++)
        groups[i] = hipfx_direct_group_load(&a->mask, format, x, top + i * down);
    HIPFX_UNROLL
    for (int i = 0; i < HIPFX_LIVE_ROWS / down; i++)
        live = mask_group_is_live(a, format, groups[i], x, top + i * down) || live;
    live = mask_found_any(live);
    if (hipfx_thread() == 0)
        ((HIPFX_GLOBAL uint32_t *)a->sums)[hipfx_block_y() * a->width + hipfx_block_x()] = live;
}

HIPFX_KERNEL_BLOCK(mask_tiles_rgba8, struct hipfx_mask_args, a)
{
    mask_tile(a, HIPFX_PIXEL_RGBA8_SRGB);
}

HIPFX_KERNEL_BLOCK(mask_tiles_rgba16f, struct hipfx_mask_args, a)
{
    mask_tile(a, HIPFX_PIXEL_RGBA16F);
}

/* One block: a thread has a row, then a column. */
HIPFX_KERNEL_BLOCK(mask_sums, struct hipfx_mask_args, a)
{
    HIPFX_GLOBAL uint32_t *sums = (HIPFX_GLOBAL uint32_t *)a->sums;
    const int columns = hipfx_live_tiles(a->mask.width, HIPFX_LIVE_COLUMNS);
    const int rows = hipfx_live_tiles(a->mask.height, HIPFX_LIVE_ROWS);
    for (int y = hipfx_thread(); y < rows; y += HIPFX_BLOCK)
        mask_add_up(sums + y * columns, columns, 1);
    hipfx_barrier();
    for (int x = hipfx_thread(); x < columns; x += HIPFX_BLOCK)
        mask_add_up(sums + x, rows, columns);
}

#else

#define MASK_ROWS 8 /* that are looked at before it is asked whether anything was found */

HIPFX_FN bool mask_has(const struct hipfx_mask_args *a, int format, struct hipfx_rect part)
{
    int found[HIPFX_LIVE_COLUMNS] = {0}, any = 0;
    const int count = part.right - part.left;
    for (int y = part.top; y < part.bottom; y++) {
        HIPFX_VECTORIZE
        for (int i = 0; i < count; i++) {
            const uint64_t raw = hipfx_load(&a->mask, format, part.left + i, y);
            found[i] |= mask_is_live(a, format, raw) ? 1 : 0;
        }
    }
    HIPFX_VECTORIZE
    for (int i = 0; i < count; i++)
        any |= found[i];
    return any;
}

HIPFX_FN void mask_tiles(const struct hipfx_mask_args *a, int format, int row_begin, int row_end)
{
    for (int row = row_begin; row < row_end; row++) {
        const int end = hipfx_min_i((row + 1) * HIPFX_LIVE_ROWS, a->mask.height);
        for (int i = 0; i < a->width; i++) {
            const int x = i * HIPFX_LIVE_COLUMNS;
            const int right = hipfx_min_i(x + HIPFX_LIVE_COLUMNS, a->mask.width);
            bool live = false;
            for (int y = row * HIPFX_LIVE_ROWS; y < end && !live; y += MASK_ROWS)
                live = mask_has(a, format,
                                (struct hipfx_rect){x, y, right, hipfx_min_i(y + MASK_ROWS, end)});
            a->sums[row * a->width + i] = live;
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

HIPFX_KERNEL_ROWS(mask_sums, struct hipfx_mask_args, a, row_begin, row_end)
{
    (void)row_begin;
    (void)row_end;
    const int columns = hipfx_live_tiles(a->mask.width, HIPFX_LIVE_COLUMNS);
    const int rows = hipfx_live_tiles(a->mask.height, HIPFX_LIVE_ROWS);
    for (int y = 0; y < rows; y++)
        mask_add_up(a->sums + y * columns, columns, 1);
    for (int x = 0; x < columns; x++)
        mask_add_up(a->sums + x, rows, columns);
}

#endif
