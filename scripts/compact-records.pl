#!/usr/bin/env perl
# Copies results folders without what verdicts do not need, so that they can be kept under version
# control: examples, samples, other models of the config, long arrays, all digits but six.
#
#   scripts/compact-records.pl results/claims results/reference/claims
#
# Curves stay where a hypothesis is about the training; elsewhere their length is all that is kept.
use strict;
use warnings;
use JSON::PP;

my $json = JSON::PP->new->canonical->allow_nonref;
my ( $from, $to ) = @ARGV;
die "usage: compact-records.pl FROM TO\n" unless defined $to && -d $from;

sub read_json {
    my ($path) = @_;
    local $/;
    open my $file, '<', $path or die "$path: $!\n";
    return $json->decode(<$file>);
}

sub write_json {
    my ( $path, $value ) = @_;
    open my $file, '>', $path or die "$path: $!\n";
    print $file $json->encode($value), "\n" or die "$path: $!\n";
    close $file or die "$path: $!\n";
}

# Six significant digits; long arrays of numbers go.
sub shorten {
    my ($value) = @_;
    if ( ref $value eq 'HASH' ) {
        return { map { $_ => shorten( $value->{$_} ) } keys %$value };
    }
    if ( ref $value eq 'ARRAY' ) {
        return [] if @$value > 16 && !ref $value->[0];
        return [ map { shorten($_) } @$value ];
    }
    return $value if !defined $value || ref $value || $value !~ /^-?\d+\.\d{5,}(?:e[-+]?\d+)?$/i;
    return 0 + sprintf '%.6g', $value;
}

sub compact_curve {
    my ( $curve, $whole ) = @_;
    return [ map { { epoch => $_->{epoch} } } @$curve ] if !$whole;
    return [
        map {
            my $epoch = $_;
            +{ map { $_ => defined $epoch->{$_} ? 0 + sprintf( '%.5g', $epoch->{$_} ) : undef }
                  qw(epoch valid gradient_median gradient_max clipped exploding) }
        } @$curve
    ];
}

# No folder of the machine that made them, and no list of more files than one can read.
sub forget_machine {
    my ($result) = @_;
    my $files = $result->{provenance}{data} || [];
    $_->{path} =~ s{.*/}{} for @$files;
    $result->{provenance}{data} = [] if @$files > 31;
    s{/\S*/}{}g for @{ $result->{dataset_notes} || [] };
    my $dataset = ( $result->{config} || {} )->{dataset};
    $dataset->{path} =~ s{.*/}{datasets/cache/} if $dataset && $dataset->{path};
}

sub compact {
    my ($record) = @_;
    my $config = $record->{config};
    my $about = join ' ', map { $_->{measure} } @{ $config->{hypotheses} || [] };
    my $name = $record->{model}{name};
    my $curve = compact_curve( $record->{curve}, $about =~ /\btraining\./ );
    my %kept = map { $_ => $config->{$_} } grep { exists $config->{$_} } qw(name reference dataset task target train published);
    $kept{models} = [ grep { $_->{name} eq $name } @{ $config->{models} } ];
    forget_machine($record);
    delete @$record{qw(curve config example sampling errors confusion predictions)};
    $record = shorten($record);
    return { %$record, example => undef, curve => $curve, config => \%kept };
}

mkdir $to;
for my $folder ( grep { -d "$_/trials" } glob "$from/*" ) {
    my ($name) = $folder =~ m{([^/]+)$};
    mkdir "$to/$name";
    mkdir "$to/$name/trials";
    my $experiment = read_json("$folder/experiment.json");
    forget_machine($experiment);
    write_json( "$to/$name/experiment.json", $experiment );
    for my $stem ( @{ $experiment->{trials} } ) {
        next if !-e "$folder/trials/$stem.json";
        write_json( "$to/$name/trials/$stem.json", compact( read_json("$folder/trials/$stem.json") ) );
    }
}
