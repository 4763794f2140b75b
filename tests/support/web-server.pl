#!/usr/bin/env perl
# A web server for the tests of downloads: web-server.pl FOLDER LOG
#
# Prints its port and serves, on this machine alone, until its standard input ends. It writes what is asked
# for to LOG. /FILE: a file of FOLDER; /moved/FILE: leads to it; /away: leads to a file of the machine;
# /cut/FILE: promises twice as many bytes as come; /slow/FILE: sends one byte and then no more.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;

my ($folder, $log) = @ARGV;
$SIG{PIPE} = 'IGNORE';
my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5) or die "no socket: $@\n";
$| = 1;
print $server->sockport, "\n";

sub answer {
    my ($client, $path) = @_;
    if ($path eq '/away') {
        print $client "HTTP/1.0 302 Found\r\nLocation: file:///etc/hostname\r\n\r\n";
        return;
    }
    if ($path =~ m{^/moved(/.*)}) {
        print $client "HTTP/1.0 302 Found\r\nLocation: $1\r\n\r\n";
        return;
    }
    my $fault = $path =~ s{^/(cut|slow)/}{/} ? $1 : '';
    my $file;
    unless ($path !~ m{\.\.} && open $file, '<:raw', "$folder$path") {
        print $client "HTTP/1.0 404 Not Found\r\n\r\n";
        return;
    }
    my $content = do { local $/; <$file> };
    my $promised = length($content) * ($fault eq 'cut' ? 2 : 1);
    print $client "HTTP/1.0 200 OK\r\nContent-Length: $promised\r\n\r\n";
    print $client $fault eq 'slow' ? substr $content, 0, 1 : $content;
    IO::Select->new($client)->can_read(60) if $fault eq 'slow'; # until it hangs up
}

my $ready = IO::Select->new($server, \*STDIN);
while (1) {
    for my $handle ($ready->can_read) {
        exit 0 if $handle == \*STDIN && !sysread STDIN, my $ignored, 1;
        next if $handle == \*STDIN;
        my $client = $server->accept or next;
        $SIG{CHLD} = 'IGNORE';
        next if fork;
        close STDIN;
        my $request = <$client> // '';
        while (my $line = <$client>) { last if $line =~ /^\r?$/ }
        my ($path) = $request =~ m{^GET (\S+)};
        open my $list, '>>', $log or die "$log: $!\n";
        print $list "$path\n";
        close $list;
        $client->autoflush;
        answer($client, $path);
        exit 0;
    }
}
