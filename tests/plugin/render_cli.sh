#!/usr/bin/env bash
# shellcheck disable=SC2015 # fail does not return
# render_cli.sh RENDER: the render tool as a user calls it, on real libobs with the real plugin.
# shellcheck source-path=SCRIPTDIR source=../run/check.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../run/check.sh"
need ffmpeg ffprobe jq

render=$(realpath -- "$1")

prepare() {
    # No need for a generator of random numbers where there is a program file.
    noise_rgb=$PWD/noise.ppm
    noise_rgba=$PWD/noise.pam
    {
        printf 'P6\n67 41\n255\n'
        head -c $((67 * 41 * 3)) "$render"
    } >"$noise_rgb"
    {
        printf 'P7\nWIDTH 67\nHEIGHT 41\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n'
        tail -c $((67 * 41 * 4)) "$render"
    } >"$noise_rgba"
    mkdir out
}

# pixels FILE: its bytes as RGBA, by a decoder that is not ours to get wrong
pixels() {
    ffmpeg -v error -i "$1" -f rawvideo -pix_fmt rgba -
}

same_pixels() {
    cmp -s <(pixels "$1") <(pixels "$2")
}

# refused STATUS WORDS ARGUMENTS...: one line on stderr that has the words, that status, no file
refused() {
    local status=0 wanted=$1 words=$2
    shift 2
    "$render" "$@" >stdout 2>stderr || status=$?
    expect "the status of '$*'" "$status" "$wanted"
    expect "the lines that '$*' said" "$(wc -l <stderr)" 1
    grep -qF -- "$words" stderr || fail "'$*' said:" "$(cat stderr)" "and not '$words'"
    expect "what '$*' wrote" "$(cat stdout; ls -A out)" ''
}

it_wants_an_input_and_an_output() {
    refused 2 'INPUT and an OUTPUT'
    refused 2 'INPUT and an OUTPUT' "$noise_rgb"
    refused 2 'INPUT and an OUTPUT' "$noise_rgb" out/a.png out/b.png
}

it_refuses_settings_that_are_not_a_json_object() {
    refused 2 'not JSON' "$noise_rgb" out/a.png --settings '{'
    refused 2 'not JSON' "$noise_rgb" out/a.png --settings '{"effect": "color",}'
    refused 2 'not JSON' "$noise_rgb" out/a.png --settings ''
    refused 2 'not a JSON object' "$noise_rgb" out/a.png --settings '[]'
    refused 2 'not a JSON object' "$noise_rgb" out/a.png --settings '3'
}

it_refuses_what_the_effect_table_does_not_have() {
    refused 2 'unknown effect "blurr"' "$noise_rgb" out/a.png --settings '{"effect": "blurr"}'
    refused 2 '"effect" takes one of' "$noise_rgb" out/a.png --settings '{"effect": 1}'
    refused 2 'unknown effect "blurr"' "$noise_rgb" out/a.png --settings '{"blurr.sigma_px": 1}'
    refused 2 'unknown parameter "color.ev"' "$noise_rgb" out/a.png --settings '{"color.ev": 1}'
    refused 2 'unknown setting "exposure_ev"' "$noise_rgb" out/a.png \
        --settings '{"exposure_ev": 1}'
    # The second filter is looked at like the first.
    refused 2 'unknown effect "blurr"' "$noise_rgb" out/a.png \
        --settings '{"effect": "color"}' --settings '{"effect": "blurr"}'
}

it_refuses_values_of_the_wrong_type() {
    refused 2 'color.contrast takes a number' "$noise_rgb" out/a.png \
        --settings '{"color.contrast": "1"}'
    refused 2 'sine_wave.style takes one of "line", "fill", "warp"' "$noise_rgb" out/a.png \
        --settings '{"sine_wave.style": "dots"}'
    refused 2 'sine_wave.style takes one of' "$noise_rgb" out/a.png \
        --settings '{"sine_wave.style": 1}'
    refused 2 'sine_wave.color takes a colour' "$noise_rgb" out/a.png \
        --settings '{"sine_wave.color": "#ff0000"}'
}

