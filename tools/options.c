#include "tools/options.h"

#include <stddef.h>

enum hipfx_command hipfx_options_read(int argc, char **argv, const struct option *known,
                                      hipfx_option_fn take, void *options, struct hipfx_why *why)
{
    opterr = 0;
    int id;
    while ((id = getopt_long(argc, argv, ":hv", known, NULL)) != -1) {
        if (id == 'h')
            return HIPFX_COMMAND_HELP;
        if (id == '?')
            hipfx_fail(why, "unknown option %s; --help lists them", argv[optind - 1]);
        else if (id == ':')
            hipfx_fail(why, "%s needs a value", argv[optind - 1]);
        else if (take(options, id, optarg, why))
            continue;
        return HIPFX_COMMAND_BAD;
    }
    return HIPFX_COMMAND_RUN;
}

enum hipfx_command hipfx_options_read_all(int argc, char **argv, const struct option *known,
                                          hipfx_option_fn take, void *options,
                                          struct hipfx_why *why)
{
    const enum hipfx_command command = hipfx_options_read(argc, argv, known, take, options, why);
    if (command != HIPFX_COMMAND_RUN || optind == argc)
        return command;
    hipfx_fail(why, "\"%s\" is no option; --help lists them", argv[optind]);
    return HIPFX_COMMAND_BAD;
}
