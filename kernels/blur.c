/* The choice of the blur's grids, and of those parts of them that an area needs. */
#include "kernels/blur.h"

#include <math.h>
#include <stdlib.h>

#define REACH_IN_SIGMAS 4.75

/* A narrower Gaussian than DIRECT is made without a coarser grid, and one than REST not on a grid
 * that is yet coarser than the first. */
#define DIRECT_PX      3.4
#define REST_PX        16
#define STEP_IN_SIGMAS 0.6
#define STEP_MAX       8
#define STEP_UNITS     256
#define PART_IN_STEPS  0.9 /* sigma before the samples are taken, and after */

/* Sigma 1000 leaves 16 on the second. */
#define GRIDS_MAX  2
#define STAGES_MAX (2 * GRIDS_MAX + 1)

/* With mirrored edges the picture repeats: of its slowest wave, this many frames' width of sigma
 * leave 3e-9. */
#define SIGMA_IN_PERIODS 2

/* One window along an axis: down to each coarser grid, the rest there, and up again. */
struct stage {
    int num, den;
    double sigma, radius;
    int low, high;    /* of the source */
    int first, count; /* to make */
};

struct axis {
    struct stage stages[STAGES_MAX];
    int rows[STAGES_MAX + 1];       /* that there are for each stage, and of the result */
    int source_first, source_count; /* of the picture, that the first stage reads */
    struct hipfx_live_axis live[STAGES_MAX + 1]; /* what of the frame each stage's source, and the
                                                    result, are made for */
};

struct plan {
    int count; /* of stages */
    struct axis x, y;
};

static double step_for(double sigma, int grid)
{
    return sigma < (grid == 0 ? DIRECT_PX : REST_PX) ? 1 : fmin(STEP_IN_SIGMAS * sigma, STEP_MAX);
}

/* How many rows of a grid go into how many of another. */
struct ratio {
    int num, den;
};

static struct stage stage_for(double sigma, struct ratio ratio)
{
    const double reach = REACH_IN_SIGMAS * sigma;
    return (struct stage){
        .num = ratio.num,
        .den = ratio.den,
        .sigma = sigma,
        .radius = ratio.num == ratio.den ? ceil(reach) : reach,
    };
}

/* The stage to the next grid and back. Steps are multiples of 1 / STEP_UNITS, or such that they
 * divide `size` rows into as many as it tells. */
static void coarsen(struct stage *down, struct stage *up, double step, enum hipfx_edge edge,
                    int *size)
{
    struct ratio ratio = {(int)(step * STEP_UNITS), STEP_UNITS};
    if (edge == HIPFX_EDGE_MIRROR) {
        ratio = (struct ratio){*size, (int)ceil(*size / step)};
        *size = ratio.den;
    }
    const double part = step > 1 ? PART_IN_STEPS : 0;
    *down = stage_for(part * ratio.num / ratio.den, ratio);
    *up = stage_for(part, (struct ratio){ratio.den, ratio.num});
}

/* What is left to do on the grid, in its rows. */
static double rest_of(double sigma, const struct stage *down)
{
    return sqrt(sigma * sigma - 2 * down->sigma * down->sigma) * down->den / down->num;
}

static int floor_int(double v)
{
    return (int)floor(v);
}

/* The rows that a stage makes which are not as those beyond them: from `low` up to `high`. */
static void find_bounds(const struct stage *from, enum hipfx_edge edge, int *low, int *high)
{
    const double ratio = (double)from->num / from->den;
    if (edge == HIPFX_EDGE_MIRROR) {
        *low = 0;
        *high = (int)lround(from->high / ratio);
        return;
    }
    *low = floor_int((from->low - from->radius + 0.5) / ratio - 0.5) - 1;
    *high = floor_int((from->high + from->radius + 0.5) / ratio - 0.5) + 2;
}

