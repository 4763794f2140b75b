# What the scripts share that write a part of a page of docs/ from the records.
use strict;
use warnings;

sub read_text {
    my ($path) = @_;
    local $/;
    open my $file, '<', $path or die "$path: $!\n";
    return <$file>;
}

# Puts the text, which begins and ends with these marks, in the place of what the page has between them. With
# --check it only says whether that is the same: exit code 1 when not.
sub update_page {
    my ( $page, $begin, $end, $text ) = @_;
    my $old = read_text($page);
    my $new = $old;
    $new =~ s/\Q$begin\E.*?\Q$end\E\n/$text/s or die "$page: has no \"$begin\"\n";
    if ( @ARGV && $ARGV[0] eq '--check' ) {
        exit 0 if $new eq $old;
        warn "$page: is not what the records say; run $0\n";
        exit 1;
    }
    open my $file, '>', $page or die "$page: $!\n";
    print $file $new or die "$page: $!\n";
    close $file or die "$page: $!\n";
}

1;
