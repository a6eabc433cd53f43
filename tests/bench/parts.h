/* The parts that a run of the bench is made of. Each runs in a process of its own, which the bench
 * starts (child.h): a driver that crashes or hangs takes one part with it and no more, and what one
 * part leaves warm does not flatter the next.
 *
 * Each returns a new object, or NULL with the reason. */
#pragma once

#include "tests/bench/options.h"

#include "interop/why.h"
#include <jansson.h>

/* "floor": floor.h, with no OBS. Also "device" and "device_name". */
json_t *bench_part_floor(const struct bench_options *options, struct hipfx_why *why);

/* "kernels": direct.h, with no OBS. */
json_t *bench_part_kernels(const struct bench_options *options, struct hipfx_why *why);

/* The rows of rows.h in libobs: "machine", "rows" and whether "identity" showed the same bytes. */
json_t *bench_part_frames(const struct bench_options *options, struct hipfx_why *why);

/* The plugin's first frame in this process: "until_effect_ms", "longest_frame_ms" until
 * then, "unfiltered_frames" until then, and with no filter "no_filter_ms_p50" and "_p99". Whether
 * the kernels come out of a cache is the caller's matter. */
json_t *bench_part_start(const struct bench_options *options, struct hipfx_why *why);
