/* The `amd` provider: HIP's functions from libamdhip64, loaded at run time. */
#include "interop/hip/amd.h"

#include "interop/hip/kfd.h"

#include <stdlib.h>

/* Asking Linux first is cheap, gives a better reason, and keeps ROCm out of processes on machines
 * where it is not wanted. A library that the user names need not be AMD's own, nor work through KFD
 * (ROCm under WSL does not), so nobody asks for KFD then. */
static bool have_gpu(const struct hipfx_amd_trial *trial, struct hipfx_why *why)
{
    const char *chosen = getenv("HIPFX_HIP_LIBRARY");
    struct hipfx_kfd_gpu gpu;
    if (chosen && chosen[0])
        return true;
    return hipfx_kfd_usable(why) &&
           (!trial->has_device || hipfx_kfd_find(&trial->device, &gpu, why));
}

/* True if nothing speaks against loading the library here; `verdict` then names it, unless no trial
 * is asked for. */
static bool passed_trial(const struct hipfx_amd_trial *trial, struct hipfx_amd_verdict *verdict,
                         struct hipfx_why *why)
{
    *verdict = (struct hipfx_amd_verdict){0};
    if (!trial->program[0])
        return true;
    if (!hipfx_amd_verdict_load(trial, verdict)) {
        hipfx_amd_probe(trial, verdict);
        if (verdict->outcome != HIPFX_AMD_REFUSED)
            hipfx_amd_verdict_save(trial, verdict);
    }
    return verdict->outcome == HIPFX_AMD_OK || hipfx_fail(why, "%s", verdict->why.text);
}

const struct hipfx_hip *hipfx_hip_open_amd(struct hipfx_why *why)
{
    /* A library that was opened stays open, refused or not: its threads and atexit handlers do not
     * survive dlclose. */
    static struct hipfx_hip hip;
    struct hipfx_amd_verdict verdict;
    const struct hipfx_amd_trial trial = hipfx_amd_trial();
    hip = (struct hipfx_hip){.kind = HIPFX_HIP_AMD, .name = "amd"};
    if (!have_gpu(&trial, why) || !passed_trial(&trial, &verdict, why) ||
        !hipfx_amd_load(verdict.library, &hip, why) || !hipfx_amd_start(&hip, why))
        return NULL;
    hipfx_log(HIPFX_LOG_INFO, "HIP %d.%d.%d from %s", hip.runtime_version / 10000000,
              hip.runtime_version / 100000 % 100, hip.runtime_version % 100000, hip.library);
    return &hip;
}
