/* What the effects of a lens must give, in double, from their definitions; see reference.h. */
#pragma once

#include "kernels/effect.h"
#include "picture.h"

struct light reference_vignette(const struct picture *in, const struct hipfx_values *values,
                                double time_s, int x, int y);
struct light reference_chromatic_aberration(const struct picture *in,
                                            const struct hipfx_values *values, double time_s, int x,
                                            int y);
