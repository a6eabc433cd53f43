#!/bin/bash
# The tests in a real OBS Studio: run.sh SOURCE_DIR WORK_DIR MODULE DATA_DIR
# Everything is written under WORK_DIR. Exit 77: what the tests need is not here.
set -euo pipefail

source_dir=$1 work_dir=$2 module=$3 data_dir=$4

skip() {
    echo "skipped: $1"
    exit 77
}

for program in obs node npm Xvfb xdotool import; do
    command -v "$program" >/dev/null || skip "no $program"
done
node_version=$(node -p 'process.versions.node')
[[ ${node_version%%.*} -ge 18 ]] || skip "node $node_version is older than 18"
[[ -z ${HIPFX_SANITIZE:-} ]] || skip "a module with sanitizers does not load into a plain OBS"

mkdir -p "$work_dir/artefacts"
cd "$work_dir"

# A module of node looks for its packages beside its own file, so the tests run from here.
rm -f ./*.mjs artefacts/*
cp "$source_dir"/*.mjs "$source_dir"/package.json "$source_dir"/package-lock.json .

if ! cmp -s package-lock.json node_modules/.installed-from; then
    if ! npm ci --ignore-scripts --prefer-offline --no-audit --no-fund >npm.log 2>&1; then
        cat npm.log
        # A package that does not match the lock file is a failure, a network that is away is not.
        if grep -qE 'ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT' npm.log; then
            skip "the npm registry cannot be reached"
        fi
        exit 1
    fi
    cp package-lock.json node_modules/.installed-from
fi

export HIPFX_MODULE=$module HIPFX_DATA=$data_dir HIPFX_ARTEFACTS=$work_dir/artefacts
# A little less than ctest allows, so that OBS is ended here and its log is kept.
exec timeout --kill-after=5 280 node --test-reporter=spec studio.test.mjs
