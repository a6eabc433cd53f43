/* report.json: what was drawn, on what, and how long it took. */
#pragma once

#include "interop/why.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define HIPFX_FILTERS_MAX 32

/* Milliseconds of each frame. */
struct hipfx_times {
    double *ms;
    size_t count, capacity;
};

bool hipfx_times_add(struct hipfx_times *times, double ms); /* false: out of memory */
void hipfx_times_free(struct hipfx_times *times);

/* The smallest value that `percent` of all are not above (nearest rank); 0 with no values. Sorts.
 */
double hipfx_times_percentile(struct hipfx_times *times, double percent);

struct hipfx_report_params {
    uint32_t width, height; /* px */
    int64_t frames;
    int64_t lagged_frames; /* of a recording in real time; negative: does not apply */
    struct hipfx_times *frame_ms;
    const char *effects[HIPFX_FILTERS_MAX]; /* ids, in the order of the filters */
    /* What each filter said of itself before the first frame and after the last; NULL entries are
     * allowed. */
    json_t *before[HIPFX_FILTERS_MAX];
    json_t *after[HIPFX_FILTERS_MAX];
    int filter_count;
    const char *error; /* beside those of the filters, or NULL */
};

/* Makes the object. The device's fields come from the first filter and are null without one;
 * counts, bytes and times of several filters are added up. NULL: out of memory. */
json_t *hipfx_report_make(const struct hipfx_report_params *params);

bool hipfx_report_write(const json_t *report, const char *path, struct hipfx_why *why);

/* The report's errors as one line, "" if there are none. */
const char *hipfx_report_errors(const json_t *report, char *out, size_t size);
