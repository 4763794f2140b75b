#!/bin/sh
# What the program says about the files it reads.
. tests/cli/lib.sh

config_of() { # NAME CSV [DATASET FIELDS]
    printf '{"name": "%s", "dataset": {"csv": "%s"%s}, "task": {"window": 8}, "train": {"epochs": 1},
             "models": [{"cell": "lstm", "hidden": 4}], "baselines": [], "seeds": [0]}' "$1" "$2" "${3:-}" >"$1.json"
}

# table NAME HEADER PERL: 100 rows, row $i from 0.
table() {
    perl -e 'print "$ARGV[0]\n" if $ARGV[0] ne ""; for my $i (0 .. 99) { print eval($ARGV[1]), "\n" }' \
        "$2" "$3" >"$1"
}

# --- columns that are not used ---------------------------------------------------------------------

table days.csv time,site,load \
    'sprintf "2024-01-%02d %02d:00,north,%.2f", 1 + int($i / 24), $i % 24, 20 + sin $i'
config_of days days.csv
lb run -q days.json -o results
exits 0 "a table with dates and text is learned from"
err 'days.csv: column "time" holds dates but .*set dataset.time to "time"' "dates that are not used are said"
err 'column "site" holds text and is not used' "and text"
lb run -q days.json -o timed --set dataset.time=time
! grep -q 'holds dates' err
result $? "a time column is no such thing"
json "$(ls results/trials/*.json | head -1)" '"@{$j->{dataset_notes}}"' >said
grep -q 'site.*not used' said
result $? "the record keeps what was said"
lb data describe sunspots
! grep -q 'note:' err
result $? "nothing is to be said about a shipped data set"

finish
