/* A preset, as somebody may have got it from anywhere: what is taken is settings that the filter
 * knows, and comes out again as it went in. */
#include "plugin/preset.h"
#include "plugin/check.h"
#include "tests/fuzz/fuzz.h"

/* The reading of a second time is the first one's, rounded as it was written. */
static void check_written(const json_t *settings)
{
    struct hipfx_why why = {0};
    char *text = hipfx_preset_write(settings);
    CHECK(text);
    json_t *again = hipfx_preset_read(text, strlen(text), &why);
    CHECK(again);
    CHECK(json_object_size(again) == json_object_size(settings));
    json_decref(again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hipfx_why why = {0}, clamped = {0};
    char *text = fuzz_text(data, size);
    json_t *settings = hipfx_preset_read(text, size, &why);
    CHECK(!settings == (why.text[0] != '\0'));
    CHECK(!strpbrk(why.text, "\n\r"));
    if (settings) {
        const struct hipfx_effect *effect = hipfx_settings_check_object(settings, &clamped, &why);
        CHECK(effect);
        CHECK(json_object_size(settings) >= (size_t)effect->param_count + 1);
        check_written(settings);
    }
    json_decref(settings);
    free(text);
    return 0;
}
