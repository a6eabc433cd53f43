/* An effect in its region, mixed with what it was made of. */
#include "kernels/effects.h"
#include "kernels/kernels.h"

/* A source's alpha, feathered as it was asked for. `data` is NULL on failure. */
static struct hipfx_frame feather(const struct hipfx_run *run, const struct hipfx_reach *reach,
                                  const struct hipfx_frame *mask)
{
    const struct hipfx_effect *blur = &hipfx_effect_gaussian_blur;
    struct hipfx_frame sharp = hipfx_frame_plain(run, mask, &run->state->mask[0]);
    struct hipfx_frame soft = hipfx_frame_plain(run, mask, &run->state->mask[1]);
    struct hipfx_values values = hipfx_values_default(blur);
    values.v[hipfx_param_find(blur, "sigma_px")] = reach->ramp_px / 4;
    if (!sharp.data || !soft.data || !hipfx_frame_copy(run, mask, &sharp) ||
        !hipfx_apply(run, blur, &values, &sharp, &soft))
        soft.data = NULL;
    return soft;
}

/* Enqueues the search for the tiles that the mask reaches; NULL on failure. The host never learns
 * them; it would have to wait for the device. */
static const uint32_t *find_live(const struct hipfx_run *run, const struct hipfx_reach *reach,
                                 const struct hipfx_frame *mask)
{
    struct hipfx_run reserving = *run;
    struct hipfx_mask_args args = {
        .width = (mask->width + HIPFX_LIVE_COLUMNS - 1) / HIPFX_LIVE_COLUMNS,
        .height = (mask->height + HIPFX_LIVE_ROWS - 1) / HIPFX_LIVE_ROWS,
        .mask = *mask,
        .mix = (float)reach->mix,
        .invert = reach->invert,
    };
    const size_t tiles = (size_t)args.width * (size_t)args.height;
    reserving.scratch = &run->state->live;
    args.sums = hipfx_scratch_reserve(&reserving, tiles * sizeof(*args.sums));
    if (!args.sums || !hipfx_launch(run, hipfx_kernel_for(mask, HIPFX_KERNEL_mask_tiles_rgba8),
                                    args.width, args.height, &args))
        return NULL;
    args.width = 1;
    args.height = 1;
    return hipfx_launch(run, HIPFX_KERNEL_mask_sums, 1, 1, &args) ? args.sums : NULL;
}

static bool blend(const struct hipfx_run *run, const struct hipfx_reach *reach,
                  const struct hipfx_frame *mask, const struct hipfx_frame *in,
                  const struct hipfx_frame *out)
{
    const bool shaped = reach->radius_x > 0;
    const struct hipfx_region_args args = {
        .width = in->width,
        .height = in->height,
        .in = *in,
        .out = *out,
        .mask = *mask,
        .area = run->area,
        .map = run->live,
        .form = (int32_t)reach->form,
        .center_x = (float)reach->center_x,
        .center_y = (float)reach->center_y,
        .radius_x = (float)reach->radius_x,
        .radius_y = (float)reach->radius_y,
        .inverse_x = shaped ? (float)(1 / reach->radius_x) : 0,
        .inverse_y = shaped ? (float)(1 / reach->radius_y) : 0,
        .inverse_ramp = shaped ? (float)(1 / reach->ramp_px) : 0,
        .mix = (float)reach->mix,
        .invert = reach->invert,
    };
    return hipfx_launch(run, hipfx_kernel_for(in, HIPFX_KERNEL_region_rgba8), args.width,
                        args.height, &args);
}

bool hipfx_apply_region(const struct hipfx_run *run, const struct hipfx_effect *effect,
                        const struct hipfx_values *values, const struct hipfx_region *region,
                        const struct hipfx_frame *mask, const struct hipfx_frame *in,
                        const struct hipfx_frame *out)
{
    const struct hipfx_reach reach = hipfx_region_reach(region, in->width, in->height);
    struct hipfx_run there = *run;
    if (hipfx_reach_is_empty(&reach)) {
        there.area = hipfx_frame_area(in);
        return hipfx_frames_check(&there, in, out) && hipfx_frame_copy(&there, in, out);
    }
    there.area = reach.area;
    struct hipfx_frame of_source = {0};
    if (reach.form == HIPFX_REGION_SOURCE) {
        if (!hipfx_frames_check(&there, mask, out))
            return false;
        of_source = reach.ramp_px > 0 ? feather(&there, &reach, mask) : *mask;
        if (reach.ramp_px > 0 && !of_source.data)
            return false;
        there.live.sums = find_live(&there, &reach, &of_source);
        if (!there.live.sums)
            return false;
    }
    if (there.live.sums || reach.hole.right > reach.hole.left) {
        there.live.width = in->width;
        there.live.height = in->height;
        there.live.hole = reach.hole;
    }
    return hipfx_apply(&there, effect, values, in, out) &&
           (reach.whole || blend(&there, &reach, &of_source, in, out));
}
