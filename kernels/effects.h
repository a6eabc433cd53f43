/* The rows of the effect table, one file each. */
#pragma once

#include "kernels/effect.h"

extern const struct hipfx_effect hipfx_effect_sine_wave;
extern const struct hipfx_effect hipfx_effect_color;
extern const struct hipfx_effect hipfx_effect_gaussian_blur;
extern const struct hipfx_effect hipfx_effect_directional_blur;
extern const struct hipfx_effect hipfx_effect_zoom_blur;
extern const struct hipfx_effect hipfx_effect_bokeh;
extern const struct hipfx_effect hipfx_effect_tilt_shift;
extern const struct hipfx_effect hipfx_effect_pixelate;
extern const struct hipfx_effect hipfx_effect_grade;
extern const struct hipfx_effect hipfx_effect_lut;
extern const struct hipfx_effect hipfx_effect_sharpen;
extern const struct hipfx_effect hipfx_effect_deband;
extern const struct hipfx_effect hipfx_effect_film_grain;
extern const struct hipfx_effect hipfx_effect_vignette;
extern const struct hipfx_effect hipfx_effect_chromatic_aberration;
extern const struct hipfx_effect hipfx_effect_dither;

/* The values of a choice of enum hipfx_edge. */
extern const char *const hipfx_edge_choices[];

/* Every value in its parameter's range, whatever the caller was given by a user. */
struct hipfx_values hipfx_values_clamp(const struct hipfx_effect *effect,
                                       const struct hipfx_values *values);
