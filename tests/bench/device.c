#include "tests/bench/device.h"
#include "interop/match.h"
#include "tests/interop/gl_context.h"

#include <stdlib.h>

static void open_graphics(struct bench_device *device)
{
    device->has_gl = test_gl_open();
    if (!device->has_gl) {
        hipfx_fail(&device->vk_why, "EGL offers no OpenGL context without a window");
        return;
    }
    device->gl = hipfx_gl_query();
    if (!device->gl.has_uuid) {
        hipfx_fail(&device->vk_why, "OpenGL (%s) has no GL_EXT_memory_object", device->gl.renderer);
        return;
    }
    const struct hipfx_vk_params params = {
        .device_uuid = device->gl.device_uuid,
        .driver_uuid = device->gl.driver_uuid,
    };
    device->vk = hipfx_vk_create(&params, &device->vk_why);
}

static bool try_provider(struct bench_device *device, enum hipfx_hip_kind kind,
                         struct hipfx_why *why)
{
    const int name_size = (int)sizeof(device->name);
    const struct hipfx_hip *hip = hipfx_hip_open(kind, why);
    if (!hip || !hipfx_match_device(hip, device->vk, &device->ordinal, why) ||
        !HIP(why, hip, hipSetDevice, device->ordinal) ||
        !HIP(why, hip, hipDeviceGetName, device->name, name_size, device->ordinal))
        return false;
    device->hip = hip;
    return true;
}

static bool open_hip(struct bench_device *device, struct hipfx_why *why)
{
    static const enum hipfx_hip_kind ladder[] = {HIPFX_HIP_AMD, HIPFX_HIP_NVIDIA, HIPFX_HIP_CPU};
    if (device->force.device)
        return try_provider(device, device->force.device, why);
    for (size_t i = 0; i < sizeof(ladder) / sizeof(ladder[0]); i++) {
        struct hipfx_why reason = {0};
        if (try_provider(device, ladder[i], &reason))
            return true;
        hipfx_log(HIPFX_LOG_INFO, "%s: %s", hipfx_hip_kind_name(ladder[i]), reason.text);
    }
    return hipfx_fail(why, "no device runs HIP");
}

bool bench_device_open(struct bench_device *device, struct hipfx_why *why)
{
    *device = (struct bench_device){0};
    if (!hipfx_force_parse(getenv("HIPFX_FORCE"), &device->force, why))
        return false;
    open_graphics(device);
    if (open_hip(device, why))
        return true;
    bench_device_close(device);
    return false;
}

void bench_device_close(struct bench_device *device)
{
    hipfx_vk_destroy(&device->vk);
    if (device->has_gl)
        test_gl_close();
    *device = (struct bench_device){0};
}
