/* Noise taken out over time and in a frame, on GPUs. device_denoise.h tells the method.
 *
 * Over time, a block goes down 128 columns. Each thread has a column: it compares it with the mean,
 * gets its neighbours' differences through shared memory and has the sums of the last five rows in
 * registers.
 *
 * In a frame, a thread has HIPFX_DENOISE_ROWS rows of a column, and each 32 threads have columns
 * side by side, so that what is summed up over a patch's columns goes from thread to thread. A
 * column that is compared with is read once for all the offsets down it. */
#include "kernels/device_denoise.h"

/* A pixel of the mean: r, g, b, n. */
HIPFX_FN HIPFX_GLOBAL hipfx_float4 *denoise_at(const struct hipfx_denoise_mean *mean, int x, int y)
{
    return (HIPFX_GLOBAL hipfx_float4 *)mean->data +
           ((uint64_t)(uint32_t)y * (uint32_t)mean->pitch + (uint32_t)x);
}

HIPFX_FN bool denoise_inside(const struct hipfx_rect *rect, int x, int y)
{
    return x >= rect->left && x < rect->right && y >= rect->top && y < rect->bottom;
}

HIPFX_FN struct denoise_px denoise_fetch(const struct hipfx_denoise_mean *mean,
                                         const struct hipfx_rect *inside, int x, int y)
{
    hipfx_float4 v = 0;
    if (denoise_inside(inside, x, y))
        v = *denoise_at(mean, x, y);
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
    pair.raw = hipfx_load(&a->in, format, x, y);
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
    struct denoise_px mean = denoise_blend(a->least_gain, sum, pair->now, pair->before);
    if (!denoise_inside(&a->made, x, y))
        return;
    *denoise_at(&a->now, x, y) = (hipfx_float4){mean.r, mean.g, mean.b, mean.n};
    if (a->shows && denoise_inside(&a->area, x, y))
        hipfx_store(&a->out, format, x, y, denoise_encode(format, mean, pair->raw));
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
    DENOISE_REACH = DENOISE_SEARCH + DENOISE_PATCH,
    DENOISE_OWN = HIPFX_DENOISE_ROWS + 2 * DENOISE_PATCH,    /* rows of a thread's patches */
    DENOISE_SEEN = HIPFX_DENOISE_ROWS + 2 * DENOISE_REACH,   /* and of all those around them */
    DENOISE_TILE_WIDTH = DENOISE_LANES + 2 * DENOISE_SEARCH, /* lane 0 is one before the tile */
    DENOISE_TILE_HEIGHT = DENOISE_GROUPS * HIPFX_DENOISE_ROWS + 2 * DENOISE_REACH,
};
static_assert(HIPFX_DENOISE_COLUMNS == DENOISE_LANES - 2 * DENOISE_PATCH, "lanes with neighbours");

HIPFX_SHARED hipfx_float4 denoise_tile[DENOISE_TILE_HEIGHT][DENOISE_TILE_WIDTH];

/* Outside the frame it is as at its edge. */
HIPFX_FN hipfx_float4 denoise_tile_read(const struct hipfx_denoise_args *a, int format, bool mean,
                                        int x, int y)
{
    x = hipfx_clamp_i(x, 0, a->in.width - 1);
    y = hipfx_clamp_i(y, 0, a->in.height - 1);
    struct denoise_px px = mean ? denoise_fetch(&a->now, &a->made, x, y)
                                : denoise_stabilise(format, hipfx_load(&a->in, format, x, y));
    if (px.n > 0.0f)
        return (hipfx_float4){px.r, px.g, px.b, px.n};
    return (hipfx_float4){DENOISE_NOTHING, DENOISE_NOTHING, DENOISE_NOTHING, 0.0f};
}

HIPFX_FN void denoise_tile_fill(const struct hipfx_denoise_args *a, int format, bool mean, int x0,
                                int y0)
{
    hipfx_float4 *tile = &denoise_tile[0][0];
    for (int i = hipfx_thread(); i < DENOISE_TILE_WIDTH * DENOISE_TILE_HEIGHT; i += HIPFX_BLOCK)
        tile[i] = denoise_tile_read(a, format, mean, x0 + i % DENOISE_TILE_WIDTH,
                                    y0 + i / DENOISE_TILE_WIDTH);
    hipfx_barrier();
}

/* The weights of one offset for all rows of the thread's, and what they weigh. `seen` is the column
 * at the offset. */
