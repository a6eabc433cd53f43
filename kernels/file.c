#include "kernels/file.h"

#include "interop/fault.h"
#include "kernels/effect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A reason has room for the end of a long path. */
#define PATH_SHOWN 160

static const char *shown(const char *path)
{
    const size_t length = strlen(path);
    if (length <= PATH_SHOWN)
        return path;
    path += length - PATH_SHOWN;
    /* Not from the middle of a character of UTF-8. */
    while (((unsigned char)*path & 0xc0) == 0x80)
        path++;
    return path;
}

static void look_at(const char *path, struct stat *now, int *error)
{
    *now = (struct stat){0};
    *error = stat(path, now) == 0 ? 0 : errno;
}

struct hipfx_file *hipfx_file_create(const struct hipfx_effect *effect, const char *path)
{
    static _Atomic uint64_t last_id;
    struct hipfx_file *file =
        HIPFX_FAULT_POINT(HIPFX_FAULT_LIBC, "calloc", NULL, calloc(1, sizeof(*file)));
    if (!file)
        return NULL;
    file->id = atomic_fetch_add(&last_id, 1) + 1;
    file->effect = effect;
    file->path = strdup(path);
    atomic_init(&file->references, 1);
    if (!file->path) {
        free(file);
        return NULL;
    }
    look_at(path, &file->stat, &file->stat_errno);
    return file;
}

void hipfx_file_read(struct hipfx_file *file)
{
    struct hipfx_why why = {0};
    file->data = file->effect->read_file(file->path, &why);
    if (!file->data)
        hipfx_fail(&file->why, "%s: %s", shown(file->path), why.text);
    atomic_store_explicit(&file->read, true, memory_order_release);
}

bool hipfx_file_is_read(const struct hipfx_file *file)
{
    return atomic_load_explicit(&file->read, memory_order_acquire);
}

bool hipfx_file_is_current(const struct hipfx_file *file, const struct hipfx_effect *effect,
                           const char *path)
{
    struct stat now;
    int error;
    if (!file || file->effect != effect || strcmp(file->path, path) != 0)
        return false;
    look_at(path, &now, &error);
    const struct stat *then = &file->stat;
    return error == file->stat_errno && now.st_dev == then->st_dev && now.st_ino == then->st_ino &&
           now.st_size == then->st_size && now.st_mtim.tv_sec == then->st_mtim.tv_sec &&
           now.st_mtim.tv_nsec == then->st_mtim.tv_nsec;
}

struct hipfx_file *hipfx_file_ref(struct hipfx_file *file)
{
    if (file)
        atomic_fetch_add(&file->references, 1);
    return file;
}

void hipfx_file_release(struct hipfx_file *file)
{
    if (!file || atomic_fetch_sub(&file->references, 1) != 1)
        return;
    free((void *)file->data);
    free(file->path);
    free(file);
}

static bool read_all(int fd, char *bytes, size_t size, struct hipfx_why *why)
{
    for (size_t done = 0; done < size;) {
        const ssize_t got = read(fd, bytes + done, size - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return hipfx_fail(why, "%s", strerror(errno));
        if (got == 0)
            return hipfx_fail(why, "it became shorter while it was read: try again");
        done += (size_t)got;
    }
    return true;
}

static char *load(int fd, size_t *size, struct hipfx_why *why)
{
    struct stat found;
    if (fstat(fd, &found) != 0) {
        hipfx_fail(why, "%s", strerror(errno));
        return NULL;
    }
    if (!S_ISREG(found.st_mode)) {
        hipfx_fail(why, "this is no file: choose one");
        return NULL;
    }
    if (found.st_size > HIPFX_FILE_MAX_BYTES) {
        hipfx_fail(why, "it has %lld MB, and more than %d are not read: choose a smaller one",
                   (long long)found.st_size >> 20, HIPFX_FILE_MAX_BYTES >> 20);
        return NULL;
    }
    *size = (size_t)found.st_size;
    char *bytes = HIPFX_FAULT_POINT(HIPFX_FAULT_LIBC, "malloc", NULL, malloc(*size + 1));
    if (!bytes) {
        hipfx_fail(why, "out of memory");
        return NULL;
    }
    bytes[*size] = '\0';
    if (read_all(fd, bytes, *size, why))
        return bytes;
    free(bytes);
    return NULL;
}

char *hipfx_file_load(const char *path, size_t *size, struct hipfx_why *why)
{
    /* A pipe that nobody writes to must not hold the reader up. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        hipfx_fail(why, "%s: choose another file, or put it back", strerror(errno));
        return NULL;
    }
    char *bytes = load(fd, size, why);
    close(fd);
    return bytes;
}
