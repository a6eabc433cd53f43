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
    expect 'the sizes' "$(told '[.sizes[].size]')" '["320x180","64x36"]'
    expect 'the rows' "$(told '[.sizes[].rows[].row] | unique')" \
        '["apply_lut","color","color_correction","color_correction_direct","gaussian_blur_10","no_filter","sharpen","sine_wave"]'
    expect 'frames of each row' "$(told '[.sizes[].rows[].frames] | unique')" '[6]'
    expect 'rows without a time' \
        "$(told '[.sizes[].rows[] | select((.frame_ms_p50 > 0 and .frame_ms_p99 >= .frame_ms_p50) | not)]')" '[]'
}

it_compares_with_color_correction_round_by_round() {
    expect 'its ratio to itself' \
        "$(told '.sizes[0].rows[] | select(.row == "color_correction").over_color_correction | map_values(round)')" \
        '{"p50":1,"min":1,"max":1}'
    expect 'ratios out of order' \
        "$(told '[.sizes[].rows[].over_color_correction | select((0 < .min and .min <= .p50 and .p50 <= .max) | not)]')" '[]'
}

it_tells_the_times_of_the_filter_and_of_its_kernels() {
    expect 'filters without kernel times' \
        "$(told '[.sizes[].rows[] | select(has("kernel_ms_p50") and (.kernel_ms_p50 > 0 and .graphics_thread_ms_p50 > 0 | not))]')" '[]'
    expect 'kernels' "$(told '[.sizes[].kernels[].row] | unique')" \
        '["color","copy","gaussian_blur_10","sine_wave"]'
}

it_says_where_it_was_measured() {
    expect 'what is not known' \
        "$(told '[.machine[] | select(. == null or . == "")]')" '[]'
    [[ -n ${HIPFX_FORCE:-} || $(told .machine.gl_renderer) != *llvmpipe* ]] ||
        expect 'the device' "$(told .machine.device)" '"cpu"'
}

it_judges_1080p_only() {
    expect 'marks of other sizes' "$(told '[.sizes[].marks[]]')" '[]'
}

it_prints_every_row() {
    local names name
    names=$(jq -r '.sizes[0] | (.rows + .kernels)[].name' "$measured/bench.json")
    while read -r name; do
        grep -qF -- "$name" ../measured/table || fail "the table lacks '$name'"
    done <<<"$names"
}

it_refuses_arguments_that_it_does_not_know() {
    local status=0
    "$bench" --size 1920 >stdout 2>stderr || status=$?
    expect 'the status of a wrong size' "$status" 2
    expect 'the lines about it' "$(wc -l <stderr)" 1
    status=0
    "$bench" --force memory=warp >stdout 2>stderr || status=$?
    expect 'the status of an unknown rung' "$status" 2
}

it_fails_where_a_row_cannot_be_measured() {
    local status=0
    HIPFX_FORCE=memory=warp "$bench" --quick --size 64x36 --out out/none >stdout 2>stderr || status=$?
    expect 'the status of an unknown rung' "$status" 1
    grep -qF 'color: the filter does not run: ' stderr || fail 'no reason:' "$(cat stderr)"
    [[ ! -e out/none/bench.json ]] || fail 'a report of nothing'
}

run_all
