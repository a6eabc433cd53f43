/* What all effects have in common, and frames that are not plain memory. */
#include "kernels/effects.h"
#include "kernels/kernels.h"

#define PITCH_ALIGN 256

struct hipfx_frame hipfx_frame_plain(const struct hipfx_run *run, const struct hipfx_frame *frame,
                                     struct hipfx_scratch *scratch)
{
    const size_t row = (size_t)frame->width * hipfx_pixel_size(frame->format);
    const size_t pitch = (row + PITCH_ALIGN - 1) / PITCH_ALIGN * PITCH_ALIGN;
    struct hipfx_run reserving = *run;
    reserving.scratch = scratch;
    return (struct hipfx_frame){
        .data = hipfx_scratch_reserve(&reserving, pitch * (size_t)frame->height),
        .pitch = pitch,
        .width = frame->width,
        .height = frame->height,
        .format = frame->format,
    };
}

/* An effect may read anywhere, but writes its area only. */
static bool apply_to_copies(const struct hipfx_run *run, const struct hipfx_effect *effect,
                            const struct hipfx_values *values, const struct hipfx_frame *in,
                            const struct hipfx_frame *out)
{
    const struct hipfx_frame plain_in = hipfx_frame_plain(run, in, &run->state->plain[0]);
    const struct hipfx_frame plain_out =
        plain_in.data ? hipfx_frame_plain(run, out, &run->state->plain[1]) : plain_in;
    if (!plain_out.data)
        return false;
    struct hipfx_run whole = *run;
    whole.area = hipfx_frame_area(in);
    whole.live = (struct hipfx_live_map){0};
    return hipfx_frame_copy(&whole, in, &plain_in) &&
           effect->apply(run, values, &plain_in, &plain_out) &&
           hipfx_frame_copy(run, &plain_out, out);
}

bool hipfx_apply(const struct hipfx_run *run, const struct hipfx_effect *effect,
                 const struct hipfx_values *values, const struct hipfx_frame *in,
                 const struct hipfx_frame *out)
{
    if (!hipfx_frames_check(run, in, out))
        return false;
    const struct hipfx_values clamped = hipfx_values_clamp(effect, values);
    if (effect->is_neutral(&clamped))
        return hipfx_frame_copy(run, in, out);
    if (in->surface && out->surface && !effect->direct)
        return apply_to_copies(run, effect, &clamped, in, out);
    return effect->apply(run, &clamped, in, out);
}
