#!/bin/sh
# `init --csv` and `run`, unedited, on ten files of the kinds that people bring: they end with exit code 0
# within the time that init announces, plus half of it and five seconds, and a network is as good as repeating the
# last value or season, or the report names the baseline that is. Takes some four minutes on an otherwise idle
# machine; on another one only the times fail.
# shellcheck disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh

# The best network, the best baseline and the best that repeats, as "lower is better", and whether the headline
# names the baseline where it is the best.
{
    scores='my $d = $j->{datasets}[0]; my $metric = $d->{metrics}[0]; my (%best, %name);
        for my $model (@{$d->{models}}) {
            my ($test) = grep { $_->{name} eq "test" } @{$model->{scores}};
            my $score = $test->{metrics}{$metric->{name}}{mean} * ($metric->{higher_is_better} ? -1 : 1);
            for my $kind ($model->{baseline} ? "baseline" : "network",
                          $model->{name} =~ /^(persistence|seasonal|majority)$/ ? "repeat" : ()) {
                ($best{$kind}, $name{$kind}) = ($score, $model->{name})
                    if !defined $best{$kind} || $score < $best{$kind};
            }
        }'
    learns="$scores"' $best{network} <= $best{repeat} ? "yes" : "no: @best{qw(network repeat)}"'
    tells="$scores"' $best{network} <= $best{baseline}
        || $d->{headline} =~ /No network beats the trivial baseline \Q$name{baseline}\E / ? "yes" : $d->{headline}'
}
says_yes() { # FILE EXPRESSION NAME
    answer=$(json "results/$1/report/report.json" "$2")
    [ "$answer" = yes ] || echo "# $answer"
    [ "$answer" = yes ]
    result $? "$1: $3"
}

"$root/tests/first-contact/make-files.sh" .
for file in counter sensors panel interleaved german long classes newest_first constant wide; do
    lb init $file --csv $file.csv --budget 25s
    announced=$(sed -n 's/.*at most \([0-9]*\) s on this machine.*/\1/p' out)
    began=$(date +%s)
    lb run $file.json -q
    took=$(($(date +%s) - began))
    [ $code -eq 0 ] && [ -s results/$file/report/index.html ]
    result $? "$file: the config runs as it is"
    [ "$took" -le $((announced * 3 / 2 + 5)) ] || echo "# $took s, announced $announced s"
    [ "$took" -le $((announced * 3 / 2 + 5)) ]
    result $? "$file: it takes about as long as announced"
    says_yes $file "$tells" "the headline names a baseline that no network beats"
    [ $file = newest_first ] || # a random walk: there is nothing to learn
        says_yes $file "$learns" "a network is as good as what repeats a value"
done
finish
