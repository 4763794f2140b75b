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

finish
