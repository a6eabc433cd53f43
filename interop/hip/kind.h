/* Which implementation of HIP; free of HIP's own headers. */
#pragma once

enum hipfx_hip_kind {
    HIPFX_HIP_NONE = 0,
    HIPFX_HIP_AMD,
    HIPFX_HIP_NVIDIA,
    HIPFX_HIP_CPU,
};

/* "amd", "nvidia", "cpu"; HIPFX_HIP_NONE for anything else. */
enum hipfx_hip_kind hipfx_hip_kind_from_name(const char *name);
const char *hipfx_hip_kind_name(enum hipfx_hip_kind kind);
