#include "plugin/plugin.h"

#include <math.h>
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

/* What is being read, and what was read last. */
struct reading {
    obs_data_t *data;
    struct hipfx_settings *settings;
    const struct hipfx_settings *before;
};

/* FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), never 0. */
static uint32_t mark_of(const char *text)
{
    uint32_t hash = UINT32_C(2166136261);
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT32_C(16777619);
    return hash ? hash : 1;
}

/* Settings are read anew at each change of any of them: one line for a value is enough. */
static void refuse(const struct reading *reading, int index, const char *key, const char *value,
                   const char *instead)
{
    const struct hipfx_settings *before = reading->before;
    const uint32_t mark = mark_of(value);
    reading->settings->refused[index] = mark;
    if (before && before->effect == reading->settings->effect && before->refused[index] == mark)
        return;
    if (instead)
        PLUGIN_LOG(LOG_WARNING, "%s: \"%s\" is not a choice that this version knows: using \"%s\"",
                   key, value, instead);
    else
        PLUGIN_LOG(LOG_WARNING, "%s is not a number: using the default", key);
}

static double read_number(const struct reading *reading, int index, const char *key)
{
    const struct hipfx_param *param = &reading->settings->effect->params[index];
    const double value = obs_data_get_double(reading->data, key);
    if (!isnan(value) && (value != 0.0 || !is_no_number(reading->data, key)))
        return hipfx_param_clamp(param, value);
    refuse(reading, index, key, obs_data_get_string(reading->data, key), NULL);
    return param->def;
}

static double read_color(const struct reading *reading, int index, const char *key)
{
    const long long value = obs_data_get_int(reading->data, key);
    if (value || !is_no_number(reading->data, key))
        return (double)(value & 0xffffffff);
    refuse(reading, index, key, obs_data_get_string(reading->data, key), NULL);
    return reading->settings->effect->params[index].def;
}

static double read_choice(const struct reading *reading, int index, const char *key)
{
    const struct hipfx_param *param = &reading->settings->effect->params[index];
    const char *name = obs_data_get_string(reading->data, key);
    const int choice = hipfx_choice_find(param, name);
    if (choice >= 0)
        return choice;
    refuse(reading, index, key, name, param->choices[(int)param->def]);
    return param->def;
}

static double read_value(const struct reading *reading, int index)
{
    const struct hipfx_effect *effect = reading->settings->effect;
    const struct hipfx_key key = hipfx_settings_key(effect, effect->params[index].key);
    switch (effect->params[index].type) {
    case HIPFX_PARAM_FLOAT:
        return read_number(reading, index, key.text);
    case HIPFX_PARAM_COLOR:
        return read_color(reading, index, key.text);
    case HIPFX_PARAM_CHOICE:
        return read_choice(reading, index, key.text);
    case HIPFX_PARAM_NONE:
        break;
    }
    return 0.0;
}

static bool read_smooth(const struct reading *reading)
{
    const char *mode = obs_data_get_string(reading->data, SETTING_MODE);
    const bool smooth = !strcmp(mode, "smooth");
    if (!smooth && strcmp(mode, "exact") != 0)
        refuse(reading, HIPFX_PARAMS_MAX, SETTING_MODE, mode, "exact");
    return smooth;
}

struct hipfx_settings hipfx_settings_read(obs_data_t *data, const struct hipfx_settings *before)
{
    struct hipfx_settings settings = {0};
    const struct reading reading = {.data = data, .settings = &settings, .before = before};
    const char *id = obs_data_get_string(data, SETTING_EFFECT);
    settings.effect = hipfx_effect_find(id);
    settings.smooth = read_smooth(&reading);
    if (!settings.effect) {
        snprintf(settings.unknown, sizeof(settings.unknown), "%s", id);
        return settings;
    }
    for (int i = 0; i < settings.effect->param_count; i++)
        settings.values.v[i] = read_value(&reading, i);
    return settings;
}
