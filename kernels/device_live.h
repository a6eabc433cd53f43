/* Which part of a kernel's work is wanted: args_live.h. Part of device.h. */
#pragma once

HIPFX_FN int hipfx_live_tiles(int pixels, int of_tile)
{
    return (pixels + of_tile - 1) / of_tile;
}

/* How many tiles are wanted of those in the first `x` columns and `y` rows of them. */
HIPFX_FN uint32_t hipfx_live_count(const struct hipfx_live_map *map, int columns, int x, int y)
{
    const HIPFX_GLOBAL uint32_t *sums = (const HIPFX_GLOBAL uint32_t *)map->sums;
    return x > 0 && y > 0 ? sums[(y - 1) * columns + x - 1] : 0;
}

/* Whether anything of a part of the frame is wanted, which is not empty. */
HIPFX_FN bool hipfx_live_has(const struct hipfx_live_map *map, struct hipfx_rect part)
{
    const struct hipfx_rect *hole = &map->hole;
    if (part.left >= hole->left && part.right <= hole->right && part.top >= hole->top &&
        part.bottom <= hole->bottom)
        return false;
    if (!map->sums)
        return true;
    const int columns = hipfx_live_tiles(map->width, HIPFX_LIVE_COLUMNS);
    const int left = part.left / HIPFX_LIVE_COLUMNS, top = part.top / HIPFX_LIVE_ROWS;
    const int right = hipfx_live_tiles(part.right, HIPFX_LIVE_COLUMNS);
    const int bottom = hipfx_live_tiles(part.bottom, HIPFX_LIVE_ROWS);
    return hipfx_live_count(map, columns, right, bottom) -
               hipfx_live_count(map, columns, left, bottom) -
               hipfx_live_count(map, columns, right, top) +
               hipfx_live_count(map, columns, left, top) !=
           0;
}

/* At least one: what lies beyond an edge is made of the edge, which is the first or the last of
 * `size`. */
HIPFX_FN void hipfx_live_along(const struct hipfx_live_axis *axis, int begin, int end, int size,
                               int frame, int *first, int *last)
{
    const float from = (float)begin * axis->scale - axis->before;
    const float to = (float)end * axis->scale + axis->after;
    const int whole = (int)to;
    *first = begin <= 0 ? 0 : hipfx_clamp_i((int)from, 0, frame - 1);
    *last =
        end >= size ? frame : hipfx_clamp_i(whole + ((float)whole < to ? 1 : 0), *first + 1, frame);
}

/* What of the frame a part of the kernel's `width` columns, and one of its `height` rows, are made
 * for. */
HIPFX_FN void hipfx_live_of_columns(const struct hipfx_live *live, int begin, int end, int width,
                                    struct hipfx_rect *part)
{
    if (live->turned)
        hipfx_live_along(&live->x, begin, end, width, live->map.height, &part->top, &part->bottom);
    else
        hipfx_live_along(&live->x, begin, end, width, live->map.width, &part->left, &part->right);
}

HIPFX_FN void hipfx_live_of_rows(const struct hipfx_live *live, int begin, int end, int height,
                                 struct hipfx_rect *part)
{
    if (live->turned)
        hipfx_live_along(&live->y, begin, end, height, live->map.width, &part->left, &part->right);
    else
        hipfx_live_along(&live->y, begin, end, height, live->map.height, &part->top, &part->bottom);
}

#if HIPFX_GPU

/* The same for all threads of a block. */
HIPFX_FN bool hipfx_block_is_live(const struct hipfx_live *live, int width, int height,
                                  int tile_width, int tile_height)
{
    if (!live->map.width)
        return true;
    const int sharing = hipfx_max_i(live->sharing, 1), top = hipfx_block_y() * tile_height;
    const int begin = hipfx_block_x() * tile_width, end = begin + tile_width;
    struct hipfx_rect part;
    hipfx_live_of_columns(live, begin / sharing, (end + sharing - 1) / sharing, width, &part);
    hipfx_live_of_rows(live, top, top + tile_height, height, &part);
    return hipfx_live_has(&live->map, part);
}

#else

/* `part` has what the rows are made for. */
HIPFX_FN bool hipfx_live_has_cell(const struct hipfx_live *live, int width, int x,
                                  struct hipfx_rect part)
{
    if (!live->map.width)
        return true;
    hipfx_live_of_columns(live, x, x + HIPFX_LIVE_ALIGN, width, &part);
    return hipfx_live_has(&live->map, part);
}

/* Where a band of rows ends that is about as high as a tile. */
HIPFX_FN int hipfx_live_band_end(const struct hipfx_live *live, int top, int row_end)
{
    const int rows =
        hipfx_clamp_i((int)((float)HIPFX_LIVE_ROWS / live->y.scale), 4, HIPFX_LIVE_ROWS);
    return hipfx_min_i((top / rows + 1) * rows, row_end);
}

/* Sets what the rows from `top` on are made for, and returns where they end: a band, and those that
 * follow and are wanted in the same columns, since to begin anew costs some kernels a few rows. */
HIPFX_FN int hipfx_live_rows_alike(const struct hipfx_live *live, int width, int height, int top,
                                   int row_end, struct hipfx_rect *part)
{
    if (!live->map.width)
        return row_end;
    int end = hipfx_live_band_end(live, top, row_end);
    hipfx_live_of_rows(live, top, end, height, part);
    while (end < row_end) {
        const int next_end = hipfx_live_band_end(live, end, row_end);
        struct hipfx_rect next;
        hipfx_live_of_rows(live, end, next_end, height, &next);
        for (int x = 0; x < width; x += HIPFX_LIVE_ALIGN) {
            if (hipfx_live_has_cell(live, width, x, *part) !=
                hipfx_live_has_cell(live, width, x, next))
                return end;
        }
        end = next_end;
    }
    return end;
}

/* Goes through what is wanted of a kernel's rows up to `row_end`, by rectangles. Not inlined: every
 * kernel begins with it, and asks once a rectangle. */
struct hipfx_live_walk {
    struct hipfx_rect at;   /* at first empty, at the right end of the row above */
    struct hipfx_rect part; /* of the frame: what its rows are made for */
};

static inline __attribute__((noinline)) bool hipfx_live_next(const struct hipfx_live *live,
                                                             int width, int height, int row_end,
                                                             struct hipfx_live_walk *walk)
{
    struct hipfx_rect *at = &walk->at;
    do {
        if (at->right >= width) {
            if (at->bottom >= row_end)
                return false;
            at->top = at->bottom;
            at->bottom = hipfx_live_rows_alike(live, width, height, at->top, row_end, &walk->part);
            at->right = 0;
        }
        int x = at->right;
        while (x < width && !hipfx_live_has_cell(live, width, x, walk->part))
            x += HIPFX_LIVE_ALIGN;
        at->left = x;
        while (x < width && hipfx_live_has_cell(live, width, x, walk->part))
            x += HIPFX_LIVE_ALIGN;
        at->right = hipfx_min_i(x, width);
    } while (at->left >= at->right);
    return true;
}

#endif
