/* Errors of the `nvidia` provider: the driver's results as HIP's, with the driver's own words. */
#include "interop/hip/nvidia.h"

#include <stdio.h>
#include <string.h>

/* HIP numbers its errors as CUDA does where both have them. */
#define ERRORS(E)                                                                                  \
    E(CUDA_SUCCESS, hipSuccess)                                                                    \
    E(CUDA_ERROR_INVALID_VALUE, hipErrorInvalidValue)                                              \
    E(CUDA_ERROR_OUT_OF_MEMORY, hipErrorOutOfMemory)                                               \
    E(CUDA_ERROR_NOT_INITIALIZED, hipErrorNotInitialized)                                          \
    E(CUDA_ERROR_DEINITIALIZED, hipErrorDeinitialized)                                             \
    E(CUDA_ERROR_PROFILER_DISABLED, hipErrorProfilerDisabled)                                      \
    E(CUDA_ERROR_PROFILER_NOT_INITIALIZED, hipErrorProfilerNotInitialized)                         \
    E(CUDA_ERROR_PROFILER_ALREADY_STARTED, hipErrorProfilerAlreadyStarted)                         \
    E(CUDA_ERROR_PROFILER_ALREADY_STOPPED, hipErrorProfilerAlreadyStopped)                         \
    E(CUDA_ERROR_NO_DEVICE, hipErrorNoDevice)                                                      \
    E(CUDA_ERROR_INVALID_DEVICE, hipErrorInvalidDevice)                                            \
    E(CUDA_ERROR_INVALID_IMAGE, hipErrorInvalidImage)                                              \
    E(CUDA_ERROR_INVALID_CONTEXT, hipErrorInvalidContext)                                          \
    E(CUDA_ERROR_CONTEXT_ALREADY_CURRENT, hipErrorContextAlreadyCurrent)                           \
    E(CUDA_ERROR_MAP_FAILED, hipErrorMapFailed)                                                    \
    E(CUDA_ERROR_UNMAP_FAILED, hipErrorUnmapFailed)                                                \
    E(CUDA_ERROR_ARRAY_IS_MAPPED, hipErrorArrayIsMapped)                                           \
    E(CUDA_ERROR_ALREADY_MAPPED, hipErrorAlreadyMapped)                                            \
    E(CUDA_ERROR_NO_BINARY_FOR_GPU, hipErrorNoBinaryForGpu)                                        \
    E(CUDA_ERROR_ALREADY_ACQUIRED, hipErrorAlreadyAcquired)                                        \
    E(CUDA_ERROR_NOT_MAPPED, hipErrorNotMapped)                                                    \
    E(CUDA_ERROR_NOT_MAPPED_AS_ARRAY, hipErrorNotMappedAsArray)                                    \
    E(CUDA_ERROR_NOT_MAPPED_AS_POINTER, hipErrorNotMappedAsPointer)                                \
    E(CUDA_ERROR_ECC_UNCORRECTABLE, hipErrorECCNotCorrectable)                                     \
    E(CUDA_ERROR_UNSUPPORTED_LIMIT, hipErrorUnsupportedLimit)                                      \
    E(CUDA_ERROR_CONTEXT_ALREADY_IN_USE, hipErrorContextAlreadyInUse)                              \
    E(CUDA_ERROR_PEER_ACCESS_UNSUPPORTED, hipErrorPeerAccessUnsupported)                           \
    E(CUDA_ERROR_INVALID_PTX, hipErrorInvalidKernelFile)                                           \
    E(CUDA_ERROR_INVALID_GRAPHICS_CONTEXT, hipErrorInvalidGraphicsContext)                         \
    E(CUDA_ERROR_INVALID_SOURCE, hipErrorInvalidSource)                                            \
    E(CUDA_ERROR_FILE_NOT_FOUND, hipErrorFileNotFound)                                             \
    E(CUDA_ERROR_SHARED_OBJECT_SYMBOL_NOT_FOUND, hipErrorSharedObjectSymbolNotFound)               \
    E(CUDA_ERROR_SHARED_OBJECT_INIT_FAILED, hipErrorSharedObjectInitFailed)                        \
    E(CUDA_ERROR_OPERATING_SYSTEM, hipErrorOperatingSystem)                                        \
    E(CUDA_ERROR_INVALID_HANDLE, hipErrorInvalidHandle)                                            \
    E(CUDA_ERROR_ILLEGAL_STATE, hipErrorIllegalState)                                              \
    E(CUDA_ERROR_NOT_FOUND, hipErrorNotFound)                                                      \
    E(CUDA_ERROR_NOT_READY, hipErrorNotReady)                                                      \
    E(CUDA_ERROR_ILLEGAL_ADDRESS, hipErrorIllegalAddress)                                          \
    E(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, hipErrorLaunchOutOfResources)                            \
    E(CUDA_ERROR_LAUNCH_TIMEOUT, hipErrorLaunchTimeOut)                                            \
    E(CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED, hipErrorPeerAccessAlreadyEnabled)                    \
    E(CUDA_ERROR_PEER_ACCESS_NOT_ENABLED, hipErrorPeerAccessNotEnabled)                            \
    E(CUDA_ERROR_PRIMARY_CONTEXT_ACTIVE, hipErrorSetOnActiveProcess)                               \
    E(CUDA_ERROR_CONTEXT_IS_DESTROYED, hipErrorContextIsDestroyed)                                 \
    E(CUDA_ERROR_ASSERT, hipErrorAssert)                                                           \
    E(CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED, hipErrorHostMemoryAlreadyRegistered)              \
    E(CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED, hipErrorHostMemoryNotRegistered)                      \
    E(CUDA_ERROR_LAUNCH_FAILED, hipErrorLaunchFailure)                                             \
    E(CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE, hipErrorCooperativeLaunchTooLarge)                  \
    E(CUDA_ERROR_NOT_SUPPORTED, hipErrorNotSupported)                                              \
    E(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, hipErrorStreamCaptureUnsupported)                     \
    E(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, hipErrorStreamCaptureInvalidated)                     \
    E(CUDA_ERROR_STREAM_CAPTURE_MERGE, hipErrorStreamCaptureMerge)                                 \
    E(CUDA_ERROR_STREAM_CAPTURE_UNMATCHED, hipErrorStreamCaptureUnmatched)                         \
    E(CUDA_ERROR_STREAM_CAPTURE_UNJOINED, hipErrorStreamCaptureUnjoined)                           \
    E(CUDA_ERROR_STREAM_CAPTURE_ISOLATION, hipErrorStreamCaptureIsolation)                         \
    E(CUDA_ERROR_STREAM_CAPTURE_IMPLICIT, hipErrorStreamCaptureImplicit)                           \
    E(CUDA_ERROR_CAPTURED_EVENT, hipErrorCapturedEvent)                                            \
    E(CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD, hipErrorStreamCaptureWrongThread)                    \
    E(CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE, hipErrorGraphExecUpdateFailure)                        \
    E(CUDA_ERROR_UNKNOWN, hipErrorUnknown)

