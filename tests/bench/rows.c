#include "tests/bench/rows.h"
#include "tools/filter.h"

#include <string.h>

const struct bench_row bench_rows[BENCH_ROW_COUNT] = {
    {"no_filter", "no filter", NULL, NULL, false},
    [BENCH_REFERENCE] = {"color_correction", "OBS Color Correction", "color_filter_v2",
                         "{\"gamma\": 0.2, \"contrast\": 0.1, \"saturation\": 0.3}", false},
    {"color_correction_direct", "OBS Color Correction, on a bare picture", "color_filter_v2",
     "{\"gamma\": 0.2, \"contrast\": 0.1, \"saturation\": 0.3}", true},
    {"apply_lut", "OBS Apply LUT", "clut_filter",
     "{\"image_path\": \"" HIPFX_OBS_MODULE_DATA "/obs-filters/LUTs/teal_lows_orange_highs.png\"}",
     false},
    {"sharpen", "OBS Sharpen", "sharpness_filter_v2", "{\"sharpness\": 0.2}", false},
    {"color", "color", HIPFX_FILTER_ID,
     "{\"effect\": \"color\", \"color.exposure_ev\": 0.5, \"color.contrast\": 1.2,"
     " \"color.saturation\": 1.3}",
     false},
    {"sine_wave", "sine_wave", HIPFX_FILTER_ID, "{\"effect\": \"sine_wave\"}", false},
    {"gaussian_blur_10", "gaussian_blur, sigma 10 px", HIPFX_FILTER_ID,
     "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": 10}", false},
};

const struct bench_mark bench_marks[] = {
    {BENCH_MARK_RATIO, "color", 1.1, 0, "color, over Color Correction", NULL},
    {BENCH_MARK_KERNEL_MS, "color", 4.0, 2, "color's kernel alone on two cores, ms", NULL},
    {BENCH_MARK_RATIO, "gaussian_blur_10", 2.5, 0, "gaussian_blur sigma 10, over Color Correction",
     "Composite Blur's Gaussian of radius 10 takes 9 x Color Correction on llvmpipe"},
};
const size_t bench_mark_count = sizeof(bench_marks) / sizeof(bench_marks[0]);

bool bench_row_is_hip(const struct bench_row *row)
{
    return row->filter && strcmp(row->filter, HIPFX_FILTER_ID) == 0;
}

int bench_row_find(const char *key)
{
    for (int i = 0; i < BENCH_ROW_COUNT; i++) {
        if (strcmp(bench_rows[i].key, key) == 0)
            return i;
    }
    return -1;
}
