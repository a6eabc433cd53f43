/* What the helper that tried AMD's runtime said before it ended, or was ended. */
#include "interop/hip/amd.h"
#include "tests/fuzz/fuzz.h"

#include <signal.h>

static void judge(const char *answer, int status, bool ended)
{
    struct hipfx_amd_verdict verdict;
    hipfx_amd_judge(answer, status, ended, &verdict);
    CHECK(verdict.outcome > HIPFX_AMD_UNKNOWN && verdict.outcome < HIPFX_AMD_OUTCOME_COUNT);
    CHECK(verdict.outcome != HIPFX_AMD_OK || (ended && !verdict.why.text[0]));
    CHECK(ended || verdict.outcome == HIPFX_AMD_TIMED_OUT);
    CHECK(!strchr(verdict.library, '\n') && !strchr(verdict.why.text, '\n'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *answer = fuzz_text(data, size);
    judge(answer, 0, true);
    judge(answer, SIGABRT, true);
    judge(answer, -1, true);
    judge(answer, -1, false);
    free(answer);
    return 0;
}
