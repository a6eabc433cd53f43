#define _GNU_SOURCE /* gettid */
#include "plugin/plugin.h"

#include <string.h>
#include <unistd.h>
#include <util/platform.h>

struct filter {
    obs_source_t *source;
    struct hipfx_status status;

    /* What other threads leave for the next frame, under status.mutex: sources are ticked and
     * updated without the graphics context, while a program may be drawing them on a thread of its
     * own. */
    struct {
        struct hipfx_settings settings;
        bool settings_changed;
        double clock_s;
        uint64_t ticks;
    } next;

    /* From here on: whoever has entered the graphics context. */
    struct hipfx_settings settings;
    double time_s;
    uint64_t ticks; /* of the frame whose work is done, however often OBS draws it */
    bool drawable;  /* ... and `capture.output` holds its result */
    bool failed;    /* latched: frames pass through until something changes */
    uint32_t failed_width_px, failed_height_px;
    struct hipfx_why told; /* the failure that the log tells of already */
    pid_t thread;          /* that drew the last frame: OBS starts another when it resets video */

    struct hipfx_device *device;
    hipStream_t stream;
    hipEvent_t kernels_begin, kernels_end;
    bool kernels_timed; /* both events were recorded and not read yet */
    struct hipfx_scratch scratch;
    struct hipfx_capture capture;
    struct hipfx_link *link;
};

static const char *filter_name(void *unused)
{
    UNUSED_PARAMETER(unused);
    return obs_module_text("HipEffects");
}

/* What belongs to one size and format. */
static void drop_link(struct filter *f)
{
    hipfx_link_destroy(&f->link);
    hipfx_capture_destroy(&f->capture);
}

static void note_teardown(bool ok, const struct hipfx_why *why)
{
    if (!ok)
        PLUGIN_LOG(LOG_WARNING, "while freeing: %s", why->text);
}

/* All that was made on the device, whatever of it there is. Graphics context entered. */
static void drop_device(struct filter *f)
{
    struct hipfx_why why = {0};
    drop_link(f);
    if (f->stream) {
        const struct hipfx_hip *hip = f->device->hip;
        hipfx_scratch_free(hip, &f->scratch);
        if (f->kernels_begin)
            note_teardown(HIP(&why, hip, hipEventDestroy, f->kernels_begin), &why);
        if (f->kernels_end)
            note_teardown(HIP(&why, hip, hipEventDestroy, f->kernels_end), &why);
        note_teardown(HIP(&why, hip, hipStreamDestroy, f->stream), &why);
    }
    f->kernels_begin = f->kernels_end = NULL;
    f->kernels_timed = false;
    f->stream = NULL;
    hipfx_device_release(&f->device);
}

/* What a step of making a frame came to. */
enum progress {
    PROGRESS_FAILED = 0,
    PROGRESS_WAITING, /* the device is being opened: frames pass through until then */
    PROGRESS_DONE,
};

static enum progress make_device(struct filter *f, struct hipfx_why *why)
{
    if (f->stream)
        return HIP(why, f->device->hip, hipSetDevice, f->device->ordinal) ? PROGRESS_DONE
                                                                          : PROGRESS_FAILED;
    if (!f->device)
        f->device = hipfx_device_acquire(why);
    if (!f->device)
        return PROGRESS_FAILED;
    switch (atomic_load(&f->device->state)) {
    case HIPFX_DEVICE_OPENING:
        return PROGRESS_WAITING;
    case HIPFX_DEVICE_FAILED:
        hipfx_fail(why, "%s", f->device->why.text);
        return PROGRESS_FAILED;
    }
    const struct hipfx_hip *hip = f->device->hip;
    if (HIP(why, hip, hipSetDevice, f->device->ordinal) &&
        HIP(why, hip, hipStreamCreateWithFlags, &f->stream, hipStreamNonBlocking) &&
        HIP(why, hip, hipEventCreateWithFlags, &f->kernels_begin, hipEventDefault) &&
        HIP(why, hip, hipEventCreateWithFlags, &f->kernels_end, hipEventDefault))
        return PROGRESS_DONE;
    return PROGRESS_FAILED;
}

