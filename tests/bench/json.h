/* Figures in bench.json. */
#pragma once

#include "tests/bench/series.h"

#include <jansson.h>

/* As many digits as the clock is worth: four after the point. */
json_t *bench_json_number(double value);

/* "p50", "min" and "max", over the rounds. */
json_t *bench_json_ratio(struct bench_ratio ratio);

/* Reading: "unknown" and 0 where there is nothing. */
const char *bench_json_text(const json_t *object, const char *key);
double bench_json_value(const json_t *object, const char *key);

/* The object of an array whose member `key` is this text; NULL: none. */
json_t *bench_json_find(const json_t *array, const char *key, const char *text);
