/* The grade effect against its reference: the definition in grade.hip, in double, without tables.
 */
#include "check.h"
#include "kernels/white.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define POINTS 5

struct grade {
    double exposure_ev, temperature_k, tint, contrast, pivot;
    double lift[4], gamma[4], gain[4]; /* all channels, red, green, blue */
    double saturation, vibrance;
    double curves[4][POINTS];
};

static const struct grade neutral = {
    .temperature_k = 6500,
    .contrast = 1,
    .pivot = 0.18,
    .gamma = {1, 1, 1, 1},
    .gain = {1, 1, 1, 1},
    .saturation = 1,
    .curves = {{0, 0.25, 0.5, 0.75, 1},
               {0, 0.25, 0.5, 0.75, 1},
               {0, 0.25, 0.5, 0.75, 1},
               {0, 0.25, 0.5, 0.75, 1}},
};

static void set_four(struct hipfx_values *values, const char *key, const double four[4])
{
    static const char *const channels[] = {"", "_red", "_green", "_blue"};
    for (int i = 0; i < 4; i++) {
        char name[32];
        snprintf(name, sizeof(name), "%s%s", key, channels[i]);
        fixture_set("grade", values, name, four[i]);
    }
}

static struct hipfx_values values_of(const struct grade *g)
{
    static const char *const curves[] = {"curve", "red", "green", "blue"};
    struct hipfx_values values = hipfx_values_default(hipfx_effect_find("grade"));
    fixture_set("grade", &values, "exposure_ev", g->exposure_ev);
    fixture_set("grade", &values, "temperature_k", g->temperature_k);
    fixture_set("grade", &values, "tint", g->tint);
    fixture_set("grade", &values, "contrast", g->contrast);
    fixture_set("grade", &values, "pivot", g->pivot);
    fixture_set("grade", &values, "saturation", g->saturation);
    fixture_set("grade", &values, "vibrance", g->vibrance);
    set_four(&values, "lift", g->lift);
    set_four(&values, "gamma", g->gamma);
    set_four(&values, "gain", g->gain);
    for (int i = 0; i < 4; i++) {
        for (int p = 0; p < POINTS; p++) {
            char key[32];
            snprintf(key, sizeof(key), "%s_%d", curves[i], 25 * p);
            fixture_set("grade", &values, key, g->curves[i][p]);
        }
    }
    return values;
}

static double encoded(double light)
{
    double v = fabs(light);
    return copysign(v <= 0.0031308 ? 12.92 * v : 1.055 * pow(v, 1 / 2.4) - 0.055, light);
}

static double decoded(double code)
{
    double v = fabs(code);
    return copysign(v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4), code);
}

/* The slopes at the points, by Fritsch and Carlson's steps. */
static void slopes_of(const double y[POINTS], double slope[POINTS])
{
    double chord[POINTS - 1];
    for (int i = 0; i < POINTS - 1; i++)
        chord[i] = (y[i + 1] - y[i]) / 0.25;
    slope[0] = chord[0];
    slope[POINTS - 1] = chord[POINTS - 2];
    for (int i = 1; i < POINTS - 1; i++)
        slope[i] = chord[i - 1] * chord[i] <= 0 ? 0 : 0.5 * (chord[i - 1] + chord[i]);
    for (int i = 0; i < POINTS - 1; i++) {
        if (chord[i] == 0) {
            slope[i] = slope[i + 1] = 0;
            continue;
        }
        const double alpha = slope[i] / chord[i], beta = slope[i + 1] / chord[i];
        if (alpha * alpha + beta * beta > 9) {
            const double tau = 3 / sqrt(alpha * alpha + beta * beta);
            slope[i] = tau * alpha * chord[i];
            slope[i + 1] = tau * beta * chord[i];
        }
    }
}

static double curved(const double y[POINTS], double x)
{
    double slope[POINTS];
    slopes_of(y, slope);
    if (x < 0)
        return y[0] + slope[0] * x;
    if (x > 1)
        return y[POINTS - 1] + slope[POINTS - 1] * (x - 1);
    const int i = (int)fmin(floor(x * 4), POINTS - 2);
    const double t = x * 4 - i, s = 1 - t;
    /* Hermite's basis. */
    return (1 + 2 * t) * s * s * y[i] + t * s * s * 0.25 * slope[i] +
           t * t * (3 - 2 * t) * y[i + 1] - t * t * s * 0.25 * slope[i + 1];
}

