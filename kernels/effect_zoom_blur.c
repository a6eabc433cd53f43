/* Zoom blur: the mean of the pixels on the way from each to a centre, as if the lens zoomed at a
 * steady rate while the picture was taken: places that are equally many times nearer to the centre,
 * one after the other, count the same.
 *
 * There are as many of them that the furthest pixel's lie a pixel apart. Scales multiply, so a mean
 * over m * n of them is one of n followed by one of m that are n times further apart: they are made
 * in two or three stages. Each interpolates between four pixels, which spreads light by less than a
 * pixel. As the amount grows, n grows in fractions, the last place counting less than the others,
 * and m stays the same for long, so that the picture does not jump. */
#include "kernels/effects.h"
#include "kernels/light.h"

#include <math.h>

enum { CENTER_X, CENTER_Y, AMOUNT, PARAM_COUNT };

static const struct hipfx_param params[PARAM_COUNT] = {
    [CENTER_X] = {"center_x", HIPFX_PARAM_FLOAT, 0, 1, 0.001, 0.5, NULL, NULL},
    [CENTER_Y] = {"center_y", HIPFX_PARAM_FLOAT, 0, 1, 0.001, 0.5, NULL, NULL},
    [AMOUNT] = {"amount", HIPFX_PARAM_FLOAT, 0, 0.9, 0.001, 0.1, NULL, NULL},
};

static bool is_neutral(const struct hipfx_values *values)
{
    return values->v[AMOUNT] == 0;
}

#define STAGES_MAX 3

struct zoom {
    double x, y;   /* the centre, as a column's and a row's number */
    double scale;  /* of the whole way */
    double wanted; /* places in all, with fractions */
    int stages;
    int points[STAGES_MAX]; /* places of each; of the first, those that have any share */
};

/* How many places the stages after the first have, up to how many in all. */
static const struct plan {
    int second, third; /* third: 1 if there are two stages */
    int most;
} plans[] = {
    {16, 1, 512},
    {12, 16, 6144},
    {24, 24, HIPFX_ZOOM_POINTS * 576},
};
#define PLAN_COUNT ((int)(sizeof(plans) / sizeof(plans[0])))

/* Less is nothing. */
#define WANTED_LEAST 1e-3

static struct zoom zoom_for(const struct hipfx_values *values, const struct hipfx_frame *in)
{
    struct zoom zoom = {
        .x = round((values->v[CENTER_X] * in->width - 0.5) * 256) / 256,
        .y = round((values->v[CENTER_Y] * in->height - 0.5) * 256) / 256,
        .scale = 1 - values->v[AMOUNT],
    };
    const double furthest =
        hypot(fmax(zoom.x, in->width - zoom.x), fmax(zoom.y, in->height - zoom.y));
    const double wanted = -log(zoom.scale) * furthest;
    const struct plan *plan = plans;
    while (plan < plans + PLAN_COUNT - 1 && wanted > plan->most)
        plan++;
    zoom.stages = plan->third > 1 ? 3 : 2;
    zoom.points[1] = plan->second;
    zoom.points[2] = plan->third;
    zoom.wanted = fmin(fmax(wanted, WANTED_LEAST), plan->most);
    zoom.points[0] = (int)ceil(zoom.wanted / (plan->second * plan->third));
    return zoom;
}

/* What the pixels of `rect` are made of, if no place is nearer to the centre than `scale`. */
static struct hipfx_rect reach_of(const struct zoom *zoom, double scale,
                                  const struct hipfx_rect *rect, const struct hipfx_frame *in)
{
    const double left = zoom->x + (rect->left - zoom->x) * scale;
    const double right = zoom->x + (rect->right - zoom->x) * scale;
    const double top = zoom->y + (rect->top - zoom->y) * scale;
    const double bottom = zoom->y + (rect->bottom - zoom->y) * scale;
    return (struct hipfx_rect){
        .left = (int)fmax(floor(fmin(left, rect->left)) - 1, 0),
        .top = (int)fmax(floor(fmin(top, rect->top)) - 1, 0),
        .right = (int)fmin(ceil(fmax(right, rect->right)) + 2, in->width),
        .bottom = (int)fmin(ceil(fmax(bottom, rect->bottom)) + 2, in->height),
    };
}

