/* What the effects must give, in double and by the shortest way from the definition, written apart
 * from the kernels. */
#pragma once

#include "picture.h"

struct light reference_color(struct light in, int format, double exposure_ev, double contrast,
                             double saturation);

struct wave {
    double offset, amplitude, cycles, speed, phase, thickness_px, opacity;
    uint32_t color; /* 0xAABBGGRR */
    enum { WAVE_LINE, WAVE_FILL, WAVE_WARP } style;
    double time_s;
};

struct light reference_wave(const struct picture *in, const struct wave *wave, int x, int y);

/* The y of the curve at a column's centre. */
double reference_wave_height(const struct picture *in, const struct wave *wave, int x);
