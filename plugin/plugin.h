/* What the parts of the plugin share: the filter and the device that all filters use.
 *
 * Threads, by libobs's rules: video_tick and video_render run on the graphics thread; create,
 * properties and the procedures on any; destroy on a thread of its own. What the graphics thread
 * shows to the others stands in struct hipfx_status, under its mutex; the mutex is never held while
 * the graphics context is being entered. */
#pragma once

#include "interop/link.h"
#include "kernels/effect.h"
#include "plugin/worker.h"

#include <obs-module.h>
#include <pthread.h>
#include <stdatomic.h>

#define PLUGIN_LOG(level, format, ...) blog(level, "[obs-hipfx] " format, ##__VA_ARGS__)

/* device.c: what all filters share for as long as one of them lives. It is opened, and its rungs
 * are chosen and proved, on a thread of its own, which makes filters' links afterwards: a GL
 * context for each filter would hold up OBS's, since drivers make one under a lock (NVIDIA's 580:
 * 27 ms, and 12 ms to destroy it). What stands below `state` may be read once that is no longer
 * OPENING. */
enum hipfx_device_state {
    HIPFX_DEVICE_OPENING = 0,
    HIPFX_DEVICE_READY,
    HIPFX_DEVICE_FAILED,
    HIPFX_DEVICE_LOST, /* HIP gives nothing but errors there, until nobody holds it any more */
};

/* How frames of one format travel. */
struct hipfx_device_way {
    struct hipfx_rungs rungs; /* memory AUTO: there are none */
    struct hipfx_why why;     /* ... and why */
    bool told;                /* the log has them */
};

struct hipfx_device {
    /* Under device.c's mutex. */
    int references;
    bool uses_hip;   /* what is being opened or held is HIP's */
    bool unfinished; /* others must not begin before this one is gone, or its work has ended */

    void *gl_context;            /* the context that it was made for */
    struct hipfx_worker *worker; /* its thread */
    struct hipfx_gl_caps gl;
    struct hipfx_force force;
    uint64_t since_ns; /* when opening it began */
    atomic_int trying; /* enum hipfx_hip_kind: whose runtime is being opened */

    atomic_int state;     /* enum hipfx_device_state */
    struct hipfx_why why; /* FAILED, LOST: the reason */
    struct hipfx_vk *vk;
    const struct hipfx_hip *hip;
    int ordinal; /* HIP's number of the device, for hipSetDevice */
    struct hipfx_kernels *kernels;
    char name[256];     /* HIP's name of the device */
    char skipped[512];  /* providers passed over, and why; "" if none */
    hipStream_t stream; /* for test frames, while it is opened */
    struct hipfx_device_way ways[HIPFX_PIXEL_RGBA16F + 1]; /* by format */
};

/* With the graphics context entered. NULL with the reason if not even opening could begin. */
struct hipfx_device *hipfx_device_acquire(struct hipfx_why *why);
/* Any thread. */
void hipfx_device_release(struct hipfx_device **device);
/* Waits, bounded, for devices that are still being opened. */
void hipfx_device_unload(void);

/* True, with the reason, if it has been opening for longer than any driver should take: one that
 * hangs cannot be ended, and frames pass through meanwhile. */
bool hipfx_device_is_overdue(struct hipfx_device *device, struct hipfx_why *why);

/* For one on which HIP gives nothing but errors, with the graphics context entered: whoever holds
 * it is to let go of it, and destroy before that what it has there. The last one gone, HIP's device
 * is reset, and the next to be acquired is opened anew. */
void hipfx_device_lose(struct hipfx_device *device, const struct hipfx_why *why);

/* True while HIP works on a test frame that was given up: its runtime may wait for that whenever
 * memory is freed. Any thread. */
bool hipfx_device_hangs(void);

/* The context that is current on this thread, for telling whether it was rebuilt. */
void *hipfx_device_current_context(void);

/* The rungs for a format, logged on first use. NULL with the reason; the next to acquire a device
 * gets another then, which tries again. */
const struct hipfx_rungs *hipfx_device_rungs(struct hipfx_device *device, enum hipfx_pixel format,
                                             struct hipfx_why *why);