static void show_link(struct filter *f, const struct hipfx_rungs *rungs, enum hipfx_pixel format)
{
    struct hipfx_status *status = &f->status;
    const struct hipfx_device *device = f->device;
    pthread_mutex_lock(&status->mutex);
    snprintf(status->device, sizeof(status->device), "%s", device->hip->name);
    snprintf(status->device_name, sizeof(status->device_name), "%s", device->name);
    snprintf(status->driver, sizeof(status->driver), "%s",
             device->vk ? device->vk->driver : device->gl.version);
    status->runtime_version = device->hip->runtime_version;
    status->rungs = *rungs;
    status->width_px = (int)f->capture.width_px;
    status->height_px = (int)f->capture.height_px;
    status->format = format;
    status->host_bytes = hipfx_link_host_bytes(f->link);
    pthread_mutex_unlock(&status->mutex);
}

static bool make_link(struct filter *f, uint32_t width_px, uint32_t height_px,
                      enum gs_color_space space, struct hipfx_why *why)
{
    if (f->link && f->capture.width_px == width_px && f->capture.height_px == height_px &&
        f->capture.space == space)
        return true;
    drop_link(f);

    const enum hipfx_pixel format = hipfx_capture_format(space);
    const struct hipfx_rungs *rungs = hipfx_device_rungs(f->device, format, f->stream, why);
    if (!rungs || !hipfx_capture_create(&f->capture, width_px, height_px, space, why))
        return false;
    const struct hipfx_link_params params = {
        .hip = f->device->hip,
        .stream = f->stream,
        .vk = f->device->vk,
        .input = hipfx_capture_gl_name(f->capture.input),
        .output = hipfx_capture_gl_name(f->capture.output),
        .width_px = (int)width_px,
        .height_px = (int)height_px,
        .format = format,
    };
    f->link = hipfx_link_create(&params, rungs, why);
    if (!f->link)
        return false;
    show_link(f, rungs, format);
    return true;
}

/* Not before the kernels have ended, which may be a few frames later. */
static void read_kernel_time(struct filter *f)
{
    const struct hipfx_hip *hip = f->device->hip;
    float ms = 0.0f;
    if (!f->kernels_timed || hip->hipEventQuery(f->kernels_end) == hipErrorNotReady)
        return;
    f->kernels_timed = false;
    if (hip->hipEventElapsedTime(&ms, f->kernels_begin, f->kernels_end) != hipSuccess)
        return;
    pthread_mutex_lock(&f->status.mutex);
    hipfx_samples_add(&f->status.kernel_ms, ms);
    pthread_mutex_unlock(&f->status.mutex);
}

static bool run_effect(struct filter *f, const struct hipfx_frame *in,
                       const struct hipfx_frame *out, struct hipfx_why *why)
{
    const struct hipfx_hip *hip = f->device->hip;
    const struct hipfx_run run = {
        .kernels = f->device->kernels,
        .stream = f->stream,
        .scratch = &f->scratch,
        .time_s = f->time_s,
        .why = why,
    };
    if (f->kernels_timed)
        return f->settings.effect->apply(&run, &f->settings.values, in, out);
    f->kernels_timed = HIP(why, hip, hipEventRecord, f->kernels_begin, f->stream) &&
                       f->settings.effect->apply(&run, &f->settings.values, in, out) &&
                       HIP(why, hip, hipEventRecord, f->kernels_end, f->stream);
    return f->kernels_timed;
}

/* The route of a frame: OBS draws the target into `input`, the link brings it to HIP, the effect
 * makes `out` of `in`, the link brings it back, and `output` holds the result. */
static enum progress process_frame(struct filter *f, obs_source_t *target, obs_source_t *parent,
                                   struct hipfx_why *why)
{
    const uint32_t width_px = obs_source_get_base_width(target);
    const uint32_t height_px = obs_source_get_base_height(target);
    const enum progress device = make_device(f, why);
    if (device != PROGRESS_DONE)
        return device;
    if (!make_link(f, width_px, height_px, hipfx_capture_space(target), why))
        return PROGRESS_FAILED;
    hipfx_capture_draw_target(&f->capture, target, parent);

