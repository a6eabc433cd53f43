/* Events: the place of their last record in a stream's queue, and the time when it was reached. */
#include "interop/hip/cpu.h"

#include <search.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

struct ihipEvent_t {
    atomic_int refs; /* the caller's, and one for each record that is still in a queue */
    unsigned int flags;
    pthread_mutex_t lock;
    struct hipfx_cpu_place place; /* of the last record; no stream: never recorded */
    uint64_t generation;          /* records so far */
    int64_t time_ns;              /* CLOCK_MONOTONIC when the place was reached */
};

/* The events that callers hold. A stale handle is refused instead of being followed. */
static struct {
    pthread_mutex_t lock;
    void *tree;
} events = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int compare_handles(const void *a, const void *b)
{
    return ((uintptr_t)a > (uintptr_t)b) - ((uintptr_t)a < (uintptr_t)b);
}

static void event_unref(struct ihipEvent_t *e)
{
    if (!e || atomic_fetch_sub_explicit(&e->refs, 1, memory_order_acq_rel) != 1)
        return;
    hipfx_cpu_place_drop(&e->place);
    pthread_mutex_destroy(&e->lock);
    free(e);
}

/* With a reference; NULL: no such event. */
static struct ihipEvent_t *acquire(hipEvent_t handle)
{
    pthread_mutex_lock(&events.lock);
    bool known = handle && tfind(handle, &events.tree, compare_handles);
    if (known)
        atomic_fetch_add_explicit(&handle->refs, 1, memory_order_relaxed);
    pthread_mutex_unlock(&events.lock);
    return known ? handle : NULL;
}

hipError_t hipfx_cpu_event_place(hipEvent_t event, struct hipfx_cpu_place *place)
{
    struct ihipEvent_t *e = acquire(event);
    if (!e)
        return hipErrorInvalidHandle;
    pthread_mutex_lock(&e->lock);
    *place = hipfx_cpu_place_copy(&e->place);
    pthread_mutex_unlock(&e->lock);
    event_unref(e);
    return hipSuccess;
}

hipError_t hipfx_cpu_hipEventCreateWithFlags(hipEvent_t *event, unsigned int flags)
{
    const unsigned int known = hipEventBlockingSync | hipEventDisableTiming | hipEventInterprocess |
                               hipEventReleaseToDevice | hipEventReleaseToSystem;
    const unsigned int releases = hipEventReleaseToDevice | hipEventReleaseToSystem;
    if (!event || (flags & ~known) || (flags & releases) == releases)
        return hipErrorInvalidValue;
    *event = NULL;
    if (flags & hipEventInterprocess)
        return hipErrorNotSupported;

    struct ihipEvent_t *e = calloc(1, sizeof(*e));
    if (!e)
        return hipErrorOutOfMemory;
    atomic_init(&e->refs, 1);
    e->flags = flags;
    pthread_mutex_init(&e->lock, NULL);

    pthread_mutex_lock(&events.lock);
    bool kept = tsearch(e, &events.tree, compare_handles) != NULL;
    pthread_mutex_unlock(&events.lock);
    if (!kept) {
        event_unref(e);
        return hipErrorOutOfMemory;
    }
    *event = e;
    return hipSuccess;
}

hipError_t hipfx_cpu_hipEventDestroy(hipEvent_t event)
{
    pthread_mutex_lock(&events.lock);
    bool known = event && tdelete(event, &events.tree, compare_handles);
    pthread_mutex_unlock(&events.lock);
    if (!known)
        return hipErrorInvalidHandle;
    event_unref(event);
    return hipSuccess;
}

struct record {
    struct ihipEvent_t *event;
    uint64_t generation;
};

static void run_record(void *args)
{
    struct record *record = args;
    struct ihipEvent_t *e = record->event;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);

    /* A later record has taken the event over: then this one is only a place in its stream. */
    pthread_mutex_lock(&e->lock);
    if (e->generation == record->generation)
        e->time_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    pthread_mutex_unlock(&e->lock);
    event_unref(e);
}

hipError_t hipfx_cpu_hipEventRecord(hipEvent_t event, hipStream_t stream)
{
    struct ihipEvent_t *e = acquire(event);
    if (!e)
        return hipErrorInvalidHandle;
    struct hipfx_cpu_op *op = hipfx_cpu_op_create(run_record, sizeof(struct record));
    struct hipfx_cpu_place place = {0};

    /* Held until the new place stands in the event, so that run_record finds its own generation. */
    pthread_mutex_lock(&e->lock);
    if (op)
        *(struct record *)hipfx_cpu_op_args(op) = (struct record){e, e->generation + 1};
    hipError_t err = hipfx_cpu_enqueue(stream, op, &place);
    struct hipfx_cpu_place before = place;
    if (err == hipSuccess) {
        before = e->place;
        e->place = place;
        e->generation++;
    }
    pthread_mutex_unlock(&e->lock);

    hipfx_cpu_place_drop(&before);
    if (err != hipSuccess)
        event_unref(e); /* otherwise run_record does it */
    return err;
}

hipError_t hipfx_cpu_hipEventQuery(hipEvent_t event)
{
    struct hipfx_cpu_place place = {0};
    hipError_t err = hipfx_cpu_event_place(event, &place);
    if (err == hipSuccess && !hipfx_cpu_place_reached(&place))
        err = hipErrorNotReady;
    hipfx_cpu_place_drop(&place);
    return err;
}

hipError_t hipfx_cpu_hipEventSynchronize(hipEvent_t event)
{
    struct hipfx_cpu_place place = {0};
    hipError_t err = hipfx_cpu_event_place(event, &place);
    if (err == hipSuccess)
        hipfx_cpu_place_wait(&place);
    hipfx_cpu_place_drop(&place);
    return err;
}

static hipError_t read_time(hipEvent_t event, int64_t *time_ns)
{
    struct ihipEvent_t *e = acquire(event);
    if (!e)
        return hipErrorInvalidHandle;
    hipError_t err = hipSuccess;
    pthread_mutex_lock(&e->lock);
    if (!e->place.stream || (e->flags & hipEventDisableTiming))
        err = hipErrorInvalidHandle;
    else if (!hipfx_cpu_place_reached(&e->place))
        err = hipErrorNotReady;
    *time_ns = e->time_ns;
    pthread_mutex_unlock(&e->lock);
    event_unref(e);
    return err;
}

hipError_t hipfx_cpu_hipEventElapsedTime(float *ms, hipEvent_t start, hipEvent_t stop)
{
    int64_t start_ns = 0, stop_ns = 0;
    if (!ms)
        return hipErrorInvalidValue;
    hipError_t err = read_time(start, &start_ns);
    if (err == hipSuccess)
        err = read_time(stop, &stop_ns);
    if (err == hipSuccess)
        *ms = (float)((double)(stop_ns - start_ns) / 1e6);
    return err;
}
