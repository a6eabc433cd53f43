#include "tools/filter.h"

#include <string.h>

obs_source_t *hipfx_filter_add(obs_source_t *source, const char *settings, struct hipfx_why *why)
{
    /* For an id that nobody registered libobs makes a source that does nothing. */
    if (!obs_source_get_display_name(HIPFX_FILTER_ID)) {
        hipfx_fail(why, "the plugin has no filter %s", HIPFX_FILTER_ID);
        return NULL;
    }
    obs_data_t *data = obs_data_create_from_json(settings);
    obs_source_t *filter =
        data ? obs_source_create_private(HIPFX_FILTER_ID, "HIP Effects", data) : NULL;
    obs_data_release(data);
    if (!filter) {
        hipfx_fail(why, "the filter cannot be created");
        return NULL;
    }
    obs_source_filter_add(source, filter);
    /* The newest filter stands first in libobs's list, which is drawn last. */
    return filter;
}

void hipfx_filter_remove(obs_source_t **filter)
{
    if (!*filter)
        return;
    obs_source_t *parent = obs_filter_get_parent(*filter);
    if (parent)
        obs_source_filter_remove(parent, *filter);
    obs_source_release(*filter);
    *filter = NULL;
}

void hipfx_filter_set_time(obs_source_t *filter, double seconds)
{
    uint8_t stack[128];
    calldata_t data;
    calldata_init_fixed(&data, stack, sizeof(stack));
    calldata_set_float(&data, "seconds", seconds);
    proc_handler_call(obs_source_get_proc_handler(filter), "hipfx_set_time", &data);
}

json_t *hipfx_filter_report(obs_source_t *filter)
{
    calldata_t data;
    calldata_init(&data);
    json_t *report = NULL;
    if (proc_handler_call(obs_source_get_proc_handler(filter), "hipfx_report", &data)) {
        const char *text = calldata_string(&data, "json");
        report = text ? json_loads(text, 0, NULL) : NULL;
    }
    calldata_free(&data);
    return report;
}

bool hipfx_filter_is_starting(obs_source_t *filter)
{
    json_t *report = hipfx_filter_report(filter);
    const char *state = json_string_value(json_object_get(report, "state"));
    const bool starting = state && strcmp(state, "starting") == 0;
    json_decref(report);
    return starting;
}
