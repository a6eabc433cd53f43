/* Directional blur: the mean along a line through each pixel.
 *
 * The line goes a whole column at a time (a whole row, where it is steep), and between two rows the
 * picture is interpolated linearly. A long line is made in stages, so that its cost grows little: a
 * box is the convolution of a shorter box and of equal points that far apart, exactly, and of as
 * many points at any length, so that it grows without jumps; a Gaussian is one of a narrower
 * Gaussian and of points with a Gaussian's weights, by blur.h's formula, to 4e-5 with a narrower
 * one of 0.75 of the points' distance. Each stage interpolates anew, which spreads light across a
 * long line by less than a pixel. */
#include "kernels/effects.h"
#include "kernels/light.h"

#include <math.h>

enum { LENGTH_PX, ANGLE_DEG, PROFILE, EDGE, PARAM_COUNT };
enum { BOX, GAUSSIAN };

static const char *const profiles[] = {"box", "gaussian", NULL};

static const struct hipfx_param params[PARAM_COUNT] = {
    [LENGTH_PX] = {"length_px", HIPFX_PARAM_FLOAT, 0, 1000, 0.1, 30, " px", NULL},
    [ANGLE_DEG] = {"angle_deg", HIPFX_PARAM_FLOAT, -180, 180, 0.1, 0, "°", NULL},
    [PROFILE] = {"profile", HIPFX_PARAM_CHOICE, 0, 1, 1, BOX, NULL, profiles},
    [EDGE] = {"edge", HIPFX_PARAM_CHOICE, 0, 2, 1, HIPFX_EDGE_CLAMP, NULL, hipfx_edge_choices},
};

/* A line that ends in its own pixel adds nothing of others. */
static bool is_neutral(const struct hipfx_values *values)
{
    return values->v[LENGTH_PX] == 0;
}

#define STAGES_MAX 3

/* A box is made at once up to this many columns, a Gaussian up to a window of this many points. */
#define COLUMNS_AT_ONCE 40
#define POINTS_AT_ONCE  56

/* Of a box that is not. */
#define BOX_POINTS 16

/* The narrower Gaussian, where there is a wider one: sigma over the next points' distance. */
#define PART_IN_STEPS   0.75
#define STEP            6
#define REACH_IN_SIGMAS 3.5

struct line {
    bool steep;   /* goes by rows */
    double slope; /* rows for a column, or columns for a row */
    int count;
    struct hipfx_taps_args stages[STAGES_MAX];
};

static void add_tap(struct hipfx_taps_args *stage, bool steep, int along, int across, double weight)
{
    if (weight <= 0 || stage->count == HIPFX_TAPS_MAX)
        return;
    stage->taps[stage->count++] = (struct hipfx_tap){
        .x = (int16_t)(steep ? across : along),
        .y = (int16_t)(steep ? along : across),
        .weight = (float)weight,
    };
}

/* A point of the line, between four pixels or two. */
static void add_point(struct line *line, struct hipfx_taps_args *stage, double along, double weight)
{
    const double across = along * line->slope;
    const int u = (int)floor(along), v = (int)floor(across);
    const double s = along - u, t = across - v;
    add_tap(stage, line->steep, u, v, weight * (1 - s) * (1 - t));
    add_tap(stage, line->steep, u, v + 1, weight * (1 - s) * t);
    add_tap(stage, line->steep, u + 1, v, weight * s * (1 - t));
    add_tap(stage, line->steep, u + 1, v + 1, weight * s * t);
}

/* A column counts as far as the box covers it. */
static void make_box(struct line *line, double length)
{
    struct hipfx_taps_args *first = &line->stages[line->count++];
    const int points = length > COLUMNS_AT_ONCE ? BOX_POINTS : 1;
    const double part = length / points;
    const int reach = (int)ceil(part / 2);
    for (int i = -reach; i <= reach; i++) {
        const double covered = fmin(i + 0.5, part / 2) - fmax(i - 0.5, -part / 2);
        add_point(line, first, i, fmax(covered, 0) / part);
    }
    if (points == 1)
        return;
    struct hipfx_taps_args *second = &line->stages[line->count++];
    for (int i = 0; i < points; i++)
        add_point(line, second, (i - (points - 1) / 2.0) * part, 1.0 / points);
}

