/* The plugin's filter as a program drives it: by settings, and by the procedures that it offers. */
#pragma once

#include "interop/why.h"

#include <jansson.h>
#include <obs/obs.h>
#include <stdbool.h>

#define HIPFX_FILTER_ID "hipfx_filter"

/* Adds a filter with these settings (a JSON object) after those that the source has. The caller
 * releases it. NULL with the reason: the plugin is not loaded. */
obs_source_t *hipfx_filter_add(obs_source_t *source, const char *settings, struct hipfx_why *why);

/* Removes the filter from its source and releases it; safe on NULL. */
void hipfx_filter_remove(obs_source_t **filter);

/* Fixes the filter's clock, in seconds; a negative time lets it run again. Any thread. */
void hipfx_filter_set_time(obs_source_t *filter, double seconds);

/* True while the filter has not found out yet whether it can run: frames pass through. False if it
 * does not answer. Any thread. */
bool hipfx_filter_is_starting(obs_source_t *filter);

/* What the filter says of itself: an object with "state" ("starting", "ready", "passthrough") and
 * the figures that are told in report.json. NULL if it does not answer. Any thread. */
json_t *hipfx_filter_report(obs_source_t *filter);
