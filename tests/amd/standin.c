#define _GNU_SOURCE /* program_invocation_short_name */
#include "tests/amd/standin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEVICE_COUNT 2

static _Thread_local int current;

static const char *setting(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value && value[0] ? value : otherwise;
}

static bool is_set(const char *name, const char *value)
{
    return !strcmp(setting(name, ""), value);
}

const char *standin_target(void)
{
    return setting("HIPFX_STANDIN_GFX", current == 0 ? "gfx1036" : "gfx1030");
}

static bool is_device(int device)
{
    return device >= 0 && device < DEVICE_COUNT;
}

/* "hang-after-trial": everywhere but in the helper. */
static bool hangs(void)
{
    return is_set("HIPFX_STANDIN_INIT", "hang") ||
           (is_set("HIPFX_STANDIN_INIT", "hang-after-trial") &&
            strcmp(program_invocation_short_name, "obs-hipfx-probe") != 0);
}

STANDIN_EXPORT hipError_t hipInit(unsigned int flags)
{
    if (is_set("HIPFX_STANDIN_INIT", "crash"))
        abort();
    if (hangs()) {
        for (;;)
            pause();
    }
    hipfx_cpu_pool_start(hipfx_cpu_core_count());
    return is_set("HIPFX_STANDIN_INIT", "none") ? hipErrorNoDevice : hipfx_cpu_hipInit(flags);
}

STANDIN_EXPORT hipError_t hipRuntimeGetVersion(int *runtimeVersion)
{
    if (!runtimeVersion)
        return hipErrorInvalidValue;
    *runtimeVersion = STANDIN_VERSION;
    return hipSuccess;
}

STANDIN_EXPORT hipError_t hipDriverGetVersion(int *driverVersion)
{
    return hipRuntimeGetVersion(driverVersion);
}

STANDIN_EXPORT const char *hipGetErrorName(hipError_t hip_error)
{
    return hip_error == hipErrorNoBinaryForGpu ? "hipErrorNoBinaryForGpu"
                                               : hipfx_cpu_hipGetErrorName(hip_error);
}

STANDIN_EXPORT const char *hipGetErrorString(hipError_t hipError)
{
    return hipfx_cpu_hipGetErrorString(hipError);
}

STANDIN_EXPORT hipError_t hipGetDeviceCount(int *count)
{
    if (!count)
        return hipErrorInvalidValue;
    *count = DEVICE_COUNT;
    return hipSuccess;
}

STANDIN_EXPORT hipError_t hipDeviceGet(hipDevice_t *device, int ordinal)
{
    if (!device)
        return hipErrorInvalidValue;
    if (!is_device(ordinal))
        return hipErrorInvalidDevice;
    *device = ordinal;
    return hipSuccess;
}

STANDIN_EXPORT hipError_t hipSetDevice(int deviceId)
{
    if (!is_device(deviceId))
        return hipErrorInvalidDevice;
    current = deviceId;
    return hipSuccess;
}

static hipError_t give_text(char *out, int size, const char *text)
{
    const size_t length = strlen(text);
    if (!out || size <= 0 || length >= (size_t)size)
        return hipErrorInvalidValue;
    memcpy(out, text, length + 1);
    return hipSuccess;
}

STANDIN_EXPORT hipError_t hipDeviceGetName(char *name, int len, hipDevice_t device)
{
    if (!is_device(device))
        return hipErrorInvalidDevice;
    return give_text(name, len, device == 0 ? "Stand-in for an APU" : "Stand-in for a GPU");
}

STANDIN_EXPORT hipError_t hipDeviceGetPCIBusId(char *pciBusId, int len, int device)
{
    if (!is_device(device))
        return hipErrorInvalidDevice;
    return give_text(pciBusId, len,
                     device == 0 ? "0000:0c:00.0" : setting("HIPFX_STANDIN_PCI", "0000:03:00.0"));
}

STANDIN_EXPORT hipError_t hipDeviceGetUuid(hipUUID *uuid, hipDevice_t device)
{
    if (!uuid)
        return hipErrorInvalidValue;
    if (!is_device(device))
        return hipErrorInvalidDevice;
    memcpy(uuid->bytes, device == 0 ? "0123456789abcdef" : "fedcba9876543210", 16);
    return hipSuccess;
}

STANDIN_EXPORT hipError_t hipDeviceGetAttribute(int *pi, hipDeviceAttribute_t attr, int deviceId)
{
    return is_device(deviceId) ? hipfx_cpu_hipDeviceGetAttribute(pi, attr, 0)
                               : hipErrorInvalidDevice;
}

STANDIN_EXPORT hipError_t hipMalloc(void **ptr, size_t size)
{
    if (is_set("HIPFX_STANDIN_USE", "crash"))
        abort();
    return hipfx_cpu_hipMalloc(ptr, size);
}

