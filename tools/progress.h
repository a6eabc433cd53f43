/* Progress on stderr: a bar that moves on a terminal, nothing otherwise. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct hipfx_progress {
    bool shown; /* on a terminal */
    const char *what;
    int64_t total; /* 0: not known */
    uint64_t last_ns;
};

struct hipfx_progress hipfx_progress_start(const char *what, int64_t total);

/* Cheap to call for every frame. */
void hipfx_progress_show(struct hipfx_progress *progress, int64_t done);

/* Takes the bar away, so that the next line stands alone. */
void hipfx_progress_end(struct hipfx_progress *progress);
