/* obs-hipfx-probe [PCI-ADDRESS]: tries AMD's runtime, so that it is this process that crashes or
 * hangs and not the caller's. Says on standard output:
 *
 *   library PATH    once it is loaded
 *   refused REASON  if it cannot be used
 *   ok              if it can
 *
 * With an address the GPU there is used, too: some versions crash no sooner than that
 * (https://github.com/warpfront/hipfire/pull/81). */
#include "interop/hip/amd.h"
#include "interop/match.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* In case the caller is gone by then: a bound of its own, beyond the caller's. */
#define LIFE_S 60

#define TRIED_BYTES 65536

static bool use_device(const struct hipfx_hip *hip, struct hipfx_why *why)
{
    void *memory = NULL;
    if (!HIP(why, hip, hipMalloc, &memory, TRIED_BYTES))
        return false;
    bool ok = HIP(why, hip, hipMemsetAsync, memory, 0, TRIED_BYTES, NULL) &&
              HIP(why, hip, hipStreamSynchronize, NULL);
    return HIP(why, hip, hipFree, memory) && ok;
}

static bool try_device(const struct hipfx_hip *hip, const char *address, struct hipfx_why *why)
{
    struct hipfx_pci wanted, pci;
    int count = 0;
    if (!hipfx_pci_parse(address, &wanted))
        return hipfx_fail(why, "\"%s\" is not a PCI address", address);
    if (!HIP(why, hip, hipGetDeviceCount, &count))
        return false;
    for (int i = 0; i < count; i++) {
        if (!hipfx_match_pci(hip, i, &pci, why))
            return false;
        if (hipfx_pci_equal(&pci, &wanted))
            return HIP(why, hip, hipSetDevice, i) && use_device(hip, why);
    }
    return hipfx_fail(why, "%s does not know the GPU at %s", hip->library, address);
}

static bool try_runtime(const char *address, struct hipfx_why *why)
{
    struct hipfx_hip hip = {.kind = HIPFX_HIP_AMD, .name = "amd"};
    if (!hipfx_amd_load(NULL, &hip, why))
        return false;
    printf("library %s\n", hip.library);
    fflush(stdout);
    return hipfx_amd_start(&hip, why) && (!address || try_device(&hip, address, why));
}

int main(int argc, char **argv)
{
    struct hipfx_why why = {0};
    if (argc > 2) {
        fprintf(stderr, "usage: obs-hipfx-probe [PCI-ADDRESS]\n");
        return 2;
    }
    /* Nobody wants a core file of a crash that is expected. */
    setrlimit(RLIMIT_CORE, &(struct rlimit){0});
    alarm(LIFE_S);
    if (try_runtime(argc == 2 ? argv[1] : NULL, &why))
        printf("ok\n");
    else
        printf("refused %s\n", why.text);
    fflush(stdout);
    _Exit(0); /* what the runtime does at exit is not of interest */
}
