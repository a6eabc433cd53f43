#!/usr/bin/env bash
# bundle.sh BUILD_DIR ARCHIVE: packs what was built, with the X server and the libraries that it
# needs, so that it runs on a machine that has nothing but a graphics driver. README.md says how.
set -euo pipefail

bytes_max=$((60 * 1000 * 1000))

# The C library belongs to the machine's loader, and a driver's libraries to its kernel module.
not_carried='^(ld-linux.*|lib(c|m|mvec|pthread|dl|rt|resolv|util|anl|cuda|amdhip64|nvidia.*))\.so'

# Opened at run time: no program names them as needed.
opened=(libEGL.so.1 libGL.so.1 libOpenGL.so.0 libvulkan.so.1)

# These look at the build, with tools that a build needs, or at files of it by their paths, or at a
# stand-in for AMD's runtime.
not_for_a_gpu='^(run[.]|hip_open$|hip_nvidia_(open|calls)$|plugin_locale$|plugin[.]properties$|'
not_for_a_gpu+='unit-kernels-readme$|plugin[.]failure[.]no_external_memory$|(plugin[.])?amd[.])'

# What run-gpu calls by itself, and a plugin that only the environment of tests names.
programs=(hipfx-render hipfx-bench hipfx-eglshim.so hipfx-xkbshim.so obs-hipfx-faulty.so)

source_dir=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
build_dir=$(realpath -- "$1")
archive=$(realpath -m -- "$2")
name=obs-hipfx-bundle

die() {
    printf 'bundle: %s\n' "$*" >&2
    exit 1
}

# The path of a library of this machine, by the name under which programs look for it. All of the
# list is read, or ldconfig would die of the closed pipe, and the caller with it.
library() {
    ldconfig -p | awk -v name="$1" -v machine="$(uname -m | tr _ -)" '
        $1 == name && $0 ~ machine && !found++ { print $NF }'
}

# into FOLDER FILE...: copies files and folders, not links to them.
into() {
    mkdir -p "$stage/$1"
    cp -rLt "$stage/$1" -- "${@:2}"
}

tests_here() {
    ctest --test-dir "$build_dir" --show-only=json-v1 -L '^(unit|interop|plugin|gpu)$' |
        jq --arg not "$not_for_a_gpu" '[.tests[] | select(.name | test($not) | not)]'
}

