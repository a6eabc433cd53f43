/* Inside of the `nvidia` provider: what its files give each other.
 *
 * HIP's functions are carried out by the CUDA driver API. HIP's handles are the driver's handles
 * with another type, and a HIP device is CUDA's device of the same ordinal.
 *
 * Contexts. HIP has devices, CUDA has contexts: the provider works in the primary context of the
 * calling thread's device (hipSetDevice; 0 at first), retained at its first use. Other code in the
 * process has contexts of its own on the same threads (NVENC, other plugins), so a call makes ours
 * current only for its own duration: it pushes and pops unless ours is current already. That costs
 * no lock and no call into the kernel, and unlike cuCtxSetCurrent it restores the thread's stack of
 * contexts whatever was on it.
 *
 * Where a caller could see a difference from HIP on an AMD GPU:
 *  - A file descriptor belongs to CUDA once its import was tried (takes_fd in hip.h).
 *  - Versions are those of the CUDA driver, encoded as HIP does: 13.0 is 13*10000000 + 0*100000.
 *  - hipModuleLoadData takes PTX text, ended by a zero byte, or a cubin.
 *  - hipModuleLaunchKernel refuses `extra`, whose end marker has another value in CUDA.
 *  - Flags that choose between kinds of memory that CUDA does not tell apart have no effect.
 *  - hipGetErrorString gives the driver's own name and text for the error that the calling thread
 *    saw last; many CUDA errors have no HIP number and are hipErrorUnknown. */
#pragma once

#include "interop/hip/cuda.h"
#include "interop/hip/hip.h"

/* hipError_t hipfx_nvidia_hipMalloc(void **, size_t) and so on, with HIP's own signatures. */
#define HIPFX_NVIDIA_DECLARE(f) __typeof__(f) hipfx_nvidia_##f;
HIPFX_HIP_REQUIRED(HIPFX_NVIDIA_DECLARE)
HIPFX_HIP_OPTIONAL(HIPFX_NVIDIA_DECLARE)
HIPFX_HIP_SHARING(HIPFX_NVIDIA_DECLARE)
#undef HIPFX_NVIDIA_DECLARE
hipError_t
hipfx_nvidia_hipExternalMemoryGetMappedMipmappedArray(hipMipmappedArray_t *array,
                                                      hipExternalMemory_t memory,
                                                      const struct hipfx_external_array_desc *desc);
hipError_t hipfx_nvidia_hipCreateSurfaceObject(hipSurfaceObject_t *surface,
                                               const hipResourceDesc *resource);
hipError_t hipfx_nvidia_hipDestroySurfaceObject(hipSurfaceObject_t surface);

enum { HIPFX_NVIDIA_MAX_DEVICES = 64 };

/* The driver's functions; filled while the provider is opened, constant afterwards. */
extern struct hipfx_cuda hipfx_cuda;

/* Asks the driver for its devices; after cuInit. Contexts of an earlier call are forgotten. */
CUresult hipfx_nvidia_find_devices(int *count);

/* An attribute of the calling thread's device; 0 where the driver does not know it. */
int hipfx_nvidia_attribute(CUdevice_attribute attribute);

/* Makes the context of the calling thread's device current, creating it if it is the first use.
 * True: end with hipfx_nvidia_leave. False: the error is kept, and there is nothing to leave. */
bool hipfx_nvidia_enter(void);

/* Puts the thread's contexts back as they were. Returns HIP's error for the call's result. */
hipError_t hipfx_nvidia_leave(CUresult result);

/* HIP's error for a driver's result, which is kept for hipGetErrorString on this thread. */
hipError_t hipfx_nvidia_error(CUresult result);
hipError_t hipfx_nvidia_last_error(void);

/* More words on the error that this thread saw last, for hipGetErrorString: the output of the
 * driver's compiler. Line ends become "; ". */
void hipfx_nvidia_explain(const char *text);

/* One driver call in the device's context; its value is a hipError_t. */
#define HIPFX_CUDA(f, ...)                                                                         \
    (hipfx_nvidia_enter() ? hipfx_nvidia_leave(hipfx_cuda.f(__VA_ARGS__))                          \
                          : hipfx_nvidia_last_error())

static inline CUdeviceptr hipfx_nvidia_address(const void *ptr)
{
    return (CUdeviceptr)(uintptr_t)ptr;
}

static inline CUstream hipfx_nvidia_stream(hipStream_t stream)
{
    return (CUstream)stream;
}
