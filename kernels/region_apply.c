/* An effect in its region, mixed with what it was made of. */
#include "kernels/kernels.h"

static bool blend(const struct hipfx_run *run, const struct hipfx_reach *reach,
                  const struct hipfx_frame *in, const struct hipfx_frame *out)
{
    const bool shaped = reach->form != HIPFX_REGION_FRAME;
    const struct hipfx_region_args args = {
        .width = in->width,
        .height = in->height,
        .in = *in,
        .out = *out,
        .area = run->area,
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
                        const struct hipfx_frame *in, const struct hipfx_frame *out)
{
    const struct hipfx_reach reach = hipfx_region_reach(region, in->width, in->height);
    struct hipfx_run there = *run;
    if (hipfx_reach_is_empty(&reach)) {
        there.area = hipfx_frame_area(in);
        return hipfx_frames_check(&there, in, out) && hipfx_frame_copy(&there, in, out);
    }
    there.area = reach.area;
    return hipfx_apply(&there, effect, values, in, out) &&
           (reach.whole || blend(&there, &reach, in, out));
}
