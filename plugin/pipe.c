#include "plugin/pipe.h"

#include "interop/timeout.h"

#include <stdlib.h>
#include <util/platform.h>

/* All that there are, those among them that are kept because their work had not ended when they
 * were to be destroyed. */
static struct hipfx_pipe *all_pipes;

struct hipfx_pipe *hipfx_pipe_create(struct hipfx_status *status, struct hipfx_why *why)
{
    struct hipfx_pipe *pipe =
        HIPFX_FAULT_POINT(HIPFX_FAULT_LIBC, "calloc", NULL, calloc(1, sizeof(*pipe)));
    if (!pipe) {
        hipfx_fail(why, "out of memory");
        return NULL;
    }
    pipe->status = hipfx_status_ref(status);
    pipe->next = all_pipes;
    all_pipes = pipe;
    return pipe;
}

/* False if the stream is still at work after a bounded wait; once is enough, and later calls only
 * look. A stream that only gives errors was lost with its device, and works on nothing any more. */
static bool stream_is_idle(struct hipfx_pipe *pipe, uint64_t timeout_ns)
{
    if (!pipe->stream)
        return true;
    const struct hipfx_hip *hip = pipe->device->hip;
    const bool idle =
        hipfx_hip_wait_stream(hip, pipe->stream, pipe->late ? 0 : timeout_ns, NULL) ||
        HIP_RESULT("hipStreamQuery", hip->hipStreamQuery(pipe->stream)) != hipErrorNotReady;
    pipe->late = !idle && (pipe->late || timeout_ns);
    return idle;
}

/* Runtimes wait for all streams when memory is freed, and without a bound; so nothing is made or
 * freed before all have been seen to be idle. */
static bool streams_are_idle(uint64_t timeout_ns)
{
    bool idle = !hipfx_device_hangs();
    for (struct hipfx_pipe *pipe = all_pipes; pipe; pipe = pipe->next)
        idle = stream_is_idle(pipe, timeout_ns) && idle;
    return idle;
}

/* What effects have grown out of goes as soon as nothing is at work. That is waited for only when
 * this frame might find no room for more: another filter's work of the same frame may always be
 * under way. The worker must be done. */
static void free_outgrown(struct hipfx_pipe *pipe)
{
    const struct hipfx_hip *hip = pipe->device->hip;
    const int kept = hipfx_effect_state_outgrown(&pipe->state);
    const int most = kept > pipe->scratch.outgrown_count ? kept : pipe->scratch.outgrown_count;
    if (most && streams_are_idle(most < HIPFX_OUTGROWN_MAX / 2 ? 0 : HIPFX_FRAME_TIMEOUT_NS)) {
        hipfx_scratch_trim(hip, &pipe->scratch);
        hipfx_effect_state_trim(hip, &pipe->state);
    }
}

/* What belongs to one size and format. False if a frame's work on it has not ended. */
static bool drop_slot(struct hipfx_slot *slot)
{
    if (slot->link &&
        (!streams_are_idle(HIPFX_FRAME_TIMEOUT_NS) || !hipfx_link_destroy(&slot->link)))
        return false;
    hipfx_capture_destroy(&slot->capture);
    return true;
}

bool hipfx_pipe_is_stale(const struct hipfx_pipe *pipe)
{
    return pipe->device && pipe->device->gl_context != hipfx_device_current_context();
}

/* A context that was rebuilt took its names with it: they must not be deleted in the new one. */
static void forget_gl(struct hipfx_pipe *pipe)
{
    for (int i = 0; i < 2; i++) {
        hipfx_link_forget_gl(pipe->slots[i].link);
        pipe->slots[i].capture.input = pipe->slots[i].capture.output = NULL;
    }
    pipe->job.drawn = NULL;
}

/* NULL: none, or it is done with the pipe, and may be at another's work. */
static struct hipfx_worker *thread_at_work(const struct hipfx_pipe *pipe)
{
    if (!pipe->work || atomic_load(&pipe->done))
        return NULL;
    return pipe->work == HIPFX_PIPE_LINK ? pipe->device->worker : pipe->worker;
}

