/* One filter's way from OBS to HIP and back: what it has on the device, and the frames on it.
 *
 * In `exact` mode a frame is filtered and drawn at once. In `smooth` mode a worker filters it
 * while OBS goes on, and the result of the frame before is drawn: one frame of delay, and the
 * graphics thread does not wait. All of it is for whoever has entered the graphics context. */
#pragma once

#include "plugin/plugin.h"

/* A frame's two textures and the link between them. */
struct hipfx_slot {
    struct hipfx_capture capture;
    struct hipfx_link *link;
};

/* When a frame is. */
struct hipfx_moment {
    double time_s; /* the filter's clock */
    bool resumed;  /* what was made of frames before this one is too old to go on from */
};

/* What another thread is given, and what it gives back. */
enum hipfx_pipe_work {
    HIPFX_PIPE_IDLE = 0,
    HIPFX_PIPE_LINK,  /* to make the slot's link */
    HIPFX_PIPE_FRAME, /* to filter what is drawn into the slot */
};

struct hipfx_pipe_job {
    struct hipfx_slot *slot;
    struct hipfx_link_params link;
    const struct hipfx_rungs *rungs; /* the device's */
    struct hipfx_settings settings;  /* with a reference of its own, until the next job */
    struct hipfx_moment moment;
    GLsync drawn; /* the slot's input is drawn: owned until the worker has waited for it */
    bool ok;
    struct hipfx_why why;
};

/* By what a frame goes on from the one before it, or does not. */
struct hipfx_run_mark {
    const struct hipfx_effect *effect; /* NULL: there was none before */
    struct hipfx_frame frame;          /* its size and format */
    struct hipfx_rect area;            /* where it ran */
};

struct hipfx_pipe {
    struct hipfx_status *status; /* a reference */
    struct hipfx_device *device;
    hipStream_t stream;
    hipEvent_t kernels_begin, kernels_end;
    bool kernels_timed; /* both events were recorded and not read yet */
    struct hipfx_scratch scratch;
    struct hipfx_effect_state state;
    struct hipfx_run_mark made_by; /* the frame of which `state` was made last */
    bool resumed;                  /* to be told to the next frame that is filtered */
    uint32_t width_px, height_px;  /* of this frame */
    obs_source_t *mask;            /* of this frame; NULL: none */
    enum gs_color_space space;
    struct hipfx_slot slots[2];
    struct hipfx_slot *shown; /* whose output is to be drawn; NULL: none */

    struct hipfx_worker *worker; /* smooth */
    struct hipfx_pipe_job job;
    enum hipfx_pipe_work work; /* that the device's thread (LINK) or the worker (FRAME) was given */
    atomic_bool done;          /* ... and is done: the last that it touches of this */

    bool in_frame;         /* filters are drawn within the frames of those after them */
    struct hipfx_why lost; /* its device was lost, and why: makes no frames any more */

    bool late; /* the stream was waited for in vain */
    bool kept; /* to be destroyed once its work has ended */
    struct hipfx_pipe *next;
};

enum hipfx_progress {
    HIPFX_PROGRESS_FAILED = 0,
    HIPFX_PROGRESS_WAITING, /* nothing to show yet: the frame passes through */
    HIPFX_PROGRESS_DONE,    /* `shown` is to be drawn */
};

/* NULL with the reason. */
struct hipfx_pipe *hipfx_pipe_create(struct hipfx_status *status, struct hipfx_why *why);

/* Waits, bounded, for work in flight; if it does not end, all that it uses is kept aside until it
 * has, and no pipe makes frames until then. Sets the pointer to NULL; NULL is allowed. */
void hipfx_pipe_destroy(struct hipfx_pipe **pipe);

/* If the device was lost, all pipes on it let go of it, and FAIL from then on. `mask`: the source
 * that the settings' region takes the alpha of; NULL where it takes none. */
enum hipfx_progress hipfx_pipe_frame(struct hipfx_pipe *pipe, obs_source_t *target,
                                     obs_source_t *parent, obs_source_t *mask,
                                     const struct hipfx_settings *settings,
                                     const struct hipfx_moment *moment, struct hipfx_why *why);

/* True if the graphics context was rebuilt since: destroy it then, and its GL names are left alone.
 */
bool hipfx_pipe_is_stale(const struct hipfx_pipe *pipe);

/* pipe_run.c: on whatever thread filters the frame. */

/* Enqueues what makes `out` of `in`. */
bool hipfx_pipe_run(struct hipfx_pipe *pipe, const struct hipfx_settings *settings,
                    const struct hipfx_moment *moment, const struct hipfx_frame *in,
                    const struct hipfx_frame *out, struct hipfx_why *why);

/* Notes how long kernels took, once they have ended: a few frames later, maybe. */
void hipfx_pipe_read_kernel_time(struct hipfx_pipe *pipe);
