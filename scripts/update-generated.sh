#!/bin/sh
# Writes the files that repeat what the program knows about its config, after a change of fields:
# configs/experiment.schema.json, and the tables at the end of docs/config.md.
#
#   scripts/update-generated.sh [PROGRAM]     (default: ./liquidbench)
set -eu
cd "$(dirname "$0")/.."
program=${1:-./liquidbench}
marker='<!-- liquidbench list config --markdown'

"$program" list schema >configs/experiment.schema.json
prose=$(sed "/^$marker/q" docs/config.md)
{
    printf '%s\n' "$prose"
    "$program" list config --markdown
} >docs/config.md.new
mv docs/config.md.new docs/config.md