static double tone_above(const struct grade *g, int channel, double light)
{
    const double lift = g->lift[0] + g->lift[channel + 1];
    const double gain = g->gain[0] * g->gain[channel + 1];
    const double gamma = g->gamma[0] * g->gamma[channel + 1];
    /* Not 0^0, which is 1: black stays black with any contrast. */
    double e = encoded(light > 0 ? g->pivot * pow(light / g->pivot, g->contrast) : 0);
    e = (e * (1 - lift) + lift) * gain;
    e = copysign(pow(fabs(e), 1 / gamma), e);
    return decoded(curved(g->curves[channel + 1], curved(g->curves[0], e)));
}

static double tone(const struct grade *g, int channel, double light)
{
    const double last = 64, size = fmin(fabs(light), last);
    double out = tone_above(g, channel, size);
    if (fabs(light) > last)
        out += (fabs(light) - last) * (out - tone_above(g, channel, 56)) / 8;
    return light < 0 ? 2 * tone_above(g, channel, 0) - out : out;
}

/* What lies between the table's steps may be off by a part of what the function bends there, and
 * below the first of them by what it bends below. */
static double tone_slack(const struct grade *g, int channel, double light)
{
    const double x = fmin(fabs(light), 64), h = 1.0 / 64, first = ldexp(1, -18);
    const double at = tone_above(g, channel, x), beyond = fmax(fabs(light) / 64, 1);
    if (x < first)
        return fabs(tone_above(g, channel, first) - tone_above(g, channel, 0));
    const double lower = tone_above(g, channel, x * (1 - h));
    const double higher = tone_above(g, channel, x * (1 + h));
    const double bend = fabs(lower + higher - 2 * at);
    const double slope = fabs(higher - lower) / (2 * h);
    /* The errors at 56 and 64 go on with their straight line, 8 times at 128. */
    return (0.2 * bend + 4e-6 * slope + 2e-5 * fabs(at) + 1e-7) * (1 + 16 * (beyond - 1));
}

/* Of primaries and a white given as x, y. */
static void invert(double m[3][3], double out[3][3])
{
    double rows[3][6];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 6; j++)
            rows[i][j] = j < 3 ? m[i][j] : j - 3 == i;
    for (int i = 0; i < 3; i++) {
        const double pivot = rows[i][i];
        for (int j = 0; j < 6; j++)
            rows[i][j] /= pivot;
        for (int k = 0; k < 3; k++) {
            const double factor = rows[k][i];
            for (int j = 0; k != i && j < 6; j++)
                rows[k][j] -= factor * rows[i][j];
        }
    }
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            out[i][j] = rows[i][j + 3];
}

static void xyz_of_rgb(double out[3][3])
{
    /* BT.709: red, green, blue, white. */
    static const double xy[4][2] = {{0.64, 0.33}, {0.3, 0.6}, {0.15, 0.06}, {0.3127, 0.329}};
    double primaries[3][3], inverse[3][3];
    for (int c = 0; c < 3; c++) {
        primaries[0][c] = xy[c][0] / xy[c][1];
        primaries[1][c] = 1;
        primaries[2][c] = (1 - xy[c][0] - xy[c][1]) / xy[c][1];
    }
    invert(primaries, inverse);
    const double white[3] = {xy[3][0] / xy[3][1], 1, (1 - xy[3][0] - xy[3][1]) / xy[3][1]};
    for (int c = 0; c < 3; c++) {
        double amount = 0;
        for (int k = 0; k < 3; k++)
            amount += inverse[c][k] * white[k];
        for (int k = 0; k < 3; k++)
            out[k][c] = primaries[k][c] * amount;
    }
}

/* A black body's light as linear RGB, from Planck's law and the CIE 1931 observer as C. Wyman,
 * P.-P. Sloan and P. Shirley approximate it ("Simple Analytic Approximations to the CIE XYZ Color
 * Matching Functions", Journal of Computer Graphics Techniques 2(2), 2013). */
