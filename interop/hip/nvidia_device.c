/* Devices of the `nvidia` provider, and which context a call runs in. */
#include "interop/hip/nvidia.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

static struct {
    int count;
    CUdevice devices[HIPFX_NVIDIA_MAX_DEVICES];
    pthread_mutex_t lock; /* held while a context is made */
    _Atomic(CUcontext)
        contexts[HIPFX_NVIDIA_MAX_DEVICES]; /* primary ones; NULL: not yet retained */
} gpus = {.lock = PTHREAD_MUTEX_INITIALIZER};

static _Thread_local struct {
    int device;  /* as hipSetDevice chose */
    bool pushed; /* between enter and leave: a context of ours is to be popped */
} thread;

CUresult hipfx_nvidia_find_devices(int *count)
{
    gpus.count = 0;
    *count = 0;
    CUresult result = hipfx_cuda.cuDeviceGetCount(count);
    if (*count > HIPFX_NVIDIA_MAX_DEVICES)
        *count = HIPFX_NVIDIA_MAX_DEVICES;
    for (int i = 0; i < *count && result == CUDA_SUCCESS; i++) {
        atomic_store(&gpus.contexts[i], NULL);
        result = hipfx_cuda.cuDeviceGet(&gpus.devices[i], i);
    }
    if (result == CUDA_SUCCESS)
        gpus.count = *count;
    return result;
}

static bool is_device(int device)
{
    return device >= 0 && device < gpus.count;
}

int hipfx_nvidia_attribute(CUdevice_attribute attribute)
{
    int value = 0;
    CUresult result =
        hipfx_cuda.cuDeviceGetAttribute(&value, attribute, gpus.devices[thread.device]);
    return result == CUDA_SUCCESS ? value : 0;
}

/* Making a context takes a while, but only once for each device. */
static CUresult retain_context(int device, CUcontext *context)
{
    CUresult result = CUDA_SUCCESS;
    pthread_mutex_lock(&gpus.lock);
    *context = atomic_load(&gpus.contexts[device]);
    if (!*context) {
        result = hipfx_cuda.cuDevicePrimaryCtxRetain(context, gpus.devices[device]);
        if (result == CUDA_SUCCESS)
            atomic_store(&gpus.contexts[device], *context);
    }
    pthread_mutex_unlock(&gpus.lock);
    return result;
}

bool hipfx_nvidia_enter(void)
{
    CUcontext current = NULL;
    CUcontext context = atomic_load_explicit(&gpus.contexts[thread.device], memory_order_acquire);
    CUresult result = context ? CUDA_SUCCESS : retain_context(thread.device, &context);
    if (result == CUDA_SUCCESS)
        result = hipfx_cuda.cuCtxGetCurrent(&current);
    thread.pushed = false;
    if (result == CUDA_SUCCESS && current != context) {
        result = hipfx_cuda.cuCtxPushCurrent(context);
        thread.pushed = result == CUDA_SUCCESS;
    }
    return hipfx_nvidia_error(result) == hipSuccess;
}

hipError_t hipfx_nvidia_leave(CUresult result)
{
    CUcontext ours;
    /* The call itself is done and its result counts; a caller could do nothing about this one. */
    if (thread.pushed && hipfx_cuda.cuCtxPopCurrent(&ours) != CUDA_SUCCESS)
        hipfx_log(HIPFX_LOG_WARNING, "the CUDA driver did not restore the thread's context");
    thread.pushed = false;
    return hipfx_nvidia_error(result);
}

hipError_t hipfx_nvidia_hipInit(unsigned int flags)
{
    return hipfx_nvidia_error(hipfx_cuda.cuInit(flags));
}

hipError_t hipfx_nvidia_hipDriverGetVersion(int *version)
{
    int cuda = 0;
    if (!version)
        return hipfx_nvidia_error(CUDA_ERROR_INVALID_VALUE);
    hipError_t err = hipfx_nvidia_error(hipfx_cuda.cuDriverGetVersion(&cuda));
    /* CUDA: 1000 * major + 10 * minor. */
    *version = cuda / 1000 * 10000000 + cuda / 10 % 100 * 100000;
    return err;
}

/* There is no runtime besides the driver. */
hipError_t hipfx_nvidia_hipRuntimeGetVersion(int *version)
{
    return hipfx_nvidia_hipDriverGetVersion(version);
}

hipError_t hipfx_nvidia_hipGetDeviceCount(int *count)
{
    if (!count)
        return hipfx_nvidia_error(CUDA_ERROR_INVALID_VALUE);
    *count = gpus.count;
    return hipfx_nvidia_error(gpus.count > 0 ? CUDA_SUCCESS : CUDA_ERROR_NO_DEVICE);
}

hipError_t hipfx_nvidia_hipDeviceGet(hipDevice_t *device, int ordinal)
{
    if (!device)
        return hipfx_nvidia_error(CUDA_ERROR_INVALID_VALUE);
    if (!is_device(ordinal))
        return hipfx_nvidia_error(CUDA_ERROR_INVALID_DEVICE);
    *device = ordinal;
    return hipfx_nvidia_error(CUDA_SUCCESS);
}

