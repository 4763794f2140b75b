#!/bin/sh
# Published numbers: the page, the configs and the records that it is made from.
. tests/cli/lib.sh

for page in papers robust-training; do
    name="the tables that scripts/$page-table.pl writes into docs are what the records in results/reference say"
    if perl -MJSON::PP -e 1 2>/dev/null; then
        (cd "$root" && LIQUIDBENCH=$program "scripts/$page-table.pl" --check) >out 2>err
        result $? "$name"
    else
        skip "$name" "no JSON::PP"
    fi
done

for config in "$root"/configs/papers/*.json; do
    name=$(sed -n 's/^  "name": "\(.*\)",$/\1/p' "$config")
    [ -d "$root/results/reference/$name" ] || continue
    lb report "$root/results/reference/$name" -o "report-$name"
    [ $code -eq 0 ] && grep -q "$name" out
    result $? "results/reference/$name renders its report again"
done

grep -rlE '"(/work|/tmp|/home|/root)/' "$root/results/reference" >paths
[ ! -s paths ]
result $? "no record names a folder of the machine that made it"
finish
