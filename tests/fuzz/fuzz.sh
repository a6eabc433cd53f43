#!/bin/sh
# fuzz.sh FUZZER CORPUS: runs a fuzzer for HIPFX_FUZZ_SECONDS, 10 if that is not set. What it finds
# on its way goes to a folder of its own; a corpus is enlarged by hand.
set -eu
found=$(mktemp -d)
trap 'rm -rf "$found"' EXIT
"$1" -max_total_time="${HIPFX_FUZZ_SECONDS:-10}" -timeout=10 -rss_limit_mb=2048 \
    -artifact_prefix="${HIPFX_FUZZ_ARTIFACTS:-$found}/" -print_final_stats=1 "$found" "$2"
