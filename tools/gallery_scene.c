#include "tools/gallery_scene.h"
#include "tools/light.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The picture's height is 1; x runs to the right and y up from its centre. In the room behind it
 * the table is the plane y = 0, and z runs away from the viewer. */
#define SAMPLES 3 /* per pixel and direction */
#define SPHERES 6
#define BULBS   11
#define HORIZON 0.1

#define NOISE_SIGMA 9 /* of 255 in sRGB */
#define BAND_STEP   3

struct vec {
    double x, y, z; /* or red, green, blue */
};

static struct vec vec(double x, double y, double z)
{
    return (struct vec){x, y, z};
}

static struct vec add(struct vec a, struct vec b)
{
    return vec(a.x + b.x, a.y + b.y, a.z + b.z);
}

static struct vec scale(struct vec a, double s)
{
    return vec(a.x * s, a.y * s, a.z * s);
}

static struct vec times(struct vec a, struct vec b)
{
    return vec(a.x * b.x, a.y * b.y, a.z * b.z);
}

static double dot(struct vec a, struct vec b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

static struct vec unit(struct vec a)
{
    return scale(a, 1 / sqrt(dot(a, a)));
}

static struct vec mix(struct vec a, struct vec b, double t)
{
    return add(scale(a, 1 - t), scale(b, t));
}

static double ramp(double low, double high, double x)
{
    const double t = fmin(fmax((x - low) / (high - low), 0), 1);
    return t * t * (3 - 2 * t);
}

static struct vec rgb(uint32_t code)
{
    return vec(hipfx_srgb_decode((code >> 16) / 255.0),
               hipfx_srgb_decode((code >> 8 & 255) / 255.0),
               hipfx_srgb_decode((code & 255) / 255.0));
}

/* splitmix64's last steps: S. Vigna, in the public domain. 0 to 1. */
static double chance(uint64_t seed)
{
    uint64_t z = seed * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (double)(z >> 11) * 0x1p-53;
}

static double chance_at(int64_t x, int64_t y, int what)
{
    return chance((uint64_t)(x * 73856093 ^ y * 19349663) + (uint64_t)what * 83492791);
}

/* Value noise. */
static double cloud(double x, double y, int what)
{
    const double fx = floor(x), fy = floor(y);
    const int64_t ix = (int64_t)fx, iy = (int64_t)fy;
    const double tx = ramp(0, 1, x - fx), ty = ramp(0, 1, y - fy);
    const double low = chance_at(ix, iy, what) * (1 - tx) + chance_at(ix + 1, iy, what) * tx;
    const double high =
        chance_at(ix, iy + 1, what) * (1 - tx) + chance_at(ix + 1, iy + 1, what) * tx;
    return low * (1 - ty) + high * ty;
}

static const struct sphere {
    double x, z, radius;
    uint32_t color;
    double gloss;
} spheres[SPHERES] = {
    {-1.30, 1.05, 0.46, 0xC8102E, 0.05}, {-0.42, 0.45, 0.34, 0xD9A282, 0.03},
    {0.16, 1.30, 0.52, 0x1B6FA8, 0.06},  {0.52, 0.22, 0.24, 0xF2C414, 0.04},
    {-0.86, 0.08, 0.19, 0x7A4E3A, 0.03}, {0.98, 0.62, 0.28, 0xE8E8E8, 0.85},
};

static const struct vec eye = {0, 1.15, -3.4};

static struct vec to_lamp(void)
{
    return unit(vec(-0.62, 0.70, -0.42));
}

/* The sky by the height of the look: 0 is the horizon. */
static struct vec sky(double height)
{
    static const struct {
        double at;
        uint32_t color;
    } stops[] = {
        {0, 0xFFB37A}, {0.10, 0xF0787A}, {0.24, 0x9A4A90}, {0.45, 0x3A3478}, {1, 0x0C1338}};
    const double h = fmax(height, 0);
    for (int i = 1; i < 5; i++) {
        if (h < stops[i].at)
            return mix(rgb(stops[i - 1].color), rgb(stops[i].color),
                       (h - stops[i - 1].at) / (stops[i].at - stops[i - 1].at));
    }
    return rgb(stops[4].color);
}

/* What shines onto the spheres: the sky, and a window of bright light beside the viewer. */
static struct vec surroundings(struct vec look)
{
    const struct vec lamp = to_lamp();
    const double across = look.x * lamp.z - look.z * lamp.x, up = look.y - lamp.y;
    if (dot(look, lamp) > 0.9 && fabs(across) < 0.16 && fabs(up) < 0.16 && fabs(across) > 0.012 &&
        fabs(up) > 0.012)
        return vec(9, 8.2, 7);
    return scale(sky(look.y * 0.8), 0.8);
}

/* The distance along the look, or 0. */
static double hit_sphere(const struct sphere *s, struct vec from, struct vec look)
{
    const struct vec away = add(from, vec(-s->x, -s->radius, -s->z));
    const double b = dot(away, look), c = dot(away, away) - s->radius * s->radius;
    const double d = b * b - c;
    return d > 0 && -b > sqrt(d) ? -b - sqrt(d) : 0;
}

/* How much of a soft lamp is seen: I. Quilez, "sphere soft shadow". */
static double lamp_seen(struct vec at, const struct sphere *skip)
{
    double seen = 1;
    for (int i = 0; i < SPHERES; i++) {
        const struct sphere *s = &spheres[i];
        const struct vec away = add(at, vec(-s->x, -s->radius, -s->z));
        const double b = dot(away, to_lamp()), c = dot(away, away) - s->radius * s->radius;
        if (s == skip || b > 0)
            continue;
        const double h = b * b - c;
        seen = fmin(seen, 1 - ramp(-0.35, 0.18, h / -b));
    }
    return seen;
}

/* What spheres leave of the light from all around. */
static double open_around(struct vec at, struct vec normal, const struct sphere *skip)
{
    double open = 1;
    for (int i = 0; i < SPHERES; i++) {
        const struct sphere *s = &spheres[i];
        const struct vec away = add(vec(s->x, s->radius, s->z), scale(at, -1));
        const double far = sqrt(dot(away, away));
        const double part = fmax(dot(normal, away) / far, 0) * s->radius * s->radius / (far * far);
        if (s != skip)
            open *= 1 - fmin(part, 0.95);
    }
    return open;
}

static struct vec lit(struct vec color, struct vec at, struct vec normal, const struct sphere *self)
{
    const double lamp = fmax(dot(normal, to_lamp()), 0) * lamp_seen(at, self);
    const double open = open_around(at, normal, self) * (0.6 + 0.4 * normal.y);
    const struct vec light =
        add(scale(vec(1, 0.92, 0.80), 1.05 * lamp), scale(vec(0.30, 0.27, 0.38), open));
    return times(color, light);
}

static struct vec table(struct vec at)
{
    /* Planks, along x, of wood with streaks. */
    const double plank = floor(at.z / 0.34), across = at.z / 0.34 - plank;
    const double shift = chance_at((int64_t)plank, 0, 1) * 40;
    const double streak = 0.6 * cloud((at.x + shift) * 2.2, at.z * 46, 2) +
                          0.4 * cloud((at.x + shift) * 7, at.z * 150, 3);
    struct vec color = mix(rgb(0x4E2E1A), rgb(0xA26A3C), streak);
    color = scale(color, 0.8 + 0.4 * chance_at((int64_t)plank, 1, 4));
    if (across < 0.03)
        color = scale(color, 0.25);
    return lit(color, at, vec(0, 1, 0), NULL);
}

static struct vec sphere_color(const struct sphere *s, struct vec at, struct vec look)
{
    const struct vec normal = scale(add(at, vec(-s->x, -s->radius, -s->z)), 1 / s->radius);
    const double facing = -dot(normal, look);
    const struct vec mirrored = add(look, scale(normal, 2 * facing));
    const double shine = s->gloss + (1 - s->gloss) * pow(1 - fmin(facing, 1), 5) * 0.6;
    const struct vec seen =
        mix(scale(rgb(0x7A4C2A), 0.6), surroundings(mirrored), ramp(-0.12, 0.12, mirrored.y));
    return add(scale(lit(rgb(s->color), at, normal, s), 1 - shine), scale(seen, shine));
}

/* Houses before the sky, with some windows lit. */
static struct vec skyline(double x, double y, struct vec behind)
{
    for (int row = 1; row >= 0; row--) {
        const double width = row ? 0.085 : 0.12;
        const double slot = floor(x / width + row * 0.37);
        const double height = (row ? 0.06 : 0.03) + 0.09 * chance_at((int64_t)slot, row, 5);
        if (y - HORIZON > height)
            continue;
        const double wx = (x / width + row * 0.37 - slot) * 7, wy = (y - HORIZON) / 0.0125;
        const bool window = wx > 0.5 && wx < 6.5 && wx - floor(wx) > 0.3 && wy - floor(wy) > 0.4;
        const bool on =
            chance_at((int64_t)slot * 31 + (int64_t)wx, (int64_t)floor(wy), 6 + row) > 0.8;
        behind = row ? rgb(0x2A2450) : rgb(0x17132E);
        if (window && on)
            behind = row ? vec(0.5, 0.3, 0.11) : vec(1.3, 0.72, 0.24);
    }
    return behind;
}

static struct vec room(double x, double y)
{
    const struct vec look = unit(vec(x * 1.25, y * 1.25 - 0.19, 1.9));
    double nearest = 1e9;
    const struct sphere *hit = NULL;
    for (int i = 0; i < SPHERES; i++) {
        const double t = hit_sphere(&spheres[i], eye, look);
        if (t > 0 && t < nearest) {
            nearest = t;
            hit = &spheres[i];
        }
    }
    if (hit)
        return sphere_color(hit, add(eye, scale(look, nearest)), look);
    if (look.y < 0) {
        const struct vec at = add(eye, scale(look, -eye.y / look.y));
        if (at.z < 3.4)
            return mix(table(at), sky(0.02), 0.12 * ramp(0.5, 3.4, at.z));
    }
    return skyline(x, y, sky(y - HORIZON));
}

/* Small lamps on a line, each with a halo. */
static struct vec bulbs(double x, double y, struct vec behind)
{
    static const uint32_t colors[] = {0xFFB040, 0xFF4A30, 0xFFD050, 0x40B8FF, 0xFF60B0};
    const double line = 0.33 + 0.11 * (x * x) - 0.03 * x;
    if (fabs(y - line) < 0.0016)
        behind = vec(0.01, 0.01, 0.015);
    for (int i = 0; i < BULBS; i++) {
        const double bx = (i - (BULBS - 1) / 2.0) * 0.158 + 0.02 * sin(i * 2.4);
        const double by = 0.33 + 0.11 * (bx * bx) - 0.03 * bx - 0.016;
        const double far = hypot(x - bx, y - by);
        const struct vec color = rgb(colors[i % 5]);
        behind = add(behind, scale(color, 0.35 * exp(-far / 0.016)));
        behind =
            mix(behind, add(scale(color, 6), vec(0.4, 0.4, 0.4)), 1 - ramp(0.0085, 0.0105, far));
    }
    return behind;
}

/* Five columns of seven dots, the top one in the lowest bit. */
static const struct {
    char letter;
    uint8_t columns[5];
} letters[] = {
    {'H', {0x7F, 0x08, 0x08, 0x08, 0x7F}}, {'I', {0x00, 0x41, 0x7F, 0x41, 0x00}},
    {'P', {0x7F, 0x09, 0x09, 0x09, 0x06}}, {'E', {0x7F, 0x49, 0x49, 0x49, 0x41}},
    {'F', {0x7F, 0x09, 0x09, 0x09, 0x01}}, {'C', {0x3E, 0x41, 0x41, 0x41, 0x22}},
    {'T', {0x01, 0x01, 0x7F, 0x01, 0x01}}, {'S', {0x46, 0x49, 0x49, 0x49, 0x31}},
    {'O', {0x3E, 0x41, 0x41, 0x41, 0x3E}}, {'B', {0x7F, 0x49, 0x49, 0x49, 0x36}},
    {'R', {0x7F, 0x09, 0x19, 0x29, 0x46}}, {'W', {0x3F, 0x40, 0x38, 0x40, 0x3F}},
};

/* Whether a dot of the line of text is at the place, in dots from its upper left corner. */
static bool is_print(const char *text, double x, double y)
{
    const int at = (int)floor(x / 6), column = (int)floor(x) - 6 * at;
    if (y < 0 || y >= 7 || at < 0 || at >= (int)strlen(text) || column > 4)
        return false;
    for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
        if (letters[i].letter == text[at])
            return letters[i].columns[column] >> (int)y & 1;
    }
    return false;
}

