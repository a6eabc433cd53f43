/* A file that appears under its name only when it is whole. */
#pragma once

#include "interop/why.h"

#include <stdbool.h>

struct hipfx_tempfile {
    char *final_path;
    char *path; /* in the same directory, where it is written; NULL: nothing there */
};

/* Makes an empty file beside `final_path`. Fails if the directory cannot be written to, or if
 * something that is no file has the name. */
bool hipfx_tempfile_create(struct hipfx_tempfile *temp, const char *final_path,
                           struct hipfx_why *why);

/* Gives the file its name, in place of an older file. The struct is empty afterwards. */
bool hipfx_tempfile_commit(struct hipfx_tempfile *temp, struct hipfx_why *why);

/* Makes the directory and those above it, where they are not there. Fails if it cannot be written
 * to. */
bool hipfx_directories_create(const char *path, struct hipfx_why *why);

/* Removes the file; safe on an empty struct. */
void hipfx_tempfile_discard(struct hipfx_tempfile *temp);
