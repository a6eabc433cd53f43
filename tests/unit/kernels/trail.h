/* What moving things leave behind in a denoised sequence. */
#pragma once

#include "kernels/effect.h"

/* A bar with hard edges, that much brighter than a grey of 110, goes over it by `step_px` a frame;
 * all is in noise. Where it was `since` frames ago and longer, this is by how much the worst column
 * differs from the same frames without a bar, in codes; the mean over the column. */
double denoise_trail(const struct hipfx_values *values, double noise, int contrast, int step_px,
                     int since);
