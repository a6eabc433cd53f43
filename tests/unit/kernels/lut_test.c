/* The lut effect against its reference: the definition in lut.hip, by the shortest way. */
#include "check.h"
#include "compare.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* A table as a file would hold it. */
struct table {
    int size, dimensions;
    double min[3], max[3];
    double (*values)[3];
};

static int entry_count(const struct table *t)
{
    return t->dimensions == 3 ? t->size * t->size * t->size : t->size;
}

static struct table make_table(int size, int dimensions)
{
    struct table t = {.size = size, .dimensions = dimensions, .max = {1, 1, 1}};
    t.values = malloc((size_t)entry_count(&t) * sizeof(*t.values));
    assert_non_null(t.values);
    return t;
}

/* Every entry is where it stands. */
static struct table make_identity(int size, int dimensions)
{
    struct table t = make_table(size, dimensions);
    for (int i = 0; i < entry_count(&t); i++) {
        const int at[3] = {i % size, i / size % size, i / size / size};
        for (int c = 0; c < 3; c++)
            t.values[i][c] = (double)at[dimensions == 3 ? c : 0] / (size - 1);
    }
    return t;
}

static struct table make_random(struct rng *rng, int size, int dimensions)
{
    struct table t = make_table(size, dimensions);
    for (int i = 0; i < entry_count(&t); i++) {
        for (int c = 0; c < 3; c++)
            t.values[i][c] = rng_between(rng, -0.1, 1.2);
    }
    return t;
}

static struct hipfx_file *write_and_read(const struct table *t)
{
    char path[] = "/tmp/hipfx-lut-XXXXXX";
    const int fd = mkstemp(path);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!out) {
        fail_msg("%s cannot be written", path);
        return NULL;
    }
    fprintf(out, "TITLE \"test\"\nLUT_%dD_SIZE %d\n", t->dimensions, t->size);
    fprintf(out, "DOMAIN_MIN %.9g %.9g %.9g\n", t->min[0], t->min[1], t->min[2]);
    fprintf(out, "DOMAIN_MAX %.9g %.9g %.9g\n", t->max[0], t->max[1], t->max[2]);
    for (int i = 0; i < entry_count(t); i++)
        fprintf(out, "%.9g %.9g %.9g\n", t->values[i][0], t->values[i][1], t->values[i][2]);
    assert_int_equal(fclose(out), 0);
    struct hipfx_file *file = hipfx_file_create(hipfx_effect_find("lut"), path);
    assert_non_null(file);
    hipfx_file_read(file);
    unlink(path);
    if (!file->data)
        fail_msg("%s", file->why.text);
    return file;
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

static const double *entry(const struct table *t, const int at[3])
{
    return t->values[(at[2] * t->size + at[1]) * t->size + at[0]];
}

/* From a cell's first corner to its last, one axis after the other, the largest fraction first. */
static void in_cube(const struct table *t, const double place[3], double out[3])
{
    int at[3];
    double left[3], before = 1;
    for (int c = 0; c < 3; c++) {
        at[c] = (int)fmin(floor(place[c]), t->size - 2);
        left[c] = place[c] - at[c];
        out[c] = 0;
    }
    for (int corner = 0; corner < 4; corner++) {
        int axis = 0;
        for (int c = 1; c < 3; c++)
            axis = left[c] > left[axis] ? c : axis;
        const double after = corner < 3 ? left[axis] : 0;
        for (int c = 0; c < 3; c++)
            out[c] += (before - after) * entry(t, at)[c];
        before = after;
        if (corner < 3)
            at[axis]++;
        left[axis] = -1;
    }
}

static void on_curves(const struct table *t, const double place[3], double out[3])
{
    for (int c = 0; c < 3; c++) {
        const int at = (int)fmin(floor(place[c]), t->size - 2);
        const double f = place[c] - at;
        out[c] = t->values[at][c] * (1 - f) + t->values[at + 1][c] * f;
    }
}

/* What a colour becomes; `off` tells how far encoded colour may be from exact, `slack` what that
 * makes of light. */
static struct light reference(const struct table *t, struct light in, int format, double amount,
                              double off, double *slack)
{
    const double alpha = in.v[3];
    double straight[3], excess = 1, place[3], out[3];
    *slack = 0;
    if (!(alpha > 0))
        return in;
    for (int c = 0; c < 3; c++) {
        straight[c] = in.v[c] / alpha;
        if (t->max[c] > 0)
            excess = fmax(excess, straight[c] / decoded(t->max[c]));
    }
    for (int c = 0; c < 3; c++) {
        const double x = (encoded(straight[c] / excess) - t->min[c]) / (t->max[c] - t->min[c]);
        place[c] = fmin(fmax(x, 0), 1) * (t->size - 1);
    }
    (t->dimensions == 3 ? in_cube : on_curves)(t, place, out);
    for (int c = 0; c < 3; c++) {
        const double light = decoded(out[c]) * excess;
        const double wide = (decoded(out[c] + off) - decoded(out[c] - off)) / 2 * excess;
        double v = straight[c] + (light - straight[c]) * amount;
        *slack = fmax(*slack, (wide + 4e-6 * (fabs(light) + fabs(straight[c]))) * alpha);
        if (format == HIPFX_PIXEL_RGBA8_SRGB)
            v = fmin(fmax(v, 0), 1);
        in.v[c] = v * alpha;
    }
    return in;
}

