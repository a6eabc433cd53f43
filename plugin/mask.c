/* The source whose alpha is the mask of a region: found by its name, and found again when it comes
 * back. */
#include "plugin/plugin.h"

#include <stdio.h>
#include <string.h>

static bool is_there(const struct hipfx_mask *mask)
{
    obs_source_t *source = obs_weak_source_get_source(mask->source);
    const bool there = source && !obs_source_removed(source);
    obs_source_release(source);
    return there;
}

void hipfx_mask_destroy(struct hipfx_mask *mask)
{
    obs_source_t *source = obs_weak_source_get_source(mask->source);
    if (source)
        obs_source_dec_showing(source);
    obs_source_release(source);
    obs_weak_source_release(mask->source);
    *mask = (struct hipfx_mask){0};
}

/* Shown, so that it goes on playing though no scene has it. */
static void find(struct hipfx_mask *mask)
{
    obs_source_t *source = obs_get_source_by_name(mask->name);
    if (!source)
        return;
    obs_source_inc_showing(source);
    mask->source = obs_source_get_weak_source(source);
    obs_source_release(source);
}

bool hipfx_mask_follow(struct hipfx_mask *mask, const char *name)
{
    const bool had = mask->source;
    const bool same = !strcmp(mask->name, name);
    if (same && (had ? is_there(mask) : !name[0]))
        return false;
    hipfx_mask_destroy(mask);
    snprintf(mask->name, sizeof(mask->name), "%s", name);
    if (name[0])
        find(mask);
    return had || mask->source;
}

static void follow_name(void *filter, calldata_t *call)
{
    const char *before = calldata_string(call, "prev_name");
    const char *name = calldata_string(call, "new_name");
    obs_data_t *settings = obs_source_get_settings(filter);
    if (before && name && before[0] &&
        !strcmp(obs_data_get_string(settings, SETTING_MASK), before)) {
        obs_data_set_string(settings, SETTING_MASK, name);
        obs_source_update(filter, NULL);
        obs_source_update_properties(filter);
    }
    obs_data_release(settings);
}

void hipfx_mask_watch_names(obs_source_t *filter)
{
    signal_handler_connect(obs_get_signal_handler(), "source_rename", follow_name, filter);
}

void hipfx_mask_leave_names(obs_source_t *filter)
{
    signal_handler_disconnect(obs_get_signal_handler(), "source_rename", follow_name, filter);
}

struct search {
    obs_source_t *source;
    bool found;
};

static void look(obs_source_t *parent, obs_source_t *child, void *data)
{
    struct search *search = data;
    UNUSED_PARAMETER(parent);
    search->found = search->found || child == search->source;
}

bool hipfx_mask_shows(obs_source_t *mask, obs_source_t *source)
{
    struct search search = {.source = source, .found = mask == source};
    if (!search.found)
        obs_source_enum_active_tree(mask, look, &search);
    return search.found;
}
