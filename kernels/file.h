/* A file that an effect's values name, such as a look-up table: read once, off the graphics thread,
 * and shared by whoever holds a reference. Any thread. */
#pragma once

#include "interop/why.h"

#include <stdatomic.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

struct hipfx_effect;

/* Larger files are refused before they are read. */
#define HIPFX_FILE_MAX_BYTES (64 << 20)

struct hipfx_file {
    uint64_t id; /* of these contents: no other file of this process has it, and none has 0 */
    const struct hipfx_effect *effect;
    char *path;

    /* What can be read once hipfx_file_is_read. */
    const void *data;     /* the effect's own, as its read_file gave it; NULL: */
    struct hipfx_why why; /* the reason, with the path */

    atomic_int references;
    atomic_bool read;
    int stat_errno;   /* not 0: it could not be looked at */
    struct stat stat; /* before it is read: a change since then is seen */
};

/* A reference to a file that is not read yet; NULL: out of memory. The effect takes files. */
struct hipfx_file *hipfx_file_create(const struct hipfx_effect *effect, const char *path);

/* Reads it: once, by whoever created it or in their name. */
void hipfx_file_read(struct hipfx_file *file);
bool hipfx_file_is_read(const struct hipfx_file *file);

/* True if a file created now would hold the same. NULL is allowed: false. */
bool hipfx_file_is_current(const struct hipfx_file *file, const struct hipfx_effect *effect,
                           const char *path);

/* Both take NULL, which is no file. */
struct hipfx_file *hipfx_file_ref(struct hipfx_file *file);
void hipfx_file_release(struct hipfx_file *file);

/* All bytes of a regular file of no more than HIPFX_FILE_MAX_BYTES, with a 0 after them, for
 * free(); NULL with the reason. */
char *hipfx_file_load(const char *path, size_t *size, struct hipfx_why *why);
