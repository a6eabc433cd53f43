#include "tests/bench/options.h"
#include "interop/ladder.h"
#include "tests/bench/series.h"
#include "tools/args.h"

#include <stdio.h>
#include <string.h>

#define FRAMES_MAX 1000

enum option_id {
    OPTION_SIZE = 256,
    OPTION_ROUNDS,
    OPTION_FRAMES,
    OPTION_QUICK,
    OPTION_FORCE,
    OPTION_OUT,
    OPTION_ONLY,
    OPTION_RESULT,
    OPTION_PLOT,
};

static const struct option known[] = {
    {"size", required_argument, NULL, OPTION_SIZE},
    {"rounds", required_argument, NULL, OPTION_ROUNDS},
    {"frames", required_argument, NULL, OPTION_FRAMES},
    {"quick", no_argument, NULL, OPTION_QUICK},
    {"force", required_argument, NULL, OPTION_FORCE},
    {"out", required_argument, NULL, OPTION_OUT},
    {"only", required_argument, NULL, OPTION_ONLY},
    {"result", required_argument, NULL, OPTION_RESULT},
    {"plot", required_argument, NULL, OPTION_PLOT},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

void bench_options_help(void)
{
    fputs(
        "usage: bench [OPTIONS]\n"
        "\n"
        "Measures what a frame with a filter takes in libobs, beside OBS's own filters and the\n"
        "bare hand-off between OpenGL and HIP; what the kernels take alone; and how long the\n"
        "plugin takes to start. Prints tables, writes bench.json, and draws bench.svg where\n"
        "gnuplot is installed. Run it on a machine that does nothing else. On a GPU it takes a\n"
        "few minutes, on a CPU a quarter of an hour.\n"
        "\n"
        "  --size WxH      may be said again (default: 1920x1080 and 3840x2160)\n"
        "  --rounds N      each filter has its turn in each round (default: 20)\n"
        "  --frames N      of each filter in a round, or fewer in half a second (default: 20)\n"
        "  --quick         2 rounds of 3 frames: shows that it works, and no more\n"
        "  --force RUNGS   how the frame travels, as \"memory=copy,order=host\"\n"
        "  --only PART     floor, kernels, frames or start alone\n"
        "  --out DIR       for bench.json and bench.svg (default: out)\n"
        "  --plot FILE     measure nothing: draw a bench.json, into the .svg beside it\n"
        "  --result FILE   with --only: in this process, at the first size; what the bench calls\n"
        "                  itself with\n"
        "  -v, --verbose   all of libobs's log\n"
        "\n"
        "Exit status: 0, whether or not the marks are met; 1 if something could not be\n"
        "measured, which bench.json then says; 2 for a wrong argument.\n",
        stdout);
}

static bool add_size(struct bench_options *o, const char *value, struct hipfx_why *why)
{
    uint32_t width = 0, height = 0;
    /* The scene is as large as libobs's canvas, which is rounded down to these steps. */
    if (!hipfx_parse_size(value, &width, &height) || width % 4 || height % 2)
        return hipfx_fail(
            why, "--size: \"%s\" is no size whose width is a multiple of 4 and height of 2", value);
    if (o->size_count == BENCH_SIZES_MAX)
        return hipfx_fail(why, "--size: at most %d", BENCH_SIZES_MAX);
    o->sizes[o->size_count].width = width;
    o->sizes[o->size_count++].height = height;
    return true;
}

static bool set_force(struct bench_options *o, const char *value, struct hipfx_why *why)
{
    struct hipfx_force force;
    struct hipfx_why reason = {0};
    if (!hipfx_force_parse(value, &force, &reason))
        return hipfx_fail(why, "--force: %s", reason.text);
    o->force = value;
    return true;
}

static bool set_only(struct bench_options *o, const char *value, struct hipfx_why *why)
{
    static const char *const parts[] = {"floor", "kernels", "frames", "start"};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (strcmp(parts[i], value) == 0)
            o->only = parts[i];
    }
    return o->only || hipfx_fail(why, "--only: there is no part \"%s\"", value);
}

static bool take_option(void *options, int id, const char *value, struct hipfx_why *why)
{
    struct bench_options *o = options;
    switch (id) {
    case OPTION_SIZE:
        return add_size(o, value, why);
    case OPTION_ROUNDS:
        return hipfx_parse_int(value, 1, BENCH_ROUNDS_MAX, &o->rounds) ||
               hipfx_fail(why, "--rounds: \"%s\" is no whole number from 1 to %d", value,
                          BENCH_ROUNDS_MAX);
    case OPTION_FRAMES:
        return hipfx_parse_int(value, 1, FRAMES_MAX, &o->frames) ||
               hipfx_fail(why, "--frames: \"%s\" is no whole number from 1 to %d", value,
                          FRAMES_MAX);
    case OPTION_QUICK:
        o->rounds = 2;
        o->frames = 3;
        o->starts = 1;
        return true;
    case OPTION_ONLY:
        return set_only(o, value, why);
    case OPTION_RESULT:
        o->result = value;
        return true;
    case OPTION_PLOT:
        o->plot = value;
        return true;
    case OPTION_FORCE:
        return set_force(o, value, why);
    case OPTION_OUT:
        o->out = value;
        return true;
    default:
        o->verbose = true;
        return true;
    }
}

enum hipfx_command bench_options_parse(int argc, char **argv, struct bench_options *options,
                                       struct hipfx_why *why)
{
    *options = (struct bench_options){.rounds = 20, .frames = 20, .starts = 3, .out = "out"};
    const enum hipfx_command command =
        hipfx_options_read_all(argc, argv, known, take_option, options, why);
    if (command != HIPFX_COMMAND_RUN)
        return command;
    if (options->result && !options->only)
        hipfx_fail(why, "--result needs --only");
    else if (options->size_count ||
             (add_size(options, "1920x1080", why) && add_size(options, "3840x2160", why)))
        return HIPFX_COMMAND_RUN;
    return HIPFX_COMMAND_BAD;
}
