/* The kernels alone: the plugin's rows on frames in device memory, with no OBS, OpenGL or Vulkan,
 * beside a device copy of the same bytes, which is the least that a kernel could take. */
#pragma once

#include "interop/hip/hip.h"
#include "tests/bench/rows.h"
#include "tests/bench/series.h"

struct bench_direct;

enum {
    BENCH_COPY = BENCH_ROW_COUNT, /* the device copy, beside the rows */
    BENCH_DIRECT_COUNT,
};

/* Allocates frames of one size, in px, 8-bit. NULL with the reason. */
struct bench_direct *bench_direct_create(enum hipfx_hip_kind kind, int width, int height,
                                         struct hipfx_why *why);
void bench_direct_destroy(struct bench_direct **direct);

/* Runs one row's kernels, or the copy, for one round: by the device's own clock, from the first
 * kernel's start to the last one's end. A row of the plugin's, or BENCH_COPY. */
bool bench_direct_round(struct bench_direct *direct, int row, int count,
                        struct bench_series *series, struct hipfx_why *why);
