/* Inside of the `amd` provider: what its files and the helper obs-hipfx-probe give each other. */
#pragma once

#include "interop/hip/hip.h"
#include "interop/pci.h"

#define HIPFX_AMD_PATH_MAX 1024

/* amd_library.c: opens the library and looks its functions up. `path`: the one to take, or NULL or
 * "" for the one that HIPFX_HIP_LIBRARY names or, without that, the newest that is installed. On
 * success hip->library is where it lies; that string and the library stay. */
bool hipfx_amd_load(const char *path, struct hipfx_hip *hip, struct hipfx_why *why);

/* Asks for the version, refuses those that are known to crash, initialises the runtime and counts
 * devices. */
bool hipfx_amd_start(struct hipfx_hip *hip, struct hipfx_why *why);

enum hipfx_amd_outcome {
    HIPFX_AMD_UNKNOWN = 0,
    HIPFX_AMD_OK,
    HIPFX_AMD_REFUSED, /* it said itself why it cannot be used */
    HIPFX_AMD_CRASHED,
    HIPFX_AMD_TIMED_OUT,
    HIPFX_AMD_OUTCOME_COUNT,
};

struct hipfx_amd_verdict {
    enum hipfx_amd_outcome outcome;
    char library[HIPFX_AMD_PATH_MAX]; /* what was loaded; "" if it did not come to that */
    struct hipfx_why why;             /* unless OK */
};

/* struct hipfx_probe_params with its own memory. */
struct hipfx_amd_trial {
    char program[HIPFX_AMD_PATH_MAX]; /* "": no trial */
    bool has_device;
    struct hipfx_pci device;
    uint64_t timeout_ns;
};

/* amd_probe.c: what hipfx_probe_set set. */
struct hipfx_amd_trial hipfx_amd_trial(void);
/* Runs the helper, and kills it if it takes too long. */
void hipfx_amd_probe(const struct hipfx_amd_trial *trial, struct hipfx_amd_verdict *verdict);

/* What the helper's answer comes to. `status`: as waitpid gives it, -1 if that is not known;
 * `ended`: in time. */
void hipfx_amd_judge(const char *answer, int status, bool ended, struct hipfx_amd_verdict *verdict);

/* amd_verdict.c: the verdict of an earlier trial under the same circumstances. False: there is
 * none. */
bool hipfx_amd_verdict_load(const struct hipfx_amd_trial *trial, struct hipfx_amd_verdict *verdict);
/* Keeps it for later starts. Not being able to costs the next start a trial, nothing else. */
void hipfx_amd_verdict_save(const struct hipfx_amd_trial *trial,
                            const struct hipfx_amd_verdict *verdict);

/* The verdict as the file holds it after the circumstances; the text is cut into pieces. `rest`:
 * what follows, which describes the library of then. False, and an empty verdict, unless it counts
 * at `now_s`, in seconds since 1970. */
bool hipfx_amd_verdict_parse(char *text, int64_t now_s, struct hipfx_amd_verdict *verdict,
                             const char **rest);
