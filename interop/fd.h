/* A file descriptor with one owner. 0 is a valid descriptor, -1 is none. */
#pragma once

#include <unistd.h>

#define HIPFX_FD_NONE (-1)

/* Closes what is owned, if anything; safe to call twice. */
static inline void hipfx_fd_close(int *fd)
{
    if (*fd != HIPFX_FD_NONE)
        close(*fd);
    *fd = HIPFX_FD_NONE;
}
