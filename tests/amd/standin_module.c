/* Code objects: recognised, and carried out by the same kernels' source on the processor. */
#define _GNU_SOURCE /* memmem */
#include "tests/amd/standin.h"
#include "tests/amd/standin_kernels.h"

#include <elf.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MACHINE_AMDGPU 224

struct module {
    const unsigned char *image;
    size_t size;
};

struct launch {
    const struct standin_kernel *kernel;
    unsigned grid_x, grid_y, threads;
    _Alignas(max_align_t) unsigned char args[];
};

/* The metadata of a code object names its target: "amdgcn-amd-amdhsa--gfx1030". Another key stands
 * behind, so that gfx90 is not found in gfx90a. */
static bool is_for(const unsigned char *image, size_t size, const char *target)
{
    char name[64];
    snprintf(name, sizeof(name), "amdgcn-amd-amdhsa--%s", target);
    const size_t length = strlen(name);
    const unsigned char *found = memmem(image, size, name, length);
    return found && (size_t)(found - image) + length < size &&
           !((found[length] >= '0' && found[length] <= '9') ||
             (found[length] >= 'a' && found[length] <= 'f'));
}

STANDIN_EXPORT hipError_t hipModuleLoadData(hipModule_t *module, const void *image)
{
    Elf64_Ehdr header;
    if (!module || !image)
        return hipErrorInvalidValue;
    memcpy(&header, image, sizeof(header));
    if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_machine != MACHINE_AMDGPU)
        return hipErrorInvalidImage;
    const size_t size = header.e_shoff + (size_t)header.e_shnum * header.e_shentsize;
    if (!is_for(image, size, standin_target()))
        return hipErrorNoBinaryForGpu;
    struct module *out = malloc(sizeof(*out));
    if (!out)
        return hipErrorOutOfMemory;
    *out = (struct module){image, size};
    *module = (hipModule_t)out;
    return hipSuccess;
}

STANDIN_EXPORT hipError_t hipModuleUnload(hipModule_t module)
{
    if (!module)
        return hipErrorInvalidHandle;
    free(module);
    return hipSuccess;
}

/* A kernel must be in the code object under the name of its descriptor. */
STANDIN_EXPORT hipError_t hipModuleGetFunction(hipFunction_t *function, hipModule_t module,
                                               const char *kname)
{
    const struct module *m = (const struct module *)module;
    char symbol[80];
    if (!function || !m || !kname)
        return hipErrorInvalidValue;
    *function = NULL;
    snprintf(symbol, sizeof(symbol), "%s.kd", kname);
    if (!memmem(m->image, m->size, symbol, strlen(symbol) + 1))
        return hipErrorNotFound;
    for (const struct standin_kernel *kernel = standin_kernels; kernel->name; kernel++) {
        if (!strcmp(kernel->name, kname)) {
            *function = (hipFunction_t)kernel;
            return hipSuccess;
        }
    }
    return hipErrorNotFound;
}

static void run_launch(void *args)
{
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
    const struct launch *launch = args;
    pthread_mutex_lock(&one_at_a_time);
    standin_run(launch->kernel, launch->args, launch->grid_x, launch->grid_y, launch->threads);
    pthread_mutex_unlock(&one_at_a_time);
}

STANDIN_EXPORT hipError_t hipModuleLaunchKernel(hipFunction_t f, unsigned int gridDimX,
                                                unsigned int gridDimY, unsigned int gridDimZ,
                                                unsigned int blockDimX, unsigned int blockDimY,
                                                unsigned int blockDimZ, unsigned int sharedMemBytes,
                                                hipStream_t stream, void **kernelParams,
                                                void **extra)
{
    const struct standin_kernel *kernel = (const struct standin_kernel *)f;
    if (!kernel || !kernelParams || !kernelParams[0] || extra || sharedMemBytes)
        return hipErrorInvalidValue;
    if (!gridDimX || !gridDimY || gridDimZ != 1 || !blockDimX || blockDimX > 1024 ||
        blockDimY != 1 || blockDimZ != 1)
        return hipErrorInvalidConfiguration;
    struct hipfx_cpu_op *op =
        hipfx_cpu_op_create(run_launch, sizeof(struct launch) + kernel->args_size);
    if (op) {
        struct launch *launch = hipfx_cpu_op_args(op);
        *launch = (struct launch){kernel, gridDimX, gridDimY, blockDimX};
        memcpy(launch->args, kernelParams[0], kernel->args_size);
    }
    return hipfx_cpu_enqueue(stream, op, NULL);
}
