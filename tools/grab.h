/* Draws a source into a texture of its own, the way that a scene would, and reads the pixels back.
 *
 * The pixels are what a scene of the grab's colour space sees, as tools/picture.h tells. All
 * functions but the last run on the graphics thread with a context (a host job's `draw`). */
#pragma once

#include <obs/obs.h>
#include <stdbool.h>
#include <stdint.h>

struct hipfx_grab {
    enum gs_color_space space; /* the caller's to set, between draws */

    gs_texrender_t *target;
    gs_stagesurf_t *staging;
    uint32_t width, height; /* px, of `pixels` */
    uint8_t *pixels;        /* rows without padding, the top one first */
    size_t capacity;
    double draw_ms; /* the last draw, finished: GL idle before and after */
};

/* Draws the source over transparent black. False: it has no size, or GL ran out of something. */
bool hipfx_grab_draw(struct hipfx_grab *grab, obs_source_t *source);

/* Copies what was drawn last into `pixels`. */
bool hipfx_grab_read(struct hipfx_grab *grab);

/* Frees everything; safe on a zeroed struct. Any thread without a graphics context, or with one. */
void hipfx_grab_free(struct hipfx_grab *grab);
