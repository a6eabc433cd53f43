/* A table of colours to measure look-ups with. */
#pragma once

#include "kernels/effect.h"

/* A cube of 33 entries along an axis, as colourists use them, read by the effect. The caller
 * releases it. NULL with the reason. */
struct hipfx_file *bench_table_read(const struct hipfx_effect *effect, struct hipfx_why *why);
