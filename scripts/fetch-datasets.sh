#!/bin/sh
# Fetches every data set that is not shipped: some 300 MB.
#
#   scripts/fetch-datasets.sh [--mirror DIR]     (a folder with the original files)
#
# Goes on when one cannot be had; the exit code is then 1.
set -u
program=${LIQUIDBENCH:-./liquidbench}
status=0
for card in datasets/cards/*.json; do
    grep -q '^  "fetch":' "$card" || continue
    "$program" data fetch "$@" "$(basename "$card" .json)" || status=1
done
exit $status
