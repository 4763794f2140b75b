#!/bin/sh
# Hypotheses in configs: what is refused, and what reports and `compare` make of them.
. tests/cli/lib.sh

hypothesis='"name": "smaller", "measure": "cost.parameters", "models": ["lstm"], "against": ["cfc"], "expect": "lower", "by": 0.05'
stated() { # MEMBERS: a config that states one hypothesis with these
    small_config wave '"evaluate": {"metrics": ["mse"], "noise": {"types": ["dropout"], "severities": [0.5]},
        "ood": [{"name": "half", "resample": 0.5}], "latency_steps": 0}' '"baselines": ["persistence"]' \
        "\"hypotheses\": [{$1}]"
}

# Bad input
refuse() { # PATTERN NAME MEMBERS
    stated "$3"
    refused "$1" "$2" run wave.json --dry-run
}
refuse 'hypotheses\[0\]\.measure: "noise.dropuot.growth" is not measured here; did you mean "noise.dropout.growth"\?' \
    "a misspelt measure is refused with a suggestion" \
    '"name": "a", "measure": "noise.dropuot.growth", "models": ["cfc"], "against": ["lstm"], "expect": "lower", "by": 0.05'
refuse 'hypotheses\[0\]\.measure: "noise.impulse.growth" is not measured here: there is no "impulse" in evaluate.noise.types' \
    "a perturbation that the config does not have is refused" \
    '"name": "a", "measure": "noise.impulse.growth", "models": ["cfc"], "against": ["lstm"], "expect": "lower", "by": 0.05'
refuse 'hypotheses\[0\]\.measure: "faults.worst.growh" is not known; did you mean "faults.worst.growth"' \
    "so is a misspelt measure of faults" \
    '"name": "a", "measure": "faults.worst.growh", "models": ["cfc"], "against": ["lstm"], "expect": "lower", "by": 0.05'
refuse 'hypotheses\[0\]\.measure: "happiness" is not known; `liquidbench list measures` names' \
    "a measure unlike any other is refused" \
    '"name": "a", "measure": "happiness", "models": ["cfc"], "against": ["lstm"], "expect": "lower", "by": 0.05'
refuse 'hypotheses\[0\]\.models: there is no model "cfx"; did you mean "cfc"\?' \
    "an unknown model is refused with a suggestion" \
    '"name": "a", "measure": "test.mse", "models": ["cfx"], "against": ["lstm"], "expect": "lower", "by": 0.05'
refuse 'hypotheses\[0\]\.against: "cfc" is one of "models" already' "a model is not compared with itself" \
    '"name": "a", "measure": "test.mse", "models": ["cfc"], "against": ["lstm", "cfc"], "expect": "lower", "by": 0.05'
refuse 'hypotheses\[0\]\.against: is empty' "a hypothesis without a comparison is refused" \
    '"name": "a", "measure": "test.mse", "models": ["cfc"], "against": [], "expect": "lower", "by": 0.05'
refuse 'hypotheses\[0\]\.by: is required' "the smallest difference that matters must be stated" \
    '"name": "a", "measure": "test.mse", "models": ["cfc"], "against": ["lstm"], "expect": "lower"'
refuse 'hypotheses\[0\]\.by: ' "it is not negative" \
    '"name": "a", "measure": "test.mse", "models": ["cfc"], "against": ["lstm"], "expect": "lower", "by": -1'
refuse 'hypotheses\[0\]\.expect: .*lower' "a direction is lower or higher" \
    '"name": "a", "measure": "test.mse", "models": ["cfc"], "against": ["lstm"], "expect": "better", "by": 0.05'
refuse 'hypotheses\[1\]\.name: "smaller" is the name of hypotheses\[0\] already' "names are distinct" \
    "$hypothesis}, {$hypothesis"

unmeasured() { # MEASURE WHAT
    refuse "hypotheses\\[0\\]\\.measure: \"$1\" needs .*$2" "$1 needs $2" \
        "\"name\": \"a\", \"measure\": \"$1\", \"models\": [\"cfc\"], \"against\": [\"lstm\"], \"expect\": \"lower\", \"by\": 0.05"
}
unmeasured stream.online.recovery evaluate.stream
unmeasured memory.longest_per_kib evaluate.ladder
unmeasured gradient.growth evaluate.gradient_lags
unmeasured memory.capacity memory_capacity
unmeasured ood.half.valid_steps rollout
unmeasured cost.step_us_p50 evaluate.latency_steps
unmeasured training.epochs_to_target target

