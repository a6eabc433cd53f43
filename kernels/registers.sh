#!/bin/sh
# registers.sh OUTPUT [ASSEMBLY]...: what each kernel uses on each GPU, from the compiler's own notes
# in the assembly, as a table for each kernel.
set -eu
output=$1
shift
{
    cat <<'END'
# What the kernels use

One line for each AMD GPU. VGPRs are a thread's (where accumulation registers are of the same file,
they are counted), SGPRs a wave's, LDS is bytes of a block, scratch bytes of a thread. Waves is how
many of the kernel's waves a SIMD can hold at most, as the compiler sees it.
END
    [ $# -eq 0 ] || awk '
        FNR == 1 {
            gfx = FILENAME
            sub(/\.s$/, "", gfx)
            sub(/.*\./, "", gfx)
        }
        /-- Begin function/ {
            name = $NF
            if (!(name in known)) {
                known[name] = 1
                names[++count] = name
            }
            vgprs = 0
        }
        /^; NumSgprs:/ { sgprs = $3 }
        /^; NumVgprs:/ { vgprs = $3 }
        /^; TotalNumVgprs:/ { vgprs = $3 }
        /^; ScratchSize:/ { scratch = $3 }
        /^; LDSByteSize:/ { lds = $3 }
        /^; Occupancy:/ {
            rows[name] = rows[name] sprintf("| %-7s | %5d | %5d | %3d | %7d | %5d |\n", gfx,
                vgprs, sgprs, lds, scratch, $3)
        }
        END {
            for (i = 1; i <= count; i++) {
                print "\n## " names[i] "\n"
                print "| GPU     | VGPRs | SGPRs | LDS | scratch | waves |"
                print "|---------|------:|------:|----:|--------:|------:|"
                printf "%s", rows[names[i]]
            }
        }' "$@"
} >"$output.new"
mv -- "$output.new" "$output"
