#include "check.h"

#include "compare.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void describe(char *text, size_t size, const char *isa, uint64_t seed, const char *effect,
                     const struct hipfx_values *values)
{
    const struct hipfx_effect *e = hipfx_effect_find(effect);
    size_t used = (size_t)snprintf(text, size, "%s, seed %llu:", isa, (unsigned long long)seed);
    for (int i = 0; i < e->param_count && used < size; i++)
        used +=
            (size_t)snprintf(text + used, size - used, " %s %.9g", e->params[i].key, values->v[i]);
}

void check_picture(const struct check *check, const struct hipfx_values *values,
                   const struct picture *in, uint64_t seed)
{
    const struct compare_bound bound = {check->bytes_bound, 0.01, check->slack};
    const double brightest = compare_brightest(in);
    for (int image = 0; image < fixture_image_count(); image++) {
        char what[512];
        describe(what, sizeof(what), fixture_use(image), seed, check->effect, values);
        struct picture out = fixture_apply(check->effect, values, check->time_s, in);
        for (int y = 0; y < in->height; y++) {
            for (int x = 0; x < in->width; x++)
                compare_pixel(&out, x, y, check->reference(in, values, check->time_s, x, y),
                              brightest, &bound, what);
        }
        picture_destroy(&out);
    }
}

struct hipfx_values check_random_values(struct rng *rng, const char *effect, double bound)
{
    const struct hipfx_effect *e = hipfx_effect_find(effect);
    struct hipfx_values values = {0};
    for (int i = 0; i < e->param_count; i++) {
        const struct hipfx_param *p = &e->params[i];
        double low = fmax(p->min, -bound), high = fmin(p->max, bound);
        switch (p->type) {
        case HIPFX_PARAM_COLOR:
            values.v[i] = rng_next(rng);
            break;
        case HIPFX_PARAM_CHOICE:
            values.v[i] = rng_below(rng, (int)p->max + 1);
            break;
        default:
            values.v[i] = rng_between(rng, low, high);
            if (rng_below(rng, 6) == 0) /* the ends have ways of their own */
                values.v[i] = rng_below(rng, 2) ? high : low;
        }
    }
    return values;
}

void check_random_pictures(const struct check *check, int format, double bound, int count)
{
    const struct fixture_pictures pictures = {
        .last_kind = PICTURE_ANY,
        .sizes = {{1, 1}, {1, 70}, {70, 1}, {63, 21}, {129, 37}, {200, 71}},
    };
    for (uint64_t seed = 1; seed <= (uint64_t)fixture_rounds(count); seed++) {
        struct rng rng = {seed};
        struct picture in = fixture_random_picture(&pictures, format, &rng, seed);
        struct hipfx_values values = check_random_values(&rng, check->effect, bound);
        check_picture(check, &values, &in, seed);
        picture_destroy(&in);
    }
}

void check_codes_are_kept(const char *effect, const struct hipfx_values *values)
{
    assert_false(hipfx_effect_find(effect)->is_neutral(values));
    struct picture in = picture_create(256, 3, HIPFX_PIXEL_RGBA8_SRGB, 0);
    for (int x = 0; x < 256; x++) {
        for (int y = 0; y < 3; y++) {
            unsigned char *p = in.bytes + (size_t)y * in.pitch + 4 * (size_t)x;
            p[0] = p[1] = p[2] = 0;
            p[y] = (unsigned char)x;
            p[3] = 255;
        }
    }
    for (int image = 0; image < fixture_image_count(); image++) {
        fixture_use(image);
        struct picture out = fixture_apply(effect, values, 0, &in);
        assert_true(picture_same_bytes(&in, &out));
        picture_destroy(&out);
    }
    picture_destroy(&in);
}

void check_not_a_number(const struct check *check, const struct hipfx_values *values, int reach_px)
{
    static const double odd[] = {NAN, INFINITY, -INFINITY};
    const int at_x = 70, at_y = 40;
    for (int image = 0; image < fixture_image_count(); image++) {
        fixture_use(image);
        for (int i = 0; i < 12; i++) {
            struct rng rng = {7};
            struct picture in =
                picture_random(&rng, PICTURE_OPAQUE, 140, 80, HIPFX_PIXEL_RGBA16F, 0);
            struct picture plain = fixture_apply(check->effect, values, check->time_s, &in);
            struct light light = picture_at(&in, at_x, at_y);
            light.v[i / 3] = odd[i % 3];
            picture_set(&in, at_x, at_y, light);
            struct picture out = fixture_apply(check->effect, values, check->time_s, &in);
            for (int y = 0; y < in.height; y++) {
                for (int x = 0; x < in.width; x++) {
                    if (abs(x - at_x) > reach_px || abs(y - at_y) > reach_px)
                        assert_true(picture_same_pixel(&out, &plain, x, y));
                }
            }
            picture_destroy(&in);
            picture_destroy(&plain);
            picture_destroy(&out);
        }
    }
}
