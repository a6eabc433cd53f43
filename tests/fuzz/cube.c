/* Tables for colour, as .cube files. */
#include "kernels/lut.h"
#include "tests/fuzz/fuzz.h"

#include <math.h>

static void check(const struct hipfx_lut *lut)
{
    CHECK(lut->dimensions == 1 || lut->dimensions == 3);
    CHECK(lut->size >= 2);
    CHECK(lut->size <= (lut->dimensions == 3 ? HIPFX_LUT_3D_MAX : HIPFX_LUT_1D_MAX));
    CHECK(lut->bytes == hipfx_lut_count(lut->size, lut->dimensions) * 8);
    for (int c = 0; c < 3; c++) {
        CHECK(lut->domain_min[c] < lut->domain_max[c]);
        CHECK(isfinite(lut->low[c]) && isfinite(lut->step[c]) && lut->step[c] >= 0);
    }
    CHECK(lut->entries[lut->bytes / 8 - 1][3] == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct hipfx_why why = {0};
    struct hipfx_lut *lut = hipfx_lut_parse_cube(text, size, &why);
    CHECK(!lut == !!why.text[0]);
    CHECK(lut || !strncmp(why.text, "line ", 5) || strstr(why.text, "file is empty"));
    if (lut)
        check(lut);
    free(lut);
    free(text);
    return 0;
}
