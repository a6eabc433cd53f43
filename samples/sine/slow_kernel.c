/* Linked into a second build of the sample, for its test, with --wrap: the kernel as on a device so
 * slow that everything which ought to wait for it must wait. */
#include <time.h>

void __real_hipfx_cpu_base_sine_heights(const void *args, int row_begin, int row_end);
void __wrap_hipfx_cpu_base_sine_heights(const void *args, int row_begin, int row_end);

void __wrap_hipfx_cpu_base_sine_heights(const void *args, int row_begin, int row_end)
{
    const struct timespec pause = {.tv_nsec = 100000000};
    nanosleep(&pause, NULL);
    __real_hipfx_cpu_base_sine_heights(args, row_begin, row_end);
}
