/* libobs without OBS Studio: what the tools and the plugin's tests run in.
 *
 * One host per process, since libobs is one per process. It draws on the X display named by DISPLAY
 * (Xvfb will do) with OpenGL through EGL. Unless a function says otherwise, call it from the thread
 * that started the host.
 *
 * Two ways to run frames:
 * - free: libobs's graphics thread draws at the given frame rate, as in OBS Studio;
 * - in step (struct hipfx_host_params.in_step): the graphics thread draws one frame for each
 *   hipfx_host_frame() and waits in between, so that frame i is frame i on any machine. */
#pragma once

#include "interop/why.h"

#include <obs/obs.h>
#include <stdbool.h>

struct hipfx_host;

struct hipfx_host_params {
    uint32_t width, height;    /* px, of the canvas and of the output */
    uint32_t fps_num, fps_den; /* 0: 60; in step the rate only bounds how fast frames can go */
    bool in_step;
    bool audio;   /* outputs that mux audio need it: 48 kHz stereo, silent with no audio source */
    bool verbose; /* every log line to stderr; otherwise warnings and errors only */
};

/* Starts libobs. NULL with the reason (no DISPLAY, no OpenGL). Nothing is left behind then. */
struct hipfx_host *hipfx_host_start(const struct hipfx_host_params *params, struct hipfx_why *why);

/* Shuts libobs down. Everything that the caller holds of it must have been released. Returns
 * libobs's count of memory blocks that are still allocated: 0 when nothing leaked. Safe on NULL. */
long hipfx_host_stop(struct hipfx_host **host);

/* A new canvas size or frame rate: libobs throws its graphics thread away and starts a new one. */
bool hipfx_host_reset_video(struct hipfx_host *host, uint32_t width, uint32_t height,
                            uint32_t fps_num, uint32_t fps_den, struct hipfx_why *why);

/* Loads one of OBS's own modules ("image-source", "obs-x264"), or the project's plugin from the
 * build tree with the data of the source tree. HIPFX_PLUGIN_FILE and HIPFX_PLUGIN_DATA in the
 * environment name another plugin, such as an installed one, and HIPFX_OBS_PREFIX the folder with
 * lib/obs-plugins and share/obs of an OBS that was copied; HIPFX_OBS_CONFIG is where modules find
 * a folder of their own for what they keep. Loading twice does nothing. */
bool hipfx_host_load(struct hipfx_host *host, const char *module, struct hipfx_why *why);
bool hipfx_host_load_plugin(struct hipfx_host *host, struct hipfx_why *why);

/* The plugin's folder of data, with locale/ and presets/. */
const char *hipfx_host_plugin_data(void);

/* What is done in a frame, on the graphics thread; either may be NULL. `tick` comes before sources
 * are ticked and has no graphics context; `draw` has one, with the canvas as render target. */
struct hipfx_host_job {
    void (*tick)(void *param);
    void (*draw)(void *param);
    void *param;
};

/* Hands a job to the graphics thread's next whole frame. One at a time: wait before the next. */
void hipfx_host_post(struct hipfx_host *host, const struct hipfx_host_job *job);

/* Waits until the posted job is done. Returns false if it is not after `timeout_s`; the job may
 * still run then, so what it uses must stay. */
bool hipfx_host_wait(struct hipfx_host *host, double timeout_s);

/* Post and wait, for at most a minute. A NULL job is a frame in which nothing extra is done. */
bool hipfx_host_frame(struct hipfx_host *host, const struct hipfx_host_job *job);

/* The log: what libobs, its modules and the plugin said since the start or the last clear. Any
 * thread. */
int hipfx_host_log_count(int level); /* lines of LOG_ERROR, LOG_WARNING, ... exactly */
bool hipfx_host_log_has(const char *text);
void hipfx_host_log_clear(void);

/* All lines, oldest first, each ended by '\n'; free() it. */
char *hipfx_host_log_text(void);
