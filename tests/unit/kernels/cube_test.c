/* The readers of .cube and .png tables: what they take, and the line that they refuse. */
#include "kernels/effect.h"
#include "kernels/file.h"
#include "kernels/lut.h"

#include <fcntl.h>
#include <math.h>
#include <png.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct hipfx_lut *parse(const char *text)
{
    struct hipfx_why why = {0};
    struct hipfx_lut *lut = hipfx_lut_parse_cube(text, strlen(text), &why);
    if (!lut) {
        fail_msg("refused: %s\n%s", why.text, text);
        abort();
    }
    assert_string_equal(why.text, "");
    return lut;
}

static double value(const struct hipfx_lut *lut, int entry, int channel)
{
    return (double)lut->low[channel] + (double)lut->step[channel] * lut->entries[entry][channel];
}

static void check_value(const struct hipfx_lut *lut, int entry, int channel, double wanted)
{
    const double range = (double)lut->step[channel] * 65535;
    assert_true(fabs(value(lut, entry, channel) - wanted) <= range / 131070 + 1e-6);
}

/* Each is the same table: (0, 0.25, 0.5), (1, 0.75, -0.5). */
static void a_table_may_be_written_in_many_ways(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "LUT_1D_SIZE 2\n0 0.25 0.5\n1 0.75 -0.5\n",
        "LUT_1D_SIZE 2\n0 0.25 0.5\n1 0.75 -0.5", /* no end of the last line */
        "LUT_1D_SIZE 2\r\n0 0.25 0.5\r\n1 0.75 -0.5\r\n",
        "LUT_1D_SIZE 2\r0 0.25 0.5\r1 0.75 -0.5\r",
        "\n\n# a\nTITLE \"a # b\"\n\t LUT_1D_SIZE\t2 \n\n 0\t0.25  0.5 \n# c\n1 .75 -.5\n\n",
        "LUT_1D_SIZE 2\n0e0 2.5e-1 5E-1\n+1.0E+00 7.5e-01 -0.5 # the last\n",
        "\xef\xbb\xbfLUT_1D_SIZE 2\n0 0.25 0.5\n1 0.75 -0.5\n",
        "LUT_1D_SIZE 2\nLUT_1D_INPUT_RANGE 0 1\nA_LATER word\n0 0.25 0.5\n1 0.75 -0.5\n",
        "title x\nlut_1d_size 2\ndomain_min 0 0 0\nDomain_Max 1 1 1\n0 0.25 0.5\n1 0.75 -0.5\n",
        "DOMAIN_MAX 1 1 1\nDOMAIN_MIN 0 0 0\nLUT_1D_SIZE 2\n0 0.25 0.5\n1 0.75 -0.5\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct hipfx_lut *lut = parse(texts[i]);
        assert_int_equal(lut->size, 2);
        assert_int_equal(lut->dimensions, 1);
        for (int c = 0; c < 3; c++) {
            assert_true(lut->domain_min[c] == 0 && lut->domain_max[c] == 1);
            check_value(lut, 0, c, 0.25 * c);
            check_value(lut, 1, c, (const double[]){1, 0.75, -0.5}[c]);
        }
        free(lut);
    }
}

static void a_cube_is_in_the_order_of_the_file(void **state)
{
    (void)state;
    char text[4096] = "LUT_3D_SIZE 3\nDOMAIN_MIN -1 0 0.5\nDOMAIN_MAX 2 3.5 4\n";
    size_t length = strlen(text);
    for (int i = 0; i < 27; i++)
        length += (size_t)snprintf(text + length, sizeof(text) - length, "%d %g %g\n", i, i / 27.0,
                                   100.0 - i);
    struct hipfx_lut *lut = parse(text);
    assert_int_equal(lut->size, 3);
    assert_int_equal(lut->dimensions, 3);
    assert_int_equal(lut->bytes, 27 * 8);
    assert_true(lut->domain_min[0] == -1 && lut->domain_min[2] == 0.5F);
    assert_true(lut->domain_max[1] == 3.5F && lut->domain_max[2] == 4);
    for (int i = 0; i < 27; i++) {
        check_value(lut, i, 0, i);
        check_value(lut, i, 1, i / 27.0);
        check_value(lut, i, 2, 100 - i);
    }
    free(lut);
}

