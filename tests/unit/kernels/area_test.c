/* An effect that is run on an area gives the pixels that it gives when it is run on all of the
 * frame, and writes no others. */
#include "compare.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Every effect is tried with its defaults; these besides. */
static const struct {
    const char *effect, *key;
    double value;
} others[] = {
    {"sine_wave", "style", 1}, /* fill */
    {"sine_wave", "style", 2}, /* warp */
    {"color", "exposure_ev", 1.5},     {"color", "contrast", 1.5},
    {"deband", "iterations", 3},       {"film_grain", "size_px", 7},
    {"vignette", "center_x", 0.1},     {"chromatic_aberration", "radial_px", 40},
    {"dither", "pattern", 1}, /* ordered */
    {"gaussian_blur", "sigma_px", 60}, {"pixelate", "shape", 1},
    {"denoise", "temporal", 0},
};

static const struct hipfx_rect areas[] = {
    {0, 0, 160, 90},                     /* all */
    {0, 0, 1, 1},                        /* corners */
    {144, 89, 160, 90}, {16, 0, 64, 90}, /* columns */
    {0, 31, 160, 60},                    /* rows */
    {32, 17, 101, 50},                   /* in the middle */
    {48, 45, 65, 46},
};

static void check_area(const char *effect, const struct hipfx_values *values,
                       const struct picture *in, const struct picture *whole,
                       const struct hipfx_rect *area)
{
    fixture_forget();
    struct picture part = fixture_apply_in(area, effect, values, 1.5, in);
    compare_area(effect, &part, whole, area);
    picture_destroy(&part);
}

static void check_values(const char *effect, const struct hipfx_values *values, int format)
{
    struct rng rng = {7};
    struct picture in = picture_random(&rng, PICTURE_TRANSLUCENT, 160, 90, format, 32);
    for (int image = 0; image < fixture_image_count(); image++) {
        fixture_use(image);
        fixture_forget();
        struct picture whole = fixture_apply(effect, values, 1.5, &in);
        for (size_t i = 0; i < sizeof(areas) / sizeof(areas[0]); i++)
            check_area(effect, values, &in, &whole, &areas[i]);
        picture_destroy(&whole);
    }
    picture_destroy(&in);
}

static void check_effect(const char *effect, const struct hipfx_values *values)
{
    for (int format = HIPFX_PIXEL_RGBA8_SRGB; format <= HIPFX_PIXEL_RGBA16F; format++)
        check_values(effect, values, format);
}

static void an_area_is_a_part_of_the_whole(void **state)
{
    (void)state;
    for (int e = 0; e < hipfx_effect_count; e++) {
        const struct hipfx_values values = hipfx_values_default(hipfx_effects[e]);
        check_effect(hipfx_effects[e]->id, &values);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        struct hipfx_values values = hipfx_values_default(hipfx_effect_find(others[i].effect));
        fixture_set(others[i].effect, &values, others[i].key, others[i].value);
        check_effect(others[i].effect, &values);
    }
}

/* Random areas; a wave's rows and columns are those of the frame wherever they are cut. */
static void any_area_will_do(void **state)
{
    (void)state;
    for (int e = 0; e < hipfx_effect_count; e++) {
        struct rng rng = {(uint64_t)e + 1};
        const struct hipfx_effect *effect = hipfx_effects[e];
        const struct hipfx_values values = hipfx_values_default(effect);
        struct picture in = picture_random(&rng, PICTURE_EDGES, 131, 67, HIPFX_PIXEL_RGBA8_SRGB, 0);
        fixture_forget();
        struct picture whole = fixture_apply(effect->id, &values, 1.5, &in);
        for (int i = 0; i < fixture_rounds(40); i++) {
            struct hipfx_rect area = {.left = rng_below(&rng, 9) * HIPFX_AREA_ALIGN,
                                      .top = rng_below(&rng, 67)};
            area.right = area.left + 1 + rng_below(&rng, 131 - area.left);
            area.bottom = area.top + 1 + rng_below(&rng, 67 - area.top);
            check_area(effect->id, &values, &in, &whole, &area);
        }
        picture_destroy(&whole);
        picture_destroy(&in);
    }
}

int main(int argc, char **argv)
{
    fixture_options(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_area_is_a_part_of_the_whole),
        cmocka_unit_test(any_area_will_do),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
