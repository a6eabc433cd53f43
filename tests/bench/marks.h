/* The limits that the figures are held against, and what is to be said about the machine. */
#pragma once

#include <jansson.h>

/* For one size of bench.json, which has "size", "rows", "identity", "floor" and "kernels" as far as
 * they were measured: a new array, empty where there is no mark for the size and the device.
 *
 *   {"mark", "limit", "value", "met", "note"}     null: something was not measured, "note" says
 * what
 */
json_t *bench_marks(const json_t *size, const json_t *machine);

/* Sentences that must stand beside the figures: a new array. */
json_t *bench_notes(const json_t *machine);