static void check(const struct table *t, double amount, const struct picture *in, double bound,
                  uint64_t seed)
{
    struct hipfx_values values = hipfx_values_default(hipfx_effect_find("lut"));
    fixture_set("lut", &values, "amount", amount);
    values.file = write_and_read(t);
    /* Entries have 16 bits, and the colour that they are looked up for 18 or so; between two
     * entries may lie all of the range. */
    double width = 0;
    for (int c = 0; c < 3; c++)
        width = fmax(width, 1 / (t->max[c] - t->min[c]));
    const double off = 1.3 * (1.0 / 131070 + 1.2e-5 * (t->size - 1) * width);
    for (int image = 0; image < fixture_image_count(); image++) {
        const char *isa = fixture_use(image);
        struct picture out = fixture_apply("lut", &values, 0, in);
        for (int y = 0; y < in->height; y++) {
            for (int x = 0; x < in->width; x++) {
                double slack;
                struct light want =
                    reference(t, picture_at(in, x, y), in->format, amount, off, &slack);
                double excess = picture_excess(&out, x, y, want, slack);
                if (!(excess <= bound))
                    fail_msg("%s, seed %llu, size %d of %d, at %d,%d: %.4f steps off", isa,
                             (unsigned long long)seed, t->size, t->dimensions, x, y, excess);
            }
        }
        picture_destroy(&out);
    }
    hipfx_file_release(values.file);
}

static void check_random_tables(int format)
{
    static const int sizes[] = {2, 3, 9, 17, 33};
    for (uint64_t seed = 1; seed <= (uint64_t)fixture_rounds(60); seed++) {
        struct rng rng = {seed};
        enum picture_kind kind = (enum picture_kind)rng_below(&rng, PICTURE_KINDS);
        struct picture in = picture_random(&rng, kind, 130 + rng_below(&rng, 40), 7, format, 0);
        struct table t =
            make_random(&rng, sizes[rng_below(&rng, 5)], rng_below(&rng, 4) == 0 ? 1 : 3);
        if (rng_below(&rng, 2)) {
            for (int c = 0; c < 3; c++) {
                t.min[c] = rng_between(&rng, -1, 0.2);
                t.max[c] = rng_between(&rng, 0.4, 3);
            }
        }
        check(&t, rng_below(&rng, 2) ? 1 : rng_between(&rng, 0, 1), &in, 0.02, seed);
        free(t.values);
        picture_destroy(&in);
    }
}

static void bytes_agree_with_the_reference(void **state)
{
    (void)state;
    check_random_tables(HIPFX_PIXEL_RGBA8_SRGB);
}

static void halves_agree_with_the_reference(void **state)
{
    (void)state;
    check_random_tables(HIPFX_PIXEL_RGBA16F);
}

static void the_largest_tables_agree(void **state)
{
    (void)state;
    fixture_skip_large();
    struct rng rng = {11};
    struct picture in = picture_random(&rng, PICTURE_OPAQUE, 200, 20, HIPFX_PIXEL_RGBA8_SRGB, 0);
    struct table cube = make_random(&rng, 65, 3), curves = make_identity(65536, 1);
    check(&cube, 1, &in, 0.05, 11);
    check(&curves, 1, &in, 0.05, 11);
    free(cube.values);
    free(curves.values);
    picture_destroy(&in);
}

static void an_identity_changes_no_byte(void **state)
{
    (void)state;
    static const int sizes[] = {2, 17, 32, 33, 64, 65};
    for (size_t i = 0; i < 2 * sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct table t = make_identity(sizes[i / 2], i % 2 ? 3 : 1);
        struct hipfx_values values = hipfx_values_default(hipfx_effect_find("lut"));
        values.file = write_and_read(&t);
        for (int image = 0; image < fixture_image_count(); image++) {
            fixture_use(image);
            for (int kind = PICTURE_OPAQUE; kind <= PICTURE_EDGES; kind++) {
                struct rng rng = {i + 1};
                struct picture in = picture_random(&rng, (enum picture_kind)kind, 300, 20,
                                                   HIPFX_PIXEL_RGBA8_SRGB, 0);
                struct picture out = fixture_apply("lut", &values, 0, &in);
                assert_true(picture_same_bytes(&in, &out));
                picture_destroy(&in);
                picture_destroy(&out);
            }
        }
        hipfx_file_release(values.file);
        free(t.values);
    }
}

