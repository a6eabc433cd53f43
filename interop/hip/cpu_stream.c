/* Streams: queues with one thread each. */
#include "interop/hip/cpu.h"

#include <stdatomic.h>
#include <stdlib.h>

struct hipfx_cpu_op {
    struct hipfx_cpu_op *link;
    void (*run)(void *args);
    _Alignas(max_align_t) unsigned char args[];
};

struct ihipStream_t {
    atomic_int refs; /* the list's, until it is destroyed, and one for each place in its queue */
    bool blocking;   /* waits for the NULL stream, which waits for it */
    uint64_t id;     /* grows from stream to stream */
    pthread_t thread;
    struct ihipStream_t *link;

    pthread_mutex_t lock;
    pthread_cond_t work; /* an operation was added, or closing */
    pthread_cond_t done; /* `completed` has grown */
    struct hipfx_cpu_op *head, **tail;
    uint64_t submitted; /* operations so far; the number of the last one */
    uint64_t completed; /* the number of the last one that has finished */
    int waiters;        /* on `done` */
    bool closing;
};

/* The list's lock comes before a stream's; nobody waits for work while holding either. */
static struct {
    pthread_mutex_t lock;
    struct ihipStream_t *first, **last; /* by growing id */
    struct ihipStream_t *null_stream;   /* made when first used, kept; not in the list */
    uint64_t last_id;
} streams = {.lock = PTHREAD_MUTEX_INITIALIZER, .last = &streams.first};

struct hipfx_cpu_op *hipfx_cpu_op_create(void (*run)(void *args), size_t size)
{
    struct hipfx_cpu_op *op = NULL;
    if (size <= SIZE_MAX - sizeof(*op))
        op = calloc(1, sizeof(*op) + size);
    if (op)
        op->run = run;
    return op;
}

void *hipfx_cpu_op_args(struct hipfx_cpu_op *op)
{
    return op->args;
}

void hipfx_cpu_op_destroy(struct hipfx_cpu_op *op)
{
    free(op);
}

