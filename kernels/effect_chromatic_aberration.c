/* Chromatic aberration: red is moved away from the middle of the lens and along a line, and blue as
 * far the other way. */
#include "kernels/effects.h"
#include "kernels/kernels.h"

#include <math.h>

enum { RADIAL_PX, LINEAR_PX, ANGLE_DEG, CENTER_X, CENTER_Y, PARAM_COUNT };

static const struct hipfx_param params[PARAM_COUNT] = {
    [RADIAL_PX] = {"radial_px", HIPFX_PARAM_FLOAT, -100, 100, 0.1, 4, " px", NULL},
    [LINEAR_PX] = {"linear_px", HIPFX_PARAM_FLOAT, -100, 100, 0.1, 0, " px", NULL},
    [ANGLE_DEG] = {"angle_deg", HIPFX_PARAM_FLOAT, -180, 180, 0.1, 0, "°", NULL},
    [CENTER_X] = {"center_x", HIPFX_PARAM_FLOAT, 0, 1, 0.01, 0.5, NULL, NULL},
    [CENTER_Y] = {"center_y", HIPFX_PARAM_FLOAT, 0, 1, 0.01, 0.5, NULL, NULL},
};

static bool is_neutral(const struct hipfx_values *values)
{
    return values->v[RADIAL_PX] == 0 && values->v[LINEAR_PX] == 0;
}

static bool apply(const struct hipfx_run *run, const struct hipfx_values *values,
                  const struct hipfx_frame *in, const struct hipfx_frame *out)
{
    const double *v = values->v;
    const double angle = v[ANGLE_DEG] * M_PI / 180;
    const double per_px = v[RADIAL_PX] / hypot(in->width / 2.0, in->height / 2.0);
    const struct hipfx_frame to = hipfx_frame_crop(out, &run->area);
    const struct hipfx_aberration_args args = {
        .width = to.width,
        .height = to.height,
        .live = hipfx_live_in(run, &run->area, 0, 0),
        .left = run->area.left,
        .top = run->area.top,
        .in = *in,
        .out = to,
        .x0 = (float)((0.5 - v[CENTER_X] * in->width) * per_px + v[LINEAR_PX] * cos(angle)),
        .y0 = (float)((0.5 - v[CENTER_Y] * in->height) * per_px + v[LINEAR_PX] * sin(angle)),
        .per_px = (float)per_px,
    };
    return hipfx_launch(run, hipfx_kernel_for(in, HIPFX_KERNEL_aberration_rgba8), args.width,
                        args.height, &args);
}

const struct hipfx_effect hipfx_effect_chromatic_aberration = {
    .id = "chromatic_aberration",
    .params = params,
    .param_count = PARAM_COUNT,
    .is_neutral = is_neutral,
    .apply = apply,
};
