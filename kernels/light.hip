/* Pictures as linear light in float, with what lies beyond their edges, and sums of its pixels at
 * the same places around each. */
#include "kernels/device_light.h"

HIPFX_FN int taps_first(const struct hipfx_taps_args *a, int x, int y)
{
    return (a->top + y) * a->in.pitch + a->left + x;
}

#if HIPFX_GPU

/* A block's part is 32 pixels wide, and a warp goes along rows. */
enum { light_across = 32, light_down = HIPFX_BLOCK / light_across };

HIPFX_FN void light_block(const struct hipfx_light_args *a, int format)
{
    const int x = hipfx_block_x() * light_across + hipfx_thread() % light_across;
    const int top = hipfx_block_y() * HIPFX_LIGHT_ROWS + hipfx_thread() / light_across;
    hipfx_decode_prepare(format);
    HIPFX_UNROLL
    for (int i = 0; i < HIPFX_LIGHT_ROWS; i += light_down) {
        const int y = top + i;
        if (x < a->width && y < a->height)
            light_store(&a->out, x, y,
                        light_outside(&a->frame, format, a->edge, a->left + x, a->top + y));
    }
}

HIPFX_SHARED struct hipfx_tap taps_shared[HIPFX_TAPS_MAX];

HIPFX_FN void taps_block(const struct hipfx_taps_args *a, int format)
{
    enum { times = HIPFX_LIGHT_ROWS / light_down };
    const HIPFX_GLOBAL hipfx_float4 *in = (const HIPFX_GLOBAL hipfx_float4 *)a->in.data;
    const int x = hipfx_block_x() * light_across + hipfx_thread() % light_across;
    const int top = hipfx_block_y() * HIPFX_LIGHT_ROWS + hipfx_thread() / light_across;
    const int inside_x = hipfx_min_i(x, a->width - 1);
    hipfx_float4 sums[times];
    int at[times];
    for (int i = hipfx_thread(); i < a->count; i += HIPFX_BLOCK)
        taps_shared[i] = a->taps[i];
    HIPFX_UNROLL
    for (int i = 0; i < times; i++) {
        at[i] = taps_first(a, inside_x, hipfx_min_i(top + i * light_down, a->height - 1));
        sums[i] = 0.0f;
    }
    hipfx_barrier();
    for (int tap = 0; tap < a->count; tap++) {
        const int away = taps_shared[tap].y * a->in.pitch + taps_shared[tap].x;
        const float weight = taps_shared[tap].weight;
        HIPFX_UNROLL
        for (int i = 0; i < times; i++)
            sums[i] += in[at[i] + away] * weight;
    }
    HIPFX_UNROLL
    for (int i = 0; i < times; i++) {
        const int y = top + i * light_down;
        if (x < a->width && y < a->height)
            light_write(&a->frame, &a->out, format, x, y, sums[i]);
    }
}

HIPFX_KERNEL_BLOCK(light_rgba8, struct hipfx_light_args, a)
{
    light_block(a, HIPFX_PIXEL_RGBA8_SRGB);
}

HIPFX_KERNEL_BLOCK(light_rgba16f, struct hipfx_light_args, a)
{
    light_block(a, HIPFX_PIXEL_RGBA16F);
}

HIPFX_KERNEL_BLOCK(taps_light, struct hipfx_taps_args, a)
{
    taps_block(a, HIPFX_PIXEL_NONE);
}

HIPFX_KERNEL_BLOCK(taps_rgba8, struct hipfx_taps_args, a)
{
    taps_block(a, HIPFX_PIXEL_RGBA8_SRGB);
}

HIPFX_KERNEL_BLOCK(taps_rgba16f, struct hipfx_taps_args, a)
{
    taps_block(a, HIPFX_PIXEL_RGBA16F);
}

#else

