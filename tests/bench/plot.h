/* bench.json as a picture, drawn by gnuplot. */
#pragma once

#include "interop/why.h"

/* Writes the .svg beside the .json and returns its path, to be freed. NULL with the reason: no such
 * bench.json, or no gnuplot. */
char *bench_plot(const char *json_path, struct hipfx_why *why);
