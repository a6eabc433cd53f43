/* Zoom blur: the mean of the pixels on the way from each to a centre, as if the lens zoomed at a
 * steady rate while the picture was taken: places that are equally many times nearer to the centre,
 * one after the other, count the same.
 *
 * There are as many of them that the furthest pixel's lie at most a pixel apart. Scales multiply,
 * so a mean over n * n of them is one of n followed by one of n that are n times further apart:
 * many are made in two or three stages. Each interpolates between four pixels, which spreads light
 * by less than a pixel. */
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

#define STAGES_MAX     3
#define POINTS_AT_ONCE 24 /* of a stage, as long as fewer stages do */

struct zoom {
    double x, y;  /* the centre, as a column's and a row's number */
    double scale; /* of the whole way */
    int stages, points;
};

static struct zoom zoom_for(const struct hipfx_values *values, const struct hipfx_frame *in)
{
    struct zoom zoom = {
        .x = round((values->v[CENTER_X] * in->width - 0.5) * 16) / 16,
        .y = round((values->v[CENTER_Y] * in->height - 0.5) * 16) / 16,
        .scale = 1 - values->v[AMOUNT],
        .stages = 1,
    };
    const double furthest =
        hypot(fmax(zoom.x, in->width - zoom.x), fmax(zoom.y, in->height - zoom.y));
    const double wanted = fmax(ceil(-log(zoom.scale) * furthest), 2);
    while (zoom.stages < STAGES_MAX && pow(POINTS_AT_ONCE, zoom.stages) < wanted)
        zoom.stages++;
    zoom.points = (int)fmin(ceil(pow(wanted, 1.0 / zoom.stages) - 1e-9), HIPFX_ZOOM_POINTS);
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

/* The first stage's places lie next to one another, in the middle of their parts of the way. */
static void add_points(const struct zoom *zoom, int stage, struct hipfx_zoom_args *args)
{
    const double all = pow(zoom->points, zoom->stages), apart = pow(zoom->points, stage);
    args->count = zoom->points;
    for (int i = 0; i < zoom->points; i++) {
        const double way = (i * apart + (stage == 0 ? 0.5 : 0)) / all;
        args->way[i] = (float)(pow(zoom->scale, way) - 1);
    }
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
    float *scratch = hipfx_scratch_reserve(run, (zoom.stages > 1 ? 2 : 1) * size * sizeof(float));
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
