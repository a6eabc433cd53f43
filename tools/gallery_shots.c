#define _GNU_SOURCE /* asprintf */

#include "tools/gallery_shots.h"
#include "plugin/preset.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <obs/util/bmem.h>
#include <obs/util/platform.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *gallery_before(enum gallery_flaw flaw)
{
    static const char *const names[GALLERY_FLAWS] = {
        [GALLERY_SOUND] = "before.png",
        [GALLERY_NOISY] = "before-noisy.png",
        [GALLERY_BANDED] = "before-banded.png",
    };
    return names[flaw];
}

/* Effects that are seen on a flawed picture, or from near. */
static const struct {
    const char *effect;
    enum gallery_flaw flaw;
    const char *close_up;
    int contrast;
} views[] = {
    {"denoise", GALLERY_NOISY, "42% 62%", 0},
    {"sharpen", GALLERY_SOUND, "94% 76%", 0},
    {"deband", GALLERY_BANDED, "30% 8%", 3},
    {"film_grain", GALLERY_SOUND, "38% 70%", 0},
    {"chromatic_aberration", GALLERY_SOUND, "0% 0%", 0},
    {"dither", GALLERY_SOUND, "30% 8%", 0},
};

static void set_view(struct gallery_shot *shot)
{
    for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
        if (strcmp(views[i].effect, shot->effect->id) == 0) {
            shot->flaw = views[i].flaw;
            shot->close_up = views[i].close_up;
            shot->contrast = views[i].contrast;
        }
    }
}

/* Settings for effects that change nothing until somebody asks for something. */
static const struct {
    const char *effect, *settings;
} examples[] = {
    {"color", "{\"color.exposure_ev\": 0.4, \"color.contrast\": 1.2, \"color.saturation\": 1.25}"},
};

#define LUT_SIZE 17

/* A look that pulls shadows towards teal and lights towards orange: one entry, by its indices. */
static void put_entry(FILE *file, int red, int green, int blue)
{
    const double r = red / (LUT_SIZE - 1.0), g = green / (LUT_SIZE - 1.0);
    const double b = blue / (LUT_SIZE - 1.0);
    const double grey = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    const double warm = 0.16 * sin(3.1 * (grey - 0.45)) * fmin(4 * grey, 1);
    fprintf(file, "%.6f %.6f %.6f\n", fmin(fmax(r + warm, 0), 1), fmin(fmax(g + 0.12 * warm, 0), 1),
            fmin(fmax(b - warm, 0), 1));
}

/* A .cube of sRGB codes. */
static bool write_lut(const char *path, struct hipfx_why *why)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return hipfx_fail(why, "%s: cannot be written: %s", path, strerror(errno));
    fprintf(file, "TITLE \"teal and orange\"\nLUT_3D_SIZE %d\n", LUT_SIZE);
    for (int blue = 0; blue < LUT_SIZE; blue++)
        for (int green = 0; green < LUT_SIZE; green++)
            for (int red = 0; red < LUT_SIZE; red++)
                put_entry(file, red, green, blue);
    return fclose(file) == 0 || hipfx_fail(why, "%s: cannot be written: %s", path, strerror(errno));
}

/* Takes the object. */
static bool add(struct gallery_shots *shots, const struct hipfx_effect *effect, const char *name,
                json_t *settings, struct hipfx_why *why)
{
    if (shots->count == GALLERY_SHOTS_MAX) {
        json_decref(settings);
        return hipfx_fail(why, "more than %d pictures", GALLERY_SHOTS_MAX);
    }
    struct gallery_shot *shot = &shots->list[shots->count++];
    *shot = (struct gallery_shot){.effect = effect};
    set_view(shot);
    json_object_set_new(settings, "effect", json_string(effect->id));
    shot->settings = json_dumps(settings, 0);
    json_decref(settings);
    shot->name = name ? strdup(name) : NULL;
    if (asprintf(&shot->picture, "%s-%s.png", effect->id, name ? name : "after") < 0)
        shot->picture = NULL;
    return (shot->settings && shot->picture && !shot->name == !name) ||
           hipfx_fail(why, "out of memory");
}

static json_t *default_value(const struct hipfx_param *param)
{
    switch (param->type) {
    case HIPFX_PARAM_FLOAT:
        return json_real(param->def);
    case HIPFX_PARAM_COLOR:
        return json_integer((json_int_t)param->def);
    case HIPFX_PARAM_CHOICE:
        return json_string(param->choices[(int)param->def]);
    default:
        return NULL;
    }
}

/* The defaults, said, so that the page can tell them. */
static json_t *default_settings(const struct hipfx_effect *effect)
{
    json_t *settings = json_object();
    for (int i = 0; i < effect->param_count; i++) {
        char key[96];
        snprintf(key, sizeof(key), "%s.%s", effect->id, effect->params[i].key);
        json_t *value = default_value(&effect->params[i]);
        if (value)
            json_object_set_new(settings, key, value);
    }
    return settings;
}

