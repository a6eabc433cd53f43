#include "reference.h"

#include <math.h>

static double contrasted(double v, double contrast)
{
    /* Not 0^0, which is 1: black stays black with any contrast. */
    double power = v != 0 ? 0.18 * pow(fabs(v) / 0.18, contrast) : 0;
    return v < 0 ? -power : power;
}

struct light reference_color(struct light in, int format, double exposure_ev, double contrast,
                             double saturation)
{
    double alpha = in.v[3], v[3];
    if (!(alpha > 0))
        return in;
    for (int i = 0; i < 3; i++)
        v[i] = contrasted(in.v[i] / alpha * pow(2, exposure_ev), contrast);
    double luminance = 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2];
    for (int i = 0; i < 3; i++) {
        v[i] = luminance + saturation * (v[i] - luminance);
        if (format == HIPFX_PIXEL_RGBA8_SRGB)
            v[i] = fmin(fmax(v[i], 0), 1);
        in.v[i] = v[i] * alpha;
    }
    return in;
}

static double turns(const struct picture *in, const struct wave *wave, double x)
{
    return wave->cycles * x / in->width + fmod(wave->speed * wave->time_s, 1) +
           wave->phase / (2 * M_PI);
}

static double curve(const struct picture *in, const struct wave *wave, double x)
{
    return in->height * (0.5 + wave->offset) +
           wave->amplitude * in->height * sin(2 * M_PI * turns(in, wave, x));
}

double reference_wave_height(const struct picture *in, const struct wave *wave, int x)
{
    return curve(in, wave, x + 0.5);
}

static double segment_distance(double px, double py, double ax, double ay, double bx, double by)
{
    double dx = bx - ax, dy = by - ay;
    double t = ((px - ax) * dx + (py - ay) * dy) / (dx * dx + dy * dy);
    t = fmin(fmax(t, 0), 1);
    return hypot(ax + t * dx - px, ay + t * dy - py);
}

static double squared_distance(const struct picture *in, const struct wave *wave, double px,
                               double py, double x)
{
    double dx = x - px, dy = curve(in, wave, x) - py;
    return dx * dx + dy * dy;
}

/* The least distance from the curve between two places that have one minimum between them. */
static double least_distance(const struct picture *in, const struct wave *wave, double px,
                             double py, double from, double to)
{
    for (int i = 0; i < 60; i++) {
        double a = from + (to - from) / 3, b = to - (to - from) / 3;
        if (squared_distance(in, wave, px, py, a) < squared_distance(in, wave, px, py, b))
            to = b;
        else
            from = a;
    }
    return sqrt(squared_distance(in, wave, px, py, (from + to) / 2));
}

/* Walks along the curve in small steps, looks for the nearest of the chords and then closer around
 * it. Where the curve is further than `reach` above or below the point, it goes as far as the
 * steepest slope lets it not come back. What is further than `reach` may come out as any larger
 * number. */
static double distance(const struct picture *in, const struct wave *wave, double px, double py,
                       double reach)
{
    const double amplitude = wave->amplitude * in->height;
    const double steepest = amplitude * 2 * M_PI * wave->cycles / in->width;
    const double bend = steepest * 2 * M_PI * wave->cycles / in->width;
    const double arc = fmin(fmax(reach / 100, 0.02), 0.05 / sqrt(bend + 1e-4));
    double best = 1e9, best_from = 0, best_to = 0;
    double x = px - reach, y = curve(in, wave, x);
    while (x < px + reach) {
        double far = fabs(y - py) - reach - 2 * arc;
        double slope = steepest * cos(2 * M_PI * turns(in, wave, x));
        double step = arc / sqrt(1 + slope * slope);
        if (far > 0)
            step = fmax(step, far / (steepest + 1e-9));
        double next = fmin(x + step, px + reach), next_y = curve(in, wave, next);
        double d = far <= 0 ? segment_distance(px, py, x, y, next, next_y) : 1e9;
        if (d < best) {
            best = d;
            best_from = x - (next - x);
            best_to = next + (next - x);
        }
        x = next;
        y = next_y;
    }
    return best < 1e9 ? least_distance(in, wave, px, py, best_from, best_to) : best;
}

static double clamp01(double v)
{
    return fmin(fmax(v, 0), 1);
}

static double coverage(const struct picture *in, const struct wave *wave, int x, int y)
{
    double half = wave->style == WAVE_LINE ? wave->thickness_px / 2 : 0;
    double d = distance(in, wave, x + 0.5, y + 0.5, half + 0.6);
    if (wave->style == WAVE_FILL)
        return clamp01((y + 0.5 > curve(in, wave, x + 0.5) ? d : -d) + 0.5);
    /* The part of a pixel-wide window across the line that the line covers. */
    return fmax(fmin(d + 0.5, half) - fmax(d - 0.5, -half), 0);
}

static struct light warped(const struct picture *in, const struct wave *wave, int x, int y)
{
    double from = y - (curve(in, wave, x + 0.5) - in->height / 2.0);
    from = fmin(fmax(from, 0), in->height - 1);
    int row = (int)floor(from);
    int next = row + 1 < in->height ? row + 1 : row;
    struct light a = picture_at(in, x, row), b = picture_at(in, x, next);
    struct light out = picture_at(in, x, y);
    for (int i = 0; i < 4; i++) {
        double moved = a.v[i] * (row + 1 - from) + b.v[i] * (from - row);
        out.v[i] = out.v[i] * (1 - wave->opacity) + moved * wave->opacity;
    }
    return out;
}

struct light reference_wave(const struct picture *in, const struct wave *wave, int x, int y)
{
    if (wave->style == WAVE_WARP)
        return warped(in, wave, x, y);
    double alpha = (wave->color >> 24) / 255.0 * wave->opacity * coverage(in, wave, x, y);
    struct light out = picture_at(in, x, y);
    for (int i = 0; i < 3; i++)
        out.v[i] = out.v[i] * (1 - alpha) + srgb_decode(wave->color >> 8 * i & 255) * alpha;
    out.v[3] = out.v[3] * (1 - alpha) + alpha;
    return out;
}
