/* A sine wave: y(x, t) = h * (0.5 + offset) + amplitude * h * sin(2 pi * (cycles * x / w + speed *
 * t)
 * + phase), x and y at pixel centres, y down. The angle is `phase`, in radians. */
#include "kernels/effects.h"
#include "kernels/kernels.h"

#include <math.h>

enum {
    OFFSET,
    AMPLITUDE,
    CYCLES,
    SPEED,
    PHASE,
    THICKNESS_PX,
    COLOR,
    OPACITY,
    STYLE,
    PARAM_COUNT,
};

enum { STYLE_LINE, STYLE_FILL, STYLE_WARP };
static const char *const styles[] = {"line", "fill", "warp", NULL};

#define TWO_PI 6.28318530717958647692

static const struct hipfx_param params[PARAM_COUNT] = {
    [OFFSET] = {"offset", HIPFX_PARAM_FLOAT, -1, 1, 0.01, 0, NULL, NULL},
    [AMPLITUDE] = {"amplitude", HIPFX_PARAM_FLOAT, 0, 1, 0.01, 0.25, NULL, NULL},
    [CYCLES] = {"cycles", HIPFX_PARAM_FLOAT, 0, 100, 0.1, 3, NULL, NULL},
    [SPEED] = {"speed", HIPFX_PARAM_FLOAT, -10, 10, 0.01, 0.25, " Hz", NULL},
    [PHASE] = {"phase", HIPFX_PARAM_FLOAT, -TWO_PI, TWO_PI, 0.01, 0, " rad", NULL},
    [THICKNESS_PX] = {"thickness_px", HIPFX_PARAM_FLOAT, 0, 500, 0.5, 4, " px", NULL},
    [COLOR] = {"color", HIPFX_PARAM_COLOR, 0, 0xffffffff, 1, 0xffffffff, NULL, NULL},
    [OPACITY] = {"opacity", HIPFX_PARAM_FLOAT, 0, 1, 0.01, 1, NULL, NULL},
    [STYLE] = {"style", HIPFX_PARAM_CHOICE, 0, 2, 1, STYLE_LINE, NULL, styles},
};

static double alpha_of(const struct hipfx_values *values)
{
    return (double)((uint32_t)values->v[COLOR] >> 24) / 255.0 * values->v[OPACITY];
}

/* In 2^-64 of a turn: whole turns do not count. */
static uint64_t fixed_turns(double turns)
{
    double part = turns - floor(turns);
    return part < 1 ? (uint64_t)(part * 0x1p64) : 0; /* 1: rounded, from just below 0 */
}

static bool is_neutral(const struct hipfx_values *values)
{
    switch ((int)values->v[STYLE]) {
    case STYLE_LINE:
        return alpha_of(values) == 0 || values->v[THICKNESS_PX] == 0;
    case STYLE_FILL:
        return alpha_of(values) == 0;
    default:
        return values->v[OPACITY] == 0 || (values->v[AMPLITUDE] == 0 && values->v[OFFSET] == 0);
    }
}

static bool apply(const struct hipfx_run *run, const struct hipfx_values *values,
                  const struct hipfx_frame *in, const struct hipfx_frame *out)
{
    const double *v = values->v;
    int style = (int)v[STYLE];
    uint32_t color = (uint32_t)v[COLOR];

    /* Turns are only counted from the last whole one, so that the wave is as smooth after a week as
     * in the first minute. */
    double turns = v[SPEED] * run->time_s;
    turns = isfinite(turns) ? turns - floor(turns) : 0;

    /* The curve must have a slope and a height of which to speak, or the nearest point has no
     * meaning: far less than a pixel will do for both. */
    double amplitude = fmax(v[AMPLITUDE] * in->height, 1e-5);
    double turns_per_px = v[CYCLES] / in->width;
    double per_px = fmax(turns_per_px * TWO_PI, 1e-7);
    double half_px = style == STYLE_LINE ? v[THICKNESS_PX] / 2 : 0;

    /* The area's columns and rows are counted from its own first ones. */
    const struct hipfx_rect *area = &run->area;
    struct hipfx_rect columns = *area; /* a warp takes pixels from any row of them */
    columns.top = 0;
    columns.bottom = in->height;
    const struct hipfx_frame to = hipfx_frame_crop(out, area);
    uint64_t turn_step = fixed_turns(turns_per_px);
    uint64_t turn_start = fixed_turns(turns_per_px / 2 + turns + v[PHASE] / TWO_PI); /* x = 0.5 */

    const struct hipfx_wave_args args = {
        .width = to.width,
        .height = to.height,
        .live = hipfx_live_in(run, &run->area, 0, 0),
        .in = hipfx_frame_crop(in, style == STYLE_WARP ? &columns : area),
        .out = to,
        .top = style == STYLE_WARP ? area->top : 0,
        .turn_start = turn_start + (uint64_t)area->left * turn_step,
        .turn_step = turn_step,
        .middle_px = style == STYLE_WARP ? in->height * v[OFFSET]
                                         : in->height * (0.5 + v[OFFSET]) - area->top,
        .amplitude_px = style == STYLE_WARP ? v[AMPLITUDE] * in->height : amplitude,
        .per_px = (float)per_px,
        .slope2 = (float)(amplitude * per_px * amplitude * per_px),
        .inverse_amplitude = (float)(1 / amplitude),
        .reach_px = (float)(half_px + 0.5),
        .half_px = (float)half_px,
        .fill = style == STYLE_FILL,
        .r = (float)hipfx_srgb_to_linear(color & 255),
        .g = (float)hipfx_srgb_to_linear(color >> 8 & 255),
        .b = (float)hipfx_srgb_to_linear(color >> 16 & 255),
        .a = (float)alpha_of(values),
        .opacity = (float)v[OPACITY],
    };
    enum hipfx_kernel kernel =
        style == STYLE_WARP ? HIPFX_KERNEL_wave_warp_rgba8 : HIPFX_KERNEL_wave_line_rgba8;
    return hipfx_launch(run, hipfx_kernel_for(in, kernel), args.width, args.height, &args);
}

const struct hipfx_effect hipfx_effect_sine_wave = {
    .id = "sine_wave",
    .params = params,
    .param_count = PARAM_COUNT,
    .direct = true,
    .is_neutral = is_neutral,
    .apply = apply,
};
