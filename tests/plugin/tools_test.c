/* What the tools do without libobs: numbers of the command line, alpha, percentiles, files that
 * appear whole. */
#include "tools/alpha.h"
#include "tools/args.h"
#include "tools/output.h"
#include "tools/report.h"
#include "tools/tempfile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void a_size_is_two_numbers_and_nothing_else(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",      "x",    "4",     "4x",      "x4",
        "4x0",   "0x4",  "-4x4",  "4x4 ",    " 4x4",
        "4x4x4", "4X4x", "4x4.0", "4x16385", "99999999999999999999x4"};
    uint32_t width = 0, height = 0;
    assert_true(hipfx_parse_size("1x16384", &width, &height));
    assert_int_equal(width, 1);
    assert_int_equal(height, 16384);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        if (hipfx_parse_size(wrong[i], &width, &height))
            fail_msg("\"%s\" was taken for a size", wrong[i]);
    }
}

static void a_rate_is_a_number_or_a_fraction(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int num, den;
    } right[] = {
        {"60", 60, 1}, {"29.97", 29970, 1000}, {"30000/1001", 30000, 1001}, {"0.5", 500, 1000}};
    static const char *const wrong[] = {"",   "0",   "-1",  "60/0", "60/",
                                        "/1", "inf", "nan", "1e9",  "60fps"};
    int num = 0, den = 0;
    for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        assert_true(hipfx_parse_rate(right[i].text, &num, &den));
        assert_int_equal(num, right[i].num);
        assert_int_equal(den, right[i].den);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        if (hipfx_parse_rate(wrong[i], &num, &den))
            fail_msg("\"%s\" was taken for a rate", wrong[i]);
    }
}

static void seconds_are_finite_and_not_negative(void **state)
{
    (void)state;
    double seconds = -1;
    assert_true(hipfx_parse_seconds("1.25", &seconds));
    assert_true(seconds == 1.25);
    assert_true(hipfx_parse_seconds("0", &seconds));
    assert_false(hipfx_parse_seconds("-1", &seconds));
    assert_false(hipfx_parse_seconds("inf", &seconds));
    assert_false(hipfx_parse_seconds("1s", &seconds));
    assert_false(hipfx_parse_seconds("", &seconds));
}

/* The colour 204 102 51 at half alpha. In linear light 204 is 0.6038, times
 * 128/255 is 0.3031, which is 150 in sRGB. */
static void alpha_is_applied_in_linear_light(void **state)
{
    (void)state;
    const uint8_t straight[8] = {204, 102, 51, 128, 204, 102, 51, 255};
    uint8_t out[8];
    hipfx_premultiply(out, straight, 2);
    const uint8_t wanted[8] = {150, 73, 35, 128, 204, 102, 51, 255};
    assert_memory_equal(out, wanted, sizeof(wanted));
}

static void dividing_by_alpha_undoes_multiplying_as_far_as_8_bits_can(void **state)
{
    (void)state;
    for (int alpha = 128; alpha < 256; alpha++) {
        for (int c = 0; c < 256; c++) {
            const uint8_t straight[4] = {(uint8_t)c, (uint8_t)c, (uint8_t)c, (uint8_t)alpha};
            uint8_t out[4];
            hipfx_premultiply(out, straight, 1);
            hipfx_unpremultiply(out, out, NULL, NULL, 1);
            if (abs(out[0] - c) > (alpha == 255 ? 0 : 1))
                fail_msg("%d at alpha %d became %d", c, alpha, out[0]);
        }
    }
}

static void an_unchanged_pixel_comes_back_as_it_was(void **state)
{
    (void)state;
    /* At alpha 0 and 1 the premultiplied bytes tell next to nothing of the colour. */
    const uint8_t straight[12] = {200, 100, 50, 0, 200, 100, 50, 1, 200, 100, 50, 1};
    uint8_t before[12], drawn[12], out[12];
    hipfx_premultiply(before, straight, 3);
    memcpy(drawn, before, sizeof(drawn));
    drawn[8]++;
    hipfx_unpremultiply(out, drawn, before, straight, 3);
    assert_memory_equal(out, straight, 8);
    assert_memory_not_equal(out + 8, straight + 8, 4);
}

static void a_percentile_is_one_of_the_values(void **state)
{
    (void)state;
    struct hipfx_times times = {0};
    assert_true(hipfx_times_percentile(&times, 50) == 0);
    for (int i = 1000; i > 0; i--)
        assert_true(hipfx_times_add(&times, i));
    assert_true(hipfx_times_percentile(&times, 50) == 500);
    assert_true(hipfx_times_percentile(&times, 99) == 990);
    assert_true(hipfx_times_percentile(&times, 100) == 1000);
    assert_true(hipfx_times_percentile(&times, 0) == 1);
    hipfx_times_free(&times);
}

static void the_name_says_what_is_written(void **state)
{
    (void)state;
    assert_int_equal(hipfx_output_kind("a/b.png"), HIPFX_OUTPUT_PNG);
    assert_int_equal(hipfx_output_kind("a.b/C.MP4"), HIPFX_OUTPUT_VIDEO);
    assert_int_equal(hipfx_output_kind(".mkv"), HIPFX_OUTPUT_VIDEO);
    assert_int_equal(hipfx_output_kind("a.png/b"), HIPFX_OUTPUT_NONE);
    assert_int_equal(hipfx_output_kind("png"), HIPFX_OUTPUT_NONE);
    assert_int_equal(hipfx_output_kind("a.mp4x"), HIPFX_OUTPUT_NONE);
}

static void a_file_has_its_name_only_when_it_is_whole(void **state)
{
    (void)state;
    char directory[] = "/tmp/hipfx-tools-XXXXXX", path[64];
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof(path), "%s/file", directory);
    struct hipfx_tempfile temp;
    struct hipfx_why why = {0};

    assert_true(hipfx_tempfile_create(&temp, path, &why));
    assert_int_not_equal(access(path, F_OK), 0);
    hipfx_tempfile_discard(&temp);
    assert_true(hipfx_tempfile_create(&temp, path, &why));
    assert_true(hipfx_tempfile_commit(&temp, &why));
    assert_int_equal(access(path, F_OK), 0);
    hipfx_tempfile_discard(&temp);
    assert_false(hipfx_tempfile_create(&temp, directory, &why));
    assert_string_not_equal(why.text, "");

    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(directory), 0); /* nothing else was left in it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_size_is_two_numbers_and_nothing_else),
        cmocka_unit_test(a_rate_is_a_number_or_a_fraction),
        cmocka_unit_test(seconds_are_finite_and_not_negative),
        cmocka_unit_test(alpha_is_applied_in_linear_light),
        cmocka_unit_test(dividing_by_alpha_undoes_multiplying_as_far_as_8_bits_can),
        cmocka_unit_test(an_unchanged_pixel_comes_back_as_it_was),
        cmocka_unit_test(a_percentile_is_one_of_the_values),
        cmocka_unit_test(the_name_says_what_is_written),
        cmocka_unit_test(a_file_has_its_name_only_when_it_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