static bool has_ended(struct hipfx_pipe *pipe)
{
    struct hipfx_worker *thread = thread_at_work(pipe);
    if (thread && !hipfx_worker_wait(thread))
        return false;
    pipe->work = HIPFX_PIPE_IDLE;
    if (!hipfx_worker_destroy(&pipe->worker))
        return false;
    const bool stale = hipfx_pipe_is_stale(pipe);
    if (stale)
        forget_gl(pipe);
    return drop_slot(&pipe->slots[0]) && drop_slot(&pipe->slots[1]) &&
           (!pipe->stream ||
            (streams_are_idle(HIPFX_FRAME_TIMEOUT_NS) && hipfx_link_collect(pipe->stream, stale)));
}

static void free_stream(struct hipfx_pipe *pipe)
{
    const struct hipfx_hip *hip = pipe->device->hip;
    hipfx_scratch_free(hip, &pipe->scratch);
    hipfx_effect_state_free(hip, &pipe->state);
    if (pipe->kernels_begin)
        HIP_FREE(hip, hipEventDestroy, pipe->kernels_begin);
    if (pipe->kernels_end)
        HIP_FREE(hip, hipEventDestroy, pipe->kernels_end);
    HIP_FREE(hip, hipStreamDestroy, pipe->stream);
}

/* False, and all that is still in use is left, if the work has not ended. */
static bool let_go_of_device(struct hipfx_pipe *pipe)
{
    if (!has_ended(pipe))
        return false;
    if (pipe->job.drawn)
        glDeleteSync(pipe->job.drawn);
    pipe->job.drawn = NULL;
    pipe->shown = NULL;
    if (pipe->stream)
        free_stream(pipe);
    pipe->stream = NULL;
    hipfx_settings_release(&pipe->job.settings);
    hipfx_device_release(&pipe->device);
    return true;
}

static bool try_to_free(struct hipfx_pipe *pipe)
{
    if (!let_go_of_device(pipe))
        return false;
    hipfx_status_release(pipe->status);
    struct hipfx_pipe **link = &all_pipes;
    while (*link != pipe)
        link = &(*link)->next;
    *link = pipe->next;
    free(pipe);
    return true;
}

/* False if some of the work still goes on: nothing may be made or freed on a device then. */
static bool collect_kept(void)
{
    struct hipfx_pipe *next;
    for (struct hipfx_pipe *pipe = all_pipes; pipe; pipe = next) {
        next = pipe->next;
        if (pipe->kept && !try_to_free(pipe))
            return false;
    }
    return true;
}

void hipfx_pipe_destroy(struct hipfx_pipe **ppipe)
{
    struct hipfx_pipe *pipe = *ppipe;
    *ppipe = NULL;
    if (!pipe || (collect_kept() && try_to_free(pipe)))
        return;
    PLUGIN_LOG(LOG_INFO, "a frame's work has not ended: what it uses is kept until it has");
    pipe->kept = true;
}

/* Those of filters that are not drawn now among them: the device cannot be opened anew before
 * nobody holds it. A pipe in whose frame this happens fails soon, and does it itself. */
static void lose_device(struct hipfx_device *device, const struct hipfx_why *why)
{
    hipfx_device_lose(device, why);
    for (struct hipfx_pipe *pipe = all_pipes; pipe; pipe = pipe->next) {
        if (pipe->device != device || pipe->in_frame)
            continue;
        pipe->lost = device->why;
        pipe->shown = NULL;
        let_go_of_device(pipe); /* or its filter does, once the work has ended */
    }
}

/* A runtime that hangs in one call may do so in others, too. */
static bool hip_may_hang(void)
{
    for (const struct hipfx_pipe *pipe = all_pipes; pipe; pipe = pipe->next) {
        struct hipfx_worker *thread = thread_at_work(pipe);
        if (pipe->kept || (thread && !hipfx_worker_check(thread, NULL)))
            return true;
    }
    return false;
}

/* After a frame that failed. */
static bool device_is_lost(const struct hipfx_pipe *pipe)
{
    if (!pipe->device)
        return false;
    const int state = atomic_load(&pipe->device->state);
    return state == HIPFX_DEVICE_LOST || (state == HIPFX_DEVICE_READY && !hip_may_hang() &&
                                          hipfx_hip_is_lost(pipe->device->hip, pipe->stream));
}

