#!/usr/bin/env bash
# test.sh files|window HIPFX_SINE SINE_SLOW WITH_DISPLAY_SH WORK_DIR: the sample does what its help says,
# with Vulkan's validation, synchronization validation included, looking on and silent.
set -euo pipefail

mode=$1 sine=$2 slow=$3 with_display=$4 work=$5/$1

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

# Built with AddressSanitizer: drivers and layers leak and are unloaded before the report, which then
# cannot name them. What is our own it can, and Vulkan's objects are the layer's to tell of.
export LSAN_OPTIONS=exitcode=0

rm -rf "$work"
mkdir -p "$work"
log=$work/log

# Validation prints to stdout, and every message of its own names what it is about.
expect_silence() {
    cat "$log"
    ! grep -qE 'VUID-|UNASSIGNED-|SYNC-HAZARD|Validation (Error|Warning|Performance)' "$log" ||
        fail "validation has something to say"
    ! grep -qE 'AddressSanitizer: [^0-9]|runtime error:|^ *#[0-9]+ .*/(samples|interop)/' "$log" ||
        fail "a sanitizer has something to say"
}

# expect_refusal STATUS ARGUMENT...: one line on stderr, that exit status, and no folder.
expect_refusal() {
    local wanted=$1 status=0
    shift
    ASAN_OPTIONS=detect_leaks=0 "$sine" "$@" >/dev/null 2>"$log" || status=$?
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
    expect_silence
    local frames=("$work"/a/b/*)
    [[ ${frames[*]##*/} == 'frame_0000.png frame_0001.png frame_0002.png' ]] ||
        fail "wrote ${frames[*]##*/}"
    local frame
    for frame in "${frames[@]}"; do
        expect_wave "$frame"
    done
    ! cmp -s "${frames[0]}" "${frames[1]}" || fail "frames 0 and 1 are the same"
    ! cmp -s "${frames[1]}" "${frames[2]}" || fail "frames 1 and 2 are the same"

    # If Vulkan did not wait for HIP, a slow kernel's heights would come too late to be drawn.
    "$slow" --frames 3 --out "$work/slow" >"$log" 2>&1 || fail "exit $?: $(cat "$log")"
    expect_silence
    diff -r "$work/a/b" "$work/slow" || fail "with a slow kernel the pictures differ"

    expect_refusal 2 --frames 0 --out "$work/refused"
    expect_refusal 2 --frames 3x --out "$work/refused"
    expect_refusal 2 --out
    expect_refusal 2 --picture "$work/refused"
    expect_refusal 2 --window --out "$work/refused"
    expect_refusal 1 --out "$log/refused"
    unset DISPLAY WAYLAND_DISPLAY
    expect_refusal 1 --window
}

# The surface does not reach the picture's lower corners: where it does, a larger picture is cut.
fits_window() {
    (($(convert "$1" -gravity southeast -crop 150x30+0+0 +repage -format '%k' info:) == 1))
}

# Resizes the window while it draws, photographs it until the picture is one for its size, and closes
# it. It shrinks last: drivers tell of a window that outgrew its images, not always of one that shrank.
drive_window() {
    local window size tries
    "$sine" --window &
    until window=$(xdotool search --name '^hipfx-sine$'); do
        kill -0 $! || return 1
        sleep 0.05
    done
    for size in 1x1 1500x800 901x333; do
        xdotool windowsize --sync "$window" "${size%x*}" "${size#*x}"
        sleep 1
    done
    for ((tries = 0; tries < 40; tries++)); do
        import -window "$window" "$work/window.png"
        ! fits_window "$work/window.png" || break
        sleep 0.25
    done
    xdotool keydown --window "$window" Escape
    wait $!
}

test_window() {
    local tool status=0
    for tool in xdotool import identify; do
        command -v "$tool" >/dev/null || skip "$tool is missing (xdotool, imagemagick)"
    done
    export sine work
    export -f drive_window fits_window
    "$with_display" bash -euo pipefail -c drive_window >"$log" 2>&1 || status=$?
    expect_silence
    ((status != 77)) || exit 77
    ((status == 0)) || fail "exit $status"

    local colors
    read -r size colors < <(identify -format '%wx%h %k\n' "$work/window.png")
    [[ $size == 901x333 ]] || fail "the window is $size"
    ((colors > 5000)) || fail "the window has $colors colours: no wave in it"
    fits_window "$work/window.png" || fail "the window's picture was made for another size"
}

"test_$mode"
