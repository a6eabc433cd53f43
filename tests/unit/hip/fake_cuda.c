/* The stand-in itself. A function fake_cuXxx here is exported under the driver's symbol for it. */
#include "tests/unit/hip/fake_cuda.h"

#include <stdio.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

#define DECLARE(name, symbol, params) EXPORT CUresult fake_##name params __asm__(symbol);
HIPFX_CUDA_FUNCTIONS(DECLARE)
#undef DECLARE

#ifdef FAKE_CUDA_INCOMPLETE
__asm__(".hidden cuMemcpy2DAsync_v2");
#endif
#ifdef FAKE_CUDA_OLD /* as before CUDA 11.4 */
__asm__(".hidden cuDeviceGetUuid_v2");
#endif

EXPORT struct fake_cuda *fake_cuda_state(void);
static struct fake_cuda state;

struct fake_cuda *fake_cuda_state(void)
{
    return &state;
}

/* A thread's contexts, the current one on top. */
static _Thread_local struct {
    CUcontext stack[8];
    int depth;
} thread;

static int
    primary[FAKE_CUDA_DEVICES]; /* the device's primary context is the address of its place */

static CUcontext current_context(void)
{
    return thread.depth > 0 ? thread.stack[thread.depth - 1] : NULL;
}

/* Every function that needs a context begins here. */
static CUresult called(const char *symbol, int count, const uint64_t *args)
{
    state.symbol = symbol;
    state.calls++;
    state.context = current_context();
    if (state.context < (CUcontext)&primary[0] ||
        state.context >= (CUcontext)&primary[FAKE_CUDA_DEVICES])
        state.outside++;
    memset(state.args, 0, sizeof(state.args));
    memcpy(state.args, args, (size_t)count * sizeof(*args));
    return (CUresult)state.result;
}

#define U(x) ((uint64_t)(uintptr_t)(x))
#define CALLED(symbol, ...)                                                                        \
    called(symbol, sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t), (uint64_t[]){__VA_ARGS__})

/* Hands out a value if the call succeeds. */
#define GIVE(out, value, call)                                                                     \
    CUresult result = call;                                                                        \
    if (result == CUDA_SUCCESS)                                                                    \
        *(out) = (value);                                                                          \
    return result