/* An effect's parameters, and what all effects have. */
#define HIPFX_REFUSED_MAX (HIPFX_PARAMS_MAX + 16)

/* Marks of the values that could not be used. */
struct hipfx_refused {
    uint32_t marks[HIPFX_REFUSED_MAX];
    int count;
};

/* Of a source, for what is kept of it: more than OBS lets anybody type, in any script. */
#define HIPFX_NAME_SIZE 1024

/* settings.c: an effect and its values, as read from a filter's settings. It holds a reference to
 * the values' file: a copy is made with hipfx_settings_ref. */
struct hipfx_settings {
    const struct hipfx_effect *effect; /* NULL: `unknown` says which effect was asked for */
    struct hipfx_values values;
    struct hipfx_region region;
    char mask[HIPFX_NAME_SIZE]; /* the source that a region takes the alpha of; "": none */
    bool smooth;                /* show the frame before rather than wait for this one */
    char unknown[64];
    struct hipfx_refused refused;
};

#define SETTING_EFFECT "effect"
#define SETTING_MODE   "mode" /* "exact" or "smooth" */
#define SETTING_REGION "region"
#define SETTING_MASK   "region.source" /* a source's name */

void hipfx_settings_defaults(obs_data_t *data);
/* A value that cannot be used gives its parameter's default with a line in the log. `before`, or
 * NULL: its file is taken again unless that has changed, and what was refused there has had its
 * line. A new file is not read yet. */
struct hipfx_settings hipfx_settings_read(obs_data_t *data, const struct hipfx_settings *before);
struct hipfx_settings hipfx_settings_ref(const struct hipfx_settings *settings);
void hipfx_settings_release(struct hipfx_settings *settings); /* to none */

/* between.c: `t` of the way, 0..1, from one filter's settings to another's. Where `to` is NULL, or
 * of another effect, the effect fades away. What is not a number is `from`'s. */
struct hipfx_settings hipfx_settings_between(const struct hipfx_settings *from,
                                             const struct hipfx_settings *to, double t);

/* "effect.parameter", as settings and locale files name it. */
struct hipfx_key {
    char text[96];
};
struct hipfx_key hipfx_settings_key(const struct hipfx_effect *effect, const char *name);

/* files.c: the files that settings name. */

/* Reads a file that was created just now, on a thread of its own: libobs updates filters on the
 * graphics thread. */
void hipfx_files_read(struct hipfx_file *file);
/* Files that the source's settings name and that are gone, for OBS's dialog. `replace` is called
 * with the source's data, the new path and the effect. */
obs_missing_files_t *hipfx_files_missing(obs_source_t *source, obs_missing_file_cb replace);
void hipfx_files_replace(obs_source_t *source, const struct hipfx_effect *effect, const char *path);

/* report.c: what the filter tells of itself, to the panel and to scripts. */
#define HIPFX_SAMPLES 1024

struct hipfx_samples {
    float ms[HIPFX_SAMPLES]; /* a ring of the last ones */
    uint64_t count;
};

enum hipfx_state {
    HIPFX_STATE_STARTING = 0, /* not drawn yet, or not ready: frames pass through */
    HIPFX_STATE_READY,        /* the last frame was filtered, or needed no filtering */
    HIPFX_STATE_PASSTHROUGH,  /* something failed: frames pass through, `why` says why */
};

struct hipfx_status {
    atomic_int references; /* the filter's, and those of its work */
    pthread_mutex_t mutex;
    enum hipfx_state state;
    struct hipfx_why why;
    char device[16], device_name[256], driver[520];
    int runtime_version;
    struct hipfx_rungs rungs;
    const char *effect;
    bool in_flight; /* smooth: the worker has a frame */
    int width_px, height_px;
    enum hipfx_pixel format;
    uint64_t frames, passthrough_frames, host_bytes;
    uint64_t first_frames; /* those that an effect began anew with */
    struct hipfx_samples graphics_ms, kernel_ms;
    double fixed_time_s; /* below 0: the filter's own clock runs */
};

/* NULL if no mutex can be had. */
struct hipfx_status *hipfx_status_create(void);
struct hipfx_status *hipfx_status_ref(struct hipfx_status *status);
void hipfx_status_release(struct hipfx_status *status);

