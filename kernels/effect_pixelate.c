/* Pixelate; pixelate.hip tells the method. */
#include "kernels/effects.h"
#include "kernels/kernels.h"

#include <math.h>

enum { SHAPE, SIZE_PX, ORIGIN_X, ORIGIN_Y, PARAM_COUNT };
enum { SQUARE, HEXAGON };

static const char *const shapes[] = {"square", "hexagon", NULL};

static const struct hipfx_param params[PARAM_COUNT] = {
    [SHAPE] = {"shape", HIPFX_PARAM_CHOICE, 0, 1, 1, SQUARE, NULL, shapes},
    [SIZE_PX] = {"size_px", HIPFX_PARAM_FLOAT, 1, 1024, 0.125, 12, " px", NULL},
    [ORIGIN_X] = {"origin_x", HIPFX_PARAM_FLOAT, 0, 1, 0.001, 0.5, NULL, NULL},
    [ORIGIN_Y] = {"origin_y", HIPFX_PARAM_FLOAT, 0, 1, 0.001, 0.5, NULL, NULL},
};

static bool is_neutral(const struct hipfx_values *values)
{
    return values->v[SIZE_PX] <= 1;
}

static int floor_divide(int a, int b)
{
    return (int)floor((double)a / b);
}

static int to_units(double px)
{
    return (int)lround(px * HIPFX_PIXELATE_UNITS);
}

/* Those of the cells that the area's pixels may lie in. */
static int choose_cells(const struct hipfx_rect *area, struct hipfx_pixelate_args *args)
{
    const int units = HIPFX_PIXELATE_UNITS;
    args->first_row = floor_divide(area->top * units - args->top, args->down);
    args->first_column = floor_divide(area->left * units - args->left, args->across) - 1;
    const int last_row = floor_divide(area->bottom * units - args->top, args->down) + 1;
    const int last_column = floor_divide(area->right * units - args->left, args->across) + 1;
    args->columns = last_column + 1 - args->first_column;
    return last_row + 1 - args->first_row;
}

/* Cells of fewer rows than this have a thread each. */
#define ROWS_WORTH_SHARED 24

/* The pixels that lie in cells, of which each has `by` columns or rows to make. A cell reaches less
 * than its own size beyond its middle. */
static struct hipfx_live_axis live_along(int origin, int size, int first, int by)
{
    const double reach = 2, middle = (double)origin / size + first;
    const double size_px = (double)size / HIPFX_PIXELATE_UNITS;
    return (struct hipfx_live_axis){
        .scale = (float)(size_px / by),
        .before = (float)((reach - middle) * size_px),
        .after = (float)((reach + middle) * size_px),
    };
}

static struct hipfx_live live_cells(const struct hipfx_run *run,
                                    const struct hipfx_pixelate_args *args, int across, int down)
{
    return (struct hipfx_live){
        .map = run->live,
        .x = live_along(args->left, args->across, args->first_column, across),
        .y = live_along(args->top, args->down, args->first_row, down),
    };
}

static bool pixelate(const struct hipfx_run *run, struct hipfx_pixelate_args *args, int rows,
                     const struct hipfx_frame *in, const struct hipfx_frame *out)
{
    const bool on_cpu = run->kernels->hip->kind == HIPFX_HIP_CPU;
    struct hipfx_pixelate_args sum = *args, mean = *args, fill = *args;
    sum.width = args->columns * args->parts;
    sum.height = rows * args->cell_rows;
    sum.live = live_cells(run, args, args->parts, args->cell_rows);
    mean.width = args->columns;
    mean.height = rows;
    mean.lanes = !on_cpu && args->cell_rows >= ROWS_WORTH_SHARED ? HIPFX_BLOCK : 1;
    mean.live = live_cells(run, args, 1, 1);
    mean.live.sharing = mean.lanes;
    fill.frame = hipfx_frame_crop(out, &run->area);
    fill.width = fill.frame.width;
    fill.height = fill.frame.height;
    fill.live = hipfx_live_in(run, &run->area, 0, 0);
    return hipfx_launch(run, hipfx_kernel_for(in, HIPFX_KERNEL_pixelate_sum_rgba8), sum.width,
                        sum.height, &sum) &&
           hipfx_launch(run, hipfx_kernel_for(in, HIPFX_KERNEL_pixelate_mean_rgba8),
                        mean.width * mean.lanes, mean.height, &mean) &&
           hipfx_launch(run, hipfx_kernel_for(in, HIPFX_KERNEL_pixelate_fill_rgba8), fill.width,
                        fill.height, &fill);
}

static bool apply(const struct hipfx_run *run, const struct hipfx_values *values,
                  const struct hipfx_frame *in, const struct hipfx_frame *out)
{
    const bool hexagon = values->v[SHAPE] == HEXAGON;
    const int across = 2 * to_units(values->v[SIZE_PX] / 2);
    const int down = hexagon ? (int)lround(across * sqrt(0.75)) : across;
    const int highest = hexagon ? 2 * ((2 * down + 2) / 3) : down;
    struct hipfx_pixelate_args args = {
        .hexagon = hexagon,
        .left = to_units(values->v[ORIGIN_X] * in->width),
        .top = to_units(values->v[ORIGIN_Y] * in->height),
        .across = across,
        .down = down,
        .cell_rows = (highest + HIPFX_PIXELATE_UNITS - 1) / HIPFX_PIXELATE_UNITS,
        .parts = across / HIPFX_PIXELATE_UNITS / HIPFX_PIXELATE_PART + 1,
        .fill_left = run->area.left,
        .fill_top = run->area.top,
        .frame = *in,
    };
    const int rows = choose_cells(&run->area, &args);
    const size_t cells = (size_t)rows * (size_t)args.columns;
    const size_t parts = cells * (size_t)args.cell_rows * (size_t)args.parts;
    float *scratch =
        hipfx_scratch_reserve(run, parts * 4 * sizeof(float) + cells * sizeof(uint64_t));
    if (!scratch)
        return false;
    args.sums = scratch;
    args.means = (uint64_t *)(scratch + parts * 4);
    return pixelate(run, &args, rows, in, out);
}

const struct hipfx_effect hipfx_effect_pixelate = {
    .id = "pixelate",
    .params = params,
    .param_count = PARAM_COUNT,
    .is_neutral = is_neutral,
    .apply = apply,
};
