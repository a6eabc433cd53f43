/* The Gaussian blur on GPUs. gaussian_blur.hip tells how a wide window is made of two narrower ones
 * around every h-th row; here that is done along both axes, since arithmetic, not memory, is what
 * takes time:
 *   blur_down_rgba8   windows of a at every h-th row of the picture, turned;
 *   blur_down_light   the same at every h-th column, which leaves 1 / h^2 of the pixels;
 *   blur_up_light     windows of b over the coarse columns, turned back;
 *   blur_up_rgba8     windows of b over the coarse rows make the picture.
 * With h = 1 only the first and the last are needed, both with the whole sigma.
 *
 * A thread makes HIPFX_BLUR_ROWS rows of a column, so that each pixel that it reads and decodes
 * serves all of them. Their weights are the same for all threads of a block. */
#include "kernels/device_blur.h"

enum { BLUR_LIGHT = HIPFX_PIXEL_NONE }; /* in place of a picture's format */

#define BLUR_QUADS (HIPFX_BLUR_ROWS / 4)

/* Rows whose weights are in shared memory at once, and those that are asked for together. */
#define BLUR_CHUNK   128
#define BLUR_AT_ONCE 8

HIPFX_SHARED hipfx_float4 blur_weights[BLUR_CHUNK][BLUR_QUADS];

struct blur_sums {
    hipfx_float4 row[HIPFX_BLUR_ROWS];
};

/* The rows outside are the edge's. */
HIPFX_FN hipfx_float4 blur_read(const struct hipfx_blur_pass_args *a, int source, int x, int y)
{
    y = hipfx_clamp_i(y, 0, a->rows - 1);
    if (source == BLUR_LIGHT) {
        const uint64_t at = (uint64_t)(uint32_t)y * (uint32_t)a->in.pitch + (uint32_t)x;
        return ((const HIPFX_GLOBAL hipfx_float4 *)a->in.data)[at];
    }
    struct hipfx_px px = blur_load(&a->frame, source, x, y);
    return (hipfx_float4){px.r, px.g, px.b, px.a};
}

/* The four rows `quad`: sum += read * weight. */
HIPFX_FN void blur_add(struct blur_sums *sums, int quad, hipfx_float4 read, hipfx_float4 weights)
{
    HIPFX_UNROLL
    for (int i = 0; i < 4; i++)
        sums->row[quad * 4 + i] += read * weights[i];
}

HIPFX_FN void blur_write_light(const struct hipfx_blur_pass_args *a, int x, int y0,
                               const struct blur_sums *sums)
{
    HIPFX_GLOBAL hipfx_float4 *out = (HIPFX_GLOBAL hipfx_float4 *)a->out.data;
    HIPFX_UNROLL
    for (int i = 0; i < HIPFX_BLUR_ROWS; i++) {
        uint64_t y = (uint32_t)(y0 + i), pitch = (uint32_t)a->out.pitch;
        if (y0 + i < a->height)
            out[a->turned ? (uint32_t)x * pitch + y : y * pitch + (uint32_t)x] = sums->row[i];
    }
}

HIPFX_FN uint64_t blur_encode(int format, hipfx_float4 v)
{
    return hipfx_encode(format, (struct hipfx_px){v.x, v.y, v.z, v.w});
}

HIPFX_FN void blur_write_picture(const struct hipfx_blur_pass_args *a, int format, int x, int y0,
                                 const struct blur_sums *sums)
{
    const int pixels = hipfx_group_pixels(format);
    if (!a->turned) {
        HIPFX_UNROLL
        for (int i = 0; i < HIPFX_BLUR_ROWS; i++) {
            if (y0 + i < a->height)
                hipfx_store(&a->frame, format, x, y0 + i, blur_encode(format, sums->row[i]));
        }
        return;
    }
    HIPFX_UNROLL
    for (int i = 0; i < HIPFX_BLUR_ROWS; i += pixels) {
        hipfx_group group = 0;
        HIPFX_UNROLL
        for (int j = 0; j < pixels; j++)
            group = hipfx_group_rotate(group, format, blur_encode(format, sums->row[i + j]));
        hipfx_group_store(&a->frame, format, y0 + i, x, group);
    }
}

