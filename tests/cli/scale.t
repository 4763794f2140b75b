#!/bin/sh
# Results of many data sets and many trials.
. tests/cli/lib.sh

small_config wave
lb run wave.json -o base -q
"$root/tests/support/many-trials.pl" base wide --datasets 300
"$root/tests/support/many-trials.pl" base deep --seeds 400

# Without gnuplot: thousands of plots take minutes.
mkdir none
without_plots() {
    PATH=$work/none lb "$@"
}

# Each data set must not take room for the trials of all.
without_memory() { # KILOBYTES ARGUMENT...
    (under_asan || ulimit -v "$1" && shift && PATH=$work/none && "$program" "$@" >"$work/out" 2>"$work/err")
    code=$?
}

without_memory 200000 report wide -o report
exits 0 "a report over 300 data sets, of 120 MB, in 200 MB"
[ "$(grep -c '<section' report/index.html)" -ge 300 ]
result $? "has a section for each"
without_memory 700000 compare wide wide
exits 0 "compare holds them twice in 700 MB"

without_plots report deep -o report
exits 0 "a report over 800 trials"
lb status deep --json
[ $code -eq 0 ] && [ "$(json out '$j->{done}')" -eq "$(ls deep/trials | wc -l)" ]
result $? "status counts them"

finish
