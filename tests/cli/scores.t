#!/bin/sh
# Scores that do not exist, scores that are not finite, and what trainings that fail say about it.
. tests/cli/lib.sh

# Two columns: a wave, and classes that are as many as CLASSES until row 60, then always the first.
labels() { # CLASSES
    awk -v classes="$1" 'BEGIN {
        print "x,c"
        for (i = 0; i < 200; i++)
            printf "%.4f,%s\n", sin(i / 5), "k" (i < 60 ? i % classes : 0)
    }'
}

classify() { # DATA [--set ...]
    data=$1
    shift
    rm -rf results
    lb run labels.json -o results --fresh --set dataset.csv="[\"$data\"]" "$@"
}

labels 2 >two.csv
labels 3 >three.csv
cat >labels.json <<'EOF'
{"name": "labels", "dataset": {"csv": ["two.csv"], "targets": ["c"]},
 "task": {"type": "classification", "window": 4}, "models": [{"cell": "lstm", "hidden": 2}],
 "baselines": [], "train": {"epochs": 2}, "seeds": [0]}
EOF
record() {
    json "$(ls results/trials/*lstm*.json)" "$1"
}

for metric in auroc f1; do
    classify two.csv --set train.select=$metric
    exits 1 "a trial that nothing can select by is not ok ($metric)"
    [ "$(record '$j->{status}')" = undefined ]
    result $? "its status is its own ($metric)"
    record '$j->{error}' | grep -q "train.select: $metric is undefined on the validation windows: it needs"
    result $? "and the reason says what is missing ($metric)"
done
classify three.csv --set train.select=auroc
[ "$(record '$j->{status}')" = undefined ]
result $? "AUROC of three classes of which one is there is undefined, too"
for metric in accuracy balanced_accuracy macro_f1 log_loss; do
    classify two.csv --set train.select=$metric
    exits 0 "$metric has a value where there is one class only"
done

classify two.csv
exits 0 "without train.select the loss selects"
record 'join " ", map { $_->{name} } grep { "@{$_->{undefined}}" =~ /test/ } @{$j->{metric_info}}' |
    grep -q auroc
result $? "a record names the metrics that are undefined"
[ "$(record 'join " ", @{$j->{task}{inputs}}, "->", @{$j->{task}{targets}}')" = "x -> c" ]
result $? "a record names the inputs and targets that the config leaves to the defaults"
[ "$(record '$j->{cost}{train_cpu_seconds} > 0 && $j->{cost}{train_seconds} > 0')" = 1 ]
result $? "and the time of training on the processor and on the wall"
grep -q 'not finite' results/report/report.md
[ $? -ne 0 ]
result $? "which are not called not finite"
gnuplot_draws
classify three.csv
grep -q 'Macro F1 ↑' out && ! grep -q '  F1 ↑' out && ! grep -q '| F1 ↑' results/report/report.md
result $? "a table has no column of a metric that no model has"
if command -v gnuplot >/dev/null; then
    grep -q '<text>k2' results/report/plots/three-prediction.svg
    result $? "classes have their names on the axis of predictions"
else
    skip "classes have their names on the axis of predictions" "there is no gnuplot"
fi
refused 'train.select: "f1" is undefined for the 3 classes' "F1 of three classes selects nothing" \
    run labels.json --set 'dataset.csv=["three.csv"]' --set train.select=f1
refused 'evaluate.metrics: "f1" is undefined for the 3 classes' "nor is it a headline metric" \
    run labels.json --set 'dataset.csv=["three.csv"]' --set 'evaluate.metrics=["f1"]'

awk 'BEGIN { print "x,y"; for (i = 0; i < 200; i++) printf "%.4f,%d\n", sin(i / 5), 3 }' >constant.csv
cat >constant.json <<'EOF'
{"name": "constant", "dataset": {"csv": ["constant.csv"], "targets": ["y"], "inputs": ["x"]},
 "task": {"type": "regression", "window": 4}, "models": [{"cell": "lstm", "hidden": 2}],
 "baselines": [], "train": {"epochs": 2}, "seeds": [0]}
EOF
rm -rf results
lb run constant.json -o results --set train.select=mase
[ "$(record '$j->{status}')" = undefined ] && record '$j->{error}' | grep -q 'mase is undefined'
result $? "MASE of a constant target selects nothing"
lb run constant.json -o results --fresh --set train.select=r2
exits 0 "R2 of a constant truth has a value"

# Long steps of time, data without scaling, a learning rate that is too large.
awk 'BEGIN {
    print "t,y"
    for (i = 0; i < 300; i++)
        printf "%d,%.3f\n", i + 86400 * int(i / 50), 20 + sin(i / 5)
}' >gaps.csv
cat >gaps.json <<'EOF'
{"name": "gaps", "dataset": {"csv": ["gaps.csv"], "time": "t"}, "task": {"window": 8},
 "models": [{"cell": "ctrnn", "hidden": 8}, {"cell": "ltc", "solver": "rk4", "hidden": 8}],
 "baselines": [], "train": {"epochs": 1}, "seeds": [0]}
EOF
lb run gaps.json -o gaps
json "$(ls gaps/trials/*ctrnn*.json)" '$j->{error}' |
    grep -q 'longest step between training rows is 86401 units of time.*"unfolds".*time_unit'
