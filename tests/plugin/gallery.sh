#!/usr/bin/env bash
# gallery.sh GALLERY RENDER: the gallery has both pictures of every effect and preset, and a page that
# shows them.
# shellcheck source-path=SCRIPTDIR source=../run/check.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../run/check.sh"
need ffmpeg

gallery=$(realpath -- "$1")
render=$(realpath -- "$2")
plugin_data=${HIPFX_PLUGIN_DATA:-$source_dir/data}

prepare() {
    data=$PWD/data
    cp -r "$plugin_data" "$data"
    export HIPFX_PLUGIN_DATA=$data
    mkdir -p "$data/presets/gaussian_blur"
}

# The effect table's ids, as the render tool tells them to somebody who has none of them.
effects() {
    "$render" none.png none.png --settings '{"effect": "?"}' 2>&1 |
        sed -n 's/.*there are //p' | tr -d ' ' | tr ',' '\n'
}

pixels() {
    ffmpeg -v error -i "$1" -f rawvideo -pix_fmt rgba -
}

draw() {
    "$gallery" --size 160x90 --out out >stdout 2>stderr || fail "$(cat stderr)"
    expect 'stderr' "$(cat stderr)" ''
}

# The attribute of every tag of that kind, in the page's order.
attributes() {
    grep -o "<$1 [^>]*" out/index.html | sed -n "s/.* $2=\"\([^\"]*\)\".*/\1/p"
}

it_shows_before_and_after_of_every_effect_and_preset() {
    local i
    draw
    mapfile -t shown < <(attributes figure data-effect)
    mapfile -t pictures < <(attributes img src)
    mapfile -t presets < <(cd "$data/presets" && find . -name '*.json')
    expect 'effects' "$(printf '%s\n' "${shown[@]}" | uniq)" "$(effects)"
    expect 'pictures' "${#pictures[@]}" $((2 * ${#shown[@]}))
    expect 'pairs' "${#shown[@]}" $(($(effects | wc -l) + ${#presets[@]}))
    for ((i = 0; i < ${#shown[@]}; i++)); do
        before=out/${pictures[2 * i]} after=out/${pictures[2 * i + 1]}
        [[ $before == out/before*.png && $after == "out/${shown[i]}-"*.png ]] ||
            fail "${shown[i]} is shown by $before and $after"
        ! cmp -s <(pixels "$before") <(pixels "$after") || fail "$after is like $before"
    done
}

it_links_to_nothing_that_is_not_there() {
    local link
    draw
    for link in $(attributes a href) $(attributes img src); do
        case $link in
        '#'*) grep -qF "id=\"${link#\#}\"" out/index.html || fail "no place $link" ;;
        *) [[ -s out/$link ]] || fail "no file $link" ;;
        esac
    done
    ! grep -qE 'https?:|@import|url\(' out/index.html || fail 'the page is not on its own'
}

it_tells_a_presets_name_and_parameters() {
    echo '{"version": 1, "effect": "gaussian_blur", "settings": {"gaussian_blur.sigma_px": 3.5}}' \
        >"$data/presets/gaussian_blur/a <soft> & small.json"
    draw
    grep -qF '<b>a &lt;soft&gt; &amp; small</b>' out/index.html || fail 'its name is not told'
    grep -qF '<dt title="gaussian_blur.sigma_px">Sigma</dt><dd>3.5 px</dd>' out/index.html ||
        fail 'its parameter is not told'
    [[ -s "out/gaussian_blur-a <soft> & small.png" ]] || fail 'its picture is not there'
    expect 'its link' "$(attributes a href | grep -c 'gaussian_blur-a%20%3Csoft%3E%20%26%20small')" 1
}

# refused WORDS: one line on stderr that has them, and the status for it
refused() {
    local status=0
    "$gallery" --size 160x90 --out out >stdout 2>stderr || status=$?
    expect 'status' "$status" 2
    expect 'lines' "$(wc -l <stderr)" 1
    grep -qF -- "$1" stderr || fail "said:" "$(cat stderr)" "and not '$1'"
}

it_refuses_a_broken_preset() {
    local preset=$data/presets/gaussian_blur/broken.json
    echo '{"version": 1, "effect": "gaussian_blur"' >"$preset"
    refused 'broken.json'
    echo '{"version": 1, "effect": "color", "settings": {}}' >"$preset"
    refused 'broken.json: it is no preset of gaussian_blur'
    echo '{"version": 1, "effect": "gaussian_blur", "settings": {"gaussian_blur.size": 1}}' >"$preset"
    refused 'broken.json: unknown parameter "gaussian_blur.size"'
}

run_all
