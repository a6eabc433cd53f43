#include "plugin/preset.h"

#include "plugin/check.h"

#include <stdio.h>
#include <string.h>

static bool check_version(const json_t *root, struct hipfx_why *why)
{
    const json_t *version = json_object_get(root, "version");
    if (!json_is_integer(version) || json_integer_value(version) < 1)
        return hipfx_fail(why, "it is no preset: it has no version");
    if (json_integer_value(version) > HIPFX_PRESET_VERSION)
        return hipfx_fail(why, "it was made by a later version: update obs-hipfx");
    return true;
}

static bool is_of(const struct hipfx_effect *effect, const char *key)
{
    const size_t length = strlen(effect->id);
    return hipfx_region_param_find(key) ||
           (!strncmp(key, effect->id, length) && key[length] == '.');
}

/* Known to this version, of the right type, and the effect's own or common to all. */
static const struct hipfx_effect *check_settings(const json_t *root, struct hipfx_why *why)
{
    const json_t *id = json_object_get(root, "effect"), *given = json_object_get(root, "settings");
    const struct hipfx_effect *effect =
        json_is_string(id) ? hipfx_effect_find(json_string_value(id)) : NULL;
    if (!json_is_object(given)) {
        hipfx_fail(why, "it has no settings");
        return NULL;
    }
    if (!effect) {
        hipfx_fail(why, "its effect is not known to this version");
        return NULL;
    }
    json_t *settings = json_copy((json_t *)given);
    struct hipfx_why clamped = {0};
    const char *key;
    json_t *value;
    json_object_foreach(settings, key, value)
    {
        if (effect && !is_of(effect, key)) {
            hipfx_fail(why, "it has settings that are not those of its effect");
            effect = NULL;
        }
    }
    if (effect && (json_object_set(settings, "effect", (json_t *)id) != 0 ||
                   !hipfx_settings_check_object(settings, &clamped, why)))
        effect = NULL;
    json_decref(settings);
    return effect;
}

static json_t *default_of(const struct hipfx_param *param)
{
    switch (param->type) {
    case HIPFX_PARAM_COLOR:
        return json_integer((json_int_t)param->def);
    case HIPFX_PARAM_CHOICE:
        return json_string(param->choices[(int)param->def]);
    case HIPFX_PARAM_BOOL:
        return json_boolean(param->def != 0);
    case HIPFX_PARAM_FILE:
        return json_string("");
    default:
        return json_real(param->def);
    }
}

static json_t *complete(const struct hipfx_effect *effect, const json_t *given)
{
    json_t *settings = json_object();
    int error = json_object_set_new(settings, "effect", json_string(effect->id));
    for (int i = 0; i < effect->param_count; i++) {
        char key[96];
        snprintf(key, sizeof(key), "%s.%s", effect->id, effect->params[i].key);
        error |= json_object_set_new(settings, key, default_of(&effect->params[i]));
    }
    error |= json_object_update(settings, (json_t *)given);
    if (!error)
        return settings;
    json_decref(settings);
    return NULL;
}

json_t *hipfx_preset_read(const char *text, size_t size, struct hipfx_why *why)
{
    json_error_t error;
    if (size > HIPFX_PRESET_SIZE_MAX) {
        hipfx_fail(why, "it is too large to be a preset");
        return NULL;
    }
    if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* UTF-8's mark */
        text += 3;
        size -= 3;
    }
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        hipfx_fail(why, "line %d is not JSON", error.line);
        return NULL;
    }
    json_t *settings = NULL;
    const struct hipfx_effect *effect = check_version(root, why) ? check_settings(root, why) : NULL;
    if (effect) {
        settings = complete(effect, json_object_get(root, "settings"));
        if (!settings)
            hipfx_fail(why, "out of memory");
    }
    json_decref(root);
    return settings;
}

char *hipfx_preset_write(const json_t *settings)
{
    json_t *own = json_copy((json_t *)settings);
    json_object_del(own, "effect");
    json_t *root = json_pack("{s:i, s:O, s:o}", "version", HIPFX_PRESET_VERSION, "effect",
                             json_object_get(settings, "effect"), "settings", own);
    char *text = root ? json_dumps(root, JSON_INDENT(4) | JSON_REAL_PRECISION(9)) : NULL;
    json_decref(root);
    return text;
}
