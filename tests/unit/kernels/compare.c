#include "compare.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

double compare_brightest(const struct picture *p)
{
    double most = 0;
    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++)
            for (int i = 0; i < 4; i++)
                most = fmax(most, fabs(picture_at(p, x, y).v[i]));
    return most;
}

void compare_pixel(const struct picture *out, int x, int y, struct light want, double brightest,
                   const struct compare_bound *bound, const char *what)
{
    const bool bytes = out->format == HIPFX_PIXEL_RGBA8_SRGB;
    const double slack = bytes ? 0 : bound->slack * brightest;
    const double excess = picture_excess(out, x, y, want, slack);
    if (!(excess <= (bytes ? bound->bytes : bound->halves)))
        fail_msg("%s, %dx%d at %d,%d: %.4f steps off", what, out->width, out->height, x, y, excess);
}

void compare_picture(const struct picture *out, const struct light *want, double brightest,
                     const struct compare_bound *bound, const char *what)
{
    for (int y = 0; y < out->height; y++)
        for (int x = 0; x < out->width; x++)
            compare_pixel(out, x, y, want[y * out->width + x], brightest, bound, what);
}

static struct hipfx_rect random_area(struct rng *rng, const struct picture *in)
{
    struct hipfx_rect area;
    area.left =
        rng_below(rng, (in->width + HIPFX_AREA_ALIGN - 1) / HIPFX_AREA_ALIGN) * HIPFX_AREA_ALIGN;
    area.top = rng_below(rng, in->height);
    area.right = area.left + 1 + rng_below(rng, in->width - area.left);
    area.bottom = area.top + 1 + rng_below(rng, in->height - area.top);
    return area;
}

void compare_area(const char *effect, const struct picture *part, const struct picture *whole,
                  const struct hipfx_rect *area)
{
    struct picture untouched = picture_create(whole->width, whole->height, whole->format, 0);
    for (int y = 0; y < whole->height; y++) {
        for (int x = 0; x < whole->width; x++) {
            const bool inside =
                x >= area->left && x < area->right && y >= area->top && y < area->bottom;
            if (!picture_same_pixel(part, inside ? whole : &untouched, x, y))
                fail_msg("%s, pixel %d,%d with the area %d,%d to %d,%d of %dx%d", effect, x, y,
                         area->left, area->top, area->right, area->bottom, whole->width,
                         whole->height);
        }
    }
    picture_destroy(&untouched);
}

static void compare_areas(const char *effect, const struct hipfx_values *values,
                          const struct picture *in, struct rng *rng)
{
    struct picture whole = fixture_apply(effect, values, 0, in);
    for (int i = 0; i < fixture_rounds(20); i++) {
        const struct hipfx_rect area = random_area(rng, in);
        struct picture part = fixture_apply_in(&area, effect, values, 0, in);
        compare_area(effect, &part, &whole, &area);
        picture_destroy(&part);
    }
    picture_destroy(&whole);
}

void compare_random_areas(const char *effect, compare_values_fn random_values, int count)
{
    for (int image = 0; image < fixture_image_count(); image++) {
        fixture_use(image);
        for (int i = 0; i < fixture_rounds(count); i++) {
            struct rng rng = {(uint64_t)i + 1};
            const int width = 150 + rng_below(&rng, 91), height = 80 + rng_below(&rng, 51);
            struct picture in =
                picture_random(&rng, i / 2 % 2 ? PICTURE_EDGES : PICTURE_TRANSLUCENT, width, height,
                               HIPFX_PIXEL_RGBA8_SRGB + i % 2, 16);
            const struct hipfx_values values = random_values(&rng, i);
            compare_areas(effect, &values, &in, &rng);
            picture_destroy(&in);
        }
    }
}
