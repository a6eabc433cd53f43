#define _GNU_SOURCE /* asprintf */
#include "tools/tempfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "dir/.name.XXXXXX": hidden, since it may be seen while a long video is made. */
static char *beside(const char *final_path)
{
    const char *slash = strrchr(final_path, '/');
    const char *name = slash ? slash + 1 : final_path;
    char *path = NULL;
    if (asprintf(&path, "%.*s.%s.XXXXXX", (int)(name - final_path), final_path, name) < 0)
        return NULL;
    return path;
}

bool hipfx_tempfile_create(struct hipfx_tempfile *temp, const char *final_path,
                           struct hipfx_why *why)
{
    *temp = (struct hipfx_tempfile){0};
    struct stat st;
    if (stat(final_path, &st) == 0 && !S_ISREG(st.st_mode))
        return hipfx_fail(why, "%s: is there and is not a plain file", final_path);

    temp->final_path = strdup(final_path);
    char *path = beside(final_path);
    const int fd = temp->final_path && path ? mkstemp(path) : -1;
    if (fd < 0) {
        hipfx_fail(why, "%s: cannot be written: %s", final_path, strerror(errno));
        free(path);
        hipfx_tempfile_discard(temp);
        return false;
    }
    temp->path = path;

    /* mkstemp gives the file to its owner only; a result should have the usual permissions. */
    const mode_t mask = umask(0);
    umask(mask);
    const int mode_err = fchmod(fd, 0666 & ~mask);
    if (close(fd) != 0 || mode_err != 0) {
        hipfx_fail(why, "%s: cannot be written: %s", final_path, strerror(errno));
        hipfx_tempfile_discard(temp);
        return false;
    }
    return true;
}

bool hipfx_tempfile_commit(struct hipfx_tempfile *temp, struct hipfx_why *why)
{
    if (rename(temp->path, temp->final_path) != 0) {
        hipfx_fail(why, "%s: cannot be written: %s", temp->final_path, strerror(errno));
        hipfx_tempfile_discard(temp);
        return false;
    }
    free(temp->path);
    free(temp->final_path);
    *temp = (struct hipfx_tempfile){0};
    return true;
}

void hipfx_tempfile_discard(struct hipfx_tempfile *temp)
{
    if (temp->path)
        unlink(temp->path);
    free(temp->path);
    free(temp->final_path);
    *temp = (struct hipfx_tempfile){0};
}

bool hipfx_directories_create(const char *path, struct hipfx_why *why)
{
    char *copy = strdup(path);
    if (!copy)
        return hipfx_fail(why, "out of memory");
    bool ok = true;
    for (char *p = copy + 1; ok && *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        ok = mkdir(copy, 0777) == 0 || errno == EEXIST;
        *p = '/';
    }
    ok = ok && (mkdir(copy, 0777) == 0 || errno == EEXIST);
    if (!ok || access(path, W_OK | X_OK) != 0)
        ok = hipfx_fail(why, "%s: cannot be written to: %s", path, strerror(errno));
    free(copy);
    return ok;
}
