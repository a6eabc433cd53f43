#!/usr/bin/env bash
# all.sh BUILD_FOLDER [STEP [HANG_STEP [CTEST ARGUMENTS]]]: the fault tests of every rung and mode,
# every call of them unless steps are given, and at the end how many failures were injected.
set -euo pipefail
folder=${1:?the build folder, for example build/asan}
export HIPFX_FAULT_STEPS="${2:-1} ${3:-1}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT

status=0
ctest --test-dir "$folder" --no-tests=error -L '^fault$' -E validated -j "$(nproc)" -V "${@:4}" \
    >"$log" 2>&1 || status=$?
if ((status)); then
    cat "$log"
else
    grep -E '^ *[0-9]+/[0-9]+ Test' "$log"
fi
awk '
    /injections:/ {
        sub(/.*injections: /, "")
        for (i = 1; i < NF; i += 2) {
            if (!($i in sum))
                order[++count] = $i
            sum[$i] += $(i + 1)
        }
    }
    END {
        printf "injections of all runs:"
        for (i = 1; i <= count; i++)
            printf " %s %d", order[i], sum[order[i]]
        print ""
    }' "$log"
exit "$status"