/* Columns outside are the edge's, some of them, or nothing. */
HIPFX_FN void light_line(const struct hipfx_light_args *a, int format, int row, int y)
{
    float *out = a->out.data + (size_t)row * (size_t)a->out.pitch * 4;
    const int begin = hipfx_clamp_i(-a->left, a->live.first, a->width);
    const int end = hipfx_clamp_i(a->frame.width - a->left, begin, a->width);
    HIPFX_VECTORIZE
    for (int x = begin; x < end; x++) {
        struct hipfx_px px = blur_load(&a->frame, format, a->left + x, y);
        out[4 * x] = px.r;
        out[4 * x + 1] = px.g;
        out[4 * x + 2] = px.b;
        out[4 * x + 3] = px.a;
    }
    for (int x = a->live.first; x < a->width; x++) {
        if (x < begin || x >= end)
            light_store(&a->out, x, row,
                        light_outside(&a->frame, format, a->edge, a->left + x, a->top + row));
    }
}

HIPFX_FN void light_rows(const struct hipfx_light_args *a, int format, int row_begin, int row_end)
{
    for (int row = row_begin; row < row_end; row++) {
        const int y = a->top + row;
        if (a->edge == HIPFX_EDGE_TRANSPARENT && (y < 0 || y >= a->frame.height))
            __builtin_memset(a->out.data +
                                 ((size_t)row * (size_t)a->out.pitch + (size_t)a->live.first) * 4,
                             0, (size_t)(a->width - a->live.first) * 4 * sizeof(float));
        else
            light_line(a, format, row, blur_inside(a->edge, 0, a->frame.height, y));
    }
}

HIPFX_FN void taps_tile(const struct hipfx_taps_args *a, const float *in, struct light_tile *out)
{
    for (int at = 0; at < 4 * LIGHT_TILE; at += LIGHT_VECS * HIPFX_LANES) {
        hipfx_vec sum[LIGHT_VECS];
        for (int i = 0; i < LIGHT_VECS; i++)
            sum[i] = 0.0f;
        for (int tap = 0; tap < a->count; tap++) {
            const float *from = in + at + (a->taps[tap].y * a->in.pitch + a->taps[tap].x) * 4;
            for (int i = 0; i < LIGHT_VECS; i++)
                sum[i] += hipfx_vec_load(from + i * HIPFX_LANES) * a->taps[tap].weight;
        }
        for (int i = 0; i < LIGHT_VECS; i++)
            hipfx_vec_store(&out->v[at + i * HIPFX_LANES], sum[i]);
    }
}

HIPFX_FN void taps_rows(const struct hipfx_taps_args *a, int format, int row_begin, int row_end)
{
    for (int y = row_begin; y < row_end; y++) {
        for (int x = a->live.first; x < a->width; x += LIGHT_TILE) {
            struct light_tile tile;
            taps_tile(a, a->in.data + (size_t)taps_first(a, x, y) * 4, &tile);
            light_tile_write(&a->frame, &a->out, format, x, hipfx_min_i(LIGHT_TILE, a->width - x),
                             y, &tile);
        }
    }
}

HIPFX_KERNEL_ROWS(light_rgba8, struct hipfx_light_args, a, row_begin, row_end)
{
    light_rows(a, HIPFX_PIXEL_RGBA8_SRGB, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(light_rgba16f, struct hipfx_light_args, a, row_begin, row_end)
{
    light_rows(a, HIPFX_PIXEL_RGBA16F, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(taps_light, struct hipfx_taps_args, a, row_begin, row_end)
{
    taps_rows(a, HIPFX_PIXEL_NONE, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(taps_rgba8, struct hipfx_taps_args, a, row_begin, row_end)
{
    taps_rows(a, HIPFX_PIXEL_RGBA8_SRGB, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(taps_rgba16f, struct hipfx_taps_args, a, row_begin, row_end)
{
    taps_rows(a, HIPFX_PIXEL_RGBA16F, row_begin, row_end);
}

#endif
