/* What the parts of the plugin share: the filter and the device that all filters use.
 *
 * Threads, by libobs's rules: video_tick and video_render run on the graphics thread; create,
 * properties and the procedures on any; destroy on a thread of its own. What the graphics thread
 * shows to the others stands in struct hipfx_status, under its mutex; the mutex is never held while
 * the graphics context is being entered. */
#pragma once

#include "interop/link.h"
#include "kernels/effect.h"
#include "plugin/context.h"

#include <obs-module.h>
#include <pthread.h>
#include <stdatomic.h>

#define PLUGIN_LOG(level, format, ...) blog(level, "[obs-hipfx] " format, ##__VA_ARGS__)

/* device.c: what all filters share for as long as one of them lives. It is opened, and its rungs
 * are chosen and proved, on a thread of its own; what stands below `state` may be read once that is
 * no longer OPENING. */
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
    int references;
    bool uses_hip;    /* what is being opened or held is HIP's */
    bool unfinished;  /* others must not begin before this one is gone, or its work has ended */
    void *gl_context; /* the context that it was made for */
    struct hipfx_context context; /* the thread's own */
    struct hipfx_gl_caps gl;
    struct hipfx_force force;

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

/* settings.c: an effect and its values, as read from a filter's settings. */
struct hipfx_settings {
    const struct hipfx_effect *effect; /* NULL: `unknown` says which effect was asked for */
    struct hipfx_values values;
    bool smooth; /* show the frame before rather than wait for this one */
    char unknown[64];
};

#define SETTING_EFFECT "effect"
#define SETTING_MODE   "mode" /* "exact" or "smooth" */

void hipfx_settings_defaults(obs_data_t *data);
struct hipfx_settings hipfx_settings_read(obs_data_t *data);

/* "effect.parameter", as settings and locale files name it. */
struct hipfx_key {
    char text[96];
};
struct hipfx_key hipfx_settings_key(const struct hipfx_effect *effect, const char *name);

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

/* properties.c */
obs_properties_t *hipfx_properties(struct hipfx_status *status);

/* capture.c: between OBS's drawing and the link's textures. Graphics context entered. */
struct hipfx_capture {
    gs_texture_t *input, *output;
    uint32_t width_px, height_px;
    enum gs_color_space space;
};

enum gs_color_space hipfx_capture_space(obs_source_t *target);
enum hipfx_pixel hipfx_capture_format(enum gs_color_space space);
bool hipfx_capture_create(struct hipfx_capture *capture, uint32_t width_px, uint32_t height_px,
                          enum gs_color_space space, struct hipfx_why *why);
void hipfx_capture_destroy(struct hipfx_capture *capture);
GLuint hipfx_capture_gl_name(gs_texture_t *texture);

/* Draws the filter's target into `input`, premultiplied. */
void hipfx_capture_draw_target(struct hipfx_capture *capture, obs_source_t *target,
                               obs_source_t *parent);
/* Draws `output` where OBS wants the filter. */
void hipfx_capture_draw_output(struct hipfx_capture *capture);

/* filter.c */
extern struct obs_source_info hipfx_filter_info;
