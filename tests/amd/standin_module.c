/* Code objects: recognised, and replaced by the kernels of the `cpu` provider. */
#define _GNU_SOURCE /* memmem */
#include "tests/amd/standin.h"

#include "kernels/kernels.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

#define MACHINE_AMDGPU 224

/* The metadata of a code object names its target: "amdgcn-amd-amdhsa--gfx1030". The string's length
 * stands before it, and another key behind, so that gfx90 is not found in gfx90a. */
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
    return hipfx_cpu_hipModuleLoadData(module, hipfx_cpu_image_at(0));
}
