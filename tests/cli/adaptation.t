#!/bin/sh
# Streams that change, ladders of lengths and gradients by lag: what a run records of them, and what
# is refused.
. "$(dirname "$0")/lib.sh"

is() { # TEXT EXPECTED NAME
    [ "$1" = "$2" ] || echo "# is $1"
    [ "$1" = "$2" ]
    result $? "$3"
}

stream='"stream": {"regimes": [{"name": "a", "parameters": {}},
    {"name": "b", "parameters": {"frequency": 2.5}}], "sequence": ["a", "b", "a"], "rows": 300,
    "series": 2, "online": {"every": 4, "steps": 12, "learning_rates": [0.001, 0.01]}}'
config() { # NAME EVALUATE
    printf '{"name": "%s", "dataset": {"generator": "damped_oscillator", "series": 10, "rows": 60},
        "task": {"window": 16, "stride": 8, "horizon": 2}, "baselines": ["persistence", "ar", "nlinear"],
        "models": [{"cell": "lstm", "hidden": 4}, {"cell": "ltc", "hidden": 4}],
        "train": {"epochs": 2, "batch": 64}, "seeds": [0, 1],
        "evaluate": {"noise": null, %s}}' "$1" "$2" >"$1.json"
}
streams() { # FOLDER
    for record in "$1"/trials/*.json; do
        json "$record" 'JSON::PP->new->canonical->encode([$j->{hash}, $j->{stream}]) . "\n"'
    done
}

config s "$stream"
lb run s.json -q -o one -j 1
exits 0 "a stream is run"
lb run s.json -q -o two -j 2 --set train.threads=3
[ -n "$(streams one)" ] && [ "$(streams one)" = "$(streams two)" ]
result $? "the same bits for any number of processes and threads"
is "$(json one/trials/*lstm-s0* 'join ",", map {"$_->{regime} $_->{row}"} @{$j->{stream}{visits}}')" \
    "a 0,b 100,a 200" "the record names the visits and where they begin"
is "$(json one/trials/*ltc-s1* 'my $o = $j->{stream}{online};
    join " ", $o->{updates}, (grep {$_ == $o->{learning_rate}} 0.001, 0.01) ? "yes" : "no",
        abs($o->{gain} - (1 - $o->{error} / $j->{stream}{frozen}{error})) < 1e-12 ? "yes" : "no",
        scalar @{$o->{changes}}, $o->{changes}[0]{row}, $j->{stream}{scored}')" \
    "146 yes yes 2 100 562" "updates, the rate that was chosen, the gain, and the changes"
is "$(json one/trials/*persistence* 'my $s = $j->{stream};
    $s->{online}{updates} . ($s->{online}{error} == $s->{frozen}{error} ? " same" : "")')" \
    "0 same" "persistence has nothing to learn"
for name in ar nlinear; do
    is "$(json one/trials/*"-$name-"* 'my $o = $j->{stream}{online};
        join " ", $o->{updates}, defined $o->{learning_rate} ? "rate" : "no rate",
            $o->{forgetting_factor} =~ /^(1|0\.9\d*)$/ ? "factor" : "no factor",
            $o->{error} < $j->{stream}{frozen}{error} ? "better" : "worse"')" \
        "150 no rate factor better" "$name learns by least squares"
done
lb report one -o report
is "$(awk '/^Adaptation: a stream/ {on = 1} /^Adaptation: after/ {on = 0}
    on && /^(persistence|ar|nlinear) / {print $1, $NF == "–" ? "none" : "factor"}' out |
    tr '\n' ' ')" "persistence none ar factor nlinear factor " "tables say which baselines learn"
grep -q 'persistence has nothing to learn' report/index.html
result $? "and the note says which do not"

config frozen "$stream"
lb run frozen.json -q -o frozen --set 'evaluate.stream.online.learning_rates=[0]'
is "$(json frozen/trials/*ltc-s1* 'my ($f, $o) = @{$j->{stream}}{qw(frozen online)};
    delete @$o{qw(gain learning_rate forgetting_factor updates)};
    my $c = JSON::PP->new->canonical; $c->encode($f) eq $c->encode($o) ? "same" : "differs"')" \
    "same" "without a rate online is frozen"

lb run s.json -q -o gradual --set evaluate.stream.gradual=40
exits 0 "a gradual change of parameters is run"
is "$(json gradual/trials/*ltc-s1* '$j->{stream}{scored}')" 566 \
    "only forecasts that reach over a sudden change are not scored"
lb run s.json -q -o spliced --set evaluate.stream.regimes[1].parameters='{"step": 0.3}'
exits 0 "a change of what cannot change on the way is spliced"

printf '{"dataset": {"generator": "adding", "series": 40, "rows": 8},
    "task": {"type": "regression", "at": "last", "window": 0}, "baselines": [],
    "models": [{"cell": "gru", "hidden": 4}], "train": {"epochs": 2}, "seeds": [0],
    "evaluate": {"metrics": ["mse"], "noise": null, "stream": {"rows": 480, "gradual": 80,
    "regimes": [{"name": "a", "parameters": {}}, {"name": "b", "parameters": {"halves": 0}}]}}}' \
    >sums.json
lb run sums.json -q -o sums
is "$(json sums/trials/*gru* '"$j->{stream}{scored} $j->{stream}{warm_up}"')" "240 0" \
    "a stream of whole series is scored where each ends"

wave 900 >wave.csv
small_config real '"evaluate": {"noise": null, "stream": {"regimes": [
    {"name": "then", "rows": [0.85, 0.92]}, {"name": "now", "rows": [0.92, 1]}], "smooth": 10}}'
lb run real.json -q -o real
is "$(json real/trials/*cfc-s1* 'join " ", $j->{stream}{rows}, $j->{stream}{visits}[1]{row}')" \
    "126 63" "rows of real data are regimes"
wave 200 >other.csv
small_config files '"evaluate": {"noise": null, "stream": {"sequence": ["x", "y", "x"], "regimes": [
    {"name": "x", "files": "wave.csv"}, {"name": "y", "files": "other.csv"}]}}'
lb run files.json -q -o files
is "$(json files/trials/*cfc-s1* 'join " ", $j->{stream}{rows}, $j->{stream}{visits}[2]{row}')" \
    "600 400" "and so are files; as many rows as the shortest has"

no() { # PATTERN NAME CONFIG SETTING...
    pattern=$1 name=$2 config=$3.json
    shift 3
    for setting in "$@"; do
        set -- "$@" --set "$setting"
        shift
    done
    refused "$pattern" "$name" run "$config" -o no "$@"
}
no 'evaluate\.stream: changes: 300 is not inside the stream: .* row 100 and .* at 300' \
    "a change outside the stream" s 'evaluate.stream.changes=[100, 300]'
no 'changes: 90 is not inside .* after row 100' "changes in disorder" s \
    'evaluate.stream.changes=[100, 90]'
no 'changes: 1 of them, but 3 visits have 2' "too few changes" s 'evaluate.stream.changes=[100]'
no 'regimes\[1\]\.name: is empty' "a regime without a name" s 'evaluate.stream.regimes[1].name=""'
no 'forgetting" needs a regime that comes back' "a claim about a return that never is" s \
    'evaluate.stream.sequence=["a", "b"]' 'hypotheses=[{"name": "h", "expect": "lower", "by": 0.1,
    "measure": "stream.online.forgetting", "models": ["ltc"], "against": ["lstm"]}]'
no 'sequence: there is no regime "c"' "an unknown regime" s 'evaluate.stream.sequence=["a", "c"]'
no '"a" follows itself' "no change" s 'evaluate.stream.sequence=["a", "a"]'
no 'stream: needs "regimes"' "a stream without regimes" s 'evaluate.stream.regimes=[]'
no 'one alone does not change' "one regime" s \
    'evaluate.stream={"regimes": [{"name": "a", "parameters": {}}]}'
no 'online\.delay: of the last 12 rows none .* after 13' "a truth that is due too late" s \
    evaluate.stream.online.delay=12
no 'visit 1 has 34 rows after the warm-up, too few' "a visit without a level" s \
    'evaluate.stream.changes=[50, 200]'
no 'unknown parameter of damped_oscillator; did you mean "frequency"' "an unknown parameter" s \
    'evaluate.stream.regimes[1].parameters={"frequenzy": 2}'
no 'regimes\[1\]: generated data has regimes of "parameters"' "rows of generated data" s \
    'evaluate.stream.regimes[1]={"name": "b", "rows": [0.9, 1]}'
no 'only generated data has "parameters"' "parameters of real data" real \
    'evaluate.stream.regimes[1]={"name": "b", "parameters": {}}'
no 'rows: begins at 0\.5, but training and validation reach to' "rows of the training" real \
    'evaluate.stream.regimes[0].rows=[0.5, 0.9]'
no 'rows: regime 1 has 63 rows for stream 1' "more rows than there are" real \
    evaluate.stream.rows=400
no 'online\.steps: an update looks back at 400 rows, but the stream has 300' \
    "updates that look back further than the stream" s evaluate.stream.online.steps=400
no 'online\.forgetting_factors: give at least one' "no forgetting factor" s \
    'evaluate.stream.online.forgetting_factors=[]'
no 'online\.forgetting_factors: 0 forgets everything' "a factor of 0" s \
    'evaluate.stream.online.forgetting_factors=[0, 0.9]'
no 'forgetting_factors: element 0: is 1\.5 but must be at most 1' "a factor above 1" s \
    'evaluate.stream.online.forgetting_factors=[1.5]'
no 'learning_rates' "no rate" s 'evaluate.stream.online.learning_rates=[]'

ladder='"metrics": ["mse"], "ladder": {"values": [4, 8], "solved": 100}, "gradient_lags": 6'
printf '{"dataset": {"generator": "adding", "series": 40, "rows": 8, "scale": "none"},
    "task": {"type": "regression", "at": "last", "window": 0},
    "models": [{"cell": "gru", "hidden": 4}], "train": {"epochs": 2}, "seeds": [0],
    "evaluate": {"noise": null, %s}}' "$ladder" >l.json
lb run l.json -q -o l
exits 0 "a ladder is run"
is "$(json l/trials/*gru* 'my $l = $j->{ladder};
    join " ", $l->{longest}, $l->{state_bytes}, $l->{longest_per_kib},
        $l->{rungs}[1]{score} == $j->{metrics}{test}{mse} ? "same" : "differs",
        $l->{rungs}[0]{score} == $l->{rungs}[1]{score} ? "same" : "differs"')" \
    "8 16 512 same differs" "a rung is a training of its own on its own length"
is "$(json l/trials/*gru* 'my $g = $j->{gradient_lag};
    join " ", scalar @{$g->{norm}}, scalar @{$g->{fresh}{norm}},
        (grep {$_ == 1} @{$g->{norm}}) ? 1 : 0, $g->{growth} >= 1 ? 1 : 0')" \
    "6 6 1 1" "gradients by lag of the trained and the fresh network"
lb run l.json -q -o hard --set evaluate.ladder.solved=0
is "$(json hard/trials/*gru* '$j->{ladder}{longest}')" "0" "no rung may be solved"

no 'ladder: needs "solved"' "no score to reach" l evaluate.ladder.solved=null
no 'ladder: needs "values"' "no rungs" l evaluate.ladder.values=null
no 'values: 4 comes after 8' "rungs in disorder" l 'evaluate.ladder.values=[8, 4]'
no 'adding has no parameter "row"; did you mean "rows"' "an unknown length" l \
    evaluate.ladder.vary=row
no 'set task\.window to 0' "windows that do not grow" l task.window=4
no 'only generated data can be made at every length' "a ladder of real data" real \
    'evaluate={"ladder": {"values": [4, 8], "solved": 1}}'
no '9 lags do not fit into the longest test window, which has 8' "too many lags" l \
    evaluate.gradient_lags=9
no 'a ladder keeps the networks. size' "rungs with other outputs" l \
    'dataset={"generator": "delay_recall", "series": 40, "rows": 40}' task.at=every \
    evaluate.ladder.vary=lags

printf '{"dataset": {"generator": "delay_recall", "series": 20, "rows": 60},
    "task": {"type": "regression", "window": 0}, "models": [{"cell": "gru", "hidden": 4}],
    "train": {"epochs": 1}, "seeds": [0], "evaluate": {"noise": null,
    "metrics": ["memory_capacity", "mse"]}}' >delay.json
lb run delay.json -q -o delay
is "$(json delay/trials/*-ar-* 'sprintf "%.6f", $j->{metrics}{test}{memory_capacity}')" "16.000000" \
    "a linear model that sees 16 rows back has a capacity of 16"
no 'task\.window: 16 rows do not hold a delay of 16' "a delay longer than the window" delay \
    task.window=16
no 'lags is 65 but must be at most 64' "too long a delay" delay dataset.parameters.lags=65

finish
