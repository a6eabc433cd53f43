#define _GNU_SOURCE /* pthread_cond_clockwait */
#include "plugin/worker.h"

#include "interop/fault.h"
#include "interop/timeout.h"
#include "plugin/context.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <util/platform.h>
#include <util/threading.h>

/* A job's own waits may each take as long as a frame may: twice for GL, once for HIP. */
#define JOB_TIMEOUT_NS (4 * HIPFX_FRAME_TIMEOUT_NS)

struct hipfx_worker {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct hipfx_context context; /* the thread's */
    void (*begin)(void *data, const struct hipfx_why *failed);
    void *begin_data;

    /* Under the mutex. */
    void (*job)(void *data); /* NULL: none waits */
    void *data;
    bool running;      /* the one before */
    uint64_t since_ns; /* when the job was given, or the thread started */
    bool started;
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

/* Under the mutex. */
static bool is_idle(const struct hipfx_worker *worker)
{
    return !worker->job && !worker->running;
}

/* Under the mutex, but not while a job runs. */
static void do_jobs(struct hipfx_worker *worker)
{
    while (worker->job || !worker->stop) {
        if (!worker->job) {
            pthread_cond_wait(&worker->changed, &worker->mutex);
            continue;
        }
        void (*const job)(void *data) = worker->job;
        void *const data = worker->data;
        worker->job = NULL;
        worker->running = true;
        pthread_mutex_unlock(&worker->mutex);
        job(data);
        pthread_mutex_lock(&worker->mutex);
        worker->running = false;
        pthread_cond_broadcast(&worker->changed);
    }
}

static void *worker_main(void *data)
{
    struct hipfx_worker *worker = data;
    struct hipfx_why why = {0};
    os_set_thread_name("obs-hipfx");
    const bool entered = hipfx_context_enter(&worker->context, &why);
    if (worker->begin)
        worker->begin(worker->begin_data, entered ? NULL : &why);
    pthread_mutex_lock(&worker->mutex);
    worker->started = true;
    worker->failed = why;
    if (entered)
        do_jobs(worker);
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

struct hipfx_worker *hipfx_worker_create(void (*begin)(void *data, const struct hipfx_why *failed),
                                         void *data, struct hipfx_why *why)
{
    struct hipfx_worker *worker =
        HIPFX_FAULT_POINT(HIPFX_FAULT_LIBC, "calloc", NULL, calloc(1, sizeof(*worker)));
    if (!worker) {
        hipfx_fail(why, "out of memory");
        return NULL;
    }
    worker->begin = begin;
    worker->begin_data = data;
    if (!hipfx_context_prepare(&worker->context, why))
        goto error;
    pthread_mutex_init(&worker->mutex, NULL);
    pthread_cond_init(&worker->changed, NULL);
    worker->since_ns = os_gettime_ns();
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
    worker->since_ns = os_gettime_ns();
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->mutex);
}

bool hipfx_worker_is_done(struct hipfx_worker *worker)
{
    pthread_mutex_lock(&worker->mutex);
    const bool done = is_idle(worker);
    pthread_mutex_unlock(&worker->mutex);
    return done;
}

bool hipfx_worker_check(struct hipfx_worker *worker, struct hipfx_why *why)
{
    pthread_mutex_lock(&worker->mutex);
    const struct hipfx_why failed = worker->failed;
    const bool started = worker->started;
    const bool late = !is_idle(worker) && os_gettime_ns() - worker->since_ns > JOB_TIMEOUT_NS;
    pthread_mutex_unlock(&worker->mutex);
    if (failed.text[0])
        return hipfx_fail(why, "%s", failed.text);
    return !late ||
           hipfx_fail(why, "the thread that works on frames did not %s within %.0f s: restart OBS",
                      started ? "end its work" : "start", (double)JOB_TIMEOUT_NS * 1e-9);
}

bool hipfx_worker_wait(struct hipfx_worker *worker)
{
    pthread_mutex_lock(&worker->mutex);
    const uint64_t taken_ns = os_gettime_ns() - worker->since_ns;
    const struct timespec deadline =
        hipfx_deadline(taken_ns < JOB_TIMEOUT_NS ? JOB_TIMEOUT_NS - taken_ns : 0);
    while (!is_idle(worker) && pthread_cond_clockwait(&worker->changed, &worker->mutex,
                                                      CLOCK_MONOTONIC, &deadline) == 0)
        ;
    const bool done = is_idle(worker);
    pthread_mutex_unlock(&worker->mutex);
    return done;
}

bool hipfx_worker_destroy(struct hipfx_worker **pworker)
{
    struct hipfx_worker *worker = *pworker;
    if (!worker)
        return true;
    if (pthread_equal(worker->thread, pthread_self())) {
        hipfx_worker_dismiss(pworker);
        return true;
    }
    pthread_mutex_lock(&worker->mutex);
    worker->stop = true;
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->mutex);
    if (!hipfx_worker_wait(worker))
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
    const struct timespec deadline = hipfx_deadline(JOB_TIMEOUT_NS);
    pthread_mutex_lock(&leaving_mutex);
    while (leaving > 0 &&
           pthread_cond_clockwait(&left, &leaving_mutex, CLOCK_MONOTONIC, &deadline) == 0)
        ;
    pthread_mutex_unlock(&leaving_mutex);
}
