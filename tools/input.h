/* Pictures and videos in, as RGBA frames, through libavformat and libavcodec. One thread. */
#pragma once

#include "interop/why.h"

#include <stdbool.h>
#include <stdint.h>

/* What OpenGL is sure to take in one texture, px. */
#define HIPFX_SIDE_MAX 16384

struct hipfx_input;

struct hipfx_input_info {
    uint32_t width, height;     /* px, as frames come out */
    bool is_picture;            /* one frame */
    int fps_num, fps_den;       /* 0/0 where the file does not say */
    int aspect_num, aspect_den; /* of a pixel; 0/1 where the file does not say */
};

/* Opens the file and decodes its first frame. Frames are scaled to width x height; 0: as they are.
 * NULL with the reason. */
struct hipfx_input *hipfx_input_open(const char *path, uint32_t width, uint32_t height,
                                     struct hipfx_why *why);
struct hipfx_input_info hipfx_input_info(const struct hipfx_input *input);

enum hipfx_input_result {
    HIPFX_INPUT_FRAME = 1,
    HIPFX_INPUT_END,
    HIPFX_INPUT_ERROR, /* the reason is in `why` */
};

/* The next frame: 8-bit sRGB, straight alpha, rows without padding, the top one first. A picture
 * has one. Damaged frames in the middle of a video are left out. */
enum hipfx_input_result hipfx_input_next(struct hipfx_input *input, uint8_t *pixels,
                                         struct hipfx_why *why);

/* The next frame in linear light: RGBA, premultiplied. Files of floats (OpenEXR, PFM) hold that,
 * and their values are kept; of all others the sRGB curve's 1 is `peak`. Frames must have the
 * file's own size. */
enum hipfx_input_result hipfx_input_next_light(struct hipfx_input *input, float peak, float *pixels,
                                               struct hipfx_why *why);

void hipfx_input_close(struct hipfx_input **input);
