#!/bin/sh
# Suites of faults: what is recorded, what reports show of it, and what hypotheses can be about.
# shellcheck disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh

printf '%s' '{"dataset": {"csv": "wave.csv"}, "task": {"at": "last", "window": 16, "stride": 2},
    "models": [{"cell": "gru", "hidden": 3}], "baselines": ["persistence"], "train": {"epochs": 2},
    "evaluate": {"metrics": ["mse"], "noise": {"suite": "sensorfault"}}, "seeds": [0, 1], "reference": "persistence",
    "hypotheses": [
        {"name": "worst", "measure": "faults.worst.growth", "models": ["gru"], "against": ["persistence"], "expect": "lower", "by": 0.05},
        {"name": "ce", "measure": "noise.all.ce", "models": ["gru"], "against": ["persistence"], "expect": "higher", "by": 0}]}' >faults.json
lb run faults.json -o faults
exits 0 "a suite runs"
record=$(ls faults/trials/*-gru-s0-*.json)
[ "$(json "$record" 'join " ", $j->{config}{evaluate}{noise}{suite}, $j->{noise}[0]{suite}, scalar @{$j->{noise}}')" = \
    "sensorfault-1 sensorfault-1 40" ]
result $? "records name the suite in full, and hold eight faults at five severities"
[ "$(json "$record" 'my ($f, %sum) = $j->{faults}; $sum{$_->{type}} += $_->{metrics}{mse} / 5 for @{$j->{noise}};
    my $test = $j->{metrics}{test}{mse}; my ($worst) = sort { $sum{$b} <=> $sum{$a} } keys %sum;
    my $mean = 0; $mean += $_ / 8 for values %sum;
    sub near { abs($_[0] - $_[1]) < 1e-6 * abs $_[1] }
    near($f->{clean}, $test) && near($f->{error}, $mean) && near($f->{ratio}, $mean / $test) &&
    $f->{worst}{type} eq $worst && near($f->{worst}{error}, $sum{$worst}) &&
    near($f->{worst}{ratio}, $sum{$worst} / $test) && $f->{worst}{blocks} > 0 ? 1 : 0')" = 1 ]
result $? "the worst fault follows from the scores"
grep -q 'Clean and faulted error' out && grep -Eq '^model +clean +faulted +growth +worst fault' out
result $? "the clean error stands beside the faulted one"
grep -Eq 'ce .*|worst .*' out && ! grep -q 'not measured' out
result $? "hypotheses can be about the worst fault, and errors relative to a baseline"

# Every model sees the same faults: equal models have equal scores.
sed 's/{"cell": "gru", "hidden": 3}/{"name": "one", "cell": "gru", "hidden": 3}, {"name": "two", "cell": "gru", "hidden": 3}/;
    s/"gru"\],/"one"],/g' faults.json >twins.json
lb run twins.json -o twins
same() { json twins/trials/*-"$1"-s0-*.json 'join " ", map { $_->{metrics}{mse} } @{$j->{noise}}'; }
[ -n "$(same one)" ] && [ "$(same one)" = "$(same two)" ]
result $? "all models see the same faults"

# "all" are all, and a test that is too short for an interval says so.
lb run faults.json -o all --set 'seeds=[0]' --set evaluate.noise='{"types": "all"}'
[ "$(json all/trials/*-gru-s0-*.json 'my %t = map { $_->{type} => 1 } @{$j->{noise}}; scalar keys %t')" = \
    "$("$program" list perturbations | grep -c '^[a-z_]*: ')" ]
result $? "all perturbations are all that are listed"
[ "$(json all/trials/*-gru-s0-*.json '$j->{faults}{worst}{blocks} < 8 ? 1 : 0')" = 1 ] && out 'worst fault has no interval'
result $? "a test too short for an interval says so"

# The default suite scores as its perturbations do.
lb run faults.json -o default --set evaluate.noise.suite='"default"' --set evaluate.noise.types='["drift", "stuck"]'
lb run faults.json -o plain --set evaluate.noise='{"types": ["drift", "stuck"]}'
scores() { json "$1"/trials/*-gru-s0-*.json 'join " ", map { "$_->{type} $_->{severity} $_->{metrics}{mse}" } @{$j->{noise}}'; }
[ -n "$(scores plain)" ] && [ "$(scores default)" = "$(scores plain)" ]
result $? "the default suite scores as its perturbations do without a suite"
lb run faults.json -o drawn --set evaluate.noise.drawn=true
[ "$(json drawn/trials/*-gru-s0-*.json 'join " ", map { $_->{severity} } @{$j->{noise}}')" = "1 1 1 1 1 1 1 1" ]
result $? "severities can be drawn: one entry for each fault"

# The structural faults of TS-Fault.
lb list suites
out '^tsfault-1: ' "list suites names the structural suite"
lb run faults.json -o structural --set evaluate.noise.suite='"tsfault-1"'
exits 0 "the structural suite runs"
[ "$(json structural/trials/*-gru-s0-*.json 'join " ", $j->{noise}[0]{suite}, scalar @{$j->{noise}}, map { $_->{type} } grep { $_->{severity} == 1 } @{$j->{noise}}')" = \
    "tsfault-1 20 shock fracture regime cascade" ]
result $? "records hold four structural faults at five severities"
[ "$(json structural/trials/*-persistence-s0-*.json 'my %s; $s{$_->{type}} = $_->{metrics}{mse} for @{$j->{noise}};
    $s{regime} > $j->{metrics}{test}{mse} ? 1 : 0')" = 1 ]
result $? "another regime makes persistence worse"
lb run faults.json -o alone --set evaluate.noise='{"types": ["fracture", "cascade"], "each": "window", "channels": 1, "severities": [0, 1]}'
[ "$(json alone/trials/*-gru-s0-*.json 'join " ", map { $_->{metrics}{mse} == $j->{metrics}{test}{mse} ? 1 : 0 } @{$j->{noise}}')" = "1 0 1 0" ]
result $? "structural faults stand alone, too, and severity 0 changes nothing"

lb run faults.json -o compound --set evaluate.noise.suite='"tsfault"' --set evaluate.noise.types='["regime", "regime+cascade"]' \
    --set 'hypotheses=[{"name": "both", "measure": "noise.regime+cascade.growth", "models": ["gru"], "against": ["persistence"],
        "expect": "lower", "by": 0.05}]'
[ "$(json compound/trials/*-gru-s0-*.json 'join " ", scalar @{$j->{noise}}, $j->{noise}[9]{type}, $j->{noise}[9]{severity},
    $j->{noise}[9]{metrics}{mse} != $j->{noise}[4]{metrics}{mse} ? "differs" : "same"')" = "10 regime+cascade 1 differs" ] &&
    grep -q '^both .*×' out && grep -q 'regime+cascade' compound/report/report.tex
result $? "faults can be joined, scored and be hypotheses' subject"

# Faults where a model is most sensitive.
noise() { # FOLDER JSON: the scores of a run with this noise
    "$program" run faults.json -o "$1" --set 'seeds=[0]' --set 'hypotheses=[]' --set "evaluate.noise=$2" >out 2>err
    json "$1"/trials/*-gru-s0-*.json 'join " ", map { "$_->{type} $_->{severity} $_->{metrics}{mse}" } @{$j->{noise}}'
}
drawn=$(noise p0 '{"suite": "sensorfault", "types": ["gap", "bias"], "severities": [0, 0.3]}')
placed=$(noise p1 '{"suite": "sensorfault", "types": ["gap", "bias"], "severities": [0, 0.3], "place": "sensitive"}')
[ "$(echo "$drawn" | cut -d' ' -f1-5,7-11)" = "$(echo "$placed" | cut -d' ' -f1-5,7-11)" ] && [ "$drawn" != "$placed" ] &&
    [ "$(json p1/trials/*-gru-s0-*.json '$j->{faults}{place}')" = sensitive ]
result $? "a fault can begin where the model is most sensitive; severity 0 stays the clean test"
refused 'place: none of the perturbations begins at a row' "a fault without a place cannot be put anywhere" \
    run faults.json --dry-run --set 'evaluate.noise={"types": ["bias"], "each": "window", "place": "sensitive"}'
refused 'say "each": "window"' "whole series have no sensitive place" \
    run faults.json --dry-run --set 'evaluate.noise={"types": ["gap"], "place": "sensitive"}'

# Training against faults.
trained() { # NAME JSON: the test score of seed 0, trained so
    "$program" run faults.json -o "$1" --set "train=$2" --set 'seeds=[0]' --set 'hypotheses=[]' >out 2>err
    json "$1"/trials/*-gru-s0-*.json '$j->{metrics}{test}{mse}'
}
plain=$(trained t0 '{"epochs": 2}')
mixed=$(trained t1 '{"epochs": 2, "perturb": {"suite": "sensorfault-training"}}')
attacked=$(trained t2 '{"epochs": 2, "adversarial": {"epsilon": 0.1}}')
noisy=$(trained t3 '{"epochs": 2, "weight_noise": 0.05}')
together=$(trained t6 '{"epochs": 2, "ensemble": 3}')
overlapping=$(trained t4 '{"epochs": 2, "perturb": {"types": ["bias"], "overlap": true}}')
[ "$(printf '%s\n' "$plain" "$mixed" "$attacked" "$noisy" "$overlapping" | grep -c '[0-9]')" = 5 ] &&
    [ "$(printf '%s\n' "$plain" "$mixed" "$attacked" "$noisy" "$overlapping" | sort -u | wc -l)" = 5 ]
result $? "mixtures, adversaries, weight noise and, where it is asked for, an overlap train"
lb run faults.json --dry-run --set 'train={"epochs": 2, "adversarial": {"epsilon": 0.1}}'
exits 0 "the plan knows what an adversary takes"
again=$(trained t5 '{"epochs": 2, "perturb": {"suite": "sensorfault-training"}, "threads": 2}')
[ "$again" = "$mixed" ]
result $? "the same faults are drawn again, whatever the threads"
[ "$(json t2/trials/*-gru-s0-*.json '$j->{cost}{train_operations}')" = "$(json t0/trials/*-gru-s0-*.json '6 * $j->{cost}{train_operations}')" ]
result $? "five steps of an adversary cost five updates more"
cost() { json "$1"/trials/*-gru-s0-*.json 'join " ", map { $_ * '"$2"' } $j->{model}{parameters}, $j->{cost}{train_operations}, $j->{cost}{flops_per_step}, $j->{cost}{memory}{parameters}'; }
[ -n "$together" ] && [ "$together" != "$plain" ] && [ "$(cost t6 1)" = "$(cost t0 3)" ] && ls t0/models/*-gru-s0-* >models && ! ls t6/models/*-gru-s0-* 2>err
result $? "an ensemble of three costs three networks, and is scored but not saved"
refused 'train.ensemble: does not go with evaluate.gradient_lags' "what is about one network does not go with an ensemble" \
    run faults.json --dry-run --set train.ensemble=2 --set evaluate.gradient_lags=5
finish
