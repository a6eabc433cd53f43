#define _GNU_SOURCE /* gettid */
#include "plugin/pipe.h"
#include "plugin/plugin.h"

#include <string.h>
#include <unistd.h>

struct filter {
    obs_source_t *source;
    struct hipfx_status *status;

    /* What other threads leave for the next frame, under status->mutex: sources are ticked and
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
    bool drawable;  /* ... and the pipe has something to show */
    bool failed;    /* latched: frames pass through until something changes */
    uint32_t failed_width_px, failed_height_px;
    struct hipfx_why told; /* the failure that the log tells of already */
    pid_t thread;          /* that drew the last frame: OBS starts another when it resets video */

    struct hipfx_pipe *pipe;
};

static const char *filter_name(void *unused)
{
    UNUSED_PARAMETER(unused);
    return obs_module_text("HipEffects");
}

static void set_state(struct filter *f, enum hipfx_state state, const struct hipfx_why *why)
{
    struct hipfx_status *status = f->status;
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
    hipfx_pipe_destroy(&f->pipe);
}

static void check_graphics(struct filter *f)
{
    if (f->thread != gettid()) {
        f->thread = gettid();
        f->failed = false;
    }
    if (f->pipe && hipfx_pipe_is_stale(f->pipe))
        hipfx_pipe_destroy(&f->pipe);
}

static bool size_changed(const struct filter *f, obs_source_t *target)
{
    return obs_source_get_base_width(target) != f->failed_width_px ||
           obs_source_get_base_height(target) != f->failed_height_px;
}

static enum hipfx_progress filter_frame(struct filter *f, obs_source_t *target,
                                        obs_source_t *parent, struct hipfx_why *why)
{
    if (!f->settings.effect) {
        hipfx_fail(why, "effect \"%s\" is not known to this version: update obs-hipfx",
                   f->settings.unknown);
        return HIPFX_PROGRESS_FAILED;
    }
    if (!f->pipe)
        f->pipe = hipfx_pipe_create(f->status, why);
    if (!f->pipe)
        return HIPFX_PROGRESS_FAILED;
    return hipfx_pipe_frame(f->pipe, target, parent, &f->settings, f->time_s, why);
}

/* Once per frame. True if `output` holds the frame's result; otherwise it passes through. */
static bool make_frame(struct filter *f, obs_source_t *target, obs_source_t *parent)
{
    struct hipfx_why why = {0};
    check_graphics(f);
    if (!obs_source_get_base_width(target) || !obs_source_get_base_height(target))
        return false;
    if (f->failed && !size_changed(f, target)) {
        pthread_mutex_lock(&f->status->mutex);
        f->status->frames++;
        f->status->passthrough_frames++;
        pthread_mutex_unlock(&f->status->mutex);
        return false;
    }
    f->failed = false;

    if (f->settings.effect && f->settings.effect->is_neutral(&f->settings.values)) {
        set_state(f, HIPFX_STATE_READY, NULL);
        return false;
    }
    const enum hipfx_progress progress = filter_frame(f, target, parent, &why);
    static const enum hipfx_state states[] = {
        [HIPFX_PROGRESS_FAILED] = HIPFX_STATE_PASSTHROUGH,
        [HIPFX_PROGRESS_WAITING] = HIPFX_STATE_STARTING,
        [HIPFX_PROGRESS_DONE] = HIPFX_STATE_READY,
    };
    set_state(f, states[progress], &why);
    if (progress == HIPFX_PROGRESS_FAILED)
        latch_failure(f, target, &why);
    else if (progress == HIPFX_PROGRESS_DONE)
        f->told = (struct hipfx_why){0};
    return progress == HIPFX_PROGRESS_DONE;
}

/* Takes what was left for this frame. False if this frame's work is done already. */
static bool begin_frame(struct filter *f)
{
    pthread_mutex_lock(&f->status->mutex);
    const bool fresh = f->ticks != f->next.ticks;
    f->ticks = f->next.ticks;
    f->time_s = f->status->fixed_time_s >= 0.0 ? f->status->fixed_time_s : f->next.clock_s;
    if (fresh && f->next.settings_changed) {
        f->settings = f->next.settings;
        f->next.settings_changed = false;
        f->failed = false;
    }
    pthread_mutex_unlock(&f->status->mutex);
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
    /* Another filter's frame may have found the device lost since. */
    if (f->drawable && f->pipe->shown)
        hipfx_capture_draw_output(&f->pipe->shown->capture);
    else
        pass_through(f);
}

static void filter_tick(void *data, float seconds)
{
    struct filter *f = data;
    pthread_mutex_lock(&f->status->mutex);
    f->next.clock_s += (double)seconds;
    f->next.ticks++;
    pthread_mutex_unlock(&f->status->mutex);
}

static void filter_update(void *data, obs_data_t *data_settings)
{
    struct filter *f = data;
    const struct hipfx_settings settings = hipfx_settings_read(data_settings);
    pthread_mutex_lock(&f->status->mutex);
    f->next.settings = settings;
    f->next.settings_changed = true;
    pthread_mutex_unlock(&f->status->mutex);
}

static void filter_destroy(void *data)
{
    struct filter *f = data;
    obs_enter_graphics();
    hipfx_pipe_destroy(&f->pipe);
    obs_leave_graphics();
    hipfx_status_release(f->status);
    bfree(f);
}

static void *filter_create(obs_data_t *settings, obs_source_t *source)
{
    struct hipfx_status *status = hipfx_status_create();
    if (!status)
        return NULL;
    struct filter *f = bzalloc(sizeof(*f));
    f->source = source;
    f->status = status;
    f->ticks = UINT64_MAX; /* no frame yet */
    filter_update(f, settings);
    hipfx_report_register(f->status, source);
    return f;
}

static obs_properties_t *filter_properties(void *data)
{
    struct filter *f = data;
    return hipfx_properties(f ? f->status : NULL);
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