static enum hipfx_progress make_device(struct hipfx_pipe *pipe, struct hipfx_why *why)
{
    if (pipe->lost.text[0]) {
        hipfx_fail(why, "%s", pipe->lost.text);
        return HIPFX_PROGRESS_FAILED;
    }
    if (!collect_kept()) {
        hipfx_fail(why, "HIP still works on a frame that was given up");
        return HIPFX_PROGRESS_FAILED;
    }
    if (!pipe->device)
        pipe->device = hipfx_device_acquire(why);
    if (!pipe->device)
        return HIPFX_PROGRESS_FAILED;
    switch (atomic_load(&pipe->device->state)) {
    case HIPFX_DEVICE_OPENING:
        return hipfx_device_is_overdue(pipe->device, why) ? HIPFX_PROGRESS_FAILED
                                                          : HIPFX_PROGRESS_WAITING;
    case HIPFX_DEVICE_FAILED:
    case HIPFX_DEVICE_LOST:
        hipfx_fail(why, "%s", pipe->device->why.text);
        return HIPFX_PROGRESS_FAILED;
    default:
        break;
    }
    const struct hipfx_hip *hip = pipe->device->hip;
    if (!HIP(why, hip, hipSetDevice, pipe->device->ordinal))
        return HIPFX_PROGRESS_FAILED;
    if (pipe->stream)
        return HIPFX_PROGRESS_DONE;
    if (!HIP(why, hip, hipStreamCreateWithFlags, &pipe->stream, hipStreamNonBlocking)) {
        pipe->stream = NULL;
        return HIPFX_PROGRESS_FAILED;
    }
    if (!HIP(why, hip, hipEventCreateWithFlags, &pipe->kernels_begin, hipEventDefault)) {
        pipe->kernels_begin = NULL;
        return HIPFX_PROGRESS_FAILED;
    }
    if (!HIP(why, hip, hipEventCreateWithFlags, &pipe->kernels_end, hipEventDefault)) {
        pipe->kernels_end = NULL;
        return HIPFX_PROGRESS_FAILED;
    }
    return HIPFX_PROGRESS_DONE;
}

/* The slot that the job has made. */
static void show_slot(struct hipfx_pipe *pipe, const struct hipfx_slot *slot)
{
    struct hipfx_status *status = pipe->status;
    const struct hipfx_device *device = pipe->device;
    pthread_mutex_lock(&status->mutex);
    snprintf(status->device, sizeof(status->device), "%s", device->hip->name);
    snprintf(status->device_name, sizeof(status->device_name), "%s", device->name);
    snprintf(status->driver, sizeof(status->driver), "%s",
             device->vk ? device->vk->driver : device->gl.version);
    status->runtime_version = device->hip->runtime_version;
    status->rungs = *pipe->job.rungs;
    status->width_px = (int)slot->capture.width_px;
    status->height_px = (int)slot->capture.height_px;
    status->format = pipe->job.link.format;
    status->host_bytes = hipfx_link_host_bytes(slot->link);
    pthread_mutex_unlock(&status->mutex);
}

static bool slot_fits(const struct hipfx_pipe *pipe, const struct hipfx_slot *slot)
{
    return slot->link && slot->capture.width_px == pipe->width_px &&
           slot->capture.height_px == pipe->height_px && slot->capture.space == pipe->space &&
           slot->capture.masked == (pipe->mask != NULL);
}

/* The slot gets textures of this frame's size, and the job what a link between them is made from.
 */