/* The source rows, of those that there are, which `stage` reads. */
static void find_needed(const struct stage *stage, enum hipfx_edge edge, int *first, int *count)
{
    const double ratio = (double)stage->num / stage->den;
    const int low = stage->low, high = stage->high, last_row = stage->first + stage->count - 1;
    int begin = floor_int((stage->first + 0.5) * ratio - 0.5 - stage->radius) - 1;
    int end = floor_int((last_row + 0.5) * ratio - 0.5 + stage->radius) + 3;
    if (edge == HIPFX_EDGE_MIRROR && (begin < low || end > high)) {
        const int mirrored_end = 2 * low - begin, mirrored_begin = 2 * high - end;
        begin = begin < low ? low : begin;
        if (mirrored_end > end)
            end = mirrored_end;
        if (mirrored_begin < begin)
            begin = mirrored_begin;
    }
    begin = begin < low ? low : begin > high - 1 ? high - 1 : begin;
    end = end > high ? high : end < begin + 1 ? begin + 1 : end;
    *first = begin;
    *count = end - begin;
}

/* What of the frame a stage's source is read for, by what its rows are made for. */
static struct hipfx_live_axis live_before(const struct stage *stage,
                                          const struct hipfx_live_axis *made)
{
    const double ratio = (double)stage->num / stage->den;
    const double scale = (double)made->scale / ratio;
    const double reach = (stage->radius + ratio / 2 + 2) * scale;
    return (struct hipfx_live_axis){
        .scale = (float)scale,
        .before = (float)((double)made->before + reach),
        .after = (float)((double)made->after + reach),
    };
}

/* The same, counted from a row. */
static struct hipfx_live_axis live_from(const struct hipfx_live_axis *axis, int first)
{
    const float away = (float)first * axis->scale;
    return (struct hipfx_live_axis){axis->scale, axis->before - away, axis->after + away};
}

static struct axis plan_axis(double sigma, int grids, enum hipfx_edge edge, int size, int from,
                             int to)
{
    struct axis axis;
    const int count = 2 * grids + 1;
    int rows = size;
    for (int i = 0; i < grids; i++) {
        coarsen(&axis.stages[i], &axis.stages[count - 1 - i], step_for(sigma, i), edge, &rows);
        sigma = rest_of(sigma, &axis.stages[i]);
    }
    axis.stages[grids] = stage_for(sigma, (struct ratio){1, 1});

    axis.stages[0].low = 0;
    axis.stages[0].high = size;
    for (int i = 1; i < count; i++)
        find_bounds(&axis.stages[i - 1], edge, &axis.stages[i].low, &axis.stages[i].high);
    for (int i = 0; i < count; i++)
        axis.rows[i] = axis.stages[i].high - axis.stages[i].low;
    axis.rows[count] = size;
    axis.stages[count - 1].first = from;
    axis.stages[count - 1].count = to - from;
    for (int i = count - 1; i > 0; i--)
        find_needed(&axis.stages[i], edge, &axis.stages[i - 1].first, &axis.stages[i - 1].count);
    find_needed(&axis.stages[0], edge, &axis.source_first, &axis.source_count);
    axis.live[count] = (struct hipfx_live_axis){.scale = 1};
    for (int i = count - 1; i >= 0; i--)
        axis.live[i] = live_before(&axis.stages[i], &axis.live[i + 1]);
    return axis;
}

static double axis_sigma(double sigma, enum hipfx_edge edge, int size)
{
    return edge == HIPFX_EDGE_MIRROR ? fmin(sigma, SIGMA_IN_PERIODS * (double)size) : sigma;
}

static struct plan plan_for(double sigma, enum hipfx_edge edge, const struct hipfx_frame *in,
                            const struct hipfx_rect *area)
{
    int grids = 0;
    for (double rest = sigma; step_for(rest, grids) > 1 && grids < GRIDS_MAX; grids++)
        rest /= step_for(rest, grids);
    struct plan plan = {.count = 2 * grids + 1};
    plan.x = plan_axis(axis_sigma(sigma, edge, in->width), grids, edge, in->width, area->left,
                       area->right);
    plan.y = plan_axis(axis_sigma(sigma, edge, in->height), grids, edge, in->height, area->top,
                       area->bottom);
    return plan;
}

