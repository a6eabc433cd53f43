/* The kernels as functions of this processor, one image for each instruction set level. */
#include "kernels/kernels.h"

#define DECLARE(isa, name) void hipfx_cpu_##isa##_##name(const void *args, int begin, int end);
#define ROW(isa, name_, args_type)                                                                 \
    {.name = #name_, .run = hipfx_cpu_##isa##_##name_, .args_size = sizeof(args_type)},
#define IMAGE(label, table)                                                                        \
    {                                                                                              \
        .magic = HIPFX_CPU_IMAGE_MAGIC,                                                            \
        .isa = (label),                                                                            \
        .kernels = (table),                                                                        \
        .kernel_count = sizeof(table) / sizeof((table)[0]),                                        \
    }

#define DECLARE_BASE(name, args_type, w, h) DECLARE(base, name)
#define ROW_BASE(name, args_type, w, h)     ROW(base, name, args_type)
HIPFX_CPU_KERNELS(DECLARE_BASE)
static const struct hipfx_cpu_kernel base_kernels[] = {HIPFX_CPU_KERNELS(ROW_BASE)};

#ifdef __x86_64__

#define DECLARE_V3(name, args_type, w, h) DECLARE(v3, name)
#define ROW_V3(name, args_type, w, h)     ROW(v3, name, args_type)
HIPFX_CPU_KERNELS(DECLARE_V3)
static const struct hipfx_cpu_kernel v3_kernels[] = {HIPFX_CPU_KERNELS(ROW_V3)};

#define DECLARE_V4(name, args_type, w, h) DECLARE(v4, name)
#define ROW_V4(name, args_type, w, h)     ROW(v4, name, args_type)
HIPFX_CPU_KERNELS(DECLARE_V4)
static const struct hipfx_cpu_kernel v4_kernels[] = {HIPFX_CPU_KERNELS(ROW_V4)};

static const struct hipfx_cpu_image images[] = {
    IMAGE("x86-64-v4", v4_kernels),
    IMAGE("x86-64-v3", v3_kernels),
    IMAGE("x86-64", base_kernels),
};

/* The compiler's run-time asks for all features of a level, and whether the kernel of the operating
 * system saves the wider registers. */
static int first_image(void)
{
    if (__builtin_cpu_supports("x86-64-v4"))
        return 0;
    if (__builtin_cpu_supports("x86-64-v3"))
        return 1;
    return 2;
}

#else

static const struct hipfx_cpu_image images[] = {IMAGE("baseline", base_kernels)};

static int first_image(void)
{
    return 0;
}

#endif

const struct hipfx_cpu_image *hipfx_cpu_image_at(int index)
{
    const int count = sizeof(images) / sizeof(images[0]);
    index += first_image();
    return index < count ? &images[index] : NULL;
}