static bool prepare_slot(struct hipfx_pipe *pipe, struct hipfx_slot *slot, struct hipfx_why *why)
{
    const enum hipfx_pixel format = hipfx_capture_format(pipe->space);
    const struct hipfx_rungs *rungs = hipfx_device_rungs(pipe->device, format, why);
    if (!streams_are_idle(HIPFX_FRAME_TIMEOUT_NS) || !drop_slot(slot))
        return hipfx_fail(why, "the work of an earlier frame did not end");
    if (!rungs || !hipfx_capture_create(&slot->capture, pipe->width_px, pipe->height_px,
                                        pipe->mask != NULL, pipe->space, why))
        return false;
    hipfx_settings_release(&pipe->job.settings);
    pipe->job = (struct hipfx_pipe_job){
        .slot = slot,
        .rungs = rungs,
        .link = {.hip = pipe->device->hip,
                 .device = pipe->device->ordinal,
                 .stream = pipe->stream,
                 .vk = pipe->device->vk,
                 .input = hipfx_capture_gl_name(slot->capture.input),
                 .output = hipfx_capture_gl_name(slot->capture.output),
                 .width_px = (int)pipe->width_px,
                 .height_px = (int)pipe->height_px,
                 .more_px = slot->capture.masked ? (int)pipe->height_px : 0,
                 .format = format,
                 .surfaces = true},
    };
    return true;
}

static void set_in_flight(struct hipfx_status *status, bool in_flight)
{
    pthread_mutex_lock(&status->mutex);
    status->in_flight = in_flight;
    pthread_mutex_unlock(&status->mutex);
}

/* The last act of what another thread does for the pipe. */
static void end_job(struct hipfx_pipe *pipe)
{
    set_in_flight(pipe->status, false);
    atomic_store(&pipe->done, true);
}

/* OBS draws with what was made here in a context of its own. */
static void link_job(void *data)
{
    struct hipfx_pipe *pipe = data;
    struct hipfx_pipe_job *job = &pipe->job;
    if (HIP(&job->why, pipe->device->hip, hipSetDevice, pipe->device->ordinal))
        job->slot->link = hipfx_link_create(&job->link, job->rungs, &job->why);
    job->ok = job->slot->link && hipfx_gl_finish(HIPFX_FRAME_TIMEOUT_NS, &job->why);
    end_job(pipe);
}

static void submit(struct hipfx_pipe *pipe, enum hipfx_pipe_work work, void (*job)(void *data))
{
    pipe->work = work;
    atomic_store(&pipe->done, false);
    set_in_flight(pipe->status, true);
    hipfx_worker_submit(thread_at_work(pipe), job, pipe);
}

/* DONE: the slot fits this frame. Sharing memory takes longer than a frame, so the device's thread
 * does it, for one filter after the other, while frames pass through; but in exact mode one that
 * shows results already does it at once, since a frame that is late is better than some that are
 * not filtered. */
static enum hipfx_progress make_slot(struct hipfx_pipe *pipe, struct hipfx_slot *slot, bool smooth,
                                     struct hipfx_why *why)
{
    struct hipfx_worker *thread = pipe->device->worker;
    const bool at_once = !smooth && pipe->shown;
    if (slot_fits(pipe, slot))
        return HIPFX_PROGRESS_DONE;
    if (!at_once && !hipfx_worker_is_done(thread))
        return hipfx_worker_check(thread, why) ? HIPFX_PROGRESS_WAITING : HIPFX_PROGRESS_FAILED;
    if (!prepare_slot(pipe, slot, why))
        return HIPFX_PROGRESS_FAILED;
    if (!at_once) {
        submit(pipe, HIPFX_PIPE_LINK, link_job);
        return HIPFX_PROGRESS_WAITING;
    }
    slot->link = hipfx_link_create(&pipe->job.link, pipe->job.rungs, why);
    if (!slot->link)
        return HIPFX_PROGRESS_FAILED;
    show_slot(pipe, slot);
    return HIPFX_PROGRESS_DONE;
}

/* What the worker has done since the last frame; WAITING: it is at it. */
static enum hipfx_progress collect_work(struct hipfx_pipe *pipe, struct hipfx_why *why)
{
    struct hipfx_pipe_job *job = &pipe->job;
    if (!pipe->work)
        return HIPFX_PROGRESS_DONE;
    struct hipfx_worker *thread = thread_at_work(pipe);
    if (thread && hipfx_worker_check(thread, why))
        return HIPFX_PROGRESS_WAITING;
    if (thread) {
        set_in_flight(pipe->status, false);
        return HIPFX_PROGRESS_FAILED;
    }
    const enum hipfx_pipe_work work = pipe->work;
    pipe->work = HIPFX_PIPE_IDLE;
    if (!job->ok) {
        hipfx_fail(why, "%s", job->why.text);
        return HIPFX_PROGRESS_FAILED;
    }
    if (work == HIPFX_PIPE_LINK)
        show_slot(pipe, job->slot);
    else
        pipe->shown = job->slot;
    return HIPFX_PROGRESS_DONE;
}

