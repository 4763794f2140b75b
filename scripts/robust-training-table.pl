#!/usr/bin/env perl
# Writes the table in docs/robustness.md of what each training buys each cell, from the records of
# configs/robust_training.json and the verdicts of `liquidbench report`.
#
#   scripts/robust-training-table.pl            (with --check: only say whether the page is up to date)
use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use JSON::PP;

require "$FindBin::Bin/page.pl";

my $program = $ENV{LIQUIDBENCH} || './liquidbench';
my ( $page, $folder ) = ( 'docs/robustness.md', 'results/reference/robust-training' );
my ( $begin, $end ) = ( '<!-- scripts/robust-training-table.pl -->', '<!-- end -->' );
my @cells = ( [ lstm => 'LSTM' ], [ gru => 'GRU' ], [ lem => 'LEM' ], [ cfc => 'CfC' ], [ ltc => 'LTC' ], [ ncp => 'NCP' ], [ lrc => 'LRC' ] );
my @trainings = (
    [ faults    => 'mixture of faults that are not scored, 0.75' ],
    [ adversary => 'adversary, ε 0.2, 3 steps' ],
    [ weights   => 'weight noise 0.02' ],
    [ ensemble  => 'ensemble of 5' ],
);

# Sums over a model's seeds, which all models have alike.
my %sums;
for my $path ( glob "$folder/trials/*.json" ) {
    my $record = decode_json( read_text($path) );
    my ( $faults, $sum ) = ( $record->{faults}, $sums{ $record->{model}{name} } ||= {} );
    $sum->{clean}   += $faults->{clean};
    $sum->{error}   += $faults->{error};
    $sum->{worst}   += $faults->{worst}{error};
    $sum->{seconds} += $record->{cost}{train_cpu_seconds} || 0;
}

my $report = tempdir( CLEANUP => 1 );
system("$program report '$folder' -o '$report' -q >'$report/words'") == 0 or die "$program report $folder: failed\n";
my ( %verdict, @names );
for ( split /\n/, read_text("$report/hypotheses.csv") ) {
    my @fields = split /,/;
    @names = @fields if !@names;
    my %row;
    @row{@names} = @fields;
    my $verdict = $row{verdict} or next; # of one data set alone there is none
    $verdict{ $row{hypothesis} } = $verdict eq 'supported' ? sprintf( 'supported (p = %.2g)', $row{holm_p} ) : $verdict;
}

my @rows;
for my $training (@trainings) {
    my $title = $training->[1];
    for my $cell (@cells) {
        my $name = "$cell->[0]-$training->[0]";
        my ( $with, $plain ) = ( $sums{$name}, $sums{ $cell->[0] } );
        my @ratios = map { $with->{$_} / $plain->{$_} } qw(clean error worst);
        push @rows, sprintf '| %s | %s | ×%.2f | ×%.2f | ×%.2f | ×%.2g | %s |', $title, $cell->[1], @ratios,
          $with->{seconds} / $plain->{seconds}, $verdict{$name};
        $title = '';
    }
}
my $table = <<"END";
$begin
| training | cell | clean | all faults | worst fault | time | verdict: worst fault 5 % lower |
| --- | --- | ---: | ---: | ---: | ---: | --- |
@{[ join "\n", @rows ]}
$end
END

update_page( $page, $begin, $end, $table );
