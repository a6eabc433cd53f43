/* Memory and semaphores of other APIs in the `nvidia` provider. */
#include "interop/hip/nvidia.h"

/* More than a frame's hand-over can need. */
#define MAX_SEMAPHORES 8

hipError_t hipfx_nvidia_hipImportExternalMemory(hipExternalMemory_t *memory,
                                                const hipExternalMemoryHandleDesc *handle)
{
    CUexternalMemory imported = NULL;
    if (!memory || !handle)
        return hipfx_nvidia_error(CUDA_ERROR_INVALID_VALUE);
    *memory = NULL;
    if (handle->type != hipExternalMemoryHandleTypeOpaqueFd)
        return hipfx_nvidia_error(CUDA_ERROR_NOT_SUPPORTED);
    const CUDA_EXTERNAL_MEMORY_HANDLE_DESC desc = {
        .type = CU_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD,
        .handle.fd = handle->handle.fd,
        .size = handle->size,
        .flags = handle->flags,
    };
    hipError_t err = HIPFX_CUDA(cuImportExternalMemory, &imported, &desc);
    *memory = imported;
    return err;
}

hipError_t hipfx_nvidia_hipDestroyExternalMemory(hipExternalMemory_t memory)
{
    return HIPFX_CUDA(cuDestroyExternalMemory, (CUexternalMemory)memory);
}

hipError_t hipfx_nvidia_hipExternalMemoryGetMappedBuffer(void **ptr, hipExternalMemory_t memory,
                                                         const hipExternalMemoryBufferDesc *buffer)
{
    CUdeviceptr address = 0;
    if (!ptr || !buffer)
        return hipfx_nvidia_error(CUDA_ERROR_INVALID_VALUE);
    const CUDA_EXTERNAL_MEMORY_BUFFER_DESC desc = {
        .offset = buffer->offset,
        .size = buffer->size,
        .flags = buffer->flags,
    };
    hipError_t err =
        HIPFX_CUDA(cuExternalMemoryGetMappedBuffer, &address, (CUexternalMemory)memory, &desc);
    *ptr = (void *)(uintptr_t)address;
    return err;
}

/* Four channels, as frames have them: 8-bit numbers or 16-bit floats. */
static bool to_array_format(const hipChannelFormatDesc *format, CUarray_format *cuda)
{
    if (format->y != format->x || format->z != format->x || format->w != format->x)
        return false;
    *cuda = format->x == 8 ? CU_AD_FORMAT_UNSIGNED_INT8 : CU_AD_FORMAT_HALF;
    return (format->x == 8 && format->f == hipChannelFormatKindUnsigned) ||
           (format->x == 16 && format->f == hipChannelFormatKindFloat);
}

hipError_t
hipfx_nvidia_hipExternalMemoryGetMappedMipmappedArray(hipMipmappedArray_t *array,
                                                      hipExternalMemory_t memory,
                                                      const struct hipfx_external_array_desc *desc)
{
    CUmipmappedArray mapped = NULL;
    CUarray_format format;
    if (!array || !desc)
        return hipfx_nvidia_error(CUDA_ERROR_INVALID_VALUE);
    *array = NULL;
    if (!to_array_format(&desc->formatDesc, &format))
        return hipfx_nvidia_error(CUDA_ERROR_NOT_SUPPORTED);
    static_assert(CUDA_ARRAY3D_SURFACE_LDST == hipArraySurfaceLoadStore, "flags pass unchanged");
    const CUDA_EXTERNAL_MEMORY_MIPMAPPED_ARRAY_DESC cuda = {
        .offset = desc->offset,
        .arrayDesc = {.Width = desc->extent.width,
                      .Height = desc->extent.height,
                      .Depth = desc->extent.depth,
                      .Format = format,
                      .NumChannels = 4,
                      .Flags = desc->flags},
        .numLevels = desc->numLevels,
    };
    hipError_t err = HIPFX_CUDA(cuExternalMemoryGetMappedMipmappedArray, &mapped,
                                (CUexternalMemory)memory, &cuda);
    *array = (hipMipmappedArray_t)mapped;
    return err;
}

hipError_t hipfx_nvidia_hipGetMipmappedArrayLevel(hipArray_t *level_array,
                                                  hipMipmappedArray_const_t array,
                                                  unsigned int level)
{
    CUarray found = NULL;
    if (!level_array)
        return hipfx_nvidia_error(CUDA_ERROR_INVALID_VALUE);
    hipError_t err =
        HIPFX_CUDA(cuMipmappedArrayGetLevel, &found, (CUmipmappedArray)(uintptr_t)array, level);
    *level_array = (hipArray_t)found;
    return err;
}

hipError_t hipfx_nvidia_hipFreeMipmappedArray(hipMipmappedArray_t array)
{
    return HIPFX_CUDA(cuMipmappedArrayDestroy, (CUmipmappedArray)array);
}

