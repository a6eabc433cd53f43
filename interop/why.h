/* Why something failed, in words, and where log lines go. */
#pragma once

#include <stdbool.h>

/* One sentence that says what failed and, where it is known, what to do. Empty: nothing failed.
 * Only the first failure is kept: what follows from it would hide the cause. */
struct hipfx_why {
    char text[320];
};

/* Keeps the sentence if `why` is empty; a NULL `why` is allowed. Always returns false, so that a
 * caller can write `return hipfx_fail(why, ...)`. */
bool hipfx_fail(struct hipfx_why *why, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

enum hipfx_log_level {
    HIPFX_LOG_ERROR = 1,
    HIPFX_LOG_WARNING,
    HIPFX_LOG_INFO,
    HIPFX_LOG_DEBUG,
};

typedef void (*hipfx_log_sink)(enum hipfx_log_level level, const char *line);

/* Where log lines go; NULL: to stderr. Set it before anything else of interop/ is used. */
void hipfx_log_set_sink(hipfx_log_sink sink);
void hipfx_log(enum hipfx_log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
