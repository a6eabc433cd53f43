/* Memory of the `nvidia` provider: allocation, and copies and fills in stream order. */
#include "interop/hip/nvidia.h"

/* Flags that mean the same in CUDA. The others of HIP choose coherence or a place in the host's
 * memory, and their bits mean something else in CUDA: 8 is coarse-grained in hipHostRegister and
 * read-only in cuMemHostRegister. */
#define SAME_MALLOC_FLAGS (hipHostMallocPortable | hipHostMallocMapped | hipHostMallocWriteCombined)
#define SAME_REGISTER_FLAGS                                                                        \
    (hipHostRegisterPortable | hipHostRegisterMapped | hipHostRegisterIoMemory)

/* In HIP no bytes are an allocation like any other, at no address; in CUDA they are an error. */
hipError_t hipfx_nvidia_hipMalloc(void **ptr, size_t size)
{
    CUdeviceptr address = 0;
    if (!ptr)
        return hipfx_nvidia_error(CUDA_ERROR_INVALID_VALUE);
    *ptr = NULL;
    if (size == 0)
        return hipfx_nvidia_error(CUDA_SUCCESS);
    hipError_t err = HIPFX_CUDA(cuMemAlloc, &address, size);
    *ptr = (void *)(uintptr_t)address;
    return err;
}

hipError_t hipfx_nvidia_hipFree(void *ptr)
{
    if (!ptr)
        return hipfx_nvidia_error(CUDA_SUCCESS);
    return HIPFX_CUDA(cuMemFree, hipfx_nvidia_address(ptr));
}

hipError_t hipfx_nvidia_hipHostMalloc(void **ptr, size_t size, unsigned int flags)
{
    if (!ptr)
        return hipfx_nvidia_error(CUDA_ERROR_INVALID_VALUE);
    *ptr = NULL;
    if (size == 0)
        return hipfx_nvidia_error(CUDA_SUCCESS);
    return HIPFX_CUDA(cuMemHostAlloc, ptr, size, flags & SAME_MALLOC_FLAGS);
}

hipError_t hipfx_nvidia_hipHostFree(void *ptr)
{
    if (!ptr)
        return hipfx_nvidia_error(CUDA_SUCCESS);
    return HIPFX_CUDA(cuMemFreeHost, ptr);
}

hipError_t hipfx_nvidia_hipHostRegister(void *ptr, size_t size, unsigned int flags)
{
    return HIPFX_CUDA(cuMemHostRegister, ptr, size, flags & SAME_REGISTER_FLAGS);
}

hipError_t hipfx_nvidia_hipHostUnregister(void *ptr)
{
    return HIPFX_CUDA(cuMemHostUnregister, ptr);
}

hipError_t hipfx_nvidia_hipHostGetDevicePointer(void **device, void *host, unsigned int flags)
{
    CUdeviceptr address = 0;
    if (!device)
        return hipfx_nvidia_error(CUDA_ERROR_INVALID_VALUE);
    hipError_t err = HIPFX_CUDA(cuMemHostGetDevicePointer, &address, host, flags);
    *device = (void *)(uintptr_t)address;
    return err;
}

hipError_t hipfx_nvidia_hipMemcpyAsync(void *dst, const void *src, size_t size, hipMemcpyKind kind,
                                       hipStream_t stream)
{
    const CUdeviceptr to = hipfx_nvidia_address(dst), from = hipfx_nvidia_address(src);
    const CUstream on = hipfx_nvidia_stream(stream);
    switch (kind) {
    case hipMemcpyHostToDevice:
        return HIPFX_CUDA(cuMemcpyHtoDAsync, to, src, size, on);
    case hipMemcpyDeviceToHost:
        return HIPFX_CUDA(cuMemcpyDtoHAsync, dst, from, size, on);
    case hipMemcpyDeviceToDevice:
        return HIPFX_CUDA(cuMemcpyDtoDAsync, to, from, size, on);
    case hipMemcpyHostToHost:
    case hipMemcpyDefault:
        return HIPFX_CUDA(cuMemcpyAsync, to, from, size, on);
    }
    return hipErrorInvalidMemcpyDirection;
}

