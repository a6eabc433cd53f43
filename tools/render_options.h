/* The command line of hipfx-render. Private to it. */
#pragma once

#include "tools/options.h"
#include "tools/output.h"
#include "tools/report.h"

#include <obs/obs.h>
#include <stdbool.h>
#include <stdint.h>

struct render_options {
    const char *input, *output;
    enum hipfx_output_kind kind;
    const char *settings[HIPFX_FILTERS_MAX]; /* JSON */
    const char *effects[HIPFX_FILTERS_MAX];  /* the effect that each chooses */
    int filter_count;
    bool no_filter;
    int frames;             /* 0: all of a video */
    int fps_num, fps_den;   /* 0: the input's */
    double time_s;          /* of the first frame */
    uint32_t width, height; /* px; 0: the input's */
    enum gs_color_space space;
    double peak;
    const char *report;
    char force[256]; /* for HIPFX_FORCE; "": leave it */
    bool verbose;
};

/* With BAD the reason is in `why`. */
enum hipfx_command render_options_parse(int argc, char **argv, struct render_options *options,
                                        struct hipfx_why *why);
void render_options_help(void);
