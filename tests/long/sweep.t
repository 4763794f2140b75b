#!/bin/sh
# A sweep of 1000 trials, which must end with exactly the results of an undisturbed run: killed and stopped
# every few seconds; in three shards; by three runs at once that call themselves three hosts; with clocks
# that jump; on a disk that was full; and through MPI with three ranks (when the program was built with
# MPI=1). SWEEP_SEEDS: half the number of trials.
. tests/cli/lib.sh

seeds=${SWEEP_SEEDS:-500}
trials=$((2 * seeds))
models='{"cell": "lstm", "hidden": 4}, {"cell": "cfc", "hidden": 4}'
printf '{"name": "sweep", "dataset": {"csv": "wave.csv"}, "task": {"window": 16, "stride": 8},
    "models": [%s], "baselines": [], "train": {"epochs": 5}, "seeds": [%s]}\n' \
    "$models" "$(seq -s, 0 $((seeds - 1)))" >sweep.json

begin=$(date +%s)
lb run sweep.json -o undisturbed -j 2 -q
[ $code -eq 0 ] && [ "$(ls undisturbed/trials | wc -l)" -eq $trials ]
result $? "the undisturbed run of $trials trials"
echo "# $(($(date +%s) - begin)) s"
folder_content undisturbed >expected

begin=$(date +%s)
"$root/tests/support/disturb.pl" killed 1 5 "$program" run sweep.json -o killed -j 2 -q >out 2>err
result $? "the sweep that is killed or stopped every few seconds comes to its end, and does nothing twice"
echo "# $(tail -1 out), in $(($(date +%s) - begin)) s"
same_folder killed "with exactly the results of the undisturbed run"

# With a host's name of its own, as a container has; $3: words before the program.
on_host() { # NAME FOLDER [COMMAND...]
    host=$1 folder=$2
    shift 2
    unshare --uts sh -c 'hostname "$1" && shift && exec "$@"' sh "$host" "$@" \
        "$program" run sweep.json -o "$folder" -j 1 -q >"$host.out" 2>"$host.err"
}

hosts="three runs at once in one folder, on hosts of three names"
if unshare --uts hostname sweep-test 2>/dev/null; then
    on_host sweep-a shared &
    a=$!
    on_host sweep-b shared &
    b=$!
    on_host sweep-c shared
    c=$?
    wait $a && wait $b && [ $c -eq 0 ]
    result $? "$hosts"
    same_folder shared "with the same results"
else
    skip "$hosts" "unshare --uts is not allowed here"
fi

# The clock that a machine is set by jumps; the one that measures time does not, nor do the dates of files.
jumps="a run whose clock jumps back and forth by 400 days every second"
if faketime -f '+400d' true 2>/dev/null; then
    # shellcheck disable=SC2016 # the inner shell's
    preload=$(faketime -f '+400d' sh -c 'echo "$LD_PRELOAD"')
    echo '+400d' >now
    env LD_PRELOAD="$preload" FAKETIME_TIMESTAMP_FILE="$work/now" FAKETIME_NO_CACHE=1 \
        FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1 "$program" run sweep.json -o jumps -j 2 -q \
        --log jumps.log >out 2>err &
    while kill -0 $! 2>/dev/null; do
        sleep 1
        sed 'y/+-/-+/' now >next && mv next now
    done
    wait $!
    result $? "$jumps"
    echo "# $(grep -o '"time":"[0-9]*' jumps.log | uniq | wc -l) jumps"
    same_folder jumps "with the same results"
else
    skip "$jumps" "needs faketime"
fi

clocks="two runs whose clocks are 400 days behind and ahead"
if faketime -f '+400d' true 2>/dev/null; then
    on_host sweep-a clocks faketime -f '-400d' &
    a=$!
    on_host sweep-b clocks faketime -f '+400d'
    b=$?
    wait $a && [ $b -eq 0 ]
    result $? "$clocks"
    same_folder clocks "with the same results"
else
    skip "$clocks" "needs faketime"
fi

# A tmpfs in a namespace of our own, which something else fills while the run is at work.
full="a disk that fills up ends a run with exit code 2 and a message; with room it goes on"
if unshare --user --map-root-user --mount true 2>/dev/null; then
    mkdir disk from-disk
    unshare --user --map-root-user --mount sh -c '
        mount -t tmpfs -o size=256m tmpfs disk || exit 9
        "$1" run sweep.json -o disk/out -j 2 -q >out 2>err &
        until ls disk/out/trials/*.json; do sleep 0.02; done >tried 2>&1
        dd if=/dev/zero of=disk/filler bs=4096 >tried 2>&1
        wait $!
        [ $? -eq 2 ] && grep -q "No space left" err || exit 1
        rm disk/filler
        "$1" run sweep.json -o disk/out -j 2 -q >out 2>err && cp -r disk/out/. from-disk' sh "$program"
    result $? "$full"
    same_folder from-disk "with the same results"
else
    skip "$full" "no user namespaces here"
fi

mkdir merged
for i in 1 2 3; do
    "$program" run sweep.json -o shard$i --shard $i/3 -j 1 -q >shard$i.out 2>&1 &
done
wait
for i in 1 2 3; do
    cp -r shard$i/. merged
done
same_folder merged "so do three shards at once, copied together"

ranked="three ranks of an MPI job do, too"
if "$program" --version | grep -q MPI && command -v mpirun >/dev/null; then
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    mpirun --oversubscribe -n 3 "$program" run sweep.json -o ranks -j 1 -q --log log >out 2>err
    same_folder ranks "$ranked"
    [ "$(grep '"trial_started"' log | grep -o '"run":[0-9]*' | sort -u | wc -l)" -eq 3 ] &&
        [ "$(grep -c '"trial_started"' log)" -eq $trials ]
    result $? "each of them works, and no trial is run twice"
else
    skip "$ranked" "needs mpirun and a program built with MPI=1"
fi

finish
