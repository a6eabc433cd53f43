/* Modules, functions and launches. */
#include "interop/hip/cpu.h"

#include <limits.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

struct ihipModuleSymbol_t {
    struct hipfx_cpu_kernel kernel;
};

struct ihipModule_t {
    size_t count;
    struct ihipModuleSymbol_t symbols[];
};

/* The modules that callers hold. A stale handle is refused instead of being followed. */
static struct {
    pthread_mutex_t lock;
    void *tree;
} modules = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int compare_handles(const void *a, const void *b)
{
    return ((uintptr_t)a > (uintptr_t)b) - ((uintptr_t)a < (uintptr_t)b);
}

static bool is_valid_image(const struct hipfx_cpu_image *image)
{
    uint64_t magic; /* the caller's data may be anything, at any alignment */
    memcpy(&magic, image, sizeof(magic));
    if (magic != HIPFX_CPU_IMAGE_MAGIC || (image->kernel_count > 0 && !image->kernels))
        return false;
    for (size_t i = 0; i < image->kernel_count; i++) {
        if (!image->kernels[i].name || !image->kernels[i].run)
            return false;
    }
    return true;
}

hipError_t hipfx_cpu_hipModuleLoadData(hipModule_t *module, const void *data)
{
    const struct hipfx_cpu_image *image = data;
    if (!module || !image)
        return hipErrorInvalidValue;
    *module = NULL;
    if (!is_valid_image(image))
        return hipErrorInvalidImage;

    struct ihipModule_t *m = calloc(1, sizeof(*m) + image->kernel_count * sizeof(m->symbols[0]));
    if (!m)
        return hipErrorOutOfMemory;
    m->count = image->kernel_count;
    for (size_t i = 0; i < m->count; i++)
        m->symbols[i].kernel = image->kernels[i];

    pthread_mutex_lock(&modules.lock);
    bool kept = tsearch(m, &modules.tree, compare_handles) != NULL;
    pthread_mutex_unlock(&modules.lock);
    if (!kept) {
        free(m);
        return hipErrorOutOfMemory;
    }
    *module = m;
    return hipSuccess;
}

hipError_t hipfx_cpu_hipModuleUnload(hipModule_t module)
{
    pthread_mutex_lock(&modules.lock);
    bool known = module && tdelete(module, &modules.tree, compare_handles);
    pthread_mutex_unlock(&modules.lock);
    if (!known)
        return hipErrorInvalidHandle;
    free(module);
    return hipSuccess;
}

hipError_t hipfx_cpu_hipModuleGetFunction(hipFunction_t *function, hipModule_t module,
                                          const char *name)
{
    if (!function || !name)
        return hipErrorInvalidValue;
    *function = NULL;
    hipError_t err = hipErrorInvalidHandle;
    pthread_mutex_lock(&modules.lock);
    if (module && tfind(module, &modules.tree, compare_handles)) {
        err = hipErrorNotFound;
        for (size_t i = 0; i < module->count && err != hipSuccess; i++) {
            if (strcmp(module->symbols[i].kernel.name, name) == 0) {
                *function = &module->symbols[i];
                err = hipSuccess;
            }
        }
    }
    pthread_mutex_unlock(&modules.lock);
    return err;
}

struct launch {
    hipfx_cpu_kernel_fn run;
    int rows;
    _Alignas(max_align_t) unsigned char args[];
};

static void run_launch(void *args)
{
    const struct launch *launch = args;
    hipfx_cpu_pool_run(launch->run, launch->args, launch->rows);
}

static bool is_valid_shape(const unsigned int grid[3], const unsigned int block[3],
                           unsigned int shared_bytes)
{
    for (int i = 0; i < 3; i++) {
        if (grid[i] == 0 || block[i] == 0 || block[i] > HIPFX_CPU_MAX_BLOCK)
            return false;
        if ((uint64_t)grid[i] * block[i] > INT_MAX)
            return false;
    }
    return grid[2] == 1 && block[2] == 1 && block[0] * block[1] <= HIPFX_CPU_MAX_BLOCK &&
           shared_bytes <= HIPFX_CPU_MAX_SHARED_BYTES;
}

hipError_t hipfx_cpu_hipModuleLaunchKernel(hipFunction_t function, unsigned int grid_x,
                                           unsigned int grid_y, unsigned int grid_z,
                                           unsigned int block_x, unsigned int block_y,
                                           unsigned int block_z, unsigned int shared_bytes,
                                           hipStream_t stream, void **params, void **extra)
{
    if (!function)
        return hipErrorInvalidHandle;
    const unsigned int grid[3] = {grid_x, grid_y, grid_z};
    const unsigned int block[3] = {block_x, block_y, block_z};
    if (!is_valid_shape(grid, block, shared_bytes))
        return hipErrorInvalidConfiguration;
    const struct hipfx_cpu_kernel *kernel = &function->kernel;
    if (extra || (kernel->args_size > 0 && (!params || !params[0])))
        return hipErrorInvalidValue;

    struct hipfx_cpu_op *op =
        hipfx_cpu_op_create(run_launch, sizeof(struct launch) + kernel->args_size);
    if (op) {
        struct launch *launch = hipfx_cpu_op_args(op);
        launch->run = kernel->run;
        launch->rows = (int)(grid_y * block_y);
        if (kernel->args_size > 0)
            memcpy(launch->args, params[0], kernel->args_size);
    }
    return hipfx_cpu_enqueue(stream, op, NULL);
}
