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
        bool hidden;
        obs_weak_source_t *mask; /* a reference; NULL: none */
    } next;

    struct hipfx_hotkeys hotkeys; /* in ticks only */
    struct hipfx_mask mask;       /* in ticks only */

    /* From here on: whoever has entered the graphics context. */
    struct hipfx_settings own;      /* as this filter's were read */
    struct hipfx_settings settings; /* of the frame: on the way to another's, or its own, whose
                                       file it borrows */
    double moved;                   /* how far on that way, 0..1 */
    double clock_s, time_s;         /* of that frame; time_s is what effects see of it */
    bool interrupted;               /* since the frame that was filtered last, or there was none */
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

/* With a reference; NULL: there is none. */
static obs_source_t *get_mask(struct filter *f)
{
    pthread_mutex_lock(&f->status->mutex);
    obs_source_t *mask = obs_weak_source_get_source(f->next.mask);
    pthread_mutex_unlock(&f->status->mutex);
    return mask;
}

/* NULL with the reason. */
static obs_source_t *check_mask(struct filter *f, obs_source_t *parent, struct hipfx_why *why)
{
    obs_source_t *mask = get_mask(f);
    if (mask && !hipfx_mask_shows(mask, parent))
        return mask;
    if (mask)
        hipfx_fail(why, "the mask \"%s\" shows the source that it masks: choose another",
                   f->settings.mask);
    else if (f->settings.mask[0])
        hipfx_fail(why, "there is no source \"%s\" for the mask: choose another", f->settings.mask);
    else
        hipfx_fail(why, "no source is chosen for the mask: choose one");
    obs_source_release(mask);
    return NULL;
}

static enum hipfx_progress draw_frame(struct filter *f, obs_source_t *target, obs_source_t *parent,
                                      struct hipfx_why *why)
{
    const bool masked = f->settings.region.form == HIPFX_REGION_SOURCE;
    const struct hipfx_moment moment = {.time_s = f->time_s, .resumed = f->interrupted};
    obs_source_t *mask = masked ? check_mask(f, parent, why) : NULL;
    if (masked && !mask)
        return HIPFX_PROGRESS_FAILED;
    f->interrupted = false;
    const enum hipfx_progress progress =
        hipfx_pipe_frame(f->pipe, target, parent, mask, &f->settings, &moment, why);
    obs_source_release(mask);
    return progress;
}

static enum hipfx_progress filter_frame(struct filter *f, obs_source_t *target,
                                        obs_source_t *parent, struct hipfx_why *why)
{
    if (!f->settings.effect) {
        hipfx_fail(why, "effect \"%s\" is not known to this version: update obs-hipfx",
                   f->settings.unknown);
        return HIPFX_PROGRESS_FAILED;
    }
    const struct hipfx_file *file = f->settings.values.file;
    if (file && !hipfx_file_is_read(file))
        return HIPFX_PROGRESS_WAITING;
    if (file && !file->data) {
        hipfx_fail(why, "%s", file->why.text);
        return HIPFX_PROGRESS_FAILED;
    }
    if (!f->pipe)
        f->pipe = hipfx_pipe_create(f->status, why);
    if (!f->pipe)
        return HIPFX_PROGRESS_FAILED;
    return draw_frame(f, target, parent, why);
}

