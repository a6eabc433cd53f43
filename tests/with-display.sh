#!/usr/bin/env bash
# with-display.sh COMMAND [ARGUMENTS]: runs a command that needs an X display, on an Xvfb of its own
# where DISPLAY is not set. Exits 77 where there is no Xvfb, which ctest takes for a skipped test.
set -euo pipefail

[[ -z ${DISPLAY:-} ]] || exec "$@"

command -v Xvfb >/dev/null || {
    echo "skipped: there is no DISPLAY, and no Xvfb to make one" >&2
    exit 77
}

# The command takes this process's place, so that signals and the exit status are its own, and the
# kernel ends Xvfb when it is gone, however that comes about. In a session of its own, Xvfb does not
# get a terminal's Ctrl-C, and serves the command until it has finished.
log=$(mktemp)
exec {ready}< <(exec setsid setpriv --pdeathsig TERM \
    Xvfb -displayfd 1 -screen 0 1920x1080x24 -nolisten tcp -noreset </dev/null 2>"$log")
if ! read -r -t 60 -u "$ready" number; then
    echo "Xvfb did not start:" >&2
    cat "$log" >&2
    rm -f "$log"
    exit 1
fi
rm -f "$log"
exec {ready}<&-

DISPLAY=:$number exec "$@"