static double lobe(double x, double height, double middle, double left, double right)
{
    const double t = (x - middle) * (x < middle ? left : right);
    return height * exp(-0.5 * t * t);
}

static void black_body(double temperature_k, double rgb[3])
{
    double xyz[3] = {0}, matrix[3][3], inverse[3][3];
    for (int nm = 360; nm <= 830; nm++) {
        const double light = pow(nm, -5) / (exp(1.4387769e7 / (nm * temperature_k)) - 1) * 1e15;
        xyz[0] += light * (lobe(nm, 1.056, 599.8, 1 / 37.9, 1 / 31.0) +
                           lobe(nm, 0.362, 442.0, 1 / 16.0, 1 / 26.7) +
                           lobe(nm, -0.065, 501.1, 1 / 20.4, 1 / 26.2));
        xyz[1] += light * (lobe(nm, 0.821, 568.8, 1 / 46.9, 1 / 40.5) +
                           lobe(nm, 0.286, 530.9, 1 / 16.3, 1 / 31.1));
        xyz[2] += light * (lobe(nm, 1.217, 437.0, 1 / 11.8, 1 / 36.0) +
                           lobe(nm, 0.681, 459.0, 1 / 26.0, 1 / 13.8));
    }
    xyz_of_rgb(matrix);
    invert(matrix, inverse);
    for (int c = 0; c < 3; c++)
        rgb[c] =
            (inverse[c][0] * xyz[0] + inverse[c][1] * xyz[1] + inverse[c][2] * xyz[2]) / xyz[1];
}

static void the_light_of_the_temperature_becomes_that_of_6500_k(void **state)
{
    (void)state;
    double wanted[3];
    black_body(6500, wanted);
    for (int t = 2000; t <= 15000; t += 500) {
        double from[3], m[3][3];
        black_body(t, from);
        hipfx_white_matrix(t, 0, m);
        for (int c = 0; c < 3; c++) {
            const double got = m[c][0] * from[0] + m[c][1] * from[1] + m[c][2] * from[2];
            assert_true(fabs(got - wanted[c]) < 0.04); /* what the approximation is off */
        }
    }
}

/* Light above the locus is greenish: it is made white by less green. */
static void tint_is_green_against_magenta(void **state)
{
    (void)state;
    for (int t = 2000; t <= 15000; t += 1000) {
        double none[3][3], above[3][3], below[3][3];
        hipfx_white_matrix(t, 0, none);
        hipfx_white_matrix(t, 0.02, above);
        hipfx_white_matrix(t, -0.02, below);
        double green[3] = {0}, red[3] = {0};
        for (int k = 0; k < 3; k++) {
            const double(*m)[3] = (const double(*)[3])(k == 0 ? below : k == 1 ? none : above);
            red[k] = m[0][0] + m[0][1] + m[0][2];
            green[k] = m[1][0] + m[1][1] + m[1][2];
        }
        assert_true(green[0] / red[0] > green[1] / red[1]);
        assert_true(green[1] / red[1] > green[2] / red[2]);
    }
}

static struct light reference(const struct grade *g, struct light in, int format, double *slack)
{
    const double alpha = in.v[3];
    double white[3][3], v[3], most_slack = 0;
    *slack = 0;
    if (!(alpha > 0))
        return in;
    hipfx_white_matrix(g->temperature_k, g->tint * 3e-4, white);
    for (int c = 0; c < 3; c++) {
        double light = 0, size = 0;
        for (int k = 0; k < 3; k++) {
            const double part = white[c][k] * in.v[k] / alpha * exp2(g->exposure_ev);
            light += part;
            size += fabs(part);
        }
        v[c] = tone(g, c, light);
        /* Where channels are subtracted from one another, what is left is exact to a part of them,
         * not of itself. */
        const double lost = 4e-7 * size;
        const double near =
            fmax(fabs(tone(g, c, light + lost) - v[c]), fabs(tone(g, c, light - lost) - v[c]));
        most_slack = fmax(most_slack, tone_slack(g, c, light) + near);
    }
    const double luminance = 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2];
    const double most = fmax(fmax(v[0], v[1]), v[2]), least = fmin(fmin(v[0], v[1]), v[2]);
    const double pale = most > 0 ? fmin(fmax(least / most, 0), 1) : 0;
    const double keep = g->saturation * (1 + g->vibrance * pale);
    *slack = most_slack * (1 + 3 * g->saturation * (1 + fabs(g->vibrance))) * alpha;
    for (int c = 0; c < 3; c++) {
        double out = luminance + keep * (v[c] - luminance);
        if (format == HIPFX_PIXEL_RGBA8_SRGB)
            out = fmin(fmax(out, 0), 1);
        in.v[c] = out * alpha;
    }
    return in;
}