/* Passes go down the columns: the first stage along y and then along x, the others along x and then
 * along y, each turning what it makes where the next goes along the other axis. */
struct pass {
    enum hipfx_kernel kernel;
    int64_t pixels; /* that it would make for the whole frame */
    struct hipfx_blur_args args;
};

static struct hipfx_blur_args args_for(const struct stage *stage, enum hipfx_edge edge, int begin,
                                       int stored, int columns)
{
    const double spread = stage->sigma > 0 ? stage->sigma : 1;
    return (struct hipfx_blur_args){
        .width = columns,
        .height = stage->count,
        .first = stage->first,
        .num = stage->num,
        .den = stage->den,
        .low = stage->low,
        .high = stage->high,
        .begin = begin,
        .stored = stored,
        .edge = (int32_t)edge,
        .slices = 1,
        .radius = (float)stage->radius,
        .exponent = (float)(-0.5 * M_LOG2E / (spread * spread)),
    };
}

static int make_passes(const struct plan *plan, enum hipfx_edge edge,
                       struct pass passes[2 * STAGES_MAX])
{
    const struct axis *x = &plan->x, *y = &plan->y;
    const struct stage *first = &y->stages[0];
    passes[0].args = args_for(first, edge, 0, first->high, x->source_count);
    passes[0].args.turned = 1;
    passes[0].args.live.x = live_from(&x->live[0], x->source_first);
    passes[0].args.live.y = live_from(&y->live[1], first->first);
    passes[1].args = args_for(&x->stages[0], edge, x->source_first, x->source_count, first->count);
    passes[1].args.live.x = passes[0].args.live.y;
    passes[1].args.live.y = live_from(&x->live[1], x->stages[0].first);
    for (int i = 1; i < plan->count; i++) {
        const struct stage *along_x = &x->stages[i], *along_y = &y->stages[i];
        struct hipfx_blur_args *a = &passes[2 * i].args, *b = &passes[2 * i + 1].args;
        const struct stage *x_before = along_x - 1, *y_before = along_y - 1;
        *a = args_for(along_x, edge, x_before->first, x_before->count, y_before->count);
        *b = args_for(along_y, edge, y_before->first, y_before->count, along_x->count);
        a->turned = 1;
        b->turned = 1;
        a->live.x = live_from(&y->live[i], y_before->first);
        a->live.y = live_from(&x->live[i + 1], along_x->first);
        b->live.x = a->live.y;
        b->live.y = live_from(&y->live[i + 1], along_y->first);
    }
    const int count = 2 * plan->count;
    for (int i = 0; i < plan->count; i++) {
        const int64_t x_rows = x->rows[i + 1], y_rows = y->rows[i + 1];
        passes[2 * i].pixels = i == 0 ? y_rows * x->rows[i] : x_rows * y->rows[i];
        passes[2 * i + 1].pixels = x_rows * y_rows;
    }
    for (int i = 0; i < count; i++) {
        passes[i].kernel = HIPFX_KERNEL_blur_light;
        passes[i].args.live.turned = i == 1 || (i > 1 && i % 2 == 0); /* along x */
    }
    passes[count - 1].args.turned = plan->count == 1; /* the picture's rows are along y */
    return count;
}

static int round_up(int value, int multiple)
{
    return (value + multiple - 1) / multiple * multiple;
}

/* Floats of the two pieces of the scratch memory in which passes' results take turns. */
struct pieces {
    size_t floats[2];
};

/* Tiles on the CPU read up to their last column. */
static struct pieces shape_results(struct pass *passes, int count)
{
    struct pieces pieces = {{0}};
    for (int i = 0; i < count - 1; i++) {
        struct hipfx_blur_args *args = &passes[i].args;
        const int rows = args->turned ? args->width : args->height;
        args->out.pitch = round_up(args->turned ? args->height : args->width, 32);
        const size_t floats = (size_t)args->out.pitch * (size_t)rows * 4;
        if (floats > pieces.floats[i % 2])
            pieces.floats[i % 2] = floats;
    }
    return pieces;
}

