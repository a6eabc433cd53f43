#define _GNU_SOURCE /* pthread_cond_clockwait */
#include "plugin/plugin.h"

#include "interop/hip/probe.h"
#include "interop/match.h"
#include "interop/timeout.h"

#include <epoxy/egl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <util/platform.h>

/* How long obs_module_unload waits for a vendor's library that is still being opened. */
#define UNLOAD_TIMEOUT_S 10

/* Between two looks at a test frame that was given up. */
#define LOOK_NS 5000000

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* of what follows, of all references, and
                                                             of uses_hip and unfinished */
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct hipfx_device *shared;
static int opening;    /* threads that still run */
static int users;      /* devices that use HIP */
static int unfinished; /* ... that are unfinished, because they are lost or a test frame hangs */
static int hung;       /* ... of these, those whose test frame hangs */

void *hipfx_device_current_context(void)
{
    return eglGetCurrentContext();
}

static void note_skipped(struct hipfx_device *device, enum hipfx_hip_kind kind, const char *reason)
{
    size_t used = strlen(device->skipped);
    snprintf(device->skipped + used, sizeof(device->skipped) - used, "%s%s: %s", used ? "; " : "",
             hipfx_hip_kind_name(kind), reason);
}

/* AMD's runtime is tried by a helper first, which lies beside the module. */
static void set_probe(const struct hipfx_device *device)
{
    char path[512];
    const char *module = obs_get_module_binary_path(obs_current_module());
    const char *slash = module ? strrchr(module, '/') : NULL;
    snprintf(path, sizeof(path), "%.*sobs-hipfx-probe", slash ? (int)(slash + 1 - module) : 0,
             slash ? module : "");
    hipfx_probe_set(&(struct hipfx_probe_params){
        .program = path,
        .device = device->vk && device->vk->has_pci ? &device->vk->pci : NULL,
    });
}

/* Nobody else may have anything on the device. Whether it helped, the next call tells. */
static bool revive(const struct hipfx_hip *hip, int ordinal)
{
    pthread_mutex_lock(&mutex);
    const bool alone = users == 1;
    pthread_mutex_unlock(&mutex);
    if (!alone || !hip->hipDeviceReset || !HIP(NULL, hip, hipSetDevice, ordinal))
        return false;
    HIP(NULL, hip, hipDeviceReset);
    PLUGIN_LOG(LOG_INFO, "HIP's device (%s) was lost, and is reset", hip->name);
    return true;
}

/* The first stream wakes what hipInit left asleep, and a frame must not wait for that. */
static bool load_kernels(struct hipfx_device *device, const struct hipfx_hip *hip,
                         struct hipfx_why *why)
{
    if (!HIP(why, hip, hipStreamCreateWithFlags, &device->stream, hipStreamNonBlocking)) {
        device->stream = NULL;
        return false;
    }
    device->kernels = hipfx_kernels_create(hip, device->ordinal, why);
    if (device->kernels)
        return true;
    HIP_FREE(hip, hipStreamDestroy, device->stream);
    device->stream = NULL;
    return false;
}

/* The device may be lost before anything was done with it: others in OBS use CUDA, too. */
static bool begin_work(struct hipfx_device *device, const struct hipfx_hip *hip,
                       struct hipfx_why *why)
{
    struct hipfx_why reason = {0};
    if (load_kernels(device, hip, &reason))
        return true;
    if (hipfx_hip_is_lost(hip, NULL) && revive(hip, device->ordinal))
        return load_kernels(device, hip, why);
    return hipfx_fail(why, "%s", reason.text);
}

/* CUDA's driver makes no context after some errors, as long as the process lives (seen with driver
 * 580 after a trap). */
static bool choose_ordinal(const struct hipfx_device *device, const struct hipfx_hip *hip,
                           struct hipfx_why *why)
{
    struct hipfx_why reason = {0};
    const hipError_t err = HIP_RESULT("hipSetDevice", hip->hipSetDevice(device->ordinal));
    if (hipfx_hip_check(hip, &reason, "hipSetDevice", err))
        return true;
    return hipfx_fail(why, "%s%s", reason.text,
                      hipfx_hip_means_lost(err) ? ": restart OBS to use the GPU again" : "");
}

