#!/bin/sh
# MPI jobs of three ranks that lose one of them at a random moment, from before MPI starts to after the report:
# what docs/clusters.md promises of that. MPI_LOSSES: how often each case is tried.
. tests/cli/lib.sh

losses=${MPI_LOSSES:-20}
if ! "$program" --version | grep -q MPI || ! command -v mpirun >/dev/null; then
    skip "MPI jobs that lose a rank" "needs mpirun and a program built with MPI=1"
    finish
    exit
fi
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
printf '{"name": "sweep", "dataset": {"csv": "wave.csv"}, "task": {"window": 16, "stride": 8},
    "models": [{"cell": "lstm", "hidden": 4}, {"cell": "cfc", "hidden": 4}], "baselines": [],
    "train": {"epochs": 60}, "seeds": [%s]}\n' "$(seq -s, 0 19)" >sweep.json

# Each rank leaves its process number in FOLDER.RANK.
# shellcheck disable=SC2016 # the $ are of the shell inside
job() { # FOLDER [OPTION OF MPIRUN]...
    folder=$1
    shift
    timeout 300 mpirun --oversubscribe --bind-to none "$@" -n 3 \
        sh -c 'echo $$ >"$1.$OMPI_COMM_WORLD_RANK" && shift && exec "$@"' sh "$folder" \
        "$program" run sweep.json -o "$folder" -j 1 -q >"$folder.out" 2>"$folder.err"
}

# Leaves the job's exit code in FOLDER.code, and FOLDER.struck if the rank was still there.
lose() { # FOLDER RANK SECONDS [OPTION OF MPIRUN]...
    folder=$1 rank=$2 seconds=$3
    shift 3
    job "$folder" "$@" &
    while kill -0 $! && ! [ -s "$folder.$rank" ]; do sleep 0.01; done
    sleep "$seconds"
    kill -9 "$(cat "$folder.$rank")" 2>/dev/null && touch "$folder.struck"
    wait $!
    echo $? >"$folder.code"
}

# Many at once, because those that are left wait a minute for the lost one. RANKS: one of them is lost.
lose_often() { # NAME RANKS [OPTION OF MPIRUN]...
    name=$1 ranks=$2
    shift 2
    i=0
    while [ $((i += 1)) -le "$losses" ]; do
        # shellcheck disable=SC2046 # a rank and seconds
        lose "$name-$i" $(awk -v ranks="$ranks" -v seed="$i" -v most="$seconds" 'BEGIN {
            srand(seed); rand(); count = split(ranks, rank, " ")
            print rank[1 + int(rand() * count)], rand() * most }') "$@" &
        sleep 3
    done
    wait
    echo "# struck: $(find . -maxdepth 1 -name "$name-*.struck" | wc -l) of $losses"
}

# The folder is that of the undisturbed job, and has a report; otherwise the file `difference` says what differs.
is_whole() { # FOLDER
    folder_content "$1" 2>&1 | diff expected - >difference && [ -s "$1/report/index.html" ]
}

# The jobs whose folder is not whole, and what differs.
differing() { # NAME
    for code in "$1"-*.code; do
        folder=${code%.code}
        is_whole "$folder" && continue
        echo "$folder: $(ls "$folder/report" 2>&1 | tr '\n' ' ')"
        cat difference "$folder.err"
    done
}

begin=$(date +%s)
job undisturbed
result $? "an undisturbed job"
seconds=$(($(date +%s) - begin + 1))
echo "# moments: 0 to $seconds s after the start"
folder_content undisturbed >expected

# Open MPI ends a process that it cannot start in, which can be when a rank is lost at that moment.
cat >ends.c <<'END'
#include <unistd.h>
int MPI_Init(int *count, char ***arguments) {
    (void)count, (void)arguments;
    _exit(1);
}
END
ends="where MPI ends the process that starts it, the ranks go on as runs of their own"
if ${CC:-cc} -shared -fPIC -o ends.so ends.c 2>out; then
    job ends --enable-recovery -x LD_PRELOAD="$work/ends.so"
    [ $? -eq 0 ] && [ "$(grep -c 'MPI has not started' ends.err)" -eq 3 ] && [ -s ends/report/index.html ]
    result $? "$ends"
    same_folder ends "with the undisturbed results"
else
    skip "$ends" "needs a C compiler"
fi

for case in "0" "1 2"; do
    name=recover-${case%% *}
    lose_often "$name" "$case" --enable-recovery
    [ "$(cat "$name"-*.code | sort -u)" = 0 ]
    result $? "with --enable-recovery, the job ends well without rank ${case%% *}"
    echo "# said to be lost: $(grep -l 'are lost' "$name"-*.err | wc -l)"
    differing "$name" >out
    [ ! -s out ]
    result $? "with the undisturbed results, and a report"
done

lose_often abort "0 1 2"
cat abort-*.code | sort | uniq -c | sed 's/^ */# exit codes: /'
for struck in abort-*.struck; do
    code=$(cat "${struck%.struck}.code")
    # A rank that had just come to its end can still be sent a signal.
    [ "$code" -eq 137 ] || { [ "$code" -eq 0 ] && is_whole "${struck%.struck}"; } || echo "$struck $code"
done >out
[ ! -s out ]
result $? "without, the job ends with exit code 137, or with 0 when all was done"
for code in abort-*.code; do
    job "${code%.code}" || echo "${code%.code}: $?"
done >out
[ ! -s out ]
result $? "and the same command goes on to the end"
differing abort >out
[ ! -s out ]
result $? "with the undisturbed results, and a report"
finish