static void what_is_wrong_is_named_with_its_line(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *words, *text;
    } wrong[] = {
        {2, "LUT_1D_SIZE", "# nothing\nTITLE \"x\"\n"},
        {1, "before", "0 0 0\nLUT_1D_SIZE 2\n"},
        {1, "2 to 65536", "LUT_1D_SIZE 1\n"},
        {1, "2 to 65536", "LUT_1D_SIZE 65537\n"},
        {1, "2 to 65536", "LUT_1D_SIZE 99999999999999999999\n"},
        {1, "2 to 65536", "LUT_1D_SIZE\n"},
        {1, "2 to 65", "LUT_3D_SIZE 66\n"},
        {1, "whole number", "LUT_3D_SIZE -2\n"},
        {1, "whole number", "LUT_3D_SIZE 2.0\n"},
        {1, "more than belongs", "LUT_3D_SIZE 2 2 2\n"},
        {3, "size already", "LUT_1D_SIZE 2\n\nLUT_1D_SIZE 2\n"},
        {3, "a curve and a cube in one file", "LUT_1D_SIZE 2\n\nLUT_3D_SIZE 2\n"},
        {3, "not a number", "LUT_1D_SIZE 2\n0 0 0\n1 1,5 1\n"},
        {3, "not a number", "LUT_1D_SIZE 2\n0 0 0\n1 0x1p3 1\n"},
        {3, "not a number", "LUT_1D_SIZE 2\r\n0 0 0\r\n1 nan 1\r\n"},
        {3, "not a number", "LUT_1D_SIZE 2\n0 0 0\n1 inf 1\n"},
        {3, "not a number", "LUT_1D_SIZE 2\n0 0 0\n1 1e 1\n"},
        {3, "not a number", "LUT_1D_SIZE 2\n0 0 0\n1 - 1\n"},
        {3, "too large", "LUT_1D_SIZE 2\n0 0 0\n1 1e9 1\n"},
        {3, "too large", "LUT_1D_SIZE 2\n0 0 0\n1 1e999 1\n"},
        {3, "too long",
         "LUT_1D_SIZE 2\n0 0 0\n"
         "0.00000000000000000000000000000000000000000000000000000000000000000000 0 0\n"},
        {3, "missing", "LUT_1D_SIZE 2\n0 0 0\n1 1\n"},
        {3, "more than belongs", "LUT_1D_SIZE 2\n0 0 0\n1 1 1 1\n"},
        {2, "neither a keyword nor a number", "LUT_1D_SIZE 2\nhello 0 0\n"},
        {2, "neither a keyword nor a number", "LUT_1D_SIZE 2\n<html> 0 0\n"},
        {3, "between the numbers", "LUT_1D_SIZE 2\n0 0 0\nTITLE \"late\"\n1 1 1\n"},
        {4, "more rows", "LUT_1D_SIZE 2\n0 0 0\n1 1 1\n2 2 2\n"},
        {2, "rows of numbers are missing", "LUT_1D_SIZE 2\n0 0 0\n"},
        {1, "rows of numbers are missing", "LUT_3D_SIZE 2\n"},
        {2, "domain", "LUT_1D_SIZE 2\nDOMAIN_MAX 1 0 1\n0 0 0\n1 1 1\n"},
        {2, "domain", "LUT_1D_SIZE 2\nLUT_1D_INPUT_RANGE 1 0\n0 0 0\n1 1 1\n"},
        {2, "missing", "LUT_1D_SIZE 2\nDOMAIN_MIN 1 0\n0 0 0\n1 1 1\n"},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct hipfx_why why = {0};
        char line[32];
        snprintf(line, sizeof(line), "line %d:", wrong[i].line);
        assert_null(hipfx_lut_parse_cube(wrong[i].text, strlen(wrong[i].text), &why));
        if (!strstr(why.text, line) || !strstr(why.text, wrong[i].words) ||
            !strstr(why.text, "choose another file"))
            fail_msg("%s\ngives \"%s\" instead of %s %s", wrong[i].text, why.text, line,
                     wrong[i].words);
    }
}

