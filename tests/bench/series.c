#include "tests/bench/series.h"

#include <stdlib.h>
#include <string.h>

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void sort(double *values, int count)
{
    qsort(values, (size_t)count, sizeof(*values), by_value);
}

static double middle(const double *sorted, int count)
{
    if (count == 0)
        return 0;
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}

bool bench_series_add(struct bench_series *series, struct hipfx_times *round)
{
    if (series->rounds == BENCH_ROUNDS_MAX)
        return false;
    for (size_t i = 0; i < round->count; i++) {
        if (!hipfx_times_add(&series->all, round->ms[i]))
            return false;
    }
    sort(round->ms, (int)round->count);
    series->round_ms[series->rounds++] = middle(round->ms, (int)round->count);
    return true;
}

void bench_series_free(struct bench_series *series)
{
    hipfx_times_free(&series->all);
    series->rounds = 0;
}

double bench_series_p50(const struct bench_series *series)
{
    double sorted[BENCH_ROUNDS_MAX];
    memcpy(sorted, series->round_ms, (size_t)series->rounds * sizeof(*sorted));
    sort(sorted, series->rounds);
    return middle(sorted, series->rounds);
}

double bench_series_p99(struct bench_series *series)
{
    return hipfx_times_percentile(&series->all, 99);
}

struct bench_ratio bench_series_ratio(const struct bench_series *series,
                                      const struct bench_series *reference)
{
    double ratios[BENCH_ROUNDS_MAX];
    int count = 0;
    for (int i = 0; i < series->rounds && i < reference->rounds; i++) {
        if (reference->round_ms[i] > 0)
            ratios[count++] = series->round_ms[i] / reference->round_ms[i];
    }
    if (count == 0)
        return (struct bench_ratio){0};
    sort(ratios, count);
    return (struct bench_ratio){middle(ratios, count), ratios[0], ratios[count - 1]};
}
