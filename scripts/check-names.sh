#!/bin/sh
# Checks that one name means one thing in src/:
#   - no two files of one name, in whatever folders;
#   - no two structs, unions or enums of one name, but for the private ones that play one role in
#     many files (see `roles`);
#   - no function of a header has a namesake in another header or a private one in a file.
# Prints file:line, what is wrong and where the other one stands; exit code 1 when anything is.
#
#   scripts/check-names.sh [FOLDER]     the checkout to look at (default: this one)
set -u
cd "${1:-$(dirname "$0")/..}" || exit 2
[ -d src ] || { echo "check-names.sh: no folder src in $PWD" >&2 && exit 2; }

# What a cell keeps between its passes, what it works with in one, what a command line asks for.
roles="workspace pass request"

# shellcheck disable=SC2016 # the $ are awk's
# The code that exported models consist of is a program of its own.
find src -name '*.[ch]' -not -path '*/export/device/*' | LC_ALL=C sort | xargs awk -v roles="$roles" '
    BEGIN {
        count = split(roles, names, " ")
        for (i = 1; i <= count; i++)
            is_role[names[i]] = 1
    }

    function report(place, kind, name, other) {
        printf "%s: %s \"%s\" has a namesake at %s; rename one of them\n", place, kind, name, other
        problems++
    }

    function is_variant(other,    stem) {
        sub(/\.h:.*/, "", other)
        stem = FILENAME
        sub(/\.h$/, "", stem)
        return index(other, stem) == 1 || index(stem, other) == 1
    }

    FNR == 1 {
        is_header = FILENAME ~ /\.h$/
        file = FILENAME
        sub(/.*\//, "", file)
        if (file in files)
            report(FILENAME, "file", file, files[file])
        files[file] = FILENAME
    }

    match($0, /^(typedef )?(struct|union|enum) [a-z_0-9]+ [{]/) {
        name = substr($0, RSTART, RLENGTH - 2)
        sub(/.* /, "", name)
        if (name in types && !(name in is_role))
            report(FILENAME ":" FNR, "type", name, types[name])
        types[name] = FILENAME ":" FNR
    }

    # A declaration or definition begins in the first column; a call does not. The name stands
    # before the first parenthesis. A declaration without `static` and its definition are one thing.
    /^[a-z].*[a-z0-9_]\(/ && !/^(typedef|return|else) / && !/=/ && !/__attribute__/ {
        name = substr($0, 1, index($0, "(") - 1)
        sub(/.*[ *]/, "", name)
        is_private = /^static /
        # A header, or pointwise.h and pointwise_float.h, may give a function in two forms, one of
        # which the preprocessor takes.
        if (is_header && name in given && !is_variant(given[name]))
            report(FILENAME ":" FNR, "function", name, given[name])
        if (is_header)
            given[name] = FILENAME ":" FNR
        else if (is_private) {
            private[++private_count] = name
            place[private_count] = FILENAME ":" FNR
        }
    }

    END {
        for (i = 1; i <= private_count; i++)
            if (private[i] in given)
                report(place[i], "private function", private[i], given[private[i]])
        exit problems > 0
    }
' || exit 1 # xargs has exit codes of its own
