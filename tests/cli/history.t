#!/bin/sh
# `history`: results of many commits, with a step, a drift or neither planted among noise.
. tests/cli/lib.sh

small_config wave
lb run wave.json -o base -q
rm -rf base/models base/report

# Copies of base whose lstm's test scores are multiplied: NAME, and a Perl expression of the commit $c.
plant() {
    for c in 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20; do
        mkdir -p "$1/$c"
        cp -R base/. "$1/$c"
        factor=$(perl -e 'srand(7 * $ARGV[0] + length $ARGV[1]); my $c = $ARGV[0];
            my $noise = 0; $noise += rand() - 0.5 for 1 .. 12; print((1 + 0.005 * $noise) * eval $ARGV[1])' "$c" "$2")
        FACTOR=$factor perl -0777 -pi -e \
            's/("test":\s*\{\s*"mse":\s*)([0-9.e-]+)/$1 . $2 * $ENV{FACTOR}/e' "$1/$c"/trials/*lstm*.json
    done
}

plant null '1'
lb history null/*
exits 0 "a history can be read"
out '^No step and no drift' "noise is no change"
lb history null/0[1-8]
tr '\n' ' ' <out | grep -q 'A step in the middle could not have been found: for so many scores that takes [0-9]* folders'
result $? "too few folders for a step in the middle are said to be too few"
plant step '$c > 11 ? 1.03 : 1'
gnuplot_draws
lb history step/* -o step.svg
out 'lstm +MSE +step +[23].* % worse from step/12 on' "a step of 3 % is found, with its commit"
[ "$(grep -c 'step/' out)" = 1 ]
result $? "and nothing else"
grep -q '<svg' step.svg
result $? "and drawn"
plant drift '1.01 ** -$c'
lb history drift/*
out 'lstm +MSE +drift +(0.9|1).* % better each time' "a drift of 1 % a commit is found"
lb history step/01 step/02 step/20
[ "$code" -eq 0 ] && grep -q '^3 folders are too few' out
result $? "too few folders show nothing"
refused 'several commits' "one folder is no history" history step/01
refused 'none' "a folder that is not there" history step/01 none
refused '\.svg or \.png' "a picture of another kind" history step/01 step/02 -o history.pdf

finish
