/* The clock that the bench goes by, and how long a row may take at once. */
#pragma once

#include <time.h>

/* A row's turn in a round ends early when it has taken this long, so that the slowest rows do not
 * make up the whole of a run. */
#define BENCH_TURN_MS 500.0

static inline double bench_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}
