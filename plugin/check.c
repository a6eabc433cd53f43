#include "plugin/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "sine_wave, color, gaussian_blur" */
static const char *effect_names(char *out, size_t size)
{
    size_t length = 0;
    out[0] = '\0';
    for (int i = 0; i < hipfx_effect_count && length < size; i++)
        length += (size_t)snprintf(out + length, size - length, "%s%s", i ? ", " : "",
                                   hipfx_effects[i]->id);
    return out;
}

static const char *param_names(const struct hipfx_effect *effect, char *out, size_t size)
{
    size_t length = 0;
    out[0] = '\0';
    for (int i = 0; i < effect->param_count && length < size; i++)
        length += (size_t)snprintf(out + length, size - length, "%s%s", i ? ", " : "",
                                   effect->params[i].key);
    return out;
}

static bool check_choice(const char *key, const struct hipfx_param *param, const json_t *value,
                         struct hipfx_why *why)
{
    const char *name = json_string_value(value);
    if (name && hipfx_choice_find(param, name) >= 0)
        return true;

    char names[128] = "";
    size_t length = 0;
    for (int i = 0; param->choices[i] && length < sizeof(names); i++)
        length += (size_t)snprintf(names + length, sizeof(names) - length, "%s\"%s\"",
                                   i ? ", " : "", param->choices[i]);
    return hipfx_fail(why, "%s takes one of %s", key, names);
}

static bool check_color(const char *key, const json_t *value, struct hipfx_why *why)
{
    if (json_is_integer(value) && json_integer_value(value) >= 0 &&
        json_integer_value(value) <= 0xFFFFFFFF)
        return true;
    return hipfx_fail(why, "%s takes a colour as an integer 0xAABBGGRR, 0 to 4294967295", key);
}

static bool check_path(const char *key, const json_t *value, struct hipfx_why *why)
{
    return json_is_string(value) || hipfx_fail(why, "%s takes a file's path", key);
}

static bool check_number(const char *key, const struct hipfx_param *param, const json_t *value,
                         struct hipfx_why *clamped, struct hipfx_why *why)
{
    if (!json_is_number(value))
        return hipfx_fail(why, "%s takes a number", key);
    const double number = json_number_value(value);
    if ((number < param->min || number > param->max) && !hipfx_param_is_angle(param))
        hipfx_fail(clamped, "%s: %g is outside %g to %g; the nearest is taken", key, number,
                   param->min, param->max);
    return true;
}

static bool check_param(const char *key, const struct hipfx_param *param, const json_t *value,
                        struct hipfx_why *clamped, struct hipfx_why *why)
{
    switch (param->type) {
    case HIPFX_PARAM_CHOICE:
        return check_choice(key, param, value, why);
    case HIPFX_PARAM_COLOR:
        return check_color(key, value, why);
    case HIPFX_PARAM_FILE:
        return check_path(key, value, why);
    case HIPFX_PARAM_BOOL:
        return json_is_boolean(value) || hipfx_fail(why, "%s takes true or false", key);
    default:
        return check_number(key, param, value, clamped, why);
    }
}

static bool check_value(const char *key, const json_t *value, struct hipfx_why *clamped,
                        struct hipfx_why *why)
{
    char names[300], id[64];
    if (!strcmp(key, "region.source"))
        return json_is_string(value) || hipfx_fail(why, "%s takes a source's name", key);
    const struct hipfx_param *common = hipfx_region_param_find(key);
    if (common)
        return check_param(key, common, value, clamped, why);
    const char *dot = strchr(key, '.');
    if (!dot || (size_t)(dot - key) >= sizeof(id))
        return hipfx_fail(why,
                          "unknown setting \"%s\": keys are \"effect\", \"mode\", \"mix\", "
                          "\"region\", \"region.…\" and \"EFFECT.PARAMETER\"",
                          key);
    snprintf(id, sizeof(id), "%.*s", (int)(dot - key), key);
    const struct hipfx_effect *effect = hipfx_effect_find(id);
    if (!effect)
        return hipfx_fail(why, "unknown effect \"%s\" in \"%s\": there are %s", id, key,
                          effect_names(names, sizeof(names)));
    const int index = hipfx_param_find(effect, dot + 1);
    if (index < 0)
        return hipfx_fail(why, "unknown parameter \"%s\": %s has %s", key, id,
                          param_names(effect, names, sizeof(names)));

    return check_param(key, &effect->params[index], value, clamped, why);
}

static bool check_mode(const json_t *value, struct hipfx_why *why)
{
    const char *mode = json_string_value(value);
    return (mode && (!strcmp(mode, "exact") || !strcmp(mode, "smooth"))) ||
           hipfx_fail(why, "\"mode\" takes one of exact, smooth");
}

static bool check_setting(const char *key, const json_t *value, struct hipfx_why *clamped,
                          struct hipfx_why *why)
{
    if (!strcmp(key, "effect"))
        return true; /* check_effect has seen it */
    if (!strcmp(key, "mode"))
        return check_mode(value, why);
    return check_value(key, value, clamped, why);
}

static const struct hipfx_effect *check_effect(const json_t *root, struct hipfx_why *why)
{
    const json_t *value = json_object_get(root, "effect");
    if (!value)
        return hipfx_effects[0];
    char names[300];
    effect_names(names, sizeof(names));
    const char *id = json_string_value(value);
    const struct hipfx_effect *effect = id ? hipfx_effect_find(id) : NULL;
    if (!id)
        hipfx_fail(why, "\"effect\" takes one of %s", names);
    else if (!effect)
        hipfx_fail(why, "unknown effect \"%s\": there are %s", id, names);
    return effect;
}

/* Keys are quoted as they are given, and may hold line breaks. */
static void make_one_line(struct hipfx_why *why)
{
    for (char *c = why->text; *c; c++) {
        if ((unsigned char)*c < ' ')
            *c = ' ';
    }
}

const struct hipfx_effect *hipfx_settings_check_object(json_t *root, struct hipfx_why *clamped,
                                                       struct hipfx_why *why)
{
    const struct hipfx_effect *effect = NULL;
    if (json_is_object(root))
        effect = check_effect(root, why);
    else
        hipfx_fail(why, "not a JSON object");

    const char *key;
    json_t *value;
    json_object_foreach(root, key, value)
    {
        if (effect && !check_setting(key, value, clamped, why))
            effect = NULL;
    }
    make_one_line(clamped);
    make_one_line(why);
    return effect;
}

const struct hipfx_effect *hipfx_settings_check(const char *json, struct hipfx_why *clamped,
                                                struct hipfx_why *why)
{
    json_error_t error;
    json_t *root = json_loads(json, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!root) {
        hipfx_fail(why, "not JSON: %s (line %d, column %d)", error.text, error.line, error.column);
        make_one_line(why);
        return NULL;
    }
    const struct hipfx_effect *effect = hipfx_settings_check_object(root, clamped, why);
    json_decref(root);
    return effect;
}
