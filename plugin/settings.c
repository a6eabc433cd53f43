#include "plugin/plugin.h"

#include <stdio.h>
#include <string.h>

struct hipfx_key hipfx_settings_key(const struct hipfx_effect *effect, const char *name)
{
    struct hipfx_key key;
    snprintf(key.text, sizeof(key.text), "%s.%s", effect->id, name);
    return key;
}

static void set_default(obs_data_t *data, const char *key, const struct hipfx_param *param)
{
    switch (param->type) {
    case HIPFX_PARAM_FLOAT:
        obs_data_set_default_double(data, key, param->def);
        break;
    case HIPFX_PARAM_COLOR:
        obs_data_set_default_int(data, key, (long long)param->def);
        break;
    case HIPFX_PARAM_CHOICE:
        obs_data_set_default_string(data, key, param->choices[(int)param->def]);
        break;
    case HIPFX_PARAM_FILE:
        obs_data_set_default_string(data, key, "");
        break;
    case HIPFX_PARAM_BOOL:
        obs_data_set_default_bool(data, key, param->def != 0);
        break;
    case HIPFX_PARAM_NONE:
        break;
    }
}

void hipfx_settings_defaults(obs_data_t *data)
{
    obs_data_set_default_string(data, SETTING_EFFECT, hipfx_effects[0]->id);
    obs_data_set_default_string(data, SETTING_MODE, "exact");
    for (int e = 0; e < hipfx_effect_count; e++) {
        const struct hipfx_effect *effect = hipfx_effects[e];
        for (int i = 0; i < effect->param_count; i++) {
            const struct hipfx_param *param = &effect->params[i];
            set_default(data, hipfx_settings_key(effect, param->key).text, param);
        }
    }
    for (int i = 0; i < hipfx_region_param_count; i++)
        set_default(data, hipfx_region_params[i].key, &hipfx_region_params[i]);
}

/* libobs gives 0 for what is no number, which may be anything but neutral. Items are not asked for
 * their type: another thread may be writing the settings, and moves them in memory. */
static bool is_no_number(obs_data_t *data, const char *key)
{
    obs_data_t *object = obs_data_get_obj(data, key);
    obs_data_array_t *array = obs_data_get_array(data, key);
    const bool found =
        object || array || obs_data_get_bool(data, key) || obs_data_get_string(data, key)[0];
    obs_data_release(object);
    obs_data_array_release(array);
    return found;
}

static double read_number(obs_data_t *data, const char *key, const struct hipfx_param *param)
{
    const double value = obs_data_get_double(data, key);
    if (value != 0.0 || !is_no_number(data, key))
        return hipfx_param_clamp(param, value);
    PLUGIN_LOG(LOG_WARNING, "%s is not a number: using the default", key);
    return param->def;
}

static double read_color(obs_data_t *data, const char *key, const struct hipfx_param *param)
{
    const long long value = obs_data_get_int(data, key);
    if (value || !is_no_number(data, key))
        return (double)(value & 0xffffffff);
    PLUGIN_LOG(LOG_WARNING, "%s is not a number: using the default", key);
    return param->def;
}

static double read_choice(obs_data_t *data, const char *key, const struct hipfx_param *param)
{
    const char *name = obs_data_get_string(data, key);
    int index = hipfx_choice_find(param, name);
    if (index >= 0)
        return index;
    PLUGIN_LOG(LOG_WARNING, "%s: \"%s\" is not a choice that this version knows: using \"%s\"", key,
               name, param->choices[(int)param->def]);
    return param->def;
}

static double read_value(obs_data_t *data, const char *key, const struct hipfx_param *param)
{
    switch (param->type) {
    case HIPFX_PARAM_FLOAT:
        return read_number(data, key, param);
    case HIPFX_PARAM_COLOR:
        return read_color(data, key, param);
    case HIPFX_PARAM_CHOICE:
        return read_choice(data, key, param);
    case HIPFX_PARAM_BOOL:
        return obs_data_get_bool(data, key) ? 1.0 : 0.0;
    case HIPFX_PARAM_FILE:
    case HIPFX_PARAM_NONE:
        break;
    }
    return 0.0;
}

static struct hipfx_file *find_file(obs_data_t *data, const char *key,
                                    const struct hipfx_effect *effect, struct hipfx_file *last)
{
    const char *path = obs_data_get_string(data, key);
    if (!path[0])
        return NULL;
    if (hipfx_file_is_current(last, effect, path))
        return hipfx_file_ref(last);
    struct hipfx_file *file = hipfx_file_create(effect, path);
    if (!file)
        PLUGIN_LOG(LOG_ERROR, "%s: no memory to read %s", key, path);
    return file;
}

static struct hipfx_region read_region(obs_data_t *data)
{
    struct hipfx_values values = {0};
    for (int i = 0; i < hipfx_region_param_count; i++)
        values.v[i] = read_value(data, hipfx_region_params[i].key, &hipfx_region_params[i]);
    return hipfx_region_from(&values);
}

struct hipfx_settings hipfx_settings_read(obs_data_t *data, struct hipfx_file *last)
{
    struct hipfx_settings settings = {0};
    const char *id = obs_data_get_string(data, SETTING_EFFECT);
    settings.effect = hipfx_effect_find(id);
    settings.smooth = !strcmp(obs_data_get_string(data, SETTING_MODE), "smooth");
    if (!settings.effect) {
        snprintf(settings.unknown, sizeof(settings.unknown), "%s", id);
        return settings;
    }
    settings.region = read_region(data);
    for (int i = 0; i < settings.effect->param_count; i++) {
        const struct hipfx_param *param = &settings.effect->params[i];
        const struct hipfx_key key = hipfx_settings_key(settings.effect, param->key);
        settings.values.v[i] = read_value(data, key.text, param);
        if (param->type == HIPFX_PARAM_FILE)
            settings.values.file = find_file(data, key.text, settings.effect, last);
    }
    return settings;
}

struct hipfx_settings hipfx_settings_ref(const struct hipfx_settings *settings)
{
    hipfx_file_ref(settings->values.file);
    return *settings;
}

void hipfx_settings_release(struct hipfx_settings *settings)
{
    hipfx_file_release(settings->values.file);
    *settings = (struct hipfx_settings){0};
}
