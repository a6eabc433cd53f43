/* The bare hand-off: what GL -> HIP -> GL costs with no OBS, so that the plugin's figures have the
 * least that they could be beside them. A frame is two full-screen passes of OpenGL, into a shared
 * texture and out of one, with the hand-off between them. */
#pragma once

#include "tests/bench/device.h"

#include <jansson.h>

struct bench_floor_params {
    int width_px, height_px;
    int rounds, frames; /* frames of each way in a round */
};

/* Measures every way that the device has, and says of each other one why it has it not: a new
 * object, in which times are in µs.
 *
 *   "memory", "kernel"     where the frames lie; what HIP does with them
 *   "ways": [ {"way": "two_passes" | "bare" | "link", "order", "missing" or
 *              "finish_us": {p50, p99}, one frame after the other, each waited for;
 *              "submit_us": {p50, p99}, until the calling thread has enqueued such a frame;
 *              "pipelined_us": {p50, p99}, a frame's share of many that are not waited for} ]
 *
 * "bare" is one order with nothing beside it, "link" the plugin's own link with the copies that its
 * memory rung makes. NULL with the reason where nothing can be measured. */
json_t *bench_floor_measure(const struct bench_device *device,
                            const struct bench_floor_params *params, struct hipfx_why *why);
