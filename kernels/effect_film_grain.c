/* Film grain. */
#include "kernels/effects.h"
#include "kernels/kernels.h"

#include <math.h>

enum { AMOUNT, SIZE_PX, RESPONSE, CHROMA, RATE_HZ, PARAM_COUNT };

static const struct hipfx_param params[PARAM_COUNT] = {
    [AMOUNT] = {"amount", HIPFX_PARAM_FLOAT, 0, 25, 0.1, 3, " %", NULL},
    [SIZE_PX] = {"size_px", HIPFX_PARAM_FLOAT, 1, 16, 0.1, 1.5, " px", NULL},
    [RESPONSE] = {"response", HIPFX_PARAM_FLOAT, 0, 1, 0.01, 1, NULL, NULL},
    [CHROMA] = {"chroma", HIPFX_PARAM_FLOAT, 0, 1, 0.01, 0, NULL, NULL},
    [RATE_HZ] = {"rate_hz", HIPFX_PARAM_FLOAT, 0, 120, 1, 24, " Hz", NULL},
};

static bool is_neutral(const struct hipfx_values *values)
{
    return values->v[AMOUNT] == 0;
}

static bool apply(const struct hipfx_run *run, const struct hipfx_values *values,
                  const struct hipfx_frame *in, const struct hipfx_frame *out)
{
    const double *v = values->v;
    const double own = v[CHROMA], shared = 1 - v[CHROMA];
    const struct hipfx_frame from = hipfx_frame_crop(in, &run->area);
    const struct hipfx_grain_args args = {
        .width = from.width,
        .height = from.height,
        .live = hipfx_live_in(run, &run->area, 0, 0),
        .left = run->area.left,
        .top = run->area.top,
        .in = from,
        .out = hipfx_frame_crop(out, &run->area),
        .step = hipfx_noise_step(run->time_s, v[RATE_HZ]),
        .points_per_px = (float)(1 / v[SIZE_PX]),
        .amount = (float)(v[AMOUNT] / 100),
        .response = (float)v[RESPONSE],
        .shared = (float)(shared / hypot(shared, own)),
        .own = (float)(own / hypot(shared, own)),
    };
    enum hipfx_kernel kernel =
        v[CHROMA] > 0 ? HIPFX_KERNEL_grain_color_rgba8 : HIPFX_KERNEL_grain_grey_rgba8;
    return hipfx_launch(run, hipfx_kernel_for(in, kernel), args.width, args.height, &args);
}

const struct hipfx_effect hipfx_effect_film_grain = {
    .id = "film_grain",
    .params = params,
    .param_count = PARAM_COUNT,
    .direct = true,
    .is_neutral = is_neutral,
    .apply = apply,
};
