/* Which of HIP's devices is Vulkan's, so the one that OpenGL draws on. */
#pragma once

#include "interop/hip/hip.h"
#include "interop/vk/vk.h"

/* HIP's number of the device: by UUID on `nvidia`, by PCI address on `amd`. The first where there
 * is nothing to match: on `cpu`, and for a NULL `vk`. False with the reason if none is the one. */
bool hipfx_match_device(const struct hipfx_hip *hip, const struct hipfx_vk *vk, int *ordinal,
                        struct hipfx_why *why);

/* The PCI address of one of HIP's devices. */
bool hipfx_match_pci(const struct hipfx_hip *hip, int ordinal, struct hipfx_pci *pci,
                     struct hipfx_why *why);
