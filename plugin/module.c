#include "plugin/plugin.h"

#include "hipfx_version.h"
#include "plugin/worker.h"

OBS_DECLARE_MODULE()
OBS_MODULE_USE_DEFAULT_LOCALE(HIPFX_NAME, "en-US")
OBS_MODULE_AUTHOR(HIPFX_AUTHOR)

MODULE_EXPORT const char *obs_module_name(void)
{
    return HIPFX_DISPLAY_NAME;
}

MODULE_EXPORT const char *obs_module_description(void)
{
    return HIPFX_DESCRIPTION;
}

static void log_to_obs(enum hipfx_log_level level, const char *line)
{
    static const int levels[] = {
        [HIPFX_LOG_ERROR] = LOG_ERROR,
        [HIPFX_LOG_WARNING] = LOG_WARNING,
        [HIPFX_LOG_INFO] = LOG_INFO,
        [HIPFX_LOG_DEBUG] = LOG_DEBUG,
    };
    PLUGIN_LOG(levels[level], "%s", line);
}

/* Nothing of a GPU vendor is touched here: that waits until a filter first draws. */
bool obs_module_load(void)
{
    hipfx_log_set_sink(log_to_obs);
    obs_register_source(&hipfx_filter_info);
    return true;
}

void obs_module_post_load(void)
{
    hipfx_move_load();
}

void obs_module_unload(void)
{
    hipfx_device_unload();
    hipfx_worker_unload();
    hipfx_log_set_sink(NULL);
}
