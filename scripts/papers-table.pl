#!/usr/bin/env perl
# Writes the tables at the top of docs/papers.md: every published cell of configs/papers with its outcome, the experiments of
# configs/papers/explained, and what the runs took. Outcomes and means are those of `liquidbench report results/reference/NAME`; the notes in the configs'
# "published" say why: that of a score, and where it was not run that of the table.
#
#   scripts/papers-table.pl            (with --check: only say whether the page is up to date)
use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use JSON::PP;
use List::Util qw(sum);

require "$FindBin::Bin/page.pl";

my $program = $ENV{LIQUIDBENCH} || './liquidbench';
my $page = 'docs/papers.md';
my ( $begin, $end ) = ( '<!-- scripts/papers-table.pl -->', '<!-- end -->' );

sub read_json { return decode_json( read_text( $_[0] ) ) }

# The report's view of the records, or undef where there are none.
sub report_of {
    my ($folder) = @_;
    return undef if !-d "$folder/trials";
    my $to = tempdir( CLEANUP => 1 );
    system("$program report '$folder' -o '$to/report' -q >$to/words") == 0
      or die "$program report $folder: failed\n";
    return read_json("$to/report/report.json");
}

# Seconds on a processor of all trials; where a record says no more, by the clock on the wall.
sub seconds_of {
    my ($folder) = @_;
    my $seconds = 0;
    for ( glob "$folder/trials/*.json" ) {
        my $cost = read_json($_)->{cost} || {};
        $seconds += $cost->{train_cpu_seconds} // $cost->{train_seconds} // 0;
    }
    return $seconds;
}

sub number {
    my ( $value, $digits ) = @_;
    my $text = sprintf "%.${digits}f", $value;
    return $text;
}

# As many digits as the first two of the deviation need, or four of the mean.
sub mean_text {
    my ( $mean, $deviation ) = @_;
    my $scale = $deviation && $deviation > 0 ? $deviation / 10 : abs($mean) / 1000;
    my $digits = 0;
    $digits++ while $digits < 6 && $scale > 0 && 10**-$digits > $scale * 1.0000001;
    my $text = number( $mean, $digits );
    return $deviation && $deviation > 0 ? "$text ± " . number( $deviation, $digits ) : $text;
}

sub duration {
    my ($seconds) = @_;
    return sprintf '%.1f h', $seconds / 3600 if $seconds >= 5400;
    return sprintf '%.0f min', $seconds / 60 if $seconds >= 90;
    return sprintf '%.0f s', $seconds;
}

# A line of the table of runs.
sub run_line {
    my ( $path, $folder ) = @_;
    my @trials = glob "$folder/trials/*.json";
    my %commits = map { ( read_json($_)->{provenance}{commit} // 'unknown' ) => 1 } @trials;
    return join ' | ', "`liquidbench run $path`", scalar @trials, duration( seconds_of($folder) ),
      join ', ', sort keys %commits;
}

sub published_text { return mean_text( @{ $_[0] }{qw(mean std)} ) }

sub ours_text {
    my ($score) = @_;
    return $score->{seeds} ? mean_text( $score->{ours}, $score->{seeds} > 1 ? $score->{deviation} : 0 ) : '';
}

my ( @rows, @runs, %count, %trained );    # trained: of networks alone
for my $path ( sort glob 'configs/papers/*.json' ) {
    my $config = read_json($path);
    my $published = $config->{published} or next;
    my $folder = "results/reference/$config->{name}";
    my $report = report_of($folder);
    my ($dataset) = $report ? @{ $report->{datasets} } : ();
    my %is_baseline = map { $_->{name} => $_->{baseline} } @{ $dataset->{models} || [] };
    my %ours = map { $_->{model} . ( $_->{measure} || '' ) => $_ } @{ ( $dataset->{published} || {} )->{scores} || [] };
    for my $score ( @{ $published->{scores} } ) {
        my $row = $ours{ $score->{model} . ( $score->{measure} || '' ) } || { outcome => 'not run', seeds => 0 };
        $count{ $row->{outcome} }++;
        $trained{ $row->{outcome} }++ if !$is_baseline{ $score->{model} };
        push @rows,
          join ' | ', $config->{name}, $score->{model}, $score->{measure} || $published->{metric},
          published_text($score), ours_text($row), $row->{seeds} || '', $row->{outcome},
          ( $row->{outcome} eq 'not run' ? $published->{note} : $score->{note} ) // '';
    }
    push @runs, run_line( $path, $folder ) if $report;
}

# The same published scores under other conditions: what the experiment's "published" notes.
my @experiments;
for my $path ( sort glob 'configs/papers/explained/*.json' ) {
    my $config = read_json($path);
    my $folder = "results/reference/$config->{name}";
    my $report = report_of($folder) or next;
    my $published = $report->{datasets}[0]{published} or next;
    for my $score ( grep { $_->{seeds} } @{ $published->{scores} } ) {
        push @experiments, join ' | ', $config->{name}, $config->{published}{note} // '', $score->{model},
          published_text($score), ours_text($score), $score->{seeds}, $score->{outcome};
    }
    push @runs, run_line( $path, $folder );
}

# "3 of 5 ... were run: 2 reproduced, 1 no score, 2 not run."
sub tally {
    my ( $count, $what ) = @_;
    my @order = ( 'reproduced', 'better than published', 'not reproduced', 'no score', 'not run' );
    my $total = sum map { $_ || 0 } @$count{@order};
    my $run = $total - ( $count->{'not run'} || 0 );
    return "$run of $total $what were run: " . join( ', ', map {"$count->{$_} $_"} grep { $count->{$_} } @order ) . '.';
}

my ( $all, $networks ) = ( tally( \%count, 'published scores' ), tally( \%trained, 'scores' ) );
my $tables = <<"END";
$begin
**$all**
Of networks alone, without the linear and naive models, $networks

| table | model | metric | published | ours | seeds | outcome | why |
| --- | --- | --- | --- | --- | --- | --- | --- |
@{[ join "\n", map {"| $_ |"} @rows ]}

The same scores under other conditions, which explain some of the outcomes above:

| experiment | what differs | model | published | ours | seeds | outcome |
| --- | --- | --- | --- | --- | --- | --- |
@{[ join "\n", map {"| $_ |"} @experiments ]}

What the runs took, training on one processor, all trials together, and the versions of the program:

| command | trials | time | commit |
| --- | --- | --- | --- |
@{[ join "\n", map {"| $_ |"} @runs ]}
$end
END

update_page( $page, $begin, $end, $tables );
