#!/bin/sh
# Times exported models beside liquidbench's own streaming step, and prints a Markdown table: 32 units, 17 inputs
# and outputs, float32.
#
#   scripts/bench-export.sh [CELL]...      default: all that stream, and an LTC wired by auto_ncp ("wired")
#
# Environment: LIQUIDBENCH (./liquidbench), EXPORT_FLAGS, COMPILERS ("gcc clang"), TURNS (5): all programs take turns,
# and the lowest median of a program's turns counts, since other work on the machine only adds time.
set -eu
program=$(realpath "${LIQUIDBENCH:-./liquidbench}")
flags=${EXPORT_FLAGS:--O3 -march=native -ffp-contract=fast}
turns=${TURNS:-5}
work=$(mktemp -d "${TMPDIR:-/tmp}/bench-export.XXXXXX")
trap 'rm -rf "$work"' EXIT
compilers=
for compiler in ${COMPILERS:-gcc clang}; do
    command -v "$compiler" >/dev/null 2>&1 && compilers="$compilers $compiler"
done
cells=$("$program" list models | awk '/^[a-z]/ { sub(":.*", ""); name = $0 } /^ +streams$/ { print name }')
# shellcheck disable=SC2086 # several cells
[ $# -gt 0 ] || set -- $cells wired
cd "$work"

# 17 columns of waves.
awk 'BEGIN { srand(1)
    for (j = 1; j <= 17; j++) printf "c%d%s", j, j < 17 ? "," : "\n"
    for (i = 0; i < 200; i++) for (j = 1; j <= 17; j++)
        printf "%.4f%s", sin(i / (3 + j)) + 0.1 * rand(), j < 17 ? "," : "\n" }' >data.csv

# The lowest number of a file.
lowest() { # FILE
    sort -n "$1" | head -1
}

bench_step() { # CELL: nanoseconds of liquidbench's own step
    set -- "$1" ''
    [ "$1" != wired ] || set -- ltc 'wiring={"type":"auto_ncp","outputs":4}'
    "$program" bench --cell "$1" ${2:+--set "$2"} --shape 32x1x8 --seconds 0.02 --json |
        awk '/"step_us"/ { inside = 1 } inside && /"p50"/ { gsub(/[^0-9.e-]/, "", $2); print $2 * 1000; exit }'
}

measure() { # CELL
    model="{\"name\": \"m\", \"cell\": \"$1\", \"hidden\": 32}"
    [ "$1" != wired ] || model='{"name": "m", "cell": "ltc", "wiring": {"type": "auto_ncp", "units": 32, "outputs": 4}}'
    printf '{"name": "e", "dataset": {"csv": "data.csv"}, "task": {"window": 20, "stride": 20}, "baselines": [],
        "train": {"epochs": 1}, "seeds": [0], "models": [%s]}\n' "$model" >e.json
    rm -rf results
    "$program" run e.json -q -o results >/dev/null
    "$program" export results/models/*.safetensors -o model.c --main >/dev/null
    rm -f times-*
    for compiler in $compilers; do
        # shellcheck disable=SC2086 # several flags
        "$compiler" -std=c99 $flags model.c -o "model-$compiler"
        "./model-$compiler" --self-test
    done
    turn=0
    while [ $turn -lt "$turns" ]; do
        turn=$((turn + 1))
        bench_step "$1" >>times-bench
        for compiler in $compilers; do
            "./model-$compiler" --bench 20000 | sed -n 's/.*"p50": \([0-9]*\).*/\1/p' >>"times-$compiler"
        done
    done
    own=$(lowest times-bench)
    printf '| %s | %.0f |' "$1" "$own"
    for compiler in $compilers; do
        awk -v own="$own" -v time="$(lowest "times-$compiler")" 'BEGIN { printf " %d | %.2f |", time, time / own }'
    done
    echo
}

printf '%s, %s;' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" \
    "$("$program" bench --cell rnn --shape 4x1x4 --seconds 0.01 | sed -n 's/^Instruction set: \([a-z0-9]*\).*/\1/p')"
for compiler in $compilers; do
    printf ' %s %s,' "$compiler" "$("$compiler" -dumpversion)"
done
# shellcheck disable=SC2016 # Markdown's quotes
printf ' `%s`; lowest of %d medians, in ns\n\n| cell | bench |' "$flags" "$turns"
for compiler in $compilers; do
    printf ' %s | ratio |' "$compiler"
done
printf '\n| --- | ---: |'
for compiler in $compilers; do
    printf ' ---: | ---: |'
done
echo
for cell in "$@"; do
    measure "$cell"
done
