#include "tools/host.h"
#include "tools/host_log.h"

#include <X11/Xlib.h>
#include <errno.h>
#include <math.h>
#include <obs/obs-nix-platform.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MODULES_MAX 16

/* How long the graphics thread waits for a job before it draws a frame without one. Bounded, so
 * that libobs can always stop it. */
#define IN_STEP_WAIT_MS 50

/* As OBS Studio has them unless a user says otherwise; libobs's own are 0. */
#define SDR_WHITE_NITS 300
#define HDR_PEAK_NITS  1000

enum job_state {
    JOB_NONE,
    JOB_POSTED,
    JOB_TICKED,
};

struct hipfx_host {
    Display *display;
    bool started; /* obs_startup succeeded */
    struct hipfx_host_params params;
    char modules[MODULES_MAX][64];
    int module_count;
    char data_path[512]; /* given to libobs, which looks there after its own; "": none */

    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct hipfx_host_job job;
    enum job_state state;
};

static struct timespec deadline_in(double seconds)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    const double whole = floor(seconds);
    t.tv_sec += (time_t)whole;
    t.tv_nsec += (long)((seconds - whole) * 1e9);
    if (t.tv_nsec >= 1000000000L) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000L;
    }
    return t;
}

static void on_tick(void *param, float seconds)
{
    (void)seconds;
    struct hipfx_host *host = param;

    pthread_mutex_lock(&host->mutex);
    if (host->params.in_step) {
        const struct timespec deadline = deadline_in(IN_STEP_WAIT_MS / 1e3);
        while (host->state == JOB_NONE) {
            if (pthread_cond_timedwait(&host->changed, &host->mutex, &deadline) == ETIMEDOUT)
                break;
        }
    }
    const bool posted = host->state == JOB_POSTED;
    if (posted)
        host->state = JOB_TICKED;
    pthread_mutex_unlock(&host->mutex);

    if (posted && host->job.tick)
        host->job.tick(host->job.param);
}

static void on_draw(void *param, uint32_t width, uint32_t height)
{
    (void)width;
    (void)height;
    struct hipfx_host *host = param;

    pthread_mutex_lock(&host->mutex);
    const bool ticked = host->state == JOB_TICKED;
    pthread_mutex_unlock(&host->mutex);
    if (!ticked)
        return;

    if (host->job.draw)
        host->job.draw(host->job.param);

    pthread_mutex_lock(&host->mutex);
    host->state = JOB_NONE;
    pthread_cond_broadcast(&host->changed);
    pthread_mutex_unlock(&host->mutex);
}

void hipfx_host_post(struct hipfx_host *host, const struct hipfx_host_job *job)
{
    pthread_mutex_lock(&host->mutex);
    host->job = job ? *job : (struct hipfx_host_job){0};
    host->state = JOB_POSTED;
    pthread_cond_broadcast(&host->changed);
    pthread_mutex_unlock(&host->mutex);
}

bool hipfx_host_wait(struct hipfx_host *host, double timeout_s)
{
    const struct timespec deadline = deadline_in(timeout_s);
    int err = 0;
    pthread_mutex_lock(&host->mutex);
    while (host->state != JOB_NONE && err != ETIMEDOUT)
        err = pthread_cond_timedwait(&host->changed, &host->mutex, &deadline);
    const bool done = host->state == JOB_NONE;
    pthread_mutex_unlock(&host->mutex);
    return done;
}

bool hipfx_host_frame(struct hipfx_host *host, const struct hipfx_host_job *job)
{
    hipfx_host_post(host, job);
    return hipfx_host_wait(host, 60);
}

static const char *video_error(int code)
{
    switch (code) {
    case OBS_VIDEO_NOT_SUPPORTED:
        return "OpenGL lacks what libobs needs";
    case OBS_VIDEO_INVALID_PARAM:
        return "a size or frame rate that libobs does not take";
    case OBS_VIDEO_CURRENTLY_ACTIVE:
        return "an output is still running";
    case OBS_VIDEO_MODULE_NOT_FOUND:
        return "libobs-opengl is not installed";
    default:
        return "OpenGL did not start";
    }
}

static bool reset_video(const struct hipfx_host_params *p, struct hipfx_why *why)
{
    struct obs_video_info info = {
        .graphics_module = "libobs-opengl",
        .fps_num = p->fps_num ? p->fps_num : 60,
        .fps_den = p->fps_num ? p->fps_den : 1,
        .base_width = p->width,
        .base_height = p->height,
        .output_width = p->width,
        .output_height = p->height,
        .output_format = VIDEO_FORMAT_NV12,
        .gpu_conversion = true,
        .colorspace = VIDEO_CS_709,
        .range = VIDEO_RANGE_PARTIAL,
        .scale_type = OBS_SCALE_BICUBIC,
    };
    const int code = obs_reset_video(&info);
    if (code != OBS_VIDEO_SUCCESS)
        return hipfx_fail(why, "libobs does not start video at %ux%u: %s", p->width, p->height,
                          video_error(code));
    obs_set_video_levels(SDR_WHITE_NITS, HDR_PEAK_NITS);
    return true;
}

static void add_callbacks(struct hipfx_host *host)
{
    obs_add_tick_callback(on_tick, host);
    obs_add_main_render_callback(on_draw, host);
}

static void remove_callbacks(struct hipfx_host *host)
{
    obs_remove_main_render_callback(on_draw, host);
    obs_remove_tick_callback(on_tick, host);
}

/* The folder below which a libobs that was not installed has its modules and data. */
static const char *obs_prefix(void)
{
    const char *prefix = getenv("HIPFX_OBS_PREFIX");
    return prefix && *prefix ? prefix : NULL;
}