hipError_t hipfx_nvidia_hipSetDevice(int device)
{
    CUcontext context;
    if (!is_device(device))
        return hipfx_nvidia_error(CUDA_ERROR_INVALID_DEVICE);
    context = atomic_load_explicit(&gpus.contexts[device], memory_order_acquire);
    hipError_t err = hipfx_nvidia_error(context ? CUDA_SUCCESS : retain_context(device, &context));
    if (err == hipSuccess)
        thread.device = device;
    return err;
}

/* For a device that was lost: CUDA's primary context outlives the error, and gives it again in each
 * call. The reference is given back as well: a primary context that was reset stays dead for
 * whoever still holds it, and the next call is to get a new one. */
hipError_t hipfx_nvidia_hipDeviceReset(void)
{
    const CUdevice device = gpus.devices[thread.device];
    CUresult result = CUDA_SUCCESS;
    pthread_mutex_lock(&gpus.lock);
    if (atomic_exchange(&gpus.contexts[thread.device], NULL)) {
        CUresult reset = hipfx_cuda.cuDevicePrimaryCtxReset(device);
        result = hipfx_cuda.cuDevicePrimaryCtxRelease(device);
        if (reset != CUDA_SUCCESS)
            result = reset;
    }
    pthread_mutex_unlock(&gpus.lock);
    return hipfx_nvidia_error(result);
}

hipError_t hipfx_nvidia_hipDeviceGetName(char *name, int length, hipDevice_t device)
{
    if (!is_device(device))
        return hipfx_nvidia_error(CUDA_ERROR_INVALID_DEVICE);
    return hipfx_nvidia_error(hipfx_cuda.cuDeviceGetName(name, length, gpus.devices[device]));
}

hipError_t hipfx_nvidia_hipDeviceGetPCIBusId(char *id, int length, int device)
{
    if (!is_device(device))
        return hipfx_nvidia_error(CUDA_ERROR_INVALID_DEVICE);
    return hipfx_nvidia_error(hipfx_cuda.cuDeviceGetPCIBusId(id, length, gpus.devices[device]));
}

hipError_t hipfx_nvidia_hipDeviceGetUuid(hipUUID *uuid, hipDevice_t device)
{
    CUuuid cuda = {{0}};
    static_assert(sizeof(uuid->bytes) == sizeof(cuda.bytes), "a UUID has 16 bytes");
    if (!uuid)
        return hipfx_nvidia_error(CUDA_ERROR_INVALID_VALUE);
    if (!is_device(device))
        return hipfx_nvidia_error(CUDA_ERROR_INVALID_DEVICE);
    CUresult result = hipfx_cuda.cuDeviceGetUuid(&cuda, gpus.devices[device]);
    memcpy(uuid->bytes, cuda.bytes, sizeof(cuda.bytes));
    return hipfx_nvidia_error(result);
}

/* The ones that say something about a kernel's speed or find the device elsewhere; 0: the others.
 */
static int to_cuda(hipDeviceAttribute_t attribute)
{
    switch ((int)attribute) {
    case hipDeviceAttributeMaxThreadsPerBlock:
        return CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK;
    case hipDeviceAttributeMaxSharedMemoryPerBlock:
        return CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK;
    case hipDeviceAttributeWarpSize:
        return CU_DEVICE_ATTRIBUTE_WARP_SIZE;
    case hipDeviceAttributeClockRate:
        return CU_DEVICE_ATTRIBUTE_CLOCK_RATE;
    case hipDeviceAttributeMultiprocessorCount:
        return CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;
    case hipDeviceAttributeIntegrated:
        return CU_DEVICE_ATTRIBUTE_INTEGRATED;
    case hipDeviceAttributePciBusId:
        return CU_DEVICE_ATTRIBUTE_PCI_BUS_ID;
    case hipDeviceAttributePciDeviceId:
        return CU_DEVICE_ATTRIBUTE_PCI_DEVICE_ID;
    case hipDeviceAttributePciDomainID:
        return CU_DEVICE_ATTRIBUTE_PCI_DOMAIN_ID;
    case hipDeviceAttributeMemoryClockRate:
        return CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE;
    case hipDeviceAttributeMemoryBusWidth:
        return CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH;
    case hipDeviceAttributeL2CacheSize:
        return CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE;
    case hipDeviceAttributeMaxThreadsPerMultiProcessor:
        return CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR;
    case hipDeviceAttributeComputeCapabilityMajor:
        return CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
    case hipDeviceAttributeComputeCapabilityMinor:
        return CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
    default:
        return 0;
    }
}

hipError_t hipfx_nvidia_hipDeviceGetAttribute(int *value, hipDeviceAttribute_t attribute,
                                              int device)
{
    const int cuda = to_cuda(attribute);
    if (!value)
        return hipfx_nvidia_error(CUDA_ERROR_INVALID_VALUE);
    if (!is_device(device))
        return hipfx_nvidia_error(CUDA_ERROR_INVALID_DEVICE);
    if (!cuda)
        return hipfx_nvidia_error(CUDA_ERROR_NOT_SUPPORTED);
    return hipfx_nvidia_error(
        hipfx_cuda.cuDeviceGetAttribute(value, (CUdevice_attribute)cuda, gpus.devices[device]));
}
