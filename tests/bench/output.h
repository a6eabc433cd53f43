/* What was measured, as bench.json has it and as a table on stdout. */
#pragma once

#include "tests/bench/frames.h"

#include <jansson.h>

/* The rows at one size. */
struct bench_size {
    struct bench_start start[BENCH_ROW_COUNT];
    struct bench_series frames[BENCH_ROW_COUNT];
    const char *missing[BENCH_ROW_COUNT]; /* why there are no figures, or NULL; not owned */
    json_t *reports[BENCH_ROW_COUNT];     /* the plugin's filters', otherwise NULL */
};

void bench_size_free(struct bench_size *size);

struct bench_gl {
    char renderer[256], version[256];
};

/* The machine and the programs: a new object. */
json_t *bench_output_machine(const struct bench_gl *gl, const struct bench_size *size);

/* A new array of the rows' figures. */
json_t *bench_output_rows(struct bench_size *size);

/* The whole of bench.json as tables. */
void bench_output_print(const json_t *all);