    const uint64_t start_ns = os_gettime_ns();
    struct hipfx_frame in, out;
    if (!hipfx_link_begin(f->link, &in, &out, why))
        return PROGRESS_FAILED;
    bool ok = run_effect(f, &in, &out, why);
    ok = hipfx_link_end(f->link, why) && ok;
    read_kernel_time(f);

    pthread_mutex_lock(&f->status.mutex);
    hipfx_samples_add(&f->status.graphics_ms, (double)(os_gettime_ns() - start_ns) * 1e-6);
    pthread_mutex_unlock(&f->status.mutex);
    return ok ? PROGRESS_DONE : PROGRESS_FAILED;
}

static void set_state(struct filter *f, enum hipfx_state state, const struct hipfx_why *why)
{
    struct hipfx_status *status = &f->status;
    pthread_mutex_lock(&status->mutex);
    const bool changed = status->state != state;
    status->state = state;
    status->why = why ? *why : (struct hipfx_why){0};
    status->effect = f->settings.effect ? f->settings.effect->id : NULL;
    status->frames++;
    if (state != HIPFX_STATE_READY)
        status->passthrough_frames++;
    pthread_mutex_unlock(&status->mutex);
    if (changed)
        obs_source_update_properties(f->source); /* the panel shows the state */
}

/* Frees what was half built and lets frames pass until a setting, the size or the video changes. */
static void latch_failure(struct filter *f, obs_source_t *target, const struct hipfx_why *why)
{
    f->failed = true;
    f->failed_width_px = obs_source_get_base_width(target);
    f->failed_height_px = obs_source_get_base_height(target);
    /* Moving a slider tries again at each step: one line is enough for the same reason. */
    if (strcmp(f->told.text, why->text) != 0)
        PLUGIN_LOG(LOG_WARNING, "'%s' lets frames pass through unfiltered: %s",
                   obs_source_get_name(f->source), why->text);
    f->told = *why;
    drop_device(f);
}

/* A context that was rebuilt took its names with it: they must not be deleted in the new one. */
static void check_graphics(struct filter *f)
{
    if (f->thread != gettid()) {
        f->thread = gettid();
        f->failed = false;
    }
    if (f->device && f->device->gl_context != hipfx_device_current_context()) {
        hipfx_link_forget_gl(f->link);
        f->capture.input = f->capture.output = NULL;
        drop_device(f);
    }
}

static bool size_changed(const struct filter *f, obs_source_t *target)
{
    return obs_source_get_base_width(target) != f->failed_width_px ||
           obs_source_get_base_height(target) != f->failed_height_px;
}

/* Once per frame. True if `output` holds the frame's result; otherwise it passes through. */
static bool make_frame(struct filter *f, obs_source_t *target, obs_source_t *parent)
{
    struct hipfx_why why = {0};
    check_graphics(f);
    if (!obs_source_get_base_width(target) || !obs_source_get_base_height(target))
        return false;
    if (f->failed && !size_changed(f, target)) {
        pthread_mutex_lock(&f->status.mutex);
        f->status.frames++;
        f->status.passthrough_frames++;
        pthread_mutex_unlock(&f->status.mutex);
        return false;
    }
    f->failed = false;

    if (f->settings.effect && f->settings.effect->is_neutral(&f->settings.values)) {
        set_state(f, HIPFX_STATE_READY, NULL);
        return false;
    }
    enum progress progress = PROGRESS_FAILED;
    if (f->settings.effect)
        progress = process_frame(f, target, parent, &why);
    else
        hipfx_fail(&why, "effect \"%s\" is not known to this version: update obs-hipfx",
                   f->settings.unknown);
    static const enum hipfx_state states[] = {
        [PROGRESS_FAILED] = HIPFX_STATE_PASSTHROUGH,
        [PROGRESS_WAITING] = HIPFX_STATE_STARTING,
        [PROGRESS_DONE] = HIPFX_STATE_READY,
    };
    set_state(f, states[progress], &why);
    if (progress == PROGRESS_FAILED)
        latch_failure(f, target, &why);
    else if (progress == PROGRESS_DONE)
        f->told = (struct hipfx_why){0};
    return progress == PROGRESS_DONE;
}

