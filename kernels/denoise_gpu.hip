/* Noise taken out over time and in a frame, on GPUs. device_denoise.h tells the method.
 *
 * Over time, a block goes down 128 columns. Each thread has a column: it compares it with the mean,
 * gets its neighbours' differences through shared memory and has the sums of the last five rows in
 * registers.
 *
 * In a frame, a thread has HIPFX_DENOISE_ROWS rows of a column, and each 32 threads have columns
 * side by side, so that what is summed up over a patch's columns goes from thread to thread. */
#include "kernels/device_denoise.h"

/* r, g, b, n. */
HIPFX_FN HIPFX_GLOBAL hipfx_float4 *denoise_at(const struct hipfx_denoise_codes *codes, int x,
                                               int y)
{
    return (HIPFX_GLOBAL hipfx_float4 *)codes->data +
           ((uint64_t)(uint32_t)y * (uint32_t)codes->pitch + (uint32_t)x);
}

HIPFX_FN bool denoise_inside(const struct hipfx_rect *rect, int x, int y)
{
    return x >= rect->left && x < rect->right && y >= rect->top && y < rect->bottom;
}

HIPFX_FN struct denoise_px denoise_fetch(const struct hipfx_denoise_codes *codes,
                                         const struct hipfx_rect *inside, int x, int y)
{
    hipfx_float4 v = 0;
    if (denoise_inside(inside, x, y))
        v = *denoise_at(codes, x, y);
    return (struct denoise_px){v.x, v.y, v.z, v.w};
}

/* A pixel as it was and as it is. */
struct denoise_pair {
    struct denoise_px before, now;
    uint64_t raw;
};

HIPFX_FN struct denoise_pair denoise_pair_at(const struct hipfx_denoise_args *a, int format, int x,
                                             int y)
{
    struct denoise_pair pair = {};
    if (!denoise_inside(&a->made, x, y))
        return pair;
    pair.before = denoise_fetch(&a->before, &a->known, x, y);
    pair.raw = hipfx_direct_load(&a->in, format, x, y);
    pair.now = denoise_stabilise(format, pair.raw);
    return pair;
}

HIPFX_FN hipfx_float4 denoise_compare_pair(const struct hipfx_denoise_args *a,
                                           const struct denoise_pair *pair)
{
    struct denoise_sign sign = denoise_compare(a->per_noise, pair->now, pair->before);
    return (hipfx_float4){sign.r, sign.g, sign.b, sign.square};
}

/* One row's differences while they are summed up, and the next row's. */
HIPFX_SHARED hipfx_float4 denoise_signs[2][HIPFX_BLOCK + 2 * DENOISE_AROUND];

/* The sum over the five columns around the thread's. */
HIPFX_FN hipfx_float4 denoise_sum_columns(const struct hipfx_denoise_args *a, int format,
                                          const struct denoise_pair *own, int turn, int x0, int y)
{
    hipfx_float4 *row = denoise_signs[turn & 1];
    const int i = hipfx_thread();
    row[i + DENOISE_AROUND] = denoise_compare_pair(a, own);
    if (i < 2 * DENOISE_AROUND) {
        const int at = i < DENOISE_AROUND ? i : i + HIPFX_BLOCK;
        struct denoise_pair pair = denoise_pair_at(a, format, x0 + at - DENOISE_AROUND, y);
        row[at] = denoise_compare_pair(a, &pair);
    }
    hipfx_barrier();
    return row[i] + row[i + 1] + row[i + 2] + row[i + 3] + row[i + 4];
}

HIPFX_FN void denoise_time_write(const struct hipfx_denoise_args *a, int format, int x, int y,
                                 const struct denoise_pair *pair, hipfx_float4 total)
{
    struct denoise_sign sum = {total.x, total.y, total.z, total.w};
    struct denoise_px mean =
        denoise_blend(a->per_noise, a->least_gain, sum, pair->now, pair->before);
    if (!denoise_inside(&a->made, x, y))
        return;
    *denoise_at(&a->now, x, y) = (hipfx_float4){mean.r, mean.g, mean.b, mean.n};
    if (a->shown && denoise_inside(&a->area, x, y))
        hipfx_direct_store(&a->out, format, x, y, denoise_encode(format, mean, pair->raw));
}