/* A 0 in the text ends nothing. */
static void a_file_of_other_bytes_is_refused(void **state)
{
    (void)state;
    static const char text[] = "LUT_1D_SIZE 2\n0 0 0\n1 1 1\n\0 0 0\n";
    struct hipfx_why why = {0};
    assert_null(hipfx_lut_parse_cube(text, sizeof(text) - 1, &why));
    assert_non_null(strstr(why.text, "line 4: this is neither a keyword nor a number"));
}

/* There is no line to name. */
static void an_empty_file_is_refused(void **state)
{
    (void)state;
    struct hipfx_why why = {0};
    assert_null(hipfx_lut_parse_cube("", 0, &why));
    assert_string_equal(why.text, "the file is empty: choose another file");
}

/* A picture in memory, of 8 or 16 bits; `size` is its side. */
struct file {
    unsigned char *bytes;
    size_t size;
};

static void take_bytes(png_structp png, png_bytep data, size_t size)
{
    struct file *file = png_get_io_ptr(png);
    unsigned char *bytes = realloc(file->bytes, file->size + size);
    assert_non_null(bytes);
    file->bytes = bytes;
    memcpy(file->bytes + file->size, data, size);
    file->size += size;
}

/* What tile b holds at (r, g), of 16 bits. */
static int sample(int r, int g, int b, int channel)
{
    const int v = channel == 0 ? r * 1000 : channel == 1 ? g * 700 + 99 : b * 333 + 7;
    return v & 0xffff;
}

