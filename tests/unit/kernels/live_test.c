/* An effect of which only a box is wanted, as the device alone knows it, gives the pixels there
 * that it gives without, and leaves alone what lies far from it. */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Every effect is tried with its defaults; these besides: all their kernels, and wide reaches. */
static const struct {
    const char *effect, *keys[2];
    double values[2];
} others[] = {
    {"sine_wave", {"style"}, {1}}, /* fill */
    {"sine_wave", {"style"}, {2}}, /* warp */
    {"color", {"contrast"}, {1.5}},
    {"film_grain", {"chroma", "size_px"}, {1, 7}},
    {"deband", {"iterations", "range_px"}, {4, 60}},
    {"chromatic_aberration", {"radial_px"}, {40}},
    {"dither", {"pattern"}, {1}}, /* ordered */
    {"gaussian_blur", {"sigma_px"}, {0.7}},
    {"gaussian_blur", {"sigma_px", "edge"}, {9, 1}},  /* mirror */
    {"gaussian_blur", {"sigma_px", "edge"}, {25, 2}}, /* transparent */
    {"gaussian_blur", {"sigma_px", "edge"}, {60, 0}},
    {"gaussian_blur", {"sigma_px", "edge"}, {60, 1}},
    {"gaussian_blur", {"sigma_px", "edge"}, {700, 1}},
    {"directional_blur", {"length_px", "angle_deg"}, {200, 70}},
    {"directional_blur", {"length_px", "profile"}, {300, 1}}, /* Gaussian */
    {"zoom_blur", {"amount", "center_x"}, {0.9, 0.1}},
    {"tilt_shift", {"sigma_px", "angle_deg"}, {40, 30}},
    {"bokeh", {"radius_px"}, {3}},
    {"bokeh", {"radius_px", "edge"}, {60, 1}},
    {"bokeh", {"radius_px", "edge"}, {60, 2}},
    {"pixelate", {"shape"}, {1}}, /* hexagons */
    {"pixelate", {"shape", "size_px"}, {1, 90}},
    {"pixelate", {"size_px"}, {200}},
    {"denoise", {"temporal"}, {0}},
    {"denoise", {"spatial"}, {0}},
};

#define OTHERS ((int)(sizeof(others) / sizeof(others[0])))

struct trial {
    const char *effect;
    struct hipfx_values values;
};

static struct trial trial_at(int index)
{
    const int other = index - hipfx_effect_count;
    const struct hipfx_effect *effect =
        other < 0 ? hipfx_effects[index] : hipfx_effect_find(others[other].effect);
    struct trial trial = {effect->id, hipfx_values_default(effect)};
    for (int i = 0; other >= 0 && i < 2 && others[other].keys[i]; i++)
        fixture_set(effect->id, &trial.values, others[other].keys[i], others[other].values[i]);
    return trial;
}

static void expect_same(const struct trial *trial, const struct picture *got,
                        const struct picture *wanted, const struct hipfx_rect *box)
{
    for (int y = box->top; y < box->bottom; y++)
        for (int x = box->left; x < box->right; x++)
            if (!picture_same_pixel(got, wanted, x, y))
                fail_msg("%s in the box %d,%d..%d,%d: the pixel %d,%d is another", trial->effect,
                         box->left, box->top, box->right, box->bottom, x, y);
}

static struct hipfx_rect random_box(struct rng *rng, int width, int height)
{
    struct hipfx_rect box = {.left = rng_below(rng, width), .top = rng_below(rng, height)};
    const bool small = rng_below(rng, 2);
    box.right = box.left + 1 + rng_below(rng, small ? 4 : width - box.left);
    box.bottom = box.top + 1 + rng_below(rng, small ? 4 : height - box.top);
    box.right = box.right > width ? width : box.right;
    box.bottom = box.bottom > height ? height : box.bottom;
    return box;
}

static void check_boxes(const struct trial *trial, int format, int seed)
{
    struct rng rng = {(uint64_t)seed * 2 + (uint64_t)format};
    const int width = 200 + rng_below(&rng, 200), height = 100 + rng_below(&rng, 100);
    struct picture in = picture_random(&rng, PICTURE_TRANSLUCENT, width, height, format, 0);
    fixture_forget();
    struct picture whole = fixture_apply(trial->effect, &trial->values, 1.5, &in);
    for (int i = 0; i < fixture_rounds(60); i++) {
        const struct hipfx_rect box = random_box(&rng, width, height);
        fixture_forget();
        struct picture got = fixture_apply_live(&box, trial->effect, &trial->values, 1.5, &in);
        expect_same(trial, &got, &whole, &box);
        picture_destroy(&got);
    }
    picture_destroy(&whole);
    picture_destroy(&in);
}

