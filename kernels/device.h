/* All that device code may use. A .hip file includes this, the arguments (kernels/args.h) and
 * nothing else: no vendor header, no libm, no C library. It is compiled
 *   - as HIP for AMD:     clang -x hip  --cuda-device-only -nogpuinc -nogpulib --offload-arch=...
 *   - as CUDA for NVIDIA: clang -x cuda --cuda-device-only -nocudainc -nocudalib, to PTX
 *   - as C++ for the CPU: clang -x c++, once per instruction set level (HIPFX_ISA)
 * and must stay C in style, so that it reads the same in all three.
 *
 * A kernel has one argument, a struct by value whose members `width` and `height` say how much
 * there is to do, and `live` what of it is wanted. The maths stands once in HIPFX_FN functions; the
 * order of the work differs. On the CPU a kernel goes through rows (HIPFX_KERNEL_ROWS,
 * HIPFX_KERNEL_2D), in loops that the compiler must turn into vector code: the build fails where it
 * cannot (-Werror=pass-failed). On a GPU it says what a thread of a block does
 * (HIPFX_KERNEL_BLOCK), and blocks of which nothing is wanted end before they come there. */
#pragma once

#include "kernels/args.h"
#include "kernels/frame.h"

#if defined(__HIP__) || defined(__CUDA__)
#define HIPFX_GPU 1
#define HIPFX_FN  static inline __attribute__((device, always_inline))

/* What a frame's pointer points to, so that no instruction must find out at run time. */
#define HIPFX_GLOBAL __attribute__((address_space(1)))
#else
#define HIPFX_GPU 0
#define HIPFX_FN  static inline __attribute__((always_inline))
#define HIPFX_GLOBAL
#endif

HIPFX_FN int hipfx_min_i(int a, int b)
{
    return a < b ? a : b;
}

HIPFX_FN int hipfx_max_i(int a, int b)
{
    return a > b ? a : b;
}

HIPFX_FN int hipfx_clamp_i(int v, int lo, int hi)
{
    return hipfx_min_i(hipfx_max_i(v, lo), hi);
}

/* Bytes from a frame's first row to row y. A pitch has no more than 32 bits: the host sees to it,
 * and a product of 64 by 64 would be several instructions. */
HIPFX_FN uint64_t hipfx_row_offset(const struct hipfx_frame *frame, int y)
{
    return (uint64_t)(uint32_t)y * (uint32_t)frame->pitch;
}

#if HIPFX_GPU
#include "kernels/device_gpu.h"
#else
#include "kernels/device_cpu.h"
#endif
#include "kernels/device_live.h"
#include "kernels/device_math.h"
#include "kernels/device_pixel.h"