/* Takes what was left for this frame. False if this frame's work is done already. */
static bool begin_frame(struct filter *f)
{
    pthread_mutex_lock(&f->status.mutex);
    const bool fresh = f->ticks != f->next.ticks;
    f->ticks = f->next.ticks;
    f->time_s = f->status.fixed_time_s >= 0.0 ? f->status.fixed_time_s : f->next.clock_s;
    if (fresh && f->next.settings_changed) {
        f->settings = f->next.settings;
        f->next.settings_changed = false;
        f->failed = false;
    }
    pthread_mutex_unlock(&f->status.mutex);
    return fresh;
}

/* libobs takes a filter off its source without waiting for the frame, and cannot skip one that has
 * none. */
static void pass_through(const struct filter *f)
{
    if (obs_filter_get_target(f->source) && obs_filter_get_parent(f->source))
        obs_source_skip_video_filter(f->source);
}

static void filter_render(void *data, gs_effect_t *unused)
{
    UNUSED_PARAMETER(unused);
    struct filter *f = data;
    obs_source_t *target = obs_filter_get_target(f->source);
    obs_source_t *parent = obs_filter_get_parent(f->source);
    if (!target || !parent)
        return;
    if (begin_frame(f))
        f->drawable = make_frame(f, target, parent);
    if (f->drawable)
        hipfx_capture_draw_output(&f->capture);
    else
        pass_through(f);
}

static void filter_tick(void *data, float seconds)
{
    struct filter *f = data;
    pthread_mutex_lock(&f->status.mutex);
    f->next.clock_s += (double)seconds;
    f->next.ticks++;
    pthread_mutex_unlock(&f->status.mutex);
}

static void filter_update(void *data, obs_data_t *data_settings)
{
    struct filter *f = data;
    const struct hipfx_settings settings = hipfx_settings_read(data_settings);
    pthread_mutex_lock(&f->status.mutex);
    f->next.settings = settings;
    f->next.settings_changed = true;
    pthread_mutex_unlock(&f->status.mutex);
}

static void filter_destroy(void *data)
{
    struct filter *f = data;
    obs_enter_graphics();
    drop_device(f);
    obs_leave_graphics();
    pthread_mutex_destroy(&f->status.mutex);
    bfree(f);
}

static void *filter_create(obs_data_t *settings, obs_source_t *source)
{
    struct filter *f = bzalloc(sizeof(*f));
    f->source = source;
    f->status.fixed_time_s = -1.0;
    f->ticks = UINT64_MAX; /* no frame yet */
    if (pthread_mutex_init(&f->status.mutex, NULL) != 0) {
        bfree(f);
        return NULL;
    }
    filter_update(f, settings);
    hipfx_report_register(&f->status, source);
    return f;
}

static obs_properties_t *filter_properties(void *data)
{
    struct filter *f = data;
    return hipfx_properties(f ? &f->status : NULL);
}

/* The filter gives what it takes. */
static enum gs_color_space filter_color_space(void *data, size_t count,
                                              const enum gs_color_space *preferred)
{
    UNUSED_PARAMETER(count);
    UNUSED_PARAMETER(preferred);
    struct filter *f = data;
    obs_source_t *target = obs_filter_get_target(f->source);
    return target ? hipfx_capture_space(target) : GS_CS_SRGB;
}

struct obs_source_info hipfx_filter_info = {
    .id = "hipfx_filter",
    .type = OBS_SOURCE_TYPE_FILTER,
    .output_flags = OBS_SOURCE_VIDEO | OBS_SOURCE_SRGB,
    .get_name = filter_name,
    .create = filter_create,
    .destroy = filter_destroy,
    .get_defaults = hipfx_settings_defaults,
    .get_properties = filter_properties,
    .update = filter_update,
    .video_tick = filter_tick,
    .video_render = filter_render,
    .video_get_color_space = filter_color_space,
};
