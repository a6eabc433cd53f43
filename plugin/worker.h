/* A thread with a GL context of its own that shares OBS's objects: what takes long, or must wait
 * for a frame, does so there, and the graphics thread goes on.
 *
 * It cannot deadlock: a job waits only for GL commands that were flushed before it was submitted,
 * and for HIP's work that it enqueued itself, each with a bound; and the graphics thread never
 * waits for a job, but for hipfx_worker_wait and hipfx_worker_destroy, which have bounds too. */
#pragma once

#include "interop/why.h"

#include <stdbool.h>

struct hipfx_worker;

/* Called with the graphics context entered. NULL with the reason. Does not wait: the thread makes
 * its context itself, a job that is given before waits for that, and what goes wrong there is told
 * later.
 *
 * begin: called once on the thread, before any job, with its context current, or, with the reason,
 * where there is none; no bound is kept on it. NULL: there is nothing to begin with. */
struct hipfx_worker *hipfx_worker_create(void (*begin)(void *data, const struct hipfx_why *failed),
                                         void *data, struct hipfx_why *why);

/* Runs the job on the thread, with its context current. The one before must be done, or at its end:
 * none may wait yet. */
void hipfx_worker_submit(struct hipfx_worker *worker, void (*job)(void *data), void *data);

/* False with the reason if the thread has no context, so that jobs are not done, or if it has been
 * starting or at its job for longer than a job's own waits allow. Does not wait. */
bool hipfx_worker_check(struct hipfx_worker *worker, struct hipfx_why *why);

/* True if no job is waiting or running. Does not wait. */
bool hipfx_worker_is_done(struct hipfx_worker *worker);

/* Waits, bounded from when the job was given, for the job. False if it does not end: the worker,
 * its context and whatever the job uses are to be left as they are then. */
bool hipfx_worker_wait(struct hipfx_worker *worker);

/* Waits like that, ends the thread, and sets the pointer to NULL; NULL is allowed and true. False
 * if the job does not end; a second call only looks whether it has since. From `begin`, of its own
 * worker, it does not wait: the thread ends by itself. */
bool hipfx_worker_destroy(struct hipfx_worker **worker);

/* For one that is idle: its thread ends by itself, and nobody waits for that. Sets the pointer to
 * NULL; NULL is allowed. */
void hipfx_worker_dismiss(struct hipfx_worker **worker);

/* Waits, bounded, for those that were dismissed. */
void hipfx_worker_unload(void);
