/* What the two programs that look for stale frames have in common. */
#pragma once

#include "interop/ladder.h"
#include "tests/gpu/stale.h"

struct stale_options {
    struct stale_params params;
    struct hipfx_force force; /* of HIPFX_FORCE: the rungs to look at; nothing: all */
    int frames;               /* 0: not said */
};

/* So many that what a device does now and then is seen, on one that is fast enough for that. */
int stale_frames(const struct stale_options *options, const struct stale *stale);

enum stale_outcome {
    STALE_PASSED,
    STALE_FAILED,
    STALE_NO_RUNG, /* of those that were asked for */
};

/* The program but for what it looks at, with a GL context current; gives its exit status. */
int stale_main(int argc, char **argv,
               enum stale_outcome (*look)(struct stale *stale,
                                          const struct stale_options *options));
