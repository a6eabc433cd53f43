/* Trying AMD's runtime in a process of its own before this one loads it.
 *
 * Loading libamdhip64 and waking a GPU with it can crash or hang: with a kernel driver that does
 * not fit, or a GPU that the version does not support. A program that must go on has a helper try
 * that first (obs-hipfx-probe). Nothing of ROCm is loaded here unless the helper came back well.
 * What it found is kept in $XDG_CACHE_HOME/obs-hipfx/amd-runtime (~/.cache without that variable)
 * for as long as the files, the kernel, the device and the variables that it depends on are the
 * same; that a GPU crashed or hung is believed for a day. A plain refusal is not kept: asking is
 * cheap, and what it complains of is what the user is about to mend. */
#pragma once

#include "interop/pci.h"

#include <stdint.h>

struct hipfx_probe_params {
    const char *program;            /* the helper's path */
    const struct hipfx_pci *device; /* the GPU that will be used, NULL if not known */
    uint64_t timeout_ns;            /* 0: 8 s */
};

/* From now on hipfx_hip_open tries AMD's runtime apart first. NULL or no program: no longer; that
 * is how it starts, for programs that may crash. Strings and addresses are copied. Any thread. */
void hipfx_probe_set(const struct hipfx_probe_params *params);
