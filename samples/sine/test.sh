#!/usr/bin/env bash
# test.sh files|window HIPFX_SINE WITH_DISPLAY_SH WORK_DIR: the sample does what its help says, with
# Vulkan's validation, synchronization validation included, looking on and silent.
set -euo pipefail

mode=$1 sine=$2 with_display=$3 work=$4/$1

skip() {
    echo "skipped: $*"
    exit 77
}

fail() {
    echo "FAILED: $*"
    exit 1
}

has_layer() {
    local dir
    local -a dirs
    IFS=: read -ra dirs <<<"${VK_LAYER_PATH:-}:/usr/share/vulkan/explicit_layer.d:/etc/vulkan/explicit_layer.d:/usr/local/share/vulkan/explicit_layer.d"
    for dir in "${dirs[@]}"; do
        [[ ! -e $dir/VkLayer_khronos_validation.json ]] || return 0
    done
    return 1
}

has_layer || skip "the Vulkan validation layer is missing (vulkan-validationlayers)"
export VK_INSTANCE_LAYERS=VK_LAYER_KHRONOS_validation
export VK_LAYER_ENABLES=VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT

rm -rf "$work"
mkdir -p "$work"
log=$work/log

# Validation prints to stdout, and every message of its own names what it is about.
expect_silent_validation() {
    cat "$log"
    ! grep -qE 'VUID-|UNASSIGNED-|SYNC-HAZARD|Validation (Error|Warning|Performance)' "$log" ||
        fail "validation has something to say"
}

# expect_refusal STATUS ARGUMENT...: one line on stderr, that exit status, and no folder.
expect_refusal() {
    local wanted=$1 status=0
    shift
    "$sine" "$@" >/dev/null 2>"$log" || status=$?
    cat "$log"
    ((status == wanted)) || fail "hipfx-sine $*: exit $status, not $wanted"
    (($(wc -l <"$log") == 1)) || fail "hipfx-sine $*: not one line on stderr"
    [[ ! -e $work/refused ]] || fail "hipfx-sine $*: made a folder all the same"
}

# A flat surface has some 500 colours, the wave about 100000.
expect_wave() {
    local size colors
    read -r size colors < <(identify -format '%wx%h %k\n' "$1")
    [[ $size == 1280x720 ]] || fail "$1 is $size"
    ((colors > 20000)) || fail "$1 has $colors colours: no wave in it"
}

test_files() {
    command -v identify >/dev/null || skip "identify is missing (imagemagick)"
    "$sine" --frames 3 --out "$work/a/b" >"$log" 2>&1 || fail "exit $?: $(cat "$log")"
    expect_silent_validation
    local frames=("$work"/a/b/*)
    [[ ${frames[*]##*/} == 'frame_0000.png frame_0001.png frame_0002.png' ]] ||
        fail "wrote ${frames[*]##*/}"
    local frame
    for frame in "${frames[@]}"; do
        expect_wave "$frame"
    done
    ! cmp -s "${frames[0]}" "${frames[1]}" || fail "frames 0 and 1 are the same"
    ! cmp -s "${frames[1]}" "${frames[2]}" || fail "frames 1 and 2 are the same"

    # Out of order, a frame would show heights of another one, and not the same ones each time.
    "$sine" --frames 3 --out "$work/again" >"$log" 2>&1 || fail "exit $?: $(cat "$log")"
    diff -r "$work/a/b" "$work/again" || fail "a second run drew something else"

    expect_refusal 2 --frames 0 --out "$work/refused"
    expect_refusal 2 --frames 3x --out "$work/refused"
    expect_refusal 2 --out
    expect_refusal 2 --picture "$work/refused"
    expect_refusal 2 --window --out "$work/refused"
    expect_refusal 1 --out "$log/refused"
    unset DISPLAY WAYLAND_DISPLAY
    expect_refusal 1 --window
}

# Sizes that a user could drag the window to, while it draws.
test_window() {
    command -v xdotool >/dev/null || skip "xdotool is missing"
    local status=0
    # shellcheck disable=SC2016 # the inner shell's own variables
    "$with_display" bash -c '
        "$0" --window --frames 60 &
        sine=$!
        until window=$(xdotool search --name "^hipfx-sine$"); do
            kill -0 "$sine" || exit
            sleep 0.05
        done
        for size in 640x360 1x1 901x333; do
            xdotool windowsize --sync "$window" "${size%x*}" "${size#*x}" || kill "$sine"
            sleep 0.5
        done
        wait "$sine"' "$sine" >"$log" 2>&1 || status=$?
    expect_silent_validation
    ((status != 77)) || exit 77
    ((status == 0)) || fail "exit $status"
}

"test_$mode"
