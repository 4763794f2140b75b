#!/usr/bin/env perl
# Stacks the windows of a CSV file along the wrong axis, as the first release of the LTC authors does with traffic and
# ozone: row i of every window, one window after the other, makes series i. docs/papers.md says what for.
#
#   scripts/stack-windows.pl WINDOW STRIDE IN.csv FOLDER
#
# A tenth of the windows validates and 15 % test, drawn at random; the others, in random order, train. FOLDER gets a file
# for each series, train00.csv to testNN.csv. IN.csv has no quotation marks; where its first field is no number, the first
# line names the columns.
use strict;
use warnings;
use List::Util qw(shuffle);

my ( $window, $stride, $from, $to ) = @ARGV;
die "usage: stack-windows.pl WINDOW STRIDE IN.csv FOLDER\n" unless defined $to && $window > 0 && $stride > 0;
srand 23489;

open my $in, '<', $from or die "$from: $!\n";
chomp( my @rows = <$in> );
s/\r$// for @rows;
my ($quoted) = grep { $rows[$_] =~ /"/ } 0 .. $#rows;
die "$from:", $quoted + 1, ": has a quotation mark; this script does not read those\n" if defined $quoted;
my $names = @rows && $rows[0] !~ /^[\d.+-]/ ? shift(@rows) . "\n" : '';
my @starts = shuffle map { $_ * $stride } 0 .. int( ( @rows - $window ) / $stride );
die "$from: no window of $window rows\n" if @rows < $window;

my ( $valid, $test ) = ( int( 0.1 * @starts ), int( 0.15 * @starts ) );
my %split = (
    valid => [ splice @starts, 0, $valid ],
    test => [ splice @starts, 0, $test ],
    train => \@starts,
);
mkdir $to;
for my $name ( sort keys %split ) {
    for my $i ( 0 .. $window - 1 ) {
        my $path = sprintf '%s/%s%02d.csv', $to, $name, $i;
        open my $out, '>', $path or die "$path: $!\n";
        print $out $names, map {"$rows[ $_ + $i ]\n"} @{ $split{$name} };
        close $out or die "$path: $!\n";
    }
}
