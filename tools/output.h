/* Frames out: a PNG picture or an H.264 video. The file appears when it is finished. One thread. */
#pragma once

#include "interop/why.h"

#include <stdbool.h>
#include <stdint.h>

enum hipfx_output_kind {
    HIPFX_OUTPUT_NONE = 0,
    HIPFX_OUTPUT_PNG,
    HIPFX_OUTPUT_VIDEO,
};

/* By the file name: ".png"; ".mp4" and ".mkv". */
enum hipfx_output_kind hipfx_output_kind(const char *path);

struct hipfx_output_params {
    const char *path;
    uint32_t width, height;     /* px */
    int fps_num, fps_den;       /* a video's */
    int aspect_num, aspect_den; /* of a pixel; 0/1: not said */
};

struct hipfx_output;

/* A PNG: RGB, or RGBA with straight alpha if any pixel is not opaque. A video: libx264, BT.709,
 * limited range; yuv420p, or yuv444p where a side is odd, so that the size stays. */
struct hipfx_output *hipfx_output_open(const struct hipfx_output_params *params,
                                       struct hipfx_why *why);

/* RGBA, rows without padding, the top one first. A PNG takes one frame, with straight alpha; a
 * video's alpha is not looked at, so premultiplied frames come out over black. */
bool hipfx_output_write(struct hipfx_output *output, const uint8_t *pixels, struct hipfx_why *why);

/* The frame of a PNG of 16 bits, as hipfx_png_write_light takes it. */
bool hipfx_output_write_light(struct hipfx_output *output, const float *pixels, float peak,
                              struct hipfx_why *why);

/* Finishes the file and gives it its name. */
bool hipfx_output_finish(struct hipfx_output **output, struct hipfx_why *why);

/* Leaves no file. Safe on NULL. */
void hipfx_output_abort(struct hipfx_output **output);

/* One PNG of 8 bits at once. */
bool hipfx_output_png(const char *path, const uint8_t *pixels, uint32_t width, uint32_t height,
                      struct hipfx_why *why);
