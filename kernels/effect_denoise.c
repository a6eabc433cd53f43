/* Denoise: over time and in each frame. device_denoise.h tells the method.
 *
 * The frames' mean is kept twice, since the new one is made while the old one is read around each
 * pixel. It is kept for the run's area and a margin, wide enough that what happens at its border is
 * not seen in the area. It begins anew with another size or format, and when the clock went back or
 * further on than a frame of any video: what lies before a gap says nothing of what comes after.
 * It is made for all of the area, be that wanted or not: what a mask moves to has its history.
 * A clock that stands still is none: the frames are then as many looks at one picture. That the
 * filter was hidden only the caller knows, who forgets the state. */
#include "kernels/effects.h"
#include "kernels/kernels.h"

#include <math.h>

enum { SPATIAL, TEMPORAL, NOISE, PARAM_COUNT };

static const struct hipfx_param params[PARAM_COUNT] = {
    [SPATIAL] = {"spatial", HIPFX_PARAM_FLOAT, 0, 1, 0.01, 0.5, NULL, NULL},
    [TEMPORAL] = {"temporal", HIPFX_PARAM_FLOAT, 0, 1, 0.01, 0.5, NULL, NULL},
    [NOISE] = {"noise", HIPFX_PARAM_FLOAT, 0, 50, 0.1, 8, NULL, NULL},
};

/* What a full temporal strength may make a mean of. In between, each step takes off as many
 * decibels as the one before. */
#define FRAMES_MOST 256.0

#define HISTORY_MARGIN_PX 16
#define GAP_S             0.25

static bool is_neutral(const struct hipfx_values *values)
{
    return values->v[NOISE] == 0 || (values->v[SPATIAL] == 0 && values->v[TEMPORAL] == 0);
}

/* What the mean was made of, and which of the two it is. Never 0. */
static uint64_t mark_of(const struct hipfx_frame *frame, int which)
{
    return (uint64_t)frame->width << 34 | (uint64_t)frame->height << 4 |
           (uint64_t)frame->format << 1 | (uint64_t)which;
}

static struct hipfx_rect with_margin(const struct hipfx_rect *area, int margin_px,
                                     const struct hipfx_frame *frame)
{
    struct hipfx_rect wide = {area->left - margin_px, area->top - margin_px,
                              area->right + margin_px, area->bottom + margin_px};
    wide.left = wide.left < 0 ? 0 : wide.left;
    wide.top = wide.top < 0 ? 0 : wide.top;
    wide.right = wide.right > frame->width ? frame->width : wide.right;
    wide.bottom = wide.bottom > frame->height ? frame->height : wide.bottom;
    return wide;
}

static int pitch_for(const struct hipfx_frame *frame)
{
    return (frame->width + 15) / 16 * 16;
}

static size_t floats_for(const struct hipfx_frame *frame)
{
    return (size_t)pitch_for(frame) * (size_t)frame->height * 4;
}

static struct hipfx_denoise_codes codes_at(float *data, const struct hipfx_frame *frame)
{
    return (struct hipfx_denoise_codes){.data = data, .pitch = pitch_for(frame)};
}

/* Finds the frames' mean, as far as there is one, and the place for the next. */
static bool prepare_history(const struct hipfx_run *run, struct hipfx_denoise_args *args)
{
    struct hipfx_kept *history = &run->state->history;
    const size_t floats = floats_for(&args->in);
    float *data = hipfx_kept_reserve(run, history, 2 * floats * sizeof(float));
    if (!data)
        return false;
    const double since_s = run->time_s - history->time_s;
    int which = 0;
    for (int i = 0; i < 2 && since_s >= 0 && since_s <= GAP_S; i++) {
        if (history->holds != mark_of(&args->in, i))
            continue;
        which = i;
        args->known = history->area;
    }
    args->made = with_margin(&run->area, HISTORY_MARGIN_PX, &args->in);
    args->before = codes_at(which == 0 ? data : data + floats, &args->in);
    args->now = codes_at(which == 0 ? data + floats : data, &args->in);
    history->holds = 0;
    history->area = args->made;
    history->time_s = run->time_s;
    return true;
}

static bool add_to_history(const struct hipfx_run *run, struct hipfx_denoise_args *args)
{
    if (!prepare_history(run, args))
        return false;
    args->width = args->made.right - args->made.left;
    args->height = args->made.bottom - args->made.top;
    if (!hipfx_launch(run, hipfx_kernel_for(&args->in, HIPFX_KERNEL_denoise_time_rgba8),
                      args->width, args->height, args))
        return false;
    run->state->history.holds = mark_of(&args->in, args->now.data > args->before.data);
    return true;
}

static bool search(const struct hipfx_run *run, struct hipfx_denoise_args *args)
{
    float *scratch = hipfx_scratch_reserve(run, floats_for(&args->in) * sizeof(float));
    if (!scratch)
        return false;
    args->near = codes_at(scratch, &args->in);
    args->near_made = with_margin(&args->area, HIPFX_DENOISE_FAR_REACH, &args->in);
    args->width = args->near_made.right - args->near_made.left;
    args->height = args->near_made.bottom - args->near_made.top;
    args->live =
        hipfx_live_in(run, &args->near_made, HIPFX_DENOISE_FAR_REACH, HIPFX_DENOISE_FAR_REACH);
    const enum hipfx_kernel near_kernel =
        args->averaged ? HIPFX_KERNEL_denoise_near_mean
                       : hipfx_kernel_for(&args->in, HIPFX_KERNEL_denoise_near_rgba8);
    if (!hipfx_launch(run, near_kernel, args->width, args->height, args))
        return false;
    args->width = args->area.right - args->area.left;
    args->height = args->area.bottom - args->area.top;
    args->live = hipfx_live_in(run, &args->area, 0, 0);
    return hipfx_launch(run, hipfx_kernel_for(&args->in, HIPFX_KERNEL_denoise_far_rgba8),
                        args->width, args->height, args);
}

static bool apply(const struct hipfx_run *run, const struct hipfx_values *values,
                  const struct hipfx_frame *in, const struct hipfx_frame *out)
{
    const double spatial = values->v[SPATIAL], temporal = values->v[TEMPORAL];
    const double noise = values->v[NOISE];
    struct hipfx_denoise_args args = {
        .in = *in,
        .out = *out,
        .area = run->area,
        .averaged = temporal > 0,
        .shown = spatial == 0,
        .per_noise = (float)(1 / noise),
        .least_gain = (float)pow(FRAMES_MOST, -temporal),
        .per_patch = (float)(1 / (HIPFX_DENOISE_PATCH_SQUARES * noise * noise)),
        .strength = (float)spatial,
    };
    return (temporal == 0 || add_to_history(run, &args)) && (spatial == 0 || search(run, &args));
}

const struct hipfx_effect hipfx_effect_denoise = {
    .id = "denoise",
    .params = params,
    .param_count = PARAM_COUNT,
    .direct = true,
    .is_neutral = is_neutral,
    .apply = apply,
};
