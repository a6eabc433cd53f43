/* The rows of the panel that every effect has: where it works, and how much. */
#include "kernels/effect.h"

#include <string.h>

enum { MIX, FORM, X, Y, WIDTH, HEIGHT, FEATHER_PX, INVERT, PARAM_COUNT };

static const char *const forms[] = {
    [HIPFX_REGION_FRAME] = "frame",     [HIPFX_REGION_RECTANGLE] = "rectangle",
    [HIPFX_REGION_ELLIPSE] = "ellipse", [HIPFX_REGION_SOURCE] = "source",
    [HIPFX_REGION_FORMS] = NULL,
};

const struct hipfx_param hipfx_region_params[] = {
    [MIX] = {"mix", HIPFX_PARAM_FLOAT, 0, 1, 0.01, 1, NULL, NULL},
    [FORM] = {"region", HIPFX_PARAM_CHOICE, 0, HIPFX_REGION_FORMS - 1, 1, HIPFX_REGION_FRAME, NULL,
              forms},
    [X] = {"region.x", HIPFX_PARAM_FLOAT, -1, 1, 0.001, 0.25, NULL, NULL},
    [Y] = {"region.y", HIPFX_PARAM_FLOAT, -1, 1, 0.001, 0.25, NULL, NULL},
    [WIDTH] = {"region.width", HIPFX_PARAM_FLOAT, 0, 1, 0.001, 0.5, NULL, NULL},
    [HEIGHT] = {"region.height", HIPFX_PARAM_FLOAT, 0, 1, 0.001, 0.5, NULL, NULL},
    [FEATHER_PX] = {"region.feather_px", HIPFX_PARAM_FLOAT, 0, HIPFX_REGION_FEATHER_MAX_PX, 1, 16,
                    " px", NULL},
    [INVERT] = {"region.invert", HIPFX_PARAM_BOOL, 0, 1, 1, 0, NULL, NULL},
};
const int hipfx_region_param_count = PARAM_COUNT;

struct hipfx_region hipfx_region_from(const struct hipfx_values *values)
{
    const double *v = values->v;
    return (struct hipfx_region){
        .form = (enum hipfx_region_form)(int)v[FORM],
        .x = v[X],
        .y = v[Y],
        .width = v[WIDTH],
        .height = v[HEIGHT],
        .feather_px = v[FEATHER_PX],
        .invert = v[INVERT] != 0,
        .mix = v[MIX],
    };
}

const struct hipfx_param *hipfx_region_param_find(const char *key)
{
    for (int i = 0; i < PARAM_COUNT; i++) {
        if (strcmp(hipfx_region_params[i].key, key) == 0)
            return &hipfx_region_params[i];
    }
    return NULL;
}
