/* A picture in device memory: what effects take and give. Plain C; device code includes it too. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum hipfx_pixel {
    HIPFX_PIXEL_NONE = 0,
    HIPFX_PIXEL_RGBA8_SRGB, /* 8 bits, sRGB-encoded colour of premultiplied linear light: OBS's own
                             */
    HIPFX_PIXEL_RGBA16F,    /* IEEE half, linear light, premultiplied; may leave 0..1 */
};

/* Does not own what it points to. Row y starts at (char *)data + y * pitch. */
struct hipfx_frame {
    void *data;     /* device pointer, aligned to 16 bytes */
    uint64_t pitch; /* bytes from a row to the next, a multiple of the pixel size */
    int32_t width;  /* pixels */
    int32_t height; /* pixels */
    int32_t format; /* enum hipfx_pixel */

    /* Instead of `data`, a surface object over an array, whose pixel (x, y) is the frame's first;
     * x is a multiple of 4. Only NVIDIA's GPUs have them. `pitch` is of no meaning then. */
    int32_t x, y;
    uint64_t surface; /* 0: none */
};

/* A part of a picture, in pixels; right and bottom are the first outside. */
struct hipfx_rect {
    int32_t left, top, right, bottom;
};