/* The 24 patches of a colour chart, the first two of them skin; below it, print and a star of
 * lines. */
static struct vec card(double x, double y, struct vec behind)
{
    static const uint32_t patches[24] = {
        0x735244, 0xC29682, 0x627A9D, 0x576C43, 0x8580B1, 0x67BDAA, 0xD67E2C, 0x505BA6,
        0xC15A63, 0x5E3C6C, 0x9DBC40, 0xE0A32E, 0x383D96, 0x469449, 0xAF363C, 0xE7C71F,
        0xBB5695, 0x0885A1, 0xF3F3F2, 0xC8C8C8, 0xA0A0A0, 0x7A7A79, 0x555555, 0x343434};
    const double left = 0.47, top = 0.14, width = 0.33, height = 0.44;
    const double u = (x - left) / width, v = (top - y) / width;
    if (x < left || y > top || u > 1 || v > height / width)
        return behind;
    struct vec color = rgb(0xEDE8DC);
    const double px = (u - 0.04) / 0.92 * 6, py = (v - 0.04) / 0.92 * 6;
    if (px >= 0 && px < 6 && py >= 0 && py < 4 && fabs(px - floor(px) - 0.5) < 0.44 &&
        fabs(py - floor(py) - 0.5) < 0.44)
        color = rgb(patches[(int)py * 6 + (int)px]);
    const bool print = is_print("HIP EFFECTS", (u - 0.05) * 118, (v - 0.74) * 118) ||
                       is_print("FOR OBS", (u - 0.05) * 118, (v - 0.83) * 118) ||
                       is_print("THE EFFECTS OF THE CHIP", (u - 0.05) * 236, (v - 0.94) * 236) ||
                       is_print("THE FEW BITS OF CHIPS", (u - 0.05) * 236, (v - 0.99) * 236);
    const double sx = u - 0.80, sy = v - 1.14, far = hypot(sx, sy);
    const bool star = far < 0.145 && far > 0.012 && sin(32 * atan2(sy, sx)) > 0;
    if (print || star)
        color = rgb(0x201C1A);
    return scale(color, 0.62);
}

