/* Numbers of the command line: all of the text must be one, and in range. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

bool hipfx_parse_int(const char *text, int min, int max, int *out);
bool hipfx_parse_number(const char *text, double min, double max, double *out);
bool hipfx_parse_seconds(const char *text, double *out);                    /* 0 to a day */
bool hipfx_parse_size(const char *text, uint32_t *width, uint32_t *height); /* "1280x720" */
bool hipfx_parse_rate(const char *text, int *num, int *den); /* "60", "29.97", "30000/1001" */
