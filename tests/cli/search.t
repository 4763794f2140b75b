#!/bin/sh
# `run` with a search: what is tried and chosen, and that it depends on validation scores alone.
. tests/cli/lib.sh

search='"search": {"method": "halving", "trials": 6, "factor": 2, "space": {"hidden": [2, 3, 4, 5],
    "train.learning_rate": {"min": 1e-4, "max": 0.1, "scale": "log"}}}'
small_config wave "$search" '"baselines": []'
sed -i 's/"epochs": 2/"epochs": 4/' wave.json

# chosen FOLDER: what the search gave each model. tried FOLDER: all its trials, scores and epochs
chosen() {
    json "$1/search.json" 'join "; ", map { my $s = $_->{settings};
        "$_->{name} " . join " ", map { "$_ $s->{$_}" } sort keys %$s } @{$j->{models}}'
}
tried() {
    json "$1/search.json" 'join " ", map { map { "$_->{trial} $_->{valid} $_->{epochs}" }
        @{$_->{trials}} } @{$j->{models}}'
}

lb run wave.json -o one -j 1
exits 0 "a search runs"
err '^Search, rung 3 of 3$' "in rungs"
err '^Search: lstm gets .*train.learning_rate.*: validation mse [0-9.e-]+, the best of 6$' \
    "it tells what a model gets"
[ "$(json one/search.json 'join " ", map { "$_->{budget} " . @{$_->{trials}} } @{$j->{models}}')" = \
    "16 10 16 10" ]
