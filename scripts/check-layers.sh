#!/bin/sh
# Checks that the source keeps its shape:
#   - a folder of src/ includes only itself and the layers below it;
#   - no headers include each other in a circle;
#   - every header has a guard named after its path (base/error.h: BASE_ERROR_H);
#   - nothing but main.c ends the process with exit().
# Prints file:line, what is wrong and the remedy; exit code 1 when anything is.
#
#   scripts/check-layers.sh [FOLDER]     the checkout to look at (default: this one)
set -u
cd "${1:-$(dirname "$0")/..}" || exit 2
[ -d src ] || { echo "check-layers.sh: no folder src in $PWD" >&2 && exit 2; }

# Lowest first.
layers="base math data engine model evaluate train config record experiment report cli"

# shellcheck disable=SC2016 # the $ are awk's
find src -name '*.[ch]' | LC_ALL=C sort | xargs awk -v layers="$layers" '
    BEGIN {
        count = split(layers, names, " ")
        for (i = 1; i <= count; i++)
            rank[names[i]] = i
    }

    function report(file, line, problem) {
        printf "%s:%d: %s\n", file, line, problem
        problems++
    }

    # What is left of a line without comments, strings and character constants.
    function code_of(line,    out, start, c) {
        out = ""
        while (line != "") {
            if (in_comment) {
                start = index(line, "*/")
                if (start == 0)
                    return out
                in_comment = 0
                line = substr(line, start + 2)
                continue
            }
            if (!match(line, /"|\047|\/\*|\/\//))
                return out line
            out = out substr(line, 1, RSTART - 1)
            c = substr(line, RSTART, 1)
            if (substr(line, RSTART, 2) == "//")
                return out
            if (c == "/") {
                in_comment = 1
                line = substr(line, RSTART + 2)
                continue
            }
            line = substr(line, RSTART + 1)
            # Skips to the quote that ends it.
            while (line != "" && substr(line, 1, 1) != c)
                line = substr(line, substr(line, 1, 1) == "\\" ? 3 : 2)
            line = substr(line, 2)
            out = out " "
        }
        return out
    }

    # Asked of each file when the next one begins.
    function check_guard(file) {
        if (is_header && !guarded)
            report(file, 1, "the header has no guard; begin it with #ifndef " guard \
                " and #define " guard)
    }

    FNR == 1 {
        check_guard(previous)
        previous = FILENAME
        path = substr(FILENAME, 5)
        layer = index(path, "/") ? substr(path, 1, index(path, "/") - 1) : ""
        is_header = path ~ /\.h$/
        guard = toupper(path)
        gsub(/[^A-Z0-9]/, "_", guard)
        guarded = 0
        directives = 0
        in_comment = 0
        if (layer != "" && !(layer in rank))
            report(FILENAME, 1, "src/" layer " is no layer; give it a place in the list in" \
                " scripts/check-layers.sh")
        if (layer == "" && path != "main.c")
            report(FILENAME, 1, "only main.c stands in src/ itself; move the file into the folder" \
                " of its layer")
    }

    # Before comments and strings are taken out, which would take the name away. Inside a comment
    # it is no include.
    !in_comment && /^[ \t]*#[ \t]*include[ \t]*"/ {
        target = $0
        sub(/^[^"]*"/, "", target)
        sub(/".*/, "", target)
        if (target ~ /^\.\.\/include\//) # the public header of the library
            next
        other = index(target, "/") ? substr(target, 1, index(target, "/") - 1) : ""
        if (!(other in rank))
            report(FILENAME, FNR, "\"" target "\": write an include from src, as in \"base/error.h\"")
        else if (layer in rank && rank[other] > rank[layer])
            report(FILENAME, FNR, layer " must not include " other ", which stands above it (" layers \
                "); move the code down, or hand the function in as a pointer")
        depends[FILENAME] = depends[FILENAME] " src/" target
        where[FILENAME, "src/" target] = FNR
    }

    {
        code = code_of($0)
        if (code ~ /^[ \t]*#/ && directives < 2) {
            split(code, word, /[ \t]+/)
            directives++
            if (directives == 1)
                opened = word[1] == "#ifndef" && word[2] == guard
            else
                guarded = opened && word[1] == "#define" && word[2] == guard
        }
        if (path != "main.c" && (" " code) ~ /[^A-Za-z0-9_](exit|quick_exit|abort)[ \t]*\(/)
            report(FILENAME, FNR, "only main.c ends the process; return false with error_set() instead")
    }

    # Follows includes from `file`; a file that is met while it is still open closes a circle.
    function visit(file, trail,    parts, n, i) {
        state[file] = "open"
        n = split(depends[file], parts, " ")
        for (i = 1; i <= n; i++) {
            if (state[parts[i]] == "open") {
                report(file, where[file, parts[i]], "a circle of includes (" trail " " parts[i] \
                    "); move what both need into a header below them")
            } else if (state[parts[i]] == "") {
                visit(parts[i], trail " " parts[i])
            }
        }
        state[file] = "done"
    }

    END {
        check_guard(previous)
        for (file in depends)
            if (state[file] == "")
                visit(file, file)
        exit problems > 0
    }
' || exit 1 # xargs has exit codes of its own
