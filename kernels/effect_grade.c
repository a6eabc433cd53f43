/* Grading: exposure, white balance, contrast, lift, gamma and gain, curves, saturation and vibrance
 * in one kernel. grade.hip says what is done in which order, white.h what temperature and tint are.
 */
#include "kernels/effects.h"
#include "kernels/kernels.h"
#include "kernels/white.h"

#include <math.h>

/* Four of a kind stand together: of all channels, of red, green and blue. */
enum {
    EXPOSURE_EV,
    TEMPERATURE_K,
    TINT,
    CONTRAST,
    PIVOT,
    LIFT,
    GAMMA = LIFT + 4,
    GAIN = GAMMA + 4,
    SATURATION = GAIN + 4,
    VIBRANCE,
    CURVE,
    PARAM_COUNT = CURVE + 4 * HIPFX_CURVE_POINTS,
};

#define NUMBER(key, min, max, step, def, unit)                                                     \
    {key, HIPFX_PARAM_FLOAT, min, max, step, def, unit, 0}
#define LIFT_ROW(key)  NUMBER(key, -1, 1, 0.005, 0, NULL)
#define GAMMA_ROW(key) NUMBER(key, 0.2, 5, 0.01, 1, NULL)
#define GAIN_ROW(key)  NUMBER(key, 0, 4, 0.01, 1, NULL)
#define CURVE_ROWS(first, name)                                                                    \
    [first] = NUMBER(name "_0", 0, 1, 0.005, 0, NULL),                                             \
    [(first) + 1] = NUMBER(name "_25", 0, 1, 0.005, 0.25, NULL),                                   \
    [(first) + 2] = NUMBER(name "_50", 0, 1, 0.005, 0.5, NULL),                                    \
    [(first) + 3] = NUMBER(name "_75", 0, 1, 0.005, 0.75, NULL),                                   \
    [(first) + 4] = NUMBER(name "_100", 0, 1, 0.005, 1, NULL)

static const struct hipfx_param params[PARAM_COUNT] = {
    [EXPOSURE_EV] = NUMBER("exposure_ev", -10, 10, 0.01, 0, " EV"),
    [TEMPERATURE_K] = NUMBER("temperature_k", 2000, 15000, 50, 6500, " K"),
    [TINT] = NUMBER("tint", -100, 100, 1, 0, NULL),
    [CONTRAST] = NUMBER("contrast", 0, 4, 0.01, 1.15, NULL),
    [PIVOT] = NUMBER("pivot", 0.01, 1, 0.01, 0.18, NULL),
    [LIFT] = LIFT_ROW("lift"),
    [LIFT + 1] = LIFT_ROW("lift_red"),
    [LIFT + 2] = LIFT_ROW("lift_green"),
    [LIFT + 3] = LIFT_ROW("lift_blue"),
    [GAMMA] = GAMMA_ROW("gamma"),
    [GAMMA + 1] = GAMMA_ROW("gamma_red"),
    [GAMMA + 2] = GAMMA_ROW("gamma_green"),
    [GAMMA + 3] = GAMMA_ROW("gamma_blue"),
    [GAIN] = GAIN_ROW("gain"),
    [GAIN + 1] = GAIN_ROW("gain_red"),
    [GAIN + 2] = GAIN_ROW("gain_green"),
    [GAIN + 3] = GAIN_ROW("gain_blue"),
    [SATURATION] = NUMBER("saturation", 0, 4, 0.01, 1, NULL),
    [VIBRANCE] = NUMBER("vibrance", -1, 1, 0.01, 0.25, NULL),
    CURVE_ROWS(CURVE, "curve"),
    CURVE_ROWS(CURVE + 5, "red"),
    CURVE_ROWS(CURVE + 10, "green"),
    CURVE_ROWS(CURVE + 15, "blue"),
};

/* What changes nothing; the defaults change something, so that they are seen. */
static double neutral_value(int i)
{
    return i == CONTRAST ? 1 : i == VIBRANCE ? 0 : params[i].def;
}

static bool is_neutral(const struct hipfx_values *values)
{
    for (int i = 0; i < PARAM_COUNT; i++) {
        /* Without contrast it has no pivot. */
        if (i != PIVOT && values->v[i] != neutral_value(i))
            return false;
    }
    return true;
}

/* F. N. Fritsch, R. E. Carlson, "Monotone Piecewise Cubic Interpolation", SIAM Journal on Numerical
 * Analysis 17(2), 1980: between two points the curve stays between them. */
