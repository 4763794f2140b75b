#!/bin/sh
# Limits of time, memory and disk.
. tests/cli/lib.sh

# Time
cat >slow.json <<'END'
{"name": "slow", "dataset": {"csv": "wave.csv"}, "task": {"window": 16, "stride": 2},
 "models": [{"cell": "ltc", "hidden": 32, "name": "slow", "train": {"epochs": 1000000}},
            {"cell": "lstm", "hidden": 4, "train": {"epochs": 1}}],
 "baselines": [], "seeds": [0], "limits": {"seconds": 1}}
END
lb run slow.json -o slow -j 1
exits 1 "a trial that takes too long makes exit code 1"
err '^\[1/2\] wave-slow-s0 timeout: took longer than limits.seconds = 1$' "and is a result"
[ "$(json "$(ls slow/trials/*slow*.json)" '$j->{status}')" = timeout ]
result $? "its record says so"
err '^\[2/2\] wave-lstm-s0 ok' "the others run on"
lb run slow.json -o slow --set limits.seconds=0.5
[ "$(grep -c '^\[' err)" -eq 1 ] && grep -q 'wave-slow-s0 timeout' err
result $? "a trial that timed out is tried again"

# Memory
small_config wave '"baselines": []'
if nm "$program" 2>/dev/null | grep -q __asan_init; then
    skip "a trial that needs too much memory is a result" "AddressSanitizer takes no memory limit"
    skip "and the others run on" "AddressSanitizer takes no memory limit"
else
    lb run wave.json -o memory --set limits.memory=100 \
        --set 'models=[{"cell": "lstm", "hidden": 4000}, {"cell": "cfc", "hidden": 4}]' \
        --set seeds=[0] -j 1
    [ $code -eq 1 ] &&
        grep -q 'wave-lstm-s0 out_of_memory: needed more memory than limits.memory = 100 MiB' err
    result $? "a trial that needs too much memory is a result"
    err '^\[2/2\] wave-cfc-s0 ok' "and the others run on"
fi

# Places that cannot be written to
touch file
refused 'file: exists and is not a directory' "a file where the results folder should be" \
    run wave.json -o file
mkdir blocked && touch blocked/trials
refused 'blocked/trials: exists and is not a directory' "a file where trials/ should be" \
    run wave.json -o blocked
if [ "$(id -u)" -ne 0 ]; then
    mkdir closed && chmod a-w closed
    refused 'closed/.*Permission denied' "a folder without permission" run wave.json -o closed/x
else
    refused '/proc/x.*: cannot create directory' "a folder without permission" \
        run wave.json -o /proc/x
fi

# A file size limit, as a stand-in for a full disk: experiment.json fits, a record does not.
(ulimit -f 24 && exec "$program" run wave.json -o limited -j 1) >out 2>err
code=$?
exits 2 "a record that cannot be written ends the run"
err 'limited/.*: cannot write: File too large' "with file and reason"
[ -z "$(find limited -name '*.tmp-*')" ] && [ -z "$(ls limited/trials)" ]
result $? "nothing half-written is left"
err '^  liquidbench run wave.json -o limited' "the command that goes on is told"
lb run wave.json -o limited
exits 0 "with room the run goes on"

# A disk that is full
mkdir full
if mount -t tmpfs -o size=64k tmpfs full 2>/dev/null; then
    trap 'cd /; umount "$work/full"; rm -rf "$work"' EXIT
    refused 'need about .* MiB, but the disk has .* MiB left' "a disk without room is seen before" \
        run wave.json -o full/x
    umount full
    mount -t tmpfs -o size=400k tmpfs full
    (
        # Takes the room away once the run has begun.
        while [ ! -e full/x/experiment.json ]; do sleep 0.01; done
        head -c 1000000 /dev/zero >full/ballast
    ) 2>/dev/null &
    lb run wave.json -o full/x -j 1 --set train.epochs=300
    wait
    exits 2 "a disk that fills up ends the run"
    err 'full/x/.*No space left on device' "with file and reason"
    [ -z "$(find full -name '*.tmp-*')" ]
    result $? "nothing half-written is left on it"
    rm full/ballast
    lb run wave.json -o full/x --set train.epochs=300 -q
    [ "$(find full/x/trials -name '*.json' | wc -l)" -eq 4 ]
    result $? "with room again the run goes on"
else
    for name in "a disk without room is seen before" "a disk that fills up ends the run" \
        "with file and reason" "nothing half-written is left on it" \
        "with room again the run goes on"; do
        skip "$name" "mounting a small tmpfs needs root"
    done
fi

finish
