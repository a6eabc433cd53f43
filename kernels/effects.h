/* The rows of the effect table, one file each. */
#pragma once

#include "kernels/effect.h"

extern const struct hipfx_effect hipfx_effect_sine_wave;
extern const struct hipfx_effect hipfx_effect_color;
extern const struct hipfx_effect hipfx_effect_gaussian_blur;
