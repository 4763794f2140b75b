#!/bin/sh
# `run`: what it writes and prints, which trials it runs and which it leaves alone.
# shellcheck disable=SC2010,SC2012,SC2016 # names are our own; Perl in single quotes
. tests/cli/lib.sh

small_config wave
lb run wave.json -o results -j 1
exits 0 "a run succeeds"
out '^wave  ' "its table is on stdout"
out '^lstm ' "with a line for a model"
out '^Report: results/report/index.html$' "and the path of the report"
[ -s results/report/index.html ] && [ -s results/report/report.md ]
result $? "the report is there"
err '^\[1/8\] wave-lstm-s0 ok  mse [0-9.e-]+  [0-9.]+ s$' "a trial is told in a plain line"
[ "$(grep -c "$(printf '\r')" err)" -eq 0 ]
result $? "there is no progress line where there is no terminal"

# Records and models
[ "$(ls results/trials | wc -l)" -eq 8 ] && [ "$(ls results/models | wc -l)" -eq 4 ]
result $? "there is a record for every trial and a model for every network"
[ -z "$(find results -name '*.tmp-*')" ]
result $? "nothing half-written is left"
[ "$(json results/experiment.json 'scalar @{$j->{trials}}')" = 8 ]
result $? "experiment.json lists the plan"
record=$(ls results/trials/wave-lstm-s0-????????.json)
[ "$(json "$record" 'join " ", sort keys %$j')" = "best_epoch config confusion cost curve dataset dataset_notes \
error errors example faults format gradient_lag hash ladder metric_info metrics model name noise ood provenance \
sampling seed status stream task test_distance" ]
result $? "a record has all its keys"
[ "$(json "$record" '"$j->{status} $j->{name} $j->{seed} $j->{model}{cell}"')" = \
    "ok wave-lstm-s0 0 lstm" ]
result $? "a record says what it is of"
[ "$(json "$record" 'scalar @{$j->{curve}}')" = 2 ]
result $? "a record has a point of the curve for each epoch"
[ "$(json "$record" 'scalar @{$j->{noise}}')" = 10 ]
result $? "noise is measured unless the config says otherwise"
[ "$(json "$record" 'join " ", map { $j->{cost}{memory}{$_} > 0 ? 1 : 0 } qw(parameters gradients
    optimizer activations streaming)')" = "1 1 1 1 1" ]
result $? "the memory of every kind is known"
[ "$(json "$record" '$j->{cost}{peak_rss_bytes} > 1e6 && $j->{cost}{step_us}{p50} > 0 ? 1 : 0')" = 1 ]
result $? "peak memory and latency are known"
[ "$(json "$record" '$j->{provenance}{data}[0]{sha256}')" = "$(sha256sum <wave.csv | cut -d' ' -f1)" ]
result $? "the checksum of the data is that of sha256sum"
[ "$(json "$record" '$j->{config}{train}{learning_rate} > 0 ? 1 : 0')" = 1 ]
result $? "the config in a record has its defaults"

