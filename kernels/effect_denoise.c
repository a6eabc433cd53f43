/* Denoise: over time and in each frame. device_denoise.h tells the method.
 *
 * The frames' mean is kept twice, since the new one is made while the old one is read around each
 * pixel. It is kept for the run's area and a margin, wide enough that what happens at its border is
 * not seen in the area. It begins anew with another size or format, and when the clock went back or
 * further on than a frame of any video: what lies before a gap says nothing of what comes after.
 * A clock that stands still is none: the frames are then as many looks at one picture. */
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

#define MARGIN_PX HIPFX_AREA_ALIGN
#define GAP_S     0.25

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

static struct hipfx_rect with_margin(const struct hipfx_rect *area, const struct hipfx_frame *frame)
{
    struct hipfx_rect wide = {area->left - MARGIN_PX, area->top - MARGIN_PX,
                              area->right + MARGIN_PX, area->bottom + MARGIN_PX};
    wide.left = wide.left < 0 ? 0 : wide.left;
    wide.top = wide.top < 0 ? 0 : wide.top;
    wide.right = wide.right > frame->width ? frame->width : wide.right;
    wide.bottom = wide.bottom > frame->height ? frame->height : wide.bottom;
    return wide;
}

/* Finds the frames' mean, as far as there is one, and the place for the next. */
static bool prepare_history(const struct hipfx_run *run, struct hipfx_denoise_args *args)
{
    struct hipfx_kept *history = &run->state->history;
    const struct hipfx_frame *in = &args->in;
    const int pitch = (in->width + 15) / 16 * 16;
    const size_t floats = (size_t)pitch * (size_t)in->height * 4;
    float *data = hipfx_kept_reserve(run, history, 2 * floats * sizeof(float));
    if (!data)
        return false;

    const double since_s = run->time_s - history->time_s;
    int which = -1;
    for (int i = 0; i < 2 && since_s >= 0 && since_s <= GAP_S; i++) {
        if (history->holds == mark_of(in, i))
            which = i;
    }
    if (which >= 0)
        args->known = history->area;
    args->made = with_margin(&run->area, in);
    args->before =
        (struct hipfx_denoise_mean){.data = data + (which == 1 ? floats : 0), .pitch = pitch};
    args->now =
        (struct hipfx_denoise_mean){.data = data + (which == 1 ? 0 : floats), .pitch = pitch};
    history->holds = 0;
    history->area = args->made;
    history->time_s = run->time_s;
    return true;
}

static bool add_to_history(const struct hipfx_run *run, struct hipfx_denoise_args *args)
{
    if (!prepare_history(run, args))
        return false;
    struct hipfx_denoise_args time = *args;
    time.width = args->made.right - args->made.left;
    time.height = args->made.bottom - args->made.top;
    if (!hipfx_launch(run, hipfx_kernel_for(&args->in, HIPFX_KERNEL_denoise_time_rgba8), time.width,
                      time.height, &time))
        return false;
    run->state->history.holds = mark_of(&args->in, args->now.data > args->before.data);
    return true;
}

static bool apply(const struct hipfx_run *run, const struct hipfx_values *given,
                  const struct hipfx_frame *in, const struct hipfx_frame *out)
{
    if (!hipfx_frames_check(run, in, out))
        return false;
    const struct hipfx_values values = hipfx_values_clamp(&hipfx_effect_denoise, given);
    if (is_neutral(&values))
        return hipfx_frame_copy(run, in, out);

    const double spatial = values.v[SPATIAL], temporal = values.v[TEMPORAL];
    const double noise = values.v[NOISE];
    struct hipfx_denoise_args args = {
        .width = run->area.right - run->area.left,
        .height = run->area.bottom - run->area.top,
        .in = *in,
        .out = *out,
        .area = run->area,
        .per_noise = (float)(1 / noise),
        .least_gain = (float)pow(FRAMES_MOST, -temporal),
        .per_patch = (float)(1 / (HIPFX_DENOISE_PATCH_SQUARES * noise * noise)),
        .strength = (float)spatial,
        .shows = spatial == 0,
    };
    enum hipfx_kernel kernel = HIPFX_KERNEL_denoise_frame_rgba8;
    if (temporal > 0) {
        if (!add_to_history(run, &args))
            return false;
        kernel = HIPFX_KERNEL_denoise_mean_rgba8;
    }
    return spatial == 0 ||
           hipfx_launch(run, hipfx_kernel_for(in, kernel), args.width, args.height, &args);
}

const struct hipfx_effect hipfx_effect_denoise = {
    .id = "denoise",
    .params = params,
    .param_count = PARAM_COUNT,
    .direct = true,
    .is_neutral = is_neutral,
    .apply = apply,
};
