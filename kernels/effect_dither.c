/* Dither to few levels. */
#include "kernels/effects.h"
#include "kernels/kernels.h"

#include <math.h>

enum { BITS, PATTERN, RATE_HZ, PARAM_COUNT };

enum { PATTERN_NOISE, PATTERN_ORDERED };
static const char *const patterns[] = {"noise", "ordered", NULL};

static const struct hipfx_param params[PARAM_COUNT] = {
    [BITS] = {"bits", HIPFX_PARAM_FLOAT, 1, 8, 0.1, 5, NULL, NULL},
    [PATTERN] = {"pattern", HIPFX_PARAM_CHOICE, 0, 1, 1, PATTERN_NOISE, NULL, patterns},
    [RATE_HZ] = {"rate_hz", HIPFX_PARAM_FLOAT, 0, 120, 1, 0, " Hz", NULL},
};

/* Steps from black to white. */
static double levels_of(const struct hipfx_values *values)
{
    return round(exp2(values->v[BITS])) - 1;
}

/* What has 8 bits already is on the 255 levels, but half floats are not. */
static bool is_neutral(const struct hipfx_values *values)
{
    (void)values;
    return false;
}

static bool apply(const struct hipfx_run *run, const struct hipfx_values *values,
                  const struct hipfx_frame *in, const struct hipfx_frame *out)
{
    const double levels = levels_of(values);
    if (in->format == HIPFX_PIXEL_RGBA8_SRGB && levels == 255)
        return hipfx_frame_copy(run, in, out);

    const struct hipfx_frame from = hipfx_frame_crop(in, &run->area);
    const struct hipfx_dither_args args = {
        .width = from.width,
        .height = from.height,
        .live = hipfx_live_in(run, &run->area, 0, 0),
        .left = run->area.left,
        .top = run->area.top,
        .in = from,
        .out = hipfx_frame_crop(out, &run->area),
        .step = hipfx_noise_step(run->time_s, values->v[RATE_HZ]),
        .levels = (float)levels,
        .per_level = (float)(1 / levels),
    };
    enum hipfx_kernel kernel = (int)values->v[PATTERN] == PATTERN_ORDERED
                                   ? HIPFX_KERNEL_dither_ordered_rgba8
                                   : HIPFX_KERNEL_dither_noise_rgba8;
    return hipfx_launch(run, hipfx_kernel_for(in, kernel), args.width, args.height, &args);
}

const struct hipfx_effect hipfx_effect_dither = {
    .id = "dither",
    .params = params,
    .param_count = PARAM_COUNT,
    .direct = true,
    .is_neutral = is_neutral,
    .apply = apply,
};
