/* What only the CPU has: kernels over rows, and vectors of floats. Part of device.h. */
#pragma once

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

/* HIPFX_KERNEL_ROWS(name, struct its_args, a, row_begin, row_end) { body for a range of rows, in
 * which columns from a->live.first up to a->width are wanted } */
#define HIPFX_KERNEL_ROWS(name, args_type, a, row_begin, row_end)                                  \
    HIPFX_FN void name##_rows(const args_type *a, int row_begin, int row_end);                     \
    extern "C" void HIPFX_SYMBOL(name)(const void *args, int row_begin, int row_end);              \
    extern "C" void HIPFX_SYMBOL(name)(const void *args, int row_begin, int row_end)               \
    {                                                                                              \
        args_type copy = *(const args_type *)args;                                                 \
        const struct hipfx_live live = copy.live;                                                  \
        const int width = copy.width, height = copy.height;                                        \
        struct hipfx_live_walk walk = {{width, row_begin, width, row_begin}, {0, 0, 0, 0}};        \
        row_end = hipfx_min_i(row_end, height);                                                    \
        while (hipfx_live_next(&live, width, height, row_end, &walk)) {                            \
            copy.live.first = walk.at.left;                                                        \
            copy.width = walk.at.right;                                                            \
            name##_rows(&copy, walk.at.top, walk.at.bottom);                                       \
        }                                                                                          \
    }                                                                                              \
    HIPFX_FN void name##_rows(const args_type *a, int row_begin, int row_end)

/* HIPFX_KERNEL_2D(name, struct its_args, a, x, y) { body for one (x, y) } */
#define HIPFX_KERNEL_2D(name, args_type, a, x, y)                                                  \
    HIPFX_FN void name##_at(const args_type *a, int x, int y);                                     \
    HIPFX_KERNEL_ROWS(name, args_type, a, row_begin, row_end)                                      \
    {                                                                                              \
        for (int y = row_begin; y < row_end; y++) {                                                \
            HIPFX_VECTORIZE                                                                        \
            for (int x = a->live.first; x < a->width; x++)                                         \
                name##_at(a, x, y);                                                                \
        }                                                                                          \
    }                                                                                              \
    HIPFX_FN void name##_at(const args_type *a, int x, int y)

/* A loop inside of a row loop keeps that from becoming vector code, unless it is unrolled. */
#define HIPFX_UNROLL HIPFX_PRAGMA(clang loop unroll(full))

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
