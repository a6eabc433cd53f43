#!/usr/bin/env bash
# shellcheck disable=SC2016 # scripts in single quotes are for others to expand
# with-display.sh, with an Xvfb that only says a display's number and stays.
# shellcheck source-path=SCRIPTDIR source=check.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/check.sh"
with_display=$source_dir/tests/with-display.sh

prepare() {
    mkdir fakes
    printf '#!/usr/bin/env bash\necho $$ >"%s/xvfb"\necho 42\nexec sleep 600\n' "$PWD" >fakes/Xvfb
    chmod +x fakes/Xvfb
    export PATH=$PWD/fakes:$PATH
    unset DISPLAY
}

gone() {
    local state
    state=$(sed -n 's/^State:[[:blank:]]*//p' "/proc/$(cat xvfb)/status" 2>/dev/null)
    [[ $state == "" || $state == Z* ]]
}

# is_called PID NAME
is_called() {
    [[ $(cat "/proc/$1/comm") == "$2" ]]
}

it_makes_a_display_where_there_is_none() {
    expect "DISPLAY" "$("$with_display" bash -c 'echo "$DISPLAY"')" :42
}

it_takes_the_display_that_there_is() {
    expect "DISPLAY" "$(DISPLAY=:7 "$with_display" bash -c 'echo "$DISPLAY"')" :7
    [[ ! -e xvfb ]] || fail "started Xvfb"
}

it_gives_back_the_status_of_the_command() {
    local status=0
    "$with_display" bash -c 'exit 5' || status=$?
    expect "status" "$status" 5
}

it_ends_xvfb_with_the_command() {
    "$with_display" true
    eventually gone || fail "Xvfb is still there"
}

it_ends_xvfb_when_the_command_is_killed() {
    "$with_display" sleep 600 &
    eventually test -s xvfb || fail "Xvfb did not start"
    eventually is_called $! sleep || fail "the command has not taken the script's place"
    ! gone || fail "Xvfb ended before the command"
    kill -KILL $!
    eventually gone || fail "Xvfb is still there"
}

it_says_why_xvfb_did_not_start() {
    local status=0
    printf '#!/bin/sh\necho no such screen >&2\nexit 1\n' >fakes/Xvfb
    "$with_display" true 2>err || status=$?
    expect "status" "$status" 1
    grep -q 'no such screen' err || fail "does not say why"
}

it_is_skipped_where_there_is_no_xvfb() {
    local status=0 bash
    rm fakes/Xvfb
    bash=$(command -v bash)
    PATH=$PWD/fakes "$bash" "$with_display" true 2>err || status=$?
    expect "status" "$status" 77
    grep -q 'no Xvfb' err || fail "does not say why"
}

run_all
