/* A pair of hotkeys that enable and disable the filter. They belong to the source that it is on, so
 * that OBS lists them with it and saves them with it. */
#include "plugin/plugin.h"

#include <stdio.h>
#include <string.h>

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

static obs_hotkey_pair_id add_pair(obs_source_t *parent, obs_source_t *filter, const char *name)
{
    char enable_name[160], disable_name[160], enable_text[256], disable_text[256];
    snprintf(enable_name, sizeof(enable_name), "hipfx.enable.%s", name);
    snprintf(disable_name, sizeof(disable_name), "hipfx.disable.%s", name);
    snprintf(enable_text, sizeof(enable_text), "%s '%s'", obs_module_text("Hotkey.Enable"), name);
    snprintf(disable_text, sizeof(disable_text), "%s '%s'", obs_module_text("Hotkey.Disable"),
             name);
    return obs_hotkey_pair_register_source(parent, enable_name, enable_text, disable_name,
                                           disable_text, enable, disable, filter, filter);
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
    hipfx_hotkeys_destroy(hotkeys);
    if (!parent)
        return;
    hotkeys->parent = parent;
    snprintf(hotkeys->name, sizeof(hotkeys->name), "%s", name);
    hotkeys->pair = add_pair(parent, filter, name);
}
