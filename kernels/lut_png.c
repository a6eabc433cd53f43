/* The reader of OBS's .png tables. */
#include "interop/fault.h"
#include "kernels/lut.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

/* The picture's and a tile's sides, and tiles in a row. */
enum { SIDE = 512, TILE = 64, ACROSS = SIDE / TILE };

/* Three numbers of 16 bits a pixel, as PNG orders their bytes. */
#define ROW_BYTES ((size_t)SIDE * 6)

struct source {
    const unsigned char *at;
    size_t left;
    struct hipfx_why *why;
};

static void give_bytes(png_structp png, png_bytep out, size_t size)
{
    struct source *source = png_get_io_ptr(png);
    if (size > source->left)
        png_error(png, "the file is cut off");
    memcpy(out, source->at, size);
    source->at += size;
    source->left -= size;
}

_Noreturn static void stop(png_structp png, png_const_charp message)
{
    struct source *source = png_get_error_ptr(png);
    hipfx_fail(source->why, "this is no sound PNG, %s: choose another file", message);
    png_longjmp(png, 1);
}

static void ignore(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

/* The file's numbers, red, green and blue: a table's gamma or profile is none of its own. */
static void decode(png_structp png, png_infop info, png_bytep rgb)
{
    png_bytep rows[SIDE];
    png_read_info(png, info);
    if (png_get_image_width(png, info) != SIDE || png_get_image_height(png, info) != SIDE)
        png_error(png, "a table has 512x512 pixels");
    png_set_expand_16(png);
    png_set_gray_to_rgb(png);
    png_set_strip_alpha(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
    if (png_get_rowbytes(png, info) != ROW_BYTES)
        png_error(png, "its pixels are of an unknown kind");
    for (int y = 0; y < SIDE; y++)
        rows[y] = rgb + (size_t)y * ROW_BYTES;
    png_read_image(png, rows);
}

static bool read_pixels(struct source *source, png_bytep rgb)
{
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, source, stop, ignore);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    bool ok = false;
    if (!info) {
        hipfx_fail(source->why, "out of memory");
    } else if (!setjmp(png_jmpbuf(png))) {
        png_set_read_fn(png, source, give_bytes);
        decode(png, info, rgb);
        ok = true;
    }
    png_destroy_read_struct(&png, &info, NULL);
    return ok;
}

static struct hipfx_lut *order(const unsigned char *rgb, float (*values)[3], struct hipfx_why *why)
{
    for (int i = 0; i < TILE * TILE * TILE; i++) {
        const int red = i % TILE, green = i / TILE % TILE, blue = i / TILE / TILE;
        const int x = blue % ACROSS * TILE + red, y = blue / ACROSS * TILE + green;
        const unsigned char *pixel = rgb + (size_t)y * ROW_BYTES + (size_t)x * 6;
        for (int c = 0; c < 3; c++)
            values[i][c] = (float)(pixel[2 * c] << 8 | pixel[2 * c + 1]) / 65535;
    }
    const struct hipfx_lut_found found = {
        .size = TILE,
        .dimensions = 3,
        .domain_max = {1, 1, 1},
        .values = values,
    };
    return hipfx_lut_pack(&found, why);
}

struct hipfx_lut *hipfx_lut_parse_png(const void *bytes, size_t size, struct hipfx_why *why)
{
    struct source source = {.at = bytes, .left = size, .why = why};
    unsigned char *rgb =
        HIPFX_FAULT_POINT(HIPFX_FAULT_LIBC, "malloc", NULL, malloc(SIDE * ROW_BYTES));
    float(*values)[3] = HIPFX_FAULT_POINT(HIPFX_FAULT_LIBC, "malloc", NULL,
                                          malloc((size_t)SIDE * SIDE * sizeof(*values)));
    struct hipfx_lut *lut = NULL;
    if (!rgb || !values)
        hipfx_fail(why, "out of memory");
    else if (read_pixels(&source, rgb))
        lut = order(rgb, values, why);
    free(values);
    free(rgb);
    return lut;
}