/* The result would be the input. */
static bool is_neutral(const struct hipfx_settings *settings, obs_source_t *target)
{
    const struct hipfx_reach reach =
        hipfx_region_reach(&settings->region, (int)obs_source_get_base_width(target),
                           (int)obs_source_get_base_height(target));
    return hipfx_reach_is_empty(&reach) || settings->effect->is_neutral(&settings->values);
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

    if (f->settings.effect && is_neutral(&f->settings, target)) {
        f->interrupted = true;
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

/* A picture older than this is not gone on from; nor is any if the clock that effects see has
 * jumped. */
#define GAP_S  0.25
#define JUMP_S 1.0

/* Whether something lies between the last frame and this one. Frames that merely come slowly are
 * frames one after the other. */
static bool is_interrupted(const struct filter *f, double time_s)
{
    const bool gap = f->next.ticks - f->ticks > 1 && f->next.clock_s - f->clock_s > GAP_S;
    const bool jump = time_s < f->time_s || time_s - f->time_s > JUMP_S;
    return f->next.hidden || gap || jump;
}

/* As long as a new file is being read, the settings before stay. */
static bool settings_are_due(const struct filter *f)
{
    const struct hipfx_file *file = f->next.settings.values.file;
    return f->next.settings_changed && (!file || !f->own.effect || hipfx_file_is_read(file));
}

/* Takes what was left for this frame. False if this frame's work is done already. */
static bool begin_frame(struct filter *f)
{
    pthread_mutex_lock(&f->status->mutex);
    const bool fresh = f->ticks != f->next.ticks;
    const double time_s =
        f->status->fixed_time_s >= 0.0 ? f->status->fixed_time_s : f->next.clock_s;
    f->interrupted = f->interrupted || is_interrupted(f, time_s);
    f->next.hidden = false;
    f->ticks = f->next.ticks;
    f->clock_s = f->next.clock_s;
    f->time_s = time_s;
    if (fresh && settings_are_due(f)) {
        hipfx_settings_release(&f->own);
        f->own = hipfx_settings_ref(&f->next.settings);
        f->next.settings_changed = false;
        f->failed = false;
    }
    pthread_mutex_unlock(&f->status->mutex);
    return fresh;
}

/* True if the frame is to be filtered with other settings than when it was last drawn. */
static bool take_move(struct filter *f)
{
    const double before = f->moved;
    struct hipfx_move move = hipfx_move_begin(f->source);
    f->moved = move.t;
    f->settings = f->own;
    if (move.to) {
        struct filter *other = obs_obj_get_data(move.to);
        pthread_mutex_lock(&other->status->mutex);
        f->settings = hipfx_settings_between(&f->own, &other->next.settings, move.t);
        pthread_mutex_unlock(&other->status->mutex);
    } else if (move.t > 0.0) {
        f->settings = hipfx_settings_between(&f->own, NULL, move.t);
    }
    hipfx_move_end(&move);
    return f->moved != before;
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
    if (f->own.region.form == HIPFX_REGION_SOURCE && hipfx_capture_is_drawing_mask()) {
        pass_through(f);
        return;
    }
    const bool fresh = begin_frame(f);
    if (take_move(f) || fresh)
        f->drawable = make_frame(f, target, parent);
    /* Another filter's frame may have found the device lost since. */
    if (f->drawable && f->pipe->shown)
        hipfx_capture_draw_output(&f->pipe->shown->capture);
    else
        pass_through(f);
}

/* A frame that failed without its mask is tried again with it. */
static void follow_mask(struct filter *f, const char *name)
{
    if (!hipfx_mask_follow(&f->mask, name))
        return;
    pthread_mutex_lock(&f->status->mutex);
    obs_weak_source_release(f->next.mask);
    obs_weak_source_addref(f->mask.source);
    f->next.mask = f->mask.source;
    f->next.settings_changed = true;
    pthread_mutex_unlock(&f->status->mutex);
}

static void filter_tick(void *data, float seconds)
{
    struct filter *f = data;
    char mask[HIPFX_NAME_SIZE];
    pthread_mutex_lock(&f->status->mutex);
    f->next.clock_s += (double)seconds;
    f->next.ticks++;
    memcpy(mask, f->next.settings.mask, sizeof(mask));
    pthread_mutex_unlock(&f->status->mutex);
    hipfx_hotkeys_follow(&f->hotkeys, f->source);
    follow_mask(f, mask);
}

static void filter_hide(void *data)
{
    struct filter *f = data;
    pthread_mutex_lock(&f->status->mutex);
    f->next.hidden = true;
    pthread_mutex_unlock(&f->status->mutex);
}

static void filter_update(void *data, obs_data_t *data_settings)
{
    struct filter *f = data;
    pthread_mutex_lock(&f->status->mutex);
    struct hipfx_settings before = hipfx_settings_ref(&f->next.settings);
    pthread_mutex_unlock(&f->status->mutex);

    const struct hipfx_settings settings = hipfx_settings_read(data_settings, &before);
    if (settings.values.file && settings.values.file != before.values.file)
        hipfx_files_read(settings.values.file);
    hipfx_settings_release(&before);

    pthread_mutex_lock(&f->status->mutex);
    hipfx_settings_release(&f->next.settings);
    f->next.settings = settings; /* with its reference */
    f->next.settings_changed = true;
    pthread_mutex_unlock(&f->status->mutex);
}

static void filter_destroy(void *data)
{
    struct filter *f = data;
    hipfx_mask_leave_names(f->source);
    hipfx_hotkeys_destroy(&f->hotkeys);
    hipfx_mask_destroy(&f->mask);
    obs_weak_source_release(f->next.mask);
    obs_enter_graphics();
    hipfx_pipe_destroy(&f->pipe);
    obs_leave_graphics();
    hipfx_settings_release(&f->own);
    hipfx_settings_release(&f->next.settings);
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
    f->interrupted = true;
    filter_update(f, settings);
    hipfx_report_register(f->status, source);
    hipfx_mask_watch_names(source);
    return f;
}

static obs_properties_t *filter_properties(void *data)
{
    struct filter *f = data;
    if (!f)
        return hipfx_properties(NULL, NULL);
    obs_data_t *settings = obs_source_get_settings(f->source);
    hipfx_presets_drop_orders(settings);
    obs_data_release(settings);
    return hipfx_properties(f->source, f->status);
}

static void replace_file(void *data, const char *path, void *effect)
{
    const struct filter *f = data;
    hipfx_files_replace(f->source, effect, path);
}

static obs_missing_files_t *filter_missing_files(void *data)
{
    const struct filter *f = data;
    return hipfx_files_missing(f->source, replace_file);
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
    .hide = filter_hide,
    .video_tick = filter_tick,
    .video_render = filter_render,
    .video_get_color_space = filter_color_space,
    .missing_files = filter_missing_files,
};
