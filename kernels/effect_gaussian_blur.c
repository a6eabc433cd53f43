/* Gaussian blur: the choice of the coarse rows and the windows; gaussian_blur.hip and
 * gaussian_blur_gpu.hip tell the method. */
#include "kernels/effects.h"
#include "kernels/kernels.h"

#include <math.h>
#include <stdlib.h>

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

/* How a window of sigma is made: coarse rows every `step`-th row by the windows `down`, from which
 * the windows `up` make each row. With a step of 1 one of the two has the whole sigma. */
struct plan {
    double sigma, part; /* of the whole window and of each of two */
    int step;
};

static struct plan plan_for(double sigma)
{
    int step = (int)(STEP_IN_SIGMAS * sigma);
    if (step <= 1)
        return (struct plan){.sigma = sigma, .part = sigma, .step = 1};
    return (struct plan){.sigma = sigma, .part = sigma * sqrt(0.5), .step = step};
}

/* Coarse rows before the first fine one. */
static int margin_for(int step, int radius)
{
    return (radius + step - 1) / step;
}

/* For `count` fine rows, so that each finds all those that a window reaches. */
static int coarse_count(int count, int step, int margin)
{
    return (count - 1) / step + 2 * margin + (step > 1 ? 2 : 1);
}

/* Whole tiles of the kernels are written past the last column, and read with the radius on both
 * sides. */
static struct hipfx_planes planes_for(int width, int radius)
{
    int pad = round_up(radius, 16);
    return (struct hipfx_planes){.plane = round_up(width, 128) + 2 * pad, .pad = pad};
}

