#include "plugin/plugin.h"

#include <limits.h>
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
    case HIPFX_PARAM_BOOL:
        obs_data_set_default_bool(data, key, param->def != 0);
        break;
    case HIPFX_PARAM_FILE:
        obs_data_set_default_string(data, key, "");
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
    obs_data_set_default_string(data, SETTING_MASK, "");
}

struct text {
    char chars[PATH_MAX];
};

/* A copy, so that all who look at it see the same: obs_source_update() writes a source's settings
 * on the thread that calls it, while the graphics thread reads them for the update before, and
 * libobs has no lock for that. What is read here is all that meets such a write, which
 * ThreadSanitizer need not tell. */
__attribute__((no_sanitize("thread"))) static struct text read_text(obs_data_t *data,
                                                                    const char *key)
{
    struct text text;
    const volatile char *from = obs_data_get_string(data, key);
    size_t size = 0;
    while (size < sizeof(text.chars) - 1 && (text.chars[size] = from[size]) != '\0')
        size++;
    text.chars[size] = '\0';
    return text;
}

/* libobs gives 0, false or "" for what is of another type, which may be anything but neutral: this
 * tells whether there is something all the same. Items are not asked for their type: another thread
 * may be writing the settings, and moves them in memory. */
static bool is_something(obs_data_t *data, const char *key)
{
    obs_data_t *object = obs_data_get_obj(data, key);
    obs_data_array_t *array = obs_data_get_array(data, key);
    const bool found = object || array || obs_data_get_bool(data, key) ||
                       obs_data_get_double(data, key) != 0.0 || read_text(data, key).chars[0];
    obs_data_release(object);
    obs_data_array_release(array);
    return found;
}

/* What is being read, and what was read last. */
struct reading {
    obs_data_t *data;
    struct hipfx_settings *settings;
    const struct hipfx_settings *before; /* NULL: nothing */
};

/* FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/). */
static uint32_t hash(uint32_t from, const char *text)
{
    for (; *text; text++)
        from = (from ^ (unsigned char)*text) * UINT32_C(16777619);
    return from;
}

/* True if it was not refused before: settings are read anew at each change of any of them, and one
 * line for a value is enough. */
static bool refuse(const struct reading *reading, const char *key, const char *value)
{
    const uint32_t mark = hash(hash(UINT32_C(2166136261), key), value);
    struct hipfx_refused *refused = &reading->settings->refused;
    if (refused->count < HIPFX_REFUSED_MAX)
        refused->marks[refused->count++] = mark;
    for (int i = 0; reading->before && i < reading->before->refused.count; i++) {
        if (reading->before->refused.marks[i] == mark)
            return false;
    }
    return true;
}

/* True if there is a value of another type than the one that was read as nothing. */
static bool is_of_another_type(const struct reading *reading, const char *key, const char *type)
{
    if (!is_something(reading->data, key))
        return false;
    if (refuse(reading, key, read_text(reading->data, key).chars))
        PLUGIN_LOG(LOG_WARNING, "%s is not %s: using the default", key, type);
    return true;
}

/* As long as it stays out of range, whatever its value, one line is enough: it may be moving. */
static void out_of_range(const struct reading *reading, const char *key, double value, double low,
                         double high, double instead)
{
    if (refuse(reading, key, ">"))
        PLUGIN_LOG(LOG_WARNING, "%s: %g is outside %g to %g: using %g", key, value, low, high,
                   instead);
}

static void unknown_choice(const struct reading *reading, const char *key, const char *value,
                           const char *instead)
{
    if (refuse(reading, key, value))
        PLUGIN_LOG(LOG_WARNING, "%s: \"%s\" is not a choice that this version knows: using \"%s\"",
                   key, value, instead);
}

static double read_number(const struct reading *reading, const char *key,
                          const struct hipfx_param *param)
{
    const double value = obs_data_get_double(reading->data, key);
    if (isnan(value) || value == 0.0) {
        const bool refused = is_of_another_type(reading, key, "a number");
        return refused ? param->def : hipfx_param_clamp(param, value);
    }
    const double used = hipfx_param_clamp(param, value);
    if (used != value && !hipfx_param_is_angle(param))
        out_of_range(reading, key, value, param->min, param->max, used);
    return used;
}

