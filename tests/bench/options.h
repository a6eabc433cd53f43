/* The command line of hipfx-bench. */
#pragma once

#include "tools/options.h"

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

/* With BAD the reason is in `why`. */
enum hipfx_command bench_options_parse(int argc, char **argv, struct bench_options *options,
                                       struct hipfx_why *why);
void bench_options_help(void);
