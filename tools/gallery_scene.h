/* The gallery's picture, computed: a still life at dusk that has something for every effect. Lights
 * brighter than white, a sky without detail, skin and strong colours, wood and small print, and
 * round corners with nothing behind them. Private to hipfx-gallery. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* What is wrong with the picture, for effects that mend it. */
enum gallery_flaw {
    GALLERY_SOUND = 0,
    GALLERY_NOISY,  /* a camera's noise, another in each frame */
    GALLERY_BANDED, /* too few steps in gradients, as a strong compression leaves them */
    GALLERY_FLAWS,
};

/* Linear light, premultiplied RGBA, rows without padding, the top one first; free() it. NULL: out
 * of memory. */
float *gallery_scene_create(uint32_t width, uint32_t height);

/* A copy of the scene with the flaw; `frame` counts from 0. */
void gallery_scene_spoil(float *out, const float *scene, uint32_t width, uint32_t height,
                         enum gallery_flaw flaw, int frame);
