/* An effect in its region, mixed with what it was made of. */
#pragma once

#include "kernels/effect.h"

/* As effect->apply, for all of `out`: what the region does not reach is a copy of `in`, and the
 * effect does not run there. The run's area is not looked at. */
bool hipfx_effect_apply(const struct hipfx_run *run, const struct hipfx_effect *effect,
                        const struct hipfx_values *values, const struct hipfx_region *region,
                        const struct hipfx_frame *in, const struct hipfx_frame *out);
