#include "reference_lens.h"

#include <math.h>

static double value(const char *effect, const struct hipfx_values *values, const char *key)
{
    return values->v[hipfx_param_find(hipfx_effect_find(effect), key)];
}

static double half_diagonal(const struct picture *in)
{
    return hypot(in->width, in->height) / 2;
}

static struct light mixed(struct light a, struct light b, double t)
{
    for (int i = 0; i < 4; i++)
        a.v[i] = a.v[i] * (1 - t) + b.v[i] * t;
    return a;
}

struct light reference_vignette(const struct picture *in, const struct hipfx_values *values,
                                double time_s, int x, int y)
{
    (void)time_s;
#define OF(key) value("vignette", values, key)
    const double dx = x + 0.5 - OF("center_x") * in->width;
    const double dy = y + 0.5 - OF("center_y") * in->height;
    const double ellipse = hypot(dx / (in->width / 2.0), dy / (in->height / 2.0)) / sqrt(2);
    const double circle = hypot(dx, dy) / half_diagonal(in);
    const double round = OF("roundness");
    const double distance = sqrt((1 - round) * ellipse * ellipse + round * circle * circle);
    const double softness = fmax(OF("softness"), 1 / half_diagonal(in));
    double t = (distance - (OF("radius") - softness / 2)) / softness;
    t = fmin(fmax(t, 0), 1);
    t = t * t * (3 - 2 * t);

    const uint32_t color = (uint32_t)OF("color");
    const struct light from = picture_at(in, x, y);
    struct light to = {.v[3] = from.v[3]};
    for (int i = 0; i < 3; i++)
        to.v[i] = srgb_decode(color >> 8 * i & 255) * from.v[3];
    return mixed(from, to, t * OF("amount") * (color >> 24) / 255.0);
#undef OF
}

static struct light clamped(const struct picture *in, int x, int y)
{
    x = x < 0 ? 0 : x >= in->width ? in->width - 1 : x;
    y = y < 0 ? 0 : y >= in->height ? in->height - 1 : y;
    return picture_at(in, x, y);
}

/* At a place given in pixels, where pixel 0's centre is at 0. */
static struct light bilinear(const struct picture *in, double x, double y)
{
    const int left = (int)floor(x), top = (int)floor(y);
    return mixed(mixed(clamped(in, left, top), clamped(in, left + 1, top), x - left),
                 mixed(clamped(in, left, top + 1), clamped(in, left + 1, top + 1), x - left),
                 y - top);
}

struct light reference_chromatic_aberration(const struct picture *in,
                                            const struct hipfx_values *values, double time_s, int x,
                                            int y)
{
    (void)time_s;
#define OF(key) value("chromatic_aberration", values, key)
    const double angle = OF("angle_deg") * M_PI / 180;
    const double radial = OF("radial_px") / half_diagonal(in);
    const double dx =
        (x + 0.5 - OF("center_x") * in->width) * radial + OF("linear_px") * cos(angle);
    const double dy =
        (y + 0.5 - OF("center_y") * in->height) * radial + OF("linear_px") * sin(angle);
    const struct light red = bilinear(in, x - dx, y - dy), blue = bilinear(in, x + dx, y + dy);
    struct light out = picture_at(in, x, y);
    out.v[0] = red.v[0];
    out.v[2] = blue.v[2];
    out.v[3] = (red.v[3] + out.v[3] + blue.v[3]) / 3;
    return out;
#undef OF
}
