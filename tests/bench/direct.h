/* The kernels alone: effects on frames in device memory, with no OBS, OpenGL or Vulkan, beside a
 * device copy of the same bytes, which is the least that a kernel could take. */
#pragma once

#include "tests/bench/device.h"

#include <jansson.h>

struct bench_direct_params {
    int width_px, height_px;
    int rounds, frames; /* runs of each row in a round */
};

/* Runs every row on both formats: a new array of objects, in which times are in µs, by the device's
 * own clock from the first kernel's start to the last one's end.
 *
 *   {"row", "name", "format", "missing" or ("us_p50", "us_p99", "over_copy": {p50, min, max})}
 *
 * Frames show an opaque picture. Rows of an effect in a region have "over_whole", too: over the
 * same effect without one; rows of an effect on translucent noise "over_opaque": over the same
 * effect on the picture.
 *
 * NULL with the reason where nothing can be measured. */
json_t *bench_direct_measure(const struct bench_device *device,
                             const struct bench_direct_params *params, struct hipfx_why *why);