#define SAME_NUMBER(cuda, hip) static_assert((int)(cuda) == (int)(hip), #hip);
ERRORS(SAME_NUMBER)
#undef SAME_NUMBER

static _Thread_local struct {
    CUresult result; /* of the last call */
    char words[224]; /* on `result`, beyond the driver's text */
    char text[384];  /* what hipGetErrorString gave last */
} last;

static hipError_t to_hip(CUresult result)
{
    switch (result) {
#define SAME(cuda, hip)                                                                            \
    case cuda:                                                                                     \
        return hip;
        ERRORS(SAME)
#undef SAME
    case CUDA_ERROR_CALL_REQUIRES_NEWER_DRIVER:
    case CUDA_ERROR_SYSTEM_DRIVER_MISMATCH:
    case CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE:
        return hipErrorInsufficientDriver;
    case CUDA_ERROR_UNSUPPORTED_PTX_VERSION:
        return hipErrorInvalidKernelFile;
    /* A kernel failed; HIP does not tell the ways apart. */
    case CUDA_ERROR_HARDWARE_STACK_ERROR:
    case CUDA_ERROR_ILLEGAL_INSTRUCTION:
    case CUDA_ERROR_MISALIGNED_ADDRESS:
    case CUDA_ERROR_INVALID_ADDRESS_SPACE:
    case CUDA_ERROR_INVALID_PC:
        return hipErrorLaunchFailure;
    }
    return hipErrorUnknown; /* the driver has errors that cuda.h here does not name */
}

hipError_t hipfx_nvidia_error(CUresult result)
{
    last.result = result;
    last.words[0] = '\0';
    return to_hip(result);
}

hipError_t hipfx_nvidia_last_error(void)
{
    return to_hip(last.result);
}

void hipfx_nvidia_explain(const char *text)
{
    size_t used = 0;
    for (; *text && used + 3 < sizeof(last.words); text++) {
        if (*text != '\n')
            last.words[used++] = *text;
        else if (text[1])
            used += (size_t)snprintf(&last.words[used], 3, "; ");
    }
    last.words[used] = '\0';
}

const char *hipfx_nvidia_hipGetErrorName(hipError_t err)
{
    switch ((int)err) {
#define NAME(cuda, hip)                                                                            \
    case hip:                                                                                      \
        return #hip;
        ERRORS(NAME)
#undef NAME
    case hipErrorInvalidMemcpyDirection:
        return "hipErrorInvalidMemcpyDirection";
    case hipErrorInsufficientDriver:
        return "hipErrorInsufficientDriver";
    default:
        return "hipErrorUnknown";
    }
}

/* Numbers that only HIP has are of this provider's making, not of the driver's. */
static const char *own_text(hipError_t err)
{
    switch ((int)err) {
    case hipErrorInvalidMemcpyDirection:
        return "invalid copy direction for memcpy";
    case hipErrorInsufficientDriver:
        return "the NVIDIA driver is too old";
    default:
        return "unknown error";
    }
}

static bool from_hip(hipError_t err, CUresult *result)
{
    switch ((int)err) {
#define SAME(cuda, hip)                                                                            \
    case hip:                                                                                      \
        *result = cuda;                                                                            \
        return true;
        ERRORS(SAME)
#undef SAME
    default:
        return false;
    }
}

/* The caller asks about the error that it was just given: if the last call gave that one, the
 * driver's words are for what really happened, which HIP's number may not tell. */
const char *hipfx_nvidia_hipGetErrorString(hipError_t err)
{
    const bool is_last = to_hip(last.result) == err;
    const char *name = NULL, *text = NULL;
    CUresult result = last.result;
    if (!is_last && !from_hip(err, &result))
        return own_text(err);
    if (hipfx_cuda.cuGetErrorName(result, &name) != CUDA_SUCCESS || !name ||
        hipfx_cuda.cuGetErrorString(result, &text) != CUDA_SUCCESS || !text) {
        snprintf(last.text, sizeof(last.text), "CUDA error %d", (int)result);
        return last.text;
    }
    const bool more = is_last && last.words[0];
    snprintf(last.text, sizeof(last.text), "%s: %s%s%s", name, text, more ? ": " : "",
             more ? last.words : "");
    return last.text;
}
