#include "tools/args.h"
#include "tools/input.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RATE_MAX 1000 /* frames per second */

/* Reads digits only: strtol also takes spaces and signs. Returns what follows, NULL if no number in
 * range is there. */
static const char *read_int(const char *text, int min, int max, int *out)
{
    if (*text < '0' || *text > '9')
        return NULL;
    char *end = NULL;
    errno = 0;
    const long value = strtol(text, &end, 10);
    if (errno || value < min || value > max)
        return NULL;
    *out = (int)value;
    return end;
}

static bool read_double(const char *text, double *out)
{
    if (strspn(text, "0123456789.eE+-") != strlen(text) || !*text)
        return false;
    char *end = NULL;
    *out = strtod(text, &end);
    return *end == '\0' && isfinite(*out);
}

bool hipfx_parse_int(const char *text, int min, int max, int *out)
{
    const char *end = read_int(text, min, max, out);
    return end && *end == '\0';
}

bool hipfx_parse_number(const char *text, double min, double max, double *out)
{
    return read_double(text, out) && *out >= min && *out <= max;
}

bool hipfx_parse_seconds(const char *text, double *out)
{
    return hipfx_parse_number(text, 0, 86400, out);
}

bool hipfx_parse_size(const char *text, uint32_t *width, uint32_t *height)
{
    int w = 0, h = 0;
    const char *x = read_int(text, 1, HIPFX_SIDE_MAX, &w);
    if (!x || *x != 'x' || !hipfx_parse_int(x + 1, 1, HIPFX_SIDE_MAX, &h))
        return false;
    *width = (uint32_t)w;
    *height = (uint32_t)h;
    return true;
}

bool hipfx_parse_rate(const char *text, int *num, int *den)
{
    const char *slash = read_int(text, 1, 1000000, num);
    if (slash && *slash == '/')
        return hipfx_parse_int(slash + 1, 1, 1000000, den) && *num <= (int64_t)*den * RATE_MAX;

    double rate = 0;
    if (!read_double(text, &rate) || rate < 0.01 || rate > RATE_MAX)
        return false;
    *num = (int)lrint(rate * 1000);
    *den = 1000;
    if (*num % 1000 == 0) {
        *num /= 1000;
        *den = 1;
    }
    return true;
}