refuse 'hypotheses\[0\]\.against: "persistence" is a baseline; only networks have training.clipped' \
    "a baseline has no gradients" \
    '"name": "a", "measure": "training.clipped", "models": ["cfc"], "against": ["persistence"], "expect": "lower", "by": 0.05'

# A run decides; stating a hypothesis afterwards runs nothing again.
small_config wave '"evaluate": {"metrics": ["mse"], "noise": {"types": ["dropout"], "severities": [0.5]},
    "ood": [{"name": "half", "resample": 0.5}], "latency_steps": 0}' '"baselines": ["persistence"]'
lb run wave.json -o base -q
exits 0 "a config without hypotheses runs"
grep -q '^Hypotheses' out
[ $? -ne 0 ]
result $? "its report has no such section"
touch before
stated "$hypothesis"
lb run wave.json -o base -q
exits 0 "it runs with a hypothesis"
[ -z "$(find base/trials -newer before)" ]
result $? "which repeats no trial"
out '^smaller +2 seeds .* supported\*$' "parameters need no chance: the smaller model is"
[ "$(json base/report/report.json '$j->{hypotheses}[0]{verdict}')" = supported ]
result $? "report.json has the verdict"
for file in index.html report.md report.tex; do
    grep -q 'cost.*parameters lower by 5' "base/report/$file"
    result $? "$file has the rule"
done
grep -q '^smaller,.*,all,2,seeds,.*,supported,$' base/report/hypotheses.csv
result $? "hypotheses.csv has it"

# Two folders: the data sets are the units.
sed 's/"name": "wave", "dataset": {"csv"/"name": "second", "dataset": {"name": "second", "csv"/' wave.json >second.json
lb run second.json -o second -q
lb report base second -o both
out '^smaller +2 sets .* supported\*$' "the same hypothesis in two folders is decided on both data sets"

# A plan that somebody edited.
cp -R base edited
perl -MJSON::PP -0777 -i -e 'my $text = <>; my $plan = decode_json($text);
    @{$plan->{config}{hypotheses}} = (@{$plan->{config}{hypotheses}}) x 300; print encode_json($plan)' edited/experiment.json
lb report edited -o edited/report
out '^smaller +2 seeds' "a hypothesis that a plan states many times counts its data once"

sed 's/"by": 0.05/"by": 0.5/; s/"name": "wave"/"name": "third"/' wave.json >third.json
sed 's/"name": "third"/"name": "fourth"/' third.json >fourth.json
lb run third.json fourth.json -o more -q
lb report base more -o both
out '^smaller +2 seeds' "a rule that differs makes another hypothesis"
out '^smaller \(fourth\) +2 sets' "which is one for all that state it"
mkdir folders
cp -R base second folders/
lb report folders
out '^smaller +2 sets .* supported' "a folder of results folders stands for them"
[ -s folders/report/index.html ]
result $? "and has a report of its own"
cp -R folders others
perl -pi -e 's/("parameters": )\d+/${1}9000/' others/*/trials/*-lstm-*.json
lb compare folders others --any-config --tolerance 1e6
exits 0 "verdicts are not compared unasked"
lb compare folders others --any-config --tolerance 1e6 --hypotheses
exits 1 "compare --hypotheses fails when a verdict changes"
out 'hypotheses · smaller' "of folders of results folders, too"

# The gate
sed 's/"hypotheses": \[/"gate": {"hypotheses": true}, "hypotheses": [/' wave.json >gated.json
lb run gated.json -o base -q
cp -R base changed
lb compare base changed
exits 0 "equal verdicts pass"
perl -pi -e 's/("parameters": )\d+/${1}9000/' changed/trials/wave-lstm-*.json
lb compare base changed --any-config --tolerance 1e6
exits 1 "a verdict that changes fails"
out 'hypotheses · smaller.*the verdict changes: supported → refuted' "and is named"

# The field's claims: what docs/claims.md says is what the records say that are kept.
mkdir tools && PATH=$work/tools lb report "$root/results/reference/claims" -o claims -q
exits 0 "the records of the claims make a report"
json claims/report.json 'join "", map { "$_->{name} $_->{verdict}\n" } @{ $j->{hypotheses} }' | sort >verdicts
sed -n 's/^|[^|]*| \([a-z-]*\) | .*`.*| \**\([a-z ]*[a-z]\)\** |$/\1 \2/p' "$root/docs/claims.md" | sort >told
[ "$(wc -l <told)" -eq 34 ] && cmp -s verdicts told
result $? "docs/claims.md tells the verdicts of results/reference/claims"

finish
