/* Exposure, contrast and saturation. */
#include "kernels/effects.h"
#include "kernels/kernels.h"

#include <math.h>

enum { EXPOSURE_EV, CONTRAST, SATURATION, PARAM_COUNT };

static const struct hipfx_param params[PARAM_COUNT] = {
    [EXPOSURE_EV] = {"exposure_ev", HIPFX_PARAM_FLOAT, -10, 10, 0.01, 0, " EV", NULL},
    [CONTRAST] = {"contrast", HIPFX_PARAM_FLOAT, 0, 4, 0.01, 1, NULL, NULL},
    [SATURATION] = {"saturation", HIPFX_PARAM_FLOAT, 0, 4, 0.01, 1, NULL, NULL},
};

/* All that has light becomes middle grey, and what has none stays black, as it does with any
 * contrast above 0: the power 0 itself would let it jump. */
#define CONTRAST_LEAST 1e-20

static bool is_neutral(const struct hipfx_values *values)
{
    return values->v[EXPOSURE_EV] == 0 && values->v[CONTRAST] == 1 && values->v[SATURATION] == 1;
}

static bool apply(const struct hipfx_run *run, const struct hipfx_values *values,
                  const struct hipfx_frame *in, const struct hipfx_frame *out)
{
    double contrast = values->v[CONTRAST];
    const struct hipfx_frame from = hipfx_frame_crop(in, &run->area);
    const struct hipfx_color_args args = {
        .width = from.width,
        .height = from.height,
        .live = hipfx_live_in(run, &run->area, 0, 0),
        .in = from,
        .out = hipfx_frame_crop(out, &run->area),
        .gain = (float)exp2(values->v[EXPOSURE_EV]),
        .contrast = (float)fmax(contrast, CONTRAST_LEAST),
        .saturation = (float)values->v[SATURATION],
    };
    enum hipfx_kernel kernel =
        contrast == 1 ? HIPFX_KERNEL_color_rgba8 : HIPFX_KERNEL_color_contrast_rgba8;
    return hipfx_launch(run, hipfx_kernel_for(in, kernel), args.width, args.height, &args);
}

const struct hipfx_effect hipfx_effect_color = {
    .id = "color",
    .params = params,
    .param_count = PARAM_COUNT,
    .direct = true,
    .is_neutral = is_neutral,
    .apply = apply,
};
