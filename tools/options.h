/* Options of the command line, as all of the tools read them. */
#pragma once

#include "interop/why.h"

#include <getopt.h>

enum hipfx_command {
    HIPFX_COMMAND_RUN = 1,
    HIPFX_COMMAND_HELP,
    HIPFX_COMMAND_BAD,
};

/* Writes one option into the program's own `options`; false with the reason for a wrong value. */
typedef bool (*hipfx_option_fn)(void *options, int id, const char *value, struct hipfx_why *why);

/* Reads getopt_long's `known` options, of which "help" has the id 'h' and "verbose" 'v'. With RUN
 * the arguments begin at argv[optind]; with BAD the reason is in `why`. */
enum hipfx_command hipfx_options_read(int argc, char **argv, const struct option *known,
                                      hipfx_option_fn take, void *options, struct hipfx_why *why);
/* The same for a program that takes no arguments. */
enum hipfx_command hipfx_options_read_all(int argc, char **argv, const struct option *known,
                                          hipfx_option_fn take, void *options,
                                          struct hipfx_why *why);
