#include "tests/bench/options.h"
#include "interop/ladder.h"
#include "tests/bench/series.h"
#include "tools/args.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>

#define FRAMES_MAX 1000

enum option_id {
    OPTION_SIZE = 256,
    OPTION_ROUNDS,
    OPTION_FRAMES,
    OPTION_QUICK,
    OPTION_FORCE,
    OPTION_OUT,
};

static const struct option long_options[] = {
    {"size", required_argument, NULL, OPTION_SIZE},
    {"rounds", required_argument, NULL, OPTION_ROUNDS},
    {"frames", required_argument, NULL, OPTION_FRAMES},
    {"quick", no_argument, NULL, OPTION_QUICK},
    {"force", required_argument, NULL, OPTION_FORCE},
    {"out", required_argument, NULL, OPTION_OUT},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

void bench_options_help(void)
{
    fputs("usage: bench [OPTIONS]\n"
          "\n"
          "Measures in libobs what a frame with a filter takes, beside OBS's own filters: source\n"
          "and filter drawn into an 8-bit texture, from an idle GPU until it is finished. Prints\n"
          "a table and writes bench.json. Run it on a machine that does nothing else.\n"
          "\n"
          "  --size WxH      may be said again (default: 1920x1080)\n"
          "  --rounds N      each filter has its turn in each round (default: 20)\n"
          "  --frames N      of each filter in a round (default: 10)\n"
          "  --quick         2 rounds of 3 frames: shows that it works, and no more\n"
          "  --force RUNGS   how the frame travels, as \"memory=copy,order=host\"\n"
          "  --out DIR       for bench.json (default: out)\n"
          "  -v, --verbose   all of libobs's log\n"
          "\n"
          "Exit status: 0, whether or not the marks are met; 1 if something could not be\n"
          "measured; 2 for a wrong argument.\n",
          stdout);
}

__attribute__((format(printf, 1, 2))) static bool bad(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("bench: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return false;
}

static bool add_size(struct bench_options *o, const char *value)
{
    uint32_t width = 0, height = 0;
    /* The scene is as large as libobs's canvas, which is rounded down to these steps. */
    if (!hipfx_parse_size(value, &width, &height) || width % 4 || height % 2)
        return bad("--size: \"%s\" is no size whose width is a multiple of 4 and height of 2",
                   value);
    if (o->size_count == BENCH_SIZES_MAX)
        return bad("--size: at most %d", BENCH_SIZES_MAX);
    o->sizes[o->size_count].width = width;
    o->sizes[o->size_count++].height = height;
    return true;
}

static bool set_force(struct bench_options *o, const char *value)
{
    struct hipfx_force force;
    struct hipfx_why why = {0};
    if (!hipfx_force_parse(value, &force, &why))
        return bad("--force: %s", why.text);
    o->force = value;
    return true;
}

static bool take_option(struct bench_options *o, int id, const char *value)
{
    switch (id) {
    case OPTION_SIZE:
        return add_size(o, value);
    case OPTION_ROUNDS:
        return hipfx_parse_int(value, 1, BENCH_ROUNDS_MAX, &o->rounds) ||
               bad("--rounds: \"%s\" is no whole number from 1 to %d", value, BENCH_ROUNDS_MAX);
    case OPTION_FRAMES:
        return hipfx_parse_int(value, 1, FRAMES_MAX, &o->frames) ||
               bad("--frames: \"%s\" is no whole number from 1 to %d", value, FRAMES_MAX);
    case OPTION_QUICK:
        o->rounds = 2;
        o->frames = 3;
        return true;
    case OPTION_FORCE:
        return set_force(o, value);
    case OPTION_OUT:
        o->out = value;
        return true;
    default:
        o->verbose = true;
        return true;
    }
}

enum bench_command bench_options_parse(int argc, char **argv, struct bench_options *options)
{
    *options = (struct bench_options){.rounds = 20, .frames = 10, .out = "out"};
    opterr = 0;
    int id;
    while ((id = getopt_long(argc, argv, ":hv", long_options, NULL)) != -1) {
        if (id == 'h')
            return BENCH_HELP;
        if (id == '?') {
            bad("unknown option %s; --help lists them", argv[optind - 1]);
            return BENCH_BAD;
        }
        if (id == ':') {
            bad("%s needs a value", argv[optind - 1]);
            return BENCH_BAD;
        }
        if (!take_option(options, id, optarg))
            return BENCH_BAD;
    }
    if (optind != argc) {
        bad("\"%s\" is no option; --help lists them", argv[optind]);
        return BENCH_BAD;
    }
    if (!options->size_count)
        add_size(options, "1920x1080");
    return BENCH_RUN;
}
