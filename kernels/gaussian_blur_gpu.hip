/* The passes of the Gaussian blur on GPUs; blur.h tells the method. A thread makes HIPFX_BLUR_ROWS
 * rows of a column, so that each pixel that it reads and decodes serves all of them. Their weights
 * are the same for all threads of a block. */
#include "kernels/device_blur.h"

#define BLUR_QUADS (HIPFX_BLUR_ROWS / 4)

/* Rows whose weights are in shared memory at once. */
#define BLUR_CHUNK 128

HIPFX_SHARED hipfx_float4 blur_weights[BLUR_CHUNK][BLUR_QUADS];

struct blur_sums {
    hipfx_float4 row[HIPFX_BLUR_ROWS];
};

/* Where only a part of the picture is wanted (`partly`), also rows that count nothing are read of
 * which not all have been made: what lies there instead may be any bits, but must be a number. */
HIPFX_FN hipfx_float4 blur_read(const struct hipfx_blur_args *a, int source, bool partly, int x,
                                int y)
{
    const float most = 1e30f;
    y = hipfx_clamp_i(blur_inside(a->edge, a->low, a->high, y) - a->begin, 0, a->stored - 1);
    if (source == BLUR_LIGHT) {
        const uint64_t at = (uint64_t)(uint32_t)y * (uint32_t)a->in.pitch + (uint32_t)x;
        hipfx_float4 v = ((const HIPFX_GLOBAL hipfx_float4 *)a->in.data)[at];
        if (partly)
            v = (hipfx_float4){hipfx_clamp(v.x, -most, most), hipfx_clamp(v.y, -most, most),
                               hipfx_clamp(v.z, -most, most), hipfx_clamp(v.w, -most, most)};
        return v;
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

HIPFX_FN void blur_write_light(const struct hipfx_blur_args *a, int x, int y0,
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

HIPFX_FN void blur_write_picture(const struct hipfx_blur_args *a, int format, int x, int y0,
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

/* The weights of `count` source rows from `first` on. A thread makes those of one row of the
 * block's, and returns the sum of what it made. */
HIPFX_FN float blur_prepare(const struct hipfx_blur_args *a, struct blur_place place, int first,
                            int count)
{
    static_assert(HIPFX_BLOCK % HIPFX_BLUR_ROWS == 0, "a thread stays with its row");
    float *weights = (float *)blur_weights, sum = 0.0f;
    hipfx_barrier(); /* nobody reads what was there before */
    for (int i = hipfx_thread(); i < count * HIPFX_BLUR_ROWS; i += HIPFX_BLOCK) {
        const int y = first + i / HIPFX_BLUR_ROWS;
        const float weight = blur_weight(a, place, y);
        weights[i] = blur_shown(a, weight, y);
        sum += weight;
    }
    hipfx_barrier();
    return sum;
}

/* Adds up the slices' sums, in the first slice's threads, two rows at a time in the memory that the
 * weights lay in. */
HIPFX_FN void blur_join(int slice, int lane, struct blur_sums *sums)
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

/* Divides by the sums of weights, of which each thread has a part of one row's: those of every n-th
 * source row from `first` on. They are added up in the same order wherever the block begins. */
HIPFX_FN void blur_divide(int first, float part, struct blur_sums *sums)
{
    enum { few = 32, rows = HIPFX_BLOCK / HIPFX_BLUR_ROWS };
    float *parts = (float *)blur_weights;
    const int thread = hipfx_thread();
    const int place = (thread / HIPFX_BLUR_ROWS + first) & (rows - 1);
    hipfx_barrier();
    parts[place * HIPFX_BLUR_ROWS + thread % HIPFX_BLUR_ROWS] = part;
    hipfx_barrier();
    if (thread < few) {
        part = parts[thread];
        HIPFX_UNROLL
        for (int i = few; i < HIPFX_BLOCK; i += few)
            part += parts[thread + i];
        parts[HIPFX_BLOCK + thread] = part;
    }
    hipfx_barrier();
    const hipfx_float4 *joined = &blur_weights[0][0] + HIPFX_BLOCK / 4;
    HIPFX_UNROLL
    for (int quad = 0; quad < BLUR_QUADS; quad++) {
        hipfx_float4 sum = joined[quad];
        HIPFX_UNROLL
        for (int i = BLUR_QUADS; i < few / 4; i += BLUR_QUADS)
            sum += joined[quad + i];
        HIPFX_UNROLL
        for (int i = 0; i < 4; i++)
            sums->row[quad * 4 + i] *= hipfx_divide(1.0f, sum[i]);
    }
}

/* The first four rows' windows may end before the last four's begin, or nearly so: a source row is
 * added only to the four that it reaches. Where there are few rows to make, the window is shared
 * out to slices of the block. `at_once` source rows are asked for together. What is added up in
 * which order must not depend on where a block begins. */
HIPFX_FN void blur_sum(const struct hipfx_blur_args *a, int source, int target, bool partly,
                       const int at_once)
{
    const int lanes = HIPFX_BLOCK / a->slices;
    const int lane = hipfx_thread() & (lanes - 1),
              slice = a->slices > 1 ? hipfx_thread() / lanes : 0;
    const int x = hipfx_block_x() * lanes + lane;
    const int inside = hipfx_min_i(x, a->width - 1);
    const int top = hipfx_block_y() * HIPFX_BLUR_ROWS, row0 = a->first + top;
    int first = blur_first(a, blur_place(a, row0));
    first -= a->slices > 1 ? first & (at_once - 1) : 0;
    const int skip = a->slices > 1 ? (slice - first / at_once) & (HIPFX_BLUR_SLICES - 1) : 0;
    const int end = blur_last(a, blur_place(a, row0 + 3)) + 1 - first; /* of the first four */
    const int begin = blur_first(a, blur_place(a, row0 + 4)) - first;  /* of the last four */
    const int count = blur_last(a, blur_place(a, row0 + 7)) + 1 - first;
    const struct blur_place own = blur_place(a, row0 + hipfx_thread() % HIPFX_BLUR_ROWS);
    struct blur_sums sums = {};
    float part = 0.0f;

    if (source != BLUR_LIGHT)
        hipfx_decode_prepare(source);
    for (int chunk = 0; chunk < count; chunk += BLUR_CHUNK) {
        const int rows = hipfx_min_i(BLUR_CHUNK, (count - chunk + at_once - 1) / at_once * at_once);
        part += blur_prepare(a, own, first + chunk, rows);
        for (int i = skip * at_once; i < rows; i += a->slices * at_once) {
            hipfx_float4 read[8];
            HIPFX_UNROLL
            for (int j = 0; j < at_once; j++)
                read[j] = blur_read(a, source, partly, inside, first + chunk + i + j);
            if (chunk + i < end) {
                HIPFX_UNROLL
                for (int j = 0; j < at_once; j++)
                    blur_add(&sums, 0, read[j], blur_weights[i + j][0]);
            }
            if (chunk + i + at_once > begin) {
                HIPFX_UNROLL
                for (int j = 0; j < at_once; j++)
                    blur_add(&sums, 1, read[j], blur_weights[i + j][1]);
            }
        }
    }
    if (a->slices > 1)
        blur_join(slice, lane, &sums);
    blur_divide(first, part, &sums);
    if (slice != 0 || x >= a->width)
        return;
    if (target == BLUR_LIGHT)
        blur_write_light(a, x, top, &sums);
    else
        blur_write_picture(a, target, x, top, &sums);
}

HIPFX_FN void blur_block(const struct hipfx_blur_args *a, int source, int target, const int at_once)
{
    if (source == BLUR_LIGHT && a->live.map.width)
        blur_sum(a, source, target, true, at_once);
    else
        blur_sum(a, source, target, false, at_once);
}

HIPFX_KERNEL_BLOCK(blur_in_rgba8, struct hipfx_blur_args, a)
{
    blur_block(a, HIPFX_PIXEL_RGBA8_SRGB, BLUR_LIGHT, 8);
}

HIPFX_KERNEL_BLOCK(blur_in_rgba16f, struct hipfx_blur_args, a)
{
    blur_block(a, HIPFX_PIXEL_RGBA16F, BLUR_LIGHT, 8);
}

HIPFX_KERNEL_BLOCK(blur_light, struct hipfx_blur_args, a)
{
    blur_block(a, BLUR_LIGHT, BLUR_LIGHT, 4);
}

HIPFX_KERNEL_BLOCK(blur_out_rgba8, struct hipfx_blur_args, a)
{
    blur_block(a, BLUR_LIGHT, HIPFX_PIXEL_RGBA8_SRGB, 4);
}

HIPFX_KERNEL_BLOCK(blur_out_rgba16f, struct hipfx_blur_args, a)
{
    blur_block(a, BLUR_LIGHT, HIPFX_PIXEL_RGBA16F, 4);
}
