#include "interop/hip/hip.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

/* Between two looks at a stream. */
#define POLL_NS 50000

/* A refusal is kept as well as a table: asking a runtime again that found no device costs tens of
 * milliseconds each time, and gives the same answer within one process. */
struct provider {
    const char *name;
    const struct hipfx_hip *(*open)(struct hipfx_why *why);
    pthread_mutex_t lock; /* one each, so that `cpu` does not wait while `amd` wakes a GPU */
    bool tried;
    const struct hipfx_hip *hip;
    struct hipfx_why why;
};

#define PROVIDER(n, f) {.name = (n), .open = (f), .lock = PTHREAD_MUTEX_INITIALIZER}
static struct provider providers[] = {
    [HIPFX_HIP_AMD] = PROVIDER("amd", hipfx_hip_open_amd),
    [HIPFX_HIP_NVIDIA] = PROVIDER("nvidia", hipfx_hip_open_nvidia),
    [HIPFX_HIP_CPU] = PROVIDER("cpu", hipfx_hip_open_cpu),
};
#undef PROVIDER
static const int provider_count = sizeof(providers) / sizeof(providers[0]);

static struct provider *find_provider(enum hipfx_hip_kind kind)
{
    if ((int)kind <= HIPFX_HIP_NONE || (int)kind >= provider_count)
        return NULL;
    return &providers[kind];
}

const struct hipfx_hip *hipfx_hip_open(enum hipfx_hip_kind kind, struct hipfx_why *why)
{
    struct provider *p = find_provider(kind);
    if (!p) {
        hipfx_fail(why, "there is no HIP provider number %d", (int)kind);
        return NULL;
    }

    pthread_mutex_lock(&p->lock);
    if (!p->tried) {
        p->hip = p->open(&p->why);
        p->tried = true;
    }
    pthread_mutex_unlock(&p->lock);

    /* Written once, under the lock that was just held. */
    if (!p->hip)
        hipfx_fail(why, "%s", p->why.text);
    return p->hip;
}

enum hipfx_hip_kind hipfx_hip_kind_from_name(const char *name)
{
    for (int kind = HIPFX_HIP_NONE + 1; name && kind < provider_count; kind++) {
        if (strcmp(providers[kind].name, name) == 0)
            return (enum hipfx_hip_kind)kind;
    }
    return HIPFX_HIP_NONE;
}

const char *hipfx_hip_kind_name(enum hipfx_hip_kind kind)
{
    const struct provider *p = find_provider(kind);
    return p ? p->name : "none";
}

bool hipfx_hip_check(const struct hipfx_hip *hip, struct hipfx_why *why, const char *call,
                     hipError_t err)
{
    if (err == hipSuccess)
        return true;
    return hipfx_fail(why, "%s (%s): %s, %s", call, hip->name, hip->hipGetErrorName(err),
                      hip->hipGetErrorString(err));
}

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

bool hipfx_hip_wait_stream(const struct hipfx_hip *hip, hipStream_t stream, uint64_t timeout_ns,
                           struct hipfx_why *why)
{
    const struct timespec pause = {.tv_nsec = POLL_NS};
    const uint64_t deadline_ns = now_ns() + timeout_ns;
    hipError_t err = HIP_RESULT("hipStreamQuery", hip->hipStreamQuery(stream));
    while (err == hipErrorNotReady) {
        if (now_ns() > deadline_ns)
            return hipfx_fail(why, "HIP did not finish its work within %.1f s",
                              (double)timeout_ns * 1e-9);
        nanosleep(&pause, NULL);
        err = hip->hipStreamQuery(stream);
    }
    return hipfx_hip_check(hip, why, "hipStreamQuery", err);
}

bool hipfx_hip_is_lost(const struct hipfx_hip *hip, hipStream_t stream)
{
    hipEvent_t event = NULL;
    if (stream) {
        const hipError_t err = HIP_RESULT("hipStreamQuery", hip->hipStreamQuery(stream));
        return err != hipSuccess && err != hipErrorNotReady;
    }
    /* Not the default stream, which some runtimes make, and keep, once it is asked for. */
    if (!HIP(NULL, hip, hipEventCreateWithFlags, &event, hipEventDisableTiming))
        return true;
    HIP_FREE(hip, hipEventDestroy, event);
    return false;
}

bool hipfx_hip_means_lost(hipError_t err)
{
    switch ((int)err) {
    case hipErrorDeinitialized:
    case hipErrorInvalidContext:
    case hipErrorECCNotCorrectable:
    case hipErrorIllegalAddress:
    case hipErrorLaunchTimeOut:
    case hipErrorContextIsDestroyed:
    case hipErrorAssert:
    case hipErrorLaunchFailure:
        return true;
    default:
        return false;
    }
}

void hipfx_hip_freed(const struct hipfx_hip *hip, const char *call, hipError_t err)
{
    struct hipfx_why why = {0};
    if (!hipfx_hip_check(hip, &why, call, err) && !hipfx_hip_means_lost(err))
        hipfx_log(HIPFX_LOG_WARNING, "while freeing: %s", why.text);
}
