/* The effect table. */
#include "kernels/effects.h"

#include <math.h>
#include <string.h>

/* clang-format off */
const struct hipfx_effect *const hipfx_effects[] = {
    &hipfx_effect_sine_wave,
    &hipfx_effect_color,
    &hipfx_effect_gaussian_blur,
    &hipfx_effect_directional_blur,
    &hipfx_effect_zoom_blur,
    &hipfx_effect_bokeh,
    &hipfx_effect_tilt_shift,
    &hipfx_effect_pixelate,
    &hipfx_effect_denoise,
    &hipfx_effect_grade,
    &hipfx_effect_lut,
    &hipfx_effect_sharpen,
    &hipfx_effect_deband,
    &hipfx_effect_film_grain,
    &hipfx_effect_vignette,
    &hipfx_effect_chromatic_aberration,
    &hipfx_effect_dither,
};
/* clang-format on */
const int hipfx_effect_count = sizeof(hipfx_effects) / sizeof(hipfx_effects[0]);

const char *const hipfx_edge_choices[] = {"clamp", "mirror", "transparent", NULL};

const struct hipfx_effect *hipfx_effect_find(const char *id)
{
    for (int i = 0; i < hipfx_effect_count; i++) {
        if (strcmp(hipfx_effects[i]->id, id) == 0)
            return hipfx_effects[i];
    }
    return NULL;
}

int hipfx_param_find(const struct hipfx_effect *effect, const char *key)
{
    for (int i = 0; i < effect->param_count; i++) {
        if (strcmp(effect->params[i].key, key) == 0)
            return i;
    }
    return -1;
}

int hipfx_choice_find(const struct hipfx_param *param, const char *name)
{
    for (int i = 0; param->choices && param->choices[i]; i++) {
        if (strcmp(param->choices[i], name) == 0)
            return i;
    }
    return -1;
}

const struct hipfx_param *hipfx_file_param(const struct hipfx_effect *effect)
{
    for (int i = 0; i < effect->param_count; i++) {
        if (effect->params[i].type == HIPFX_PARAM_FILE)
            return &effect->params[i];
    }
    return NULL;
}

struct hipfx_values hipfx_values_default(const struct hipfx_effect *effect)
{
    struct hipfx_values values = {0};
    for (int i = 0; i < effect->param_count; i++)
        values.v[i] = effect->params[i].def;
    return values;
}

bool hipfx_param_is_angle(const struct hipfx_param *param)
{
    return param->unit && strcmp(param->unit, "°") == 0;
}

double hipfx_param_clamp(const struct hipfx_param *param, double value)
{
    if (isnan(value))
        return param->def;
    if (hipfx_param_is_angle(param) && fabs(value) > 180 && isfinite(value))
        value = remainder(value, 360);
    value = fmin(fmax(value, param->min), param->max);
    return param->type == HIPFX_PARAM_FLOAT ? value : floor(value);
}

struct hipfx_values hipfx_values_clamp(const struct hipfx_effect *effect,
                                       const struct hipfx_values *values)
{
    struct hipfx_values clamped = {.file = values->file};
    for (int i = 0; i < effect->param_count; i++)
        clamped.v[i] = hipfx_param_clamp(&effect->params[i], values->v[i]);
    return clamped;
}
