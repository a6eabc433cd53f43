#include "plugin/worker.h"

#include "interop/fault.h"
#include "interop/timeout.h"
#include "plugin/context.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct hipfx_worker {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct hipfx_context context; /* the thread's */

    /* Under the mutex. */
    void (*job)(void *data); /* NULL: none waits or runs */
    void *data;
    bool stop;
    bool dismissed;          /* the thread frees all this */
    struct hipfx_why failed; /* the thread has no context, and does no jobs */
};

/* Those that were dismissed and have not ended yet. */
static pthread_mutex_t leaving_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t left = PTHREAD_COND_INITIALIZER;
static int leaving;

static void free_worker(struct hipfx_worker *worker)
{
    pthread_cond_destroy(&worker->changed);
    pthread_mutex_destroy(&worker->mutex);
    free(worker);
}

/* Under the mutex, but not while a job runs. */
static void do_jobs(struct hipfx_worker *worker)
{
    while (worker->job || !worker->stop) {
        if (!worker->job) {
            pthread_cond_wait(&worker->changed, &worker->mutex);
            continue;
        }
        pthread_mutex_unlock(&worker->mutex);
        worker->job(worker->data);
        pthread_mutex_lock(&worker->mutex);
        worker->job = NULL;
        pthread_cond_broadcast(&worker->changed);
    }
}

static void *worker_main(void *data)
{
    struct hipfx_worker *worker = data;
    struct hipfx_why why = {0};
    const bool entered = hipfx_context_enter(&worker->context, &why);
    pthread_mutex_lock(&worker->mutex);
    if (entered)
        do_jobs(worker);
    worker->failed = why;
    worker->job = NULL;
    const bool dismissed = worker->dismissed;
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->mutex);
    hipfx_context_leave(&worker->context);
    if (dismissed) {
        free_worker(worker);
        pthread_mutex_lock(&leaving_mutex);
        leaving--;
        pthread_cond_broadcast(&left);
        pthread_mutex_unlock(&leaving_mutex);
    }
    return NULL;
}

struct hipfx_worker *hipfx_worker_create(struct hipfx_why *why)
{
    struct hipfx_worker *worker =
        HIPFX_FAULT_POINT(HIPFX_FAULT_LIBC, "calloc", NULL, calloc(1, sizeof(*worker)));
    if (!worker) {
        hipfx_fail(why, "out of memory");
        return NULL;
    }
    if (!hipfx_context_prepare(&worker->context, why))
        goto error;
    pthread_mutex_init(&worker->mutex, NULL);
    pthread_cond_init(&worker->changed, NULL);
    if (HIPFX_FAULT_POINT(HIPFX_FAULT_LIBC, "pthread_create", EAGAIN,
                          pthread_create(&worker->thread, NULL, worker_main, worker)) == 0)
        return worker;
    hipfx_fail(why, "no thread could be started");
    free_worker(worker);
    return NULL;

error:
    free(worker);
    return NULL;
}

void hipfx_worker_submit(struct hipfx_worker *worker, void (*job)(void *data), void *data)
{
    pthread_mutex_lock(&worker->mutex);
    worker->job = worker->failed.text[0] ? NULL : job;
    worker->data = data;
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->mutex);
}

bool hipfx_worker_has_failed(struct hipfx_worker *worker, struct hipfx_why *why)
{
    pthread_mutex_lock(&worker->mutex);
    const bool failed = worker->failed.text[0];
    if (failed)
        hipfx_fail(why, "%s", worker->failed.text);
    pthread_mutex_unlock(&worker->mutex);
    return failed;
}

bool hipfx_worker_is_done(struct hipfx_worker *worker)
{
    pthread_mutex_lock(&worker->mutex);
    const bool done = !worker->job;
    pthread_mutex_unlock(&worker->mutex);
    return done;
}

/* A job's own waits may each take as long as a frame may: twice for GL, once for HIP. */
static struct timespec job_deadline(void)
{
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    const uint64_t nsec = (uint64_t)deadline.tv_nsec + 4 * HIPFX_FRAME_TIMEOUT_NS;
    deadline.tv_sec += (time_t)(nsec / UINT64_C(1000000000));
    deadline.tv_nsec = (long)(nsec % UINT64_C(1000000000));
    return deadline;
}

bool hipfx_worker_destroy(struct hipfx_worker **pworker)
{
    struct hipfx_worker *worker = *pworker;
    if (!worker)
        return true;
    const struct timespec deadline = job_deadline();
    pthread_mutex_lock(&worker->mutex);
    const bool again = worker->stop;
    worker->stop = true;
    pthread_cond_broadcast(&worker->changed);
    while (worker->job && !again &&
           pthread_cond_timedwait(&worker->changed, &worker->mutex, &deadline) == 0)
        ;
    const bool done = !worker->job;
    pthread_mutex_unlock(&worker->mutex);
    if (!done)
        return false;
    *pworker = NULL;
    pthread_join(worker->thread, NULL);
    free_worker(worker);
    return true;
}

void hipfx_worker_dismiss(struct hipfx_worker **pworker)
{
    struct hipfx_worker *worker = *pworker;
    *pworker = NULL;
    if (!worker)
        return;
    pthread_mutex_lock(&leaving_mutex);
    leaving++;
    pthread_mutex_unlock(&leaving_mutex);
    pthread_mutex_lock(&worker->mutex);
    pthread_detach(worker->thread);
    worker->stop = worker->dismissed = true;
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->mutex);
}

void hipfx_worker_unload(void)
{
    const struct timespec deadline = job_deadline();
    pthread_mutex_lock(&leaving_mutex);
    while (leaving > 0 && pthread_cond_timedwait(&left, &leaving_mutex, &deadline) == 0)
        ;
    pthread_mutex_unlock(&leaving_mutex);
}