# Resume
before=$(cat results/trials/*.json | sha256sum)
lb run wave.json -o results
[ $code -eq 0 ] && [ "$(cat results/trials/*.json | sha256sum)" = "$before" ]
result $? "running again repeats nothing"
err '^8 of 8 trials are done already' "and says so"
rm results/trials/wave-cfc-s1-*
printf '{"format": 1' >"$record"
lb run wave.json -o results
[ "$(grep -c '^\[' err)" -eq 2 ]
result $? "a trial whose record is missing or broken is run again, and no other"
sed -i 's/"status":.*/"status": "failed",/' "$record"
lb run wave.json -o results
[ $code -eq 0 ] && [ "$(json "$record" '$j->{status}')" = ok ]
result $? "a trial that failed is run again"
lb run wave.json -o results --fresh
[ "$(grep -c '^\[' err)" -eq 8 ]
result $? "--fresh repeats everything"
lb run wave.json -o results --set train.epochs=3
[ "$(grep -c '^\[.*\(lstm\|cfc\)' err)" -eq 4 ] && [ "$(grep -c '^\[.*persistence' err)" -eq 0 ]
result $? "what changed is run again: networks with other epochs, but no baseline"
lb run wave.json -o results --set limits.seconds=100 --set name=other
err '^8 of 8 trials are done already' "limits and the experiment's name change no trial"
awk 'NR == 200 { print "0.5,0.5"; next } { print }' wave.csv >other.csv
cp wave.csv kept.csv && cp other.csv wave.csv
lb run wave.json -o results
[ "$(grep -c '^\[' err)" -eq 8 ]
result $? "other data in the same file is other trials"
cp kept.csv wave.csv

# The same numbers for any -j
lb run wave.json -o one -j 1 -q
[ ! -s err ]
result $? "-q leaves stderr empty"
lb run wave.json -o three -j 3 -q
lb run wave.json -o again -j 2 -q
[ "$(metrics one/trials/*.json)" = "$(metrics three/trials/*.json)" ] &&
    [ "$(metrics one/trials/*.json)" = "$(metrics again/trials/*.json)" ]
result $? "the numbers are the same for any -j, bit for bit"
(cd one/models && sha256sum ./*) >one.sums
(cd three/models && sha256sum --quiet -c "$work/one.sums")
result $? "so are the models"

# The same numbers for any number of threads
lb run wave.json -o thread --set task.stride=1 --set train.batch=128
lb run wave.json -o threads --set task.stride=1 --set train.batch=128 --set train.threads=3
[ "$(metrics thread/trials/*.json)" = "$(metrics threads/trials/*.json)" ]
result $? "the numbers are the same for any number of threads, bit for bit"
perl -i -0777 -pe 's/\\"threads\\":3/\\"threads\\":1/' threads/models/*
(cd thread/models && sha256sum ./*) >thread.sums
(cd threads/models && sha256sum --quiet -c "$work/thread.sums")
result $? "so are the models, but for their config"
lb run wave.json -o threads --set task.stride=1 --set train.batch=128 --set train.threads=2
err '^8 of 8 trials are done already' "another number of threads repeats no trial"

# --only, --set, --dry-run, several configs
lb run wave.json -o only --only '*-lstm-s1'
[ "$(ls only/trials)" = "$(cd one/trials && ls wave-lstm-s1-*)" ]
result $? "--only runs what matches"
refused '--only nothing: no trial' "--only that matches nothing is refused" \
    run wave.json -o none --only nothing
lb run wave.json -o dry --dry-run
[ $code -eq 0 ] && [ ! -e dry ] && grep -Eq '^wave-cfc-s1 +[0-9]+ +[0-9]+ +[0-9.]+ +[0-9.]+$' out
result $? "--dry-run prints trials with size, parameters and cost, and writes nothing"
lb run wave.json --dry-run --only '*-cfc-s1'
[ "$(grep -c '^wave-' out)" -eq 1 ] && grep -q '^wave: 1 trial on' out
result $? "--dry-run shows what --only selects"
lb run wave.json --dry-run --set 'match={"parameters": 3000}'
[ "$(awk '/-s0/ && $3 > 2700 && $3 < 3300' out | wc -l)" -eq "$(awk '/-s0/ && $3 != "-"' out | wc -l)" ]
result $? "match sizes every model to a number of parameters"
small_config second '"baselines": []'
lb run wave.json second.json -o both -q
[ $code -eq 0 ] && [ -s both/wave/report/index.html ] && [ -s both/second/report/index.html ]
result $? "several configs get a folder each"
[ "$(ls both/second/trials | grep -c persistence)" -eq 0 ]
result $? "an empty list of baselines means none"
refused 'has the name "wave"' "two experiments of one name are refused" \
    run wave.json wave.json -o both
(mkdir elsewhere && cd elsewhere && "$program" run ../wave.json -q >out)
[ -s elsewhere/results/wave/report/index.html ]
result $? "without -o results go to results/<name>; data is found beside the config"

# Tasks
wave 300 | awk -F, 'NR == 1 { print "a,b,class"; next }
    { print $0 "," ($1 > 0.3 ? "high" : $1 < -0.3 ? "low" : "middle") }' >labels.csv
printf '{"dataset": {"csv": "labels.csv", "inputs": ["a", "b"], "targets": ["class"]},
    "task": {"type": "classification", "window": 16, "stride": 4, "class_weights": [1, 2, 1]},
    "models": [{"cell": "ltc", "hidden": 8}], "train": {"epochs": 3, "learning_rate": 0.02},
    "seeds": [0]}' >labels.json
lb run labels.json -q
exits 0 "a classification runs"
record=$(ls results/labels/trials/*ltc-s0*.json)
[ "$(json "$record" '$j->{metric_info}[0]{name}')" = accuracy ]
result $? "its metrics are those of classes"
printf '{"dataset": {"csv": "wave.csv", "inputs": ["a"], "targets": ["b"]},
    "task": {"type": "regression", "window": 16, "stride": 4, "at": "last"},
    "models": [{"cell": "lstm", "hidden": 8}], "train": {"epochs": 3, "select": "mae"},
    "evaluate": {"units": "scaled", "latency_steps": 0}, "seeds": [7]}' >last.json
lb run last.json -q
exits 0 "a regression of the last step runs"
record=$(ls results/last/trials/*lstm-s7*.json)
[ "$(json "$record" '$j->{cost}{step_us}')" = null ]
result $? "latency_steps 0 measures no latency"
printf '{"dataset": {"name": "damped_oscillator", "series": 12, "rows": 60},
    "task": {"window": 0}, "models": [{"cell": "cfc", "hidden": 4}], "train": {"epochs": 2},
    "evaluate": {"ood": [{"name": "fast", "resample": 0.5},
    {"name": "stiff", "parameters": {"frequency": [3, 4]}}]}, "seeds": [0]}' >oscillator.json
lb run oscillator.json -q
exits 0 "generated series of whole length run, with shifted parameters"
record=$(ls results/oscillator/trials/*cfc-s0*.json)
[ "$(json "$record" 'join " ", map { $_->{name} } @{$j->{ood}}')" = "fast stiff" ]
result $? "both shifts are scored"

# A loss that explodes is a result.
lb run wave.json -o diverged --set 'models=[{"cell": "lstm", "hidden": 4}]' --set seeds=[0] \
    --set train.optimizer=sgd --set train.learning_rate=1e30
exits 1 "a diverged trial makes exit code 1"
record=$(ls diverged/trials/*lstm*.json)
[ "$(json "$record" '$j->{status}')" = diverged ] && [ -z "$(ls diverged/models)" ]
result $? "its status says so, and there is no model"
err 'diverged: the loss was not finite in epoch [0-9]; a smaller' "and the remedy is told"

# Noise
small_config quiet '"evaluate": {"noise": null}'
lb run quiet.json -o quiet -q
[ "$code" -eq 0 ] && [ "$(json "$(echo quiet/trials/*lstm*s0*)" 'scalar @{$j->{noise}}')" = 0 ]
result $? "evaluate.noise: null turns noise off"
lb run quiet.json -o loud -q --set 'evaluate.noise={}'
[ "$(json "$(echo loud/trials/*lstm*s0*)" 'scalar @{$j->{noise}} > 0 ? 1 : 0')" = 1 ]
result $? "and an empty object leaves it on"

finish