HIPFX_FN void denoise_weigh(hipfx_float4 sums[HIPFX_DENOISE_ROWS],
                            const hipfx_float4 own[DENOISE_OWN],
                            const hipfx_float4 seen[DENOISE_SEEN], int dy, float per_patch)
{
    float squares[DENOISE_OWN];
    HIPFX_UNROLL
    for (int i = 0; i < DENOISE_OWN; i++) {
        hipfx_float4 d = own[i] - seen[i + DENOISE_SEARCH + dy];
        squares[i] = d.x * d.x + d.y * d.y + d.z * d.z;
    }
    HIPFX_UNROLL
    for (int i = 0; i < HIPFX_DENOISE_ROWS; i++) {
        float column = squares[i] + squares[i + 1] + squares[i + 2];
        float patch = hipfx_lane_shifted(column, -1) + column + hipfx_lane_shifted(column, 1);
        float weight = denoise_weight(patch, per_patch * own[i + DENOISE_PATCH].w);
        const hipfx_float4 q = seen[i + DENOISE_REACH + dy];
        sums[i].x += weight * q.x;
        sums[i].y += weight * q.y;
        sums[i].z += weight * q.z;
        sums[i].w += weight;
    }
}

HIPFX_FN struct denoise_px denoise_mix(hipfx_float4 p, hipfx_float4 sum, float strength)
{
    float per_weight = hipfx_divide(1.0f, sum.w);
    struct denoise_px px;
    px.r = p.x + (sum.x * per_weight - p.x) * strength;
    px.g = p.y + (sum.y * per_weight - p.y) * strength;
    px.b = p.z + (sum.z * per_weight - p.z) * strength;
    px.n = p.w;
    return px;
}

HIPFX_FN void denoise_space(const struct hipfx_denoise_args *a, int format, bool mean)
{
    const int lane = hipfx_thread() % DENOISE_LANES, group = hipfx_thread() / DENOISE_LANES;
    const int x0 = a->area.left + hipfx_block_x() * HIPFX_DENOISE_COLUMNS - DENOISE_PATCH;
    const int y0 = a->area.top + hipfx_block_y() * DENOISE_GROUPS * HIPFX_DENOISE_ROWS;
    const int row = group * HIPFX_DENOISE_ROWS; /* of the tile, the first that is seen */
    hipfx_float4 own[DENOISE_OWN], sums[HIPFX_DENOISE_ROWS] = {};

    hipfx_decode_prepare(format);
    denoise_tile_fill(a, format, mean, x0 - DENOISE_SEARCH, y0 - DENOISE_REACH);
    HIPFX_UNROLL
    for (int i = 0; i < DENOISE_OWN; i++)
        own[i] = denoise_tile[row + DENOISE_SEARCH + i][lane + DENOISE_SEARCH];

#pragma clang loop unroll(disable)
    for (int dx = -DENOISE_SEARCH; dx <= DENOISE_SEARCH; dx++) {
        hipfx_float4 seen[DENOISE_SEEN];
        HIPFX_UNROLL
        for (int i = 0; i < DENOISE_SEEN; i++)
            seen[i] = denoise_tile[row + i][lane + DENOISE_SEARCH + dx];
        HIPFX_UNROLL
        for (int dy = -DENOISE_SEARCH; dy <= DENOISE_SEARCH; dy++) {
            if (denoise_is_near(dx, dy))
                denoise_weigh(sums, own, seen, dy, a->per_patch);
        }
    }

    const int x = x0 + lane;
    if (lane < DENOISE_PATCH || lane >= DENOISE_LANES - DENOISE_PATCH || x >= a->area.right)
        return;
    HIPFX_UNROLL
    for (int i = 0; i < HIPFX_DENOISE_ROWS; i++) {
        const int y = y0 + row + i;
        if (y >= a->area.bottom)
            break;
        struct denoise_px px = denoise_mix(own[i + DENOISE_PATCH], sums[i], a->strength);
        hipfx_store(&a->out, format, x, y,
                    denoise_encode(format, px, hipfx_load(&a->in, format, x, y)));
    }
}

HIPFX_KERNEL_BLOCK(denoise_frame_rgba8, struct hipfx_denoise_args, a)
{
    denoise_space(a, HIPFX_PIXEL_RGBA8_SRGB, false);
}

HIPFX_KERNEL_BLOCK(denoise_frame_rgba16f, struct hipfx_denoise_args, a)
{
    denoise_space(a, HIPFX_PIXEL_RGBA16F, false);
}

HIPFX_KERNEL_BLOCK(denoise_mean_rgba8, struct hipfx_denoise_args, a)
{
    denoise_space(a, HIPFX_PIXEL_RGBA8_SRGB, true);
}

HIPFX_KERNEL_BLOCK(denoise_mean_rgba16f, struct hipfx_denoise_args, a)
{
    denoise_space(a, HIPFX_PIXEL_RGBA16F, true);
}