static struct file make_png(int side, int bits)
{
    struct file file = {0};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    unsigned char row[4096];
    png_set_write_fn(png, &file, take_bytes, NULL);
    png_set_IHDR(png, info, (png_uint_32)side, (png_uint_32)side, bits, PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_gAMA(png, info, 1.0); /* is not to be heeded */
    png_write_info(png, info);
    for (int y = 0; y < side; y++) {
        unsigned char *to = row;
        for (int x = 0; x < side; x++) {
            for (int c = 0; c < 3; c++) {
                const int v = sample(x % 64, y % 64, y / 64 * 8 + x / 64, c);
                *to++ = (unsigned char)(v >> 8);
                if (bits == 16)
                    *to++ = (unsigned char)v;
            }
        }
        png_write_row(png, row);
    }
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    return file;
}

static void a_picture_s_tiles_are_blue(void **state)
{
    (void)state;
    for (int bits = 8; bits <= 16; bits += 8) {
        struct file file = make_png(512, bits);
        struct hipfx_why why = {0};
        struct hipfx_lut *lut = hipfx_lut_parse_png(file.bytes, file.size, &why);
        assert_string_equal(why.text, "");
        if (!lut)
            abort();
        assert_int_equal(lut->size, 64);
        assert_int_equal(lut->dimensions, 3);
        for (int i = 0; i < 64 * 64 * 64; i++) {
            for (int c = 0; c < 3; c++) {
                const int v = sample(i % 64, i / 64 % 64, i / 4096, c);
                check_value(lut, i, c, bits == 16 ? v / 65535.0 : (v >> 8) / 255.0);
            }
        }
        free(lut);
        free(file.bytes);
    }
}

static void a_picture_that_is_no_table_is_refused(void **state)
{
    (void)state;
    struct file small = make_png(256, 8), whole = make_png(512, 8);
    struct hipfx_why why = {0};
    assert_null(hipfx_lut_parse_png(small.bytes, small.size, &why));
    assert_non_null(strstr(why.text, "512x512"));
    for (size_t size = 0; size < whole.size; size += 1 + whole.size / 50) {
        why = (struct hipfx_why){0};
        assert_null(hipfx_lut_parse_png(whole.bytes, size, &why));
        assert_non_null(strstr(why.text, "choose another file"));
    }
    free(small.bytes);
    free(whole.bytes);
}

/* As the tools find a libobs that was not installed. */
static const char *own_tables(char *folder, size_t size)
{
    const char *prefix = getenv("HIPFX_OBS_PREFIX");
    if (!prefix || !*prefix)
        return HIPFX_OBS_LUTS;
    snprintf(folder, size, "%s/share/obs/obs-plugins/obs-filters/LUTs", prefix);
    return folder;
}

/* Those that OBS brings, of all colour types that there are. */
static void obs_s_own_tables_are_read(void **state)
{
    (void)state;
    static const char *const names[] = {"black_and_white.png", "grayscale.png",
                                        "original.png",        "posterize.png",
                                        "red_isolated.png",    "teal_lows_orange_highs.png",
                                        "grayscale.cube",      "original.cube"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char folder[400], path[512];
        struct hipfx_why why = {0};
        snprintf(path, sizeof(path), "%s/%s", own_tables(folder, sizeof(folder)), names[i]);
        struct hipfx_lut *lut = hipfx_lut_read(path, &why);
        if (!lut) {
            fail_msg("%s: %s", path, why.text);
            return;
        }
        if (!strcmp(names[i], "original.png")) {
            for (int e = 0; e < 64 * 64 * 64; e++) {
                const int at[3] = {e % 64, e / 64 % 64, e / 4096};
                for (int c = 0; c < 3; c++)
                    assert_true(fabs(value(lut, e, c) - at[c] / 63.0) < 1.01 / 255);
            }
        }
        free(lut);
    }
}

/* Nothing is read of what is too large, and nothing is waited for. */
static void what_is_no_file_of_a_table_s_size_is_refused(void **state)
{
    (void)state;
    char folder[] = "/tmp/hipfx-tables-XXXXXX", huge[64], pipe[64];
    struct hipfx_why why[3] = {0};
    assert_non_null(mkdtemp(folder));
    snprintf(huge, sizeof(huge), "%s/huge.cube", folder);
    snprintf(pipe, sizeof(pipe), "%s/pipe.cube", folder);
    assert_int_equal(mkfifo(pipe, 0600), 0);
    const int fd = open(huge, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, (off_t)HIPFX_FILE_MAX_BYTES + 1), 0);
    close(fd);
    assert_null(hipfx_lut_read(folder, &why[0]));
    assert_null(hipfx_lut_read(pipe, &why[1]));
    assert_null(hipfx_lut_read(huge, &why[2]));
    unlink(huge);
    unlink(pipe);
    rmdir(folder);
    assert_non_null(strstr(why[0].text, "choose one"));
    assert_non_null(strstr(why[1].text, "choose one"));
    assert_non_null(strstr(why[2].text, "choose a smaller one"));
}

/* Its end, in whole characters: the panel shows it. */
static void a_long_path_is_cut_between_characters(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        char path[256] = "/nowhere/";
        size_t length = strlen(path);
        while (length < 230)
            length += (size_t)snprintf(path + length, sizeof(path) - length, "\xc3\xa9");
        snprintf(path + length, sizeof(path) - length, i ? "a.cube" : "ab.cube");
        struct hipfx_file *file = hipfx_file_create(hipfx_effect_find("lut"), path);
        assert_non_null(file);
        hipfx_file_read(file);
        assert_null(file->data);
        assert_int_equal((unsigned char)file->why.text[0], 0xc3);
        assert_non_null(strstr(file->why.text, ".cube: No such file"));
        hipfx_file_release(file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_may_be_written_in_many_ways),
        cmocka_unit_test(a_cube_is_in_the_order_of_the_file),
        cmocka_unit_test(what_is_wrong_is_named_with_its_line),
        cmocka_unit_test(a_file_of_other_bytes_is_refused),
        cmocka_unit_test(an_empty_file_is_refused),
        cmocka_unit_test(a_picture_s_tiles_are_blue),
        cmocka_unit_test(a_picture_that_is_no_table_is_refused),
        cmocka_unit_test(obs_s_own_tables_are_read),
        cmocka_unit_test(what_is_no_file_of_a_table_s_size_is_refused),
        cmocka_unit_test(a_long_path_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