/* Row i of the window's, counted from the first that the block's first row reaches. */
HIPFX_FN float blur_down_weight(const struct hipfx_blur_pass_args *a, int i, int row)
{
    int away = i - a->radius - row * a->step;
    away = away < 0 ? -away : away;
    return away <= a->radius ? a->weights[away] : 0.0f;
}

HIPFX_FN void blur_down_prepare(const struct hipfx_blur_pass_args *a, int first, int count)
{
    float *weights = (float *)blur_weights;
    hipfx_barrier(); /* nobody reads what was there before */
    for (int i = hipfx_thread(); i < count * HIPFX_BLUR_ROWS; i += HIPFX_BLOCK)
        weights[i] = blur_down_weight(a, first + i / HIPFX_BLUR_ROWS, i % HIPFX_BLUR_ROWS);
    hipfx_barrier();
}

/* Adds up the slices' sums, in the first slice's threads, two rows at a time in the memory that the
 * weights lay in. */
HIPFX_FN void blur_down_join(int slice, int lane, struct blur_sums *sums)
{
    enum { at_once = 2, lanes = HIPFX_BLOCK / HIPFX_BLUR_SLICES };
    static_assert(HIPFX_BLUR_SLICES * at_once * lanes <= BLUR_CHUNK * BLUR_QUADS, "they fit");
    hipfx_float4 *shared = &blur_weights[0][0];
    HIPFX_UNROLL
    for (int i = 0; i < HIPFX_BLUR_ROWS; i += at_once) {
        hipfx_barrier();
        HIPFX_UNROLL
        for (int j = 0; j < at_once; j++)
            shared[(slice * at_once + j) * lanes + lane] = sums->row[i + j];
        hipfx_barrier();
        HIPFX_UNROLL
        for (int j = 0; j < at_once; j++) {
            HIPFX_UNROLL
            for (int other = 1; other < HIPFX_BLUR_SLICES; other++)
                sums->row[i + j] += shared[(other * at_once + j) * lanes + lane];
        }
    }
}

/* The first four coarse rows end before the last four begin, or nearly so: only where a window of
 * four reaches are they added to. In between, weights are 0. Where there are few coarse rows to
 * make, the window's rows are shared out to slices of the block. */
HIPFX_FN void blur_down(const struct hipfx_blur_pass_args *a, int source)
{
    const int lanes = HIPFX_BLOCK / a->slices;
    const int lane = hipfx_thread() & (lanes - 1),
              slice = a->slices > 1 ? hipfx_thread() / lanes : 0;
    const int x = hipfx_block_x() * lanes + lane;
    const int inside = hipfx_min_i(x, a->width - 1);
    const int row0 = hipfx_block_y() * HIPFX_BLUR_ROWS;
    const int first = (row0 - a->margin) * a->step - a->radius;
    const int reach = 2 * a->radius + 1 + 3 * a->step; /* of four rows */
    const int count = reach + 4 * a->step;
    struct blur_sums sums = {};

    hipfx_decode_prepare(source);
    for (int chunk = 0; chunk < count; chunk += BLUR_CHUNK) {
        const int rows = hipfx_min_i(BLUR_CHUNK, (count - chunk + BLUR_AT_ONCE - 1) / BLUR_AT_ONCE *
                                                     BLUR_AT_ONCE);
        blur_down_prepare(a, chunk, rows);
        for (int i = slice * BLUR_AT_ONCE; i < rows; i += a->slices * BLUR_AT_ONCE) {
            hipfx_float4 read[BLUR_AT_ONCE];
            HIPFX_UNROLL
            for (int j = 0; j < BLUR_AT_ONCE; j++)
                read[j] = blur_read(a, source, inside, first + chunk + i + j);
            if (chunk + i < reach) {
                HIPFX_UNROLL
                for (int j = 0; j < BLUR_AT_ONCE; j++)
                    blur_add(&sums, 0, read[j], blur_weights[i + j][0]);
            }
            if (chunk + i + BLUR_AT_ONCE > 4 * a->step) {
                HIPFX_UNROLL
                for (int j = 0; j < BLUR_AT_ONCE; j++)
                    blur_add(&sums, 1, read[j], blur_weights[i + j][1]);
            }
        }
    }
    if (a->slices > 1)
        blur_down_join(slice, lane, &sums);
    if (slice == 0 && x < a->width)
        blur_write_light(a, x, row0, &sums);
}

