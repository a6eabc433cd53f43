/* Times that were taken in rounds. All rows have their turn in each round, so that whatever else
 * the machine does falls on all of them; what one round saw is compared within that round. */
#pragma once

#include "tools/report.h"

#define BENCH_ROUNDS_MAX 1000

struct bench_series {
    struct hipfx_times all;            /* every time, ms */
    double round_ms[BENCH_ROUNDS_MAX]; /* the median of each round */
    int rounds;
};

/* Adds the times of one round, of which there must be one at least. False: out of memory, or too
 * many rounds. Sorts `round`. */
bool bench_series_add(struct bench_series *series, struct hipfx_times *round);
void bench_series_free(struct bench_series *series);

/* The median of the rounds' medians; 0 with no rounds. */
double bench_series_p50(const struct bench_series *series);

/* Of all times. Sorts them. */
double bench_series_p99(struct bench_series *series);

struct bench_ratio {
    double p50, min, max; /* over the rounds; all 0 if there are none */
};

/* Round by round; the two must have had the same rounds. */
struct bench_ratio bench_series_ratio(const struct bench_series *series,
                                      const struct bench_series *reference);