STANDIN_EXPORT hipError_t hipFree(void *ptr)
{
    hipError_t err = hipSuccess;
    return standin_unmap(ptr, &err) ? err : hipfx_cpu_hipFree(ptr);
}

STANDIN_EXPORT hipError_t hipHostMalloc(void **ptr, size_t size, unsigned int flags)
{
    return hipfx_cpu_hipHostMalloc(ptr, size, flags);
}

STANDIN_EXPORT hipError_t hipHostFree(void *ptr)
{
    return hipfx_cpu_hipHostFree(ptr);
}

STANDIN_EXPORT hipError_t hipHostRegister(void *hostPtr, size_t sizeBytes, unsigned int flags)
{
    return hipfx_cpu_hipHostRegister(hostPtr, sizeBytes, flags);
}

STANDIN_EXPORT hipError_t hipHostUnregister(void *hostPtr)
{
    return hipfx_cpu_hipHostUnregister(hostPtr);
}

STANDIN_EXPORT hipError_t hipHostGetDevicePointer(void **devPtr, void *hstPtr, unsigned int flags)
{
    return hipfx_cpu_hipHostGetDevicePointer(devPtr, hstPtr, flags);
}

STANDIN_EXPORT hipError_t hipMemcpyAsync(void *dst, const void *src, size_t sizeBytes,
                                         hipMemcpyKind kind, hipStream_t stream)
{
    return hipfx_cpu_hipMemcpyAsync(dst, src, sizeBytes, kind, stream);
}

STANDIN_EXPORT hipError_t hipMemcpy2DAsync(void *dst, size_t dpitch, const void *src, size_t spitch,
                                           size_t width, size_t height, hipMemcpyKind kind,
                                           hipStream_t stream)
{
    return hipfx_cpu_hipMemcpy2DAsync(dst, dpitch, src, spitch, width, height, kind, stream);
}

STANDIN_EXPORT hipError_t hipMemsetAsync(void *dst, int value, size_t sizeBytes, hipStream_t stream)
{
    return hipfx_cpu_hipMemsetAsync(dst, value, sizeBytes, stream);
}

STANDIN_EXPORT hipError_t hipStreamCreateWithFlags(hipStream_t *stream, unsigned int flags)
{
    return hipfx_cpu_hipStreamCreateWithFlags(stream, flags);
}

STANDIN_EXPORT hipError_t hipStreamDestroy(hipStream_t stream)
{
    return hipfx_cpu_hipStreamDestroy(stream);
}

STANDIN_EXPORT hipError_t hipStreamSynchronize(hipStream_t stream)
{
    return hipfx_cpu_hipStreamSynchronize(stream);
}

STANDIN_EXPORT hipError_t hipStreamQuery(hipStream_t stream)
{
    return hipfx_cpu_hipStreamQuery(stream);
}

STANDIN_EXPORT hipError_t hipStreamWaitEvent(hipStream_t stream, hipEvent_t event,
                                             unsigned int flags)
{
    return hipfx_cpu_hipStreamWaitEvent(stream, event, flags);
}

STANDIN_EXPORT hipError_t hipStreamAddCallback(hipStream_t stream, hipStreamCallback_t callback,
                                               void *userData, unsigned int flags)
{
    return hipfx_cpu_hipStreamAddCallback(stream, callback, userData, flags);
}

#if STANDIN_VERSION >= 60000000
STANDIN_EXPORT hipError_t hipLaunchHostFunc(hipStream_t stream, hipHostFn_t fn, void *userData)
{
    return hipfx_cpu_hipLaunchHostFunc(stream, fn, userData);
}
#endif

STANDIN_EXPORT hipError_t hipEventCreateWithFlags(hipEvent_t *event, unsigned flags)
{
    return hipfx_cpu_hipEventCreateWithFlags(event, flags);
}

STANDIN_EXPORT hipError_t hipEventDestroy(hipEvent_t event)
{
    return hipfx_cpu_hipEventDestroy(event);
}

STANDIN_EXPORT hipError_t hipEventRecord(hipEvent_t event, hipStream_t stream)
{
    return hipfx_cpu_hipEventRecord(event, stream);
}

STANDIN_EXPORT hipError_t hipEventQuery(hipEvent_t event)
{
    return hipfx_cpu_hipEventQuery(event);
}

STANDIN_EXPORT hipError_t hipEventSynchronize(hipEvent_t event)
{
    return hipfx_cpu_hipEventSynchronize(event);
}

STANDIN_EXPORT hipError_t hipEventElapsedTime(float *ms, hipEvent_t start, hipEvent_t stop)
{
    return hipfx_cpu_hipEventElapsedTime(ms, start, stop);
}
