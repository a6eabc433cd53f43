/* The rows drawn in libobs: the time of one frame, from an idle GPU until it is drawn and finished,
 * into an 8-bit texture. Called from the thread that started the host, which runs in step. */
#pragma once

#include "tests/bench/rows.h"
#include "tests/bench/series.h"
#include "tools/host.h"

struct bench_frames;

/* Makes the sources with their filters at one size, in px. The host's canvas has that size.
 * NULL with the reason. */
struct bench_frames *bench_frames_create(struct hipfx_host *host, uint32_t width, uint32_t height,
                                         struct hipfx_why *why);
void bench_frames_destroy(struct bench_frames **frames);

/* From a filter that nobody has drawn to its first frame with the effect; all 0 for filters that
 * are not the plugin's. */
struct bench_start {
    double until_effect_ms;
    double longest_frame_ms; /* of those on the way there */
    json_int_t frames;       /* that passed through unfiltered */
};

/* Draws a row until its filter works. Fails if that takes a minute or the filter says why not. */
bool bench_frames_start(struct bench_frames *frames, int row, struct bench_start *start,
                        struct hipfx_why *why);

/* Draws a row's share of one round: a few frames that are not counted, then `count`. Fails
 * if the plugin's filter let one pass through. */
bool bench_frames_round(struct bench_frames *frames, int row, int count,
                        struct bench_series *series, struct hipfx_why *why);

/* What the filter tells of itself: a new object; NULL for a row without the plugin's filter. */
json_t *bench_frames_report(struct bench_frames *frames, int row);
