#include "plugin/plugin.h"

#include "interop/fault.h"

#include <util/platform.h>

static void *read_file(void *file)
{
    hipfx_file_read(file);
    hipfx_file_release(file);
    return NULL;
}

void hipfx_files_read(struct hipfx_file *file)
{
    pthread_t thread;
    hipfx_file_ref(file); /* the thread's own */
    if (HIPFX_FAULT_POINT(HIPFX_FAULT_LIBC, "pthread_create", -1,
                          pthread_create(&thread, NULL, read_file, file)) == 0)
        pthread_detach(thread);
    else
        read_file(file);
}

obs_missing_files_t *hipfx_files_missing(obs_source_t *source, obs_missing_file_cb replace)
{
    obs_missing_files_t *missing = obs_missing_files_create();
    obs_data_t *settings = obs_source_get_settings(source);
    const struct hipfx_effect *effect =
        hipfx_effect_find(obs_data_get_string(settings, SETTING_EFFECT));
    const struct hipfx_param *param = effect ? hipfx_file_param(effect) : NULL;
    if (param) {
        const struct hipfx_key key = hipfx_settings_key(effect, param->key);
        const char *path = obs_data_get_string(settings, key.text);
        if (path[0] && !os_file_exists(path))
            obs_missing_files_add_file(missing, obs_missing_file_create(path, replace,
                                                                        OBS_MISSING_FILE_SOURCE,
                                                                        source, (void *)effect));
    }
    obs_data_release(settings);
    return missing;
}

void hipfx_files_replace(obs_source_t *source, const struct hipfx_effect *effect, const char *path)
{
    obs_data_t *settings = obs_source_get_settings(source);
    const struct hipfx_key key = hipfx_settings_key(effect, hipfx_file_param(effect)->key);
    obs_data_set_string(settings, key.text, path);
    obs_source_update(source, settings);
    obs_data_release(settings);
}
