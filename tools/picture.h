/* The source "hipfx_picture": shows one picture that the program gives it, byte for byte.
 *
 * Drawn as OBS's own image source draws: premultiplied, blended over what is there. Onto
 * transparent black, in a target of its own colour space, the picture's bytes come out unchanged;
 * libobs converts it for targets of another one.
 *
 * Pixels are RGBA. In the space GS_CS_SRGB they have 8 bits: sRGB-encoded colour of premultiplied
 * linear light. In the others they are halves, of premultiplied linear light, in which 1 is SDR
 * white, or 80 nits in GS_CS_709_SCRGB. */
#pragma once

#include <obs/obs.h>
#include <stdint.h>

#define HIPFX_PICTURE_ID "hipfx_picture"

/* Once after each start of libobs. */
void hipfx_picture_register(void);

/* Shows a copy of these pixels from now on: rows without padding, the top one first. A size of 0x0
 * shows nothing. On the graphics thread, with a context. */
void hipfx_picture_show(obs_source_t *source, enum gs_color_space space, const void *pixels,
                        uint32_t width, uint32_t height);