/* The slot's input is drawn; the link brings it to HIP, the effect makes `out` of `in`, the link
 * brings it back, and the slot's output holds the result. On any thread with a context of the share
 * group current. */
static bool filter_slot(struct hipfx_pipe *pipe, struct hipfx_slot *slot,
                        const struct hipfx_settings *settings, const struct hipfx_moment *moment,
                        struct hipfx_why *why)
{
    struct hipfx_frame in, out;
    if (!hipfx_link_begin(slot->link, &in, &out, why))
        return false;
    bool ok = hipfx_pipe_run(pipe, settings, moment, &in, &out, why);
    ok = hipfx_link_end(slot->link, why) && ok;
    hipfx_pipe_read_kernel_time(pipe);
    return ok;
}

static void note_graphics_time(struct hipfx_pipe *pipe, uint64_t start_ns)
{
    pthread_mutex_lock(&pipe->status->mutex);
    hipfx_samples_add(&pipe->status->graphics_ms, (double)(os_gettime_ns() - start_ns) * 1e-6);
    pthread_mutex_unlock(&pipe->status->mutex);
}

static void draw(struct hipfx_pipe *pipe, struct hipfx_slot *slot, obs_source_t *target,
                 obs_source_t *parent)
{
    hipfx_capture_draw_target(&slot->capture, target, parent);
    if (pipe->mask)
        hipfx_capture_draw_mask(&slot->capture, pipe->mask);
}

static enum hipfx_progress exact_frame(struct hipfx_pipe *pipe, obs_source_t *target,
                                       obs_source_t *parent, const struct hipfx_settings *settings,
                                       const struct hipfx_moment *moment, struct hipfx_why *why)
{
    struct hipfx_slot *slot = &pipe->slots[0];
    free_outgrown(pipe);
    const enum hipfx_progress made = make_slot(pipe, slot, false, why);
    if (made != HIPFX_PROGRESS_DONE)
        return made;
    draw(pipe, slot, target, parent);
    const uint64_t start_ns = os_gettime_ns();
    pipe->resumed = false;
    if (!filter_slot(pipe, slot, settings, moment, why))
        return HIPFX_PROGRESS_FAILED;
    note_graphics_time(pipe, start_ns);
    pipe->shown = slot;
    return HIPFX_PROGRESS_DONE;
}

static void frame_job(void *data)
{
    struct hipfx_pipe *pipe = data;
    struct hipfx_pipe_job *job = &pipe->job;
    const GLenum state = HIPFX_FAULT_POINT(HIPFX_FAULT_GL, "glClientWaitSync", GL_WAIT_FAILED,
                                           glClientWaitSync(job->drawn, 0, HIPFX_FRAME_TIMEOUT_NS));
    glDeleteSync(job->drawn);
    job->drawn = NULL;
    job->why = (struct hipfx_why){0};
    if (state == GL_TIMEOUT_EXPIRED || state == GL_WAIT_FAILED)
        job->ok = hipfx_fail(&job->why, "OpenGL did not finish a frame within %.1f s",
                             (double)HIPFX_FRAME_TIMEOUT_NS * 1e-9);
    else
        job->ok = HIP(&job->why, pipe->device->hip, hipSetDevice, pipe->device->ordinal) &&
                  filter_slot(pipe, job->slot, &job->settings, &job->moment, &job->why) &&
                  /* OBS draws the result in a context of its own. */
                  hipfx_gl_finish(HIPFX_FRAME_TIMEOUT_NS, &job->why);
    end_job(pipe);
}

