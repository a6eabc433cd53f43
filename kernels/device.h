/* All that device code may use. A .hip file includes this, its arguments (kernels/args.h) and
 * nothing else: no vendor header, no libm, no C library. The same file is compiled
 *   - as HIP for AMD:     clang -x hip  --cuda-device-only -nogpuinc -nogpulib --offload-arch=...
 *   - as CUDA for NVIDIA: clang -x cuda --cuda-device-only -nocudainc -nocudalib, to PTX
 *   - as C++ for the CPU: clang -x c++, once per instruction set level (HIPFX_ISA)
 * and must stay C in style, so that it reads the same in all three.
 *
 * A kernel has one argument, a struct by value whose members `width` and `height` are the number of
 * threads it wants. On a GPU each (x, y) is a thread; on the CPU it is a step of a row loop, which
 * the compiler must turn into vector code: the build fails where it cannot (-Werror=pass-failed).
 * The pixel maths stands once in HIPFX_FN functions. Where the best order of work differs, a file
 * gives the CPU a kernel over rows of its own (HIPFX_KERNEL_ROWS). */
#pragma once

#include "kernels/frame.h"

#if defined(__HIP__) || defined(__CUDA__)
#define HIPFX_GPU 1
#define HIPFX_FN  static inline __attribute__((device, always_inline))
#else
#define HIPFX_GPU 0
#define HIPFX_FN  static inline __attribute__((always_inline))
#endif

#if HIPFX_GPU

#if defined(__AMDGCN__)
HIPFX_FN int hipfx_thread_x(void)
{
    return (int)(__builtin_amdgcn_workgroup_id_x() * __builtin_amdgcn_workgroup_size_x() +
                 __builtin_amdgcn_workitem_id_x());
}

HIPFX_FN int hipfx_thread_y(void)
{
    return (int)(__builtin_amdgcn_workgroup_id_y() * __builtin_amdgcn_workgroup_size_y() +
                 __builtin_amdgcn_workitem_id_y());
}
#elif defined(__NVPTX__)
HIPFX_FN int hipfx_thread_x(void)
{
    return __nvvm_read_ptx_sreg_ctaid_x() * __nvvm_read_ptx_sreg_ntid_x() +
           __nvvm_read_ptx_sreg_tid_x();
}

HIPFX_FN int hipfx_thread_y(void)
{
    return __nvvm_read_ptx_sreg_ctaid_y() * __nvvm_read_ptx_sreg_ntid_y() +
           __nvvm_read_ptx_sreg_tid_y();
}
#else
#error "device code for an unknown GPU"
#endif

/* HIPFX_KERNEL_2D(name, struct its_args, a, x, y) { body for one (x, y), `a` points to the args }
 */
#define HIPFX_KERNEL_2D(name, args_type, a, x, y)                                                  \
    HIPFX_FN void name##_at(const args_type *a, int x, int y);                                     \
    extern "C" __attribute__((global)) void name(const args_type args)                             \
    {                                                                                              \
        int x = hipfx_thread_x(), y = hipfx_thread_y();                                            \
        if (x < args.width && y < args.height)                                                     \
            name##_at(&args, x, y);                                                                \
    }                                                                                              \
    HIPFX_FN void name##_at(const args_type *a, int x, int y)

#else /* CPU */

/* Floats in a vector register. */
#if defined(__AVX512F__)
#define HIPFX_LANES 16
#elif defined(__AVX__)
#define HIPFX_LANES 8
#else
#define HIPFX_LANES 4
#endif

/* Rows do not overlap in memory with one another, nor the output with the input: effect.h says so.
 * The width is that of the floats; by itself the compiler takes narrower vectors where pixels have
 * 64 bits, which is slower by half. */
#define HIPFX_PRAGMA_(text) _Pragma(#text)
#define HIPFX_PRAGMA(text)  HIPFX_PRAGMA_(text)
#define HIPFX_VECTORIZE                                                                            \
    HIPFX_PRAGMA(clang loop vectorize(assume_safety) vectorize_width(HIPFX_LANES))

#define HIPFX_PASTE_(isa, name) hipfx_cpu_##isa##_##name
#define HIPFX_PASTE(isa, name)  HIPFX_PASTE_(isa, name)
#define HIPFX_SYMBOL(name)      HIPFX_PASTE(HIPFX_ISA, name)

/* HIPFX_KERNEL_ROWS(name, struct its_args, a, row_begin, row_end) { body for a range of rows } */
#define HIPFX_KERNEL_ROWS(name, args_type, a, row_begin, row_end)                                  \
    HIPFX_FN void name##_rows(const args_type *a, int row_begin, int row_end);                     \
    extern "C" void HIPFX_SYMBOL(name)(const void *args, int row_begin, int row_end);              \
    extern "C" void HIPFX_SYMBOL(name)(const void *args, int row_begin, int row_end)               \
    {                                                                                              \
        const args_type copy = *(const args_type *)args;                                           \
        name##_rows(&copy, row_begin, row_end < copy.height ? row_end : copy.height);              \
    }                                                                                              \
    HIPFX_FN void name##_rows(const args_type *a, int row_begin, int row_end)

#define HIPFX_KERNEL_2D(name, args_type, a, x, y)                                                  \
    HIPFX_FN void name##_at(const args_type *a, int x, int y);                                     \
    HIPFX_KERNEL_ROWS(name, args_type, a, row_begin, row_end)                                      \
    {                                                                                              \
        for (int y = row_begin; y < row_end; y++) {                                                \
            HIPFX_VECTORIZE                                                                        \
            for (int x = 0; x < a->width; x++)                                                     \
                name##_at(a, x, y);                                                                \
        }                                                                                          \
    }                                                                                              \
    HIPFX_FN void name##_at(const args_type *a, int x, int y)

/* One vector register's worth of floats, for loops that the compiler would order badly. */
typedef float hipfx_vec __attribute__((ext_vector_type(HIPFX_LANES), aligned(4)));

HIPFX_FN hipfx_vec hipfx_vec_load(const float *p)
{
    return *(const hipfx_vec *)p;
}

HIPFX_FN void hipfx_vec_store(float *p, hipfx_vec v)
{
    *(hipfx_vec *)p = v;
}

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

#include "kernels/device_math.h"
#include "kernels/device_pixel.h"
