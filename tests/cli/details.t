#!/bin/sh
# What a record tells beyond scores: errors by target and step ahead, classes, the chance in the test
# data, and predictions.
# shellcheck disable=SC2016,SC2012 # Perl in single quotes; names of trials are plain
. tests/cli/lib.sh

# Two targets of unlike size on dates, and a class that the end of the file never has.
awk 'BEGIN {
    print "time,x,y,c"
    for (i = 0; i < 240; i++)
        printf "2024-01-%02dT%02d:00:00Z,%.4f,%.3f,%s\n", 1 + int(i / 24), i % 24, sin(i / 5),
            100 * cos(i / 7), (i < 100 && i % 5 == 0) ? "rare" : (sin(i / 5) > 0) ? "up" : "down"
}' >data.csv
cat >forecast.json <<'EOF2'
{"name": "forecast", "dataset": {"csv": ["data.csv"], "time": "time", "inputs": ["x", "y"]},
 "task": {"type": "forecast", "window": 10, "stride": 5, "horizon": 3},
 "models": [{"cell": "lstm", "hidden": 4}, {"cell": "gru", "hidden": 4}],
 "train": {"epochs": 3, "learning_rate": 0.01},
 "evaluate": {"metrics": ["mse", "mae"], "noise": null, "predictions": true}, "seeds": [0, 1, 2]}
EOF2
cat >classes.json <<'EOF2'
{"name": "classes", "dataset": {"csv": ["data.csv"], "time": "time", "inputs": ["x", "y"], "targets": ["c"]},
 "task": {"type": "classification", "window": 10},
 "models": [{"cell": "lstm", "hidden": 4}, {"cell": "gru", "hidden": 4}],
 "train": {"epochs": 3, "learning_rate": 0.01},
 "evaluate": {"metrics": ["accuracy"], "noise": null, "predictions": true}, "seeds": [0, 1]}
EOF2

