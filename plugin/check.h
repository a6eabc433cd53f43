/* Checks a filter's settings, given as JSON, against the effect table. */
#pragma once

#include "interop/why.h"
#include "kernels/effect.h"

#include <jansson.h>

/* Returns the effect that the settings choose, or NULL with the reason in one line: not JSON, not
 * an object, an unknown effect or parameter, a value of the wrong type. A number out of range is
 * allowed, since the filter clamps it: `clamped` then names it, otherwise it is left empty. Without
 * the key "effect" it is the table's first. */
const struct hipfx_effect *hipfx_settings_check(const char *json, struct hipfx_why *clamped,
                                                struct hipfx_why *why);
const struct hipfx_effect *hipfx_settings_check_object(json_t *root, struct hipfx_why *clamped,
                                                       struct hipfx_why *why);
