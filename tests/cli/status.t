#!/bin/sh
# How far a sweep is, and the journal of a run.
. tests/cli/lib.sh

cat >slow.json <<'END'
{"name": "slow", "dataset": {"csv": "wave.csv"}, "task": {"window": 16, "stride": 2},
 "models": [{"cell": "lstm", "hidden": 4, "train": {"epochs": 1}},
            {"cell": "ltc", "hidden": 32, "train": {"epochs": 1000000}}],
 "baselines": [], "seeds": [0, 1, 2]}
END
lb run slow.json -o slow --only '*-lstm-*' -q --log log
"$program" run slow.json -o slow -j 2 --log log >run.out 2>run.err &
pid=$!
for _ in $(seq 1200); do
    [ "$(cat slow/claims/* 2>/dev/null | grep -c '"epoch":[1-9]')" -eq 2 ] && break
    sleep 0.1
done
lb status slow
exits 0 "the status of a sweep that runs"
out '^slow: 3 of 6 trials done, 0 failed, 2 running, 1 to do$' "counts its trials"
out "^  wave-ltc-s0-[0-9a-f]*  for [0-9]+ s  on $(hostname), process $pid$" \
    "and says what runs where, and how long"
out '^ETA about [0-9.]+ h, with 2 at a time$' "and estimates when it is done, by the slow model's own rate"
out '^    epoch [0-9]+/1000000  valid [0-9.e-]+, best [0-9.e-]+$' "and says how far each trial is"
lb status slow --json
[ "$(json out '"$j->{count} $j->{done} $j->{running} $j->{to_do} " .
    join " ", map $_->{state}, @{$j->{trials}}')" = \
    "6 3 2 1 done done done running running to_do" ]
result $? "--json says the same"
kill -KILL $pid
wait $pid 2>/dev/null
sleep 0.2
lb status slow
[ $code -eq 0 ] && grep -q '3 of 6 trials done, 0 failed, 0 running, 3 to do' out
result $? "what a dead run was at work on is to do again"
out '^No run is at work there' "and nobody is at work"
name=$(ls slow/claims | head -1)
echo '{"host": "far", "place": "elsewhere", "pid": 7, "started": 1}' >"slow/claims/$name"
touch -d '10 minutes ago' "slow/claims/$name"
lb status slow
out "^  ${name%.json}  for .*  on far, process 7; no sign of life for 10 min$" \
    "silence on another machine is told"
rm slow/claims/*
timeout 3 "$program" status --watch slow >out 2>err
[ $? -eq 124 ] && [ "$(grep -c '3 of 6 trials done' out)" -eq 2 ]
result $? "--watch says it anew every two seconds"
lb run slow.json -o slow --set limits.seconds=0.2 -q
lb status slow
out '^slow: 3 of 6 trials done, 3 failed, 0 running, 0 to do$' "failed trials are counted"
out '^  wave-ltc-s1-[0-9a-f]*  timeout: took longer than' "and say why they failed"
lb status --watch slow
[ $code -eq 0 ] && [ "$(grep -c '^slow: ' out)" -eq 1 ]
result $? "--watch ends when all trials have"
refused 'is no results folder' "a folder of something else is refused" status "$root/docs"
refused 'give one results folder' "a folder is needed" status

# The journal
perl -MJSON::PP -ne '$e = decode_json($_);
    die "$_" unless $e->{time} =~ /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/ && $e->{run} > 0;
    print "$e->{event} ", $e->{trial} // $e->{done}, "\n"' log >events
[ "$(head -1 events)" = "run_started 0" ] && [ "$(grep -c trial_started events)" -eq 5 ] &&
    [ "$(grep -c trial_finished events)" -eq 3 ]
result $? "the journal has a line of JSON for each event"
rm log
lb run slow.json -o slow --set limits.seconds=0.2 -q --log log
[ "$(grep -c '"trial_finished".*"status":"timeout","error":"took longer' log)" -eq 3 ] &&
    tail -1 log | grep -q '"run_ended".*"trials":6,"done":6,"failed":3,"signal":0,"error":null}'
result $? "it says how trials and run ended"
refused 'no/log: cannot write' "a journal that cannot be written is refused" \
    run slow.json -o slow --log no/log
if [ -e /dev/full ]; then
    lb run slow.json -o slow --set limits.seconds=0.2 -q --log /dev/full
    err 'warning: --log: cannot write: No space left' "one that cannot be continued is given up"
    exits 1 "and the run goes on"
fi

# What is said
small_config wave '"baselines": []'
lb run wave.json -o said -v
err '^wave-lstm-s0: started, process [0-9]+$' "-v says when a trial starts"
lb run wave.json -o said -q --fresh
[ "$(grep -vc warning err)" -eq 0 ]
result $? "-q says nothing"
# script(1) makes a terminal.
if command -v script >/dev/null; then
    script -qec "$program run slow.json -o live -j 2 --only '*-ltc-s[01]' --set limits.seconds=2.5" typescript >out
    tr '\r' '\n' <out >err
    grep -Eq '\[0/2\] 2 running, ETA [0-9.]+ (s|min|h)' err &&
        grep -Eq 'wave-ltc-s0  epoch [1-9][0-9]*/1000000  valid [0-9.e-]+, best' err &&
        grep -Eq 'wave-ltc-s1  epoch [1-9][0-9]*/1000000  valid [0-9.e-]+, best' err
    result $? "a terminal sees all running trials, their scores, and when they will be done"
    script -qec "$program report said" typescript >out
    grep -q "$(printf '\033')" out
    result $? "a terminal gets colours"
    NO_COLOR=1 script -qec "$program report said" typescript >out
    ! grep -q "$(printf '\033')" out
    result $? "not with NO_COLOR"
    TERM=dumb script -qec "$program run wave.json -o said --fresh 2>&1 >/dev/null" typescript >out
    ! grep -q "$(printf '\033')" out
    result $? "a dumb terminal gets no line that is rewritten"
else
    skip "what a terminal sees" "needs script"
fi

finish