static struct hipfx_curve make_curve(const double y[HIPFX_CURVE_POINTS])
{
    enum { N = HIPFX_CURVE_POINTS };
    double rise[N - 1], slope[N];
    struct hipfx_curve curve;
    for (int i = 0; i < N - 1; i++)
        rise[i] = (y[i + 1] - y[i]) * (N - 1);
    slope[0] = rise[0];
    slope[N - 1] = rise[N - 2];
    for (int i = 1; i < N - 1; i++)
        slope[i] = rise[i - 1] * rise[i] > 0 ? (rise[i - 1] + rise[i]) / 2 : 0;
    for (int i = 0; i < N - 1; i++) {
        const double length = rise[i] != 0 ? hypot(slope[i], slope[i + 1]) / fabs(rise[i]) : 0;
        const double scale = length > 3 ? 3 / length : 1;
        slope[i] *= rise[i] != 0 ? scale : 0;
        slope[i + 1] *= rise[i] != 0 ? scale : 0;
    }
    for (int i = 0; i < N; i++) {
        curve.y[i] = (float)y[i];
        curve.slope[i] = (float)slope[i];
    }
    return curve;
}

static struct hipfx_tone_args make_tone(const struct hipfx_values *values, float *table)
{
    const double *v = values->v;
    struct hipfx_tone_args args = {
        .width = HIPFX_TONE_PITCH,
        .height = 1,
        .table = table,
        .contrast = (float)v[CONTRAST],
        .pivot = (float)v[PIVOT],
        .curve = make_curve(&v[CURVE]),
    };
    for (int c = 0; c < 3; c++) {
        args.tones[c] = (struct hipfx_tone){
            .lift = (float)(v[LIFT] + v[LIFT + 1 + c]),
            .gain = (float)(v[GAIN] * v[GAIN + 1 + c]),
            .inverse_gamma = (float)(1 / (v[GAMMA] * v[GAMMA + 1 + c])),
            .curve = make_curve(&v[CURVE + HIPFX_CURVE_POINTS * (1 + c)]),
        };
    }
    return args;
}

/* A mark of what the table is made of (FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv). */
static uint64_t tone_mark(const struct hipfx_values *values)
{
    uint64_t mark = UINT64_C(0xcbf29ce484222325);
    for (int i = CONTRAST; i < PARAM_COUNT; i++) {
        const unsigned char *bytes = (const unsigned char *)&values->v[i];
        for (size_t b = 0; b < sizeof(values->v[i]); b++)
            mark = (mark ^ (i == SATURATION || i == VIBRANCE ? 0 : bytes[b])) *
                   UINT64_C(0x100000001b3);
    }
    return mark | 1;
}

/* The table of tone, made on the device when its values have changed. */
static const float *reserve_table(const struct hipfx_run *run, const struct hipfx_values *values)
{
    struct hipfx_kept *kept = &run->state->table;
    float *table = hipfx_kept_reserve(run, kept, sizeof(float[3][HIPFX_TONE_PITCH]));
    const uint64_t mark = tone_mark(values);
    if (!table || kept->holds == mark)
        return table;
    const struct hipfx_tone_args args = make_tone(values, table);
    kept->holds = 0;
    if (!hipfx_launch(run, HIPFX_KERNEL_grade_tone, args.width, args.height, &args))
        return NULL;
    kept->holds = mark;
    return table;
}

/* 100 of tint are 0.03 off the locus. */
#define DUV_OF_TINT 3e-4

static bool apply(const struct hipfx_run *run, const struct hipfx_values *values,
                  const struct hipfx_frame *in, const struct hipfx_frame *out)
{
    const float *table = reserve_table(run, values);
    if (!table)
        return false;

    const struct hipfx_frame from = hipfx_frame_crop(in, &run->area);
    struct hipfx_grade_args args = {
        .width = from.width,
        .height = from.height,
        .live = hipfx_live_in(run, &run->area, 0, 0),
        .in = from,
        .out = hipfx_frame_crop(out, &run->area),
        .table = table,
        .saturation = (float)values->v[SATURATION],
        .vibrance = (float)values->v[VIBRANCE],
    };
    double white[3][3];
    hipfx_white_matrix(values->v[TEMPERATURE_K], values->v[TINT] * DUV_OF_TINT, white);
    for (int i = 0; i < 9; i++)
        args.matrix[i / 3][i % 3] = (float)(white[i / 3][i % 3] * exp2(values->v[EXPOSURE_EV]));
    return hipfx_launch(run, hipfx_kernel_for(in, HIPFX_KERNEL_grade_rgba8), args.width,
                        args.height, &args);
}

const struct hipfx_effect hipfx_effect_grade = {
    .id = "grade",
    .params = params,
    .param_count = PARAM_COUNT,
    .direct = true,
    .is_neutral = is_neutral,
    .apply = apply,
};