/* Brighter light stays brighter, and the table's own white is not a border. */
static void light_above_the_table_rises_on(void **state)
{
    (void)state;
    struct table t = make_identity(9, 3);
    for (int i = 0; i < entry_count(&t); i++) {
        t.values[i][0] = 0.1 + 0.8 * pow(t.values[i][0], 1.3);
        t.values[i][1] = 0.7 * t.values[i][1];
    }
    struct picture in = picture_create(256, 1, HIPFX_PIXEL_RGBA16F, 0);
    for (int x = 0; x < 256; x++) {
        const double v = exp2((x - 128) / 10.0);
        picture_set(&in, x, 0, (struct light){{v, 0.6 * v, 0.2 * v, 1}});
    }
    struct hipfx_values values = hipfx_values_default(hipfx_effect_find("lut"));
    values.file = write_and_read(&t);
    fixture_use(0);
    struct picture out = fixture_apply("lut", &values, 0, &in);
    for (int x = 1; x < 256; x++) {
        const struct light a = picture_at(&out, x - 1, 0), b = picture_at(&out, x, 0);
        for (int c = 0; c < 3; c++) {
            assert_true(b.v[c] > a.v[c]);
            assert_true(b.v[c] < a.v[c] * 1.4);
        }
    }
    picture_destroy(&in);
    picture_destroy(&out);
    hipfx_file_release(values.file);
    free(t.values);
}

/* A table is copied to the device once; another one, or the same after it, takes its place. */
static void tables_do_not_mix(void **state)
{
    (void)state;
    struct rng rng = {21};
    struct picture in = picture_random(&rng, PICTURE_OPAQUE, 90, 20, HIPFX_PIXEL_RGBA8_SRGB, 0);
    struct table tables[2] = {make_random(&rng, 5, 3), make_random(&rng, 5, 3)};
    struct hipfx_values values[2];
    struct picture first[2];
    fixture_use(0);
    for (int round = 0; round < 6; round++) {
        const int i = round % 2;
        if (round < 2) {
            values[i] = hipfx_values_default(hipfx_effect_find("lut"));
            values[i].file = write_and_read(&tables[i]);
        }
        struct picture out = fixture_apply("lut", &values[i], 0, &in);
        if (round < 2) {
            first[i] = out;
            continue;
        }
        assert_true(picture_same_bytes(&first[i], &out));
        picture_destroy(&out);
    }
    assert_false(picture_same_bytes(&first[0], &first[1]));
    for (int i = 0; i < 2; i++) {
        picture_destroy(&first[i]);
        hipfx_file_release(values[i].file);
        free(tables[i].values);
    }
    picture_destroy(&in);
}

static void what_is_not_a_number_does_not_spread(void **state)
{
    (void)state;
    struct rng rng = {7};
    struct table t = make_random(&rng, 9, 3);
    struct hipfx_values values = hipfx_values_default(hipfx_effect_find("lut"));
    values.file = write_and_read(&t);
    check_not_a_number(&(struct check){.effect = "lut"}, &values, 0);
    hipfx_file_release(values.file);
    free(t.values);
}

/* Pixels beside an area are not touched, and those in it are the same as without one. */
static void an_area_is_a_part_of_the_whole(void **state)
{
    (void)state;
    struct rng rng = {9};
    struct table t = make_random(&rng, 9, 3);
    struct hipfx_values values = hipfx_values_default(hipfx_effect_find("lut"));
    values.file = write_and_read(&t);
    for (int format = HIPFX_PIXEL_RGBA8_SRGB; format <= HIPFX_PIXEL_RGBA16F; format++) {
        struct picture in = picture_random(&rng, PICTURE_EDGES, 300, 20, format, 0);
        const struct hipfx_rect area = {.left = 48, .top = 3, .right = 211, .bottom = 17};
        struct picture whole = fixture_apply("lut", &values, 0, &in);
        struct picture part = fixture_apply_in(&area, "lut", &values, 0, &in);
        compare_area("lut", &part, &whole, &area);
        picture_destroy(&in);
        picture_destroy(&whole);
        picture_destroy(&part);
    }
    hipfx_file_release(values.file);
    free(t.values);
}

static void a_file_that_was_refused_is_refused_with_its_reason(void **state)
{
    (void)state;
    struct hipfx_file *file = hipfx_file_create(hipfx_effect_find("lut"), "/nonexistent/a.cube");
    hipfx_file_read(file);
    assert_null(file->data);
    struct hipfx_values values = hipfx_values_default(hipfx_effect_find("lut"));
    values.file = file;
    assert_false(hipfx_effect_find("lut")->is_neutral(&values));
    assert_non_null(strstr(file->why.text, "/nonexistent/a.cube"));
    assert_non_null(strstr(file->why.text, "choose another file"));
    assert_false(hipfx_file_is_current(file, file->effect, "/nonexistent/b.cube"));
    assert_true(hipfx_file_is_current(file, file->effect, "/nonexistent/a.cube"));
    hipfx_file_release(file);
}

int main(int argc, char **argv)
{
    fixture_options(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_agree_with_the_reference),
        cmocka_unit_test(halves_agree_with_the_reference),
        cmocka_unit_test(the_largest_tables_agree),
        cmocka_unit_test(an_identity_changes_no_byte),
        cmocka_unit_test(light_above_the_table_rises_on),
        cmocka_unit_test(tables_do_not_mix),
        cmocka_unit_test(what_is_not_a_number_does_not_spread),
        cmocka_unit_test(an_area_is_a_part_of_the_whole),
        cmocka_unit_test(a_file_that_was_refused_is_refused_with_its_reason),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