hipError_t hipfx_nvidia_hipCreateSurfaceObject(hipSurfaceObject_t *surface,
                                               const hipResourceDesc *resource)
{
    CUsurfObject object = 0;
    if (!surface || !resource || resource->resType != hipResourceTypeArray)
        return hipfx_nvidia_error(CUDA_ERROR_INVALID_VALUE);
    const CUDA_RESOURCE_DESC desc = {
        .resType = CU_RESOURCE_TYPE_ARRAY,
        .res.array.hArray = (CUarray)resource->res.array.array,
    };
    hipError_t err = HIPFX_CUDA(cuSurfObjectCreate, &object, &desc);
    *surface = (hipSurfaceObject_t)(uintptr_t)object;
    return err;
}

hipError_t hipfx_nvidia_hipDestroySurfaceObject(hipSurfaceObject_t surface)
{
    return HIPFX_CUDA(cuSurfObjectDestroy, (CUsurfObject)(uintptr_t)surface);
}

static bool can_import_semaphore(int type)
{
    if (type == CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_TIMELINE_SEMAPHORE_FD)
        return hipfx_nvidia_attribute(CU_DEVICE_ATTRIBUTE_TIMELINE_SEMAPHORE_INTEROP_SUPPORTED);
    return type == CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD;
}

/* HIP 5 does not name the timeline's type; the types have the same numbers in HIP and CUDA. */
hipError_t hipfx_nvidia_hipImportExternalSemaphore(hipExternalSemaphore_t *semaphore,
                                                   const hipExternalSemaphoreHandleDesc *handle)
{
    CUexternalSemaphore imported = NULL;
    if (!semaphore || !handle)
        return hipfx_nvidia_error(CUDA_ERROR_INVALID_VALUE);
    *semaphore = NULL;
    const int type = (int)handle->type;
    if (!can_import_semaphore(type))
        return hipfx_nvidia_error(CUDA_ERROR_NOT_SUPPORTED);
    const CUDA_EXTERNAL_SEMAPHORE_HANDLE_DESC desc = {
        .type = (CUexternalSemaphoreHandleType)type,
        .handle.fd = handle->handle.fd,
        .flags = handle->flags,
    };
    hipError_t err = HIPFX_CUDA(cuImportExternalSemaphore, &imported, &desc);
    *semaphore = imported;
    return err;
}

hipError_t hipfx_nvidia_hipDestroyExternalSemaphore(hipExternalSemaphore_t semaphore)
{
    return HIPFX_CUDA(cuDestroyExternalSemaphore, (CUexternalSemaphore)semaphore);
}

/* HIP's parameters and CUDA's differ in layout from one HIP version to the next: they are copied,
 * member by member. */
hipError_t
hipfx_nvidia_hipSignalExternalSemaphoresAsync(const hipExternalSemaphore_t *semaphores,
                                              const hipExternalSemaphoreSignalParams *params,
                                              unsigned int count, hipStream_t stream)
{
    CUexternalSemaphore cuda[MAX_SEMAPHORES];
    CUDA_EXTERNAL_SEMAPHORE_SIGNAL_PARAMS cuda_params[MAX_SEMAPHORES] = {0};
    if (!semaphores || !params || count > MAX_SEMAPHORES)
        return hipfx_nvidia_error(CUDA_ERROR_INVALID_VALUE);
    for (unsigned int i = 0; i < count; i++) {
        cuda[i] = (CUexternalSemaphore)semaphores[i];
        cuda_params[i].params.fence.value = params[i].params.fence.value;
        cuda_params[i].flags = params[i].flags;
    }
    return HIPFX_CUDA(cuSignalExternalSemaphoresAsync, cuda, cuda_params, count,
                      hipfx_nvidia_stream(stream));
}

hipError_t hipfx_nvidia_hipWaitExternalSemaphoresAsync(const hipExternalSemaphore_t *semaphores,
                                                       const hipExternalSemaphoreWaitParams *params,
                                                       unsigned int count, hipStream_t stream)
{
    CUexternalSemaphore cuda[MAX_SEMAPHORES];
    CUDA_EXTERNAL_SEMAPHORE_WAIT_PARAMS cuda_params[MAX_SEMAPHORES] = {0};
    if (!semaphores || !params || count > MAX_SEMAPHORES)
        return hipfx_nvidia_error(CUDA_ERROR_INVALID_VALUE);
    for (unsigned int i = 0; i < count; i++) {
        cuda[i] = (CUexternalSemaphore)semaphores[i];
        cuda_params[i].params.fence.value = params[i].params.fence.value;
        cuda_params[i].flags = params[i].flags;
    }
    return HIPFX_CUDA(cuWaitExternalSemaphoresAsync, cuda, cuda_params, count,
                      hipfx_nvidia_stream(stream));
}
