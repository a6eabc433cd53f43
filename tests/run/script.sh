#!/usr/bin/env bash
# shellcheck disable=SC2016 # scripts in single quotes are for others to expand
# shellcheck disable=SC2065 # `run test` is no comparison
# `run` on a machine of which the package manager, CMake and CTest are played by small scripts that
# note how they were called.
# shellcheck source-path=SCRIPTDIR source=check.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/check.sh"
need jq

# fake NAME: a command of that name, with its body on stdin
fake() {
    {
        printf '#!/usr/bin/env bash\necho "%s $*" >>"%s"\n' "$1" "$calls"
        cat
    } >"$fakes/$1"
    chmod +x "$fakes/$1"
}

# Every package of the list on the machine, without the ones named.
installed_without() {
    jq -r '.debian | .build + .run + .test | .[]' "$project/buildspec.json" |
        grep -vxF -f <(printf '%s\n' "$@") | sed 's/^/installed /; s/$/ /' >"$PWD/installed"
}

prepare() {
    project=$PWD/'a project'
    fakes=$PWD/fakes
    calls=$PWD/calls
    as_user=()
    mkdir -p "$project/tests" "$fakes"
    cp "$source_dir"/{run,buildspec.json,CMakePresets.json} "$project"
    cp "$source_dir/tests/with-display.sh" "$project/tests"
    : >"$calls"
    installed_without nothing

    fake dpkg-query <<<"cat '$PWD/installed'"
    fake apt-get <<<'[[ ! -e fail-$1 ]]'
    fake sudo <<<'exec "$@"'
    fake cmake <<<'
        dir=build/$2
        case $1 in
        --preset)
            [[ ! -e fail-configure ]] || exit 1
            mkdir -p "$dir"
            touch "$dir/build.ninja"
            printf "%s\n" "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" "CMAKE_COMMAND:INTERNAL=$0" \
                >"$dir/CMakeCache.txt"
            ;;
        --build)
            [[ ! -e fail-build ]] || { echo the compiler says no; exit 1; }
            ;;
        esac'
    fake ctest <<<'
        printf "%s\n" "1/4 Test  #1: a ....   Passed    0.01 sec" \
            "2/4 Test  #2: b ....***Skipped   0.01 sec" \
            "      Start  3: c" \
            "3/4 Test  #3: c ....***Failed    0.01 sec" \
            " 4/4 Test  #4: d ....***Not Run (Disabled)   0.00 sec" \
            "50% tests passed, 1 tests failed out of 2"
        exit 8'
    for tool in demo render gallery sine bench; do
        mkdir -p "$project/build/default/bin"
        printf '#!/usr/bin/env bash\nprintf "%%s\\n" "$PWD" "$@" >"%s"\nexit 5\n' "$PWD/job" \
            >"$project/build/default/bin/hipfx-$tool"
        chmod +x "$project/build/default/bin/hipfx-$tool"
    done
    export PATH=$fakes:$PATH DISPLAY=:7
    unset HIPFX_PRESET
}

# run ARGUMENTS: its exit status, with what it wrote in the files out and err
run() {
    local status=0
    "${as_user[@]}" "$project/run" "$@" >out 2>err || status=$?
    echo "$status"
}

called() {
    grep -E "^($1)( |$)" "$calls" || true
}

it_lists_every_command_in_its_help() {
    expect "status" "$(run help)" 0
    for command in demo render gallery sine test bench bundle install build help; do
        grep -qE "^  $command( |$)" out || fail "help does not list $command"
    done
    for preset in $(jq -r '.configurePresets[].name' "$project/CMakePresets.json"); do
        grep -qw -- "$preset" out || fail "help does not list the preset $preset"
    done
    expect "calls" "$(cat "$calls")" ""
}

it_refuses_what_it_does_not_know_in_one_line() {
    local -a arguments
    for words in frobnicate "bundle elsewhere" "install --everywhere" "install --user --system" "build nosuch" \
        "build debug asan"; do
        read -ra arguments <<<"$words"
        expect "status of '$words'" "$(run "${arguments[@]}")" 2
        expect "lines on stderr of '$words'" "$(wc -l <err)" 1
        expect "stdout of '$words'" "$(cat out)" ""
        grep -q 'run help' err || fail "'$words' does not point to the help"
    done
    expect "calls" "$(cat "$calls")" ""
}

it_takes_the_preset_of_the_environment() {
    export HIPFX_PRESET=werror
    run test >/dev/null
    run build >/dev/null
    run build asan >/dev/null
    expect "cmake" "$(called cmake | grep -o -- 'preset [a-z]*' | xargs)" 'preset werror preset asan'
    expect "ctest" "$(called ctest | grep -o 'build/[a-z]*')" 'build/werror'
    HIPFX_PRESET=nosuch
    expect "status of a preset that is not there" "$(run test)" 2
    expect "lines on stderr" "$(wc -l <err)" 1
}

it_installs_the_whole_list_in_one_go() {
    : >installed
    run sine >/dev/null
    expect "apt-get" "$(called apt-get)" "apt-get update
apt-get install -y --no-install-recommends $(
        jq -r '.debian | .build + .run | join(" ")' "$project/buildspec.json"
    )"
    expect "calls of dpkg-query" "$(called dpkg-query | wc -l)" 1
}

it_installs_the_list_for_tests_only_for_tests() {
    mapfile -t for_tests < <(jq -r '.debian.test[]' "$project/buildspec.json")
    installed_without "${for_tests[@]}"
    run sine >/dev/null
    expect "apt-get for sine" "$(called apt-get)" ""
    run test >/dev/null
    expect "apt-get for test" "$(called apt-get | tail -n 1)" \
        "apt-get install -y --no-install-recommends ${for_tests[*]}"
}

