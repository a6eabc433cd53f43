/* The HIP API as a table of function pointers with HIP's own names and types.
 *
 * Nothing of HIP is linked. A provider fills the table: `amd` from libamdhip64, `nvidia` by
 * carrying the calls out with the CUDA driver, `cpu` with threads. A caller writes
 * `hip->hipMalloc(...)` and does not see which one it is; what differs between them and cannot be
 * hidden stands in the fields of struct hipfx_hip.
 *
 * Threads: opening is serialised inside; the table is constant afterwards and is never closed,
 * because a GPU runtime does not survive dlclose (threads and atexit handlers of its own). */
#pragma once

#include "interop/fault.h"
#include "interop/hip/kind.h"
#include "interop/why.h"

#include <hip/hip_runtime_api.h>
#include <stdbool.h>
#include <stdint.h>

/* Functions that every provider has. */
#define HIPFX_HIP_REQUIRED(F)                                                                      \
    F(hipInit)                                                                                     \
    F(hipRuntimeGetVersion)                                                                        \
    F(hipDriverGetVersion)                                                                         \
    F(hipGetErrorName)                                                                             \
    F(hipGetErrorString)                                                                           \
    F(hipGetDeviceCount)                                                                           \
    F(hipDeviceGet)                                                                                \
    F(hipDeviceGetName)                                                                            \
    F(hipDeviceGetPCIBusId)                                                                        \
    F(hipDeviceGetAttribute)                                                                       \
    F(hipSetDevice)                                                                                \
    F(hipMalloc)                                                                                   \
    F(hipFree)                                                                                     \
    F(hipHostMalloc)                                                                               \
    F(hipHostFree)                                                                                 \
    F(hipHostRegister)                                                                             \
    F(hipHostUnregister)                                                                           \
    F(hipHostGetDevicePointer)                                                                     \
    F(hipMemcpyAsync)                                                                              \
    F(hipMemcpy2DAsync)                                                                            \
    F(hipMemsetAsync)                                                                              \
    F(hipStreamCreateWithFlags)                                                                    \
    F(hipStreamDestroy)                                                                            \
    F(hipStreamSynchronize)                                                                        \
    F(hipStreamQuery)                                                                              \
    F(hipStreamWaitEvent)                                                                          \
    F(hipEventCreateWithFlags)                                                                     \
    F(hipEventDestroy)                                                                             \
    F(hipEventRecord)                                                                              \
    F(hipEventQuery)                                                                               \
    F(hipEventSynchronize)                                                                         \
    F(hipEventElapsedTime)                                                                         \
    F(hipModuleLoadData)                                                                           \
    F(hipModuleUnload)                                                                             \
    F(hipModuleGetFunction)                                                                        \
    F(hipModuleLaunchKernel)                                                                       \
    F(hipImportExternalMemory)                                                                     \
    F(hipExternalMemoryGetMappedBuffer)                                                            \
    F(hipDestroyExternalMemory)

/* Functions that some versions or providers lack: NULL there. Ask before calling. */
#define HIPFX_HIP_OPTIONAL(F)                                                                      \
    F(hipDeviceGetUuid)                                                                            \
    F(hipDeviceReset)                                                                              \
    F(hipLaunchHostFunc)                                                                           \
    F(hipStreamAddCallback)

/* Semaphores and arrays of another API. Only `nvidia` has them: AMD's runtime on Linux may abort
 * the process when it is asked for a semaphore (https://github.com/ROCm/clr/issues/72), so that
 * provider does not even look them up, and the CPU shares none. NULL elsewhere. */
#define HIPFX_HIP_SHARING(F)                                                                       \
    F(hipImportExternalSemaphore)                                                                  \
    F(hipDestroyExternalSemaphore)                                                                 \
    F(hipSignalExternalSemaphoresAsync)                                                            \
    F(hipWaitExternalSemaphoresAsync)                                                              \
    F(hipGetMipmappedArrayLevel)                                                                   \
    F(hipFreeMipmappedArray)                                                                       \
    F(hipMemcpy2DFromArrayAsync)                                                                   \
    F(hipMemcpy2DToArrayAsync)

/* hipExternalMemoryMipmappedArrayDesc of HIP 6 and later, which the headers of HIP 5 lack. */
struct hipfx_external_array_desc {
    unsigned long long offset;
    hipChannelFormatDesc formatDesc;
    hipExtent extent; /* depth 0: a 2-D array */
    unsigned int flags;
    unsigned int numLevels;
};

