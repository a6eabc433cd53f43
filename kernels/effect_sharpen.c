/* Contrast-adaptive sharpening. */
#include "kernels/effects.h"
#include "kernels/kernels.h"

enum { STRENGTH, PARAM_COUNT };

static const struct hipfx_param params[PARAM_COUNT] = {
    [STRENGTH] = {"strength", HIPFX_PARAM_FLOAT, 0, 1, 0.01, 0.6, NULL, NULL},
};

static bool is_neutral(const struct hipfx_values *values)
{
    return values->v[STRENGTH] == 0;
}

static bool apply(const struct hipfx_run *run, const struct hipfx_values *values,
                  const struct hipfx_frame *in, const struct hipfx_frame *out)
{
    const struct hipfx_frame to = hipfx_frame_crop(out, &run->area);
    const struct hipfx_sharpen_args args = {
        .width = to.width,
        .height = to.height,
        .live = hipfx_live_in(run, &run->area, 0, 0),
        .left = run->area.left,
        .top = run->area.top,
        .in = *in,
        .out = to,
        .strength = (float)values->v[STRENGTH],
    };
    return hipfx_launch(run, hipfx_kernel_for(in, HIPFX_KERNEL_sharpen_rgba8), args.width,
                        args.height, &args);
}

const struct hipfx_effect hipfx_effect_sharpen = {
    .id = "sharpen",
    .params = params,
    .param_count = PARAM_COUNT,
    .is_neutral = is_neutral,
    .apply = apply,
};