HIPFX_FN void denoise_time(const struct hipfx_denoise_args *a, int format)
{
    const int x0 = a->made.left + hipfx_block_x() * HIPFX_BLOCK;
    const int x = x0 + hipfx_thread();
    const int y0 = a->made.top + hipfx_block_y() * HIPFX_DENOISE_TIME_ROWS;
    const int rows = HIPFX_DENOISE_TIME_ROWS + 2 * DENOISE_AROUND;
    struct denoise_pair pairs[3] = {}, next;
    hipfx_float4 sums[5] = {};

    hipfx_decode_prepare(format);
    next = denoise_pair_at(a, format, x, y0 - DENOISE_AROUND);
#pragma clang loop unroll(disable)
    for (int i = 0; i < rows; i++) {
        const int y = y0 + i - DENOISE_AROUND;
        pairs[0] = pairs[1];
        pairs[1] = pairs[2];
        pairs[2] = next;
        next = denoise_pair_at(a, format, x, i + 1 < rows ? y + 1 : -1);
        HIPFX_UNROLL
        for (int j = 0; j < 4; j++)
            sums[j] = sums[j + 1];
        sums[4] = denoise_sum_columns(a, format, &pairs[2], i, x0, y);
        if (i >= 2 * DENOISE_AROUND)
            denoise_time_write(a, format, x, y - DENOISE_AROUND, &pairs[0],
                               sums[0] + sums[1] + sums[2] + sums[3] + sums[4]);
    }
}

HIPFX_KERNEL_BLOCK(denoise_time_rgba8, struct hipfx_denoise_args, a)
{
    denoise_time(a, HIPFX_PIXEL_RGBA8_SRGB);
}

HIPFX_KERNEL_BLOCK(denoise_time_rgba16f, struct hipfx_denoise_args, a)
{
    denoise_time(a, HIPFX_PIXEL_RGBA16F);
}

enum {
    DENOISE_LANES = HIPFX_LANES_OF_GROUP,
    DENOISE_GROUPS = HIPFX_BLOCK / DENOISE_LANES,
    DENOISE_OWN = HIPFX_DENOISE_ROWS + 2 * DENOISE_PATCH, /* rows of a thread's patches */
};
static_assert(HIPFX_DENOISE_COLUMNS == DENOISE_LANES - 2 * DENOISE_PATCH, "lanes with neighbours");

/* What a block's pixels are compared with, a plane for each colour. */
#define DENOISE_TILE_WIDTH(step) (DENOISE_LANES + 2 * HIPFX_DENOISE_SEARCH * (step))
#define DENOISE_TILE_HEIGHT(step)                                                                  \
    (DENOISE_GROUPS * HIPFX_DENOISE_ROWS + 2 * (HIPFX_DENOISE_SEARCH * (step) + DENOISE_PATCH))

HIPFX_SHARED float denoise_tile_near[3][DENOISE_TILE_WIDTH(1) * DENOISE_TILE_HEIGHT(1)];
HIPFX_SHARED float denoise_tile_far[3][DENOISE_TILE_WIDTH(HIPFX_DENOISE_FAR_STEP) *
                                       DENOISE_TILE_HEIGHT(HIPFX_DENOISE_FAR_STEP)];

/* What a search reads. */
enum denoise_source { DENOISE_FRAME, DENOISE_MEAN, DENOISE_NEAR };

HIPFX_FN float *denoise_tile(int source, int channel)
{
    return source == DENOISE_NEAR ? denoise_tile_far[channel] : denoise_tile_near[channel];
}