it_refuses_files_that_it_cannot_read_or_write() {
    echo 'no picture' >text.png
    head -c 300 "$noise_rgb" >cut.ppm
    refused 2 'nowhere.png: cannot be read: No such file' nowhere.png out/a.png
    refused 2 'text.png: cannot be decoded' text.png out/a.png
    refused 2 'cut.ppm: cannot be decoded' cut.ppm out/a.png
    refused 2 "$PWD: cannot be read" "$PWD" out/a.png
    refused 2 'out/none/a.png: cannot be written: No such file' "$noise_rgb" out/none/a.png
    refused 2 'must end in .png, .mp4 or .mkv' "$noise_rgb" out/a.jpg
    refused 2 'must end in .png, .mp4 or .mkv' "$noise_rgb" out/png
}

it_refuses_bad_options() {
    refused 2 'unknown option --sise' "$noise_rgb" out/a.png --sise 4x4
    refused 2 '--size needs a value' "$noise_rgb" out/a.png --size
    refused 2 '--size' "$noise_rgb" out/a.png --size 0x4
    refused 2 '--size' "$noise_rgb" out/a.png --size 4x4x4
    refused 2 '--size' "$noise_rgb" out/a.png --size 4x99999
    refused 2 '--fps' "$noise_rgb" out/a.mp4 --fps 0
    refused 2 '--fps' "$noise_rgb" out/a.mp4 --fps 30/0
    refused 2 '--frames' "$noise_rgb" out/a.mp4 --frames -1
    refused 2 '--frames' "$noise_rgb" out/a.mp4 --frames 1.5
    refused 2 '--time' "$noise_rgb" out/a.png --time nan
    refused 2 '--time' "$noise_rgb" out/a.png --time 1s
    refused 2 '--device' "$noise_rgb" out/a.png --device gpu
    refused 2 '--force' "$noise_rgb" out/a.png --force memory=fast
    refused 2 '--force' "$noise_rgb" out/a.png --force memory=copy,memory=linear
    refused 2 '--space' "$noise_rgb" out/a.png --space rec709
    refused 2 '--space' "$noise_rgb" out/a.mp4 --space srgb_16f
    refused 2 '--space' "$noise_rgb" out/a.png --space srgb_16f --size 8x8
    refused 2 '--peak' "$noise_rgb" out/a.png --space srgb_16f --peak 0
    refused 2 'takes one frame' "$noise_rgb" out/a.png --frames 2
    refused 2 'do not go together' "$noise_rgb" out/a.png --no-filter --settings '{}'
}

it_says_that_it_needs_a_display() {
    DISPLAY='' refused 1 'DISPLAY is not set' "$noise_rgb" out/a.png --no-filter
    DISPLAY=:987654 refused 1 'display :987654 cannot be opened' "$noise_rgb" out/a.png --no-filter
}

it_tells_of_a_clamped_number_and_goes_on() {
    "$render" "$noise_rgb" out/a.png --settings '{"effect": "color", "color.contrast": 1e9}' \
        2>stderr
    grep -qF 'warning: color.contrast: 1e+09 is outside' stderr || fail "$(cat stderr)"
    [[ -s out/a.png ]] || fail 'there is no picture'
}

it_leaves_an_unfiltered_picture_as_it_is() {
    "$render" "$noise_rgb" out/opaque.png --no-filter
    same_pixels "$noise_rgb" out/opaque.png || fail 'an opaque picture was changed'
    "$render" "$noise_rgba" out/translucent.png --no-filter
    same_pixels "$noise_rgba" out/translucent.png || fail 'a translucent picture was changed'
}

it_leaves_the_picture_as_it_is_with_neutral_settings() {
    local settings
    for settings in '{"effect": "color", "color.exposure_ev": 0, "color.contrast": 1,
                      "color.saturation": 1}' \
        '{"effect": "gaussian_blur", "gaussian_blur.sigma_px": 0}' \
        '{"effect": "sine_wave", "sine_wave.opacity": 0}'; do
        "$render" "$noise_rgba" out/neutral.png --settings "$settings" --report report.json
        expect 'the errors' "$(jq -c .errors report.json)" '[]'
        same_pixels "$noise_rgba" out/neutral.png || fail "changed by $settings"
    done
}

