/* AddressSanitizer and the graphics drivers. Compiled into each program that has a host, with that
 * sanitizer only: leaks of the drivers' own are not ours to mend, and would hide those that are. */
#include <dlfcn.h>

#define EXPORTED __attribute__((visibility("default")))

EXPORTED const char *__lsan_default_suppressions(void);

/* In place of the C library's: a leak in a library that was unloaded has no name, so that it could
 * not be told from others. */
EXPORTED int dlclose(void *handle)
{
    (void)handle;
    return 0;
}

const char *__lsan_default_suppressions(void)
{
    return "leak:libEGL_mesa.so\n"
           "leak:libGLX_mesa.so\n"
           "leak:swrast_dri.so\n"
           "leak:libvulkan_lvp.so\n"
           "leak:libfontconfig.so\n";
}