void hipfx_samples_add(struct hipfx_samples *samples, double ms);
void hipfx_report_register(struct hipfx_status *status, obs_source_t *source);
/* One line for the panel; true if it is a warning. */
bool hipfx_report_line(struct hipfx_status *status, char *line, size_t size);

/* properties.c: `source` is NULL where OBS asks for a panel without a filter. */
obs_properties_t *hipfx_properties(obs_source_t *source, struct hipfx_status *status);

/* presets.c: the rows by which presets are chosen, loaded and saved. What such a row is set to is
 * an order, which is carried out and taken back; it is no setting. */
void hipfx_presets_add(obs_properties_t *props, obs_source_t *source);
/* Lists those of the effect. */
void hipfx_presets_list(obs_properties_t *props, const char *effect);
/* Orders that were never carried out, such as those in a file that was edited, are dropped. */
void hipfx_presets_drop_orders(obs_data_t *settings);

/* move.c: the Move plugin's transition, if one is under way. */
struct hipfx_move {
    double t;                /* 0: none is */
    obs_source_t *to;        /* a filter of ours; NULL: none */
    obs_source_t *reference; /* to be released */
};

/* Once all modules are loaded. */
void hipfx_move_load(void);
/* While the filter is being drawn; to be ended with hipfx_move_end. */
struct hipfx_move hipfx_move_begin(obs_source_t *filter);
void hipfx_move_end(struct hipfx_move *move);

/* hotkeys.c */
struct hipfx_hotkeys {
    obs_source_t *parent; /* for telling whether it is another now: no reference; NULL: none */
    char name[HIPFX_NAME_SIZE]; /* the filter's */
    obs_hotkey_pair_id pair;
};

/* Puts them onto the source that has the filter now, under the filter's name. In ticks only. */
void hipfx_hotkeys_follow(struct hipfx_hotkeys *hotkeys, obs_source_t *filter);
void hipfx_hotkeys_destroy(struct hipfx_hotkeys *hotkeys);

/* mask.c */
struct hipfx_mask {
    char name[HIPFX_NAME_SIZE];
    obs_weak_source_t *source; /* which is told that it is shown; NULL: there is none */
};

/* To the source of that name; "": none. True if there is another now, or none any more. In ticks
 * only. */
bool hipfx_mask_follow(struct hipfx_mask *mask, const char *name);
void hipfx_mask_destroy(struct hipfx_mask *mask);
/* From the first to the second, the filter's settings go along when the source that they name gets
 * another name, on whichever thread gives it one. */
void hipfx_mask_watch_names(obs_source_t *filter);
void hipfx_mask_leave_names(obs_source_t *filter);
/* Whether the source is drawn where the mask is. libobs cannot draw a source within its filters. */
bool hipfx_mask_shows(obs_source_t *mask, obs_source_t *source);

/* capture.c: between OBS's drawing and the link's textures. Graphics context entered. */
struct hipfx_capture {
    gs_texture_t *input, *output;
    uint32_t width_px, height_px;
    bool masked; /* `input` has as many rows again below the target's, for the mask */
    enum gs_color_space space;
};

enum gs_color_space hipfx_capture_space(obs_source_t *target);
enum hipfx_pixel hipfx_capture_format(enum gs_color_space space);
bool hipfx_capture_create(struct hipfx_capture *capture, uint32_t width_px, uint32_t height_px,
                          bool masked, enum gs_color_space space, struct hipfx_why *why);
void hipfx_capture_destroy(struct hipfx_capture *capture);
GLuint hipfx_capture_gl_name(gs_texture_t *texture);

/* Draws the filter's target into `input`, premultiplied. */
void hipfx_capture_draw_target(struct hipfx_capture *capture, obs_source_t *target,
                               obs_source_t *parent);
/* Below it, then, a source that is stretched to the target's size: its alpha is the mask. */
void hipfx_capture_draw_mask(struct hipfx_capture *capture, obs_source_t *source);
/* Within a mask, filters that have masks of their own let frames pass: two may show one another. */
bool hipfx_capture_is_drawing_mask(void);
/* Draws `output` where OBS wants the filter. */
void hipfx_capture_draw_output(struct hipfx_capture *capture);

/* filter.c */
extern struct obs_source_info hipfx_filter_info;
