/* Presets: an effect's settings as a JSON file,
 *
 *   {"version": 1, "effect": "color", "settings": {"color.exposure_ev": 0.5, "mix": 0.8}}
 *
 * What a preset does not name of its effect's parameters has its default. Where the effect works
 * and how much of it is mixed in stay as they are unless the preset says so. Knows nothing of OBS.
 */
#pragma once

#include "interop/why.h"

#include <jansson.h>
#include <stddef.h>

#define HIPFX_PRESET_VERSION  1
#define HIPFX_PRESET_SIZE_MAX ((size_t)1 << 20) /* bytes */

/* The settings that the text stands for: a new object with "effect" and all of its parameters; the
 * caller has the reference. NULL with the reason in one line: it is no preset, or not one of this
 * version. A number out of range is left to whoever reads the settings, who brings it in. */
json_t *hipfx_preset_read(const char *text, size_t size, struct hipfx_why *why);

/* The file's text for settings as hipfx_preset_read gives them, for free(). NULL: no memory. */
char *hipfx_preset_write(const json_t *settings);
