/* A driver of AMD's for tests: files below a folder take the place of /dev/kfd and of KFD's
 * topology. Linked into a test program, whose fopen and open come before libc's for every library
 * in the process; the product knows nothing of it.
 *
 * HIPFX_TEST_KFD names the folder: DIR/kfd is /dev/kfd, DIR/nodes/N/properties a node. Without it
 * nothing is changed. HIPFX_TEST_KFD_DENIED: /dev/kfd may not be opened. */
#define _GNU_SOURCE /* RTLD_NEXT, O_TMPFILE */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#define EXPORT   __attribute__((visibility("default")))
#define DEVICE   "/dev/kfd"
#define TOPOLOGY "/sys/class/kfd/kfd/topology/"

static const char *redirect(const char *path, char *buffer, size_t size)
{
    const char *folder = getenv("HIPFX_TEST_KFD");
    if (!folder || !path)
        return path;
    if (!strcmp(path, DEVICE))
        snprintf(buffer, size, "%s/kfd", folder);
    else if (!strncmp(path, TOPOLOGY, strlen(TOPOLOGY)))
        snprintf(buffer, size, "%s/%s", folder, path + strlen(TOPOLOGY));
    else
        return path;
    return buffer;
}

EXPORT FILE *fopen(const char *restrict filename, const char *restrict modes)
{
    FILE *(*real)(const char *, const char *);
    void *symbol = dlsym(RTLD_NEXT, "fopen");
    char buffer[512];
    memcpy(&real, &symbol, sizeof(real));
    return real(redirect(filename, buffer, sizeof(buffer)), modes);
}

EXPORT int open(const char *file, int oflag, ...)
{
    int (*real)(const char *, int, ...);
    void *symbol = dlsym(RTLD_NEXT, "open");
    char buffer[512];
    va_list args;
    va_start(args, oflag);
    const mode_t mode = oflag & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
    va_end(args);
    if (getenv("HIPFX_TEST_KFD_DENIED") && !strcmp(file, DEVICE)) {
        errno = EACCES;
        return -1;
    }
    memcpy(&real, &symbol, sizeof(real));
    return real(redirect(file, buffer, sizeof(buffer)), oflag, mode);
}
