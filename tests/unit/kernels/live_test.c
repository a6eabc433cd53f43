/* An effect of which only parts are wanted, as the device alone knows them, gives the pixels there
 * that it gives without, and leaves alone what lies far from them. */
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

static bool is_in(const struct hipfx_rect *rect, int x, int y)
{
    return x >= rect->left && x < rect->right && y >= rect->top && y < rect->bottom;
}

static void expect_same(const struct trial *trial, const struct picture *got,
                        const struct picture *wanted, const struct fixture_live *live)
{
    for (int i = 0; i < live->count; i++) {
        const struct hipfx_rect *box = &live->boxes[i];
        for (int y = box->top; y < box->bottom; y++)
            for (int x = box->left; x < box->right; x++)
                if (!is_in(&live->hole, x, y) && !picture_same_pixel(got, wanted, x, y))
                    fail_msg("%s in %d,%d..%d,%d without %d,%d..%d,%d: the pixel %d,%d is another",
                             trial->effect, box->left, box->top, box->right, box->bottom,
                             live->hole.left, live->hole.top, live->hole.right, live->hole.bottom,
                             x, y);
    }
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

#define BOXES_MOST 3

static void check_boxes(const struct trial *trial, int format, int seed)
{
    struct rng rng = {(uint64_t)seed * 2 + (uint64_t)format};
    const int width = 200 + rng_below(&rng, 200), height = 100 + rng_below(&rng, 100);
    struct picture in = picture_random(&rng, PICTURE_TRANSLUCENT, width, height, format, 0);
    fixture_forget();
    struct picture whole = fixture_apply(trial->effect, &trial->values, 1.5, &in);
    for (int i = 0; i < fixture_rounds(60); i++) {
        struct hipfx_rect boxes[BOXES_MOST];
        struct fixture_live live = {boxes, 1 + rng_below(&rng, BOXES_MOST), {0}};
        for (int j = 0; j < live.count; j++)
            boxes[j] = random_box(&rng, width, height);
        if (rng_below(&rng, 2))
            live.hole = random_box(&rng, width, height);
        fixture_forget();
        struct picture got = fixture_apply_live(&live, trial->effect, &trial->values, 1.5, &in);
        expect_same(trial, &got, &whole, &live);
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

/* Beyond what is wanted: blocks of a GPU and the map's tiles are the largest things that are made
 * at once. */
#define ACROSS_MOST (HIPFX_BLOCK + 16 + HIPFX_LIVE_COLUMNS)
#define DOWN_MOST   (HIPFX_BLOCK + HIPFX_LIVE_ROWS)

static bool is_near(const struct fixture_live *live, int x, int y)
{
    const struct hipfx_rect *hole = &live->hole;
    bool near = false;
    for (int i = 0; i < live->count; i++) {
        const struct hipfx_rect *box = &live->boxes[i];
        near = near || (x >= box->left - ACROSS_MOST && x < box->right + ACROSS_MOST &&
                        y >= box->top - DOWN_MOST && y < box->bottom + DOWN_MOST);
    }
    return near && (x < hole->left + ACROSS_MOST || x >= hole->right - ACROSS_MOST ||
                    y < hole->top + DOWN_MOST || y >= hole->bottom - DOWN_MOST);
}

static void expect_untouched(const struct trial *trial, const struct picture *got,
                             const struct fixture_live *live)
{
    struct picture untouched = picture_create(got->width, got->height, got->format, 0);
    int far = 0;
    for (int y = 0; y < got->height; y++) {
        for (int x = 0; x < got->width; x++) {
            const bool is_far = !is_near(live, x, y);
            if (is_far && !picture_same_pixel(got, &untouched, x, y))
                fail_msg("%s: the pixel %d,%d was made for nothing", trial->effect, x, y);
            far += is_far;
        }
    }
    assert_true(far > 8000);
    picture_destroy(&untouched);
}

#define FAR_WIDTH  640
#define FAR_HEIGHT 400

/* Corners that lie opposite; one spot; all around a hole; nothing. */
static const struct hipfx_rect corners[] = {{0, 0, 3, 2}, {620, 390, FAR_WIDTH, FAR_HEIGHT}};
static const struct hipfx_rect spot[] = {{300, 250, 301, 251}};
static const struct hipfx_rect frame[] = {{0, 0, FAR_WIDTH, FAR_HEIGHT}};
static const struct fixture_live parts[] = {
    {corners, 2, {0}},
    {spot, 1, {0}},
    {frame, 1, {10, 10, 630, 390}},
    {NULL, 0, {0}},
};

#define PARTS ((int)(sizeof(parts) / sizeof(parts[0])))

static void what_is_far_is_not_made(void **state)
{
    (void)state;
    struct rng rng = {9};
    struct picture in =
        picture_random(&rng, PICTURE_TRANSLUCENT, FAR_WIDTH, FAR_HEIGHT, HIPFX_PIXEL_RGBA8_SRGB, 0);
    for (int i = 0; i < hipfx_effect_count + OTHERS; i++) {
        const struct trial trial = trial_at(i);
        if (makes_all(&trial))
            continue;
        fixture_use(i % fixture_image_count());
        for (int j = 0; j < fixture_rounds(PARTS); j++) {
            const struct fixture_live *live = &parts[(i + j) % PARTS];
            fixture_forget();
            struct picture got = fixture_apply_live(live, trial.effect, &trial.values, 1.5, &in);
            expect_untouched(&trial, &got, live);
            picture_destroy(&got);
        }
    }
    picture_destroy(&in);
}

/* What is made on the way to the result: effects of several passes, in which a spot reaches not
 * much further than itself. */
static void what_only_far_pixels_are_made_of_is_not_made(void **state)
{
    (void)state;
    static const struct {
        const char *effect, *key;
        double value;
    } several[] = {
        {"gaussian_blur", "sigma_px", 2},
        {"bokeh", "radius_px", 3},
        {"directional_blur", "length_px", 20},
        {"pixelate", "size_px", 2},
        {"denoise", "temporal", 0},
    };
    static const double most[PARTS] = {0.5, 0.5, 0.9, 0}; /* of what all of the frame takes */
    struct rng rng = {10};
    struct picture in =
        picture_random(&rng, PICTURE_TRANSLUCENT, FAR_WIDTH, FAR_HEIGHT, HIPFX_PIXEL_RGBA8_SRGB, 0);
    for (size_t i = 0; i < sizeof(several) / sizeof(several[0]); i++) {
        const char *effect = several[i].effect;
        struct hipfx_values values = hipfx_values_default(hipfx_effect_find(effect));
        fixture_set(effect, &values, several[i].key, several[i].value);
        struct picture whole = fixture_apply(effect, &values, 0, &in);
        picture_destroy(&whole); /* the memory is large enough now */
        whole = fixture_apply(effect, &values, 0, &in);
        picture_destroy(&whole);
        const size_t all = fixture_scratch_written();
        for (int j = 0; j < PARTS; j++) {
            fixture_forget();
            struct picture got = fixture_apply_live(&parts[j], effect, &values, 0, &in);
            const size_t written = fixture_scratch_written();
            if ((double)written > most[j] * (double)all)
                fail_msg("%s wrote %zu bytes of %zu for what part %d is made of", effect, written,
                         all, j);
            picture_destroy(&got);
        }
    }
    picture_destroy(&in);
}

int main(int argc, char **argv)
{
    fixture_options(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wanted_is_as_without),
        cmocka_unit_test(what_is_far_is_not_made),
        cmocka_unit_test(what_only_far_pixels_are_made_of_is_not_made),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
