#!/bin/sh
# A sweep of 1000 trials: under kill -9 every few seconds, in three shards, and through MPI with three
# ranks (when the program was built with MPI=1), always with the results of an undisturbed run.
. tests/cli/lib.sh

models='{"cell": "lstm", "hidden": 4}, {"cell": "cfc", "hidden": 4}'
printf '{"name": "sweep", "dataset": {"csv": "wave.csv"}, "task": {"window": 16, "stride": 8},
    "models": [%s], "baselines": [], "train": {"epochs": 5}, "seeds": [%s]}\n' \
    "$models" "$(seq -s, 0 499)" >sweep.json

# What a folder holds, without what differs from run to run: the costs.
content() { # FOLDER
    (
        cd "$1" && ls trials models && ls claims &&
            cat trials/*.json | sed '/^  "cost": {/,/^  }/d' | sha256sum &&
            cat models/*.safetensors | sha256sum
    )
}

same() { # FOLDER NAME
    content "$1" | cmp - expected
    result $? "$2"
}

begin=$(date +%s)
lb run sweep.json -o undisturbed -j 2 -q
[ $code -eq 0 ] && [ "$(ls undisturbed/trials | wc -l)" -eq 1000 ]
result $? "the undisturbed run of 1000 trials"
echo "# $(($(date +%s) - begin)) s"
content undisturbed >expected

begin=$(date +%s)
"$root/tests/support/disturb.pl" killed 1 5 "$program" run sweep.json -o killed -j 2 -q >out 2>err
result $? "the sweep under kill -9 every few seconds comes to its end, and does nothing twice"
echo "# $(tail -1 out), in $(($(date +%s) - begin)) s"
same killed "with exactly the results of the undisturbed run"

mkdir merged
for i in 1 2 3; do
    lb run sweep.json -o shard$i --shard $i/3 -j 2 -q
    cp -r shard$i/. merged
done
same merged "so do three shards, copied together"

ranked="three ranks of an MPI job do, too"
if "$program" --version | grep -q MPI && command -v mpirun >/dev/null; then
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    mpirun --oversubscribe -n 3 "$program" run sweep.json -o ranks -j 1 -q --log log >out 2>err
    same ranks "$ranked"
    [ "$(grep '"trial_started"' log | grep -o '"run":[0-9]*' | sort -u | wc -l)" -eq 3 ] &&
        [ "$(grep -c '"trial_started"' log)" -eq 1000 ]
    result $? "each of them works, and no trial is run twice"
else
    skip "$ranked" "needs mpirun and a program built with MPI=1"
fi

finish
