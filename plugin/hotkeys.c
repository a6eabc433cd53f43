/* A pair of hotkeys that enable and disable the filter. They belong to the source that it is on, so
 * that OBS lists them with it and saves them with it. */
#include "plugin/plugin.h"

#include <stdio.h>
#include <string.h>
#include <util/dstr.h>

static bool set_enabled(obs_source_t *filter, bool enabled, bool pressed)
{
    if (!pressed || obs_source_enabled(filter) == enabled)
        return false;
    obs_source_set_enabled(filter, enabled);
    return true;
}

static bool enable(void *filter, obs_hotkey_pair_id id, obs_hotkey_t *key, bool pressed)
{
    UNUSED_PARAMETER(id);
    UNUSED_PARAMETER(key);
    return set_enabled(filter, true, pressed);
}

static bool disable(void *filter, obs_hotkey_pair_id id, obs_hotkey_t *key, bool pressed)
{
    UNUSED_PARAMETER(id);
    UNUSED_PARAMETER(key);
    return set_enabled(filter, false, pressed);
}

/* The text with the name where "%1" stands, as in OBS's own hotkeys; the caller frees it. */
static struct dstr named(const char *text, const char *name)
{
    struct dstr line = {0};
    dstr_copy(&line, text);
    dstr_replace(&line, "%1", name);
    return line;
}

static obs_hotkey_pair_id add_pair(obs_source_t *parent, obs_source_t *filter, const char *name)
{
    char enable_name[HIPFX_NAME_SIZE + 16], disable_name[HIPFX_NAME_SIZE + 16];
    struct dstr enable_text = named(obs_module_text("Hotkey.Enable"), name);
    struct dstr disable_text = named(obs_module_text("Hotkey.Disable"), name);
    snprintf(enable_name, sizeof(enable_name), "hipfx.enable.%s", name);
    snprintf(disable_name, sizeof(disable_name), "hipfx.disable.%s", name);
    const obs_hotkey_pair_id id =
        obs_hotkey_pair_register_source(parent, enable_name, enable_text.array, disable_name,
                                        disable_text.array, enable, disable, filter, filter);
    dstr_free(&enable_text);
    dstr_free(&disable_text);
    return id;
}

/* Whose hotkeys they are may have been destroyed, and they with it: then there is nothing left to
 * unregister, and libobs knows. */
void hipfx_hotkeys_destroy(struct hipfx_hotkeys *hotkeys)
{
    if (hotkeys->parent)
        obs_hotkey_pair_unregister(hotkeys->pair);
    *hotkeys = (struct hipfx_hotkeys){0};
}

void hipfx_hotkeys_follow(struct hipfx_hotkeys *hotkeys, obs_source_t *filter)
{
    obs_source_t *parent = obs_filter_get_parent(filter);
    const char *given = obs_source_get_name(filter);
    char name[sizeof(hotkeys->name)];
    snprintf(name, sizeof(name), "%s", given ? given : "");
    if (parent == hotkeys->parent && !strcmp(name, hotkeys->name))
        return;
    obs_data_array_t *enable_keys = NULL, *disable_keys = NULL; /* that the user has bound */
    if (parent && parent == hotkeys->parent)
        obs_hotkey_pair_save(hotkeys->pair, &enable_keys, &disable_keys);
    hipfx_hotkeys_destroy(hotkeys);
    if (parent) {
        hotkeys->parent = parent;
        snprintf(hotkeys->name, sizeof(hotkeys->name), "%s", name);
        hotkeys->pair = add_pair(parent, filter, name);
    }
    if (enable_keys || disable_keys)
        obs_hotkey_pair_load(hotkeys->pair, enable_keys, disable_keys);
    obs_data_array_release(enable_keys);
    obs_data_array_release(disable_keys);
}
