#include "tests/bench/rows.h"
#include "tests/bench/two_passes.h"
#include "tools/filter.h"

#include <string.h>

#define COLOR_CORRECTION                                                                           \
    "color_filter_v2", "{\"gamma\": 0.2, \"contrast\": 0.1, \"saturation\": 0.3}"

#define GAUSSIAN_BLUR(px)                                                                          \
    HIPFX_FILTER_ID, "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": " #px "}", 1,    \
        false

const struct bench_row bench_rows[BENCH_ROW_COUNT] = {
    [BENCH_ROW_NO_FILTER] = {"no_filter", "no filter", NULL, NULL, 0, false},
    [BENCH_ROW_TWO_PASSES] = {"two_passes", "two passes, a filter that changes nothing",
                              BENCH_TWO_PASSES_ID, "{}", 1, false},
    [BENCH_ROW_REFERENCE] = {"color_correction", "OBS Color Correction", COLOR_CORRECTION, 1,
                             false},
    {"color_correction_direct", "OBS Color Correction, on a bare picture", COLOR_CORRECTION, 1,
     true},
    {"color_correction_4", "OBS Color Correction x 4", COLOR_CORRECTION, 4, false},
    {"color_correction_8", "OBS Color Correction x 8", COLOR_CORRECTION, 8, false},
    {"apply_lut", "OBS Apply LUT", "clut_filter",
     "{\"image_path\": \"LUTs/teal_lows_orange_highs.png\"}", 1, false},
    {"sharpen", "OBS Sharpen", "sharpness_filter_v2", "{\"sharpness\": 0.2}", 1, false},
    /* So small an exposure that every 8-bit value stays as it is; with none at all the plugin would
     * not run. */
    [BENCH_ROW_IDENTITY] = {"identity", "identity", HIPFX_FILTER_ID,
                            "{\"effect\": \"color\", \"color.exposure_ev\": 1e-5}", 1, false},
    [BENCH_ROW_COLOR] = {"color", "color", HIPFX_FILTER_ID,
                         "{\"effect\": \"color\", \"color.exposure_ev\": 0.5,"
                         " \"color.contrast\": 1.2, \"color.saturation\": 1.3}",
                         1, false},
    {"sine_wave", "sine_wave", HIPFX_FILTER_ID, "{\"effect\": \"sine_wave\"}", 1, false},
    {"gaussian_blur_1", "gaussian_blur, sigma 1 px", GAUSSIAN_BLUR(1)},
    {"gaussian_blur_10", "gaussian_blur, sigma 10 px", GAUSSIAN_BLUR(10)},
    {"gaussian_blur_80", "gaussian_blur, sigma 80 px", GAUSSIAN_BLUR(80)},
    {"gaussian_blur_500", "gaussian_blur, sigma 500 px", GAUSSIAN_BLUR(500)},
    {"sharpen_cas", "sharpen", HIPFX_FILTER_ID, "{\"effect\": \"sharpen\"}", 1, false},
    {"grade", "grade", HIPFX_FILTER_ID,
     "{\"effect\": \"grade\", \"grade.exposure_ev\": 0.3, \"grade.temperature_k\": 5200,"
     " \"grade.gamma\": 1.1, \"grade.saturation\": 1.1, \"grade.curve_25\": 0.2}",
     1, false},
    {"lut", "lut, with the table of OBS Apply LUT", HIPFX_FILTER_ID,
     "{\"effect\": \"lut\", \"lut.path\": \"LUTs/teal_lows_orange_highs.png\"}", 1, false},
    {"denoise", "denoise", HIPFX_FILTER_ID, "{\"effect\": \"denoise\"}", 1, false},
};

bool bench_row_is_hip(const struct bench_row *row)
{
    return row->filter && strcmp(row->filter, HIPFX_FILTER_ID) == 0;
}
