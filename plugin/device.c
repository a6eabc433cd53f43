#include "plugin/plugin.h"

#include <epoxy/egl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Guarded by the graphics context: whoever touches it has entered that. */
static struct hipfx_device *shared;

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

static bool try_provider(struct hipfx_device *device, enum hipfx_hip_kind kind,
                         struct hipfx_why *why)
{
    const struct hipfx_hip *hip = hipfx_hip_open(kind, why);
    if (!hip)
        return false;
    device->kernels = hipfx_kernels_create(hip, why);
    if (!device->kernels)
        return false;
    device->hip = hip;
    return true;
}

/* The best provider that has a device and kernels for it, or the forced one. */
static bool open_hip(struct hipfx_device *device, struct hipfx_why *why)
{
    static const enum hipfx_hip_kind ladder[] = {HIPFX_HIP_AMD, HIPFX_HIP_NVIDIA, HIPFX_HIP_CPU};
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

static void free_device(struct hipfx_device *device)
{
    hipfx_kernels_destroy(&device->kernels);
    hipfx_vk_destroy(&device->vk);
    free(device);
}

static struct hipfx_device *create_device(struct hipfx_why *why)
{
    struct hipfx_device *device = calloc(1, sizeof(*device));
    if (!device) {
        hipfx_fail(why, "out of memory");
        return NULL;
    }
    device->gl_context = hipfx_device_current_context();
    device->gl = hipfx_gl_query();
    int name_size = (int)sizeof(device->name);
    if (!hipfx_force_parse(getenv("HIPFX_FORCE"), &device->force, why) || !open_vk(device, why) ||
        !open_hip(device, why) ||
        !HIP(why, device->hip, hipDeviceGetName, device->name, name_size, 0)) {
        free_device(device);
        return NULL;
    }
    return device;
}

struct hipfx_device *hipfx_device_acquire(struct hipfx_why *why)
{
    /* One that was made for an earlier context goes when the last filter lets go of it. */
    if (!shared || shared->gl_context != hipfx_device_current_context())
        shared = create_device(why);
    if (shared)
        shared->references++;
    return shared;
}

void hipfx_device_release(struct hipfx_device **pdevice)
{
    struct hipfx_device *device = *pdevice;
    *pdevice = NULL;
    if (!device || --device->references > 0)
        return;
    if (shared == device)
        shared = NULL;
    free_device(device);
}

static void log_rungs(const struct hipfx_device *device, const struct hipfx_rungs *rungs)
{
    char skipped[sizeof(device->skipped) + sizeof(rungs->skipped) + 4];
    snprintf(skipped, sizeof(skipped), "%s%s%s", device->skipped,
             device->skipped[0] && rungs->skipped[0] ? "; " : "", rungs->skipped);
    PLUGIN_LOG(LOG_INFO,
               "device=%s \"%s\", HIP %d.%d (%s), driver \"%s\", memory=%s, order=%s%s%s%s",
               device->hip->name, device->name, device->hip->runtime_version / 10000000,
               device->hip->runtime_version / 100000 % 100, device->hip->library,
               device->vk ? device->vk->driver : device->gl.version,
               hipfx_memory_name(rungs->memory), hipfx_order_name(rungs->order),
               rungs->order == HIPFX_ORDER_VK_RELAY && !device->gl.semaphore_fd
                   ? " (OpenGL's side is a fence: no GL_EXT_semaphore_fd)"
                   : "",
               skipped[0] ? "; passed over: " : "", skipped);
}

const struct hipfx_rungs *hipfx_device_rungs(struct hipfx_device *device, enum hipfx_pixel format,
                                             hipStream_t stream, struct hipfx_why *why)
{
    struct hipfx_rungs *rungs = &device->rungs[format];
    if (rungs->memory)
        return rungs;
    const struct hipfx_link_params params = {
        .hip = device->hip,
        .stream = stream,
        .vk = device->vk,
        .format = format,
    };
    if (!hipfx_link_choose(&params, &device->force, rungs, why)) {
        *rungs = (struct hipfx_rungs){0};
        return NULL;
    }
    log_rungs(device, rungs);
    return rungs;
}
