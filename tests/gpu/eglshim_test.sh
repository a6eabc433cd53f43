#!/usr/bin/env bash
# eglshim_test.sh SHIM RENDER: libobs draws the same with the EGL shim as without it.
# shellcheck source-path=SCRIPTDIR source=../run/check.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../run/check.sh"

shim=$(realpath -- "$1")
render=$(realpath -- "$2")
settings='{"effect": "color", "color.exposure_ev": 0.7, "color.saturation": 1.4}'

prepare() {
    {
        printf 'P7\nWIDTH 67\nHEIGHT 41\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n'
        tail -c $((67 * 41 * 4)) "$render"
    } >noise.pam
}

# shimmed COMMAND...: with the shim in it
shimmed() {
    LD_PRELOAD=$shim${LD_PRELOAD:+:$LD_PRELOAD} "$@"
}

it_draws_the_same_bytes() {
    "$render" noise.pam without.png --settings "$settings" 2>err ||
        fail 'without the shim:' "$(cat err)"
    shimmed "$render" noise.pam with.png --settings "$settings" 2>err ||
        fail 'with the shim:' "$(cat err)"
    cmp without.png with.png || fail 'the pictures differ'
}

it_takes_the_device_that_is_asked_for() {
    HIPFX_EGL_DEVICE=0 shimmed "$render" noise.pam out.png --no-filter 2>err ||
        fail "$(cat err)"
    [[ -s out.png ]] || fail 'no picture'
}

it_says_that_there_is_no_such_device() {
    local status=0 name
    for name in 99 -1 x 0x; do
        status=0
        HIPFX_EGL_DEVICE=$name shimmed "$render" noise.pam out.png --no-filter 2>err || status=$?
        expect "the status with device $name" "$status" 1
        grep -q "HIPFX_EGL_DEVICE=$name: EGL lists" err || fail 'it said:' "$(cat err)"
        [[ ! -e out.png ]] || fail 'a picture'
    done
}

run_all