it_gives_the_same_bytes_for_the_same_command() {
    local wave='{"effect": "sine_wave", "sine_wave.speed": 1}' name
    for name in one two; do
        "$render" "$noise_rgb" out/$name.png --settings "$wave" --time 1.25 --report report.json
        "$render" "$noise_rgb" out/$name.mp4 --settings "$wave" --frames 300
    done
    expect 'the errors' "$(jq -c .errors report.json)" '[]'
    cmp out/one.png out/two.png || fail 'two pictures differ'
    cmp out/one.mp4 out/two.mp4 || fail 'two videos differ'
    same_pixels "$noise_rgb" out/one.png && fail 'the filter did nothing'
    "$render" "$noise_rgb" out/three.png --settings "$wave" --time 1.5
    same_pixels out/one.png out/three.png && fail 'the time is not looked at'
    true
}

# codes FILE FORMAT: the channels of a file that has this pixel format, one a line
codes() {
    ffmpeg -v error -i "$1" -f rawvideo -pix_fmt "$2" - | case $2 in
    *be) od -An -v -w2 -tu2 --endian=big ;;
    *) od -An -v -w1 -tu1 | awk '{ print $1 * 257 }' ;;
    esac
}

# near_codes LIST LIST: halves have 11 bits, so that light and alpha are off by one part in 2048
near_codes() {
    paste "$1" "$2" | awk '
        { if (($1 - $2) ^ 2 > ($1 / 2000 + 3) ^ 2) exit differs = 1 }
        END { exit differs || !NR }'
}

it_keeps_16_bits_in_every_space_of_16_bits() {
    local space
    {
        printf 'P6\n67 41\n65535\n'
        head -c $((67 * 41 * 6)) "$render"
    } >wide.ppm
    # Alpha from 1/3 to 1: less of it leaves fewer bits to the colour.
    ffmpeg -v error -i wide.ppm -vf "format=rgba64be,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='21845+X*652'" \
        wide.png
    for space in srgb_16f 709_extended 709_scrgb; do
        "$render" "$noise_rgb" out/narrow.png --no-filter --space $space
        near_codes <(codes "$noise_rgb" rgb24) <(codes out/narrow.png rgb48be) ||
            fail "8 bits were changed in $space"
        "$render" wide.ppm out/wide.png --no-filter --space $space --peak 20
        near_codes <(codes wide.ppm rgb48be) <(codes out/wide.png rgb48be) ||
            fail "16 bits were changed in $space"
        "$render" wide.png out/alpha.png --no-filter --space $space
        near_codes <(codes wide.png rgba64be) <(codes out/alpha.png rgba64be) ||
            fail "a translucent picture was changed in $space"
    done
}

# floats WIDTH HEIGHT: two pixels of floats, least byte first: 4, 2, -1 and 0.5, 0, 1.
floats() {
    printf 'PF\n%d %d\n-1.0\n' "$@"
    printf '\0\0\200\100\0\0\0\100\0\0\200\277\0\0\0\77\0\0\0\0\0\0\200\77'
}

it_keeps_light_above_white() {
    local space
    floats 2 1 >light.pfm
    for space in srgb_16f 709_extended 709_scrgb; do
        # 4 at one stop less is 2, which is half of the peak: 0.735357 in sRGB. What is below 0 can
        # only be 0 in a PNG.
        "$render" light.pfm out/light.png --space $space --peak 4 \
            --settings '{"effect": "color", "color.exposure_ev": -1}' --report report.json
        expect 'the errors' "$(jq -c .errors report.json)" '[]'
        expect 'the format' "$(jq -r .format report.json)" 'RGBA16F'
        expect "the codes in $space" "$(codes out/light.png rgb48be | xargs)" \
            '48192 35199 0 18173 0 25465'
    done
}

it_takes_the_first_row_of_a_pfm_for_the_lowest() {
    floats 1 2 >column.pfm
    "$render" column.pfm out/column.png --no-filter --space 709_extended --peak 4
    expect 'the codes of light' "$(codes out/column.png rgb48be | xargs)" \
        '25465 0 35199 65535 48192 0'
    "$render" column.pfm out/column.png --no-filter
    expect 'the upper green of bytes' "$(codes out/column.png rgb48be | xargs | cut -d ' ' -f 2)" 0
}