# Errors
lb run forecast.json -o forecast -q
exits 0 "a forecast of two targets runs"
record=$(ls forecast/trials/*lstm-s0*.json)
near='sub { abs($_[0] - $_[1]) < 1e-9 * abs($_[1]) ? 1 : 0 }'
mean='sub { my $s = 0; $s += $_->{metrics}{mse} for @_; $s / @_ }'
[ "$(json "$record" 'join " ", map { $_->{target} } @{$j->{errors}{targets}}')" = "x y" ] &&
    [ "$(json "$record" 'join " ", map { $_->{step} } @{$j->{errors}{horizon}}')" = "1 2 3" ]
result $? "a record has errors of every target and every step ahead"
[ "$(json "$record" "($near)->(($mean)->(@{\$j->{errors}{targets}}), \$j->{metrics}{test}{mse})")" = 1 ] &&
    [ "$(json "$record" "($near)->(($mean)->(@{\$j->{errors}{horizon}}), \$j->{metrics}{test}{mse})")" = 1 ]
result $? "they average to the score"
grep -q '^### Scores by target' forecast/report/report.md &&
    grep -q '^### Scores by step ahead' forecast/report/report.md &&
    grep -rq 'Scores by step ahead' forecast/report/tables &&
    [ "$(json forecast/report/report.json 'scalar @{$j->{datasets}[0]{models}[0]{errors}{horizon}}')" = 3 ]
result $? "reports show both"
[ "$(grep -c '^forecast,data,lstm,0,' forecast/report/errors.csv)" -eq 10 ]
result $? "errors.csv has a row for each part and metric"

# The chance in the test data
[ "$(json "$record" '$j->{sampling}{metric} . " " . $j->{sampling}{blocks}')" = "mse time" ] &&
    [ "$(json "$record" '@{$j->{sampling}{influence}} >= 20 ? 1 : 0')" = 1 ]
result $? "a record tells how far each stretch of the test moved the score"
head -1 forecast/report/comparisons.csv | grep -q 'difference,low95,high95,seeds_p,data_p' &&
    grep -q '^### How far the others are from the best network' forecast/report/report.md
result $? "reports compare over seeds and test data"

# Predictions
table=$(ls forecast/predictions/*lstm-s0*.csv)
[ "$(ls forecast/trials | wc -l)" -ge 6 ] &&
    [ "$(ls forecast/predictions | wc -l)" -eq "$(ls forecast/trials | wc -l)" ]
result $? "each trial writes its predictions"
[ "$(head -1 "$table")" = "series,time,step,target,truth,prediction" ] &&
    grep -Eq '^data.csv,2024-01-[0-9]{2}T[0-9]{2}:00:00Z,1,x,-?[0-9.]+,-?[0-9.e-]+$' "$table"
result $? "they have dates, truths and predictions"
awk -F, -v mse="$(json "$record" '$j->{metrics}{test}{mse}')" '
    NR > 1 { sum += ($5 - $6) ^ 2; count++ }
    END { exit !(count > 0 && (sum / count - mse) ^ 2 < 1e-8 * mse ^ 2) }' "$table"
result $? "their mean squared error is the score"
awk -F, 'NR > 1 && $3 == 2 && $4 == "x" { print $2, $5 }' "$table" | sort -u >due
[ -s due ] && awk -F, 'NR > 1 { t[$1] = $2 } END { while ((getline line <"due") > 0) {
    split(line, part, " "); if ((t[part[1]] - part[2]) ^ 2 > 1e-8) exit 1 } }' data.csv
result $? "a step ahead has the time and the value of its own row"

[ "$(head -1 forecast/report/predictions.csv | cut -d, -f1-8)" = \
    "dataset,series,time,step,target,truth,lstm-s0,lstm-s1" ] &&
    [ "$(wc -l <forecast/report/predictions.csv)" -eq "$(wc -l <"$table")" ] &&
    [ "$(sed 1d forecast/report/predictions.csv | cut -d, -f2-7)" = "$(sed 1d "$table")" ]
result $? "the report puts the predictions of all models and seeds side by side"
rm -rf blocked && mkdir blocked && : >blocked/predictions
lb run forecast.json -o blocked -q
exits 2 "predictions that cannot be written are an error"
err 'blocked/predictions' "which names the place"
(ulimit -f 20 && exec "$program" run forecast.json -o full -q) >out 2>err
code=$?
exits 2 "predictions on a disk that is full are an error"
err 'full/predictions/' "which names the file"
[ -z "$(ls full/predictions)" ] && [ -z "$(ls full/trials)" ]
result $? "nothing half-written is left, and no record that claims it"
lb run forecast.json -o forecast -q --set evaluate.predictions=false
exits 0 "without predictions a run goes on"
[ "$(ls forecast/trials | wc -l)" -eq $((2 * $(ls forecast/predictions | wc -l))) ]
result $? "and trials that were asked for without them are others"

# Classes
lb run classes.json -o classes -q
exits 0 "a classification runs"
record=$(ls classes/trials/*lstm-s0*.json)
[ "$(json "$record" 'join " ", map { $_->{class} } @{$j->{confusion}{classes}}')" = "down rare up" ]
result $? "a record names the classes"
[ "$(json "$record" 'my ($hits, $all) = (0, 0); for my $t (0 .. 2) { for my $p (0 .. 2) {
    my $n = $j->{confusion}{counts}[$t][$p]; $all += $n; $hits += $n if $t == $p } }
    abs($hits / $all - $j->{metrics}{test}{accuracy}) < 1e-9 ? 1 : 0')" = 1 ]
result $? "the diagonal of its confusion matrix is the accuracy"
[ "$(json "$record" 'my $c = $j->{confusion}{classes}[1];
    ($c->{support} == 0 && !defined $c->{recall}) ? 1 : 0')" = 1 ]
result $? "a class that the test never has has no recall"
[ "$(json "$record" 'my $bad = 0; for my $c (@{$j->{confusion}{classes}}) { next unless defined $c->{recall};
    $bad++ if abs($c->{recall} - $c->{correct} / $c->{support}) > 1e-9 } $bad')" = 0 ]
result $? "recall is the share of a class that was found"
for file in report.md tables index.html; do
    grep -rq 'Confusion matrix of the best network' "classes/report/$file" &&
        grep -rq 'F1 of each class' "classes/report/$file"
    result $? "$file shows classes and confusions"
done
[ "$(json classes/report/report.json '$j->{datasets}[0]{models}[0]{classes}[2]{class}')" = up ]
result $? "report.json has the classes"
head -1 classes/report/classes.csv | grep -q 'class,support,predicted,correct,precision,recall,f1' &&
    [ "$(grep -c '^classes,data,lstm,0,' classes/report/classes.csv)" -eq 3 ]
result $? "classes.csv has a row for each class"
table=$(ls classes/predictions/*lstm-s0*.csv)
head -1 "$table" | grep -qF 'series,time,truth,prediction,p(down),p(rare),p(up)' &&
    awk -F, 'NR > 1 && ($5 + $6 + $7 - 1) ^ 2 > 1e-8 { exit 1 }' "$table"
result $? "predictions of classes come with probabilities"

# One class alone
sed 's/,rare$/,up/; s/,down$/,up/' data.csv >one.csv
lb run classes.json -o one -q --set 'dataset.csv=["one.csv"]'
if [ "$code" -eq 0 ]; then
    [ "$(json "$(ls one/trials/*lstm-s0*.json)" '$j->{confusion}{classes}[0]{recall}')" = 1 ]
    result $? "a single class is always found"
else
    err 'class' "a single class is refused in words"
fi

finish
