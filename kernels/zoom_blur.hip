/* The mean of a picture's pixels on the way from each to a centre: one stage of it. */
#include "kernels/device_light.h"

/* A place between two columns or rows: the first, and how far from it to the next. What is added to
 * a whole number has few bits to lose. */
struct zoom_place {
    int first, second;
    float part;
};

HIPFX_FN struct zoom_place zoom_place(int at, float centre, float way, int low, int count)
{
    const float away = ((float)at - centre) * way;
    int whole = (int)away;
    whole -= away < (float)whole ? 1 : 0;
    struct zoom_place place;
    place.part = away - (float)whole;
    place.first = hipfx_clamp_i(at + whole - low, 0, count - 1);
    place.second = hipfx_clamp_i(at + whole + 1 - low, 0, count - 1);
    return place;
}

HIPFX_FN struct zoom_place zoom_column(const struct hipfx_zoom_args *a, int x, float way)
{
    return zoom_place(a->left + x, a->center_x, way, a->in_left, a->in_width);
}

HIPFX_FN struct zoom_place zoom_row(const struct hipfx_zoom_args *a, int y, float way)
{
    return zoom_place(a->top + y, a->center_y, way, a->in_top, a->in_height);
}

HIPFX_FN light_px zoom_between(const struct hipfx_zoom_args *a, struct zoom_place x,
                               struct zoom_place y)
{
    const light_px a0 = light_load(&a->in, x.first, y.first);
    const light_px b0 = light_load(&a->in, x.second, y.first);
    const light_px a1 = light_load(&a->in, x.first, y.second);
    const light_px b1 = light_load(&a->in, x.second, y.second);
    const light_px upper = a0 + (b0 - a0) * x.part, lower = a1 + (b1 - a1) * x.part;
    return upper + (lower - upper) * y.part;
}

#if HIPFX_GPU

HIPFX_FN void zoom_block(const struct hipfx_zoom_args *a, int format)
{
    enum { across = 32, down = HIPFX_BLOCK / across };
    const int x = hipfx_block_x() * across + hipfx_thread() % across;
    const int top = hipfx_block_y() * HIPFX_LIGHT_ROWS + hipfx_thread() / across;
    if (x >= a->width)
        return;
    for (int y = top; y < hipfx_min_i(top + HIPFX_LIGHT_ROWS, a->height); y += down) {
        light_px sum = 0.0f;
#pragma clang loop unroll_count(4)
        for (int i = 0; i < a->count; i++)
            sum += zoom_between(a, zoom_column(a, x, a->way[i]), zoom_row(a, y, a->way[i])) *
                   a->share[i];
        light_write(&a->frame, &a->out, format, x, y, sum);
    }
}

HIPFX_KERNEL_BLOCK(zoom_light, struct hipfx_zoom_args, a)
{
    zoom_block(a, HIPFX_PIXEL_NONE);
}

HIPFX_KERNEL_BLOCK(zoom_rgba8, struct hipfx_zoom_args, a)
{
    zoom_block(a, HIPFX_PIXEL_RGBA8_SRGB);
}

HIPFX_KERNEL_BLOCK(zoom_rgba16f, struct hipfx_zoom_args, a)
{
    zoom_block(a, HIPFX_PIXEL_RGBA16F);
}

#else

HIPFX_FN void zoom_tile(const struct hipfx_zoom_args *a, int x0, int columns, int y,
                        struct light_tile *tile)
{
    light_px sums[LIGHT_TILE];
    for (int x = 0; x < LIGHT_TILE; x++)
        sums[x] = 0.0f;
    for (int i = 0; i < a->count; i++) {
        const struct zoom_place row = zoom_row(a, y, a->way[i]);
        for (int x = 0; x < columns; x++)
            sums[x] += zoom_between(a, zoom_column(a, x0 + x, a->way[i]), row) * a->share[i];
    }
    for (int x = 0; x < LIGHT_TILE; x++)
        __builtin_memcpy(&tile->v[4 * x], &sums[x], sizeof(sums[x]));
}

HIPFX_FN void zoom_rows(const struct hipfx_zoom_args *a, int format, int row_begin, int row_end)
{
    for (int y = row_begin; y < row_end; y++) {
        for (int x = a->live.first; x < a->width; x += LIGHT_TILE) {
            const int columns = hipfx_min_i(LIGHT_TILE, a->width - x);
            struct light_tile tile;
            zoom_tile(a, x, columns, y, &tile);
            light_tile_write(&a->frame, &a->out, format, x, columns, y, &tile);
        }
    }
}

HIPFX_KERNEL_ROWS(zoom_light, struct hipfx_zoom_args, a, row_begin, row_end)
{
    zoom_rows(a, HIPFX_PIXEL_NONE, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(zoom_rgba8, struct hipfx_zoom_args, a, row_begin, row_end)
{
    zoom_rows(a, HIPFX_PIXEL_RGBA8_SRGB, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(zoom_rgba16f, struct hipfx_zoom_args, a, row_begin, row_end)
{
    zoom_rows(a, HIPFX_PIXEL_RGBA16F, row_begin, row_end);
}

#endif