static bool add_example(struct gallery_shots *shots, const struct hipfx_effect *effect,
                        const char *out, struct hipfx_why *why)
{
    if (strcmp(effect->id, "lut") == 0) {
        char *path = NULL;
        if (asprintf(&path, "%s/teal-orange.cube", out) < 0)
            return hipfx_fail(why, "out of memory");
        const bool ok = write_lut(path, why) &&
                        add(shots, effect, NULL, json_pack("{s:s}", "lut.path", path), why);
        free(path);
        return ok;
    }
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        if (strcmp(examples[i].effect, effect->id) == 0)
            return add(shots, effect, NULL, json_loads(examples[i].settings, 0, NULL), why);
    }
    return add(shots, effect, NULL, default_settings(effect), why);
}

static bool add_effect(struct gallery_shots *shots, const struct hipfx_effect *effect,
                       const char *out, struct hipfx_why *why)
{
    const struct hipfx_values values = hipfx_values_default(effect);
    const bool example = effect->is_neutral(&values);
    if (example ? !add_example(shots, effect, out, why)
                : !add(shots, effect, NULL, default_settings(effect), why))
        return false;
    shots->list[shots->count - 1].caption =
        example ? "an example; a new filter changes nothing yet" : "as a new filter has it";
    return true;
}

/* A preset's own files lie beside it. */
static bool set_folder(json_t *settings, const struct hipfx_effect *effect, const char *folder)
{
    const struct hipfx_param *param = hipfx_file_param(effect);
    char key[96], *path = NULL;
    snprintf(key, sizeof(key), "%s.%s", effect->id, param ? param->key : "");
    const char *name = json_string_value(json_object_get(settings, key));
    if (!param || !name || !*name || *name == '/')
        return true;
    if (asprintf(&path, "%s/%s", folder, name) < 0)
        return false;
    const bool ok = json_object_set_new(settings, key, json_string(path)) == 0;
    free(path);
    return ok;
}

/* What the preset names, and no more: a new filter has the rest. */
static json_t *read_preset(const struct hipfx_effect *effect, const char *text,
                           struct hipfx_why *why)
{
    json_t *complete = hipfx_preset_read(text, strlen(text), why);
    const char *id = json_string_value(json_object_get(complete, "effect"));
    const bool ok = id && strcmp(id, effect->id) == 0;
    json_decref(complete);
    if (!ok) {
        hipfx_fail(why, "it is no preset of %s", effect->id);
        return NULL;
    }
    json_t *root = json_loads(text, 0, NULL);
    json_t *settings = json_deep_copy(json_object_get(root, "settings"));
    json_decref(root);
    return settings;
}

static bool add_preset(struct gallery_shots *shots, const struct hipfx_effect *effect,
                       const char *folder, const char *path, const char *name,
                       struct hipfx_why *why)
{
    struct hipfx_why reason = {0};
    char *text = os_quick_read_utf8_file(path);
    json_t *settings = NULL;
    if (text)
        settings = read_preset(effect, text, &reason);
    else
        hipfx_fail(&reason, "it cannot be read, or is empty");
    bfree(text);
    if (!settings)
        return hipfx_fail(why, "%s: %s", path, reason.text);
    if (!set_folder(settings, effect, folder)) {
        json_decref(settings);
        return hipfx_fail(why, "out of memory");
    }
    return add(shots, effect, name, settings, why);
}

static int is_json(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot && dot != entry->d_name && strcmp(dot, ".json") == 0;
}

static bool add_presets(struct gallery_shots *shots, const struct hipfx_effect *effect,
                        const char *data, struct hipfx_why *why)
{
    char *folder = NULL;
    if (asprintf(&folder, "%s/presets/%s", data, effect->id) < 0)
        return hipfx_fail(why, "out of memory");
    struct dirent **entries = NULL;
    const int count = scandir(folder, &entries, is_json, alphasort);
    bool ok = true;
    for (int i = 0; i < count; i++) {
        char *path = NULL, *name = strdup(entries[i]->d_name);
        if (!name || asprintf(&path, "%s/%s", folder, name) < 0)
            ok = hipfx_fail(why, "out of memory");
        if (name)
            *strrchr(name, '.') = '\0';
        ok = ok && add_preset(shots, effect, folder, path, name, why);
        free(path);
        free(name);
        free(entries[i]);
    }
    free(entries);
    free(folder);
    return ok;
}

bool gallery_shots_find(struct gallery_shots *shots, const char *data, const char *out,
                        struct hipfx_why *why)
{
    for (int e = 0; e < hipfx_effect_count; e++) {
        if (!add_effect(shots, hipfx_effects[e], out, why) ||
            !add_presets(shots, hipfx_effects[e], data, why))
            return false;
    }
    return true;
}

void gallery_shots_free(struct gallery_shots *shots)
{
    for (int i = 0; i < shots->count; i++) {
        free(shots->list[i].name);
        free(shots->list[i].settings);
        free(shots->list[i].picture);
    }
    shots->count = 0;
}
