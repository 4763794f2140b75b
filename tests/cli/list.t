#!/bin/sh
# `list`, the JSON Schema, docs/config.md and `init`: all say what the program knows.
. tests/cli/lib.sh

for topic in models metrics perturbations suites measures optimizers losses schedules datasets generators config; do
    lb list "$topic"
    [ $code -eq 0 ] && [ -s out ] && [ ! -s err ]
    result $? "list $topic prints lines"
    lb list "$topic" --json
    [ "$(json out 'ref($j) eq "ARRAY" && @$j > 1 && !grep({ !$_->{name} } @$j) ? 1 : 0')" = 1 ]
    result $? "list $topic --json prints an array of objects with names"
done
# Every part has a row (| `mse` |) or a heading (### `lstm`) in the docs.
for topic in models metrics perturbations suites optimizers losses schedules generators; do
    lb list "$topic" --json
    undescribed=$(json out 'join " ", map { $_->{name} } @$j' | tr ' ' '\n' | while read -r name; do
        grep -qE "^(\||###) \`$name\`" "$root"/docs/*.md || echo "$name"
    done)
    [ -z "$undescribed" ]
    result $? "each of list $topic is described in docs/ $undescribed"
done
lb list models
for model in lstm ltc cfc persistence seasonal ar nlinear dlinear; do
    out "^$model: " "list models names $model"
done

# Schema and documentation agree with the program.
lb list schema
cmp -s out "$root/configs/experiment.schema.json"
result $? "configs/experiment.schema.json is what the program prints: scripts/update-generated.sh"
lb list config --markdown
sed '1,/^<!-- liquidbench list config --markdown/d' "$root/docs/config.md" | cmp -s - out
result $? "docs/config.md ends with what the program prints: scripts/update-generated.sh"
lb list config --json
missing=$(json out 'join "\n", map { $_->{name} } @$j' | while read -r field; do
    grep -Fq -- "| \`$field\` |" "$root/docs/config.md" || echo "$field"
done)
[ -z "$missing" ]
result $? "docs/config.md names every field of list config"

# Every config that is shipped is understood.
for config in "$root"/configs/*.json "$root"/configs/papers/*.json "$root"/configs/claims/*-oscillator.json; do
    case $config in *schema.json) continue ;; esac
    case $config in
    # Series of a thousand rows and more take seconds to make and to time models on.
    */adding.json | */copy.json) lb run "$config" --dry-run --set dataset.series=220 --set dataset.rows=100 ;;
    *) lb run "$config" --dry-run ;;
    esac
    # Data that is not shipped may be missing, and nothing else.
    [ $code -eq 0 ] || grep -q 'LIQUIDBENCH_DATA' err
    result $? "configs/${config##*/} is understood"
done

# Wirings
printf '%s' '{"dataset": {"csv": "wave.csv"}, "models": [{"cell": "lstm"}, {"name": "ncp",
    "cell": "ltc", "wiring": {"type": "auto_ncp", "units": 19, "outputs": 4}}]}' >wired.json
lb list wiring wired.json
out '^ncp, seed 0: .* 19 neurons \(9 inter, 6 command, 4 motor\)' \
    "list wiring counts neurons and synapses"
lb list wiring wired.json --json
[ "$(json out '$j->[0]{wiring}{type}')" = given ]
result $? "list wiring --json prints a wiring that a config may hold"
gnuplot_draws
if command -v gnuplot >/dev/null; then
    lb list wiring wired.json --model ncp --seed 2 -o wiring.svg
    [ $code -eq 0 ] && grep -q '<svg' wiring.svg && grep -q 'command neurons' wiring.svg
    result $? "list wiring draws it"
else
    skip "list wiring draws it" "no gnuplot"
fi
refused 'did you mean "ncp"' "list wiring wants a model of the config" \
    list wiring wired.json --model ncq
refused 'lstm has no wiring' "and one that has a wiring" list wiring wired.json --model lstm

