/* Gaussian blur; blur.h tells the method. */
#include "kernels/blur.h"
#include "kernels/effects.h"

enum { SIGMA_PX, EDGE, PARAM_COUNT };

static const struct hipfx_param params[PARAM_COUNT] = {
    [SIGMA_PX] = {"sigma_px", HIPFX_PARAM_FLOAT, 0, 1000, 0.1, 10, " px", NULL},
    [EDGE] = {"edge", HIPFX_PARAM_CHOICE, 0, 2, 1, HIPFX_EDGE_CLAMP, NULL, hipfx_edge_choices},
};

/* A smaller sigma leaves a single pixel in the window. */
#define SIGMA_LEAST_PX 0.01

static bool is_neutral(const struct hipfx_values *values)
{
    return values->v[SIGMA_PX] < SIGMA_LEAST_PX;
}

static bool apply(const struct hipfx_run *run, const struct hipfx_values *values,
                  const struct hipfx_frame *in, const struct hipfx_frame *out)
{
    return hipfx_blur(run, values->v[SIGMA_PX], (enum hipfx_edge)values->v[EDGE], in, out);
}

const struct hipfx_effect hipfx_effect_gaussian_blur = {
    .id = "gaussian_blur",
    .params = params,
    .param_count = PARAM_COUNT,
    .is_neutral = is_neutral,
    .apply = apply,
};
