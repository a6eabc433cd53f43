/* The kernels that the stand-in runs: C, and C++ where the kernels are compiled. */
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct standin_kernel {
    const char *name;              /* NULL: behind the last */
    void (*run)(const void *args); /* what one thread does */
    size_t args_size;
};

extern const struct standin_kernel standin_kernels[];

/* Runs the kernel for each thread of each block, block after block. The caller sees to it that
 * there is one call at a time: shared memory is there once. */
void standin_run(const struct standin_kernel *kernel, const void *args, unsigned grid_x,
                 unsigned grid_y, unsigned threads);

#ifdef __cplusplus
}
#endif
