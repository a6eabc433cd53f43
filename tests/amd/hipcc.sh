#!/usr/bin/env bash
# hipcc.sh SOURCE_DIR: the compiler driver of a real ROCm builds the kernels that the project's own
# build compiles without it, for an old and a new kind of GPU. With a newer ROCm, name others in
# HIPFX_TEST_TARGETS: Debian 12's has device libraries up to gfx1036.
set -euo pipefail
source_dir=$1

command -v hipcc >/dev/null || {
    echo "skipped: there is no hipcc (Debian: hipcc)" >&2
    exit 77
}

work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
for target in ${HIPFX_TEST_TARGETS:-gfx906 gfx1030}; do
    for source in "$source_dir"/kernels/*.hip; do
        object=$work/$(basename "$source" .hip).$target
        # hipcc asks which GPU is there before it looks at its arguments, and complains.
        if ! hipcc --genco --offload-arch="$target" -std=c++17 -O3 -I"$source_dir" "$source" \
            -o "$object" 2>"$work/log" || [[ ! -s $object ]]; then
            cat "$work/log" >&2
            echo "hipcc does not build $source for $target" >&2
            exit 1
        fi
        grep -q "amdgcn-amd-amdhsa--$target" "$object" || {
            echo "hipcc built no $target from $source" >&2
            exit 1
        }
    done
done
