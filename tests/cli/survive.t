#!/bin/sh
# A sweep that is killed, starved and disturbed in every way ends with the results of one that was not.
. tests/cli/lib.sh

# same FOLDER NAME: its metrics are those of the undisturbed run, and nothing is left lying about.
same() {
    metrics "$1"/trials/*.json >found
    left=$(find "$1/claims" "$1/trials" "$1/models" -name '*.tmp-*' -o -path '*/claims/*')
    cmp found expected && [ -z "$left" ]
    result $? "$2"
    [ -z "$left" ] || echo "# left: $left"
}

small_config wave '"baselines": ["persistence"]'
sweep="wave.json --set seeds=[0,1,2,3,4,5,6,7,8,9] --set train.epochs=10"
# shellcheck disable=SC2086 # $sweep is several words
lb run $sweep -o undisturbed -q
[ $code -eq 0 ] && [ "$(ls undisturbed/trials | wc -l)" -eq 21 ]
result $? "the undisturbed run"
metrics undisturbed/trials/*.json >expected

# kill -9
for seed in 1 2; do
    # shellcheck disable=SC2086
    "$root/tests/support/disturb.pl" "killed$seed" $seed 1 "$program" run $sweep -o "killed$seed" \
        -j 2 -q >out 2>err
    result $? "a sweep under kill -9 comes to its end, and does nothing twice"
    grep killed: out | sed 's/^/# /'
    same "killed$seed" "with the metrics of the undisturbed run"
done

# Two runs in the folder, both of them killed now and then
# shellcheck disable=SC2086
"$root/tests/support/disturb.pl" both 4 1 "$program" run $sweep -o both -j 1 -q >out2 2>err2 &
# shellcheck disable=SC2086
"$root/tests/support/disturb.pl" both 5 1 "$program" run $sweep -o both -j 1 -q >out 2>err
status=$?
wait $! && [ $status -eq 0 ]
result $? "so do two runs that share a folder, both under kill -9"
same both "with the same metrics"

# Records that are not what they should be
cp -r undisturbed broken
cd broken/trials || exit 1
: >"$(ls | sed -n 1p)"
first=$(ls | sed -n 2p)
head -c 700 "$first" >cut && mv cut "$first"
head -c 3000 /dev/urandom >"$(ls | sed -n 3p)"
cp "$(ls | sed -n 5p)" "$(ls | sed -n 4p)"
echo '[1, 2]' >"$(ls | sed -n 6p)"
cd ../..
# shellcheck disable=SC2086
lb run $sweep -o broken -v
[ $code -eq 0 ] && [ "$(grep -c ': started' err)" -eq 5 ]
result $? "records that are empty, cut off, garbage or another trial's are made anew, and no others"
same broken "with the same metrics"
rm -r broken/trials/"$first" && mkdir broken/trials/"$first"
# shellcheck disable=SC2086
refused "broken/trials/$first.*: cannot write" "a folder in place of a record ends the run" \
    run $sweep -o broken
err '^  liquidbench run wave.json' "which says how to go on"

# A trial that hangs: it is stopped, as if it waited for something for ever.
cat >long.json <<'END'
{"name": "long", "dataset": {"csv": "wave.csv"}, "task": {"window": 16, "stride": 2},
 "models": [{"cell": "ltc", "hidden": 32, "train": {"epochs": 1000000}}],
 "baselines": ["persistence"], "seeds": [0], "limits": {"seconds": 1}}
END
"$program" run long.json -o hangs -j 1 --log hangs.log >out 2>err &
pid=$!
for _ in $(seq 400); do # the log names it: the run has a process for timing the models, too
    child=$(sed -n 's/.*"trial_started".*"pid":\([0-9]*\).*/\1/p' hangs.log 2>/dev/null)
    [ -n "$child" ] && break
    sleep 0.05
done
kill -STOP "$child"
wait $pid
code=$?
exits 1 "a trial that hangs does not hold up the others"
err 'wave-ltc-s0 timeout: took longer' "it has timed out"

# Waits for the first record in a folder.
await_record() {
    for _ in $(seq 1000); do
        [ -n "$(ls "$1/trials" 2>/dev/null)" ] && return
        sleep 0.01
    done
}

# A folder that becomes read-only
mkdir disk
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=20m tmpfs disk 2>/dev/null; then
    trap 'cd /; umount "$work/disk"; rm -rf "$work"' EXIT
    (
        await_record disk/x
        for _ in $(seq 1000); do
            mount -o remount,ro disk 2>/dev/null && break
            sleep 0.01
        done
    ) &
    # shellcheck disable=SC2086
    lb run $sweep -o disk/x -j 1
    wait
    exits 2 "a folder that becomes read-only ends the run"
    err 'disk/x/.*: cannot write: Read-only file system' "with file and reason"
    # shellcheck disable=SC2086
    lb run $sweep -o disk/x -j 1
    exits 2 "so it does from the beginning"
    mount -o remount,rw disk
    # shellcheck disable=SC2086
    lb run $sweep -o disk/x -q
    exits 0 "when it can be written to, the run goes on"
    same disk/x "with the metrics of the undisturbed run"
    umount disk
    mount -t tmpfs -o size=3m tmpfs disk
    (
        await_record disk/x
        head -c 3000000 /dev/zero >disk/ballast
    ) 2>/dev/null &
    # shellcheck disable=SC2086
    lb run $sweep -o disk/x -j 2
    wait
    [ $code -eq 2 ] && grep -q 'disk/x/.*No space left on device' err
    result $? "a disk that fills up ends the run"
    rm disk/ballast
    # shellcheck disable=SC2086
    lb run $sweep -o disk/x -q
    exits 0 "with room again the run goes on"
    same disk/x "with the metrics of the undisturbed run"
else
    for name in "a folder that becomes read-only ends the run" "a disk that fills up ends the run"; do
        skip "$name" "mounting a small tmpfs needs root"
    done
fi

finish