static void add_point(const struct zoom *zoom, double way, double share,
                      struct hipfx_zoom_args *args)
{
    args->way[args->count] = (float)(pow(zoom->scale, way) - 1);
    args->share[args->count++] = (float)share;
}

/* The places lie in the middle of their parts of the way, of which the last ends where the second
 * stage's next point begins. */
static void add_first_points(const struct zoom *zoom, struct hipfx_zoom_args *args)
{
    const double all = zoom->wanted / (zoom->points[1] * zoom->points[2]);
    for (int i = 0; i < zoom->points[0]; i++) {
        const double end = fmin(i + 1, all);
        add_point(zoom, (i + end) / 2 / zoom->wanted, (end - i) / all, args);
    }
}

static void add_points(const struct zoom *zoom, int stage, struct hipfx_zoom_args *args)
{
    if (stage == 0) {
        add_first_points(zoom, args);
        return;
    }
    const int count = zoom->points[stage], all = stage == 1 ? count * zoom->points[2] : count;
    for (int i = 0; i < count; i++)
        add_point(zoom, (double)i / all, 1.0 / count, args);
}

/* What is wanted of a field, of what the pixels furthest from the centre are made of. A place lies
 * between two pixels in each stage. */
static struct hipfx_live live_in(const struct hipfx_run *run, const struct zoom *zoom,
                                 const struct hipfx_rect *rect, const struct hipfx_frame *in)
{
    const double way = 1 - zoom->scale, between = 2 * (zoom->stages + 1);
    return hipfx_live_in(run, rect, way * fmax(zoom->x, in->width - zoom->x) + between,
                         way * fmax(zoom->y, in->height - zoom->y) + between);
}

static bool run_stage(const struct hipfx_run *run, const struct zoom *zoom, int stage,
                      const struct hipfx_field *from, const struct hipfx_field *to,
                      const struct hipfx_frame *out)
{
    const bool last = stage == zoom->stages - 1;
    const struct hipfx_rect *made = last ? &run->area : &to->rect;
    struct hipfx_zoom_args args = {
        .width = made->right - made->left,
        .height = made->bottom - made->top,
        .live = last ? hipfx_live_in(run, made, 0, 0) : live_in(run, zoom, made, out),
        .left = made->left,
        .top = made->top,
        .in_left = from->rect.left,
        .in_top = from->rect.top,
        .in_width = from->rect.right - from->rect.left,
        .in_height = from->rect.bottom - from->rect.top,
        .center_x = (float)zoom->x,
        .center_y = (float)zoom->y,
        .in = from->light,
        .out = to->light,
    };
    if (last)
        args.frame = hipfx_frame_crop(out, made);
    add_points(zoom, stage, &args);
    return hipfx_launch(
        run, last ? hipfx_kernel_for(out, HIPFX_KERNEL_zoom_rgba8) : HIPFX_KERNEL_zoom_light,
        args.width, args.height, &args);
}

static bool apply(const struct hipfx_run *run, const struct hipfx_values *values,
                  const struct hipfx_frame *in, const struct hipfx_frame *out)
{
    const struct zoom zoom = zoom_for(values, in);
    const struct hipfx_rect rect = reach_of(&zoom, zoom.scale, &run->area, in);
    const size_t size = hipfx_field_floats(&rect);
    float *scratch = hipfx_scratch_reserve(run, 2 * size * sizeof(float));
    if (!scratch)
        return false;
    struct hipfx_field field = hipfx_field_at(&rect, scratch);
    const struct hipfx_live live = live_in(run, &zoom, &rect, in);
    bool ok = hipfx_field_make(run, in, HIPFX_EDGE_CLAMP, &live, &field);
    for (int i = 0; ok && i < zoom.stages; i++) {
        const struct hipfx_field next = hipfx_field_at(&rect, scratch + (i % 2 ? 0 : size));
        ok = run_stage(run, &zoom, i, &field, &next, out);
        field = next;
    }
    return ok;
}

const struct hipfx_effect hipfx_effect_zoom_blur = {
    .id = "zoom_blur",
    .params = params,
    .param_count = PARAM_COUNT,
    .is_neutral = is_neutral,
    .apply = apply,
};
