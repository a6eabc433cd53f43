/* The command line of the two programs that look for stale frames. */
#pragma once

#include "interop/ladder.h"
#include "tests/gpu/stale.h"

struct stale_options {
    struct stale_params params;
    struct hipfx_force force; /* of HIPFX_FORCE: the rungs to look at; nothing: all */
    int frames;               /* 0: not said */
};

/* False for an argument that makes no sense, after one line about it on stderr. */
bool stale_options_parse(int argc, char **argv, struct stale_options *out);

/* So many that what a device does now and then is seen, on one that is fast enough for that. */
int stale_options_frames(const struct stale_options *options, const struct stale *stale);

enum stale_outcome {
    STALE_PASSED,
    STALE_FAILED,
    STALE_NO_RUNG, /* of those that were asked for */
};

/* The program's exit status. */
int stale_exit(enum stale_outcome outcome);
