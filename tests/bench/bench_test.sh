#!/usr/bin/env bash
# bench_test.sh BENCH: the bench measures every row and says so in JSON. No time is judged.
# shellcheck source-path=SCRIPTDIR source=../run/check.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../run/check.sh"
need jq

bench=$1

# Measured once for all tests.
measured=../measured/out/deep

prepare() {
    [[ ! -e $measured/bench.json ]] || return 0
    mkdir -p ../measured
    "$bench" --quick --size 320x180 --size 64x36 --out "$measured" >../measured/table \
        2>../measured/stderr || fail "the bench ended with $?" "$(cat ../measured/stderr)"
}

# told FILTER: what jq's filter makes of bench.json
told() {
    jq -c "$1" "$measured/bench.json"
}

it_measures_every_row_at_every_size() {
    expect 'the schema' "$(told .schema)" 2
    expect 'the sizes' "$(told '[.sizes[].size]')" '["320x180","64x36"]'
    expect 'the rows' "$(told '[.sizes[].rows[].row] | unique')" \
        '["apply_lut","color","color_correction","color_correction_4","color_correction_8","color_correction_direct","denoise","gaussian_blur_1","gaussian_blur_10","gaussian_blur_500","gaussian_blur_80","grade","identity","lut","no_filter","sharpen","sharpen_cas","sine_wave","two_passes"]'
    expect 'rounds of each row' "$(told '[.sizes[].rows[].rounds] | unique')" '[2]'
    expect 'rows without a time' \
        "$(told '[.sizes[].rows[] | select((.frame_ms_p50 > 0 and .frame_ms_p99 >= .frame_ms_p50) | not)]')" '[]'
    expect 'errors' "$(told .errors)" '[]'
}

it_compares_with_color_correction_round_by_round() {
    expect 'its ratio to itself' \
        "$(told '.sizes[0].rows[] | select(.row == "color_correction").over_color_correction | map_values(round)')" \
        '{"p50":1,"min":1,"max":1}'
    expect 'ratios out of order' \
        "$(told '[.sizes[].rows[].over_color_correction | select((0 < .min and .min <= .p50 and .p50 <= .max) | not)]')" '[]'
}

it_measures_an_identity_that_goes_the_whole_way() {
    expect 'sizes at which it changed the picture' "$(told '[.sizes[] | select(.identity != true)]')" '[]'
    expect 'whether its kernels ran' \
        "$(told '[.sizes[].rows[] | select(.row == "identity").kernel_ms_p50 > 0] | unique')" '[true]'
}

it_measures_the_bare_hand_off() {
    expect 'ways that neither have times nor say why' \
        "$(told '[.sizes[].floor.ways[] | select(((.finish_us.p50 > 0 and .submit_us.p50 > 0 and .pipelined_us.p50 > 0) or .missing) | not)]')" '[]'
    expect 'whether the passes alone have times' \
        "$(told '[.sizes[].floor.ways[] | select(.way == "two_passes").finish_us.p50 > 0] | unique')" '[true]'
    # shellcheck disable=SC2016 # jq's variable
    expect 'sizes at which the order of the filter was not measured bare' \
        "$(told '.machine.order as $order | [.sizes[] | select([.floor.ways[] | select(.way == "bare" and .order == $order and .finish_us)] == [])]')" '[]'
}

it_measures_each_kernel_on_both_formats() {
    expect 'kernels' "$(told '[.sizes[].kernels[].row] | unique')" \
        '["bokeh_100","bokeh_11","chromatic_aberration","chromatic_aberration_translucent","color","color_corners","color_ellipse","color_hundredth","color_outside","color_quarter","color_source","color_translucent","copy","deband","deband_translucent","denoise","denoise_spatial","denoise_temporal","directional_blur_1000","directional_blur_30","dither","dither_translucent","film_grain","film_grain_translucent","gaussian_blur_1","gaussian_blur_10","gaussian_blur_20","gaussian_blur_20_corners","gaussian_blur_20_ellipse","gaussian_blur_20_hundredth","gaussian_blur_20_outside","gaussian_blur_20_quarter","gaussian_blur_20_source","gaussian_blur_500","gaussian_blur_80","grade","grade_translucent","lut","lut_translucent","pixelate_hexagon","pixelate_square","sharpen","sharpen_translucent","sine_wave_fill","sine_wave_line","sine_wave_warp","tilt_shift","vignette","zoom_blur"]'
    expect 'formats' "$(told '[.sizes[0].kernels[] | .format] | group_by(.) | map([.[0], length])')" \
        '[["rgba16f",49],["rgba8",49]]'
    expect 'kernels without times' \
        "$(told '[.sizes[].kernels[] | select((.us_p50 > 0 and .over_copy.p50 > 0) | not)]')" '[]'
}

