#!/usr/bin/env bash
# hipcc.sh SOURCE_DIR KERNELS: the compiler driver of a real ROCm builds the kernels that the
# project's own build compiles without it. KERNELS is the one file that includes them all. With a
# newer ROCm, name other GPUs in HIPFX_TEST_TARGETS: Debian 12's has device libraries up to gfx1036.
set -euo pipefail
source_dir=$1
kernels=$2

command -v hipcc >/dev/null || {
    echo "skipped: there is no hipcc (Debian: hipcc)" >&2
    exit 77
}

work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
for target in ${HIPFX_TEST_TARGETS:-gfx906 gfx1030}; do
    # hipcc asks which GPU is there before it looks at its arguments, and complains.
    if ! hipcc --genco --offload-arch="$target" -std=c++17 -O3 -I"$source_dir" "$kernels" \
        -o "$work/$target" 2>"$work/log"; then
        cat "$work/log" >&2
        echo "hipcc does not build the kernels for $target" >&2
        exit 1
    fi
    grep -q "amdgcn-amd-amdhsa--$target" "$work/$target" || {
        echo "hipcc built nothing for $target" >&2
        exit 1
    }
done