/* Outside the frame it is as at its edge. */
HIPFX_FN struct denoise_px denoise_read(const struct hipfx_denoise_args *a, int format, int source,
                                        int x, int y)
{
    x = hipfx_clamp_i(x, 0, a->in.width - 1);
    y = hipfx_clamp_i(y, 0, a->in.height - 1);
    struct denoise_px px;
    if (source == DENOISE_FRAME)
        px = denoise_stabilise(format, hipfx_direct_load(&a->in, format, x, y));
    else if (source == DENOISE_MEAN)
        px = denoise_fetch(&a->now, &a->made, x, y);
    else
        px = denoise_fetch(&a->near, &a->near_made, x, y);
    if (px.n > 0.0f)
        return px;
    return (struct denoise_px){DENOISE_NOTHING, DENOISE_NOTHING, DENOISE_NOTHING, 0.0f};
}

HIPFX_FN void denoise_tile_fill(const struct hipfx_denoise_args *a, int format, int source,
                                int step, int x0, int y0)
{
    const int width = DENOISE_TILE_WIDTH(step), count = width * DENOISE_TILE_HEIGHT(step);
    for (int i = hipfx_thread(); i < count; i += HIPFX_BLOCK) {
        struct denoise_px px = denoise_read(a, format, source, x0 + i % width, y0 + i / width);
        denoise_tile(source, 0)[i] = px.r;
        denoise_tile(source, 1)[i] = px.g;
        denoise_tile(source, 2)[i] = px.b;
    }
    hipfx_barrier();
}

/* A thread's column, or a part of it, with the rows above and below. */
struct denoise_column {
    float r[DENOISE_OWN], g[DENOISE_OWN], b[DENOISE_OWN];
};

HIPFX_FN struct denoise_column denoise_column_at(int source, int step, int x, int y)
{
    const int width = DENOISE_TILE_WIDTH(step);
    struct denoise_column column;
    HIPFX_UNROLL
    for (int i = 0; i < DENOISE_OWN; i++) {
        column.r[i] = denoise_tile(source, 0)[(y + i) * width + x];
        column.g[i] = denoise_tile(source, 1)[(y + i) * width + x];
        column.b[i] = denoise_tile(source, 2)[(y + i) * width + x];
    }
    return column;
}

/* Adds those that lie at one offset, for all rows of the thread's. */
HIPFX_FN void denoise_weigh(struct denoise_sums sums[HIPFX_DENOISE_ROWS],
                            const struct denoise_column *p, const struct denoise_column *q,
                            const float per_patch[HIPFX_DENOISE_ROWS])
{
    float squares[DENOISE_OWN];
    HIPFX_UNROLL
    for (int i = 0; i < DENOISE_OWN; i++) {
        float r = p->r[i] - q->r[i], g = p->g[i] - q->g[i], b = p->b[i] - q->b[i];
        squares[i] = r * r + g * g + b * b;
    }
    HIPFX_UNROLL
    for (int i = 0; i < HIPFX_DENOISE_ROWS; i++) {
        const int middle = i + DENOISE_PATCH;
        float column = squares[middle - 1] + 2.0f * squares[middle] + squares[middle + 1];
        float patch =
            hipfx_lane_shifted(column, -1) + 2.0f * column + hipfx_lane_shifted(column, 1);
        denoise_sums_add(&sums[i], q->r[middle], q->g[middle], q->b[middle],
                         denoise_weight(patch, per_patch[i]));
    }
}

/* The near search's pixels are kept, the far search's are the result. */
HIPFX_FN void denoise_search_write(const struct hipfx_denoise_args *a, int format, int source,
                                   int x, int y, struct denoise_px mean)
{
    if (source != DENOISE_NEAR) {
        *denoise_at(&a->near, x, y) = (hipfx_float4){mean.r, mean.g, mean.b, mean.n};
        return;
    }
    const uint64_t raw = hipfx_direct_load(&a->in, format, x, y);
    struct denoise_px from =
        a->averaged ? denoise_fetch(&a->now, &a->made, x, y) : denoise_stabilise(format, raw);
    hipfx_direct_store(&a->out, format, x, y,
                       denoise_encode(format, denoise_mix(from, mean, a->strength), raw));
}

