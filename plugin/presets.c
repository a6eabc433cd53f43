#include "plugin/plugin.h"
#include "plugin/preset.h"

#include "kernels/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <util/dstr.h>
#include <util/platform.h>

#define ORDER_CHOOSE "preset"
#define ORDER_LOAD   "preset.load"
#define ORDER_SAVE   "preset.save"
#define ROW_NOTE     "preset.note"

static const char *const orders[] = {ORDER_CHOOSE, ORDER_LOAD, ORDER_SAVE};

void hipfx_presets_drop_orders(obs_data_t *settings)
{
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
        obs_data_erase(settings, orders[i]);
}

/* The folder of the user's own presets for an effect; bfree() it. NULL: there is none. */
static char *own_folder(const char *effect)
{
    struct dstr path = {0};
    char *base = obs_module_config_path("presets");
    /* Without a folder for settings, libobs gives a relative path. */
    if (base && base[0] == '/')
        dstr_printf(&path, "%s/%s", base, effect);
    bfree(base);
    return path.array;
}

static char *shipped_folder(const char *effect)
{
    struct dstr path = {0};
    dstr_printf(&path, "presets/%s", effect);
    char *folder = obs_module_file(path.array);
    dstr_free(&path);
    return folder;
}

/* A shipped preset's name stands in the locale, the name of one's own is that of its file. */
static void add_preset(obs_property_t *list, const char *folder, const char *file,
                       const char *effect, bool shipped)
{
    struct dstr path = {0}, key = {0};
    const char *name = NULL;
    const int length = (int)(strlen(file) - strlen(".json"));
    dstr_printf(&path, "%s/%s", folder, file);
    dstr_printf(&key, "%s.preset.%.*s", effect, length, file);
    if (!shipped || !obs_module_get_string(key.array, &name)) {
        dstr_printf(&key, "%.*s", length, file);
        name = key.array;
    }
    obs_property_list_add_string(list, name, path.array);
    dstr_free(&path);
    dstr_free(&key);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_json(const char *file)
{
    const char *dot = strrchr(file, '.');
    return dot && dot != file && !strcmp(dot, ".json");
}

/* Takes the folder's name. */
static void add_folder(obs_property_t *list, char *folder, const char *effect, bool shipped)
{
    DARRAY(char *) files;
    da_init(files);
    os_dir_t *dir = folder ? os_opendir(folder) : NULL;
    for (struct os_dirent *entry; dir && (entry = os_readdir(dir));) {
        if (!entry->directory && is_json(entry->d_name)) {
            char *name = bstrdup(entry->d_name);
            da_push_back(files, &name);
        }
    }
    if (dir)
        os_closedir(dir);
    if (files.num)
        qsort(files.array, files.num, sizeof(*files.array), compare_names);
    for (size_t i = 0; i < files.num; i++) {
        add_preset(list, folder, files.array[i], effect, shipped);
        bfree(files.array[i]);
    }
    da_free(files);
    bfree(folder);
}

void hipfx_presets_list(obs_properties_t *props, const char *effect)
{
    obs_property_t *list = obs_properties_get(props, ORDER_CHOOSE);
    obs_property_list_clear(list);
    obs_property_list_add_string(list, obs_module_text("Preset.Choose"), "");
    if (!hipfx_effect_find(effect)) /* it is the name of a folder */
        return;
    add_folder(list, shipped_folder(effect), effect, true);
    add_folder(list, own_folder(effect), effect, false);
}

static void show_note(obs_properties_t *props, const char *what, const struct hipfx_why *why)
{
    char line[1024];
    obs_property_t *note = obs_properties_get(props, ROW_NOTE);
    snprintf(line, sizeof(line), "%s: %s", what, why->text);
    obs_property_set_description(note, why->text[0] ? line : "");
    obs_property_set_visible(note, why->text[0] != '\0');
}

/* NULL with the reason. */
static json_t *read_file(const char *path, struct hipfx_why *why)
{
    size_t size = 0;
    char *text = hipfx_file_load(path, &size, why);
    json_t *preset = text ? hipfx_preset_read(text, size, why) : NULL;
    free(text);
    return preset;
}

/* A file that a preset names lies beside it, unless its whole path is given. */
static void resolve_file(json_t *preset, const char *path)
{
    struct dstr file = {0};
    const struct hipfx_effect *effect =
        hipfx_effect_find(json_string_value(json_object_get(preset, SETTING_EFFECT)));
    const struct hipfx_param *param = hipfx_file_param(effect);
    if (!param)
        return;
    const struct hipfx_key key = hipfx_settings_key(effect, param->key);
    const char *name = json_string_value(json_object_get(preset, key.text));
    if (!name[0] || name[0] == '/')
        return;
    dstr_printf(&file, "%.*s%s", (int)(strrchr(path, '/') + 1 - path), path, name);
    json_object_set_new(preset, key.text, json_string(file.array));
    dstr_free(&file);
}

/* Takes the reference to the preset. */
static bool apply(obs_data_t *settings, json_t *preset, struct hipfx_why *why)
{
    char *text = json_dumps(preset, JSON_COMPACT);
    obs_data_t *values = text ? obs_data_create_from_json(text) : NULL;
    if (values)
        obs_data_apply(settings, values);
    else
        hipfx_fail(why, "out of memory");
    obs_data_release(values);
    free(text);
    json_decref(preset);
    return values;
}

/* OBS tells the source of what the user did before the row's own callback has its turn. */
static void update_source(obs_properties_t *props, obs_data_t *settings)
{
    obs_source_t *source = obs_weak_source_get_source(obs_properties_get_param(props));
    obs_data_t *own = source ? obs_source_get_settings(source) : NULL;
    if (own && own == settings)
        obs_source_update(source, NULL);
    obs_data_release(own);
    obs_source_release(source);
}

/* What an order says, once; bfree() it. NULL: none was given. */
static char *take_order(obs_data_t *settings, const char *name)
{
    const char *path = obs_data_get_string(settings, name);
    char *copy = path[0] ? bstrdup(path) : NULL;
    obs_data_erase(settings, name);
    return copy;
}

static bool load_preset(obs_properties_t *props, obs_property_t *row, obs_data_t *settings)
{
    struct hipfx_why why = {0};
    char *path = take_order(settings, obs_property_name(row));
    if (!path)
        return false;
    json_t *preset = read_file(path, &why);
    if (preset && strchr(path, '/'))
        resolve_file(preset, path);
    if (preset && apply(settings, preset, &why))
        update_source(props, settings);
    else
        PLUGIN_LOG(LOG_WARNING, "%s was not loaded: %s", path, why.text);
    show_note(props, obs_module_text("Preset.NotLoaded"), &why);
    bfree(path);
    /* The rows of the effect that the preset is of. */
    obs_property_modified(obs_properties_get(props, SETTING_EFFECT), settings);
    obs_property_modified(obs_properties_get(props, SETTING_REGION), settings);
    return true;
}

static json_t *value_of(obs_data_t *settings, const char *key, const struct hipfx_param *param)
{
    switch (param->type) {
    case HIPFX_PARAM_COLOR:
        return json_integer(obs_data_get_int(settings, key) & 0xffffffff);
    case HIPFX_PARAM_CHOICE:
    case HIPFX_PARAM_FILE:
        return json_string(obs_data_get_string(settings, key));
    case HIPFX_PARAM_BOOL:
        return json_boolean(obs_data_get_bool(settings, key));
    default:
        return json_real(obs_data_get_double(settings, key));
    }
}

/* Where the effect works and how much of it there is belong to a preset if they are not as a new
 * filter has them. */
static json_t *collect(obs_data_t *settings, const struct hipfx_effect *effect)
{
    json_t *preset = json_object();
    json_object_set_new(preset, SETTING_EFFECT, json_string(effect->id));
    for (int i = 0; i < effect->param_count; i++) {
        const struct hipfx_key key = hipfx_settings_key(effect, effect->params[i].key);
        json_object_set_new(preset, key.text, value_of(settings, key.text, &effect->params[i]));
    }
    for (int i = 0; i < hipfx_region_param_count; i++) {
        const struct hipfx_param *param = &hipfx_region_params[i];
        if (obs_data_has_user_value(settings, param->key))
            json_object_set_new(preset, param->key, value_of(settings, param->key, param));
    }
    return preset;
}

/* A preset may take the place of another, but of nothing else. */
static bool may_be_written(const char *path, struct hipfx_why *why)
{
    struct hipfx_why ignored = {0};
    if (!os_file_exists(path))
        return true;
    json_t *there = read_file(path, &ignored);
    json_decref(there);
    return there || hipfx_fail(why, "there is a file of that name, which is no preset: choose "
                                    "another name");
}

static bool write_preset(obs_data_t *settings, const char *path, struct hipfx_why *why)
{
    const struct hipfx_effect *effect =
        hipfx_effect_find(obs_data_get_string(settings, SETTING_EFFECT));
    if (!effect)
        return hipfx_fail(why, "the effect is not known to this version");
    if (!may_be_written(path, why))
        return false;
    json_t *preset = collect(settings, effect);
    char *text = hipfx_preset_write(preset);
    const bool written =
        text && os_quick_write_utf8_file_safe(path, text, strlen(text), false, "tmp", NULL);
    if (!written)
        hipfx_fail(why, "the file cannot be written");
    free(text);
    json_decref(preset);
    return written;
}

static bool save_preset(obs_properties_t *props, obs_property_t *row, obs_data_t *settings)
{
    struct hipfx_why why = {0};
    struct dstr path = {0};
    char *order = take_order(settings, obs_property_name(row));
    if (!order)
        return false;
    dstr_copy(&path, order);
    if (!is_json(order))
        dstr_cat(&path, ".json");
    if (!write_preset(settings, path.array, &why))
        PLUGIN_LOG(LOG_WARNING, "%s was not saved: %s", path.array, why.text);
    show_note(props, obs_module_text("Preset.NotSaved"), &why);
    hipfx_presets_list(props, obs_data_get_string(settings, SETTING_EFFECT));
    dstr_free(&path);
    bfree(order);
    return true;
}

static void release_weak(void *weak)
{
    obs_weak_source_release(weak);
}

/* The folder that the dialogs open in; bfree() it. */
static char *dialog_folder(obs_source_t *source)
{
    if (!source)
        return NULL;
    obs_data_t *settings = obs_source_get_settings(source);
    const struct hipfx_effect *effect =
        hipfx_effect_find(obs_data_get_string(settings, SETTING_EFFECT));
    char *folder = effect ? own_folder(effect->id) : NULL;
    if (folder)
        os_mkdirs(folder);
    obs_data_release(settings);
    return folder;
}

void hipfx_presets_add(obs_properties_t *props, obs_source_t *source)
{
    char *folder = dialog_folder(source);
    const char *files = obs_module_text("Preset.Files");
    if (source)
        obs_properties_set_param(props, obs_source_get_weak_source(source), release_weak);
    obs_property_t *p = obs_properties_add_list(props, ORDER_CHOOSE, obs_module_text("Preset"),
                                                OBS_COMBO_TYPE_LIST, OBS_COMBO_FORMAT_STRING);
    obs_property_set_modified_callback(p, load_preset);
    p = obs_properties_add_path(props, ORDER_LOAD, obs_module_text("Preset.Load"), OBS_PATH_FILE,
                                files, folder);
    obs_property_set_modified_callback(p, load_preset);
    p = obs_properties_add_path(props, ORDER_SAVE, obs_module_text("Preset.Save"),
                                OBS_PATH_FILE_SAVE, files, folder);
    obs_property_set_long_description(p, obs_module_text("Preset.Save.Description"));
    obs_property_set_modified_callback(p, save_preset);
    p = obs_properties_add_text(props, ROW_NOTE, "", OBS_TEXT_INFO);
    obs_property_text_set_info_type(p, OBS_TEXT_INFO_WARNING);
    obs_property_text_set_info_word_wrap(p, true);
    obs_property_set_visible(p, false);
    bfree(folder);
}