result $? "a training that overflows at a gap names the longest step and what helps"
json "$(ls gaps/trials/*ltc*.json)" '$j->{error}' | grep -q '"fused"'
result $? "and the solver that does not overflow, where there is one"

# A Phased LSTM gates on the time since the series began, so that streaming goes on as training did.
awk 'BEGIN { print "y"; for (i = 0; i < 1000; i++) printf "%.6f\n", sin(2 * 3.14159265 * i / 25) }' >sine.csv
cat >rhythm.json <<'EOF'
{"name": "rhythm", "dataset": {"csv": ["sine.csv"]}, "task": {"window": 32}, "baselines": [],
 "models": [{"cell": "plstm", "hidden": 16, "open_ratio": 0.3}], "seeds": [0],
 "train": {"epochs": 30, "learning_rate": 0.01}}
EOF
lb run rhythm.json -o rhythm
lb predict "$(ls rhythm/models/*.safetensors)" sine.csv
awk -F, -v window="$(json "$(ls rhythm/trials/*.json)" '$j->{metrics}{test}{mse}')" '
    NR > 1 { row = NR - 2; if (row >= 64 && row < 420) { e = $NF - sin(2 * 3.14159265 * (row + 1) / 25); sum += e * e; n++ } }
    END { streamed = sum / n; print "# windows " window ", streamed " streamed; exit !(window < 0.1 && streamed < 2 * window) }' out
result $? "rows streamed long after the first are as right as those of windows"

# --- what the kept predictions and the baselines say -------------------------------------------------

# quick NAME DATASET TASK [EVALUATE]: runs a small network and the baselines.
quick() {
    printf '{"dataset": %s, "task": %s, "models": [{"cell": "rnn", "hidden": 2}], "train": {"epochs": 1}, "seeds": [0],
        "evaluate": {"metrics": ["mse"], "predictions": true, "latency_steps": 0%s}}' "$2" "$3" "${4-, \"noise\": null}" >"$1.json"
    lb run "$1.json" -o "$1-out"
}
awk 'BEGIN { print "t,v"; for (i = 0; i < 200; i++) print i "," i }' >same.csv
quick dropped '{"csv": "same.csv", "time": "t", "inputs": ["v"], "drop": 0.4}' '{"window": 4, "at": "last"}'
[ "$(awk -F, 'NR > 1 && $2 == $5' dropped-out/predictions/*persist* | wc -l)" -gt 9 ] &&
    [ -z "$(awk -F, 'NR > 1 && $2 != $5' dropped-out/predictions/*persist*)" ]
result $? "the time of a prediction is that of its truth, where rows were left out"
awk 'BEGIN { print "t,v"; for (i = 0; i < 240; i++) printf "%d-%02d,%d\n", 1900 + int(i / 12), i % 12 + 1, i }' >months.csv
quick months '{"csv": "months.csv", "time": "t", "inputs": ["v"]}' '{"window": 6, "at": "last"}'
[ "$(awk -F, 'NR > 1 && $2 !~ /-01T00:00:00Z$/' months-out/predictions/*persist*)" = "" ]
result $? "and a date is that of the file"
awk 'BEGIN { print "t,v"; for (i = 0; i < 200; i++) printf "2024-01-01T00:00:%02d.%d,%g\n", i / 10, i % 10, sin(i) }' >tenths.csv
quick tenths '{"csv": "tenths.csv", "time": "t", "inputs": ["v"]}' '{"window": 4, "at": "last"}'
grep -q '^tenths.csv,2024-01-01T00:00:17.4Z,' tenths-out/predictions/*persist*
result $? "with its fraction of a second"
awk 'BEGIN { print "t,v,w"; for (i = 0; i < 300; i++) print i "," (i * 37 % 10 < 3 ? "" : i % 7) ",0" }' >weeks.csv
quick weeks '{"csv": "weeks.csv", "time": "t", "inputs": ["v"], "missing": "mask", "period": 7}' '{"window": 4}'
[ "$(json "$(ls weeks-out/trials/*seasonal*)" '$j->{metrics}{test}{mse} < 1e-9 ? "yes" : "no"')" = yes ]
result $? "a season that was not observed is that of a period before"
awk 'BEGIN { print "t,v,w"; for (i = 0; i < 400; i++) print i "," (i % 3 ? i : "") ",1" }' >thirds.csv
for missing in forward mask; do
    quick $missing "{\"csv\": \"thirds.csv\", \"time\": \"t\", \"inputs\": [\"v\"], \"missing\": \"$missing\", \"drop\": 0.5}" '{"window": 4, "at": "last"}'
done
awk 'BEGIN { srand(2); print "t,v"; for (i = 0; i < 400; i++) { x = 0.9 * x + rand() - 0.5; print i "," x } }' >walk.csv
for at in every last; do
    quick $at '{"csv": "walk.csv", "time": "t", "inputs": ["v"]}' "{\"window\": 32, \"at\": \"$at\"}" ', "noise": {"types": ["quantisation"]}'
    out 'no interval: the test holds 1 block as long as a' "windows that share rows are one block, at $at"
done
[ "$(json "$(ls forward-out/trials/*persistence*)" '$j->{metrics}{test}{mse}')" = "$(json "$(ls mask-out/trials/*persistence*)" '$j->{metrics}{test}{mse}')" ]
result $? "values of rows that were left out are not carried forward"

finish
