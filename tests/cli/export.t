#!/bin/sh
# `liquidbench export`: what it writes compiles, answers as `predict` does, and what it refuses.
# shellcheck disable=SC2154 # $code is set by lb
. tests/cli/lib.sh

{
    echo t,a,b
    awk 'BEGIN { srand(3); for (i = 0; i < 300; i++) { t += 0.5 + rand();
        printf "%.2f,%.3f,%s\n", t, sin(t / 3) * 4 + 100, i % 9 == 4 ? "" : sprintf("%.3f", rand() + cos(t / 5)) } }'
} >data.csv
printf '{"name": "e", "dataset": {"csv": "data.csv", "time": "t", "inputs": ["a", "b"], "targets": ["a"], "missing": "forward"},
    "task": {"window": 20, "stride": 10, "horizon": 2}, "baselines": [], "train": {"epochs": 2}, "seeds": [0],
    "models": [{"cell": "lstm", "hidden": 8}, {"name": "wired", "cell": "ltc",
        "wiring": {"type": "auto_ncp", "units": 12, "outputs": 3}, "mixed_memory": true}]}\n' >e.json
lb run e.json -o res -q
exits 0 "models to export"
lstm=$(echo res/models/*lstm*) wired=$(echo res/models/*wired*)
lb run e.json -o both -q --set 'models=[{"cell": "bilstm", "hidden": 3}]' --set task.at=last
bilstm=$(echo both/models/*bilstm*)

lb export "$lstm" -o lstm.c --main
exits 0 "an LSTM is exported"
out '^state of a stream +[0-9]+ bytes$' "the size of a stream's state is printed"
grep -q 'Scores on the test data, in float32: .*[0-9]' lstm.c && grep -q 'Licence:' lstm.c && grep -q '"cell":"lstm"' lstm.c
result $? "its comment has scores, configuration and licence"

# CSV with the same numbers, to 1e-6 of the largest.
alike() { # FILE FILE
    paste -d, "$1" "$2" | awk -F, 'NR == 1 { n = NF / 2; next }
        { for (i = 2; i <= n; i++) { d = $i - $(i + n); d = d < 0 ? -d : d; if (d > worst) worst = d
            if ($i > most) most = $i; if (-$i > most) most = -$i; if (($i == "") != ($(i + n) == "")) bad = 1 } }
        END { printf "# largest difference %g of %g in %d rows\n", worst, most, NR - 1 >"/dev/stderr"
            exit bad || NR < 300 || worst > 1e-6 * most }'
}

if command -v cc >/dev/null 2>&1; then
    for name in lstm wired; do
        model=$lstm
        [ $name = lstm ] || model=$wired
        lb export "$model" -o $name.c --main --prefix pump
        cc -std=c99 -Wall -Wextra -Wpedantic -Werror -O1 $name.c -o $name 2>err
        result $? "$name compiles without a warning"
        ./$name --self-test >out 2>err
        result $? "$name answers its recorded rows"
        lb predict "$model" data.csv -o expected.csv
        ./$name <data.csv >own.csv 2>err && alike expected.csv own.csv
        result $? "$name answers as predict does"
    done
    out=$(./lstm --bench 200) && echo "$out" | grep -q '"p99": [0-9]'
    result $? "--bench prints the latencies of a step"
    printf 't,a\n1,2\n' | ./lstm >out 2>err
    [ $? -eq 2 ] && grep -q 'no column "b"' err
    result $? "its program names a column that is missing"
    printf 't,a,b\n1,x,2\n' | ./lstm >out 2>err
    [ $? -eq 2 ] && grep -q 'row 1: "x" is not a number' err
    result $? "its program names a field that is no number"
    # A glitch of a sensor: larger than any float.
    sed '10s/,[^,]*,/,1e39,/' data.csv >glitch.csv
    lb export "$lstm" -o lstm.c --main
    cc -std=c99 -O1 lstm.c -o lstm && ./lstm <glitch.csv >own.csv 2>err
    [ $? -eq 2 ] && grep -q 'row 9: a number is too large' err
    result $? "a value beyond all floats is refused, as by predict"
    printf 't,a,b\n1,inf,2\n' | ./lstm >out 2>err
    [ $? -eq 2 ] && grep -q 'row 1: "inf" is not a number' err
    result $? "infinity is no number, as for predict"
    printf '\357\273\277t,a,b\r\n1,1,2\r\n' | ./lstm >out 2>err
    result $? "a byte order mark is passed over"
    { head -1 data.csv && echo && sed -n '2s/,/ , /gp' data.csv && echo ' '; } >blanks.csv
    ./lstm <blanks.csv >own.csv 2>err && head -2 data.csv | ./lstm >one.csv 2>>err && cmp -s own.csv one.csv
    result $? "blank lines are passed over, and blanks around fields"
    tr , '|' <data.csv | ./lstm >own.csv 2>err && ./lstm <data.csv | cmp -s - own.csv
    result $? "columns may stand between bars"
    if [ -w /dev/full ]; then
        ./lstm <data.csv >/dev/full 2>err
        [ $? -eq 2 ] && grep -q 'cannot write' err && ! ./lstm --bench 100 >/dev/full 2>err
        result $? "its program says when the disk is full"
    else
        skip "its program says when the disk is full" "there is no /dev/full"
    fi
    lb export "$lstm" -o small.c --type int8
    small=$(awk '/^weights/ { print $2 }' out)
    lb export "$lstm" -o large.c
    [ "$small" -lt "$(awk '/^weights/ { print $2 }' out)" ]
    result $? "int8 takes less room"
    lb export "$lstm" -o large.c --cc no-such-compiler
    exits 0 "a compiler that is not there does not stop an export"
    err 'not measured: there is no compiler "no-such-compiler" here' "and is named"
else
    skip "exported files compile and answer" "no cc here"
fi

# What a type costs, and a step on the target: measurements that a report shows.
stem=$(basename "$lstm" .safetensors)
# Whether a measurement and a record have the same test scores.
# shellcheck disable=SC2016 # Perl
same_scores() {
    [ "$(json "$1" 'join " ", map { "$_ $j->{metrics}{$_}" } sort keys %{$j->{metrics}}')" = "$(json "$2" \
        'join " ", map { "$_ $j->{metrics}{test}{$_}" } sort keys %{$j->{metrics}{test}}')" ]
}
lb export "$lstm" -o scored.c --score
exits 0 "the stored weights are scored on the test data"
same_scores "res/measurements/$stem-float32.json" "res/trials/$stem.json"
result $? "as float32 with the very scores of the trial's record"
lb export "$wired" -o scored.c --score
same_scores "res/measurements/$(basename "$wired" .safetensors)-float32.json" "res/trials/$(basename "$wired" .safetensors).json"
result $? "and so is a model with a drawn wiring"
lb export "$lstm" -o scored.c --score --type int8
out '^mse +[0-9.e-]+ +[0-9.e-]+$' "scores of both types are printed"
! same_scores "res/measurements/$stem-int8.json" "res/trials/$stem.json"
result $? "int8 scores differ"
printf '{"measurement": "liquidbench step", "trial": "%s", "type": "float16", "weight_bytes": 700, "state_bytes": 90,
    "step_ns": {"mean": 3, "p50": 123456, "p90": 4, "p99": 234567, "max": 9}}\n' "$stem" >res/measurements/board.json
lb report res
exits 0 "a report reads measurements"
grep -qE '^\| lstm +\| +0 \| int8 +\| .*×[01]\.[0-9]+ .*-int8 +\|$' res/report/report.md &&
    grep -qE '^\| lstm +\| +0 \| float16 .* 123 .* 235 \| board +\|$' res/report/report.md
result $? "and shows scores and steps beside their models"
echo '{"measurement": "liquidbench step", "trial": "gone"}' >res/measurements/gone.json
echo '{}' >res/measurements/other.json
lb report res
exits 0 "files that are no measurements do not stop it"
err 'measurements/gone.json: .* its trial, gone, is none of those of the experiment' "one of another trial is named"
err 'measurements/other.json: is no measurement' "and one that is none"
cp "$lstm" alone.safetensors
refused 'stands outside its results folder' "a model without its record is not scored" export alone.safetensors -o x.c --score
cp data.csv kept.csv && sed '$d' kept.csv >data.csv
refused 'the data have changed' "nor is one whose data have changed" export "$lstm" -o x.c --score
mv kept.csv data.csv
rm -f x.c x.h

# Series that take turns, a class with a comma, an input far from 0, and weights that are no numbers
awk 'BEGIN { print "t,g,x,cls"; for (t = 0; t < 80; t++) for (g = 0; g < 3; g++)
    printf "%d,%s,%.4f,%s\n", t, substr("abc", g + 1, 1), 101325 + sin(t / 3 + g), (sin(t / 3 + g) > 0 ? "\"up, hi\"" : "down") }' >turns.csv
printf '{"dataset": {"csv": "turns.csv", "time": "t", "group": "g", "inputs": ["x"], "targets": ["cls"]}, "seeds": [0],
    "task": {"type": "classification", "window": 10, "stride": 5}, "models": [{"cell": "gru", "hidden": 4}], "train": {"epochs": 2}}' >turns.json
lb run turns.json -q -o turns
turns=$(ls turns/models/*)
lb export "$turns" -o turns.c --main
err 'input "x" varies by 0.7.* around 101325: as floats its values are rounded by up to' "an input that floats blur is warned of"
if command -v cc >/dev/null 2>&1; then
    cc -std=c99 -Wall -Wextra -Wpedantic -Werror -O1 turns.c -o turns.program 2>err
    lb predict "$turns" turns.csv -o expected.csv
    ./turns.program <turns.csv | cut -d, -f1-3 >own.csv
    cut -d, -f1-3 expected.csv | cmp -s - own.csv
    result $? "each series has a state of its own, and classes are quoted"
fi
perl -0777 -ne 'my $n = unpack "Q<", $_; substr($_, 8 + $n, 4) = pack "V", 0x7fc00000; print' "$turns" >nan.safetensors
refused 'nan.safetensors: tensor "[a-z_0-9]*" holds -?nan' "weights that are no numbers are refused" export nan.safetensors -o x.c
refused 'nan.safetensors: tensor "[a-z_0-9]*" holds -?nan' "by predict, too" predict nan.safetensors turns.csv

refused 'bilstm" reads sequences in both directions' "a model that reads both directions is refused" \
    export "$bilstm" -o x.c
refused '--type: "int4" is not known; did you mean "int8"?' "an unknown type is refused" \
    export "$lstm" -o x.c --type int4
refused '--type: "bf8" is not known; choose one of float32, float16, int8' \
    "so is one that is near none" export "$lstm" -o x.c --type bf8
refused 'data.csv: ' "a file that is no model is refused" export data.csv -o x.c
mkdir folder.c
refused 'folder.c: cannot write' "a folder is refused" export "$lstm" -o folder.c
[ ! -e folder.h ]
result $? "without a header beside it"
echo 'int mine;' >mine.c
echo '#define MINE' >other.h
refused 'mine.c: is there already' "a file that liquidbench did not write is kept" export "$lstm" -o mine.c
refused 'other.h: is there already' "and so is such a header" export "$lstm" -o other.c
[ "$(cat mine.c)" = 'int mine;' ] && [ ! -e mine.h ] && [ ! -e other.c ]
result $? "nothing is written then"
refused 'no #include can name the header' "a name with a quote is refused" export "$lstm" -o 'x".c'
refused 'name must end in .c' "an output that is no C file is refused" export "$lstm" -o x.txt
refused 'cannot begin names in C' "a prefix that is no name is refused" export "$lstm" -o x.c --prefix 3d
refused 'say where to write' "an output is needed" export "$lstm"
refused 'scales all series alike' "a series is refused where there is one scaling" export "$lstm" -o x.c --series a
[ ! -e x.c ] && [ ! -e x.h ] && [ ! -e x.txt ]
result $? "nothing is written of what is refused"
finish
