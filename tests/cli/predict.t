#!/bin/sh
# `predict`: a saved model and a CSV file are all it needs.
. tests/cli/lib.sh

# b is a delayed; the model can learn it.
awk 'BEGIN { print "a,b"; for (i = 0; i < 600; i++) printf "%.5f,%.5f\n", sin(i / 6), 3 * cos(i / 6) + 10 }' >circle.csv
cat >circle.json <<'END'
{"dataset": {"csv": "circle.csv"}, "task": {"window": 16, "stride": 2, "horizon": 2},
 "models": [{"cell": "lstm", "hidden": 16}, {"cell": "ltc", "hidden": 8},
  {"name": "wired", "cell": "ltc", "wiring": {"type": "auto_ncp", "units": 12}},
  {"name": "few", "cell": "cfc", "wiring": {"type": "random", "units": 6}},
  {"name": "full", "cell": "lrc", "wiring": {"units": 5}}],
 "train": {"epochs": 40, "learning_rate": 0.01},
 "evaluate": {"noise": {"types": []}, "latency_steps": 0}, "baselines": [], "seeds": [0]}
END
lb run circle.json -q
exits 0 "models are trained"
mv circle.csv away.csv
for model in wired few full; do
    lb predict results/circle/models/*-$model-* away.csv
    [ $code -eq 0 ] && [ "$(wc -l <out)" -eq 601 ]
    result $? "the model $model is read, whose wiring says how many neurons it has"
done
for cell in lstm ltc; do
    model=$(ls results/circle/models/*-$cell-*)
    lb predict "$model" away.csv
    [ $code -eq 0 ] && [ "$(head -1 out)" = "row,a+1,b+1,a+2,b+2" ] && [ "$(wc -l <out)" -eq 601 ]
    result $? "$cell forecasts every row: a header, then a line for each"
    # a+1 of row n is about a of row n + 1, and so on, once the state has settled
    paste -d, away.csv out | awk -F, 'NR > 31 && NR < 600 {
        if (n > 0) { e1 += (a1 - $1) ^ 2; e2 += ((b1 - $2) / 3) ^ 2 }
        a1 = $4; b1 = $5; n++ } END { exit !(e1 / n < 0.02 && e2 / n < 0.02) }'
    result $? "$cell forecasts come true, in units of the data"
done
cp out straight.csv
awk -F, '{ print $2 "," $1 ",x" NR }' away.csv | sed '1s/x1/extra/' >swapped.csv
lb predict "$model" swapped.csv
cmp -s out straight.csv
result $? "columns are found by name, in any order, and others ignored"
sed 's/,/;/g' away.csv >semicolon.csv
lb predict "$model" semicolon.csv
cmp -s out straight.csv
result $? "the delimiter of the new file may differ"
awk -F, 'NR == 1 { print "a\tb"; next } { printf "%.3f\t%.3f\n", 3 + $1, $2 }' away.csv >three.csv
perl -ne 'tr/./,/; print if $. == 1 || !/(^|[\t-])0,/' three.csv >commas.csv
refused 'may be .* or .*; set dataset.thousands' "new data that can be read in two ways are refused" predict "$model" commas.csv
lb predict "$model" commas.csv --set decimal=,
cp out commas.out
tr , . <commas.csv >points.csv
lb predict "$model" points.csv
cmp -s out commas.out
result $? "and read as --set says"
refused '--set inputs: is no setting of how text is read' "--set takes no other fields" \
    predict "$model" away.csv --set inputs=a
lb predict "$model" - <away.csv
cmp -s out straight.csv
result $? "- reads from stdin"
lb predict "$model" away.csv -o written.csv
[ ! -s out ] && cmp -s written.csv straight.csv
result $? "-o writes a file"

refused '"b"' "a column that is not there is named" predict "$model" <<END /dev/stdin
a,c
1,2
END
printf 'a,b\n1,2\n,3\n' >hole.csv
refused 'row 2: column "a" is missing' "a missing value, when training knew none" \
    predict "$model" hole.csv
printf 'a,b\n1,2\nx,y\n' >text.csv
refused 'column "a"|text.csv' "text instead of numbers" predict "$model" text.csv
: >empty.csv
refused 'empty.csv' "an empty file" predict "$model" empty.csv
refused 'none.csv' "a missing file" predict "$model" none.csv
refused 'none.safetensors' "a missing model" predict none.safetensors away.csv
refused 'away.csv: ' "a model that is none" predict away.csv away.csv
size=$(wc -c <"$model")
head -c $((size - 10)) "$model" >cut.safetensors
refused 'cut.safetensors: ' "a model that is cut off" predict cut.safetensors away.csv
perl -0777 -pe 's/"liquidbench"/"liquidbunch"/; s/\\"cell\\":\\"ltc\\"/\\"cell\\":\\"xyz\\"/' "$model" >strange.safetensors
refused 'knows no cell "xyz"' "a model of an unknown cell" predict strange.safetensors away.csv

# Classes
awk -F, 'NR == 1 { print $0 ",side"; next } { print $0 "," ($1 > 0 ? "up, or so" : "down") }' away.csv |
    sed 's/up, or so/"up, or so"/' >sides.csv
cat >sides.json <<'END'
{"dataset": {"csv": "sides.csv", "inputs": ["a", "b"], "targets": ["side"], "missing": "mask"},
 "task": {"type": "classification", "window": 16, "stride": 2},
 "models": [{"cell": "cfc", "hidden": 8}], "train": {"epochs": 10, "learning_rate": 0.01},
 "evaluate": {"noise": {"types": []}}, "seeds": [0]}
END
lb run sides.json -q
model=$(ls results/sides/models/*)
cut -d, -f1,2 sides.csv >blind.csv
lb predict "$model" blind.csv
[ $code -eq 0 ] && [ "$(head -1 out)" = "row,side,probability" ]
result $? "a classification gives class and probability"
sed 1d sides.csv | sed 's/^[^,]*,[^,]*,//' >truth
sed 1d out | sed -E 's/^[0-9]+,(.*),[0-9.e-]+$/\1/' >guess
[ "$(paste -d'|' truth guess | awk -F'|' '$1 == $2' | wc -l)" -gt 560 ]
result $? "by name, and mostly right"
lb predict "$model" blind.csv --probabilities
[ "$(head -1 out)" = 'row,side,down,"up, or so"' ] &&
    sed 1d out | sed 's/"up, or so"/up/' | awk -F, '{ if (($3 + $4 - 1) ^ 2 > 1e-8) exit 1 }'
result $? "--probabilities gives one for each class; they sum to 1"
printf 'a,b\n,\n0.5,11\n,\n,12\n' >gaps.csv
lb predict "$model" gaps.csv
[ $code -eq 0 ] && [ "$(sed -n 2p out)" = "1,," ] && [ "$(sed -n 3p out | cut -d, -f2-)" = "$(sed -n 4p out | cut -d, -f2-)" ]
result $? "a row without any observation leaves the prediction as it was; before the first there is none"

# Series: a group without a name is one, as in training; rows mixed with those of others; sorted by time.
perl -e 'print "t,id,y\n"; for $i (0 .. 239) { printf "%d,%s,%.5f\n", $i % 120, $i < 120 ? "" : "b", sin($i / 7) }' >train.csv
sed 's/,,/,a,/' train.csv >named.csv
perl -ne 'if ($. == 1) { print; next } push @rows, $_; END { for (0 .. 119) { print $rows[$_ + 120], $rows[$_] } }' \
    train.csv >mixed.csv
perl -ne 'if ($. == 1) { print; next } push @rows, $_; END { print reverse @rows }' train.csv >newest.csv
cat >groups.json <<'END'
{"dataset": {"csv": "train.csv", "group": "id", "time": "t", "inputs": ["y"]}, "task": {"window": 12},
 "models": [{"cell": "ltc", "hidden": 4}], "train": {"epochs": 1}, "baselines": [],
 "evaluate": {"noise": {"types": []}}, "seeds": [0]}
END
lb run groups.json -q
model=$(ls results/groups/models/*)
lb predict "$model" train.csv
cp out train.out
lb predict "$model" named.csv
cmp -s out train.out
result $? "rows without a group are one series"
lb predict "$model" mixed.csv
perl -F, -ane 'if ($. == 1) { print; next } push @rows, $F[1];
    END { for (0 .. 119) { printf "%d,%s", $_ + 1, $rows[2 * $_ + 1] } for (0 .. 119) { printf "%d,%s", $_ + 121, $rows[2 * $_] } }' out >sorted.out
cmp -s sorted.out train.out
result $? "a group has its own state, wherever its rows stand"
refused 'goes back in time' "times that go back are refused" predict "$model" newest.csv
lb run groups.json -q --set dataset.order=sort -o sorted
lb predict "$(ls sorted/models/*)" newest.csv
perl -F, -ane 'if ($. == 1) { print; next } push @rows, $F[1]; END { for (0 .. 239) { printf "%d,%s", $_ + 1, $rows[239 - $_] } }' out >sorted.out
cmp -s sorted.out train.out
result $? "with order = sort rows are taken in the order of their times and printed in that of the file"

# Series with scales of their own
perl -e 'print "id,y\n"; for $g (0, 1) { for $i (0 .. 199) { printf "%s,%.6f\n", "ab" =~ s/^.{$g}(.).*/$1/r, (1, 1000)[$g] * (5 + sin($i / 2.5)) } }' >sizes.csv
cat >sizes.json <<'END'
{"dataset": {"csv": "sizes.csv", "group": "id", "scale": "series"}, "task": {"window": 16},
 "models": [{"cell": "lstm", "hidden": 16}], "train": {"epochs": 30, "learning_rate": 0.01}, "baselines": [],
 "evaluate": {"noise": {"types": []}}, "seeds": [0]}
