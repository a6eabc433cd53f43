/* A stand-in for libamdhip64, for the loader's tests: no card is needed to see what it does with a
 * library that lacks a function or finds no device. */
#include "interop/hip/hip.h"

#define EXPORT __attribute__((visibility("default")))

/* Whatever is not written out below does nothing. */
#define NOTHING(f)                                                                                 \
    EXPORT hipError_t f##_(void) __asm__(#f);                                                      \
    EXPORT hipError_t f##_(void)                                                                   \
    {                                                                                              \
        return hipErrorNotSupported;                                                               \
    }

EXPORT hipError_t hipInit(unsigned int flags)
{
    return flags == 0 ? hipSuccess : hipErrorInvalidValue;
}

EXPORT hipError_t hipRuntimeGetVersion(int *version)
{
    *version = 60443484;
    return hipSuccess;
}

EXPORT hipError_t hipGetDeviceCount(int *count)
{
#ifdef FAKE_DEVICELESS
    *count = 0;
    return hipErrorNoDevice;
#else
    *count = 1;
    return hipSuccess;
#endif
}

EXPORT const char *hipGetErrorName(hipError_t hip_error)
{
    return hip_error == hipErrorNoDevice ? "hipErrorNoDevice" : "another";
}

EXPORT const char *hipGetErrorString(hipError_t hipError)
{
    return hipError == hipErrorNoDevice ? "no ROCm-capable device is detected" : "another";
}

NOTHING(hipDriverGetVersion)
NOTHING(hipDeviceGet)
NOTHING(hipDeviceGetName)
NOTHING(hipDeviceGetPCIBusId)
NOTHING(hipDeviceGetAttribute)
NOTHING(hipSetDevice)
NOTHING(hipMalloc)
NOTHING(hipFree)
NOTHING(hipHostMalloc)
NOTHING(hipHostFree)
NOTHING(hipHostRegister)
NOTHING(hipHostUnregister)
NOTHING(hipHostGetDevicePointer)
NOTHING(hipMemcpyAsync)
NOTHING(hipMemcpy2DAsync)
NOTHING(hipMemsetAsync)
NOTHING(hipStreamCreateWithFlags)
NOTHING(hipStreamDestroy)
NOTHING(hipStreamSynchronize)
NOTHING(hipStreamQuery)
NOTHING(hipStreamWaitEvent)
NOTHING(hipEventCreateWithFlags)
NOTHING(hipEventDestroy)
NOTHING(hipEventRecord)
#ifndef FAKE_INCOMPLETE
NOTHING(hipEventQuery)
#endif
NOTHING(hipEventSynchronize)
NOTHING(hipEventElapsedTime)
NOTHING(hipModuleLoadData)
NOTHING(hipModuleUnload)
NOTHING(hipModuleGetFunction)
NOTHING(hipModuleLaunchKernel)
NOTHING(hipImportExternalMemory)
NOTHING(hipExternalMemoryGetMappedBuffer)
NOTHING(hipDestroyExternalMemory)
NOTHING(hipStreamAddCallback)
