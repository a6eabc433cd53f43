#include "tools/png.h"
#include "tools/light.h"

#include <errno.h>
#include <math.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_opaque(const uint8_t *pixels, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (pixels[4 * i + 3] != 255)
            return false;
    }
    return true;
}

bool hipfx_png_write(const char *name, const char *path, const uint8_t *pixels, uint32_t width,
                     uint32_t height, struct hipfx_why *why)
{
    const size_t count = (size_t)width * height;
    png_image image = {
        .version = PNG_IMAGE_VERSION,
        .width = width,
        .height = height,
        .format = PNG_FORMAT_RGBA,
    };
    uint8_t *rgb = NULL;
    if (is_opaque(pixels, count)) {
        rgb = malloc(count * 3);
        if (!rgb)
            return hipfx_fail(why, "out of memory");
        for (size_t i = 0; i < count; i++)
            memcpy(rgb + 3 * i, pixels + 4 * i, 3);
        image.format = PNG_FORMAT_RGB;
    }
    const int ok = png_image_write_to_file(&image, path, 0, rgb ? rgb : pixels, 0, NULL);
    free(rgb);
    if (!ok)
        return hipfx_fail(why, "%s: cannot be written: %s", name, image.message);
    return true;
}

/* libpng's simple way above writes 16 bits in linear light only, where dark colours have too few of
 * them. */
struct writer {
    const char *name;
    struct hipfx_why *why;
    FILE *file;
    png_structp png;
    png_infop info;
    uint8_t *row;
};

static void on_error(png_structp png, png_const_charp message)
{
    const struct writer *w = png_get_error_ptr(png);
    hipfx_fail(w->why, "%s: cannot be written: %s", w->name, message);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

/* The high byte first. */
static uint8_t *put_code(uint8_t *out, double value)
{
    const unsigned code = (unsigned)lrint(65535 * fmin(fmax(value, 0), 1));
    out[0] = (uint8_t)(code >> 8);
    out[1] = (uint8_t)code;
    return out + 2;
}

static void make_row(uint8_t *out, const float *in, uint32_t width, float peak, bool opaque)
{
    for (uint32_t x = 0; x < width; x++, in += 4) {
        const double scale = in[3] > 0 ? 1 / (double)(in[3] * peak) : 0;
        for (int i = 0; i < 3; i++)
            out = put_code(out, hipfx_srgb_encode((double)in[i] * scale));
        if (!opaque)
            out = put_code(out, (double)in[3]);
    }
}

/* Returns by libpng's jump on an error, with the reason said. */
static bool write_rows(struct writer *w, const float *pixels, float peak, uint32_t width,
                       uint32_t height, bool opaque)
{
    if (setjmp(png_jmpbuf(w->png)))
        return false;
    png_init_io(w->png, w->file);
    png_set_IHDR(w->png, w->info, width, height, 16,
                 opaque ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_RGBA, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_sRGB_gAMA_and_cHRM(w->png, w->info, PNG_sRGB_INTENT_PERCEPTUAL);
    png_write_info(w->png, w->info);
    for (uint32_t y = 0; y < height; y++) {
        make_row(w->row, pixels + (size_t)y * width * 4, width, peak, opaque);
        png_write_row(w->png, w->row);
    }
    png_write_end(w->png, NULL);
    return true;
}

bool hipfx_png_write_light(const char *name, const char *path, const float *pixels, float peak,
                           uint32_t width, uint32_t height, struct hipfx_why *why)
{
    bool opaque = true;
    for (size_t i = 0; i < (size_t)width * height && opaque; i++)
        opaque = pixels[4 * i + 3] >= 1;

    struct writer w = {.name = name, .why = why};
    w.row = malloc((size_t)width * 8);
    w.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &w, on_error, on_warning);
    w.info = w.png ? png_create_info_struct(w.png) : NULL;
    bool ok = w.row && w.info;
    if (!ok)
        hipfx_fail(why, "out of memory");
    w.file = ok ? fopen(path, "wb") : NULL;
    if (ok && !w.file)
        hipfx_fail(why, "%s: cannot be written: %s", name, strerror(errno));
    ok = w.file && write_rows(&w, pixels, peak, width, height, opaque);
    if (w.file && fclose(w.file) != 0 && ok)
        ok = hipfx_fail(why, "%s: cannot be written: %s", name, strerror(errno));
    png_destroy_write_struct(&w.png, &w.info);
    free(w.row);
    return ok;
}
