/* What hipModuleLoadData takes on the `cpu` provider: kernels as functions of the host.
 *
 * A kernel there is a loop over rows. The launch has the same grid and block as on a GPU; the
 * provider turns gridDim.y * blockDim.y into a number of rows, gives each core ranges of
 * them, and the kernel clips the range to its own height and loops over its own width. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define HIPFX_CPU_IMAGE_MAGIC UINT64_C(0x3155504378664948) /* "HIfxCPU1", little-endian */

/* `args` is a copy of the kernel's one argument, a struct by value. Called from several threads at
 * once with ranges that do not overlap. */
typedef void (*hipfx_cpu_kernel_fn)(const void *args, int row_begin, int row_end);

struct hipfx_cpu_kernel {
    const char *name; /* as hipModuleGetFunction is asked for it */
    hipfx_cpu_kernel_fn run;
    size_t args_size;
};

struct hipfx_cpu_image {
    uint64_t magic;
    const char *isa; /* for the log: "x86-64-v3" */
    const struct hipfx_cpu_kernel *kernels;
    size_t kernel_count;
};