static bool place_results(const struct hipfx_run *run, struct pass *passes, int count)
{
    const struct pieces pieces = shape_results(passes, count);
    float *scratch =
        hipfx_scratch_reserve(run, (pieces.floats[0] + pieces.floats[1]) * sizeof(float));
    if (!scratch)
        return false;
    for (int i = 0; i < count - 1; i++) {
        passes[i].args.out.data = i % 2 ? scratch + pieces.floats[0] : scratch;
        passes[i + 1].args.in = passes[i].args.out;
    }
    return true;
}

/* A wide window at few places would keep few threads of a GPU busy for long: below about as many
 * threads as a large one holds, it is shared out. An area does not change that, since rounding
 * would. */
#define THREADS_WANTED    150000
#define ROWS_WORTH_SHARED 64

static bool launch(const struct hipfx_run *run, struct pass *pass)
{
    struct hipfx_blur_args *args = &pass->args;
    const double rows =
        2 * (double)args->radius + (HIPFX_BLUR_ROWS - 1) * (double)args->num / args->den;
    if (run->kernels->hip->kind != HIPFX_HIP_CPU &&
        pass->pixels / HIPFX_BLUR_ROWS < THREADS_WANTED && rows > ROWS_WORTH_SHARED)
        args->slices = HIPFX_BLUR_SLICES;
    args->live.map = run->live;
    args->live.sharing = args->slices;
    return hipfx_launch(run, pass->kernel, args->width * args->slices, args->height, args);
}

/* Makes the pixels of `area` as `to` tells: its kernel, and its frame or its light. */
static bool run_blur(const struct hipfx_run *run, double sigma, enum hipfx_edge edge,
                     const struct hipfx_frame *in, const struct hipfx_rect *area,
                     const struct pass *to)
{
    const struct plan plan = plan_for(sigma, edge, in, area);
    struct pass passes[2 * STAGES_MAX];
    const int count = make_passes(&plan, edge, passes);
    if (!place_results(run, passes, count))
        return false;

    const struct hipfx_rect columns = {.left = plan.x.source_first,
                                       .right = plan.x.source_first + plan.x.source_count,
                                       .bottom = in->height};
    struct pass *last = &passes[count - 1];
    passes[0].kernel = hipfx_kernel_for(in, HIPFX_KERNEL_blur_in_rgba8);
    passes[0].args.frame = hipfx_frame_crop(in, &columns);
    last->kernel = to->kernel;
    last->args.frame = to->args.frame;
    last->args.out = to->args.out;
    for (int i = 0; i < count; i++) {
        if (!launch(run, &passes[i]))
            return false;
    }
    return true;
}

size_t hipfx_blur_scratch(double sigma, enum hipfx_edge edge, const struct hipfx_frame *in,
                          const struct hipfx_rect *area)
{
    const struct plan plan = plan_for(sigma, edge, in, area);
    struct pass passes[2 * STAGES_MAX];
    const struct pieces pieces = shape_results(passes, make_passes(&plan, edge, passes));
    return (pieces.floats[0] + pieces.floats[1]) * sizeof(float);
}

bool hipfx_blur(const struct hipfx_run *run, double sigma, enum hipfx_edge edge,
                const struct hipfx_frame *in, const struct hipfx_frame *out)
{
    const struct pass to = {
        .kernel = hipfx_kernel_for(out, HIPFX_KERNEL_blur_out_rgba8),
        .args.frame = hipfx_frame_crop(out, &run->area),
    };
    return run_blur(run, sigma, edge, in, &run->area, &to);
}

bool hipfx_blur_light(const struct hipfx_run *run, double sigma, enum hipfx_edge edge,
                      const struct hipfx_frame *in, const struct hipfx_field *out)
{
    const struct pass to = {.kernel = HIPFX_KERNEL_blur_light, .args.out = out->light};
    return run_blur(run, sigma, edge, in, &out->rect, &to);
}

