#!/bin/sh
# What `init --csv` makes of ten files of the kinds that people bring: which column is the time, which
# tells series apart, and that nothing becomes an input that is no signal. tests/long/first_contact.t
# runs the configs, too.
# shellcheck disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh

"$root/tests/first-contact/make-files.sh" .

# takes FILE EXPRESSION WANTED WHAT: the config for the file, seen through a Perl expression.
takes() {
    lb init "$1" --csv "$1.csv" --budget 2s --force
    found=$(json "$1.json" "$2")
    [ $code -eq 0 ] && [ "$found" = "$3" ]
    result $? "$1: $4"
}
{
    data='my $d = $j->{dataset}; my $list = sub { ref $_[0] ? join(" ", @{$_[0]}) : $_[0] // "-" };'
    all="$data"' join(", ", map { $list->($_) } @$d{qw(time group inputs targets)})'
    order="$data"' "$d->{time} " . ($d->{order} // "-")'
    classes="$data"' join(", ", $j->{task}{type}, map { $list->($_) } @$d{qw(inputs targets)})'
    missing="$data"' ($d->{missing} // "-") . ", $j->{task}{type}"'
    count="$data"' scalar @{$d->{inputs}}'
}
takes counter "$all" "-, -, flow pressure, -" "a counter is no input"
takes sensors "$missing" "mask, classification" "gaps are masked, and the label is the class"
takes panel "$all" "hour, unit, load, -" "each unit is a series"
takes interleaved "$all" "hour, store, sales, -" "mixed rows of several series are told apart"
takes german "$all" "Zeit, -, Temperatur Druck, -" "decimal commas are read"
takes long "$all" "t, -, x y, -" "many rows fit the budget"
takes classes "$classes" "classification, a b, class" "a column of text called class is the target"
takes newest_first "$order" "date sort" "rows with the newest first get sorted"
takes constant "$all" "-, -, level, -" "what never changes is no input"
takes wide "$count" "60" "sixty signals stay"

ln -s "$root/configs" configs # a program in build/ does not lie beside its configs
lb init counter --csv counter.csv --budget 2s --force
schema=$(json counter.json 'my $uri = $j->{"\$schema"}; $uri =~ s{^file://}{}; $uri =~ s{%(..)}{chr hex $1}ger')
[ -f "$schema" ]
result $? "\$schema points to a file that is there"
out 'left out +packet \(only counts\)' "what is left out is named, with the reason"
lb run counter.json -q --set 'train.epochs=1' --set 'seeds=[0]'
exits 0 "the config runs"
# Flags, and five days a week
awk 'BEGIN { srand(1); print "date,price,holiday"; for (i = 0; i < 560; i++) if (i % 7 < 5)
    printf "%s,%.2f,%s\n", strftime("%Y-%m-%d", 86400 * (4 + i), 1), 100 + 9 * sin(i) + rand(), i % 30 ? "no" : "yes" }' >shop.csv
lb init shop --csv shop.csv --budget 20s
[ "$(json shop.json '"$j->{dataset}{targets} $j->{dataset}{period} @{$j->{dataset}{inputs}}"')" = "price 5 price holiday" ]
result $? "a flag is an input, but not forecast; a week without weekends has five rows"
# Files without a signal: what is wrong, and where
awk 'BEGIN { print "t,a"; for (i = 0; i < 99; i++) print i "," (i == 50 ? "bad" : sin(i)) }' >bad.csv
refused 'bad\.csv:52: column 2 \(a\): "bad" is not a number' "a text among numbers" init bad --csv bad.csv
awk 'BEGIN { print "t,a"; for (i = 0; i < 99; i++) print i ",7" }' >still.csv
refused 'no column is a signal .*left out: a \(constant\)' "columns that are no signal" init still --csv still.csv
refused 'column "t" of still.csv is the time' "the time as target" init still --csv still.csv --target t
mkfifo pipe.fifo
refused 'cannot be read again' "a pipe" init pipe --csv pipe.fifo
printf 'a,b\n1,2\n' >one.csv
refused 'a series of 1 row is too short' "one row" init one --csv one.csv
awk 'BEGIN { print "t,a,b"; for (i = 0; i < 99; i++) print i "," (i == 50 ? "bad" : sin(i)) "," cos(i) }' >half.csv
lb init half --csv half.csv --budget 2s
out 'left out +a \(numbers, but "bad" in line 52\)' "a column of numbers that is left out for a text says so"
lb init classes --csv classes.csv --target 4 --budget 2s --force
[ "$(json classes.json '"$j->{dataset}{targets} $j->{task}{type}"')" = "class classification" ] && ! grep -q 'left out' out
result $? "a target may be asked for by its number"
# Classes that are numbers, and columns of 0 and 1
awk 'BEGIN { print "a,b,label"; for (i = 0; i < 300; i++) print sin(i) "," cos(i) "," int(i / 10) % 3 }' >numbered.csv
takes numbered "$classes" "classification, a b, label" "a column of few whole numbers called label is the target"
sed 's/,0$/,no/; s/,[12]$/,yes/' numbered.csv >yes.csv
takes yes "$classes" "classification, a b, label" "and one of yes and no"
sed 's/label/open/; s/,2$/,1/' numbered.csv >flag.csv
lb init flag --csv flag.csv --target open --budget 2s
[ "$(json flag.json "$classes")" = "classification, a b, open" ]
result $? "--target of 0 and 1 is a class"
lb init sum --csv numbered.csv --target b --budget 2s
out '^  inputs +a, b, label$' "the inputs that are said are those of the config"
[ "$(json sum.json "$classes")" = "forecast, a b label, b" ]
result $? "and a forecast keeps its target as an input"
# How a file is read, where it does not say
awk 'BEGIN { print "a;b"; for (i = 0; i < 150; i++) printf "%d.%03d;%d\n", i % 9 + 1, (i * 77) % 1000, i % 7 }' >point.csv
refused 'set dataset.decimal' "a point that may be two things" init point --csv point.csv
lb init point --csv point.csv --set decimal=. --budget 2s
[ $code -eq 0 ] && [ "$(json point.json '$j->{dataset}{decimal}')" = . ]
result $? "--set says which, and the config has it"
rm -f point.json
lb run point.csv --set dataset.decimal=. --set models[0].hidden=2 --dry-run
exits 0 "so does run with a data file"
refused '--set goes with --csv' "--set without a file" init other --set decimal=.

finish
