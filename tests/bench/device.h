/* OpenGL, Vulkan and HIP on one device with no OBS and no display, as the plugin would take them.
 */
#pragma once

#include "interop/gl/gl.h"
#include "interop/hip/hip.h"
#include "interop/ladder.h"

struct bench_device {
    struct hipfx_force force; /* from HIPFX_FORCE */
    bool has_gl;              /* a context is current on this thread */
    struct hipfx_gl_caps gl;
    struct hipfx_vk *vk; /* NULL: `vk_why` says why there is none */
    struct hipfx_why vk_why;
    const struct hipfx_hip *hip;
    int ordinal; /* HIP's number of the device */
    char name[256];
};

/* What there is of OpenGL and Vulkan, and the best provider of HIP that has their device. False
 * with the reason if there is no HIP. One at a time in a process; the thread that opens it uses it.
 */
bool bench_device_open(struct bench_device *device, struct hipfx_why *why);
void bench_device_close(struct bench_device *device);
