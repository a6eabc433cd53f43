/* A vignette. Distances are those from its middle, in parts of the way from the frame's middle to a
 * corner, where lines of equal distance go from ellipses of the frame's shape (roundness 0) to
 * circles (1). */
#include "kernels/effects.h"
#include "kernels/kernels.h"

#include <math.h>

enum { AMOUNT, RADIUS, SOFTNESS, ROUNDNESS, CENTER_X, CENTER_Y, COLOR, PARAM_COUNT };

static const struct hipfx_param params[PARAM_COUNT] = {
    [AMOUNT] = {"amount", HIPFX_PARAM_FLOAT, 0, 1, 0.01, 0.5, NULL, NULL},
    [RADIUS] = {"radius", HIPFX_PARAM_FLOAT, 0, 2, 0.01, 0.8, NULL, NULL},
    [SOFTNESS] = {"softness", HIPFX_PARAM_FLOAT, 0, 2, 0.01, 0.6, NULL, NULL},
    [ROUNDNESS] = {"roundness", HIPFX_PARAM_FLOAT, 0, 1, 0.01, 0.5, NULL, NULL},
    [CENTER_X] = {"center_x", HIPFX_PARAM_FLOAT, 0, 1, 0.01, 0.5, NULL, NULL},
    [CENTER_Y] = {"center_y", HIPFX_PARAM_FLOAT, 0, 1, 0.01, 0.5, NULL, NULL},
    [COLOR] = {"color", HIPFX_PARAM_COLOR, 0, 0xffffffff, 1, 0xff000000, NULL, NULL},
};

static double amount_of(const struct hipfx_values *values)
{
    return (double)((uint32_t)values->v[COLOR] >> 24) / 255.0 * values->v[AMOUNT];
}

static bool is_neutral(const struct hipfx_values *values)
{
    return amount_of(values) == 0;
}

static bool apply(const struct hipfx_run *run, const struct hipfx_values *values,
                  const struct hipfx_frame *in, const struct hipfx_frame *out)
{
    const double *v = values->v;
    const uint32_t color = (uint32_t)v[COLOR];
    const double half_x = in->width / 2.0, half_y = in->height / 2.0;
    const double corner2 = half_x * half_x + half_y * half_y;
    const double ellipse = 1 - v[ROUNDNESS], circle = v[ROUNDNESS] / corner2;
    /* No edge is harder than a pixel. */
    const double softness = fmax(v[SOFTNESS], 1 / sqrt(corner2));

    const struct hipfx_frame from = hipfx_frame_crop(in, &run->area);
    const struct hipfx_vignette_args args = {
        .width = from.width,
        .height = from.height,
        .live = hipfx_live_in(run, &run->area, 0, 0),
        .left = run->area.left,
        .top = run->area.top,
        .in = from,
        .out = hipfx_frame_crop(out, &run->area),
        .middle_x = (float)(v[CENTER_X] * in->width),
        .middle_y = (float)(v[CENTER_Y] * in->height),
        .per_x2 = (float)(ellipse / (2 * half_x * half_x) + circle),
        .per_y2 = (float)(ellipse / (2 * half_y * half_y) + circle),
        .start = (float)(v[RADIUS] - softness / 2),
        .per_distance = (float)(1 / softness),
        .amount = (float)amount_of(values),
        .r = (float)hipfx_srgb_to_linear(color & 255),
        .g = (float)hipfx_srgb_to_linear(color >> 8 & 255),
        .b = (float)hipfx_srgb_to_linear(color >> 16 & 255),
    };
    return hipfx_launch(run, hipfx_kernel_for(in, HIPFX_KERNEL_vignette_rgba8), args.width,
                        args.height, &args);
}

const struct hipfx_effect hipfx_effect_vignette = {
    .id = "vignette",
    .params = params,
    .param_count = PARAM_COUNT,
    .direct = true,
    .is_neutral = is_neutral,
    .apply = apply,
};
