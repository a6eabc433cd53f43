/* What Linux's driver for AMD's compute GPUs (KFD) says of them in sysfs. Its files have one
 * "name value" a line and keep their names, which hipDeviceProp_t does not: that struct's layout
 * differs between HIP's versions. */
#pragma once

#include "interop/pci.h"
#include "interop/why.h"

#define HIPFX_KFD_TARGET_SIZE 16

struct hipfx_kfd_gpu {
    int node; /* KFD's number of it */
    struct hipfx_pci pci;
    uint32_t gfx_version; /* 90010 is gfx90a, 100300 gfx1030, 110001 gfx1101 */
};

/* True if this process may use KFD; otherwise the reason and what to do. */
bool hipfx_kfd_usable(struct hipfx_why *why);

/* Reads the text of a node's properties; false, and all zero, unless it is a GPU's that names its
 * target. Pure; `node` is left 0. */
bool hipfx_kfd_parse(const char *properties, struct hipfx_kfd_gpu *gpu);

/* The GPU at that address; false with the reason. */
bool hipfx_kfd_find(const struct hipfx_pci *pci, struct hipfx_kfd_gpu *gpu, struct hipfx_why *why);

/* "gfx1030": what the runtime takes the GPU for. Users of GPUs that ROCm does not support make it
 * take another with HSA_OVERRIDE_GFX_VERSION=10.3.0, or one with the node's number behind it for a
 * single GPU. False with the reason if such a variable is malformed: the runtime fails then, too.
 */
bool hipfx_kfd_target(const struct hipfx_kfd_gpu *gpu, char target[HIPFX_KFD_TARGET_SIZE],
                      struct hipfx_why *why);

/* Reads "10.3.0" into the form of gfx_version. Pure. */
bool hipfx_kfd_parse_override(const char *text, uint32_t *gfx_version);
