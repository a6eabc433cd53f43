/* The source "hipfx_picture": shows one picture that the program gives it, byte for byte.
 *
 * Drawn as OBS's own image source draws: sRGB-encoded colour of premultiplied linear light, blended
 * over what is there. Onto transparent black the picture's bytes come out unchanged. */
#pragma once

#include <obs/obs.h>
#include <stdint.h>

#define HIPFX_PICTURE_ID "hipfx_picture"

/* Once after each start of libobs. */
void hipfx_picture_register(void);

/* Shows a copy of these pixels from now on: RGBA as above, rows without padding, the top one first.
 * A size of 0x0 shows nothing. On the graphics thread, with a context. */
void hipfx_picture_show(obs_source_t *source, const uint8_t *pixels, uint32_t width,
                        uint32_t height);
