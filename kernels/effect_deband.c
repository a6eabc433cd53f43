/* Deband. */
#include "kernels/effects.h"
#include "kernels/kernels.h"

#include <math.h>

enum { THRESHOLD, RANGE_PX, ITERATIONS, GRAIN, RATE_HZ, PARAM_COUNT };

static const struct hipfx_param params[PARAM_COUNT] = {
    [THRESHOLD] = {"threshold", HIPFX_PARAM_FLOAT, 0, 16, 0.1, 2, NULL, NULL},
    [RANGE_PX] = {"range_px", HIPFX_PARAM_FLOAT, 1, 32, 0.1, 16, " px", NULL},
    [ITERATIONS] = {"iterations", HIPFX_PARAM_FLOAT, 1, HIPFX_DEBAND_ITERATIONS, 0.1, 1, NULL,
                    NULL},
    [GRAIN] = {"grain", HIPFX_PARAM_FLOAT, 0, 8, 0.1, 0, NULL, NULL},
    [RATE_HZ] = {"rate_hz", HIPFX_PARAM_FLOAT, 0, 120, 1, 60, " Hz", NULL},
};

static bool is_neutral(const struct hipfx_values *values)
{
    return values->v[THRESHOLD] == 0 && values->v[GRAIN] == 0;
}

static bool apply(const struct hipfx_run *run, const struct hipfx_values *values,
                  const struct hipfx_frame *in, const struct hipfx_frame *out)
{
    const double *v = values->v;
    const struct hipfx_frame to = hipfx_frame_crop(out, &run->area);
    struct hipfx_deband_args args = {
        .width = to.width,
        .height = to.height,
        .live = hipfx_live_in(run, &run->area, 0, 0),
        .left = run->area.left,
        .top = run->area.top,
        .in = *in,
        .out = to,
        .step = hipfx_noise_step(run->time_s, v[RATE_HZ]),
        .iterations = v[THRESHOLD] > 0 ? (int32_t)ceil(v[ITERATIONS]) : 0,
        .range_256 = (int32_t)(v[RANGE_PX] * 256),
        .grain = (float)v[GRAIN],
    };
    for (int i = 0; i < args.iterations; i++) {
        const double part = fmin(1, v[ITERATIONS] - i); /* a part of one counts for less */
        const double threshold = v[THRESHOLD] / (i + 1) * part;
        args.thresholds[i] = (float)threshold;
        args.quarters[i] = (int32_t)(4 * threshold);
    }
    return hipfx_launch(run, hipfx_kernel_for(in, HIPFX_KERNEL_deband_rgba8), args.width,
                        args.height, &args);
}

const struct hipfx_effect hipfx_effect_deband = {
    .id = "deband",
    .params = params,
    .param_count = PARAM_COUNT,
    .is_neutral = is_neutral,
    .apply = apply,
};