static void add_gaussian(struct line *line, double sigma, int step)
{
    struct hipfx_taps_args *stage = &line->stages[line->count++];
    const int reach = (int)ceil(REACH_IN_SIGMAS * sigma / step);
    double sum = 1;
    for (int i = 1; i <= reach; i++)
        sum += 2 * exp(-0.5 * pow(i * step / sigma, 2));
    for (int i = -reach; i <= reach; i++)
        add_point(line, stage, i * step, exp(-0.5 * pow(i * step / sigma, 2)) / sum);
}

/* As wide as a box of that length: the same variance. */
static void make_gaussian(struct line *line, double length)
{
    double sigma = length / sqrt(12);
    int step = 1;
    while (2 * REACH_IN_SIGMAS * sigma / step > POINTS_AT_ONCE && line->count < STAGES_MAX - 1) {
        const double part = PART_IN_STEPS * STEP * step;
        add_gaussian(line, part, step);
        sigma = sqrt(sigma * sigma - part * part);
        step *= STEP;
    }
    add_gaussian(line, sigma, step);
}

static void make_line(struct line *line, const struct hipfx_values *values)
{
    const double angle = values->v[ANGLE_DEG] * M_PI / 180;
    const double x = cos(angle), y = sin(angle);
    line->count = 0;
    for (int i = 0; i < STAGES_MAX; i++)
        line->stages[i].count = 0;
    line->steep = fabs(y) > fabs(x);
    line->slope = line->steep ? x / y : y / x;
    const double length = values->v[LENGTH_PX] * fmax(fabs(x), fabs(y));
    if (values->v[PROFILE] == GAUSSIAN)
        make_gaussian(line, length);
    else
        make_box(line, length);
}

/* What is wanted of a field from which those are made that follow. */
static struct hipfx_live live_in(const struct hipfx_run *run, const struct hipfx_rect *rect)
{
    const struct hipfx_rect *area = &run->area;
    return hipfx_live_in(run, rect, fmax(area->left - rect->left, rect->right - area->right),
                         fmax(area->top - rect->top, rect->bottom - area->bottom));
}

static bool apply(const struct hipfx_run *run, const struct hipfx_values *values,
                  const struct hipfx_frame *in, const struct hipfx_frame *out)
{
    struct line line;
    struct hipfx_rect rects[STAGES_MAX + 1]; /* that each stage reads; the last: the area */
    make_line(&line, values);
    rects[line.count] = run->area;
    size_t sizes[2] = {0, 0};
    for (int i = line.count - 1; i >= 0; i--) {
        rects[i] = hipfx_taps_reach(&line.stages[i], &rects[i + 1]);
        const size_t size = hipfx_field_floats(&rects[i]);
        sizes[i % 2] = size > sizes[i % 2] ? size : sizes[i % 2];
    }
    float *scratch = hipfx_scratch_reserve(run, (sizes[0] + sizes[1]) * sizeof(float));
    if (!scratch)
        return false;
    struct hipfx_field field = hipfx_field_at(&rects[0], scratch);
    const struct hipfx_live live = live_in(run, &rects[0]);
    bool ok = hipfx_field_make(run, in, (enum hipfx_edge)values->v[EDGE], &live, &field);
    for (int i = 0; ok && i < line.count; i++) {
        const struct hipfx_field next =
            hipfx_field_at(&rects[i + 1], (i + 1) % 2 ? scratch + sizes[0] : scratch);
        line.stages[i].live = live_in(run, &rects[i + 1]);
        ok = hipfx_taps_sum(run, &line.stages[i], &field, &next, i + 1 == line.count ? out : NULL);
        field = next;
    }
    return ok;
}

const struct hipfx_effect hipfx_effect_directional_blur = {
    .id = "directional_blur",
    .params = params,
    .param_count = PARAM_COUNT,
    .is_neutral = is_neutral,
    .apply = apply,
};
