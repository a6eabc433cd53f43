# shellcheck shell=bash
# What the tests in this folder share: each function named it_* is one test, run in a shell and a
# folder of its own.

# shellcheck disable=SC2034 # read by the tests
source_dir=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)

fail() {
    printf '    %s\n' "$@"
    exit 1
}

# expect WHAT GOT WANTED
expect() {
    [[ $2 == "$3" ]] || fail "$1:" "got    '$2'" "wanted '$3'"
}

need() {
    local tool
    for tool; do
        command -v "$tool" >/dev/null || {
            echo "skipped: there is no $tool"
            exit 77
        }
    done
}

# Waits for a condition that something else brings about, 10 s at most.
eventually() {
    local _
    for _ in {1..200}; do
        "$@" && return
        sleep 0.05
    done
    return 1
}

run_all() {
    local name status failed=0 scratch
    scratch=$(mktemp -d)
    # shellcheck disable=SC2064 # the name as it is now
    trap "rm -rf '$scratch'" EXIT
    for name in $(compgen -A function it_); do
        mkdir "$scratch/$name"
        # Not a condition: in one, bash ignores set -e all the way down.
        (
            set -euo pipefail
            cd "$scratch/$name"
            prepare
            "$name"
        )
        status=$?
        if ((status == 0)); then
            echo "ok      $name"
        else
            echo "FAILED  $name"
            failed=$((failed + 1))
        fi
    done
    return $((failed > 0))
}
