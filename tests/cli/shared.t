#!/bin/sh
# One experiment on several machines: shards, and runs that share a folder.
. tests/cli/lib.sh

small_config wave '"baselines": ["persistence"]'
lb run wave.json -o alone -j 1 -q
[ $code -eq 0 ] && [ -z "$(ls alone/claims)" ]
result $? "a run leaves no claims behind"
metrics alone/trials/*.json >expected

# same FOLDER NAME: its trials are those of the undisturbed run, to the last bit of the metrics.
same() {
    metrics "$1"/trials/*.json | cmp -s - expected && [ -z "$(ls "$1"/claims)" ]
    result $? "$2"
}

# Shards
for i in 1 2 3; do
    lb run wave.json -o "shard$i" --shard $i/3 -j 1
    [ $code -eq 0 ] || break
done
exits 0 "a shard runs"
err '^Shard 3/3 is done: 2 of 5 trials' "it says that there is more to do before a report"
[ ! -s out ] && [ ! -e shard3/report ]
result $? "and does not report"
[ "$(ls shard?/trials/*.json | wc -l)" -eq 5 ]
result $? "every trial is in one shard"
mkdir merged && cp -r shard1/. shard2/. shard3/. merged
same merged "shards copied together make the folder of a single run"
lb report merged
[ $code -eq 0 ] && ! grep -q 'did not finish' out
result $? "and a report"
for i in 1 2 3; do
    lb run wave.json -o gathered --shard $i/3 -j 1
done
out 'gathered/report/index.html' "in one folder, the last shard reports"
lb run wave.json -o many --shard 6/6
exits 0 "a shard without trials is fine"
refused '--shard 4/3: must be I/N with I from 1 to N' "a shard that there is not" \
    run wave.json --shard 4/3
refused '--shard 0/3' "shards count from 1" run wave.json --shard 0/3
for shard in 4294967297/4294967298 18446744073709551617/18446744073709551618 1/2147483648 \
    -1/3 '1/ 3' ' 1/3' 1/-3 1/+3 1 / 1/ /3 9999999999999999999999/1; do
    refused 'must be I/N' "a shard out of range: $shard" run wave.json --shard "$shard"
done
refused '--shard 1/3x' "a shard with something behind" run wave.json --shard 1/3x

# Runs at the same time
seeds='seeds=[0,1,2,3,4,5,6,7]'
lb run wave.json -o alone -j 1 -q --set "$seeds"
metrics alone/trials/*.json >expected
runs=
for i in 1 2 3; do
    "$program" run wave.json -o together -j 1 --set "$seeds" --log log >out$i 2>err$i &
    runs="$runs $!"
done
code=0
for run in $runs; do
    wait "$run" || code=$?
done
exits 0 "three runs in one folder succeed"
same together "and make the folder of a single run"
[ "$(grep '"trial_started"' log | grep -o '"trial":"[^"]*"' | sort | uniq | wc -l)" -eq 17 ] &&
    [ "$(grep -c '"trial_started"' log)" -eq 17 ]
result $? "no trial is run twice"
grep -q 'together/report/index.html' out1 && cmp -s out1 out2 && cmp -s out2 out3
result $? "each of them prints the report of all"

# Stale claims
claim() { # FOLDER CONTENT: of the trial wave-lstm-s0
    rm -f "$1"/trials/wave-lstm-s0-*
    name=$(cd alone/trials && ls wave-lstm-s0-*)
    echo "$2" >"$1/claims/$name"
}
place="$(cat /proc/sys/kernel/random/boot_id) $(readlink /proc/self/ns/pid)"
claim together "{\"host\": \"x\", \"place\": \"$place\", \"pid\": 1, \"started\": 987654321}"
lb run wave.json -o together --set "$seeds" -v
[ $code -eq 0 ] && grep -q 'wave-lstm-s0: taken over' err && ! grep -q waiting err
result $? "a claim whose process number belongs to another process by now is taken over"
claim together '{"host": "x", "place": "elsewhere", "pid": 1, "started": 1}'
lb run wave.json -o together --set "$seeds" -v --stale-after 2
[ $code -eq 0 ] && grep -q '^waiting for 1 trials' err && grep -q 'wave-lstm-s0: taken over' err
result $? "one of another machine is taken over after it has not been touched for a while"
same together "and the trial is done"
claim together ''
touch -d '1 year' together/claims/*
lb run wave.json -o together --set "$seeds" --stale-after 1
exits 0 "an empty claim is taken over, whatever its date"

finish