# As calls of run-gpu's test_case, since that machine has no ctest.
list_tests() {
    tests_here | jq -r --arg source "$source_dir" --arg build "$build_dir" '
        def here: gsub($build; "%HERE%") | gsub($source; "%HERE%")
            | @sh | gsub("%HERE%"; "\u0027\"$here\"\u0027");
        .[] | select(.command) | (.properties | map({(.name): .value}) | add) as $of
            | ["test_case", (.name | @sh), ($of.LABELS | join(",") | @sh),
               ($of.TIMEOUT // 1500 | ceil), ($of.FAIL_REGULAR_EXPRESSION // [] | join("|") | @sh),
               (($of.ENVIRONMENT // [])[] | here), (.command[] | here)]
            | join(" ")'
}

# The files below a folder that the tests name, as paths from there.
named_by_tests() {
    tests_here | jq -r --arg folder "$1/" '
        .[].command // [] | .[] | select(startswith($folder)) | ltrimstr($folder)' | sort -u
}

copy_project() {
    local file
    mkdir "$stage/bin"
    while IFS= read -r file; do
        [[ -e $build_dir/$file ]] || die "$file is not built"
        cp -t "$stage/bin" -- "$build_dir/$file"
    done < <(printf 'bin/%s\n' "${programs[@]}"; named_by_tests "$build_dir" | grep ^bin/)
    into obs/lib/obs-plugins "$build_dir"/rundir/lib/obs-plugins/*
    into obs/share/obs/obs-plugins/obs-hipfx "$source_dir/data/."
    into . "$source_dir"/tests/gpu/{run-gpu,README.md} "$source_dir/LICENSE"
    (
        cd "$source_dir"
        find tests samples -name '*.sh' -exec cp --parents -t "$stage" {} +
        named_by_tests "$source_dir" | while IFS= read -r file; do
            [[ $source_dir/$file == "$build_dir"/* ]] || cp -r --parents -t "$stage" -- "$file"
        done
    )
}

copy_obs() {
    local plugins module
    plugins=$(dirname -- "$(library libobs.so.0)")/obs-plugins
    into obs/share/obs /usr/share/obs/libobs
    for module in image-source obs-filters; do
        into obs/lib/obs-plugins "$plugins/$module.so"
        into obs/share/obs/obs-plugins "/usr/share/obs/obs-plugins/$module"
    done
    # They must be of one version, whatever the machine has. libobs opens the second by that name.
    into lib/own "$(library libobs.so.0)" "$(library libobsglad.so.1)"
    cp -L "$(library libobs-opengl.so.1)" "$stage/lib/own/libobs-opengl.so"
}

copy_x_server() {
    into bin "$(command -v Xvfb)" "$(command -v xkbcomp)"
    into share/X11 /usr/share/X11/xkb
}

copy_validation_layer() {
    local manifest=/usr/share/vulkan/explicit_layer.d/VkLayer_khronos_validation.json
    [[ -e $manifest ]] || return 0
    into share/vulkan/explicit_layer.d "$manifest"
    into lib/own "$(library libVkLayer_khronos_validation.so)"
}

# What all of it is linked to, and what that is linked to.
copy_libraries() {
    local file soname
    local -a files
    mkdir -p "$stage/lib/spare"
    mapfile -t files < <(
        find "$stage"/{bin,lib,obs/lib} -type f
        for soname in "${opened[@]}"; do library "$soname"; done
    )
    {
        printf '%s\n' "${files[@]}" | grep -F .so.
        for file in "${files[@]}"; do
            ldd "$file" 2>/dev/null | awk '$2 == "=>" && $3 ~ /^\// { print $3 }'
        done
    } | sort -u | while IFS= read -r file; do
        soname=${file##*/}
        [[ $soname =~ $not_carried || -e $stage/lib/own/$soname || $file == "$stage"/* ]] ||
            cp -L "$file" "$stage/lib/spare"
    done
}

# ICU's tables, a seventh of the archive, are for alphabets of text that nothing here reads. The
# library that asks for them at its start is content with a table that it then does not use.
leave_out_icu_tables() {
    local file version
    for file in "$stage"/lib/spare/libicudata.so.*; do
        [[ -e $file ]] || continue
        version=${file##*.}
        echo "const char icudt${version}_dat[64];" |
            cc -shared -Wl,-soname,"${file##*/}" -x c -o "$file" -
    done
}

stage=$(mktemp -d)
# shellcheck disable=SC2064 # the name as it is now
trap "rm -rf '$stage'" EXIT
chmod 755 "$stage"
list_tests >"$stage/tests.list"
[[ -s $stage/tests.list ]] || die "there are no tests in $build_dir"
copy_project
copy_obs
copy_x_server
copy_validation_layer
copy_libraries
leave_out_icu_tables
for soname in "${opened[@]}"; do
    [[ -e $stage/lib/spare/$soname ]] || die "$soname is not on this machine"
done
find "$stage"/{bin,lib,obs/lib} -type f -exec sh -c \
    'for file; do ! readelf -h "$file" >/dev/null 2>&1 || strip --strip-unneeded "$file"; done' - {} +

mkdir -p -- "$(dirname -- "$archive")"
# By size, so that files that hold the same code lie side by side: xz looks 64 MiB back.
find "$stage" -type f -printf '%s %P\n' | sort -k 1,1nr -k 2 | cut -d ' ' -f 2- |
    tar -C "$stage" --transform "s,^,$name/," --owner=0 --group=0 --verbatim-files-from -T - -cf - |
    xz --threads=0 --x86 --lzma2=preset=9 >"$archive.part"
mv -- "$archive.part" "$archive"

bytes=$(stat -c %s -- "$archive")
((bytes <= bytes_max)) || die "$archive has $bytes bytes, more than $bytes_max"
printf 'bundle: %s, %d bytes, %d tests\n' "$archive" "$bytes" "$(wc -l <"$stage/tests.list")" >&2