struct hipfx_hip {
    enum hipfx_hip_kind kind;
    const char *name;    /* "amd", "nvidia", "cpu" */
    const char *library; /* what was opened, for the log; "built in" for cpu */
    int runtime_version; /* as hipRuntimeGetVersion gives it */

    /* A descriptor belongs to the runtime once its import was tried. CUDA's driver takes it, and
     * closes it even when it refuses it (seen with driver 580; NVIDIA documents only the first);
     * AMD's on Linux leaves it to the caller, who closes it once the memory is mapped
     * (https://github.com/ROCm/rocDecode/pull/55). */
    bool takes_fd;

    bool imports_semaphores; /* the functions of HIPFX_HIP_SHARING are there */

#define HIPFX_HIP_MEMBER(f) __typeof__(&f) f;
    HIPFX_HIP_REQUIRED(HIPFX_HIP_MEMBER)
    HIPFX_HIP_OPTIONAL(HIPFX_HIP_MEMBER)
    HIPFX_HIP_SHARING(HIPFX_HIP_MEMBER)
#undef HIPFX_HIP_MEMBER

    /* With them, and with the prototype of HIP 6. `flags`: hipArraySurfaceLoadStore | the vendor's
     * own bit for an image that is drawn into. */
    hipError_t (*hipExternalMemoryGetMappedMipmappedArray)(
        hipMipmappedArray_t *array, hipExternalMemory_t memory,
        const struct hipfx_external_array_desc *desc);

    /* With them, and declared for C++ only in HIP's headers. */
    hipError_t (*hipCreateSurfaceObject)(hipSurfaceObject_t *surface,
                                         const hipResourceDesc *resource);
    hipError_t (*hipDestroySurfaceObject)(hipSurfaceObject_t surface);
};

/* Opens a provider: loads its library, looks up its functions, calls hipInit and counts devices.
 * Returns NULL with the reason when it has no usable device. The table is opened once and kept:
 * later calls return the same pointer. May take long on a sleeping GPU. Any thread. */
const struct hipfx_hip *hipfx_hip_open(enum hipfx_hip_kind kind, struct hipfx_why *why);

/* The providers; hipfx_hip_open calls them once each, under its lock. */
const struct hipfx_hip *hipfx_hip_open_amd(struct hipfx_why *why);
const struct hipfx_hip *hipfx_hip_open_nvidia(struct hipfx_why *why);
const struct hipfx_hip *hipfx_hip_open_cpu(struct hipfx_why *why);

/* Says which call failed and HIP's own name and text for the error. True if `err` is hipSuccess. */
bool hipfx_hip_check(const struct hipfx_hip *hip, struct hipfx_why *why, const char *call,
                     hipError_t err);

/* Waits until the stream has done all that it was given; false with the reason after `timeout_ns`.
 * HIP has no wait with a bound, so this looks again and again. */
bool hipfx_hip_wait_stream(const struct hipfx_hip *hip, hipStream_t stream, uint64_t timeout_ns,
                           struct hipfx_why *why);

/* True for the errors of a device that is lost. */
bool hipfx_hip_means_lost(hipError_t err);

/* After a failure: true if the thread's device was lost, so that HIP gives nothing but errors
 * there. `stream` is one that there is, or NULL. It stays lost until hipDeviceReset, before which
 * all that was made on it must have been destroyed. */
bool hipfx_hip_is_lost(const struct hipfx_hip *hip, hipStream_t stream);

/* Nothing can be done about a call that frees and fails but to log it; and of a device that was
 * lost, nothing is left to free. */
void hipfx_hip_freed(const struct hipfx_hip *hip, const char *call, hipError_t err);

/* One call that frees: HIP_FREE(hip, hipFree, ptr). */
#define HIP_FREE(hip, call, ...)                                                                   \
    hipfx_hip_freed(hip, #call, HIP_RESULT(#call, (hip)->call(__VA_ARGS__)))

/* One checked HIP call: HIP(why, hip, hipMalloc, &ptr, size) is true on success. */
#define HIP(why, hip, call, ...)                                                                   \
    hipfx_hip_check(hip, why, #call, HIP_RESULT(#call, (hip)->call(__VA_ARGS__)))

/* The same where the result is looked at by the caller. */
#define HIP_RESULT(name, call)                                                                     \
    HIPFX_FAULT_POINT(HIPFX_FAULT_HIP, name,                                                       \
                      hipfx_fault_is_to_reset() ? hipErrorIllegalAddress : hipErrorUnknown, call)
