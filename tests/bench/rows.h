/* What the bench draws in libobs. */
#pragma once

#include <stdbool.h>

/* A source with filters on it. The source is a scene of one opaque picture: a filter has to draw
 * such a source into a texture first, as it has to for captures and text. */
struct bench_row {
    const char *key; /* stable: bench.json's name for it */
    const char *name;
    const char *filter;   /* libobs's id; NULL: the source alone */
    const char *settings; /* JSON */
    int count;            /* of the filter, one after the other */
    bool direct;          /* on a picture, which OBS's filters need not draw first, not a scene */
};

extern const struct bench_row bench_rows[];

enum {
    BENCH_ROW_NO_FILTER = 0,
    BENCH_ROW_TWO_PASSES = 1, /* what any filter takes that has a picture of its source */
    BENCH_ROW_REFERENCE = 2,  /* OBS's Color Correction: the row that others are compared with */
    BENCH_ROW_IDENTITY = 8,   /* the plugin's whole way, at the end of which no byte has changed */
    BENCH_ROW_COLOR = 9,
    BENCH_ROW_COUNT = 19,
};

/* True for a filter of the plugin. */
bool bench_row_is_hip(const struct bench_row *row);