static bool try_provider(struct hipfx_device *device, enum hipfx_hip_kind kind,
                         struct hipfx_why *why)
{
    const int name_size = (int)sizeof(device->name);
    atomic_store(&device->trying, (int)kind);
    const struct hipfx_hip *hip = hipfx_hip_open(kind, why);
    if (!hip || !hipfx_match_device(hip, device->vk, &device->ordinal, why) ||
        !choose_ordinal(device, hip, why) ||
        !HIP(why, hip, hipDeviceGetName, device->name, name_size, device->ordinal) ||
        !begin_work(device, hip, why))
        return false;
    device->hip = hip;
    return true;
}

/* The best provider that has OpenGL's device and kernels for it, or the forced one. */
static bool open_hip(struct hipfx_device *device, struct hipfx_why *why)
{
    static const enum hipfx_hip_kind ladder[] = {HIPFX_HIP_AMD, HIPFX_HIP_NVIDIA, HIPFX_HIP_CPU};
    set_probe(device);
    if (device->force.device)
        return try_provider(device, device->force.device, why);
    for (size_t i = 0; i < sizeof(ladder) / sizeof(ladder[0]); i++) {
        struct hipfx_why reason = {0};
        if (try_provider(device, ladder[i], &reason))
            return true;
        note_skipped(device, ladder[i], reason.text);
    }
    return hipfx_fail(why, "no device runs HIP (%s)", device->skipped);
}

/* Without Vulkan nothing is shared; only a frame that is forced through host memory goes on. */
static bool open_vk(struct hipfx_device *device, struct hipfx_why *why)
{
    struct hipfx_why reason = {0};
    if (!device->gl.has_uuid) {
        hipfx_fail(&reason, "OpenGL (%s) cannot share memory: GL_EXT_memory_object is missing",
                   device->gl.renderer);
    } else {
        const struct hipfx_vk_params params = {
            .device_uuid = device->gl.device_uuid,
            .driver_uuid = device->gl.driver_uuid,
        };
        device->vk = hipfx_vk_create(&params, &reason);
    }
    if (device->vk || device->force.memory == HIPFX_MEMORY_STAGED)
        return true;
    return hipfx_fail(why, "%s", reason.text);
}

