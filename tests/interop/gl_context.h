/* A GL context with no window and no display server. */
#pragma once

#include <stdbool.h>

/* Makes one current on this thread; false if the machine's EGL offers none. */
bool test_gl_open(void);
void test_gl_close(void);
