#!/bin/sh
# denoise_photos.sh TOOL [--check]: what denoising gains on photographs, of the Debian package mate-backgrounds
# (GPL-2+): a part of each, at a fourth of its size, so that its own noise is gone.
set -eu
tool=$1
check=${2-}
photos=${HIPFX_PHOTOS:-/usr/share/backgrounds/mate/nature}
command -v convert >/dev/null || { echo "skipped: no convert, of imagemagick"; exit 77; }
[ -d "$photos" ] || { echo "skipped: no photographs: install mate-backgrounds"; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
for name in Dune Garden LadyBird Storm TwoWings YellowFlower; do
    convert "$photos/$name.jpg" -resize 25% -gravity center -crop 416x256+0+0 +repage \
        -strip +set comment -depth 8 "$dir/$name.ppm"
done
"$tool" ${check:+"$check"} "$dir"/*.ppm
