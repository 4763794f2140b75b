#!/usr/bin/perl
# Runs a sweep to its end while killing parts of it at random moments.
#
#   disturb.pl FOLDER SEED PAUSE COMMAND...
#
# Starts the command, which works on the results folder, and after a random while of at most PAUSE
# seconds kills with SIGKILL a trial, the run itself, or its whole process group, or stops the group for
# a while (SIGSTOP); again and again, and starts it anew until it succeeds. Exit code 1 when it ends with an error, or when a record that was
# there with the status ok has been written a second time. Prints how often what was killed.
use strict;
use warnings;
use JSON::PP;
use Time::HiRes qw(sleep stat);
use POSIX qw(setsid WNOHANG);

my ($folder, $seed, $pause, @command) = @ARGV;
srand $seed;
my %kills = (trial => 0, run => 0, group => 0, stop => 0);
my (%finished, $rounds);

sub children {
    my ($parent) = @_;
    my @found;
    for my $file (glob '/proc/[0-9]*/stat') {
        open my $in, '<', $file or next;
        my $line = <$in> // next;
        push @found, $1 if $line =~ /^(\d+) .*\) \w (\d+)/ && $2 == $parent;
    }
    return @found;
}

sub strike {
    my ($pid) = @_;
    my $what = (sort keys %kills)[rand keys %kills];
    my @trials = children($pid);
    return if $what eq 'trial' && !@trials;
    $kills{$what}++;
    if ($what eq 'stop') {
        kill STOP => -$pid;
        sleep rand $pause;
        kill CONT => -$pid;
        return;
    }
    kill KILL => $what eq 'trial' ? $trials[rand @trials] : $what eq 'run' ? $pid : -$pid;
}

# Dies when a record that was finished has changed.
sub check_records {
    for my $path (glob "$folder/trials/*.json") {
        my $now = join ' ', (stat $path)[1, 9];
        die "$path has been written again\n" if defined $finished{$path} && $finished{$path} ne $now;
        next if defined $finished{$path};
        open my $in, '<', $path or die "$path: $!\n";
        my $record = decode_json(do { local $/; <$in> });
        $finished{$path} = $now if $record->{status} eq 'ok';
    }
    for my $path (keys %finished) {
        die "$path is lost\n" unless -e $path;
    }
}

while (1) {
    $rounds++;
    my $pid = fork // die "fork: $!\n";
    if ($pid == 0) {
        setsid();
        exec @command or die "$command[0]: $!\n";
    }
    my $ended = 0;
    while (!$ended) {
        my $end = Time::HiRes::time() + rand $pause;
        sleep 0.01 while !($ended = waitpid $pid, WNOHANG) && Time::HiRes::time() < $end;
        strike($pid) unless $ended;
    }
    my $status = $?;
    check_records();
    last if $status == 0;
    die "ended with exit code ", $status >> 8, "\n" if $status & 127 ? ($status & 127) != 9 : $status >> 8 != 1;
}
print "$rounds rounds; killed: $kills{trial} trials, $kills{run} runs, $kills{group} groups; stopped: ",
    "$kills{stop}\n";
