#!/bin/sh
# Runs the configs of the papers' tables whose data is here, and says which were left out.
#
#   scripts/run-papers.sh [OPTION]...      options of `liquidbench run`, such as -j 4
#
# Long: days on one processor. What is done stays done; running again goes on.
set -u
program=${LIQUIDBENCH:-./liquidbench}
status=0
for config in configs/papers/*.json; do
    # A dry run fails when the data is not here, and says how to get it.
    if ! words=$("$program" run "$config" --dry-run 2>&1); then
        echo "left out: $words" >&2
        case $words in *"data fetch"*) ;; *) status=1 ;; esac
        continue
    fi
    "$program" run "$config" "$@" || status=1
done
exit $status
