/* Where a device sits on the PCI bus: what HIP and Vulkan agree on for AMD's GPUs on Linux, whose
 * UUIDs differ between the two (https://github.com/ROCm/hipamd/issues/50). Pure logic. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Without the function: a GPU's graphics and compute are one function, and partitions of one card
 * that differ in nothing else hold the same memory. */
struct hipfx_pci {
    uint32_t domain;
    uint8_t bus;
    uint8_t device; /* 0 to 31 */
};

/* Reads "0000:03:00.0", as HIP and Linux write it: hexadecimal, the domain of up to eight digits,
 * bus and device of up to two, the function of one and not needed. False, and all zero, for
 * anything else, NULL and what follows or stands before an address included. */
bool hipfx_pci_parse(const char *text, struct hipfx_pci *pci);

static inline bool hipfx_pci_equal(const struct hipfx_pci *a, const struct hipfx_pci *b)
{
    return a->domain == b->domain && a->bus == b->bus && a->device == b->device;
}

/* As Linux writes it, without the function. */
struct hipfx_pci_text {
    char text[16];
};
struct hipfx_pci_text hipfx_pci_print(const struct hipfx_pci *pci);
