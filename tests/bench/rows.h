/* What the bench draws, and the marks that the figures are held against. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* A source with a filter on it. The source is a scene of one opaque picture: a filter has to draw
 * such a source into a texture first, as it has to for captures and text. */
struct bench_row {
    const char *key; /* stable: bench.json's name for it */
    const char *name;
    const char *filter;   /* libobs's id; NULL: the source alone */
    const char *settings; /* JSON */
    bool direct;          /* on the picture itself, which OBS's filters need not draw first */
};

extern const struct bench_row bench_rows[];

enum {
    BENCH_ROW_COUNT = 8,
    BENCH_REFERENCE = 1, /* OBS's Color Correction: the row that others are compared with */
};

/* True for a filter of the plugin. */
bool bench_row_is_hip(const struct bench_row *row);

/* -1: no such row. */
int bench_row_find(const char *key);

enum bench_mark_kind {
    BENCH_MARK_RATIO = 1, /* the row's time over the reference's */
    BENCH_MARK_KERNEL_MS, /* the row's kernels alone */
};

struct bench_mark {
    enum bench_mark_kind kind;
    const char *row; /* key */
    double limit;
    int cores; /* of the machine that it is meant for; 0: any */
    const char *text;
    const char *note; /* a figure to compare with, or NULL */
};

/* For 1920x1080 where the filter runs on the CPU. */
extern const struct bench_mark bench_marks[];
extern const size_t bench_mark_count;
