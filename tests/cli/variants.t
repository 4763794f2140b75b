#!/bin/sh
# Variants in parameters and learning rates, targets, and the measures about them.
. tests/cli/lib.sh

variants() { # NAME VARIANTS [MEMBER]...: a config with one
    name=$1 rungs=$2
    shift 2
    small_config "$name" '"variants": '"$rungs" '"evaluate": {"metrics": ["mse"], "noise": {"types": []}, "latency_steps": 0}' \
        '"baselines": ["persistence"]' "$@"
}

# Bad input
variants bad '{"parameters": [300, 600], "learning_rates": [0.1]}'
refused 'variants: say "parameters" or "learning_rates", not both' "variants are of one kind" run bad.json --dry-run
variants bad '{"parameters": [600, 300]}'
refused 'variants.parameters: must grow' "budgets grow" run bad.json --dry-run
variants bad '{"learning_rates": [0.1, 0.1]}'
refused 'variants.learning_rates: must grow' "rates grow" run bad.json --dry-run
variants bad '{"parameters": [600]}'
sed -i 's/"cell": "cfc"/"cell": "cfc", "family": "x"/' bad.json
refused 'models\[1\].family: is what "variants" makes' "a family goes with no variants" run bad.json --dry-run
variants bad '{"parameters": [600]}' '"search": {"method": "grid", "space": {"train.learning_rate": [0.01, 0.1]}}'
refused 'variants: does not go with "search"' "nor with a search" run bad.json --dry-run
variants bad '{"parameters": [600]}'
sed -i 's/"cell": "cfc"/"cell": "cfc", "train": 3/' bad.json
refused 'models\[1\].train: must be an object' "a variant's training is read strictly" run bad.json --dry-run
small_config bad '"target": {"share": 0.8, "score": 1}'
refused 'target: say "share" or "score", not both' "a target is stated once" run bad.json --dry-run
for empty in '{}' '{"share": 0}' '{"score": 0}'; do
    small_config bad "\"target\": $empty"
    refused 'target: needs "share", as in 0.8, or "score"' "$empty is no target" run bad.json --dry-run
done
small_config bad '"target": {"score": -3}'
refused 'target.score: no model can reach -3, because MSE is never below 0' "nor is an error below 0" run bad.json --dry-run
for empty in '{}' '{"parameters": []}' '{"learning_rates": []}'; do
    small_config bad "\"variants\": $empty"
    refused 'variants: needs "parameters" or "learning_rates"' "$empty makes no variants" run bad.json --dry-run
done
small_config bad '"target": {"share": 0.8}'
refused 'target: needs "train": {"select": METRIC}' "a target needs the score of the curve" run bad.json --dry-run
small_config bad '"target": {"share": 0.8}' '"baselines": []'
sed -i 's/"epochs": 2/"epochs": 2, "select": "mse"/' bad.json
refused 'target.share: no model can state it' "a target that no model can state is refused" run bad.json --dry-run
stated='"name": "a", "models": ["cfc"], "against": ["lstm"], "expect": "lower", "by": 0.05'
small_config bad '"hypotheses": [{"measure": "training.epochs_to_target", '"$stated}]"
refused 'hypotheses\[0\].measure: "training.epochs_to_target" needs a target' "so is a measure without its target" \
    run bad.json --dry-run
variants bad '{"learning_rates": [0.01, 0.1]}' '"hypotheses": [{"measure": "rates.share", "name": "a", "models": ["cfc-r0.1"],
    "against": ["lstm"], "expect": "lower", "by": 0.05}]'
refused 'hypotheses\[0\].models: there is no family "cfc-r0.1"' "a measure of families names families" run bad.json --dry-run

# Several sizes
variants sizes '{"parameters": [150, 300, 600]}' '"reference": "lstm-p600"' '"target": {"score": 0.2}' \
    '"hypotheses": [{"measure": "sizes.parameters_to_target", '"$stated},
    {\"measure\": \"sizes.gain\", \"name\": \"b\", \"models\": [\"cfc\"], \"against\": [\"lstm\"], \"expect\": \"higher\", \"by\": 0.1}]"
sed -i 's/"epochs": 2/"epochs": 20, "learning_rate": 0.02, "select": "mse"/; s/"seeds": \[0, 1\]/"seeds": [0, 1, 2]/
    s/"cell": "cfc"/"cell": "cfc", "backbone": {"units": 8}/' sizes.json
lb run sizes.json -q
exits 0 "several sizes run"
[ "$(ls results/sizes/trials | sed 's/.*wave-\(.*\)-s0-.*/\1/; t; d' | tr '\n' ' ')" = \
    "cfc-p150 cfc-p300 cfc-p600 lstm-p150 lstm-p300 lstm-p600 persistence " ]
result $? "each network at each budget, the baseline once"
[ "$(json results/sizes/trials/*-lstm-p300-s0-*.json 'abs($j->{model}{parameters} / 300 - 1) < 0.15 ? $j->{model}{options}{family} : "far"')" = lstm ]
result $? "sized to its budget, in its family"
lb report results/sizes
out '^a +3 seeds ' "parameters to the target are compared"
out '^b +3 seeds ' "and the gain"
out '^family +error falls +time grows +smallest' "a table of sizes"
out '^lstm-p600 +3 of 3 +[0-9]+ ' "a table of the training to the target"
[ -s results/sizes/report/plots/wave-sizes.svg ]
result $? "and a picture of the error against the size"
lb predict results/sizes/models/*-lstm-p300-s0-*.safetensors wave.csv
exits 0 "one of them predicts"

# Learning rates
variants rates '{"learning_rates": [0.001, 0.01, 100000]}' '"hypotheses": [{"measure": "rates.share", '"$stated}]"
lb run rates.json -q
lb report results/rates
out '^a +2 seeds ' "rates that work are compared"
out '^family +0.001 +0.01 +100000 +works' "a table of learning rates"
[ "$(json results/rates/trials/*-lstm-r0.01-s0-*.json '$j->{config}{models}[1]{train}{learning_rate}')" = 0.01 ]
result $? "each rung has its rate"

# Gradients in the curve
[ "$(json results/sizes/trials/*-lstm-p300-s0-*.json 'my $e = $j->{curve}[0];
    $e->{gradient_median} > 0 && $e->{gradient_max} >= $e->{gradient_median} && $e->{clipped} == 0 ? 1 : 0')" = 1 ]
result $? "curves hold the norms of the gradients"
sed 's/"epochs": 20/"epochs": 2, "clip_norm": 1e-9/; s/"name": "sizes"/"name": "clipped"/' sizes.json >clipped.json
lb run clipped.json -q --only '*-lstm-p300-s0'
[ "$(json results/clipped/trials/*-lstm-p300-s0-*.json '$j->{curve}[0]{clipped} . " " . ($j->{curve}[0]{gradient_max} > 1e-6 ? 1 : 0)')" = "1 1" ]
result $? "before they are clipped, and the share that is"
[ "$(json results/sizes/trials/*-lstm-p300-s0-*.json '$j->{cost}{train_operations} > 0 ? 1 : 0')" = 1 ]
result $? "and costs the operations of the training"

finish
