#include "interop/why.h"

#include <stdarg.h>
#include <stdio.h>

static void to_stderr(enum hipfx_log_level level, const char *line)
{
    if (level != HIPFX_LOG_DEBUG)
        fprintf(stderr, "%s\n", line);
}

static hipfx_log_sink sink = to_stderr;

bool hipfx_fail(struct hipfx_why *why, const char *format, ...)
{
    if (why && !why->text[0]) {
        va_list args;
        va_start(args, format);
        vsnprintf(why->text, sizeof(why->text), format, args);
        va_end(args);
    }
    return false;
}

void hipfx_log_set_sink(hipfx_log_sink new_sink)
{
    sink = new_sink ? new_sink : to_stderr;
}

void hipfx_log(enum hipfx_log_level level, const char *format, ...)
{
    char line[512];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    sink(level, line);
}
