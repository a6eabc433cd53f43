/* The command line of hipfx-bench. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define BENCH_SIZES_MAX 8

struct bench_options {
    struct {
        uint32_t width, height; /* px */
    } sizes[BENCH_SIZES_MAX];
    int size_count;
    int rounds, frames; /* frames of each row in a round */
    int starts;         /* of the plugin, with no cache and with one */
    const char *out;    /* directory */
    const char *force;  /* for HIPFX_FORCE; NULL: leave it */
    const char *only;   /* one part by its name; NULL: all */
    const char *result; /* file for that part alone; NULL: bench.json */
    const char *plot;   /* an existing bench.json; NULL: measure */
    bool verbose;
};

enum bench_command {
    BENCH_RUN = 1,
    BENCH_HELP,
    BENCH_BAD, /* one line on stderr says why */
};

enum bench_command bench_options_parse(int argc, char **argv, struct bench_options *options);
void bench_options_help(void);
