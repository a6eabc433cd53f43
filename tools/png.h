/* PNG files out, through libpng. Any thread.
 *
 * `why` names the file as `name`; it is written at `path`. Rows have no padding, the top one is the
 * first. A file has an alpha channel if any pixel is not opaque. */
#pragma once

#include "interop/why.h"

#include <stdbool.h>
#include <stdint.h>

/* 8 bits: RGBA, sRGB, straight alpha. */
bool hipfx_png_write(const char *name, const char *path, const uint8_t *pixels, uint32_t width,
                     uint32_t height, struct hipfx_why *why);

/* 16 bits: from linear, premultiplied RGBA. The file has straight alpha, and the code of a channel
 * is 65535 times the sRGB curve of its light over `peak`; what is below 0 or above the peak is
 * clipped. */
bool hipfx_png_write_light(const char *name, const char *path, const float *pixels, float peak,
                           uint32_t width, uint32_t height, struct hipfx_why *why);
