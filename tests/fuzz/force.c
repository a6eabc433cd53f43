/* HIPFX_FORCE: lists of rungs. */
#include "interop/ladder.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct hipfx_force force;
    struct hipfx_why why = {0};
    const bool ok = hipfx_force_parse(text, &force, &why);
    CHECK(ok == !why.text[0]);
    CHECK(ok || (!force.device && !force.memory && !force.order));
    CHECK((int)force.device >= 0 && force.device <= HIPFX_HIP_CPU);
    CHECK((int)force.memory >= 0 && force.memory < HIPFX_MEMORY_COUNT);
    CHECK((int)force.order >= 0 && force.order < HIPFX_ORDER_COUNT);

    const struct hipfx_rungs_missing missing = {0};
    struct hipfx_rungs rungs;
    struct hipfx_why refusal = {0};
    if (ok && hipfx_rungs_choose(&missing, &force, &rungs, &refusal)) {
        CHECK(!force.memory || rungs.memory == force.memory);
        CHECK(!force.order || rungs.order == force.order);
    } else if (ok) {
        CHECK(refusal.text[0]);
    }
    free(text);
    return 0;
}
