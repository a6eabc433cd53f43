#define _GNU_SOURCE /* memfd_create */
#include "tests/bench/table.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define SIZE 33

/* Contrast, and warmer light than shadows. */
static void write_entry(FILE *out, double r, double g, double b)
{
    const double light = (r + g + b) / 3;
    fprintf(out, "%.6f %.6f %.6f\n", r * r * (3 - 2 * r) * 0.9 + 0.1 * light, g * g * (3 - 2 * g),
            b * b * (3 - 2 * b) * 0.9 + 0.1 * (1 - light) * b);
}

static bool write_table(int fd)
{
    FILE *out = fdopen(fd, "w");
    if (!out)
        return false;
    fprintf(out, "LUT_3D_SIZE %d\n", SIZE);
    for (int b = 0; b < SIZE; b++)
        for (int g = 0; g < SIZE; g++)
            for (int r = 0; r < SIZE; r++)
                write_entry(out, r / (SIZE - 1.0), g / (SIZE - 1.0), b / (SIZE - 1.0));
    return fclose(out) == 0;
}

struct hipfx_file *bench_table_read(const struct hipfx_effect *effect, struct hipfx_why *why)
{
    char path[64];
    const int fd = memfd_create("table", MFD_CLOEXEC);
    const int written = fd < 0 ? -1 : dup(fd);
    struct hipfx_file *file = NULL;
    if (written < 0 || !write_table(written)) {
        hipfx_fail(why, "a table cannot be written");
    } else {
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        file = hipfx_file_create(effect, path);
    }
    if (file)
        hipfx_file_read(file);
    if (file && !file->data) {
        hipfx_fail(why, "%s", file->why.text);
        hipfx_file_release(file);
        file = NULL;
    }
    if (fd >= 0)
        close(fd);
    return file;
}
