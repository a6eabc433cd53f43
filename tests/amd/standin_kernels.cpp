/* The kernels' source for AMD's GPUs, compiled for the processor (emulate.h). */
#include "hipfx_gpu_images.hip" /* all of them: hipfx_add_code_objects in cmake/kernels.cmake */

#include "tests/amd/standin_kernels.h"

#define RUN(name, args_type, width, height)                                                        \
    static void run_##name(const void *args)                                                       \
    {                                                                                              \
        name(*(const args_type *)args);                                                            \
    }
HIPFX_GPU_KERNELS(RUN)

#define ROW(name, args_type, width, height) {#name, run_##name, sizeof(args_type)},
extern "C" const struct standin_kernel standin_kernels[] = {HIPFX_GPU_KERNELS(ROW){}};
