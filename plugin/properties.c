#include "plugin/plugin.h"

#include "hipfx_version.h"

#include <stdio.h>
#include <string.h>

/* Locale keys follow the table: an effect's is its id, a parameter's "effect.parameter", a choice's
 * "effect.parameter.choice". Where a parameter surprises, "effect.parameter.help" is what OBS shows
 * beside its "?". */
static void add_choices(obs_property_t *list, const struct hipfx_param *param, const char *key)
{
    for (int i = 0; param->choices[i]; i++) {
        char text[128];
        snprintf(text, sizeof(text), "%s.%s", key, param->choices[i]);
        obs_property_list_add_string(list, obs_module_text(text), param->choices[i]);
    }
}

/* "Text (*.cube *.png)", as OBS's file dialog takes it. */
static obs_property_t *add_path(obs_properties_t *props, const struct hipfx_param *param,
                                const char *key)
{
    char filter[256];
    size_t length = (size_t)snprintf(filter, sizeof(filter), "%s (", obs_module_text(key));
    for (int i = 0; param->choices[i] && length < sizeof(filter); i++)
        length += (size_t)snprintf(filter + length, sizeof(filter) - length, "%s%s", i ? " " : "",
                                   param->choices[i]);
    if (length < sizeof(filter))
        snprintf(filter + length, sizeof(filter) - length, ")");
    return obs_properties_add_path(props, key, obs_module_text(key), OBS_PATH_FILE, filter, NULL);
}

static void add_help(obs_property_t *p, const char *key)
{
    char help[128];
    const char *text = NULL;
    snprintf(help, sizeof(help), "%s.help", key);
    if (obs_module_get_string(help, &text))
        obs_property_set_long_description(p, text);
}

static void add_param(obs_properties_t *props, const struct hipfx_param *param, const char *key)
{
    const char *label = obs_module_text(key);
    obs_property_t *p = NULL;
    switch (param->type) {
    case HIPFX_PARAM_FLOAT:
        p = obs_properties_add_float_slider(props, key, label, param->min, param->max, param->step);
        if (param->unit)
            obs_property_float_set_suffix(p, param->unit);
        break;
    case HIPFX_PARAM_COLOR:
        p = obs_properties_add_color_alpha(props, key, label);
        break;
    case HIPFX_PARAM_CHOICE:
        p = obs_properties_add_list(props, key, label, OBS_COMBO_TYPE_LIST,
                                    OBS_COMBO_FORMAT_STRING);
        add_choices(p, param, key);
        break;
    case HIPFX_PARAM_BOOL:
        p = obs_properties_add_bool(props, key, label);
        break;
    case HIPFX_PARAM_FILE:
        p = add_path(props, param, key);
        break;
    case HIPFX_PARAM_NONE:
        break;
    }
    add_help(p, key);
}

/* A region that is the frame has no more to be told of it, and a source brings its own shape. */
static bool region_changed(obs_properties_t *props, obs_property_t *unused, obs_data_t *settings)
{
    static const char *const edges[] = {"region.feather_px", "region.invert"};
    static const char *const shapes[] = {"region.x", "region.y", "region.width", "region.height"};
    UNUSED_PARAMETER(unused);
    const char *form = obs_data_get_string(settings, SETTING_REGION);
    const bool region = strcmp(form, "frame") != 0, source = !strcmp(form, "source");
    for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++)
        obs_property_set_visible(obs_properties_get(props, edges[i]), region);
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
        obs_property_set_visible(obs_properties_get(props, shapes[i]), region && !source);
    obs_property_set_visible(obs_properties_get(props, SETTING_MASK), source);
    return true;
}

static bool add_source(void *list, obs_source_t *source)
{
    if (obs_source_get_output_flags(source) & OBS_SOURCE_VIDEO)
        obs_property_list_add_string(list, obs_source_get_name(source),
                                     obs_source_get_name(source));
    return true;
}

/* One that is not there yet can be typed. */
static void add_mask(obs_properties_t *props)
{
    obs_property_t *list =
        obs_properties_add_list(props, SETTING_MASK, obs_module_text("region.source.name"),
                                OBS_COMBO_TYPE_EDITABLE, OBS_COMBO_FORMAT_STRING);
    obs_property_set_long_description(list, obs_module_text("region.source.name.help"));
    obs_enum_sources(add_source, list);
    obs_enum_scenes(add_source, list);
}

static void add_region(obs_properties_t *props)
{
    for (int i = 0; i < hipfx_region_param_count; i++)
        add_param(props, &hipfx_region_params[i], hipfx_region_params[i].key);
    add_mask(props);
    obs_property_set_modified_callback(obs_properties_get(props, SETTING_REGION), region_changed);
}

/* Only the chosen effect's rows are shown. */
static bool effect_changed(obs_properties_t *props, obs_property_t *unused, obs_data_t *settings)
{
    UNUSED_PARAMETER(unused);
    const char *chosen = obs_data_get_string(settings, SETTING_EFFECT);
    for (int e = 0; e < hipfx_effect_count; e++) {
        const struct hipfx_effect *effect = hipfx_effects[e];
        const bool visible = !strcmp(effect->id, chosen);
        for (int i = 0; i < effect->param_count; i++) {
            const struct hipfx_key key = hipfx_settings_key(effect, effect->params[i].key);
            obs_property_set_visible(obs_properties_get(props, key.text), visible);
        }
    }
    hipfx_presets_list(props, chosen);
    return true;
}

static void add_status(obs_properties_t *props, struct hipfx_status *status)
{
    char line[1024];
    const bool warning = hipfx_report_line(status, line, sizeof(line));
    obs_property_t *p = obs_properties_add_text(props, "status", line, OBS_TEXT_INFO);
    obs_property_text_set_info_type(p, warning ? OBS_TEXT_INFO_WARNING : OBS_TEXT_INFO_NORMAL);
    obs_property_text_set_info_word_wrap(p, true);
}

obs_properties_t *hipfx_properties(obs_source_t *source, struct hipfx_status *status)
{
    obs_properties_t *props = obs_properties_create();
    obs_property_t *list = obs_properties_add_list(props, SETTING_EFFECT, obs_module_text("Effect"),
                                                   OBS_COMBO_TYPE_LIST, OBS_COMBO_FORMAT_STRING);
    hipfx_presets_add(props, source);
    for (int e = 0; e < hipfx_effect_count; e++) {
        const struct hipfx_effect *effect = hipfx_effects[e];
        obs_property_list_add_string(list, obs_module_text(effect->id), effect->id);
        for (int i = 0; i < effect->param_count; i++)
            add_param(props, &effect->params[i],
                      hipfx_settings_key(effect, effect->params[i].key).text);
    }
    obs_property_set_modified_callback(list, effect_changed);
    add_region(props);

    obs_property_t *mode = obs_properties_add_list(props, SETTING_MODE, obs_module_text("Mode"),
                                                   OBS_COMBO_TYPE_LIST, OBS_COMBO_FORMAT_STRING);
    obs_property_list_add_string(mode, obs_module_text("Mode.Exact"), "exact");
    obs_property_list_add_string(mode, obs_module_text("Mode.Smooth"), "smooth");
    obs_property_set_long_description(mode, obs_module_text("Mode.Description"));

    if (status)
        add_status(props, status);
    obs_properties_add_text(
        props, "plugin_info",
        "<a href=\"" HIPFX_WEBSITE "\">" HIPFX_DISPLAY_NAME "</a> " HIPFX_VERSION, OBS_TEXT_INFO);
    return props;
}
