/* Streams and events of the `nvidia` provider. */
#include "interop/hip/nvidia.h"

#include <stdlib.h>

/* HIP's other flags say how far a record flushes AMD's caches; CUDA has no such choice. */
#define SAME_EVENT_FLAGS (hipEventBlockingSync | hipEventDisableTiming | hipEventInterprocess)

static CUevent to_event(hipEvent_t event)
{
    return (CUevent)event;
}

hipError_t hipfx_nvidia_hipStreamCreateWithFlags(hipStream_t *stream, unsigned int flags)
{
    CUstream created = NULL;
    if (!stream)
        return hipfx_nvidia_error(CUDA_ERROR_INVALID_VALUE);
    hipError_t err = HIPFX_CUDA(cuStreamCreate, &created, flags);
    *stream = (hipStream_t)created;
    return err;
}

/* CUDA would take NULL for the default stream and destroy nothing; in HIP it is no handle. */
hipError_t hipfx_nvidia_hipStreamDestroy(hipStream_t stream)
{
    if (!stream)
        return hipfx_nvidia_error(CUDA_ERROR_INVALID_HANDLE);
    return HIPFX_CUDA(cuStreamDestroy, hipfx_nvidia_stream(stream));
}

hipError_t hipfx_nvidia_hipStreamSynchronize(hipStream_t stream)
{
    return HIPFX_CUDA(cuStreamSynchronize, hipfx_nvidia_stream(stream));
}

hipError_t hipfx_nvidia_hipStreamQuery(hipStream_t stream)
{
    return HIPFX_CUDA(cuStreamQuery, hipfx_nvidia_stream(stream));
}

hipError_t hipfx_nvidia_hipStreamWaitEvent(hipStream_t stream, hipEvent_t event, unsigned int flags)
{
    return HIPFX_CUDA(cuStreamWaitEvent, hipfx_nvidia_stream(stream), to_event(event), flags);
}

struct callback {
    hipStreamCallback_t function;
    void *data;
};

/* On a thread of the driver's, once for each callback that was added. No driver call is allowed in
 * it, so none of the calls that keep a thread's last error either. */
static void call_back(CUstream stream, CUresult status, void *data)
{
    const struct callback callback = *(struct callback *)data;
    free(data);
    callback.function((hipStream_t)stream, hipfx_nvidia_error(status), callback.data);
}

hipError_t hipfx_nvidia_hipStreamAddCallback(hipStream_t stream, hipStreamCallback_t function,
                                             void *data, unsigned int flags)
{
    if (!function)
        return hipfx_nvidia_error(CUDA_ERROR_INVALID_VALUE);
    struct callback *callback = malloc(sizeof(*callback));
    if (!callback)
        return hipfx_nvidia_error(CUDA_ERROR_OUT_OF_MEMORY);
    *callback = (struct callback){function, data};
    hipError_t err =
        HIPFX_CUDA(cuStreamAddCallback, hipfx_nvidia_stream(stream), call_back, callback, flags);
    if (err != hipSuccess)
        free(callback);
    return err;
}

hipError_t hipfx_nvidia_hipLaunchHostFunc(hipStream_t stream, hipHostFn_t function, void *data)
{
    return HIPFX_CUDA(cuLaunchHostFunc, hipfx_nvidia_stream(stream), function, data);
}

hipError_t hipfx_nvidia_hipEventCreateWithFlags(hipEvent_t *event, unsigned int flags)
{
    CUevent created = NULL;
    if (!event)
        return hipfx_nvidia_error(CUDA_ERROR_INVALID_VALUE);
    hipError_t err = HIPFX_CUDA(cuEventCreate, &created, flags & SAME_EVENT_FLAGS);
    *event = (hipEvent_t)created;
    return err;
}

hipError_t hipfx_nvidia_hipEventDestroy(hipEvent_t event)
{
    return HIPFX_CUDA(cuEventDestroy, to_event(event));
}

hipError_t hipfx_nvidia_hipEventRecord(hipEvent_t event, hipStream_t stream)
{
    return HIPFX_CUDA(cuEventRecord, to_event(event), hipfx_nvidia_stream(stream));
}

hipError_t hipfx_nvidia_hipEventQuery(hipEvent_t event)
{
    return HIPFX_CUDA(cuEventQuery, to_event(event));
}

hipError_t hipfx_nvidia_hipEventSynchronize(hipEvent_t event)
{
    return HIPFX_CUDA(cuEventSynchronize, to_event(event));
}

hipError_t hipfx_nvidia_hipEventElapsedTime(float *ms, hipEvent_t start, hipEvent_t stop)
{
    return HIPFX_CUDA(cuEventElapsedTime, ms, to_event(start), to_event(stop));
}
