/* A filter's settings, as OBS reads them from a scene collection: whatever they are, the effect
 * gets values in its ranges, and they are left as they were. */
#include "plugin/plugin.h"
#include "tests/fuzz/fuzz.h"

static void be_silent(int level, const char *format, va_list args, void *param)
{
    (void)level;
    (void)format;
    (void)args;
    (void)param;
}

static void check(const struct hipfx_settings *settings)
{
    if (!settings->effect) {
        CHECK(memchr(settings->unknown, '\0', sizeof(settings->unknown)));
        return;
    }
    for (int i = 0; i < settings->effect->param_count; i++) {
        const struct hipfx_param *param = &settings->effect->params[i];
        CHECK(settings->values.v[i] >= param->min && settings->values.v[i] <= param->max);
    }
    settings->effect->is_neutral(&settings->values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    base_set_log_handler(be_silent, NULL);
    char *text = fuzz_text(data, size);
    obs_data_t *read = obs_data_create_from_json(text);
    if (read) {
        hipfx_settings_defaults(read);
        char *before = strdup(obs_data_get_json(read));
        struct hipfx_settings settings = hipfx_settings_read(read, NULL);
        check(&settings);
        struct hipfx_settings again = hipfx_settings_read(read, &settings);
        CHECK(memcmp(&again.refused, &settings.refused, sizeof(again.refused)) == 0);
        hipfx_settings_release(&again);
        hipfx_settings_release(&settings);
        const char *after = obs_data_get_json(read);
        CHECK(!before == !after && (!before || strcmp(before, after) == 0));
        free(before);
    }
    obs_data_release(read);
    free(text);
    return 0;
}
