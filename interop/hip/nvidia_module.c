/* Modules and launches of the `nvidia` provider. */
#include "interop/hip/nvidia.h"

/* Of what the driver's compiler says, the first messages name the line and the cause. */
#define COMPILER_LOG_BYTES 4096

/* The driver compiles PTX here, which may take seconds, or takes the result from its own cache on
 * disk. */
hipError_t hipfx_nvidia_hipModuleLoadData(hipModule_t *module, const void *image)
{
    CUmodule loaded = NULL;
    char log[COMPILER_LOG_BYTES] = "";
    CUjit_option options[] = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
    void *values[] = {log, (void *)(uintptr_t)sizeof(log)};
    if (!module || !image)
        return hipfx_nvidia_error(CUDA_ERROR_INVALID_VALUE);
    hipError_t err = HIPFX_CUDA(cuModuleLoadDataEx, &loaded, image,
                                sizeof(options) / sizeof(options[0]), options, values);
    *module = (hipModule_t)loaded;
    if (err != hipSuccess)
        hipfx_nvidia_explain(log);
    return err;
}

hipError_t hipfx_nvidia_hipModuleUnload(hipModule_t module)
{
    return HIPFX_CUDA(cuModuleUnload, (CUmodule)module);
}

hipError_t hipfx_nvidia_hipModuleGetFunction(hipFunction_t *function, hipModule_t module,
                                             const char *name)
{
    CUfunction found = NULL;
    if (!function)
        return hipfx_nvidia_error(CUDA_ERROR_INVALID_VALUE);
    hipError_t err = HIPFX_CUDA(cuModuleGetFunction, &found, (CUmodule)module, name);
    *function = (hipFunction_t)found;
    return err;
}

hipError_t hipfx_nvidia_hipModuleLaunchKernel(hipFunction_t function, unsigned int grid_x,
                                              unsigned int grid_y, unsigned int grid_z,
                                              unsigned int block_x, unsigned int block_y,
                                              unsigned int block_z, unsigned int shared_bytes,
                                              hipStream_t stream, void **params, void **extra)
{
    if (extra)
        return hipfx_nvidia_error(CUDA_ERROR_NOT_SUPPORTED);
    return HIPFX_CUDA(cuLaunchKernel, (CUfunction)function, grid_x, grid_y, grid_z, block_x,
                      block_y, block_z, shared_bytes, hipfx_nvidia_stream(stream), params, NULL);
}
