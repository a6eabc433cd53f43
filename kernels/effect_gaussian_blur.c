/* Gaussian blur: the choice of the coarse rows and the windows; gaussian_blur.hip tells the method.
 */
#include "kernels/effects.h"
#include "kernels/kernels.h"

#include <math.h>

enum { SIGMA_PX, PARAM_COUNT };

static const struct hipfx_param params[PARAM_COUNT] = {
    [SIGMA_PX] = {"sigma_px", HIPFX_PARAM_FLOAT, 0, 100, 0.1, 10, " px", NULL},
};

/* The window is the Gaussian sampled at whole pixels and made to add up to 1, so that a sigma below
 * 0.2 or so changes nothing. What lies beyond 4.5 sigma is 7e-6 of it: in black next to white,
 * where sRGB is steepest, 0.02 of a code. */
#define REACH_IN_SIGMAS 4.5

/* Coarse rows at 0.6 sigma leave an error of 2e-6 in the window of two Gaussians of sigma /
 * sqrt(2). */
#define STEP_IN_SIGMAS 0.6

/* One side of a window; returns its radius. */
static int make_window(double sigma, float weights[HIPFX_BLUR_TABLE])
{
    int radius = (int)ceil(REACH_IN_SIGMAS * sigma);
    if (radius > HIPFX_BLUR_TABLE - 1)
        radius = HIPFX_BLUR_TABLE - 1;
    double total = 1;
    for (int i = 1; i <= radius; i++)
        total += 2 * exp(-0.5 * i * i / (sigma * sigma));
    weights[0] = (float)(1 / total);
    for (int i = 1; i <= radius; i++)
        weights[i] = (float)(exp(-0.5 * i * i / (sigma * sigma)) / total);
    return radius;
}

static int round_up(int value, int multiple)
{
    return (value + multiple - 1) / multiple * multiple;
}

static bool is_neutral(const struct hipfx_values *values)
{
    return values->v[SIGMA_PX] == 0;
}

/* Whole tiles of the kernels are written past the last column, and read with the radius on both
 * sides. */
static struct hipfx_planes planes_for(int width, int radius)
{
    int pad = round_up(radius, 16);
    return (struct hipfx_planes){.plane = round_up(width, 128) + 2 * pad, .pad = pad};
}

static bool apply(const struct hipfx_run *run, const struct hipfx_values *given,
                  const struct hipfx_frame *in, const struct hipfx_frame *out)
{
    if (!hipfx_frames_check(run, in, out))
        return false;
    const struct hipfx_values values = hipfx_values_clamp(&hipfx_effect_gaussian_blur, given);
    if (is_neutral(&values))
        return hipfx_frame_copy(run, in, out);

    double sigma = values.v[SIGMA_PX];
    int step = (int)(STEP_IN_SIGMAS * sigma);
    step = step > 1 ? step : 1;

    struct hipfx_blur_rows_args rows = {.width = in->width};
    struct hipfx_blur_fold_args fold = {.width = in->width, .in = *in, .step = step};
    struct hipfx_blur_unfold_args unfold = {
        .width = in->width, .height = in->height, .out = *out, .step = step};
    rows.radius = make_window(sigma, rows.weights);
    unfold.radius = make_window(step > 1 ? sigma * sqrt(0.5) : sigma, unfold.weights);
    if (step > 1)
        fold.radius = make_window(sigma * sqrt(0.5), fold.weights);
    else
        fold.weights[0] = 1;

    unfold.margin = (unfold.radius + step - 1) / step;
    unfold.taps = 2 * unfold.margin + (step > 1 ? 2 : 1);
    fold.origin = -unfold.margin * step;
    fold.height = (in->height - 1) / step + unfold.taps;
    rows.height = fold.height;

    fold.out = planes_for(in->width, rows.radius);
    unfold.in = planes_for(in->width, 0);
    size_t fold_size = (size_t)fold.out.plane * 4 * (size_t)fold.height;
    size_t rows_size = (size_t)unfold.in.plane * 4 * (size_t)fold.height;
    float *scratch = hipfx_scratch_reserve(run, (fold_size + rows_size) * sizeof(float));
    if (!scratch)
        return false;
    fold.out.data = scratch;
    unfold.in.data = scratch + fold_size;
    rows.in = fold.out;
    rows.out = unfold.in;

    enum hipfx_kernel fold_kernel = hipfx_kernel_for(in, HIPFX_KERNEL_blur_fold_rgba8);
    enum hipfx_kernel unfold_kernel = hipfx_kernel_for(in, HIPFX_KERNEL_blur_unfold_rgba8);
    return hipfx_launch(run, fold_kernel, fold.width, fold.height, &fold) &&
           hipfx_launch(run, HIPFX_KERNEL_blur_rows, rows.width, rows.height, &rows) &&
           hipfx_launch(run, unfold_kernel, unfold.width, unfold.height, &unfold);
}

const struct hipfx_effect hipfx_effect_gaussian_blur = {
    .id = "gaussian_blur",
    .params = params,
    .param_count = PARAM_COUNT,
    .is_neutral = is_neutral,
    .apply = apply,
};
