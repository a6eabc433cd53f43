/* Bokeh: every point of light becomes a disc. blur.h tells the method. */
#include "kernels/blur.h"
#include "kernels/effects.h"

enum { RADIUS_PX, EDGE, PARAM_COUNT };

static const struct hipfx_param params[PARAM_COUNT] = {
    [RADIUS_PX] = {"radius_px", HIPFX_PARAM_FLOAT, 0, 200, 0.1, 12, " px", NULL},
    [EDGE] = {"edge", HIPFX_PARAM_CHOICE, 0, 2, 1, HIPFX_EDGE_CLAMP, NULL, hipfx_edge_choices},
};

/* A smaller disc lies in its own pixel. */
#define RADIUS_LEAST_PX 0.1

static bool is_neutral(const struct hipfx_values *values)
{
    return values->v[RADIUS_PX] < RADIUS_LEAST_PX;
}

static bool apply(const struct hipfx_run *run, const struct hipfx_values *values,
                  const struct hipfx_frame *in, const struct hipfx_frame *out)
{
    return hipfx_blur_disc(run, values->v[RADIUS_PX], (enum hipfx_edge)values->v[EDGE], in, out);
}

const struct hipfx_effect hipfx_effect_bokeh = {
    .id = "bokeh",
    .params = params,
    .param_count = PARAM_COUNT,
    .is_neutral = is_neutral,
    .apply = apply,
};
