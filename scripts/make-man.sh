#!/bin/sh
# Prints the man page, made from what the program says to --help.
#
#   scripts/make-man.sh PROGRAM
set -eu
program=${1:?which program?}
version=$("$program" --version | cut -d' ' -f2)

# Turns a help text into roff. In it, options stand behind spaces and dashes, with their explanation
# from column 20 on; other lines behind two spaces keep their shape; the rest is paragraphs, and a line
# of its own that ends with a colon is a heading.
roff() {
    awk '
        function escape(text) {
            gsub(/\\/, "\\e", text)
            gsub(/-/, "\\-", text)
            sub(/^[.\047]/, "\\\\\\&&", text)
            return text
        }
        function shape(kept) { # whether lines keep their shape from here on
            if (kept && !is_kept)
                print ".PP\n.nf\n.RS 4"
            if (!kept && is_kept)
                print ".RE\n.fi"
            is_kept = kept
        }
        /^ +(-[a-zA-Z], )?--[a-z]/ {
            shape(0)
            match($0, /-.*/)
            option = substr($0, RSTART)
            name = option
            if (match(option, /--[a-z-]+( [A-Z][^ ]*)?( |$)/))
                name = substr(option, 1, RSTART + RLENGTH - 1)
            rest = substr(option, length(name) + 1)
            sub(/ +$/, "", name)
            sub(/^ +/, "", rest)
            print ".TP\n.B " escape(name)
            if (rest != "")
                print escape(rest)
            in_option = 1
            next
        }
        /^Usage: / || /^       liquidbench/ {
            shape(1)
            sub(/^Usage: /, "")
            sub(/^ +/, "")
            print escape($0)
            next
        }
        in_option && /^                / {
            sub(/^ +/, "")
            print escape($0)
            next
        }
        { in_option = 0 }
        /^  / {
            shape(1)
            print escape(substr($0, 3))
            next
        }
        { shape(0) }
        /^$/ { print ".PP"; next }
        /:$/ { print ".PP\n.B " escape($0); next }
        { print escape($0) }
        END { shape(0) }'
}

cat <<END
.TH LIQUIDBENCH 1 "" "liquidbench $version" "User Commands"
.SH NAME
liquidbench \\- compare sequence models: liquid networks, LSTM and others
.SH SYNOPSIS
.B liquidbench
.I COMMAND
[\\fIOPTION\\fR]... [\\fIARGUMENT\\fR]...
.SH DESCRIPTION
END
"$program" --help | sed '/^Usage:/,/^$/d' | roff
echo '.SH COMMANDS'
for command in $("$program" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
    [ "$command" != help ] || continue
    printf '.SS liquidbench %s\n' "$command"
    "$program" help "$command" | roff
done
cat <<'END'
.SH ENVIRONMENT
.TP
.B NO_COLOR
When it is set and not empty, output has no colours, not even on a terminal.
.TP
.B LIQUIDBENCH_DATASETS
The folder with the cards of the built\-in data sets.
.TP
.B LIQUIDBENCH_DATA
Where the files of data sets are looked for, and where fetched ones go.
END