HIPFX_FN void denoise_search(const struct hipfx_denoise_args *a, int format, int source)
{
    const int step = source == DENOISE_NEAR ? HIPFX_DENOISE_FAR_STEP : 1;
    const int reach = HIPFX_DENOISE_SEARCH * step;
    const struct hipfx_rect *rect = source == DENOISE_NEAR ? &a->area : &a->near_made;
    const int lane = hipfx_thread() % DENOISE_LANES;
    const int row = hipfx_thread() / DENOISE_LANES * HIPFX_DENOISE_ROWS;
    const int x0 = rect->left + hipfx_block_x() * HIPFX_DENOISE_COLUMNS - DENOISE_PATCH;
    const int y0 = rect->top + hipfx_block_y() * DENOISE_GROUPS * HIPFX_DENOISE_ROWS;
    const int x = x0 + lane;
    struct denoise_sums sums[HIPFX_DENOISE_ROWS] = {};
    float n[HIPFX_DENOISE_ROWS], per_patch[HIPFX_DENOISE_ROWS];

    hipfx_decode_prepare(format);
    denoise_tile_fill(a, format, source, step, x0 - reach, y0 - reach - DENOISE_PATCH);
    const struct denoise_column own = denoise_column_at(source, step, lane + reach, row + reach);
    HIPFX_UNROLL
    for (int i = 0; i < HIPFX_DENOISE_ROWS; i++) {
        n[i] = denoise_read(a, format, source, x, y0 + row + i).n;
        per_patch[i] = n[i] * a->per_patch;
    }

#pragma clang loop unroll(disable)
    for (int dy = -HIPFX_DENOISE_SEARCH; dy <= HIPFX_DENOISE_SEARCH; dy++) {
        HIPFX_UNROLL
        for (int dx = -HIPFX_DENOISE_SEARCH; dx <= HIPFX_DENOISE_SEARCH; dx++) {
            if (!denoise_is_searched(dx, dy))
                continue;
            const struct denoise_column other =
                denoise_column_at(source, step, lane + reach + dx * step, row + reach + dy * step);
            denoise_weigh(sums, &own, &other, per_patch);
        }
    }

    if (lane < DENOISE_PATCH || lane >= DENOISE_LANES - DENOISE_PATCH || x >= rect->right)
        return;
    HIPFX_UNROLL
    for (int i = 0; i < HIPFX_DENOISE_ROWS; i++) {
        if (y0 + row + i < rect->bottom)
            denoise_search_write(a, format, source, x, y0 + row + i,
                                 denoise_sums_mean(sums[i], n[i]));
    }
}

HIPFX_KERNEL_BLOCK(denoise_near_rgba8, struct hipfx_denoise_args, a)
{
    denoise_search(a, HIPFX_PIXEL_RGBA8_SRGB, DENOISE_FRAME);
}

HIPFX_KERNEL_BLOCK(denoise_near_rgba16f, struct hipfx_denoise_args, a)
{
    denoise_search(a, HIPFX_PIXEL_RGBA16F, DENOISE_FRAME);
}

HIPFX_KERNEL_BLOCK(denoise_near_mean, struct hipfx_denoise_args, a)
{
    denoise_search(a, HIPFX_PIXEL_NONE, DENOISE_MEAN);
}

HIPFX_KERNEL_BLOCK(denoise_far_rgba8, struct hipfx_denoise_args, a)
{
    denoise_search(a, HIPFX_PIXEL_RGBA8_SRGB, DENOISE_NEAR);
}

HIPFX_KERNEL_BLOCK(denoise_far_rgba16f, struct hipfx_denoise_args, a)
{
    denoise_search(a, HIPFX_PIXEL_RGBA16F, DENOISE_NEAR);
}