static void check(const struct picture *in, const struct grade *g, double bound, uint64_t seed)
{
    struct hipfx_values values = values_of(g);
    for (int image = 0; image < fixture_image_count(); image++) {
        const char *isa = fixture_use(image);
        struct picture out = fixture_apply("grade", &values, 0, in);
        for (int y = 0; y < in->height; y++) {
            for (int x = 0; x < in->width; x++) {
                double slack;
                struct light want = reference(g, picture_at(in, x, y), in->format, &slack);
                double excess = picture_excess(&out, x, y, want, slack);
                if (!(excess <= bound))
                    fail_msg("%s, seed %llu, at %d,%d: %.4f steps off", isa,
                             (unsigned long long)seed, x, y, excess);
            }
        }
        picture_destroy(&out);
    }
}

/* Each part is left out half of the time. */
static struct grade random_grade(struct rng *rng)
{
    struct grade g = neutral;
    if (rng_below(rng, 2))
        g.exposure_ev = rng_between(rng, -2, 2);
    if (rng_below(rng, 2)) {
        g.temperature_k = rng_between(rng, 2500, 12000);
        g.tint = rng_between(rng, -60, 60);
    }
    if (rng_below(rng, 2)) {
        g.contrast = rng_between(rng, 0.6, 1.8);
        g.pivot = rng_between(rng, 0.05, 0.6);
    }
    for (int i = 0; i < 4; i++) {
        if (rng_below(rng, 2)) {
            g.lift[i] = rng_between(rng, -0.05, 0.2);
            g.gamma[i] = rng_between(rng, 0.7, 1.4);
            g.gain[i] = rng_between(rng, 0.7, 1.4);
        }
        if (rng_below(rng, 2)) {
            for (int p = 0; p < POINTS; p++)
                g.curves[i][p] = rng_below(rng, 3) ? rng_between(rng, 0, 1) : g.curves[i][p];
        }
    }
    if (rng_below(rng, 2)) {
        g.saturation = rng_between(rng, 0, 2);
        g.vibrance = rng_between(rng, -1, 1);
    }
    return g;
}

static const struct fixture_pictures pictures = {
    .count = 100,
    .last_kind = PICTURE_ANY,
    .sizes = {{1, 1}, {9, 3}, {63, 2}, {129, 17}, {233, 21}},
};

static void check_random(const struct picture *in, struct rng *rng, uint64_t seed)
{
    const struct grade g = random_grade(rng);
    check(in, &g, in->format == HIPFX_PIXEL_RGBA8_SRGB ? 0.02 : 0.1, seed);
}

static void bytes_agree_with_the_reference(void **state)
{
    (void)state;
    fixture_random_pictures(&pictures, HIPFX_PIXEL_RGBA8_SRGB, check_random);
}

static void halves_agree_with_the_reference(void **state)
{
    (void)state;
    fixture_random_pictures(&pictures, HIPFX_PIXEL_RGBA16F, check_random);
}