static void add_data_path(struct hipfx_host *host)
{
    if (!obs_prefix())
        return;
    snprintf(host->data_path, sizeof(host->data_path), "%s/share/obs/libobs/", obs_prefix());
    obs_add_data_path(host->data_path);
}

static bool start(struct hipfx_host *host, struct hipfx_why *why)
{
    const char *name = getenv("DISPLAY");
    if (!name || !*name)
        return hipfx_fail(why, "DISPLAY is not set: libobs needs an X display (Xvfb will do)");
    host->display = XOpenDisplay(NULL);
    if (!host->display)
        return hipfx_fail(why, "the X display %s cannot be opened", name);

    obs_set_nix_platform(OBS_NIX_PLATFORM_X11_EGL);
    obs_set_nix_platform_display(host->display);
    host->started = obs_startup("en-US", getenv("HIPFX_OBS_CONFIG"), NULL);
    if (!host->started)
        return hipfx_fail(why, "libobs does not start");
    add_data_path(host);
    if (!reset_video(&host->params, why))
        return false;
    if (host->params.audio) {
        struct obs_audio_info audio = {.samples_per_sec = 48000, .speakers = SPEAKERS_STEREO};
        if (!obs_reset_audio(&audio))
            return hipfx_fail(why, "libobs does not start audio");
    }
    add_callbacks(host);
    return true;
}

struct hipfx_host *hipfx_host_start(const struct hipfx_host_params *params, struct hipfx_why *why)
{
    struct hipfx_host *host = calloc(1, sizeof(*host));
    if (!host) {
        hipfx_fail(why, "out of memory");
        return NULL;
    }
    host->params = *params;
    pthread_mutex_init(&host->mutex, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&host->changed, &attr);
    pthread_condattr_destroy(&attr);

    hipfx_host_log_start(params->verbose);
    if (!start(host, why))
        hipfx_host_stop(&host);
    return host;
}

long hipfx_host_stop(struct hipfx_host **host_ptr)
{
    struct hipfx_host *host = *host_ptr;
    if (!host)
        return 0;
    *host_ptr = NULL;
    if (host->started) {
        remove_callbacks(host);
        obs_shutdown();
    }
    const bool has_path = host->data_path[0] != '\0';
    if (has_path)
        obs_remove_data_path(host->data_path);
    /* libobs keeps the list that the path was in. */
    const long leaks = bnum_allocs() - (has_path ? 1 : 0);
    blog(LOG_INFO, "Number of memory leaks: %ld", leaks);
    if (host->display)
        XCloseDisplay(host->display);
    hipfx_host_log_stop();
    pthread_cond_destroy(&host->changed);
    pthread_mutex_destroy(&host->mutex);
    free(host);
    return leaks;
}

bool hipfx_host_reset_video(struct hipfx_host *host, uint32_t width, uint32_t height,
                            uint32_t fps_num, uint32_t fps_den, struct hipfx_why *why)
{
    host->params.width = width;
    host->params.height = height;
    host->params.fps_num = fps_num;
    host->params.fps_den = fps_den;
    return reset_video(&host->params, why);
}

static bool is_loaded(const struct hipfx_host *host, const char *name)
{
    for (int i = 0; i < host->module_count; i++) {
        if (strcmp(host->modules[i], name) == 0)
            return true;
    }
    return false;
}

static const char *module_error(int code)
{
    switch (code) {
    case MODULE_FILE_NOT_FOUND:
        return "the file is missing or a library that it needs is";
    case MODULE_MISSING_EXPORTS:
        return "it is not an OBS module";
    case MODULE_INCOMPATIBLE_VER:
        return "it was built for a newer libobs";
    default:
        return "an error";
    }
}

static bool load(struct hipfx_host *host, const char *name, const char *file, const char *data,
                 struct hipfx_why *why)
{
    if (is_loaded(host, name))
        return true;
    if (host->module_count == MODULES_MAX)
        return hipfx_fail(why, "%s: too many modules", name);

    obs_module_t *module = NULL;
    const int code = obs_open_module(&module, file, data);
    if (code != MODULE_SUCCESS)
        return hipfx_fail(why, "%s does not load: %s", file, module_error(code));
    if (!obs_init_module(module))
        return hipfx_fail(why, "%s does not start; its reason is in the log", file);
    snprintf(host->modules[host->module_count++], sizeof(host->modules[0]), "%s", name);
    return true;
}

bool hipfx_host_load(struct hipfx_host *host, const char *module, struct hipfx_why *why)
{
    const char *prefix = obs_prefix();
    char file[512], data[512];
    if (prefix) {
        snprintf(file, sizeof(file), "%s/lib/obs-plugins/%s.so", prefix, module);
        snprintf(data, sizeof(data), "%s/share/obs/obs-plugins/%s", prefix, module);
    } else {
        snprintf(file, sizeof(file), "%s/%s.so", HIPFX_OBS_MODULE_DIR, module);
        snprintf(data, sizeof(data), "%s/%s", HIPFX_OBS_MODULE_DATA, module);
    }
    return load(host, module, file, data, why);
}

const char *hipfx_host_plugin_data(void)
{
    const char *data = getenv("HIPFX_PLUGIN_DATA");
    return data ? data : HIPFX_BUILT_PLUGIN_DATA;
}

bool hipfx_host_load_plugin(struct hipfx_host *host, struct hipfx_why *why)
{
    const char *file = getenv("HIPFX_PLUGIN_FILE");
    return load(host, "obs-hipfx", file ? file : HIPFX_BUILT_PLUGIN_FILE, hipfx_host_plugin_data(),
                why);
}