/* 0xAABBGGRR, also as an int of 32 bits. */
static double read_color(const struct reading *reading, const char *key,
                         const struct hipfx_param *param)
{
    const double value = obs_data_get_double(reading->data, key);
    if (isnan(value) || value == 0.0)
        return is_of_another_type(reading, key, "a colour") ? param->def : 0.0;
    if (value >= INT32_MIN && value <= UINT32_MAX)
        return (double)((long long)value & 0xffffffff);
    out_of_range(reading, key, value, 0, UINT32_MAX, param->def);
    return param->def;
}

static double read_bool(const struct reading *reading, const char *key,
                        const struct hipfx_param *param)
{
    if (obs_data_get_bool(reading->data, key))
        return 1.0;
    return is_of_another_type(reading, key, "true or false") ? param->def : 0.0;
}

static double read_choice(const struct reading *reading, const char *key,
                          const struct hipfx_param *param)
{
    const struct text name = read_text(reading->data, key);
    const int index = hipfx_choice_find(param, name.chars);
    if (index >= 0)
        return index;
    unknown_choice(reading, key, name.chars, param->choices[(int)param->def]);
    return param->def;
}

static double read_value(const struct reading *reading, const char *key,
                         const struct hipfx_param *param)
{
    switch (param->type) {
    case HIPFX_PARAM_FLOAT:
        return read_number(reading, key, param);
    case HIPFX_PARAM_COLOR:
        return read_color(reading, key, param);
    case HIPFX_PARAM_CHOICE:
        return read_choice(reading, key, param);
    case HIPFX_PARAM_BOOL:
        return read_bool(reading, key, param);
    case HIPFX_PARAM_FILE:
    case HIPFX_PARAM_NONE:
        break;
    }
    return 0.0;
}

static bool read_smooth(const struct reading *reading)
{
    const struct text mode = read_text(reading->data, SETTING_MODE);
    const bool smooth = !strcmp(mode.chars, "smooth");
    if (!smooth && strcmp(mode.chars, "exact") != 0)
        unknown_choice(reading, SETTING_MODE, mode.chars, "exact");
    return smooth;
}

static struct hipfx_region read_region(const struct reading *reading)
{
    struct hipfx_values values = {0};
    for (int i = 0; i < hipfx_region_param_count; i++)
        values.v[i] = read_value(reading, hipfx_region_params[i].key, &hipfx_region_params[i]);
    struct hipfx_region region = hipfx_region_from(&values);
    /* The panel does not show it there, and it would take the effect away. */
    if (region.form == HIPFX_REGION_FRAME)
        region.invert = false;
    return region;
}

/* A file's or a source's name; "" is none. */
static struct text read_name(const struct reading *reading, const char *key)
{
    const struct text name = read_text(reading->data, key);
    if (!name.chars[0])
        is_of_another_type(reading, key, "a text");
    return name;
}

static struct hipfx_file *find_file(const struct reading *reading, const char *key,
                                    const struct hipfx_effect *effect)
{
    struct hipfx_file *last = reading->before ? reading->before->values.file : NULL;
    const struct text path = read_name(reading, key);
    if (!path.chars[0])
        return NULL;
    if (hipfx_file_is_current(last, effect, path.chars))
        return hipfx_file_ref(last);
    struct hipfx_file *file = hipfx_file_create(effect, path.chars);
    if (!file)
        PLUGIN_LOG(LOG_ERROR, "%s: no memory to read %s", key, path.chars);
    return file;
}

struct hipfx_settings hipfx_settings_read(obs_data_t *data, const struct hipfx_settings *before)
{
    struct hipfx_settings settings = {0};
    const struct reading reading = {.data = data, .settings = &settings, .before = before};
    const struct text id = read_text(data, SETTING_EFFECT);
    settings.effect = hipfx_effect_find(id.chars);
    settings.smooth = read_smooth(&reading);
    if (!settings.effect) {
        snprintf(settings.unknown, sizeof(settings.unknown), "%.*s",
                 (int)sizeof(settings.unknown) - 1, id.chars);
        return settings;
    }
    settings.region = read_region(&reading);
    if (settings.region.form == HIPFX_REGION_SOURCE)
        snprintf(settings.mask, sizeof(settings.mask), "%.*s", (int)sizeof(settings.mask) - 1,
                 read_name(&reading, SETTING_MASK).chars);
    for (int i = 0; i < settings.effect->param_count; i++) {
        const struct hipfx_param *param = &settings.effect->params[i];
        const struct hipfx_key key = hipfx_settings_key(settings.effect, param->key);
        settings.values.v[i] = read_value(&reading, key.text, param);
        if (param->type == HIPFX_PARAM_FILE)
            settings.values.file = find_file(&reading, key.text, settings.effect);
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
