/* The rows drawn in libobs: the time of one frame, from an idle GPU until it is drawn and finished,
 * into an 8-bit texture. Called from the thread that started the host, which runs in step. */
#pragma once

#include "tests/bench/rows.h"
#include "tests/bench/series.h"
#include "tools/host.h"

struct bench_frames;

/* At one size, in px, which the host's canvas has. NULL with the reason. */
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

/* Makes a row's source and filters, and draws it until the filter works. False if a minute was not
 * enough or something failed: the row can then not be measured. Once for each row. */
bool bench_frames_start(struct bench_frames *frames, int row, struct bench_start *start);

/* Why a row cannot be measured; NULL: it can. */
const char *bench_frames_missing(const struct bench_frames *frames, int row);

/* Draws a started row's share of one round: a few frames that are not counted, then up to `count`.
 * False if one could not be drawn, or passed through the plugin's filter. */
bool bench_frames_round(struct bench_frames *frames, int row, int count,
                        struct bench_series *series);

/* True if two rows that were started show the same bytes; otherwise the reason. */
bool bench_frames_same(struct bench_frames *frames, int row, int other, struct hipfx_why *why);

/* What the filter tells of itself: a new object; NULL for a row without the plugin's filter. */
json_t *bench_frames_report(struct bench_frames *frames, int row);
