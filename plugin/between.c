/* Settings on the way from one filter's to another's. */
#include "plugin/plugin.h"

#include <math.h>

static double lerp(double a, double b, double t)
{
    return a + (b - a) * t;
}

static double color_between(double a, double b, double t)
{
    const uint32_t from = (uint32_t)a, to = (uint32_t)b;
    uint32_t color = 0;
    for (int shift = 0; shift < 32; shift += 8)
        color |= (uint32_t)lround(lerp(from >> shift & 255, to >> shift & 255, t)) << shift;
    return color;
}

static double value_between(const struct hipfx_param *param, double a, double b, double t)
{
    switch (param->type) {
    case HIPFX_PARAM_FLOAT:
        return lerp(a, b, t);
    case HIPFX_PARAM_COLOR:
        return color_between(a, b, t);
    default:
        return t < 0.5 ? a : b; /* there is nothing between two choices */
    }
}

/* The whole frame is a rectangle, too, where the other one is. */
static struct hipfx_region as_rectangle(const struct hipfx_region *region,
                                        const struct hipfx_region *other)
{
    struct hipfx_region r = *region;
    if (r.form != HIPFX_REGION_FRAME || other->form != HIPFX_REGION_RECTANGLE || other->invert)
        return r;
    r.form = HIPFX_REGION_RECTANGLE;
    r.x = r.y = 0;
    r.width = r.height = 1;
    r.feather_px = 0;
    r.invert = false;
    return r;
}

static struct hipfx_region region_between(const struct hipfx_region *from,
                                          const struct hipfx_region *to, double t)
{
    const struct hipfx_region a = as_rectangle(from, to), b = as_rectangle(to, from);
    /* The mask is `from`'s own. */
    const bool stay = b.form == HIPFX_REGION_SOURCE && a.form != HIPFX_REGION_SOURCE;
    struct hipfx_region region = t < 0.5 || stay ? a : b;
    region.mix = lerp(a.mix, b.mix, t);
    if (a.form != b.form)
        return region;
    region.x = lerp(a.x, b.x, t);
    region.y = lerp(a.y, b.y, t);
    region.width = lerp(a.width, b.width, t);
    region.height = lerp(a.height, b.height, t);
    region.feather_px = lerp(a.feather_px, b.feather_px, t);
    return region;
}

struct hipfx_settings hipfx_settings_between(const struct hipfx_settings *from,
                                             const struct hipfx_settings *to, double t)
{
    struct hipfx_settings settings = *from;
    if (!to || to->effect != from->effect || !from->effect) {
        settings.region.mix *= 1 - t;
        return settings;
    }
    for (int i = 0; i < from->effect->param_count; i++)
        settings.values.v[i] =
            value_between(&from->effect->params[i], from->values.v[i], to->values.v[i], t);
    settings.region = region_between(&from->region, &to->region, t);
    return settings;
}