static bool apply_on_cpu(const struct hipfx_run *run, const struct plan *plan,
                         const struct hipfx_frame *in, const struct hipfx_frame *out)
{
    const int step = plan->step;
    struct hipfx_blur_rows_args rows = {.width = in->width};
    struct hipfx_blur_fold_args fold = {.width = in->width, .in = *in, .step = step};
    struct hipfx_blur_unfold_args unfold = {
        .width = in->width, .height = in->height, .out = *out, .step = step};
    rows.radius = make_window(plan->sigma, rows.weights);
    unfold.radius = make_window(plan->part, unfold.weights);
    if (step > 1)
        fold.radius = make_window(plan->part, fold.weights);
    else
        fold.weights[0] = 1;

    unfold.margin = margin_for(step, unfold.radius);
    unfold.taps = coarse_count(1, step, unfold.margin);
    fold.origin = -unfold.margin * step;
    fold.height = coarse_count(in->height, step, unfold.margin);
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

/* What the sums of coarse rows must be multiplied by to be means: a window's weights at every
 * step-th row only, from each phase, add up to about 1 / step. */
static void make_scale(struct hipfx_blur_pass_args *pass)
{
    for (int phase = 0; phase < pass->step; phase++) {
        double total = 0;
        for (int away = -pass->radius; away <= pass->radius; away++) {
            if ((away - phase) % pass->step == 0)
                total += (double)pass->weights[abs(away)];
        }
        pass->scale[phase] = (float)(1 / total);
    }
}

static struct hipfx_light light_at(float *data, int pitch)
{
    return (struct hipfx_light){.data = data, .pitch = pitch};
}

/* A wide window at few places would keep few threads busy for long: below about as many threads as
 * a large GPU holds, it is shared out. */
#define THREADS_WANTED    150000
#define ROWS_WORTH_SHARED 64

static bool pass_down(const struct hipfx_run *run, enum hipfx_kernel kernel,
                      struct hipfx_blur_pass_args *args)
{
    const int64_t threads = (int64_t)args->width * args->height / HIPFX_BLUR_ROWS;
    const bool share = threads < THREADS_WANTED && 2 * args->radius > ROWS_WORTH_SHARED;
    args->slices = share ? HIPFX_BLUR_SLICES : 1;
    return hipfx_launch(run, kernel, args->width * args->slices, args->height, args);
}

static bool pass_up(const struct hipfx_run *run, enum hipfx_kernel kernel,
                    const struct hipfx_blur_pass_args *args)
{
    return hipfx_launch(run, kernel, args->width, args->height, args);
}

/* Down the columns, turned, and down again; then the same way back. */
static bool apply_on_gpu(const struct hipfx_run *run, const struct plan *plan,
                         const struct hipfx_frame *in, const struct hipfx_frame *out)
{
    const int width = in->width, height = in->height, step = plan->step;
    struct hipfx_blur_pass_args args = {.step = step};
    args.radius = make_window(plan->part, args.weights);
    args.margin = step > 1 ? margin_for(step, args.radius) : 0;
    make_scale(&args);

    /* Rows of whole cache lines. */
    const int coarse_rows = step > 1 ? coarse_count(height, step, args.margin) : height;
    const int coarse_columns = step > 1 ? coarse_count(width, step, args.margin) : width;
    const int down_pitch = round_up(coarse_rows, 8), up_pitch = round_up(width, 8);
    const size_t down_size = (size_t)down_pitch * (size_t)width * 4;
    const size_t up_size = (size_t)up_pitch * (size_t)coarse_rows * 4;
    const size_t both_size = step > 1 ? (size_t)down_pitch * (size_t)coarse_columns * 4 : 0;
    const size_t size = (down_size > up_size ? down_size : up_size) + both_size;
    float *scratch = hipfx_scratch_reserve(run, size * sizeof(float));
    if (!scratch)
        return false;
    float *both = scratch + (size - both_size);

    struct hipfx_blur_pass_args down = args, up = args;
    down.width = width;
    down.height = coarse_rows;
    down.rows = height;
    down.turned = 1;
    down.frame = *in;
    down.out = light_at(scratch, down_pitch);

    up.width = width;
    up.height = height;
    up.rows = coarse_rows;
    up.frame = *out;
    up.in = light_at(scratch, up_pitch);

    const enum hipfx_kernel down_kernel = hipfx_kernel_for(in, HIPFX_KERNEL_blur_down_rgba8);
    const enum hipfx_kernel up_kernel = hipfx_kernel_for(in, HIPFX_KERNEL_blur_up_rgba8);
    if (step == 1) {
        up.width = height;
        up.height = width;
        up.rows = width;
        up.turned = 1;
        up.in = down.out;
        return pass_down(run, down_kernel, &down) && pass_up(run, up_kernel, &up);
    }

    struct hipfx_blur_pass_args across = args, back = args;
    across.width = coarse_rows;
    across.height = coarse_columns;
    across.rows = width;
    across.in = down.out;
    across.out = light_at(both, down_pitch);

    back.width = coarse_rows;
    back.height = width;
    back.rows = coarse_columns;
    back.turned = 1;
    back.in = across.out;
    back.out = up.in;
    return pass_down(run, down_kernel, &down) &&
           pass_down(run, HIPFX_KERNEL_blur_down_light, &across) &&
           pass_up(run, HIPFX_KERNEL_blur_up_light, &back) && pass_up(run, up_kernel, &up);
}

static bool apply(const struct hipfx_run *run, const struct hipfx_values *given,
                  const struct hipfx_frame *in, const struct hipfx_frame *out)
{
    if (!hipfx_frames_check(run, in, out))
        return false;
    const struct hipfx_values values = hipfx_values_clamp(&hipfx_effect_gaussian_blur, given);
    if (is_neutral(&values))
        return hipfx_frame_copy(run, in, out);
    const struct plan plan = plan_for(values.v[SIGMA_PX]);
    if (run->kernels->hip->kind == HIPFX_HIP_CPU)
        return apply_on_cpu(run, &plan, in, out);
    return apply_on_gpu(run, &plan, in, out);
}

const struct hipfx_effect hipfx_effect_gaussian_blur = {
    .id = "gaussian_blur",
    .params = params,
    .param_count = PARAM_COUNT,
    .is_neutral = is_neutral,
    .apply = apply,
};