/* Each value at each of its ends, all else neutral. */
static void the_ends_of_the_ranges_agree(void **state)
{
    (void)state;
    struct rng rng = {1};
    struct picture in =
        picture_random(&rng, PICTURE_TRANSLUCENT, 100, 20, HIPFX_PIXEL_RGBA8_SRGB, 0);
    const struct {
        size_t at;
        double low, high;
    } ends[] = {
        {offsetof(struct grade, exposure_ev), -10, 10},
        {offsetof(struct grade, temperature_k), 2000, 15000},
        {offsetof(struct grade, tint), -100, 100},
        {offsetof(struct grade, contrast), 0, 4},
        {offsetof(struct grade, lift), -1, 1},
        {offsetof(struct grade, gamma), 0.2, 5},
        {offsetof(struct grade, gain), 0, 4},
        {offsetof(struct grade, saturation), 0, 4},
        {offsetof(struct grade, vibrance), -1, 1},
        {offsetof(struct grade, curves), 0, 1},
    };
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        for (int high = 0; high < 2; high++) {
            struct grade g = neutral;
            memcpy((char *)&g + ends[i].at, high ? &ends[i].high : &ends[i].low, sizeof(double));
            check(&in, &g, 0.1, i);
        }
    }
    picture_destroy(&in);
}

/* 8-bit codes survive decoding, the table and encoding. */
static void nearly_nothing_changes_no_opaque_code(void **state)
{
    (void)state;
    struct grade g = neutral;
    g.exposure_ev = 1e-9;
    const struct hipfx_values values = values_of(&g);
    check_codes_are_kept("grade", &values);
}

static void neutral_values_give_any_bytes_back(void **state)
{
    (void)state;
    struct rng rng = {4};
    struct hipfx_values values = values_of(&neutral);
    assert_true(hipfx_effect_find("grade")->is_neutral(&values));
    for (int format = HIPFX_PIXEL_RGBA8_SRGB; format <= HIPFX_PIXEL_RGBA16F; format++) {
        struct picture in = picture_random(&rng, PICTURE_ANY, 173, 31, format, 48);
        struct picture out = fixture_apply("grade", &values, 0, &in);
        assert_true(picture_same_bytes(&in, &out));
        picture_destroy(&in);
        picture_destroy(&out);
    }
}

/* Highlights and light below 0 keep their order, whatever rising curves do to what lies between. */
static void brighter_stays_brighter(void **state)
{
    (void)state;
    struct grade g = neutral;
    const double rising[POINTS] = {0.02, 0.2, 0.6, 0.85, 0.97};
    memcpy(g.curves[0], rising, sizeof(rising));
    g.contrast = 1.3;
    g.gamma[0] = 1.2;
    struct hipfx_values values = values_of(&g);
    struct picture in = picture_create(600, 1, HIPFX_PIXEL_RGBA16F, 0);
    for (int x = 0; x < 600; x++) {
        const double v = copysign(exp2(abs(x - 300) / 16.0 - 10), x - 300);
        picture_set(&in, x, 0, (struct light){{v, v, v, 1}});
    }
    fixture_use(0);
    struct picture out = fixture_apply("grade", &values, 0, &in);
    for (int x = 1; x < 600; x++) {
        const struct light a = picture_at(&out, x - 1, 0), b = picture_at(&out, x, 0);
        for (int c = 0; c < 3; c++)
            assert_true(b.v[c] > a.v[c] || b.v[c] >= 65504);
    }
    picture_destroy(&in);
    picture_destroy(&out);
}

static void what_is_not_a_number_does_not_spread(void **state)
{
    (void)state;
    struct grade g = neutral;
    g.contrast = 1.3;
    g.temperature_k = 5000;
    const struct hipfx_values values = values_of(&g);
    check_not_a_number(&(struct check){.effect = "grade"}, &values, 0);
}

int main(int argc, char **argv)
{
    fixture_options(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_light_of_the_temperature_becomes_that_of_6500_k),
        cmocka_unit_test(tint_is_green_against_magenta),
        cmocka_unit_test(bytes_agree_with_the_reference),
        cmocka_unit_test(halves_agree_with_the_reference),
        cmocka_unit_test(the_ends_of_the_ranges_agree),
        cmocka_unit_test(nearly_nothing_changes_no_opaque_code),
        cmocka_unit_test(neutral_values_give_any_bytes_back),
        cmocka_unit_test(brighter_stays_brighter),
        cmocka_unit_test(what_is_not_a_number_does_not_spread),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