/* How much of the pixel at (x, y) from its middle a disc covers. */
static double covered(double radius, int x, int y)
{
    enum { lines = 16 };
    double sum = 0;
    for (int i = 0; i < lines; i++) {
        const double at = y - 0.5 + (i + 0.5) / lines;
        const double half = sqrt(fmax(radius * radius - at * at, 0));
        sum += fmax(fmin(half, x + 0.5) - fmax(-half, x - 0.5), 0);
    }
    return sum / lines;
}

static void make_disc(double radius, struct hipfx_disc_args *disc)
{
    double total = 0;
    disc->reach = (int)(radius + 0.5);
    for (int y = 0; y <= disc->reach; y++) {
        for (int x = 0; x <= disc->reach; x++) {
            disc->parts[y][x] = (float)covered(radius, x, y);
            total += (x > 0 ? 2 : 1) * (y > 0 ? 2 : 1) * (double)disc->parts[y][x];
        }
    }
    disc->scale = (float)(1 / total);
}

/* Down to the grid, and up from what the disc has made there of all that it reaches. */
struct disc_axis {
    bool coarse; /* or the grid is the picture's, and the disc's the last step */
    struct stage down, up;
    int source_first, source_count;
    int first, count; /* rows of the disc's */
    double radius;    /* in rows of the grid */
    struct hipfx_live_axis source_live, down_live, disc_live, up_live;
};

