/* The verdict on AMD's runtime that an earlier start kept in the user's cache. */
#include "interop/hip/amd.h"
#include "tests/fuzz/fuzz.h"

#define NOW_S INT64_C(1700000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct hipfx_amd_verdict verdict;
    const char *rest = NULL;
    if (hipfx_amd_verdict_parse(text, NOW_S, &verdict, &rest)) {
        CHECK(verdict.outcome > HIPFX_AMD_UNKNOWN && verdict.outcome < HIPFX_AMD_OUTCOME_COUNT);
        CHECK(verdict.outcome != HIPFX_AMD_OK || verdict.library[0] == '/');
        CHECK(rest > text && rest <= text + size);
        CHECK(!strchr(verdict.library, '\n') && !strchr(verdict.why.text, '\n'));
    } else {
        CHECK(!verdict.outcome && !verdict.library[0] && !verdict.why.text[0]);
    }
    free(text);
    return 0;
}