HIPFX_FN float blur_up_weight(const struct hipfx_blur_pass_args *a, int coarse, int y)
{
    int away = y - (coarse - a->margin) * a->step;
    away = away < 0 ? -away : away;
    return away <= a->radius ? a->weights[away] * a->scale[y % a->step] : 0.0f;
}

HIPFX_FN void blur_up_prepare(const struct hipfx_blur_pass_args *a, int first, int count, int y0)
{
    float *weights = (float *)blur_weights;
    for (int i = hipfx_thread(); i < count * HIPFX_BLUR_ROWS; i += HIPFX_BLOCK)
        weights[i] = blur_up_weight(a, first + i / HIPFX_BLUR_ROWS, y0 + i % HIPFX_BLUR_ROWS);
    hipfx_barrier();
}

HIPFX_FN struct blur_sums blur_up(const struct hipfx_blur_pass_args *a, int x, int y0)
{
    /* With a margin that is at least as wide as the window, what is divided is not negative;
     * without one the step is 1. */
    const int lowest = y0 + a->margin * a->step - a->radius;
    const int highest = y0 + HIPFX_BLUR_ROWS - 1 + a->margin * a->step + a->radius;
    const int first = (lowest + a->step - 1) / a->step;
    const int count = hipfx_min_i(highest / a->step - first + 1, BLUR_CHUNK);
    struct blur_sums sums = {};

    blur_up_prepare(a, first, count, y0);
#pragma clang loop unroll_count(4)
    for (int i = 0; i < count; i++) {
        hipfx_float4 read = blur_read(a, BLUR_LIGHT, x, first + i);
        HIPFX_UNROLL
        for (int quad = 0; quad < BLUR_QUADS; quad++)
            blur_add(&sums, quad, read, blur_weights[i][quad]);
    }
    return sums;
}

HIPFX_FN void blur_up_picture(const struct hipfx_blur_pass_args *a, int format)
{
    const int x = hipfx_block_x() * HIPFX_BLOCK + hipfx_thread();
    const int y0 = hipfx_block_y() * HIPFX_BLUR_ROWS;
    struct blur_sums sums = blur_up(a, hipfx_min_i(x, a->width - 1), y0);
    if (x < a->width)
        blur_write_picture(a, format, x, y0, &sums);
}

HIPFX_KERNEL_BLOCK(blur_down_rgba8, struct hipfx_blur_pass_args, a)
{
    blur_down(a, HIPFX_PIXEL_RGBA8_SRGB);
}

HIPFX_KERNEL_BLOCK(blur_down_rgba16f, struct hipfx_blur_pass_args, a)
{
    blur_down(a, HIPFX_PIXEL_RGBA16F);
}

HIPFX_KERNEL_BLOCK(blur_down_light, struct hipfx_blur_pass_args, a)
{
    blur_down(a, BLUR_LIGHT);
}

HIPFX_KERNEL_BLOCK(blur_up_light, struct hipfx_blur_pass_args, a)
{
    const int x = hipfx_block_x() * HIPFX_BLOCK + hipfx_thread();
    const int y0 = hipfx_block_y() * HIPFX_BLUR_ROWS;
    struct blur_sums sums = blur_up(a, hipfx_min_i(x, a->width - 1), y0);
    if (x < a->width)
        blur_write_light(a, x, y0, &sums);
}

HIPFX_KERNEL_BLOCK(blur_up_rgba8, struct hipfx_blur_pass_args, a)
{
    blur_up_picture(a, HIPFX_PIXEL_RGBA8_SRGB);
}

HIPFX_KERNEL_BLOCK(blur_up_rgba16f, struct hipfx_blur_pass_args, a)
{
    blur_up_picture(a, HIPFX_PIXEL_RGBA16F);
}
