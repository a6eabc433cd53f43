/* The settings that `render` is given on its command line. */
#include "plugin/check.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct hipfx_why clamped = {0}, why = {0};
    const struct hipfx_effect *effect = hipfx_settings_check(text, &clamped, &why);
    CHECK(!effect == !!why.text[0]);
    CHECK(!strchr(why.text, '\n') && !strchr(clamped.text, '\n'));
    free(text);
    return 0;
}