/* Where the kind says that the linear memory at `device` or `host` lies. */
static bool linear_types(hipMemcpyKind kind, CUmemorytype *src, CUmemorytype *dst)
{
    switch (kind) {
    case hipMemcpyHostToHost:
    case hipMemcpyHostToDevice:
    case hipMemcpyDeviceToHost:
    case hipMemcpyDeviceToDevice:
        *src = kind == hipMemcpyHostToHost || kind == hipMemcpyHostToDevice ? CU_MEMORYTYPE_HOST
                                                                            : CU_MEMORYTYPE_DEVICE;
        *dst = kind == hipMemcpyHostToHost || kind == hipMemcpyDeviceToHost ? CU_MEMORYTYPE_HOST
                                                                            : CU_MEMORYTYPE_DEVICE;
        return true;
    case hipMemcpyDefault:
        *src = *dst = CU_MEMORYTYPE_UNIFIED;
        return true;
    }
    return false;
}

static void set_source(CUDA_MEMCPY2D *copy, const void *src, size_t pitch, CUmemorytype type)
{
    copy->srcMemoryType = type;
    copy->srcPitch = pitch;
    if (type == CU_MEMORYTYPE_HOST)
        copy->srcHost = src;
    else
        copy->srcDevice = hipfx_nvidia_address(src);
}

static void set_target(CUDA_MEMCPY2D *copy, void *dst, size_t pitch, CUmemorytype type)
{
    copy->dstMemoryType = type;
    copy->dstPitch = pitch;
    if (type == CU_MEMORYTYPE_HOST)
        copy->dstHost = dst;
    else
        copy->dstDevice = hipfx_nvidia_address(dst);
}

static hipError_t copy_2d(const CUDA_MEMCPY2D *copy, hipStream_t stream)
{
    if (copy->WidthInBytes == 0 || copy->Height == 0)
        return hipfx_nvidia_error(CUDA_SUCCESS);
    return HIPFX_CUDA(cuMemcpy2DAsync, copy, hipfx_nvidia_stream(stream));
}

hipError_t hipfx_nvidia_hipMemcpy2DAsync(void *dst, size_t dst_pitch, const void *src,
                                         size_t src_pitch, size_t width, size_t height,
                                         hipMemcpyKind kind, hipStream_t stream)
{
    CUDA_MEMCPY2D copy = {.WidthInBytes = width, .Height = height};
    CUmemorytype from, to;
    if (!linear_types(kind, &from, &to))
        return hipErrorInvalidMemcpyDirection;
    set_source(&copy, src, src_pitch, from);
    set_target(&copy, dst, dst_pitch, to);
    return copy_2d(&copy, stream);
}

/* `x` and `width` are bytes, also in the array. */
hipError_t hipfx_nvidia_hipMemcpy2DFromArrayAsync(void *dst, size_t dst_pitch, hipArray_const_t src,
                                                  size_t x, size_t y, size_t width, size_t height,
                                                  hipMemcpyKind kind, hipStream_t stream)
{
    CUDA_MEMCPY2D copy = {
        .srcMemoryType = CU_MEMORYTYPE_ARRAY,
        .srcArray = (CUarray)(uintptr_t)src, /* the driver's type has no const form */
        .srcXInBytes = x,
        .srcY = y,
        .WidthInBytes = width,
        .Height = height,
    };
    CUmemorytype from, to;
    /* An array is the device's, whatever the kind says about its side. */
    if (!linear_types(kind, &from, &to) || from == CU_MEMORYTYPE_HOST)
        return hipErrorInvalidMemcpyDirection;
    set_target(&copy, dst, dst_pitch, to);
    return copy_2d(&copy, stream);
}

hipError_t hipfx_nvidia_hipMemcpy2DToArrayAsync(hipArray *dst, size_t x, size_t y, const void *src,
                                                size_t src_pitch, size_t width, size_t height,
                                                hipMemcpyKind kind, hipStream_t stream)
{
    CUDA_MEMCPY2D copy = {
        .dstMemoryType = CU_MEMORYTYPE_ARRAY,
        .dstArray = (CUarray)dst,
        .dstXInBytes = x,
        .dstY = y,
        .WidthInBytes = width,
        .Height = height,
    };
    CUmemorytype from, to;
    if (!linear_types(kind, &from, &to) || to == CU_MEMORYTYPE_HOST)
        return hipErrorInvalidMemcpyDirection;
    set_source(&copy, src, src_pitch, from);
    return copy_2d(&copy, stream);
}

hipError_t hipfx_nvidia_hipMemsetAsync(void *dst, int value, size_t size, hipStream_t stream)
{
    if (size == 0)
        return hipfx_nvidia_error(CUDA_SUCCESS);
    return HIPFX_CUDA(cuMemsetD8Async, hipfx_nvidia_address(dst), (unsigned char)value, size,
                      hipfx_nvidia_stream(stream));
}
