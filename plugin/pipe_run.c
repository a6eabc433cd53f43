/* The effect on one frame, between the link's two ends. */
#include "plugin/pipe.h"

#include "kernels/kernels.h"

void hipfx_pipe_read_kernel_time(struct hipfx_pipe *pipe)
{
    const struct hipfx_hip *hip = pipe->device->hip;
    float ms = 0.0f;
    if (!pipe->kernels_timed ||
        HIP_RESULT("hipEventQuery", hip->hipEventQuery(pipe->kernels_end)) == hipErrorNotReady)
        return;
    pipe->kernels_timed = false;
    if (HIP_RESULT("hipEventElapsedTime",
                   hip->hipEventElapsedTime(&ms, pipe->kernels_begin, pipe->kernels_end)) !=
        hipSuccess)
        return;
    pthread_mutex_lock(&pipe->status->mutex);
    hipfx_samples_add(&pipe->status->kernel_ms, ms);
    pthread_mutex_unlock(&pipe->status->mutex);
}

static bool contains(const struct hipfx_rect *outer, const struct hipfx_rect *inner)
{
    return outer->left <= inner->left && outer->top <= inner->top && outer->right >= inner->right &&
           outer->bottom >= inner->bottom;
}

/* What an effect kept goes on from the frame before only if that was the one before, of the same
 * size and format, and the effect ran where it runs now; and one effect does not find what another
 * kept. */
static void renew_state(struct hipfx_pipe *pipe, const struct hipfx_settings *settings,
                        const struct hipfx_frame *frame, bool resumed)
{
    struct hipfx_run_mark *mark = &pipe->made_by;
    const struct hipfx_reach reach =
        hipfx_region_reach(&settings->region, frame->width, frame->height);
    const bool same_effect = mark->effect == settings->effect;
    const bool same_frame = mark->frame.width == frame->width &&
                            mark->frame.height == frame->height &&
                            mark->frame.format == frame->format;
    if (!same_effect)
        pipe->state.table.holds = 0;
    if (!same_effect || !same_frame || resumed || !contains(&mark->area, &reach.area)) {
        hipfx_effect_state_forget(&pipe->state);
        pthread_mutex_lock(&pipe->status->mutex);
        pipe->status->first_frames++;
        pthread_mutex_unlock(&pipe->status->mutex);
    }
    *mark =
        (struct hipfx_run_mark){.effect = settings->effect, .frame = *frame, .area = reach.area};
}

/* A mask lies below the frame. */
static bool apply(const struct hipfx_run *run, const struct hipfx_settings *settings,
                  const struct hipfx_frame *in, const struct hipfx_frame *out)
{
    const struct hipfx_rect below = {
        .top = in->height, .right = in->width, .bottom = 2 * in->height};
    struct hipfx_frame mask = {0};
    if (settings->region.form == HIPFX_REGION_SOURCE)
        mask = hipfx_frame_crop(in, &below);
    return hipfx_apply_region(run, settings->effect, &settings->values, &settings->region, &mask,
                              in, out);
}

bool hipfx_pipe_run(struct hipfx_pipe *pipe, const struct hipfx_settings *settings,
                    const struct hipfx_moment *moment, const struct hipfx_frame *in,
                    const struct hipfx_frame *out, struct hipfx_why *why)
{
    const struct hipfx_hip *hip = pipe->device->hip;
    renew_state(pipe, settings, in, moment->resumed);
    const struct hipfx_run run = {
        .kernels = pipe->device->kernels,
        .stream = pipe->stream,
        .scratch = &pipe->scratch,
        .state = &pipe->state,
        .time_s = moment->time_s,
        .why = why,
    };
    if (pipe->kernels_timed)
        return apply(&run, settings, in, out);
    pipe->kernels_timed = HIP(why, hip, hipEventRecord, pipe->kernels_begin, pipe->stream) &&
                          apply(&run, settings, in, out) &&
                          HIP(why, hip, hipEventRecord, pipe->kernels_end, pipe->stream);
    return pipe->kernels_timed;
}
