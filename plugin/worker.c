#include "plugin/worker.h"

#include "interop/fault.h"
#include "interop/timeout.h"

#include <epoxy/egl.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <util/platform.h>

/* A job's own waits may each take as long as a frame may: twice for GL, once for HIP. */
#define JOB_TIMEOUT_NS (4 * HIPFX_FRAME_TIMEOUT_NS)

struct hipfx_worker {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    EGLDisplay display;
    EGLContext context;

    /* Under the mutex. */
    enum {
        STATE_STARTING = 0,
        STATE_RUNNING,
        STATE_FAILED, /* without a context */
    } state;
    void (*job)(void *data); /* NULL: none waits or runs */
    void *data;
    uint64_t since_ns; /* when the job was given, or the thread started */
    bool stop;
};

static void *worker_main(void *data)
{
    struct hipfx_worker *worker = data;
    eglBindAPI(EGL_OPENGL_API);
    const EGLBoolean current = HIPFX_FAULT_POINT(
        HIPFX_FAULT_EGL, "eglMakeCurrent", EGL_FALSE,
        eglMakeCurrent(worker->display, EGL_NO_SURFACE, EGL_NO_SURFACE, worker->context));

    pthread_mutex_lock(&worker->mutex);
    worker->state = current ? STATE_RUNNING : STATE_FAILED;
    if (!current)
        worker->job = NULL;
    pthread_cond_broadcast(&worker->changed);
    while (current && (worker->job || !worker->stop)) {
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
    pthread_mutex_unlock(&worker->mutex);
    eglMakeCurrent(worker->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    eglReleaseThread();
    return NULL;
}

/* Of the configuration and version that the current context has: others may not share with it. */
static EGLContext create_shared_context(EGLDisplay display, struct hipfx_why *why)
{
    const EGLContext current = eglGetCurrentContext();
    EGLint id = 0;
    EGLConfig config = NULL;
    EGLint count = 0;
    if (!HIPFX_FAULT_POINT(HIPFX_FAULT_EGL, "eglQueryContext", EGL_FALSE,
                           eglQueryContext(display, current, EGL_CONFIG_ID, &id))) {
        hipfx_fail(why, "eglQueryContext failed: 0x%x", (unsigned)eglGetError());
        return EGL_NO_CONTEXT;
    }
    const EGLint wanted[] = {EGL_CONFIG_ID, id, EGL_NONE};
    if (!HIPFX_FAULT_POINT(HIPFX_FAULT_EGL, "eglChooseConfig", EGL_FALSE,
                           eglChooseConfig(display, wanted, &config, 1, &count)) ||
        !count) {
        hipfx_fail(why, "eglChooseConfig failed: 0x%x", (unsigned)eglGetError());
        return EGL_NO_CONTEXT;
    }
    static const EGLint version[] = {EGL_CONTEXT_MAJOR_VERSION,
                                     3,
                                     EGL_CONTEXT_MINOR_VERSION,
                                     3,
                                     EGL_CONTEXT_OPENGL_PROFILE_MASK,
                                     EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT,
                                     EGL_NONE};
    /* Each thread has its own, and it may not be OpenGL on one that only draws. */
    const EGLenum api = eglQueryAPI();
    eglBindAPI(EGL_OPENGL_API);
    const EGLContext context =
        HIPFX_FAULT_POINT(HIPFX_FAULT_EGL, "eglCreateContext", EGL_NO_CONTEXT,
                          eglCreateContext(display, config, current, version));
    eglBindAPI(api);
    if (context == EGL_NO_CONTEXT)
        hipfx_fail(why, "eglCreateContext failed: 0x%x", (unsigned)eglGetError());
    return context;
}

static void init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

struct hipfx_worker *hipfx_worker_create(struct hipfx_why *why)
{
    const EGLDisplay display = eglGetCurrentDisplay();
    if (!epoxy_has_egl_extension(display, "EGL_KHR_surfaceless_context")) {
        hipfx_fail(why, "EGL has no EGL_KHR_surfaceless_context, which smooth mode needs: choose "
                        "exact");
        return NULL;
    }
    struct hipfx_worker *worker =
        HIPFX_FAULT_POINT(HIPFX_FAULT_LIBC, "calloc", NULL, calloc(1, sizeof(*worker)));
    if (!worker) {
        hipfx_fail(why, "out of memory");
        return NULL;
    }
    worker->display = display;
    worker->context = create_shared_context(display, why);
    if (worker->context == EGL_NO_CONTEXT)
        goto error;
    pthread_mutex_init(&worker->mutex, NULL);
    init_condition(&worker->changed);
    worker->since_ns = os_gettime_ns();
    if (HIPFX_FAULT_POINT(HIPFX_FAULT_LIBC, "pthread_create", EAGAIN,
                          pthread_create(&worker->thread, NULL, worker_main, worker)) == 0)
        return worker;
    hipfx_fail(why, "no thread could be started");
    pthread_cond_destroy(&worker->changed);
    pthread_mutex_destroy(&worker->mutex);
    eglDestroyContext(display, worker->context);

error:
    free(worker);
    return NULL;
}

void hipfx_worker_submit(struct hipfx_worker *worker, void (*job)(void *data), void *data)
{
    pthread_mutex_lock(&worker->mutex);
    worker->job = worker->state == STATE_FAILED ? NULL : job;
    worker->data = data;
    worker->since_ns = os_gettime_ns();
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->mutex);
}

bool hipfx_worker_is_done(struct hipfx_worker *worker)
{
    pthread_mutex_lock(&worker->mutex);
    const bool done = !worker->job;
    pthread_mutex_unlock(&worker->mutex);
    return done;
}

/* Under the mutex. */
static bool is_busy(const struct hipfx_worker *worker)
{
    return worker->job || worker->state == STATE_STARTING;
}

bool hipfx_worker_check(struct hipfx_worker *worker, struct hipfx_why *why)
{
    pthread_mutex_lock(&worker->mutex);
    const bool failed = worker->state == STATE_FAILED;
    const bool starting = worker->state == STATE_STARTING;
    const bool late = is_busy(worker) && os_gettime_ns() - worker->since_ns > JOB_TIMEOUT_NS;
    pthread_mutex_unlock(&worker->mutex);
    if (failed)
        return hipfx_fail(why, "eglMakeCurrent failed on the thread for smooth mode: choose exact");
    return !late ||
           hipfx_fail(why, "the thread for smooth mode did not %s within %.0f s: restart OBS",
                      starting ? "start" : "finish a frame", (double)JOB_TIMEOUT_NS * 1e-9);
}

bool hipfx_worker_destroy(struct hipfx_worker **pworker)
{
    struct hipfx_worker *worker = *pworker;
    if (!worker)
        return true;
    pthread_mutex_lock(&worker->mutex);
    const uint64_t deadline_ns = worker->since_ns + JOB_TIMEOUT_NS;
    const struct timespec deadline = {
        .tv_sec = (time_t)(deadline_ns / UINT64_C(1000000000)),
        .tv_nsec = (long)(deadline_ns % UINT64_C(1000000000)),
    };
    const bool again = worker->stop;
    worker->stop = true;
    pthread_cond_broadcast(&worker->changed);
    while (is_busy(worker) && !again &&
           pthread_cond_timedwait(&worker->changed, &worker->mutex, &deadline) == 0)
        ;
    const bool done = !is_busy(worker);
    pthread_mutex_unlock(&worker->mutex);
    if (!done)
        return false;
    *pworker = NULL;
    pthread_join(worker->thread, NULL);
    eglDestroyContext(worker->display, worker->context);
    pthread_cond_destroy(&worker->changed);
    pthread_mutex_destroy(&worker->mutex);
    free(worker);
    return true;
}
