#include "kernels/lut.h"

#include "interop/fault.h"
#include "kernels/file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t hipfx_lut_count(int size, int dimensions)
{
    const size_t n = (size_t)size;
    return dimensions == 3 ? n * n * n : n;
}

static void find_range(const struct hipfx_lut_found *found, size_t count, struct hipfx_lut *lut)
{
    for (int c = 0; c < 3; c++) {
        float low = found->values[0][c], high = low;
        for (size_t i = 1; i < count; i++) {
            low = fminf(low, found->values[i][c]);
            high = fmaxf(high, found->values[i][c]);
        }
        lut->low[c] = low;
        lut->step[c] = (high - low) / 65535;
    }
}

struct hipfx_lut *hipfx_lut_pack(const struct hipfx_lut_found *found, struct hipfx_why *why)
{
    const size_t count = hipfx_lut_count(found->size, found->dimensions);
    const size_t bytes = count * sizeof(uint16_t[4]);
    struct hipfx_lut *lut =
        HIPFX_FAULT_POINT(HIPFX_FAULT_LIBC, "malloc", NULL, malloc(sizeof(*lut) + bytes));
    if (!lut) {
        hipfx_fail(why, "out of memory");
        return NULL;
    }
    *lut = (struct hipfx_lut){
        .size = found->size,
        .dimensions = found->dimensions,
        .bytes = bytes,
    };
    memcpy(lut->domain_min, found->domain_min, sizeof(lut->domain_min));
    memcpy(lut->domain_max, found->domain_max, sizeof(lut->domain_max));
    find_range(found, count, lut);
    for (size_t i = 0; i < count; i++) {
        for (int c = 0; c < 3; c++) {
            const float above = found->values[i][c] - lut->low[c];
            lut->entries[i][c] = lut->step[c] > 0 ? (uint16_t)lrintf(above / lut->step[c]) : 0;
        }
        lut->entries[i][3] = 0;
    }
    return lut;
}

void *hipfx_lut_read(const char *path, struct hipfx_why *why)
{
    static const char png[] = "\x89PNG\r\n\x1a\n";
    size_t size = 0;
    char *bytes = hipfx_file_load(path, &size, why);
    if (!bytes)
        return NULL;
    const bool is_png = size >= 8 && memcmp(bytes, png, 8) == 0;
    struct hipfx_lut *lut =
        is_png ? hipfx_lut_parse_png(bytes, size, why) : hipfx_lut_parse_cube(bytes, size, why);
    free(bytes);
    return lut;
}