/* Inside of a frame with round corners; 0 to 1 over about a pixel. */
static double frame_alpha(double x, double y, double aspect, double pixel)
{
    const double radius = 0.07, margin = 0.025;
    const double dx = fmax(fabs(x) - (aspect / 2 - margin - radius), 0);
    const double dy = fmax(fabs(y) - (0.5 - margin - radius), 0);
    return fmin(fmax((radius - hypot(dx, dy)) / pixel + 0.5, 0), 1);
}

/* The mean light of a pixel whose upper left corner is given. */
static struct vec pixel_light(double left, double top, double pixel)
{
    struct vec sum = {0};
    for (int row = 0; row < SAMPLES; row++) {
        for (int column = 0; column < SAMPLES; column++) {
            const double x = left + (column + 0.5) / SAMPLES * pixel;
            const double y = top - (row + 0.5) / SAMPLES * pixel;
            sum = add(sum, card(x, y, bulbs(x, y, room(x, y))));
        }
    }
    return scale(sum, 1.0 / (SAMPLES * SAMPLES));
}

float *gallery_scene_create(uint32_t width, uint32_t height)
{
    float *scene = malloc((size_t)width * height * 4 * sizeof(float));
    float *out = scene;
    const double pixel = 1.0 / height, aspect = width * pixel;
    for (uint32_t row = 0; scene && row < height; row++) {
        for (uint32_t column = 0; column < width; column++, out += 4) {
            const double left = column * pixel - aspect / 2, top = 0.5 - row * pixel;
            const double alpha = frame_alpha(left + pixel / 2, top - pixel / 2, aspect, pixel);
            const struct vec light = scale(pixel_light(left, top, pixel), alpha);
            out[0] = (float)light.x;
            out[1] = (float)light.y;
            out[2] = (float)light.z;
            out[3] = (float)alpha;
        }
    }
    return scene;
}