static void what_is_wanted_is_as_without(void **state)
{
    (void)state;
    for (int i = 0; i < hipfx_effect_count + OTHERS; i++) {
        const struct trial trial = trial_at(i);
        fixture_use(i % fixture_image_count());
        check_boxes(&trial, HIPFX_PIXEL_RGBA8_SRGB, i);
        check_boxes(&trial, HIPFX_PIXEL_RGBA16F, i);
    }
}

/* What changes nothing is a copy, which is not run at all; and over time the mean is made of all,
 * since what is wanted next is not known. */
static bool makes_all(const struct trial *trial)
{
    const struct hipfx_effect *effect = hipfx_effect_find(trial->effect);
    if (effect->is_neutral(&trial->values))
        return true;
    return strcmp(trial->effect, "denoise") == 0 &&
           trial->values.v[hipfx_param_find(effect, "spatial")] == 0;
}

/* Blocks of a GPU are the largest things that are made at once. */
#define BLOCK_MOST 144

static void expect_untouched(const struct trial *trial, const struct picture *got,
                             const struct hipfx_rect *box)
{
    struct picture untouched = picture_create(got->width, got->height, got->format, 0);
    int far = 0, near = 0;
    for (int y = 0; y < got->height; y++) {
        for (int x = 0; x < got->width; x++) {
            const bool is_far = x < box->left - BLOCK_MOST || x >= box->right + BLOCK_MOST ||
                                y < box->top - BLOCK_MOST || y >= box->bottom + BLOCK_MOST;
            if (is_far && !picture_same_pixel(got, &untouched, x, y))
                fail_msg("%s: the pixel %d,%d was made for nothing", trial->effect, x, y);
            far += is_far;
            near += !is_far;
        }
    }
    assert_true(far > 20000 && (near > 0) == (box->left < box->right));
    picture_destroy(&untouched);
}

static void what_is_far_is_not_made(void **state)
{
    (void)state;
    static const struct hipfx_rect boxes[] = {
        {300, 250, 301, 251}, {20, 10, 50, 30}, {400, 330, 420, 331}};
    struct rng rng = {9};
    struct picture in =
        picture_random(&rng, PICTURE_TRANSLUCENT, 450, 340, HIPFX_PIXEL_RGBA8_SRGB, 0);
    for (int i = 0; i < hipfx_effect_count + OTHERS; i++) {
        const struct trial trial = trial_at(i);
        const struct hipfx_rect *box = &boxes[i % 3];
        if (makes_all(&trial))
            continue;
        fixture_use(i % fixture_image_count());
        fixture_forget();
        struct picture got = fixture_apply_live(box, trial.effect, &trial.values, 1.5, &in);
        expect_untouched(&trial, &got, box);
        picture_destroy(&got);
    }
    picture_destroy(&in);
}

static void where_nothing_is_wanted_nothing_is_made(void **state)
{
    (void)state;
    const struct hipfx_rect nothing = {INT32_MAX, INT32_MAX, 0, 0};
    struct rng rng = {10};
    struct picture in = picture_random(&rng, PICTURE_TRANSLUCENT, 250, 90, HIPFX_PIXEL_RGBA16F, 0);
    for (int i = 0; i < hipfx_effect_count; i++) {
        const struct trial trial = trial_at(i);
        if (makes_all(&trial))
            continue;
        struct picture got = fixture_apply_live(&nothing, trial.effect, &trial.values, 1.5, &in);
        struct picture untouched = picture_create(in.width, in.height, in.format, 0);
        for (int y = 0; y < in.height; y++)
            for (int x = 0; x < in.width; x++)
                assert_true(picture_same_pixel(&got, &untouched, x, y));
        picture_destroy(&got);
        picture_destroy(&untouched);
    }
    picture_destroy(&in);
}

int main(int argc, char **argv)
{
    fixture_options(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wanted_is_as_without),
        cmocka_unit_test(what_is_far_is_not_made),
        cmocka_unit_test(where_nothing_is_wanted_nothing_is_made),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
