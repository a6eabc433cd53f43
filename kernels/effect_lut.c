/* A look-up table for colour, from a file: kernels/lut.h says which, lut.hip how it is applied. */
#include "interop/timeout.h"
#include "kernels/effects.h"
#include "kernels/kernels.h"
#include "kernels/lut.h"

#include <math.h>

enum { PATH, AMOUNT, PARAM_COUNT };

static const char *const patterns[] = {"*.cube", "*.CUBE", "*.png", "*.PNG", NULL};

static const struct hipfx_param params[PARAM_COUNT] = {
    [PATH] = {"path", HIPFX_PARAM_FILE, 0, 0, 0, 0, NULL, patterns},
    [AMOUNT] = {"amount", HIPFX_PARAM_FLOAT, 0, 1, 0.01, 1, NULL, NULL},
};

static bool is_neutral(const struct hipfx_values *values)
{
    return !values->file || values->v[AMOUNT] == 0;
}

/* The table's entries in device memory, copied there once. */
static void *upload(const struct hipfx_run *run, struct hipfx_file *file)
{
    const struct hipfx_hip *hip = run->kernels->hip;
    struct hipfx_effect_state *state = run->state;
    const struct hipfx_lut *lut = file->data;
    void *entries = hipfx_kept_reserve(run, &state->table, lut->bytes);
    if (!entries || state->table.holds == file->id)
        return entries;
    /* A copy from the file before may not have ended. */
    if (state->file && !hipfx_hip_wait_stream(hip, run->stream, HIPFX_FRAME_TIMEOUT_NS, run->why))
        return NULL;
    hipfx_file_release(state->file);
    state->file = hipfx_file_ref(file);
    if (!HIP(run->why, hip, hipMemcpyAsync, entries, lut->entries, lut->bytes,
             hipMemcpyHostToDevice, run->stream))
        return NULL;
    state->table.holds = file->id;
    return entries;
}

static double srgb_to_linear(double encoded)
{
    return encoded <= 0.04045 ? encoded / 12.92 : pow((encoded + 0.055) / 1.055, 2.4);
}

static struct hipfx_lut_args make_args(const struct hipfx_lut *lut, const void *entries,
                                       double amount)
{
    struct hipfx_lut_args args = {
        .entries = entries,
        .size = lut->size,
        .cube = lut->dimensions == 3,
        .direct = amount == 1,
        .amount = (float)amount,
    };
    for (int c = 0; c < 3; c++) {
        const double low = (double)lut->domain_min[c], high = (double)lut->domain_max[c];
        const double scale = (lut->size - 1) / (high - low);
        args.scale[c] = (float)scale;
        args.offset[c] = (float)(-low * scale);
        args.low[c] = lut->low[c];
        args.step[c] = lut->step[c];
        /* A domain that ends below 0 has no light that could exceed it in stops. */
        args.inverse_top[c] = high > 0 ? (float)(1 / srgb_to_linear(high)) : 0;
        if (high < 1)
            args.direct = 0;
    }
    return args;
}

static bool apply(const struct hipfx_run *run, const struct hipfx_values *values,
                  const struct hipfx_frame *in, const struct hipfx_frame *out)
{
    if (!values->file->data)
        return hipfx_fail(run->why, "%s", values->file->why.text);
    const void *entries = upload(run, values->file);
    if (!entries)
        return false;

    struct hipfx_lut_args args = make_args(values->file->data, entries, values->v[AMOUNT]);
    args.in = hipfx_frame_crop(in, &run->area);
    args.out = hipfx_frame_crop(out, &run->area);
    args.width = args.in.width;
    args.height = args.in.height;
    args.live = hipfx_live_in(run, &run->area, 0, 0);
    return hipfx_launch(run, hipfx_kernel_for(in, HIPFX_KERNEL_lut_rgba8), args.width, args.height,
                        &args);
}

const struct hipfx_effect hipfx_effect_lut = {
    .id = "lut",
    .params = params,
    .param_count = PARAM_COUNT,
    .direct = true,
    .read_file = hipfx_lut_read,
    .is_neutral = is_neutral,
    .apply = apply,
};