/* Normal, with the deviation of 1: Box and Muller. */
static double normal_chance(uint64_t seed)
{
    return sqrt(-2 * log(1 - chance(2 * seed))) * cos(6.283185307179586 * chance(2 * seed + 1));
}

static double spoil(double light, enum gallery_flaw flaw, uint64_t seed)
{
    /* Brighter than white a camera has nothing to spoil. */
    if (light > 1)
        return light;
    const double code = 255 * hipfx_srgb_encode(light);
    if (flaw == GALLERY_NOISY)
        return hipfx_srgb_decode(fmax(code + NOISE_SIGMA * normal_chance(seed), 0) / 255);
    return hipfx_srgb_decode(round(code / BAND_STEP) * BAND_STEP / 255);
}

void gallery_scene_spoil(float *out, const float *scene, uint32_t width, uint32_t height,
                         enum gallery_flaw flaw, int frame)
{
    const size_t count = (size_t)width * height;
    memcpy(out, scene, count * 4 * sizeof(float));
    for (size_t i = 0; i < count && flaw != GALLERY_SOUND; i++) {
        const double alpha = (double)out[4 * i + 3];
        for (size_t c = 0; c < 3 && alpha > 0; c++) {
            const uint64_t seed = ((uint64_t)frame * count + i) * 3 + c;
            out[4 * i + c] = (float)(alpha * spoil((double)out[4 * i + c] / alpha, flaw, seed));
        }
    }
}