static struct disc_axis plan_disc_axis(double radius, enum hipfx_edge edge, int size, int from,
                                       int to)
{
    const struct hipfx_live_axis result = {.scale = 1};
    struct hipfx_live_axis disc = result;
    const double step = radius / HIPFX_DISC_STEPS;
    struct disc_axis axis = {
        .coarse = step > 1,
        .down = stage_for(HIPFX_DISC_SOFTNESS * radius, (struct ratio){1, 1}),
        .first = from,
        .count = to - from,
    };
    if (axis.coarse) { /* the grid is made as far beyond the frame's edges as the disc reaches */
        coarsen(&axis.down, &axis.up, step, HIPFX_EDGE_CLAMP, NULL);
        axis.up.first = from;
        axis.up.count = to - from;
        axis.up.low = -(1 << 24);
        axis.up.high = 1 << 24;
        find_needed(&axis.up, HIPFX_EDGE_CLAMP, &axis.first, &axis.count);
        disc = live_before(&axis.up, &result);
    }
    axis.radius = radius * axis.down.den / axis.down.num;
    const int reach = (int)(axis.radius + 0.5);
    axis.down.low = 0;
    axis.down.high = size;
    axis.down.first = axis.first - reach;
    axis.down.count = axis.count + 2 * reach;
    find_needed(&axis.down, edge, &axis.source_first, &axis.source_count);

    const float around = (float)(reach + HIPFX_DISC_AT_ONCE - 1) * disc.scale;
    const struct hipfx_live_axis grid = {disc.scale, disc.before + around, disc.after + around};
    const struct hipfx_live_axis source = live_before(&axis.down, &grid);
    axis.source_live = live_from(&source, axis.source_first);
    axis.down_live = live_from(&grid, axis.down.first);
    axis.disc_live = live_from(&disc, axis.first);
    axis.up_live = live_from(&result, axis.up.first);
    return axis;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Down along y and x; the disc; and from a coarser grid up along x and y, for which the disc's rows
 * are the picture's columns. */
static bool run_disc(const struct hipfx_run *run, const struct disc_axis *x,
                     const struct disc_axis *y, enum hipfx_edge edge, const struct hipfx_frame *in,
                     const struct hipfx_frame *out)
{
    const bool coarse = x->coarse;
    const struct disc_axis *across = coarse ? y : x, *along = coarse ? x : y;
    const struct hipfx_rect columns = {
        .left = x->source_first, .right = x->source_first + x->source_count, .bottom = in->height};
    const struct hipfx_rect grid = {across->down.first, along->down.first,
                                    across->down.first + across->down.count,
                                    along->down.first + along->down.count};
    const struct hipfx_rect made = {across->first, along->first, across->first + across->count,
                                    along->first + along->count};
    struct pass passes[4];
    passes[0].args = args_for(&y->down, edge, 0, in->height, x->source_count);
    passes[1].args = args_for(&x->down, edge, x->source_first, x->source_count, y->down.count);
    passes[2].args = args_for(&x->up, edge, x->first, x->count, y->count);
    passes[3].args = args_for(&y->up, edge, y->first, y->count, x->up.count);
    passes[0].args.turned = 1;
    passes[1].args.turned = !coarse;
    passes[2].args.turned = 1;
    passes[0].args.live = (struct hipfx_live){.x = x->source_live, .y = y->down_live};
    passes[1].args.live = (struct hipfx_live){.x = y->down_live, .y = x->down_live, .turned = 1};
    passes[2].args.live = (struct hipfx_live){.x = y->disc_live, .y = x->up_live, .turned = 1};
    passes[3].args.live = (struct hipfx_live){.x = x->up_live, .y = y->up_live};
    passes[0].kernel = hipfx_kernel_for(in, HIPFX_KERNEL_blur_in_rgba8);
    passes[1].kernel = HIPFX_KERNEL_blur_light;
    passes[2].kernel = HIPFX_KERNEL_blur_light;
    passes[3].kernel = hipfx_kernel_for(in, HIPFX_KERNEL_blur_out_rgba8);
    passes[0].args.frame = hipfx_frame_crop(in, &columns);
    passes[3].args.frame = hipfx_frame_crop(out, &run->area);
    for (int i = 0; i < 4; i++)
        passes[i].pixels = INT32_MAX; /* windows are short */
    struct hipfx_disc_args disc = {
        .width = across->count,
        .height = along->count,
        .live = {run->live, across->disc_live, along->disc_live, .turned = coarse},
        .left = made.left - grid.left,
        .top = made.top - grid.top,
        .frame = hipfx_frame_crop(out, &run->area),
    };
    make_disc(x->radius, &disc);

    const struct hipfx_rect first = {0, 0, y->down.count, x->source_count};
    const struct hipfx_rect third = {0, 0, x->up.count, y->count};
    size_t even = hipfx_field_floats(&first), odd = hipfx_field_floats(&grid);
    if (coarse) {
        even = larger(even, hipfx_field_floats(&made));
        odd = larger(odd, hipfx_field_floats(&third));
    }
    float *scratch = hipfx_scratch_reserve(run, (even + odd) * sizeof(float));
    if (!scratch)
        return false;
    passes[0].args.out = hipfx_field_at(&first, scratch).light;
    passes[1].args.in = passes[0].args.out;
    passes[1].args.out = hipfx_field_at(&grid, scratch + even).light;
    disc.in = passes[1].args.out;
    if (!launch(run, &passes[0]) || !launch(run, &passes[1]))
        return false;
    if (!coarse)
        return hipfx_launch(run, hipfx_kernel_for(out, HIPFX_KERNEL_disc_rgba8), disc.width,
                            disc.height, &disc);
    disc.out = hipfx_field_at(&made, scratch).light;
    passes[2].args.in = disc.out;
    passes[2].args.out = hipfx_field_at(&third, scratch + even).light;
    passes[3].args.in = passes[2].args.out;
    return hipfx_launch(run, HIPFX_KERNEL_disc_light, disc.width, disc.height, &disc) &&
           launch(run, &passes[2]) && launch(run, &passes[3]);
}

bool hipfx_blur_disc(const struct hipfx_run *run, double radius, enum hipfx_edge edge,
                     const struct hipfx_frame *in, const struct hipfx_frame *out)
{
    const struct hipfx_rect *area = &run->area;
    const struct disc_axis x = plan_disc_axis(radius, edge, in->width, area->left, area->right);
    const struct disc_axis y = plan_disc_axis(radius, edge, in->height, area->top, area->bottom);
    return run_disc(run, &x, &y, edge, in, out);
}
