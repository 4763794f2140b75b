#!/bin/sh
# Names that would act instead of being read, from records and data that others wrote: each format that
# a command writes still parses, and says them.
. tests/cli/lib.sh

small_config wave '"evaluate": {"noise": {"types": ["gaussian"], "severities": [0.1]}, "ood": [{"name": "half", "resample": 0.5}]}'
lb run wave.json -o base -q
exits 0 "a run whose records are then given hostile names"

# A copy of the results in which every model, data set and shift has the text in its name.
hostile() { # FOLDER TEXT
    rm -rf "$1" && cp -r base "$1" && rm -rf "$1/report"
    TEXT=$2 perl -MJSON::PP -0777 -i -pe '
        my $j = decode_json($_);
        my $text = eval qq("$ENV{TEXT}");
        $j->{dataset} = $text . "d";
        $j->{model}{name} = $text . $j->{model}{name};
        $_->{name} = $text . "s" for @{$j->{ood}};
        $j->{example}{target} = $text . "t";
        $_ = JSON::PP->new->pretty->canonical->utf8->encode($j)' "$1"/trials/*.json
}

# Whether the file is well-formed XML, as far as it goes for what is written here: characters that
# XML allows, elements that close in order, nothing special left in text.
xml() { # FILE
    perl -0777 -ne '
        die "control character\n" if /[\x00-\x08\x0b-\x1f\x7f]/;
        s/<!--.*?-->|<!DOCTYPE.*?>|<\?.*?\?>//gs;
        s/<(style|script)>.*?<\/\1>//gs; # their text is no markup in HTML
        my @open;
        while (/\G([^<]*)<(\/?)([a-zA-Z][\w:]*)((?:\s+[\w:-]+(?:\s*=\s*(?:"[^"<]*"|\x27[^\x27<]*\x27))?)*)\s*(\/?)>/gc) {
            my ($text, $end, $name, $attributes, $empty) = ($1, $2, $3, $4, $5);
            die "stray & in $text\n" if $text =~ /&(?!(?:amp|lt|gt|quot|#\d+);)/;
            if ($end) { my $last = pop @open; die "</$name> ends <$last>\n" if $last ne $name }
            elsif (!$empty && $name !~ /^(meta|link|br|hr|img|input)$/) { push @open, $name }
        }
        my $rest = substr($_, pos // 0);
        die "not parsed: " . substr($rest, 0, 200) . "\n" if $rest =~ /\S/;
        die "<$open[-1]> is open\n" if @open' "$1"
}

# Whether every row of the file has as many fields as its first, and no field is a formula.
csv() { # FILE
    perl -0777 -ne '
        my ($columns, @row) = 0;
        while (/\G(?:"((?:[^"]|"")*)"|([^,"\n]*))(,|\n)/gc) {
            my ($field, $end) = (defined $1 ? $1 : $2, $3);
            push @row, $field;
            die "formula: $field\n"
                if $field =~ /^[=+\@\t\r-]./s && $field !~ /^[+-]?[\d.]+(e[+-]?\d+)?$/i;
            next if $end eq ",";
            $columns ||= @row;
            die "a row of " . @row . " fields for $columns columns: @row\n" if @row != $columns;
            @row = ();
        }
        die "not parsed at " . (pos // 0) . "\n" if (pos // 0) != length' "$1"
}

# Whether no character is left in it that a terminal would act on; "m" colours alone are its own.
terminal() { # FILE...
    ! LC_ALL=C grep -aqP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]' "$@"
}

# Rows of a Markdown table have as many cells as its rule.
markdown() { # FILE
    perl -ne '
        if (!/^\|/) { $columns = 0; next }
        my $bars = () = /(?<!\\)(?:\\\\)*\|/g;
        $columns ||= $bars;
        die "line $.: $bars bars for $columns\n" if $bars != $columns' "$1"
}

# Braces balance, and nothing special stands unescaped where text is.
latex() { # FILE
    perl -0777 -ne '
        die "control character\n" if /[\x00-\x08\x0b-\x1f\x7f]/;
        s/.*\\begin\{document\}//s;
        s/\A%.*//; # what a table of its own needs
        s/\\fitted\{%\n/\\fitted{\n/g;
        s/\\(input|includegraphics(\[[^]]*\])?)\{[\w.\/-]+\}//g; # a file may have any plain name
        s/\\textbackslash\{\}|\\\\|\\[{}\$&#%_]//g;
        s/\$\\?[a-z^\d]+\$//g;
        die "special: $&\n" if /[%#_^~\$].*/;
        my $depth = 0;
        for (/[{}]/g) { $depth += $_ eq "{" ? 1 : -1; die "too many }\n" if $depth < 0 }
        die "$depth braces are open\n" if $depth' "$1"
}

check() { # FORMAT FILE NAME
    "$1" "$2" 2>"$work/err"
    result $? "$3"
}

gnuplot_draws
for case in 'control \x1b]0;x\x07\x1b[31m\x7f' 'direction \x{202e}' 'formula =1+1|' 'plus +cmd|' 'at @SUM(1,2)' \
    'markup <b>&\x22\x27</td>' 'percent 100%_^{}\x27%s%n' 'tables |a&b\x5c\x24x\x24#~' 'brackets [a](b)*c*' \
    'lines a\n::error::b\r\nc'; do
    name=${case%% *} text=${case#* }
    hostile "$name" "$text"
    rm -rf report
    lb report "$name" -o report
    [ $code -eq 0 ] && terminal out err
    result $? "$name: the terminal's report"
    check xml report/index.html "$name: HTML parses"
    for file in report/*.csv; do
        csv "$file" 2>>err || echo "# $file"
    done | grep '^#'
    [ $? -ne 0 ]
    result $? "$name: CSV parses, and no cell is a formula"
    check markdown report/report.md "$name: Markdown's tables keep their columns"
    for file in report/report.tex report/tables/*.tex; do
        latex "$file" 2>>err || echo "# $file"
    done | grep '^#'
    [ $? -ne 0 ]
    result $? "$name: LaTeX has nothing special in its text"
    if command -v gnuplot >/dev/null; then
        status=0
        for plot in report/plots/*.svg; do
            xml "$plot" 2>>err || status=1
        done
        [ $status -eq 0 ] && ! grep -q gnuplot err
        result $? "$name: gnuplot draws it"
        [ "$name" != percent ] || grep -qF "100%_^{}'%s%ns" report/plots/*-ood.svg
        result $? "$name: under its own name"
    fi
    perl -i -pe 's/"mse" *: *[0-9.e-]+/"mse": 99/' "$name"/trials/*.json
    hostile before "$text"
    lb compare before "$name" -o junit.xml -o comment.md -o comparison.json
    [ $code -eq 1 ] && terminal out err
    result $? "$name: compare says what is worse"
    check xml junit.xml "$name: JUnit parses"
    check markdown comment.md "$name: so does the comment for a pull request"
    lb compare before "$name" --github
    terminal out && ! grep -v '^::error file=wave.json,title=liquidbench::' out | grep -q '^::'
    result $? "$name: an annotation stays one line"
    json comparison.json '$j->{rows}[0]{model}' >/dev/null 2>"$work/err"
    result $? "$name: JSON parses"
done

printf 'a\033[31m,=1+1,b\n1,2,3\n4,5,6\n' >names.csv
lb data describe names.csv
terminal out
result $? "data describe shows control characters in the names of columns"
out '^a\\x1b\[31m ' "as their codes"
lb status "$(printf 'x\033[31m')"
err 'x\\x1b\[31m' "a message does, too"

printf 't;ab\n0;"1\n' >broken.csv
lb data describe broken.csv
err 'broken.csv:2: a quotation mark is opened here and never closed' "names alone above a broken row"

finish
