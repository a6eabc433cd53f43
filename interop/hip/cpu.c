/* The `cpu` provider's table, and the functions that need no file of their own. */
#include "interop/hip/cpu.h"

#include <hip/hip_version.h>

static const struct hipfx_hip table = {.kind = HIPFX_HIP_CPU,
                                       .name = "cpu",
                                       .library = "built in",
                                       .runtime_version = HIP_VERSION,
#define MEMBER(f) .f = hipfx_cpu_##f,
                                       HIPFX_HIP_REQUIRED(MEMBER) HIPFX_HIP_OPTIONAL(MEMBER)
#undef MEMBER
};

const struct hipfx_hip *hipfx_hip_open_cpu(struct hipfx_why *why)
{
    (void)why; /* there is always a processor, and fewer threads than cores still work */
    hipfx_cpu_pool_start(hipfx_cpu_core_count());
    return &table;
}

hipError_t hipfx_cpu_hipInit(unsigned int flags)
{
    return flags == 0 ? hipSuccess : hipErrorInvalidValue;
}

/* The version whose header the functions follow. */
hipError_t hipfx_cpu_hipRuntimeGetVersion(int *version)
{
    if (!version)
        return hipErrorInvalidValue;
    *version = HIP_VERSION;
    return hipSuccess;
}

hipError_t hipfx_cpu_hipDriverGetVersion(int *version)
{
    return hipfx_cpu_hipRuntimeGetVersion(version);
}

hipError_t hipfx_cpu_hipImportExternalMemory(hipExternalMemory_t *memory,
                                             const hipExternalMemoryHandleDesc *handle)
{
    if (!memory || !handle)
        return hipErrorInvalidValue;
    *memory = NULL;
    return hipErrorNotSupported;
}

/* The processor is not lost, and what callers made stays theirs. */
hipError_t hipfx_cpu_hipDeviceReset(void)
{
    hipfx_cpu_sync_all();
    return hipSuccess;
}

/* No import ever succeeds, so no handle can be a good one. */
hipError_t hipfx_cpu_hipExternalMemoryGetMappedBuffer(void **ptr, hipExternalMemory_t memory,
                                                      const hipExternalMemoryBufferDesc *buffer)
{
    (void)memory;
    if (!ptr || !buffer)
        return hipErrorInvalidValue;
    *ptr = NULL;
    return hipErrorInvalidHandle;
}

hipError_t hipfx_cpu_hipDestroyExternalMemory(hipExternalMemory_t memory)
{
    (void)memory;
    return hipErrorInvalidHandle;
}
