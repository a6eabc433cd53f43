/* The pixelate effect against its definition: each pixel is the mean of those that lie, with their
 * centres, in the same cell; on a border, in the cell right of it, or else below. */
#include "compare.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct compare_bound bound = {.bytes = 0.01, .halves = 0.01, .slack = 2e-6};

enum { SQUARE, HEXAGON };

struct cells {
    int shape;
    double size, origin_x, origin_y;
};

static struct picture apply(const struct cells *cells, const struct picture *in)
{
    struct hipfx_values values = hipfx_values_default(hipfx_effect_find("pixelate"));
    fixture_set("pixelate", &values, "shape", cells->shape);
    fixture_set("pixelate", &values, "size_px", cells->size);
    fixture_set("pixelate", &values, "origin_x", cells->origin_x);
    fixture_set("pixelate", &values, "origin_y", cells->origin_y);
    return fixture_apply("pixelate", &values, 0, in);
}

struct centre {
    int row, column;
};

/* Sizes are told in eighths of a pixel, origins and rows of hexagons in 16ths. */
static double sixteenths(double v)
{
    return round(v * 16) / 16;
}

static struct centre square_of(const struct cells *c, double x, double y)
{
    return (struct centre){(int)floor(y / c->size + 0.5), (int)floor(x / c->size + 0.5)};
}

/* The nearest centre; hexagons are regular but for the rounding of their rows' distance. */
static struct centre hexagon_of(const struct cells *c, double x, double y)
{
    const double down = sixteenths(c->size * sqrt(0.75));
    const int row = (int)floor(y / down), column = (int)floor(x / c->size);
    struct centre nearest = {0, 0};
    double best = 1e9, best_x = 0, best_y = 0;
    for (int r = row - 1; r <= row + 2; r++) {
        for (int k = column - 2; k <= column + 2; k++) {
            const double cx = (k + (r & 1 ? 0.5 : 0)) * c->size, cy = r * down;
            const double dx = (cx - x) / c->size, dy = (cy - y) / down;
            const double d = dx * dx + 0.75 * dy * dy;
            const bool equal = fabs(d - best) < 1e-10;
            const bool later = cx > best_x || (cx == best_x && cy > best_y);
            if (equal ? later : d < best) {
                best = d;
                best_x = cx;
                best_y = cy;
                nearest = (struct centre){r, k};
            }
        }
    }
    return nearest;
}

static struct centre *find_cells(const struct picture *in, const struct cells *cells)
{
    struct centre *of = calloc((size_t)in->width * (size_t)in->height, sizeof(*of));
    assert_non_null(of);
    const double left = sixteenths(cells->origin_x * in->width);
    const double top = sixteenths(cells->origin_y * in->height);
    for (int y = 0; y < in->height; y++)
        for (int x = 0; x < in->width; x++)
            of[y * in->width + x] = cells->shape == SQUARE
                                        ? square_of(cells, x + 0.5 - left, y + 0.5 - top)
                                        : hexagon_of(cells, x + 0.5 - left, y + 0.5 - top);
    return of;
}

static struct light mean_of(const struct picture *in, const struct centre *of, struct centre cell,
                            bool *seen, struct light *want)
{
    struct light sum = {{0}};
    int count = 0;
    for (int i = 0; i < in->width * in->height; i++) {
        if (of[i].row != cell.row || of[i].column != cell.column)
            continue;
        const struct light light = picture_at(in, i % in->width, i / in->width);
        for (int c = 0; c < 4; c++)
            sum.v[c] += light.v[c];
        count++;
    }
    for (int c = 0; c < 4; c++)
        sum.v[c] /= count;
    for (int i = 0; i < in->width * in->height; i++) {
        if (of[i].row == cell.row && of[i].column == cell.column) {
            want[i] = sum;
            seen[i] = true;
        }
    }
    return sum;
}

static void check(const struct picture *in, const struct cells *cells, uint64_t seed)
{
    const size_t count = (size_t)in->width * (size_t)in->height;
    struct centre *of = find_cells(in, cells);
    struct light *want = calloc(count, sizeof(*want));
    bool *seen = calloc(count, sizeof(*seen));
    assert_true(want && seen);
    for (size_t i = 0; i < count; i++) {
        if (!seen[i])
            mean_of(in, of, of[i], seen, want);
    }
    for (int image = 0; image < fixture_image_count(); image++) {
        char what[120];
        snprintf(what, sizeof(what), "%s, seed %llu, %s of %g px at %g,%g", fixture_use(image),
                 (unsigned long long)seed, cells->shape == SQUARE ? "squares" : "hexagons",
                 cells->size, cells->origin_x, cells->origin_y);
        struct picture out = apply(cells, in);
        compare_picture(&out, want, compare_brightest(in), &bound, what);
        picture_destroy(&out);
    }
    free(seen);
    free(want);
    free(of);
}

/* In eighths of a pixel. */
static double random_size(struct rng *rng)
{
    return round(8 * exp(rng_between(rng, log(1.125), log(1024)))) / 8;
}

static const struct fixture_pictures pictures = {
    .count = 80,
    .last_kind = PICTURE_ANY,
    .sizes = {{1, 1}, {1, 70}, {70, 1}, {63, 21}, {129, 37}, {150, 91}},
};

static void check_random(const struct picture *in, struct rng *rng, uint64_t seed)
{
    const double size = random_size(rng), x = rng_below(rng, 11) / 10.0;
    const struct cells cells = {seed % 2, size, x, rng_between(rng, 0, 1)};
    check(in, &cells, seed);
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

/* Rows of pixels that are cut up in parts. */
static void large_cells_agree(void **state)
{
    (void)state;
    struct rng rng = {3};
    struct picture in = picture_random(&rng, PICTURE_ANY, 400, 200, HIPFX_PIXEL_RGBA8_SRGB, 0);
    for (int shape = SQUARE; shape <= HEXAGON; shape++) {
        static const double sizes[] = {63, 64, 65.125, 128, 190, 1024};
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
            const struct cells cells = {shape, sizes[i], 0.31, 0.77};
            check(&in, &cells, 3);
        }
    }
    picture_destroy(&in);
}

static struct hipfx_values values_for_area(struct rng *rng, int i)
{
    struct hipfx_values values = hipfx_values_default(hipfx_effect_find("pixelate"));
    fixture_set("pixelate", &values, "shape", i / 2 % 2);
    fixture_set("pixelate", &values, "size_px", random_size(rng));
    return values;
}

static void an_area_is_as_in_the_whole(void **state)
{
    (void)state;
    compare_random_areas("pixelate", values_for_area, 12);
}

int main(int argc, char **argv)
{
    fixture_options(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_agree_with_the_reference),
        cmocka_unit_test(halves_agree_with_the_reference),
        cmocka_unit_test(large_cells_agree),
        cmocka_unit_test(an_area_is_as_in_the_whole),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