it_compares_an_effect_in_a_region_with_all_of_it() {
    expect 'regions of each effect' \
        "$(told '[.sizes[0].kernels[] | select(.over_whole.p50 > 0).row] | unique | map(sub("(_[a-z]+)$"; "")) | group_by(.) | map([.[0], length])')" \
        '[["color",6],["gaussian_blur_20",6]]'
}

it_compares_translucent_noise_with_an_opaque_picture() {
    expect 'ratios of each row of noise' \
        "$(told '[.sizes[].kernels[] | select(.over_opaque.p50 > 0).row] | group_by(.) | map([.[0], length])')" \
        "$(told '[.sizes[0].kernels[] | select(.row | endswith("_translucent")).row] | unique | map([., 4])')"
}

it_tells_the_times_of_the_filter() {
    expect 'filters without times' \
        "$(told '[.sizes[].rows[] | select(.settings.effect) | select((.kernel_ms_p50 > 0 and .graphics_thread_ms_p50 > 0) | not)]')" '[]'
}

it_starts_with_an_empty_cache_and_with_a_full_one() {
    expect 'starts' "$(told '.start | map_values(length)')" '{"cold":1,"warm":1}'
    expect 'starts without times' \
        "$(told '[.start[][] | select((.until_effect_ms > 0 and .longest_frame_ms > 0) | not)]')" '[]'
}

it_says_where_it_was_measured() {
    expect 'what is not known' \
        "$(told '[.machine[] | select(. == null or . == "")]')" '[]'
    [[ -n ${HIPFX_FORCE:-} || $(told .machine.gl_renderer) != *llvmpipe* ]] ||
        expect 'the device' "$(told .machine.device)" '"cpu"'
}

it_judges_full_sizes_only() {
    expect 'marks of other sizes' "$(told '[.sizes[].marks[]]')" '[]'
}

it_prints_every_row() {
    local names name
    names=$(jq -r '.sizes[0] | (.rows + .kernels)[].name' "$measured/bench.json")
    while read -r name; do
        grep -qF -- "$name" ../measured/table || fail "the table lacks '$name'"
    done <<<"$names"
}

it_plots_what_was_measured() {
    local row
    cp "$measured/bench.json" figures.json
    if ! command -v gnuplot >/dev/null; then
        ! "$bench" --plot figures.json 2>stderr || fail 'a plot without gnuplot'
        grep -qF gnuplot stderr || fail 'no reason:' "$(cat stderr)"
        return
    fi
    expect 'the picture' "$("$bench" --plot figures.json)" figures.svg
    for row in 320x180 64x36 'no filter' 'HIP Effects: color' 'two passes, no hand-off'; do
        grep -qF -- "$row" figures.svg || fail "the picture lacks '$row'"
    done
}

it_plots_a_file_that_has_little() {
    command -v gnuplot >/dev/null || return 0
    echo '{"schema": 2, "machine": {}, "sizes": [{"size": "64x36"}]}' >empty.json
    "$bench" --plot empty.json >stdout 2>stderr || true
    ! grep -qi 'signal\|dumped' stderr || fail "$(cat stderr)"
    ! "$bench" --plot none.json >stdout 2>stderr || fail 'a plot of nothing'
    grep -qF none.json stderr || fail 'no reason:' "$(cat stderr)"
}

it_refuses_arguments_that_it_does_not_know() {
    local argument status
    for argument in '--size 1920' '--force memory=warp' '--only nothing' '--result file'; do
        status=0
        # shellcheck disable=SC2086 # an option and its value
        "$bench" $argument >stdout 2>stderr || status=$?
        expect "the status of $argument" "$status" 2
        expect 'the lines about it' "$(wc -l <stderr)" 1
    done
}

it_goes_on_where_a_row_cannot_be_measured() {
    local status=0
    HIPFX_FORCE=memory=warp "$bench" --quick --only frames --size 64x36 --out out/some \
        >stdout 2>stderr || status=$?
    expect 'the status of an unknown rung' "$status" 1
    grep -qF 'color, 64x36: the filter does not run: ' stderr || fail 'no reason:' "$(cat stderr)"
    measured=out/some
    expect 'rows of the filter with a time' \
        "$(told '[.sizes[0].rows[] | select(.settings.effect and .frame_ms_p50)]')" '[]'
    expect 'whether others have one' \
        "$(told '[.sizes[0].rows[] | select(.settings.effect | not).frame_ms_p50 > 0] | unique')" '[true]'
    expect 'whether the errors are told' "$(told '.errors | length > 0')" true
}

it_goes_on_where_a_part_cannot_be_measured() {
    local status=0
    DISPLAY=:none "$bench" --quick --size 64x36 --out out/some >stdout 2>stderr || status=$?
    expect 'the status without a display' "$status" 1
    measured=out/some
    expect 'whether the kernels were measured' "$(told '.sizes[0].kernels | length > 0')" true
    expect 'whether the rows were' "$(told '.sizes[0] | has("rows")')" false
    expect 'whether the errors are told' "$(told '.errors | length > 0')" true
}

run_all
