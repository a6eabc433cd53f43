/* For LD_PRELOAD, into an X server that was unpacked somewhere: runs the xkbcomp that HIPFX_XKBCOMP
 * names where the server would run /usr/bin/xkbcomp, a path that was compiled into it. Its option
 * -xkbdir names the folder of the data, but nothing names that of the program. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COMPILED_IN "\"/usr/bin/xkbcomp\""
#define COMMAND_MAX 4096

static int run(const char *shell, const char *name, const char *option, const char *command)
{
    int (*const real)(const char *, const char *, ...) =
        (__typeof__(real))dlsym(RTLD_NEXT, "execl");
    return real(shell, name, option, command, (char *)NULL);
}

/* The server calls it in one way only: execl("/bin/sh", "sh", "-c", command, NULL). */
__attribute__((visibility("default"))) int execl(const char *path, const char *arg, ...)
{
    va_list args;
    va_start(args, arg);
    const char *option = va_arg(args, const char *);
    const char *command = option ? va_arg(args, const char *) : NULL;
    va_end(args);

    unsetenv("LD_PRELOAD"); /* for the server alone */
    const char *xkbcomp = getenv("HIPFX_XKBCOMP");
    char changed[COMMAND_MAX];
    if (command && xkbcomp && strncmp(command, COMPILED_IN, strlen(COMPILED_IN)) == 0) {
        const int length =
            snprintf(changed, sizeof(changed), "\"%s\"%s", xkbcomp, command + strlen(COMPILED_IN));
        if (length < 0 || (size_t)length >= sizeof(changed)) {
            errno = E2BIG;
            return -1;
        }
        command = changed;
    }
    return run(path, arg, option, command);
}
