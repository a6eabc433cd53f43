/* What was measured, as a table on stdout and as bench.json. */
#pragma once

#include "tests/bench/direct.h"
#include "tests/bench/frames.h"

#include <jansson.h>

/* All figures of one size. */
struct bench_size {
    uint32_t width, height; /* px */
    struct bench_start start[BENCH_ROW_COUNT];
    struct bench_series frames[BENCH_ROW_COUNT];
    struct bench_series kernels[BENCH_DIRECT_COUNT];
    json_t *reports[BENCH_ROW_COUNT]; /* the plugin's filters', otherwise NULL */
};

void bench_size_free(struct bench_size *size);

struct bench_gl {
    char renderer[256], version[256];
};

/* The machine and the programs: a new object. `report` is that of any of the plugin's filters. */
json_t *bench_output_machine(const struct bench_gl *gl, const json_t *report);

/* The figures of one size, marks included: a new object. */
json_t *bench_output_size(struct bench_size *size, const json_t *machine);

/* Both take what the functions above made. */
void bench_output_print_machine(const json_t *machine);
void bench_output_print_size(const json_t *size);