/* Hands what was drawn into the slot to the worker. */
static bool submit_slot(struct hipfx_pipe *pipe, struct hipfx_slot *slot,
                        const struct hipfx_settings *settings, const struct hipfx_moment *moment,
                        struct hipfx_why *why)
{
    if (!pipe->worker)
        pipe->worker = hipfx_worker_create(NULL, NULL, why);
    if (!pipe->worker)
        return false;
    hipfx_gl_clear_errors();
    const GLsync drawn = HIPFX_FAULT_POINT(HIPFX_FAULT_GL, "glFenceSync", NULL,
                                           glFenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0));
    if (!drawn)
        return hipfx_fail(why, "glFenceSync gave no fence");
    glFlush();
    hipfx_settings_release(&pipe->job.settings);
    pipe->job = (struct hipfx_pipe_job){
        .slot = slot,
        .settings = hipfx_settings_ref(settings),
        .moment = *moment,
        .drawn = drawn,
    };
    pipe->resumed = false;
    submit(pipe, HIPFX_PIPE_FRAME, frame_job);
    return true;
}

/* The result of the frame before, and this frame on its way. Where the worker has not kept up, the
 * frame before that is shown again and this one is not taken. */
static enum hipfx_progress smooth_frame(struct hipfx_pipe *pipe, obs_source_t *target,
                                        obs_source_t *parent, const struct hipfx_settings *settings,
                                        const struct hipfx_moment *moment, struct hipfx_why *why)
{
    if (pipe->shown && !slot_fits(pipe, pipe->shown))
        pipe->shown = NULL; /* of another size: this frame passes through */
    if (!pipe->work) {
        struct hipfx_slot *slot = &pipe->slots[pipe->shown == &pipe->slots[0]];
        free_outgrown(pipe);
        const enum hipfx_progress made = make_slot(pipe, slot, true, why);
        if (made == HIPFX_PROGRESS_FAILED)
            return made;
        if (made == HIPFX_PROGRESS_DONE) {
            draw(pipe, slot, target, parent);
            const uint64_t start_ns = os_gettime_ns();
            if (!submit_slot(pipe, slot, settings, moment, why))
                return HIPFX_PROGRESS_FAILED;
            note_graphics_time(pipe, start_ns);
        }
    }
    return pipe->shown ? HIPFX_PROGRESS_DONE : HIPFX_PROGRESS_WAITING;
}

static enum hipfx_progress make_frame(struct hipfx_pipe *pipe, obs_source_t *target,
                                      obs_source_t *parent, obs_source_t *mask,
                                      const struct hipfx_settings *settings,
                                      const struct hipfx_moment *moment, struct hipfx_why *why)
{
    /* Once: another thread may change the source, or take it away, within the frame. */
    pipe->width_px = obs_source_get_base_width(target);
    pipe->height_px = obs_source_get_base_height(target);
    pipe->space = hipfx_capture_space(target);
    pipe->mask = mask;
    if (!pipe->width_px || !pipe->height_px)
        return HIPFX_PROGRESS_WAITING;
    /* Where no frame is taken, the next one is told. */
    pipe->resumed = pipe->resumed || moment->resumed;
    const struct hipfx_moment taken = {.time_s = moment->time_s, .resumed = pipe->resumed};
    /* Before HIP is called: one that hangs there is what the worker may be late for. */
    const enum hipfx_progress work = collect_work(pipe, why);
    if (work == HIPFX_PROGRESS_FAILED)
        return work;
    const enum hipfx_progress device = make_device(pipe, why);
    if (device != HIPFX_PROGRESS_DONE)
        return device;
    if (settings->smooth)
        return smooth_frame(pipe, target, parent, settings, &taken, why);
    if (work == HIPFX_PROGRESS_WAITING) /* from smooth to exact: the last smooth frame */
        return pipe->shown ? HIPFX_PROGRESS_DONE : HIPFX_PROGRESS_WAITING;
    hipfx_worker_dismiss(&pipe->worker);
    return exact_frame(pipe, target, parent, settings, &taken, why);
}

enum hipfx_progress hipfx_pipe_frame(struct hipfx_pipe *pipe, obs_source_t *target,
                                     obs_source_t *parent, obs_source_t *mask,
                                     const struct hipfx_settings *settings,
                                     const struct hipfx_moment *moment, struct hipfx_why *why)
{
    pipe->in_frame = true;
    const enum hipfx_progress progress =
        make_frame(pipe, target, parent, mask, settings, moment, why);
    pipe->in_frame = false;
    if (progress == HIPFX_PROGRESS_FAILED && device_is_lost(pipe))
        lose_device(pipe->device, why);
    return progress;
}