result $? "every model has 6 trials of 1 epoch, 3 of 2 and 1 of 4"
[ "$(find one/search/trials -name '*.json' | wc -l)" -eq 20 ] && [ -z "$(ls one/search/models)" ]
result $? "trials of the search are in a folder of their own, without models"
[ "$(ls one/trials | wc -l)" -eq 4 ]
result $? "final trials are in the usual one"
record=$(ls one/search/trials/*lstm-search-000-e1-*)
[ "$(json "$record" 'join " ", scalar keys %{$j->{metrics}{test}}, scalar @{$j->{noise}},
    defined $j->{test_distance} ? 1 : 0, $j->{metrics}{valid}{mse} > 0 ? 1 : 0, $j->{seed}')" = \
    "0 0 0 1 1000000" ]
result $? "they have a validation score and a seed of their own, and never saw the test"
[ "$(chosen one)" = "$(json one/experiment.json 'join "; ", map { "$_->{name} hidden $_->{hidden} " .
    "train.learning_rate $_->{train}{learning_rate}" } @{$j->{config}{models}}')" ]
result $? "the final trials have the chosen settings"
[ "$(json one/search.json 'join " ", map { my ($m, @l) = $_; @l = grep { $_->{epochs} == 4 }
    @{$m->{trials}}; $l[0]{number} == $m->{chosen} ? 1 : 0 } @{$j->{models}}')" = "1 1" ]
result $? "chosen is the one that the last rung left"
[ "$(json one/search.json 'join " ", map { my $n = 0; my %by; push @{$by{$_->{epochs}}}, $_
    for @{$_->{trials}}; my @first = sort { $a->{valid} <=> $b->{valid} } @{$by{1}};
    my %next = map { $_->{number} => 1 } @{$by{2}};
    $n += $next{$_->{number}} // 0 for @first[0 .. 2]; $n } @{$j->{models}}')" = "3 3" ]
result $? "the best by validation score go on"
out '^Search for settings$' "the report has score against budget"
out '^Chosen settings$' "and the chosen settings"
[ -s one/report/plots/wave-search.svg ]
result $? "and a picture of it"

# The same for any -j, after a kill, shared out
lb run wave.json -o two -j 2 -q
[ "$(tried one)" = "$(tried two)" ] && [ "$(metrics one/trials/*)" = "$(metrics two/trials/*)" ]
result $? "the outcome is the same for any -j, bit for bit"
"$program" run wave.json -o killed -j 1 >out 2>err &
pid=$!
for _ in $(seq 1200); do
    grep -q '^\[4/' err && break
    sleep 0.05
done
kill -9 $pid
wait $pid 2>/dev/null
[ ! -e killed/search.json ]
result $? "a search that was killed has chosen nothing"
lb status killed
out '^wave-rung-1: [0-9]+ of 12 trials done' "and status says how far it is"
lb run wave.json -o killed
exits 0 "it goes on"
err 'of 12 trials are done already' "without repeating what was done"
lb status killed
out '^wave: 4 of 4 trials done' "and when it is over, status speaks of the final trials"
[ "$(tried one)" = "$(tried killed)" ] && [ "$(metrics one/trials/*)" = "$(metrics killed/trials/*)" ]
result $? "to the same outcome"
for _ in 1 2 3 4; do
    lb run wave.json -o shards --shard 1/2
    lb run wave.json -o shards --shard 2/2
done
[ "$(tried one)" = "$(tried shards)" ] && [ "$(metrics one/trials/*)" = "$(metrics shards/trials/*)" ]
result $? "shards that are run once for each rung and once more get there, too"
"$program" run wave.json -o shared -j 1 -q >/dev/null 2>&1 &
lb run wave.json -o shared -j 1 -q
wait $!
[ "$(tried one)" = "$(tried shared)" ] && [ "$(metrics one/trials/*)" = "$(metrics shared/trials/*)" ] &&
    [ $code -eq 0 ]
result $? "so do two runs that share a folder"
lb run wave.json -o one
[ "$(grep -c '^\[' err)" -eq 0 ]
result $? "running again repeats nothing"

# Selection on validation only
cp -r one other
perl -MJSON::PP -i -0777 -pe 'my $j = decode_json($_); $j->{metrics}{test} = {"mse", 1e-9};
    $_ = encode_json($j)' other/search/trials/*
lb run wave.json -o other
[ "$(chosen one)" = "$(chosen other)" ]
result $? "a test score changes no choice"
second=$(json one/search.json '(grep { $_->{number} != $j->{models}[0]{chosen} &&
    $_->{epochs} == 2 } @{$j->{models}[0]{trials}})[0]{number}')
trial=$(printf 'other/search/trials/wave-lstm-search-%03d-e2-*' "$second")
perl -MJSON::PP -i -0777 -pe 'my $j = decode_json($_); $j->{metrics}{valid}{mse} = 1e-9;
    $_ = encode_json($j)' $trial
lb run wave.json -o other
[ "$(json other/search.json '$j->{models}[0]{chosen}')" = "$second" ]
result $? "a validation score does"

# Other methods; failures; what stays as it is
for method in random sobol; do
    lb run wave.json -o $method -q --set search.method=$method --set search.trials=3
    [ $code -eq 0 ] && [ "$(ls $method/search/trials | wc -l)" -eq 6 ]
    result $? "$method tries as many settings as the budget says"
done
lb run wave.json -o grid -q --set 'search={"method": "grid", "space": {"hidden": [2, 3]}}'
[ $code -eq 0 ] && [ "$(ls grid/search/trials | wc -l)" -eq 4 ]
result $? "a grid tries all of it"
lb run wave.json -o steep -q --set train.optimizer=sgd --set 'search={"method": "grid",
    "space": {"train.learning_rate": [0.01, 1e30]}}'
[ $code -eq 0 ] && [ "$(json steep/search.json '$j->{models}[0]{chosen}')" = 0 ]
result $? "settings that diverge are not chosen, and are no failure of the run"
refused 'no trial of lstm has a validation score' "when all diverge, the run says so" \
    run wave.json -o none --set train.optimizer=sgd --set 'search={"method": "grid",
    "space": {"train.learning_rate": [1e29, 1e30]}}'
lb run wave.json -o dry --dry-run
[ $code -eq 0 ] && [ ! -e dry ] && grep -Eq '^lstm +1 +6 +1 +[0-9.]+$' out
result $? "--dry-run prints the rungs, and writes nothing"
lb compare one two
exits 0 "a comparison sees the final trials alone"
lb run wave.json -o one -q --set search=null
! grep -q 'Search for settings' out
result $? "without a search, an earlier one is not in the report"

finish