# init
lb init first
[ $code -eq 0 ] && grep -q 'Next: liquidbench run first.json' err
result $? "init writes a config and says what to do with it"
lb run first.json --dry-run
exits 0 "which is understood"
refused 'first.json: exists.*--force' "init overwrites nothing" init first
lb init first --force
exits 0 "unless it is told to"
lb init wave --csv wave.csv --target b
[ $code -eq 0 ] && "$program" run wave.json --dry-run >out 2>err && grep -q '^wave-lstm-s0' out
result $? "init --csv writes a config for a file"
refused 'did you mean|no column' "init names a target that is not there" \
    init other --csv wave.csv --target z
refused 'no name for files' "init wants a name that files can have" init a/b
refused 'none.csv' "init wants the file to be there" init none --csv none.csv
awk 'BEGIN { print "when,x,kind"; for (i = 0; i < 336; i++)
    printf "2020-%02d-%02d,%d,%s\n", 1 + i / 28, 1 + i % 28, i * i % 17, i % 9 < 4 ? "a" : "b" }' >kinds.csv
lb init kinds --csv kinds.csv --target kind --budget 2s
[ "$(json kinds.json '"$j->{task}{type} $j->{dataset}{time}"')" = "classification when" ]
result $? "init sees times and labels"
head -3 kinds.csv >short.csv
refused 'short.csv: a series of 2 rows is too short' "init wants rows to learn from" \
    init short --csv short.csv
refused 'budget soon: must be a time' "init wants a budget that is a time" \
    init kinds --csv kinds.csv --budget soon

# bench
lb bench --scale --cell cfc --seconds 0.001 --json
[ "$(json out 'join " ", map { sprintf "%s %d", $_->{doubled}, scalar @{$_->{sizes}} } @$j')" = "units 5 steps 5 inputs 5 batch 5" ]
result $? "bench --scale doubles one dimension after the other"
[ "$(json out 'my ($s) = grep { $_->{doubled} eq "steps" } @$j; my $b = $s->{training_bytes};
    $b->{low} <= $b->{exponent} && $b->{exponent} <= $b->{high} && $b->{exponent} > 0.4 && $b->{exponent} <= 1.05
    && !defined $s->{step_bytes}{exponent} ? 1 : 0')" = 1 ]
result $? "and fits power laws: memory grows no faster than the steps, a streaming step not at all"
refused "--large: is of --scale" "bench --large goes with --scale" bench --large
refused "--plot: is the picture of --scale" "bench --plot goes with --scale" bench --plot x.svg
refused "the name must end in .svg or .png" "as one of two formats" bench --scale --plot x.pdf
refused "--shape: --scale has shapes of its own" "--scale takes no shape" bench --scale --shape 8x4x8
lb bench --cell lstm --shape 8x4x8 --seconds 0.01
out '^lstm +8x4x8 ' "bench times a cell"
lb bench --cell cfc --shape 8x4x8 --seconds 0.01 --json
[ "$(json out '$j->[0]{sequences_per_second} > 0 && $j->[0]{step_us}{p99} > 0 ? 1 : 0')" = 1 ]
result $? "bench --json prints numbers"
lb bench --cell lstm --shape 8x64x8 --seconds 0.01 --threads 2 --json
[ "$(json out '$j->[0]{threads} == 2 && $j->[0]{share_of_peak} < 1 &&
    $j->[0]{memory}{activations} > 0 && $j->[0]{memory}{streaming} > 0 ? 1 : 0')" = 1 ]
result $? "bench tells the share of the peak and the memory, in several threads"
lb bench --cell ltc --shape 4x1x8 --seconds 0.01 --set unfolds=2 --set 'wiring.type="auto_ncp"' --json
few=$(json out '$j->[0]{parameters}')
lb bench --cell ltc --shape 4x1x8 --seconds 0.01 --json
[ "$few" -lt "$(json out '$j->[0]{parameters}')" ]
result $? "bench --set gives the cell its options"
refused 'lstm\.unfolds: unknown key' "bench --set wants an option that the cell has" \
    bench --cell lstm --set unfolds=2
refused 'expected path=value' "bench --set wants an assignment" bench --set unfolds
refused 'no such cell' "bench wants a known cell" bench --cell xyz
refused 'expected HxBxT' "bench wants a shape" bench --shape 8

finish