/* Older functions beside the ones meant, as in the real library: other types, other behaviour. */
#define OLDER(symbol)                                                                              \
    EXPORT CUresult symbol(void);                                                                  \
    CUresult symbol(void)                                                                          \
    {                                                                                              \
        return called(#symbol, 0, (uint64_t[]){0}), CUDA_ERROR_INVALID_VALUE;                      \
    }
OLDER(cuMemAlloc)
OLDER(cuMemFree)
OLDER(cuMemHostGetDevicePointer)
OLDER(cuMemHostRegister)
OLDER(cuMemcpy2DAsync)
OLDER(cuMemcpyDtoDAsync)
OLDER(cuMemcpyDtoHAsync)
OLDER(cuMemcpyHtoDAsync)
OLDER(cuStreamDestroy)
OLDER(cuEventDestroy)
OLDER(cuCtxPushCurrent)
OLDER(cuCtxPopCurrent)

CUresult fake_cuInit(unsigned int flags)
{
#ifdef FAKE_CUDA_DEVICELESS
    const CUresult result = CUDA_ERROR_NO_DEVICE;
#else
    const CUresult result = CUDA_SUCCESS;
#endif
    return flags == 0 ? result : CUDA_ERROR_INVALID_VALUE;
}

CUresult fake_cuDriverGetVersion(int *version)
{
    *version = FAKE_CUDA_VERSION;
    return CUDA_SUCCESS;
}

static char names[1000][24], texts[1000][24];

CUresult fake_cuGetErrorName(CUresult error, const char **name)
{
    *name = NULL;
    if ((int)error < 0 || (int)error >= 1000)
        return CUDA_ERROR_INVALID_VALUE;
    snprintf(names[error], sizeof(names[error]), "CUDA_ERROR_%d", (int)error);
    *name = names[error];
    return CUDA_SUCCESS;
}

CUresult fake_cuGetErrorString(CUresult error, const char **text)
{
    *text = NULL;
    if ((int)error < 0 || (int)error >= 1000)
        return CUDA_ERROR_INVALID_VALUE;
    snprintf(texts[error], sizeof(texts[error]), "the driver's text %d", (int)error);
    *text = texts[error];
    return CUDA_SUCCESS;
}

CUresult fake_cuDeviceGetCount(int *count)
{
    *count = FAKE_CUDA_DEVICES;
    return CUDA_SUCCESS;
}

/* Not the ordinal, so that a mix-up of the two fails. */
CUresult fake_cuDeviceGet(CUdevice *device, int ordinal)
{
    *device = 10 + ordinal;
    return ordinal < FAKE_CUDA_DEVICES ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

CUresult fake_cuDeviceGetName(char *name, int length, CUdevice device)
{
    snprintf(name, (size_t)length, "card %d", device);
    return CUDA_SUCCESS;
}

CUresult fake_cuDeviceGetUuid(CUuuid *uuid, CUdevice device)
{
    memset(uuid->bytes, device, sizeof(uuid->bytes));
    return CUDA_SUCCESS;
}

EXPORT CUresult cuDeviceGetUuid(CUuuid *uuid, CUdevice device);
CUresult cuDeviceGetUuid(CUuuid *uuid, CUdevice device)
{
    memset(uuid->bytes, 100 + device, sizeof(uuid->bytes));
    return CUDA_SUCCESS;
}

CUresult fake_cuDeviceGetPCIBusId(char *id, int length, CUdevice device)
{
    snprintf(id, (size_t)length, "0000:%02x:00.0", device);
    return CUDA_SUCCESS;
}

CUresult fake_cuDeviceGetAttribute(int *value, CUdevice_attribute attribute, CUdevice device)
{
    if (attribute == CU_DEVICE_ATTRIBUTE_TIMELINE_SEMAPHORE_INTEROP_SUPPORTED)
        *value = !state.no_timelines;
    else
        *value = 1000 * device + (int)attribute;
    return CUDA_SUCCESS;
}

CUresult fake_cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice device)
{
    state.retains++;
    GIVE(context, (CUcontext)&primary[device - 10], (CUresult)state.context_result);
}

CUresult fake_cuDevicePrimaryCtxRelease(CUdevice device)
{
    (void)device;
    state.releases++;
    return CUDA_SUCCESS;
}

CUresult fake_cuDevicePrimaryCtxReset(CUdevice device)
{
    (void)device;
    state.resets++;
    state.result = CUDA_SUCCESS; /* the new context has no error */
    return CUDA_SUCCESS;
}

CUresult fake_cuCtxGetCurrent(CUcontext *context)
{
    *context = current_context();
    return CUDA_SUCCESS;
}

CUresult fake_cuCtxPushCurrent(CUcontext context)
{
    if (state.context_result == CUDA_SUCCESS)
        thread.stack[thread.depth++] = context;
    return (CUresult)state.context_result;
}

CUresult fake_cuCtxPopCurrent(CUcontext *context)
{
    *context = current_context();
    if (!*context)
        return CUDA_ERROR_INVALID_CONTEXT;
    thread.depth--;
    return CUDA_SUCCESS;
}

CUresult fake_cuMemAlloc(CUdeviceptr *ptr, size_t size)
{
    GIVE(ptr, FAKE_CUDA_ADDRESS, CALLED("cuMemAlloc_v2", size));
}

CUresult fake_cuMemFree(CUdeviceptr ptr)
{
    return CALLED("cuMemFree_v2", ptr);
}

CUresult fake_cuMemHostAlloc(void **ptr, size_t size, unsigned int flags)
{
    GIVE(ptr, fake_cuda_handle, CALLED("cuMemHostAlloc", size, flags));
}

CUresult fake_cuMemFreeHost(void *ptr)
{
    return CALLED("cuMemFreeHost", U(ptr));
}

CUresult fake_cuMemHostRegister(void *ptr, size_t size, unsigned int flags)
{
    return CALLED("cuMemHostRegister_v2", U(ptr), size, flags);
}

CUresult fake_cuMemHostUnregister(void *ptr)
{
    return CALLED("cuMemHostUnregister", U(ptr));
}

CUresult fake_cuMemHostGetDevicePointer(CUdeviceptr *device, void *host, unsigned int flags)
{
    GIVE(device, FAKE_CUDA_ADDRESS, CALLED("cuMemHostGetDevicePointer_v2", U(host), flags));
}

CUresult fake_cuMemcpyAsync(CUdeviceptr dst, CUdeviceptr src, size_t size, CUstream stream)
{
    return CALLED("cuMemcpyAsync", dst, src, size, U(stream));
}

CUresult fake_cuMemcpyHtoDAsync(CUdeviceptr dst, const void *src, size_t size, CUstream stream)
{
    return CALLED("cuMemcpyHtoDAsync_v2", dst, U(src), size, U(stream));
}

CUresult fake_cuMemcpyDtoHAsync(void *dst, CUdeviceptr src, size_t size, CUstream stream)
{
    return CALLED("cuMemcpyDtoHAsync_v2", U(dst), src, size, U(stream));
}

CUresult fake_cuMemcpyDtoDAsync(CUdeviceptr dst, CUdeviceptr src, size_t size, CUstream stream)
{
    return CALLED("cuMemcpyDtoDAsync_v2", dst, src, size, U(stream));
}

CUresult fake_cuMemcpy2DAsync(const CUDA_MEMCPY2D *copy, CUstream stream)
{
    state.copy = *copy;
    return CALLED("cuMemcpy2DAsync_v2", U(stream));
}

CUresult fake_cuMemsetD8Async(CUdeviceptr dst, unsigned char value, size_t count, CUstream stream)
{
    return CALLED("cuMemsetD8Async", dst, value, count, U(stream));
}

CUresult fake_cuMipmappedArrayGetLevel(CUarray *level_array, CUmipmappedArray array,
                                       unsigned int level)
{
    GIVE(level_array, fake_cuda_handle, CALLED("cuMipmappedArrayGetLevel", U(array), level));
}

CUresult fake_cuMipmappedArrayDestroy(CUmipmappedArray array)
{
    return CALLED("cuMipmappedArrayDestroy", U(array));
}

CUresult fake_cuSurfObjectCreate(CUsurfObject *surface, const CUDA_RESOURCE_DESC *resource)
{
    state.resource = *resource;
    GIVE(surface, FAKE_CUDA_ADDRESS, CALLED("cuSurfObjectCreate", 0));
}

CUresult fake_cuSurfObjectDestroy(CUsurfObject surface)
{
    return CALLED("cuSurfObjectDestroy", surface);
}

CUresult fake_cuStreamCreate(CUstream *stream, unsigned int flags)
{
    GIVE(stream, fake_cuda_handle, CALLED("cuStreamCreate", flags));
}

CUresult fake_cuStreamDestroy(CUstream stream)
{
    return CALLED("cuStreamDestroy_v2", U(stream));
}

CUresult fake_cuStreamSynchronize(CUstream stream)
{
    return CALLED("cuStreamSynchronize", U(stream));
}

CUresult fake_cuStreamQuery(CUstream stream)
{
    return CALLED("cuStreamQuery", U(stream));
}

CUresult fake_cuStreamWaitEvent(CUstream stream, CUevent event, unsigned int flags)
{
    return CALLED("cuStreamWaitEvent", U(stream), U(event), flags);
}

CUresult fake_cuStreamAddCallback(CUstream stream, CUstreamCallback callback, void *data,
                                  unsigned int flags)
{
    state.callback = callback;
    state.callback_data = data;
    return CALLED("cuStreamAddCallback", U(stream), flags);
}

CUresult fake_cuLaunchHostFunc(CUstream stream, CUhostFn function, void *data)
{
    return CALLED("cuLaunchHostFunc", U(stream), U(function), U(data));
}

CUresult fake_cuEventCreate(CUevent *event, unsigned int flags)
{
    GIVE(event, fake_cuda_handle, CALLED("cuEventCreate", flags));
}

CUresult fake_cuEventDestroy(CUevent event)
{
    return CALLED("cuEventDestroy_v2", U(event));
}

CUresult fake_cuEventRecord(CUevent event, CUstream stream)
{
    return CALLED("cuEventRecord", U(event), U(stream));
}

CUresult fake_cuEventQuery(CUevent event)
{
    return CALLED("cuEventQuery", U(event));
}

CUresult fake_cuEventSynchronize(CUevent event)
{
    return CALLED("cuEventSynchronize", U(event));
}

CUresult fake_cuEventElapsedTime(float *ms, CUevent start, CUevent stop)
{
    GIVE(ms, 2.5f, CALLED("cuEventElapsedTime", U(start), U(stop)));
}

/* The driver's own prototype: NOLINTBEGIN(readability-non-const-parameter) */
CUresult fake_cuModuleLoadDataEx(CUmodule *module, const void *image, unsigned int count,
                                 CUjit_option *options, void **values)
/* NOLINTEND(readability-non-const-parameter) */
{
    char *log = NULL;
    size_t size = 0;
    for (unsigned int i = 0; i < count; i++) {
        if (options[i] == CU_JIT_ERROR_LOG_BUFFER)
            log = values[i];
        else if (options[i] == CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES)
            size = (size_t)(uintptr_t)values[i];
    }
    if (log && state.compiler_log)
        snprintf(log, size, "%s", state.compiler_log);
    GIVE(module, fake_cuda_handle, CALLED("cuModuleLoadDataEx", U(image)));
}

CUresult fake_cuModuleUnload(CUmodule module)
{
    return CALLED("cuModuleUnload", U(module));
}

CUresult fake_cuModuleGetFunction(CUfunction *function, CUmodule module, const char *name)
{
    GIVE(function, fake_cuda_handle, CALLED("cuModuleGetFunction", U(module), U(name)));
}

CUresult fake_cuLaunchKernel(CUfunction function, unsigned int grid_x, unsigned int grid_y,
                             unsigned int grid_z, unsigned int block_x, unsigned int block_y,
                             unsigned int block_z, unsigned int shared_bytes, CUstream stream,
                             void **params, void **extra)
{
    return CALLED("cuLaunchKernel", U(function), grid_x, grid_y, grid_z, block_x, block_y, block_z,
                  shared_bytes, U(stream), U(params), U(extra));
}

/* Takes the descriptor, as CUDA does, and only if it succeeds. */
CUresult fake_cuImportExternalMemory(CUexternalMemory *memory,
                                     const CUDA_EXTERNAL_MEMORY_HANDLE_DESC *handle)
{
    state.memory = *handle;
    if (state.result == CUDA_SUCCESS)
        close(handle->handle.fd);
    GIVE(memory, fake_cuda_handle, CALLED("cuImportExternalMemory", 0));
}

CUresult fake_cuExternalMemoryGetMappedBuffer(CUdeviceptr *ptr, CUexternalMemory memory,
                                              const CUDA_EXTERNAL_MEMORY_BUFFER_DESC *buffer)
{
    state.buffer = *buffer;
    GIVE(ptr, FAKE_CUDA_ADDRESS, CALLED("cuExternalMemoryGetMappedBuffer", U(memory)));
}

CUresult
fake_cuExternalMemoryGetMappedMipmappedArray(CUmipmappedArray *array, CUexternalMemory memory,
                                             const CUDA_EXTERNAL_MEMORY_MIPMAPPED_ARRAY_DESC *desc)
{
    state.array = *desc;
    GIVE(array, fake_cuda_handle, CALLED("cuExternalMemoryGetMappedMipmappedArray", U(memory)));
}

CUresult fake_cuDestroyExternalMemory(CUexternalMemory memory)
{
    return CALLED("cuDestroyExternalMemory", U(memory));
}

CUresult fake_cuImportExternalSemaphore(CUexternalSemaphore *semaphore,
                                        const CUDA_EXTERNAL_SEMAPHORE_HANDLE_DESC *handle)
{
    state.semaphore = *handle;
    if (state.result == CUDA_SUCCESS)
        close(handle->handle.fd);
    GIVE(semaphore, fake_cuda_handle, CALLED("cuImportExternalSemaphore", 0));
}

CUresult fake_cuSignalExternalSemaphoresAsync(const CUexternalSemaphore *semaphores,
                                              const CUDA_EXTERNAL_SEMAPHORE_SIGNAL_PARAMS *params,
                                              unsigned int count, CUstream stream)
{
    memcpy(state.semaphores, semaphores, count * sizeof(*semaphores));
    memcpy(state.signals, params, count * sizeof(*params));
    return CALLED("cuSignalExternalSemaphoresAsync", count, U(stream));
}

CUresult fake_cuWaitExternalSemaphoresAsync(const CUexternalSemaphore *semaphores,
                                            const CUDA_EXTERNAL_SEMAPHORE_WAIT_PARAMS *params,
                                            unsigned int count, CUstream stream)
{
    memcpy(state.semaphores, semaphores, count * sizeof(*semaphores));
    memcpy(state.waits, params, count * sizeof(*params));
    return CALLED("cuWaitExternalSemaphoresAsync", count, U(stream));
}

CUresult fake_cuDestroyExternalSemaphore(CUexternalSemaphore semaphore)
{
    return CALLED("cuDestroyExternalSemaphore", U(semaphore));
}