static void stream_unref(struct ihipStream_t *s)
{
    if (!s || atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1)
        return;
    pthread_cond_destroy(&s->done);
    pthread_cond_destroy(&s->work);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static struct ihipStream_t *stream_ref(struct ihipStream_t *s)
{
    atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
    return s;
}

static void *stream_main(void *arg)
{
    struct ihipStream_t *s = arg;
    pthread_mutex_lock(&s->lock);
    for (;;) {
        while (!s->head && !s->closing)
            pthread_cond_wait(&s->work, &s->lock);
        struct hipfx_cpu_op *op = s->head;
        if (!op)
            break;
        s->head = op->link;
        if (!s->head)
            s->tail = &s->head;
        pthread_mutex_unlock(&s->lock);

        HIPFX_FAULT_STREAM_POINT();
        op->run(op->args);
        free(op);

        pthread_mutex_lock(&s->lock);
        s->completed++;
        if (s->waiters > 0)
            pthread_cond_broadcast(&s->done);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

static struct ihipStream_t *stream_create(bool blocking)
{
    struct ihipStream_t *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    atomic_init(&s->refs, 1);
    s->blocking = blocking;
    s->tail = &s->head;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->work, NULL);
    pthread_cond_init(&s->done, NULL);
    if (hipfx_cpu_thread_create(&s->thread, "hipfx-stream", stream_main, s) != 0) {
        stream_unref(s);
        return NULL;
    }
    return s;
}

/* Under the list's lock. */
static struct ihipStream_t **find_link(hipStream_t stream)
{
    struct ihipStream_t **link = &streams.first;
    while (*link && *link != stream)
        link = &(*link)->link;
    return link;
}

/* The stream that a caller's handle means, with a reference. */
static hipError_t acquire(hipStream_t handle, struct ihipStream_t **out)
{
    hipError_t err = hipSuccess;
    pthread_mutex_lock(&streams.lock);
    struct ihipStream_t *s = NULL;
    if (handle) {
        s = *find_link(handle);
        err = s ? hipSuccess : hipErrorContextIsDestroyed;
    } else {
        if (!streams.null_stream)
            streams.null_stream = stream_create(false);
        s = streams.null_stream;
        err = s ? hipSuccess : hipErrorOutOfMemory;
    }
    *out = s ? stream_ref(s) : NULL;
    pthread_mutex_unlock(&streams.lock);
    return err;
}

/* The stream with the next higher id, with a reference; NULL at the end. Streams may come and go
 * between the calls. */
static struct ihipStream_t *next_stream(uint64_t id)
{
    pthread_mutex_lock(&streams.lock);
    struct ihipStream_t *s = streams.first;
    while (s && s->id <= id)
        s = s->link;
    if (s)
        stream_ref(s);
    pthread_mutex_unlock(&streams.lock);
    return s;
}

static struct ihipStream_t *ref_null_stream(void)
{
    pthread_mutex_lock(&streams.lock);
    struct ihipStream_t *s = streams.null_stream ? stream_ref(streams.null_stream) : NULL;
    pthread_mutex_unlock(&streams.lock);
    return s;
}

static struct hipfx_cpu_place last_place(struct ihipStream_t *s)
{
    pthread_mutex_lock(&s->lock);
    struct hipfx_cpu_place place = {stream_ref(s), s->submitted};
    pthread_mutex_unlock(&s->lock);
    return place;
}

bool hipfx_cpu_place_reached(const struct hipfx_cpu_place *place)
{
    struct ihipStream_t *s = place->stream;
    if (!s)
        return true;
    pthread_mutex_lock(&s->lock);
    bool reached = s->completed >= place->seq;
    pthread_mutex_unlock(&s->lock);
    return reached;
}

void hipfx_cpu_place_wait(const struct hipfx_cpu_place *place)
{
    struct ihipStream_t *s = place->stream;
    if (!s)
        return;
    pthread_mutex_lock(&s->lock);
    s->waiters++;
    while (s->completed < place->seq)
        pthread_cond_wait(&s->done, &s->lock);
    s->waiters--;
    pthread_mutex_unlock(&s->lock);
}

struct hipfx_cpu_place hipfx_cpu_place_copy(const struct hipfx_cpu_place *place)
{
    if (place->stream)
        stream_ref(place->stream);
    return *place;
}

void hipfx_cpu_place_drop(struct hipfx_cpu_place *place)
{
    stream_unref(place->stream);
    *place = (struct hipfx_cpu_place){0};
}

static void sync_stream(struct ihipStream_t *s)
{
    struct hipfx_cpu_place place = last_place(s);
    hipfx_cpu_place_wait(&place);
    hipfx_cpu_place_drop(&place);
}

static void sync_streams(bool blocking_only)
{
    struct ihipStream_t *s = ref_null_stream();
    if (s)
        sync_stream(s);
    stream_unref(s);

    uint64_t id = 0;
    while ((s = next_stream(id))) {
        id = s->id;
        if (s->blocking || !blocking_only)
            sync_stream(s);
        stream_unref(s);
    }
}

void hipfx_cpu_sync_all(void)
{
    sync_streams(false);
}

/* Takes the operation over, unless the stream is just being destroyed by another thread. */
static hipError_t push(struct ihipStream_t *s, struct hipfx_cpu_op *op,
                       struct hipfx_cpu_place *place)
{
    pthread_mutex_lock(&s->lock);
    if (s->closing) {
        pthread_mutex_unlock(&s->lock);
        return hipErrorContextIsDestroyed;
    }
    *s->tail = op;
    s->tail = &op->link;
    s->submitted++;
    if (place)
        *place = (struct hipfx_cpu_place){stream_ref(s), s->submitted};
    bool wake = s->head == op;
    pthread_mutex_unlock(&s->lock);
    if (wake)
        pthread_cond_signal(&s->work);
    return hipSuccess;
}

static void run_wait(void *args)
{
    struct hipfx_cpu_place *place = args;
    hipfx_cpu_place_wait(place);
    hipfx_cpu_place_drop(place);
}

static hipError_t push_wait(struct ihipStream_t *s, const struct hipfx_cpu_place *place)
{
    if (place->stream == s || hipfx_cpu_place_reached(place))
        return hipSuccess;
    struct hipfx_cpu_op *op = hipfx_cpu_op_create(run_wait, sizeof(*place));
    if (!op)
        return hipErrorOutOfMemory;
    struct hipfx_cpu_place *copy = hipfx_cpu_op_args(op);
    *copy = hipfx_cpu_place_copy(place);
    hipError_t err = push(s, op, NULL);
    if (err != hipSuccess) {
        hipfx_cpu_place_drop(copy);
        hipfx_cpu_op_destroy(op);
    }
    return err;
}

static hipError_t push_wait_for_stream(struct ihipStream_t *s, struct ihipStream_t *other)
{
    struct hipfx_cpu_place place = last_place(other);
    hipError_t err = push_wait(s, &place);
    hipfx_cpu_place_drop(&place);
    return err;
}

/* The NULL stream and the blocking streams wait for each other. */
static hipError_t push_implicit_waits(struct ihipStream_t *s)
{
    hipError_t err = hipSuccess;
    struct ihipStream_t *null_stream = ref_null_stream();
    if (s->blocking && null_stream)
        err = push_wait_for_stream(s, null_stream);
    if (s == null_stream) {
        uint64_t id = 0;
        struct ihipStream_t *other;
        while (err == hipSuccess && (other = next_stream(id))) {
            id = other->id;
            if (other->blocking)
                err = push_wait_for_stream(s, other);
            stream_unref(other);
        }
    }
    stream_unref(null_stream);
    return err;
}

hipError_t hipfx_cpu_enqueue(hipStream_t stream, struct hipfx_cpu_op *op,
                             struct hipfx_cpu_place *place)
{
    struct ihipStream_t *s = NULL;
    hipError_t err = op ? acquire(stream, &s) : hipErrorOutOfMemory;
    if (err == hipSuccess)
        err = push_implicit_waits(s);
    if (err == hipSuccess)
        err = push(s, op, place);
    if (err != hipSuccess)
        hipfx_cpu_op_destroy(op);
    stream_unref(s);
    return err;
}

hipError_t hipfx_cpu_enqueue_wait(hipStream_t stream, const struct hipfx_cpu_place *place)
{
    struct ihipStream_t *s = NULL;
    hipError_t err = acquire(stream, &s);
    if (err == hipSuccess)
        err = push_wait(s, place);
    stream_unref(s);
    return err;
}

hipError_t hipfx_cpu_hipStreamCreateWithFlags(hipStream_t *stream, unsigned int flags)
{
    if (!stream || (flags & ~(unsigned int)hipStreamNonBlocking))
        return hipErrorInvalidValue;
    *stream = NULL;
    struct ihipStream_t *s = stream_create(!(flags & hipStreamNonBlocking));
    if (!s)
        return hipErrorOutOfMemory;

    pthread_mutex_lock(&streams.lock);
    s->id = ++streams.last_id;
    *streams.last = s;
    streams.last = &s->link;
    pthread_mutex_unlock(&streams.lock);
    *stream = s;
    return hipSuccess;
}

static void forget(struct ihipStream_t *s)
{
    pthread_mutex_lock(&streams.lock);
    struct ihipStream_t **link = find_link(s);
    *link = s->link;
    if (!*link)
        streams.last = link;
    pthread_mutex_unlock(&streams.lock);
    stream_unref(s);
}

hipError_t hipfx_cpu_hipStreamDestroy(hipStream_t stream)
{
    if (!stream)
        return hipErrorInvalidHandle;

    struct ihipStream_t *s = NULL;
    hipError_t err = acquire(stream, &s);
    if (err != hipSuccess)
        return err;

    pthread_mutex_lock(&s->lock);
    bool first = !s->closing;
    s->closing = true;
    pthread_mutex_unlock(&s->lock);
    if (first) {
        pthread_cond_signal(&s->work);
        pthread_join(s->thread, NULL);
        /* In the list to the end: hipFree must wait for its last operations too. */
        forget(s);
    }
    stream_unref(s);
    return first ? hipSuccess : hipErrorContextIsDestroyed;
}

hipError_t hipfx_cpu_hipStreamSynchronize(hipStream_t stream)
{
    struct ihipStream_t *s = NULL;
    hipError_t err = acquire(stream, &s);
    if (err != hipSuccess)
        return err;
    if (stream)
        sync_stream(s);
    else
        sync_streams(true);
    stream_unref(s);
    return hipSuccess;
}

hipError_t hipfx_cpu_hipStreamQuery(hipStream_t stream)
{
    struct ihipStream_t *s = NULL;
    hipError_t err = acquire(stream, &s);
    if (err != hipSuccess)
        return err;
    struct hipfx_cpu_place place = last_place(s);
    bool idle = hipfx_cpu_place_reached(&place);
    hipfx_cpu_place_drop(&place);
    stream_unref(s);
    return idle ? hipSuccess : hipErrorNotReady;
}

hipError_t hipfx_cpu_hipStreamWaitEvent(hipStream_t stream, hipEvent_t event, unsigned int flags)
{
    struct hipfx_cpu_place place = {0};
    if (flags != 0)
        return hipErrorInvalidValue;
    hipError_t err = hipfx_cpu_event_place(event, &place);
    if (err == hipSuccess)
        err = hipfx_cpu_enqueue_wait(stream, &place);
    hipfx_cpu_place_drop(&place);
    return err;
}

struct host_call {
    hipHostFn_t fn;
    hipStreamCallback_t callback;
    hipStream_t stream;
    void *user;
};

static void run_host_call(void *args)
{
    struct host_call *call = args;
    if (call->fn)
        call->fn(call->user);
    else
        call->callback(call->stream, hipSuccess, call->user);
}

static hipError_t enqueue_host_call(hipStream_t stream, const struct host_call *call)
{
    struct hipfx_cpu_op *op = hipfx_cpu_op_create(run_host_call, sizeof(*call));
    if (op)
        *(struct host_call *)hipfx_cpu_op_args(op) = *call;
    return hipfx_cpu_enqueue(stream, op, NULL);
}

hipError_t hipfx_cpu_hipLaunchHostFunc(hipStream_t stream, hipHostFn_t fn, void *user)
{
    if (!fn)
        return hipErrorInvalidValue;
    return enqueue_host_call(stream, &(struct host_call){.fn = fn, .user = user});
}

hipError_t hipfx_cpu_hipStreamAddCallback(hipStream_t stream, hipStreamCallback_t callback,
                                          void *user, unsigned int flags)
{
    if (!callback || flags != 0)
        return hipErrorInvalidValue;
    return enqueue_host_call(
        stream, &(struct host_call){.callback = callback, .stream = stream, .user = user});
}