static void set_unfinished(struct hipfx_device *device, bool is, bool hangs)
{
    pthread_mutex_lock(&mutex);
    const int change = (int)is - (int)device->unfinished;
    device->unfinished = is;
    unfinished += change;
    if (hangs)
        hung += change;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

/* What an earlier device has left unfinished would hold up this one, or be lost with its reset. */
static bool begin_hip(struct hipfx_device *device, struct hipfx_why *why)
{
    const struct timespec deadline = hipfx_deadline(HIPFX_FRAME_TIMEOUT_NS);
    pthread_mutex_lock(&mutex);
    while (unfinished > 0 &&
           pthread_cond_clockwait(&changed, &mutex, CLOCK_MONOTONIC, &deadline) == 0)
        ;
    device->uses_hip = unfinished == 0;
    users += device->uses_hip;
    pthread_mutex_unlock(&mutex);
    return device->uses_hip || hipfx_fail(why, "HIP still works on a frame that was given up");
}

static void end_hip(struct hipfx_device *device)
{
    hipfx_kernels_destroy(&device->kernels);
    if (atomic_load(&device->state) == HIPFX_DEVICE_LOST)
        revive(device->hip, device->ordinal);
    pthread_mutex_lock(&mutex);
    users -= device->uses_hip;
    pthread_mutex_unlock(&mutex);
    set_unfinished(device, false, false);
}

static void free_device(struct hipfx_device *device)
{
    end_hip(device);
    hipfx_vk_destroy(&device->vk);
    hipfx_worker_destroy(&device->worker); /* idle, or this thread's own */
    free(device);
}

/* With the thread's GL context current. A format without rungs is told of when a frame has it. */
static void choose_ways(struct hipfx_device *device)
{
    for (int format = HIPFX_PIXEL_RGBA8_SRGB; format <= HIPFX_PIXEL_RGBA16F; format++) {
        struct hipfx_device_way *way = &device->ways[format];
        const struct hipfx_link_params params = {
            .hip = device->hip,
            .device = device->ordinal,
            .stream = device->stream,
            .vk = device->vk,
            .format = (enum hipfx_pixel)format,
        };
        if (!hipfx_link_choose(&params, &device->force, &way->rungs, &way->why))
            way->rungs = (struct hipfx_rungs){0};
    }
}

/* True if no test frame is worked on any more, and nothing is left of any. */
static bool test_frames_ended(struct hipfx_device *device)
{
    if (!device->stream)
        return true;
    if (HIP_RESULT("hipStreamQuery", device->hip->hipStreamQuery(device->stream)) ==
            hipErrorNotReady ||
        !hipfx_link_collect(device->stream, false))
        return false;
    HIP_FREE(device->hip, hipStreamDestroy, device->stream);
    device->stream = NULL;
    return true;
}

/* Drivers take long to wake, to compile kernels and to set up what is shared, so that happens off
 * the graphics thread. */
static void open_device(void *data, const struct hipfx_why *failed)
{
    const struct timespec pause = {.tv_nsec = LOOK_NS};
    struct hipfx_device *device = data;
    bool ok = failed ? hipfx_fail(&device->why, "%s", failed->text)
                     : begin_hip(device, &device->why) && open_vk(device, &device->why) &&
                           open_hip(device, &device->why);
    if (ok)
        choose_ways(device);
    const bool ended = test_frames_ended(device);
    if (!ended) {
        const struct hipfx_why *cause = &device->ways[HIPFX_PIXEL_RGBA8_SRGB].why;
        if (!cause->text[0])
            cause = &device->ways[HIPFX_PIXEL_RGBA16F].why;
        ok = hipfx_fail(&device->why, "%s", cause->text[0] ? cause->text : "a test frame hangs");
        set_unfinished(device, true, true);
    }
    atomic_store(&device->state, ok ? HIPFX_DEVICE_READY : HIPFX_DEVICE_FAILED);
    if (!ended) {
        while (!test_frames_ended(device))
            nanosleep(&pause, NULL);
        set_unfinished(device, false, true);
    }
    hipfx_device_release(&device);
    pthread_mutex_lock(&mutex);
    opening--;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

static struct hipfx_device *create_device(struct hipfx_why *why)
{
    struct hipfx_device *device =
        HIPFX_FAULT_POINT(HIPFX_FAULT_LIBC, "calloc", NULL, calloc(1, sizeof(*device)));
    if (!device) {
        hipfx_fail(why, "out of memory");
        return NULL;
    }
    device->gl_context = hipfx_device_current_context();
    device->gl = hipfx_gl_query();
    device->since_ns = os_gettime_ns();
    device->references = 1; /* the thread's */
    struct hipfx_why reason = {0};
    if (!hipfx_force_parse(getenv("HIPFX_FORCE"), &device->force, &reason)) {
        hipfx_fail(why, "HIPFX_FORCE: %s", reason.text);
        goto error;
    }
    device->worker = hipfx_worker_create(open_device, device, why);
    if (!device->worker)
        goto error;
    opening++;
    return device;

error:
    free(device);
    return NULL;
}

struct hipfx_device *hipfx_device_acquire(struct hipfx_why *why)
{
    pthread_mutex_lock(&mutex);
    /* One that failed, or was lost, or was made for an earlier context, goes when the last filter
     * lets go. */
    if (!shared || shared->gl_context != hipfx_device_current_context() ||
        atomic_load(&shared->state) >= HIPFX_DEVICE_FAILED)
        shared = create_device(why);
    struct hipfx_device *device = shared;
    if (device)
        device->references++;
    pthread_mutex_unlock(&mutex);
    return device;
}

bool hipfx_device_is_overdue(struct hipfx_device *device, struct hipfx_why *why)
{
    if (os_gettime_ns() - device->since_ns <= HIPFX_OPEN_TIMEOUT_NS)
        return false;
    const enum hipfx_hip_kind kind = (enum hipfx_hip_kind)atomic_load(&device->trying);
    hipfx_fail(why,
               "%s did not open its device within %.0f s: restart OBS, update the driver if that "
               "does not help, or start OBS with HIPFX_FORCE=device=cpu",
               kind ? hipfx_hip_kind_name(kind) : "the graphics driver",
               (double)HIPFX_OPEN_TIMEOUT_NS * 1e-9);
    return true;
}

void hipfx_device_release(struct hipfx_device **pdevice)
{
    struct hipfx_device *device = *pdevice;
    *pdevice = NULL;
    if (!device)
        return;
    pthread_mutex_lock(&mutex);
    const bool last = --device->references == 0;
    if (last && shared == device)
        shared = NULL;
    pthread_mutex_unlock(&mutex);
    if (last)
        free_device(device);
}

void hipfx_device_lose(struct hipfx_device *device, const struct hipfx_why *why)
{
    if (atomic_load(&device->state) == HIPFX_DEVICE_LOST)
        return;
    device->why = *why;
    set_unfinished(device, true, false);
    atomic_store(&device->state, HIPFX_DEVICE_LOST);
}

bool hipfx_device_hangs(void)
{
    pthread_mutex_lock(&mutex);
    const bool hangs = hung > 0;
    pthread_mutex_unlock(&mutex);
    return hangs;
}

void hipfx_device_unload(void)
{
    const struct timespec deadline = hipfx_deadline(UNLOAD_TIMEOUT_S * UINT64_C(1000000000));
    pthread_mutex_lock(&mutex);
    while (opening > 0 && pthread_cond_clockwait(&changed, &mutex, CLOCK_MONOTONIC, &deadline) == 0)
        ;
    pthread_mutex_unlock(&mutex);
}

/* Once, however often filters are added and removed. */
static void log_once(const char *line)
{
    static char last[2048];
    pthread_mutex_lock(&mutex);
    if (strcmp(last, line) != 0) {
        snprintf(last, sizeof(last), "%s", line);
        PLUGIN_LOG(LOG_INFO, "%s", line);
    }
    pthread_mutex_unlock(&mutex);
}

static void log_rungs(const struct hipfx_device *device, const struct hipfx_rungs *rungs)
{
    const bool fence = rungs->order == HIPFX_ORDER_VK_RELAY && !device->gl.semaphore_fd;
    char line[2048];
    snprintf(line, sizeof(line),
             "device=%s \"%s\", HIP %d.%d (%s), driver \"%s\", memory=%s, order=%s%s%s%s%s%s",
             device->hip->name, device->name, device->hip->runtime_version / 10000000,
             device->hip->runtime_version / 100000 % 100, device->hip->library,
             device->vk ? device->vk->driver : device->gl.version, hipfx_memory_name(rungs->memory),
             hipfx_order_name(rungs->order),
             fence ? " (OpenGL's side is a fence: no GL_EXT_semaphore_fd)" : "",
             device->skipped[0] || rungs->skipped[0] ? "; passed over: " : "", device->skipped,
             device->skipped[0] && rungs->skipped[0] ? "; " : "", rungs->skipped);
    log_once(line);
}

const struct hipfx_rungs *hipfx_device_rungs(struct hipfx_device *device, enum hipfx_pixel format,
                                             struct hipfx_why *why)
{
    struct hipfx_device_way *way = &device->ways[format];
    if (way->rungs.memory) {
        if (!way->told)
            log_rungs(device, &way->rungs);
        way->told = true;
        return &way->rungs;
    }
    hipfx_fail(why, "%s", way->why.text);
    pthread_mutex_lock(&mutex);
    if (shared == device)
        shared = NULL;
    pthread_mutex_unlock(&mutex);
    return NULL;
}
