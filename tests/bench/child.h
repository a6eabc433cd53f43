/* A part of the bench in a process of its own. */
#pragma once

#include "tests/bench/options.h"

#include "interop/why.h"
#include <jansson.h>

struct bench_child {
    const struct bench_options *options;
    const char *part;
    int size;          /* of options->sizes */
    const char *dir;   /* for the file through which the result comes */
    const char *cache; /* a folder for the driver's compiled kernels; NULL: where it keeps them */
};

/* Runs it to its end. NULL with the reason: its own, or how the process ended. */
json_t *bench_child_run(const struct bench_child *child, struct hipfx_why *why);