it_applies_filters_in_order() {
    local wave='{"effect": "sine_wave", "sine_wave.opacity": 1}'
    local blur='{"effect": "gaussian_blur", "gaussian_blur.sigma_px": 4}'
    "$render" "$noise_rgb" out/first.png --settings "$wave"
    "$render" out/first.png out/second.png --settings "$blur"
    "$render" "$noise_rgb" out/both.png --settings "$wave" --settings "$blur" --report report.json
    expect 'the effects' "$(jq -c .effects report.json)" '["sine_wave","gaussian_blur"]'
    same_pixels out/second.png out/both.png || fail 'two filters are not one after the other'
}

probe() {
    ffprobe -v error -count_frames -select_streams v -of csv=p=0 \
        -show_entries stream="$2" "$1"
}

it_makes_videos_of_the_size_rate_and_length_asked_for() {
    "$render" "$noise_rgb" out/odd.mkv --no-filter --frames 7 --fps 30000/1001
    expect 'an odd video' "$(probe out/odd.mkv width,height,pix_fmt,r_frame_rate,nb_read_frames)" \
        '67,41,yuv444p,30000/1001,7'
    "$render" "$noise_rgb" out/even.mp4 --no-filter --frames 3 --size 64x48
    expect 'an even video' "$(probe out/even.mp4 width,height,pix_fmt,r_frame_rate,nb_read_frames)" \
        '64,48,yuv420p,60/1,3'
    expect 'its colours' "$(probe out/even.mp4 color_range,color_space,color_transfer,color_primaries)" \
        'tv,bt709,bt709,bt709'
    # A video keeps its rate and its number of frames.
    "$render" out/odd.mkv out/again.mp4 --no-filter
    expect 'a video again' "$(probe out/again.mp4 r_frame_rate,nb_read_frames)" '30000/1001,7'
    "$render" out/odd.mkv out/less.mp4 --no-filter --frames 2 --fps 10
    expect 'a part of it' "$(probe out/less.mp4 r_frame_rate,nb_read_frames)" '10/1,2'
    "$render" out/odd.mkv out/more.mp4 --no-filter --frames 9 2>stderr
    grep -qF 'has 7 frames only, not 9' stderr || fail "$(cat stderr)"
}

it_reports_what_it_did() {
    "$render" "$noise_rgb" out/a.png --settings '{"effect": "color"}' --report report.json
    local key
    for key in device device_name driver runtime_version memory order effects size format frames \
        passthrough_frames host_bytes_per_frame frame_ms_p50 frame_ms_p99 graphics_thread_ms_p50 \
        graphics_thread_ms_p99 kernel_ms_p50 errors; do
        jq -e --arg key "$key" 'has($key)' report.json >/dev/null || fail "no $key in the report"
    done
    expect 'size, frames, effects' "$(jq -c '[.size, .frames, .effects]' report.json)" \
        '["67x41",1,["color"]]'
    expect 'unfiltered frames' "$(jq -c '[.passthrough_frames, .errors]' report.json)" '[0,[]]'
    "$render" "$noise_rgb" out/b.png --no-filter --report report.json
    expect 'no filter' "$(jq -c '[.device, .memory, .order, .effects]' report.json)" \
        '[null,null,null,[]]'
}

it_takes_the_forced_rungs() {
    local rungs='memory=staged,order=host'
    "$render" "$noise_rgb" out/a.png --force "$rungs" --device cpu --report report.json
    expect 'the rungs' "$(jq -r '"\(.device) \(.memory) \(.order)"' report.json)" 'cpu staged host'
}

it_passes_frames_through_where_a_rung_is_missing_and_says_so() {
    "$render" "$noise_rgb" out/a.png --force memory=array --report report.json 2>stderr
    same_pixels "$noise_rgb" out/a.png || fail 'the picture was changed'
    expect 'errors' "$(jq '.errors | length > 0' report.json)" true
    grep -q array stderr || fail "$(cat stderr)"
}

it_leaves_nothing_when_it_is_interrupted() {
    local status=0 pid
    "$render" "$noise_rgb" out/long.mp4 --no-filter --size 640x480 --frames 1000000 &
    pid=$!
    sleep 1
    kill -INT "$pid"
    wait "$pid" || status=$?
    expect 'the status' "$status" 130
    expect 'the files' "$(ls -A out)" ''
}

run_all
