#!/bin/sh
# Trains the models of configs/calibration with 120 seeds each, and writes their test scores to
# results/reference/calibration/scores.csv: one row a data set, model and metric, one column a seed.
# `make calibration` measures on it how often the statistical tests err. Takes some three minutes.
#
#   scripts/calibrate-tests.sh [PROGRAM]     (default: ./liquidbench)
set -eu
cd "$(dirname "$0")/.."
program=${1:-./liquidbench}
work=build/calibration
seeds=$(seq -s, 0 119)

for data in sunspots co2 oscillator parity lorenz; do
    "$program" run "configs/calibration/$data.json" --set "seeds=[$seeds]" -q -o "$work/$data" >/dev/null
done

# Rows of measurements.csv: experiment,dataset,model,seed,condition,name,severity,metric,value,...
# Trivial baselines have one seed alone, and are left out.
awk -F, '
    FNR == 1 { next }
    $5 == "split" && $6 == "test" { add($8) }
    $5 == "noise" && $7 > 0 { add($8 " under noise") }
    function add(metric,    key) {
        key = substr($1, length("calibration-") + 1) "," $3 "," metric
        if (!(key in scores))
            keys[++count] = key
        scores[key] = scores[key] "," sprintf("%.4g", $9)
        seeds[key]++
    }
    END {
        printf "data,model,metric"
        for (s = 0; s < 120; s++)
            printf ",s%d", s
        print ""
        for (k = 1; k <= count; k++)
            if (seeds[keys[k]] == 120)
                print keys[k] scores[keys[k]]
    }
' "$work"/*/report/measurements.csv >results/reference/calibration/scores.csv
