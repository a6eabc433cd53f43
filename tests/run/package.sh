#!/usr/bin/env bash
# package.sh SOURCE_DIR BUILD_DIR: what an installation puts where, and what the Debian package says.
# shellcheck source-path=SCRIPTDIR source=check.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/check.sh"
build_dir=$2
need cpack dpkg-deb dpkg-shlibdeps dpkg-architecture readelf

# Vulkan, HIP and CUDA are opened at run time, where they are.
gpu_runtimes='libamdhip|libhsa|rocm|hip-runtime|libcuda|nvidia|vulkan'

prepare() {
    :
}

# The files below a folder, one a line.
files() {
    (cd "$1" && find . ! -type d | sort)
}

same_files() {
    diff <(files "$1") <(files "$2") >&2 || fail "$2 has not the files of $1"
    diff -r "$1" "$2" >&2 || fail "$2 differs from $1"
}

make_package() {
    cpack --config "$build_dir/CPackConfig.cmake" -G DEB -B "$PWD/deb" >cpack.log 2>&1 ||
        fail "cpack: $(cat cpack.log)"
    expect "number of packages" "$(find deb -maxdepth 1 -name '*.deb' | wc -l)" 1
    package=$(echo deb/*.deb)
}

field() {
    dpkg-deb --field "$package" "$1"
}

it_installs_for_one_user_as_obs_looks_for_it() {
    local plugin=plugins/obs-hipfx
    cmake --install "$build_dir" --component user --prefix "$PWD/plugins" >/dev/null
    expect "what is in plugins" "$(cd plugins && echo *)" obs-hipfx
    expect "what is in the plugin's folder" "$(cd "$plugin" && echo *)" "bin data"
    expect "programs" "$(files "$plugin"/bin)" \
        "$(printf '%s\n' ./64bit/obs-hipfx-probe ./64bit/obs-hipfx.so)"
    [[ -s "$plugin"/data/locale/en-US.ini ]] || fail "no en-US locale"
    same_files "$source_dir/data/locale" "$plugin"/data/locale
}

it_installs_for_everybody_as_obs_looks_for_it() {
    local triplet
    triplet=$(dpkg-architecture -qDEB_HOST_MULTIARCH)
    DESTDIR=$PWD/system cmake --install "$build_dir" --component plugin --prefix /usr >/dev/null
    cmake --install "$build_dir" --component user --prefix "$PWD/plugins" >/dev/null
    expect "programs" "$(files system/usr/lib)" \
        "$(printf '%s\n' "./$triplet/obs-plugins/"{obs-hipfx-probe,obs-hipfx.so})"
    same_files plugins/obs-hipfx/data system/usr/share/obs/obs-plugins/obs-hipfx
}

it_links_no_gpu_runtime() {
    local needed
    cmake --install "$build_dir" --component user --prefix "$PWD/plugins" >/dev/null
    needed=$(readelf -d plugins/obs-hipfx/bin/64bit/obs-hipfx.so | grep NEEDED)
    grep -q libobs <<<"$needed" || fail "not linked to libobs: $needed"
    ! grep -iE "$gpu_runtimes" <<<"$needed" || fail "a GPU runtime is linked"
}

it_packages_the_plugin_and_nothing_else() {
    make_package
    dpkg-deb --extract "$package" package
    DESTDIR=$PWD/system cmake --install "$build_dir" --component plugin --prefix /usr >/dev/null
    expect "files" "$(files package)" "$(files system)"
    expect "owners" "$(dpkg-deb --contents "$package" | awk '{ print $2 }' | sort -u)" root/root
    grep -q '^License: GPL-2+' package/usr/share/doc/obs-hipfx/copyright || fail "no copyright file"
    grep -q 'GNU GENERAL PUBLIC LICENSE' package/usr/share/doc/obs-hipfx/LICENSE ||
        fail "no licence"
}

it_depends_on_obs_and_on_no_gpu_runtime() {
    make_package
    grep -qE '(^|, )obs-studio' <<<"$(field Depends)" || fail "does not depend on obs-studio"
    grep -qE '(^|, )libobs' <<<"$(field Depends)" || fail "does not depend on libobs"
    ! grep -iE "$gpu_runtimes" <<<"$(field Depends)" || fail "depends on a GPU runtime"
    expect "Pre-Depends" "$(field Pre-Depends)" ""
}

it_says_what_the_package_is() {
    local name
    make_package
    expect "name" "$(field Package)" obs-hipfx
    expect "version" "$(field Version)" \
        "$(sed -n 's/^  "version": "\(.*\)",$/\1/p' "$source_dir/buildspec.json")"
    for name in Architecture Maintainer Description Section Homepage Recommends; do
        [[ -n $(field "$name") ]] || fail "no $name"
    done
}

run_all