END
lb run sizes.json -q
model=$(ls results/sizes/models/*)
lb predict "$model" sizes.csv
paste -d, sizes.csv out | awk -F, 'NR > 31 && NR % 200 > 30 { s = $1 == "a" ? 1 : 1000; e += ((y - $2) / s) ^ 2; n++ } { y = $4 }
    END { exit !(e / n < 0.02) }'
result $? "every known series is predicted in its own scale"
sed 's/^a,/c,/; s/^b,/d,/' sizes.csv >unknown.csv
lb predict "$model" unknown.csv
[ "$(awk -F, 'NR > 1 && $2 == ""' out | wc -l)" -eq 30 ] && [ "$(awk -F, '$2 == "" { print $1 }' out | tail -1)" -eq 215 ]
result $? "an unknown series has no predictions before the last row of its first window"
paste -d, unknown.csv out | awk -F, 'NR > 31 && NR % 200 > 30 { s = $1 == "c" ? 1 : 1000; e += ((y - $2) / s) ^ 2; n++ } { y = $4 }
    END { exit !(e / n < 0.05) }'
result $? "and then those of its own scale"

# What is too large to compute with, as in training
awk 'BEGIN { print "a"; for (i = 0; i < 150; i++) print sin(i) }' >small.csv
echo '{"dataset": {"csv": "small.csv"}, "task": {"window": 8}, "models": [{"cell": "lru"}], "seeds": [0], "train": {"epochs": 1}}' >small.json
lb run small.json -q
model=$(ls results/small/models/*)
printf 'a\n0.5\n1e39\n0.4\n' >large.csv
refused 'large.csv: row 2 of column "a" is 1e\+39: too large to compute with' "a number that no model can take" \
    predict "$model" large.csv
"$program" predict "$model" - --on-error skip <large.csv >out 2>err
[ $? -eq 0 ] && grep -q '^3,-*[0-9]' out && grep -q 'line 3: column "a": 1e39 is too large to compute with; skipped' err
result $? "in a live stream the rows after it are answered"
printf '\357\273\277a\n0.5\n' | "$program" predict "$model" - >out 2>err
[ $? -eq 0 ] && grep -q '^1,' out
result $? "a live stream may begin with a byte order mark"

finish
