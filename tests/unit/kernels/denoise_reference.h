/* What `denoise` must give, in double and by the shortest way from the definition in
 * kernels/device_denoise.h, written apart from the kernels. For whole frames. */
#pragma once

#include "picture.h"

struct denoise {
    double spatial, temporal, noise;
};

/* The frames' mean: for each pixel r, g, b in stabilised codes and the number of frames. */
struct denoise_history {
    double (*mean)[4]; /* NULL: none */
};

/* All pixels, row after row; the caller frees them. `history` is brought up to date. */
struct light *reference_denoise(const struct denoise *denoise, const struct picture *in,
                                struct denoise_history *history);

void denoise_history_forget(struct denoise_history *history);