it_installs_nothing_where_nothing_is_missing() {
    run test >/dev/null
    expect "apt-get" "$(called apt-get)" ""
}

it_asks_for_nothing_but_what_is_missing() {
    installed_without cmake xvfb
    echo "config-files cmake " >>installed
    run sine >/dev/null
    expect "apt-get" "$(called apt-get | tail -n 1)" \
        "apt-get install -y --no-install-recommends cmake xvfb"
}

it_counts_a_package_that_another_one_provides() {
    installed_without npm file
    echo "installed something npm (= 10.8.2), file, other" >>installed
    run test >/dev/null
    expect "apt-get" "$(called apt-get)" ""
}

it_installs_although_one_list_could_not_be_fetched() {
    installed_without cmake
    touch fail-update
    expect "status" "$(run sine)" 5
}

it_stops_where_a_package_cannot_be_installed() {
    installed_without cmake
    touch fail-install
    expect "status" "$(run sine)" 1
    expect "cmake" "$(called cmake)" ""
    grep -qF "$project/build/default/run.log" err || fail "does not name the log"
    [[ ! -e job ]] || fail "went on to the job"
}

it_configures_once() {
    run sine >/dev/null
    expect "first" "$(called cmake)" "cmake --preset default
cmake --build $project/build/default"
    : >"$calls"
    run sine >/dev/null
    expect "second" "$(called cmake)" "cmake --build $project/build/default"
}

it_configures_again_when_the_presets_have_changed() {
    run sine >/dev/null
    touch -d '+1 minute' "$project/CMakePresets.json"
    : >"$calls"
    run sine >/dev/null
    expect "cmake" "$(called 'cmake --preset')" "cmake --preset default"
}

it_configures_afresh_in_a_folder_that_has_moved() {
    run sine >/dev/null
    mv "$project" "$project elsewhere"
    project="$project elsewhere"
    : >"$calls"
    run sine >/dev/null
    expect "cmake" "$(called 'cmake --preset')" "cmake --preset default --fresh"
}

it_configures_afresh_where_that_cmake_is_gone() {
    run sine >/dev/null
    sed -i 's,^CMAKE_COMMAND.*,&.gone,' "$project/build/default/CMakeCache.txt"
    : >"$calls"
    run sine >/dev/null
    expect "cmake" "$(called 'cmake --preset')" "cmake --preset default --fresh"
}

it_shows_why_the_build_failed() {
    touch "$project/fail-build" fail-build
    expect "status" "$(run sine)" 1
    grep -q 'the compiler says no' err || fail "the compiler's words are not shown"
    [[ ! -e job ]] || fail "went on to the job"
}

it_hands_the_job_its_arguments_and_gives_its_status_back() {
    mkdir 'another place'
    cd 'another place' || fail "cannot go there"
    for tool in demo render gallery sine bench; do
        rm -f ../job
        expect "status of $tool" "$(run "$tool" 'two words' '' '*' --settings '{"a": 1}')" 5
        expect "job of $tool" "$(cat ../job)" "$PWD
two words

*
--settings
{\"a\": 1}"
    done
}

it_packs_what_it_has_built() {
    mkdir "$project/tests/gpu"
    printf '#!/usr/bin/env bash\nprintf "%%s\\n" "$@" >"%s"\nexit 5\n' "$PWD/job" \
        >"$project/tests/gpu/bundle.sh"
    chmod +x "$project/tests/gpu/bundle.sh"
    expect "status" "$(run bundle)" 5
    expect "cmake" "$(called 'cmake --build')" "cmake --build $project/build/default"
    expect "arguments" "$(cat job)" "$project/build/default
$project/dist/obs-hipfx-bundle.tar.xz"
}

it_works_in_a_bare_environment() {
    printf '#!/usr/bin/env bash\nreadlink /proc/$$/fd/0\n' >"$project/build/default/bin/hipfx-demo"
    env -i PATH="$PATH" DISPLAY=:7 "$project/run" demo <&- >out 2>err || fail "status $?"
    expect "stdin of the job" "$(cat out)" /dev/null
    expect "stderr" "$(cat err)" ""
}

it_does_not_count_a_skipped_test_as_passed() {
    expect "status" "$(run test -L unit)" 8
    expect "ctest" "$(called ctest)" "ctest --test-dir $project/build/default --no-tests=error\
 --output-on-failure -L unit"
    expect "last line" "$(tail -n 1 out)" "1 passed, 1 failed, 2 skipped"
}

# A machine with little but the commands named: another distribution has no dpkg-query and apt-get.
bare_machine() {
    local tool
    mkdir bare
    for tool in bash env sed tr cut grep paste tail tee mkdir cat dirname flock touch "$@"; do
        ln -s "$(command -v "$tool")" bare/
    done
}

it_names_what_is_missing_on_another_distribution_and_goes_on() {
    fake pkg-config <<<'[[ $2 == epoxy ]]'
    bare_machine cmake pkg-config
    expect "status" "$(PATH=$PWD/bare run sine)" 5
    expect "lines on stderr" "$(wc -l <err)" 1
    for missing in gcc ninja-build libjansson-dev; do
        grep -qF " $missing " err || fail "$missing is not named"
    done
    for there in cmake pkg-config libepoxy-dev; do
        ! grep -qF " $there " err || fail "$there is named"
    done
}

it_says_what_to_do_with_neither_root_nor_sudo() {
    installed_without cmake
    bare_machine awk cmake dpkg-query apt-get
    if [[ $EUID == 0 ]]; then
        chmod -R a+rwX ..
        as_user=("$(command -v setpriv)" --reuid 65534 --clear-groups)
    fi
    expect "status" "$(PATH=$PWD/bare run sine)" 1
    grep -q 'apt-get install cmake$' err || fail "the command is not named:" "$(cat err)"
}

run_all
