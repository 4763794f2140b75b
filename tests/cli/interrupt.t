#!/bin/sh
# What is left when a run is stopped or killed, and that it goes on from there.
. tests/cli/lib.sh

# Four trials; those of "slow" take far longer than this test waits. They are the longest, so they
# start first, and a third job does the others.
cat >slow.json <<'END'
{"name": "slow", "dataset": {"csv": "wave.csv"}, "task": {"window": 16, "stride": 2},
 "models": [{"cell": "lstm", "hidden": 4, "name": "quick", "train": {"epochs": 1}},
            {"cell": "ltc", "hidden": 32, "name": "slow", "train": {"epochs": 1000000}}],
 "baselines": [], "seeds": [0, 1]}
END

# start ARGUMENT...: runs in the background, as a terminal would in the foreground: with default
# reactions to signals. $pid
start() {
    perl -e '$SIG{INT} = $SIG{TERM} = "DEFAULT"; exec @ARGV' "$program" "$@" >out 2>err &
    pid=$!
}

# Waits for up to two minutes until a line of err matches.
await() { # PATTERN
    for _ in $(seq 1200); do
        grep -Eq -- "$1" err && return 0
        sleep 0.1
    done
    return 1
}

# Whether a process works on this results folder of the test.
is_working_on() { # FOLDER
    for place in /proc/[0-9]*; do
        [ "$(readlink "$place/cwd")" = "$work" ] || continue
        tr '\0' ' ' <"$place/cmdline" | grep -q -- " run slow.json -o $1 " && return 0
    done 2>/dev/null
    return 1
}

# Waits for up to two minutes until no process does.
await_end() { # FOLDER
    for _ in $(seq 1200); do
        is_working_on "$1" || return 0
        sleep 0.1
    done
    return 1
}

# Waits for up to two minutes for a trial of the run that is process PID, other than NOT: its process.
trial_of() { # PID [NOT]
    for _ in $(seq 1200); do
        for status in $(grep -l "^PPid:[[:space:]]*$1\$" /proc/[0-9]*/status 2>/dev/null); do
            found=$(echo "$status" | cut -d/ -f3)
            grep -q '^State:[[:space:]]*[ZX]' "$status" || [ "$found" = "${2-}" ] ||
                { echo "$found" && return 0; }
        done
        sleep 0.1
    done
    return 1
}

# Ctrl-C
start run slow.json -o stopped -j 3
await '^\[2/4\]'
result $? "two trials are done when the signal comes"
kill -INT $pid
wait $pid
code=$?
exits 130 "Ctrl-C makes exit code 130"
err '^Stopped with 2 of 4 trials done' "it says how much is done"
err '^  liquidbench run slow.json -o stopped -j 3$' "and the command that goes on"
[ "$(ls stopped/trials | wc -l)" -eq 2 ] && [ -z "$(find stopped -name '*.tmp-*')" ]
result $? "the trials that were done are kept, and nothing is half-written"
[ ! -s out ]
result $? "there is no report"
await_end stopped
result $? "no process is left"
before=$(cat stopped/trials/*quick* | sha256sum)
lb run slow.json -o stopped --set 'models[1].train.epochs=1'
[ $code -eq 0 ] && [ "$(cat stopped/trials/*quick* | sha256sum)" = "$before" ] &&
    [ "$(ls stopped/trials | wc -l)" -eq 4 ] && [ -z "$(ls stopped/claims)" ]
result $? "a run after Ctrl-C does what is left, and nothing again"

# SIGTERM
start run slow.json -o terminated -j 1
await '^\[2/4\]'
kill -TERM $pid
wait $pid
code=$?
exits 143 "SIGTERM makes exit code 143"

# kill -9
start run slow.json -o killed -j 3
await '^\[2/4\]'
# A write that the kill interrupts leaves this behind, and the next when a run took the claim over and was
# killed before it had finished:
touch killed/trials/"$(ls killed/claims | grep -m 1 slow-s0)".tmp-1
touch killed/trials/"$(ls killed/trials | grep -m 1 quick-s0)".tmp-2
touch -d '2 hours ago' killed/models/x.safetensors.tmp-1
kill -KILL $pid
wait $pid 2>/dev/null
await_end killed
result $? "the trials of a killed run die with it"
[ "$(find killed/trials -name '*.json' | wc -l)" -eq 2 ]
result $? "a killed run loses only the trials in flight"
before=$(cat killed/trials/*quick*.json | sha256sum)
# The same trials as before, but for what ends them: their claims are taken over.
start run slow.json -o killed -j 3 -v
await 'wave-slow-s1: taken over' && await 'wave-slow-s0: taken over from a run that is gone'
result $? "a trial that a dead run had claimed is taken over"
kill -INT $pid
wait $pid
lb run slow.json -o killed --set 'models[1].train.epochs=1'
[ $code -eq 0 ] && [ "$(cat killed/trials/*quick*.json | sha256sum)" = "$before" ] &&
    [ "$(find killed/trials -name '*.json' | wc -l)" -eq 4 ]
result $? "a run after kill -9 does what is left, and nothing again"
[ -z "$(find killed -name '*.tmp-*')" ]
result $? "and removes what was half-written"

# Ctrl-C twice
start run slow.json -o busy -j 3
await '^\[2/4\]'
is_working_on busy
result $? "a run is seen at work"
kill -INT $pid
kill -INT $pid
wait $pid
code=$?
exits 130 "Ctrl-C twice ends it, too"

# A trial that crashes
start run slow.json -o crashed -j 1
await '^\[2/4\]'
victim=$(trial_of $pid)
kill -SEGV "$victim"
await '^\[3/4\]'
# AddressSanitizer makes an exit of it.
err '^\[3/4\] wave-slow-s0 failed: (crashed: Segmentation fault \(SIGSEGV\)|ended with exit)' \
    "a crashed trial is a result, and names the signal"
kill -KILL "$(trial_of $pid "$victim")"
wait $pid
code=$?
exits 1 "failed trials make exit code 1"
err 'wave-slow-s1 out_of_memory: was killed' "a trial that something killed is out of memory"
record=$(ls crashed/trials/wave-slow-s0-*.json)
[ "$(json "$record" '"$j->{status} " . ref($j->{metrics}{test}) . " " .
    ($j->{cost}{peak_rss_bytes} > 0)')" = "failed HASH 1" ]
result $? "its record has the usual shape, and the peak memory"
out 'did not finish' "the report shows it"

finish
