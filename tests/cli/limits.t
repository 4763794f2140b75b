#!/bin/sh
# Limits of time, memory and disk.
# shellcheck disable=SC2016,SC2181,SC3045,SC2012 # Perl in single quotes; exit codes of subshells; ulimit as dash and bash have it
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
if under_asan; then
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

# What the system allows
if ! under_asan; then
    for kilobytes in 60000 100000 150000; do
        for arguments in --version --help "list models"; do
            # shellcheck disable=SC2086 # two words
            (ulimit -v $kilobytes && exec perl -e 'alarm 20; exec @ARGV' "$program" $arguments) \
                >out 2>err
            [ $? -eq 0 ] && [ -s out ]
            result $? "$arguments needs no arithmetic library (ulimit -v $kilobytes)"
        done
    done
    (ulimit -v 150000 && exec perl -e 'alarm 60; exec @ARGV' "$program" run wave.json -o narrow -q \
        -j 1) >out 2>err
    [ $? -eq 0 ] && [ "$(ls narrow/trials | wc -l)" -eq 4 ]
    result $? "a run in little memory does not hang"
    (ulimit -c 0 && ulimit -v 30000 && exec perl -e 'alarm 60; exec @ARGV' "$program" run wave.json \
        -o narrowest -q -j 1) >out 2>err
    code=$?
    [ $code -le 2 ]
    result $? "nor does it crash where no library gets its memory"
    for mebibytes in 0.01 0.1 0.5 1; do
        lb run wave.json -o tiny --set limits.memory=$mebibytes --set seeds=[0] --fresh -q
        [ $code -eq 1 ] && grep -hq '"status": "out_of_memory"' tiny/trials/*.json &&
            ! grep -h '"status"' tiny/trials/*.json | grep -Eqv '"(out_of_memory|ok)"'
        result $? "too little memory is out_of_memory, never a crash ($mebibytes MiB)"
    done
fi
(ulimit -n 20 && exec perl -e 'alarm 60; exec @ARGV' "$program" run wave.json -o files -q -j 50 \
    --fresh) >out 2>err
[ $? -eq 0 ] && grep -q '`ulimit -n` allows for 1 trials at once' err
result $? "a run goes on with as many trials as open files are allowed"
(ulimit -n 5 && exec perl -e 'alarm 60; exec @ARGV' "$program" run wave.json -o files -q --fresh) \
    >out 2>err
code=$?
exits 2 "where none can start it says so"
! grep -q 'To go on' err
result $? "without a hint how to resume what was never started"
(trap '' CHLD && exec "$program" run wave.json -o orphans -q) >out 2>err
code=$?
exits 0 "a run whose starter ignores SIGCHLD knows how its trials end"
chmod 777 "$work"
cp "$program" ours # which may lie in a folder such as /root that others cannot enter
as_other="setpriv --reuid=54321 --regid=54321 --clear-groups"
if [ "$(id -u)" -eq 0 ] && $as_other ./ours --version >/dev/null 2>&1; then
    $as_other prlimit --nproc=1 ./ours run wave.json -o users -q >out 2>err
    code=$?
    exits 2 "without leave to start processes it ends with exit code 2"
    err 'cannot start a process for a trial: Resource temporarily unavailable' "and says why"
else
    skip "without leave to start processes it ends with exit code 2, and says why" \
        "needs root, setpriv, and a root folder that other users can enter"
fi
chmod 755 "$work"
LIQUIDBENCH_ISA=sse9 lb run wave.json -o isa
[ $code -eq 2 ] && grep -q 'LIQUIDBENCH_ISA: there is no "sse9" here' err
result $? "an unknown instruction set is refused"

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
(ulimit -f 24 && exec "$program" run wave.json -o "it's; \$(here) *" -j 1) >out 2>err
liquidbench() {
    "$program" "$@" >out 2>err
}
eval "$(grep '^  liquidbench ' err)"
[ $? -eq 0 ] && [ "$(ls "it's; \$(here) */trials" | wc -l)" -eq "$(ls limited/trials | wc -l)" ]
result $? "that command can be given to a shell, whatever the folder is called"

# A disk that is full
mkdir full
if mount -t tmpfs -o size=64k tmpfs full 2>/dev/null; then
    trap 'cd /; umount "$work/full"; rm -rf "$work"' EXIT
    refused 'need about .* MiB, but the disk has .* MiB left' "a disk without room is seen before" \
        run wave.json -o full/x
    umount full
    mount -t tmpfs -o size=1m tmpfs full
    (
        # Takes the room away once the run has begun.
        while [ ! -e full/x/experiment.json ]; do sleep 0.01; done
        head -c 2000000 /dev/zero >full/ballast
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
