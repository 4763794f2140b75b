#!/bin/sh
# scripts/check-layers.sh and check-names.sh find each kind of fault, and none in the sources as they are.
. tests/cli/lib.sh
cd "$root" || exit 1
copy=$work/copy
mkdir "$copy"
cp -R src "$copy/src"

checker=layers

check() {
    scripts/check-$checker.sh "$copy" >"$work/out" 2>"$work/err"
    code=$?
}

# catches NAME PATTERN: with src/$file changed in the copy, the check fails and a line of what it
# prints matches the pattern. Puts the sources right again.
catches() {
    check
    [ $code -eq 1 ] && grep -Eq -- "$2" "$work/out"
    result $? "$1"
    rm -rf "$copy/src"
    cp -R src "$copy/src"
}

check
result $code "the sources keep their layers"

echo '#include "engine/cell.h"' >>"$copy/src/base/arena.c"
line=$(wc -l <"$copy/src/base/arena.c")
catches "an include of a higher layer is named with file, line and remedy" \
    "^src/base/arena.c:$line: base must not include engine.*; move the code down"

echo '#include "error.h"' >>"$copy/src/base/arena.c"
catches "an include that is not written from src is caught" 'write an include from src'

printf '#include "base/second.h"\n' >"$copy/src/base/first.h"
printf '#include "base/first.h"\n' >"$copy/src/base/second.h"
catches "headers that include each other are caught" 'circle of includes'

printf 'int x;\n' >"$copy/src/base/open.h"
catches "a header without a guard is caught" 'src/base/open.h:1: .*#ifndef BASE_OPEN_H'

printf '/* exit(1) */\nvoid f(void) {\n    puts("exit(1)");\n    exit(1);\n}\n' >"$copy/src/base/quit.c"
catches "exit() outside main.c is caught, on the line of the call" \
    '^src/base/quit.c:4: only main.c ends the process'

printf '/* exit(1) */\nvoid f(void) {\n    puts("exit(1)");\n    _exit(1);\n}\n' >"$copy/src/base/quit.c"
check
result $code "exit() in comments, strings and other names is no fault"
rm "$copy/src/base/quit.c"

mkdir "$copy/src/utils"
echo 'int x;' >"$copy/src/utils/x.c"
catches "a folder that is no layer is caught" 'src/utils is no layer'

checker=names
check
result $code "one name means one thing in the sources"

echo 'int x;' >"$copy/src/report/arena.h"
catches "two files of one name are caught" 'report/arena.h: file "arena.h" has a namesake at src/base/arena.h'

printf 'struct arena {\n    int x;\n};\n' >"$copy/src/report/other.c"
catches "two structs of one name are caught" 'other.c:1: type "arena" has a namesake at src/base/arena.h'

printf 'static void arena_free(int x) {\n}\n' >"$copy/src/report/other.c"
catches "a private function named like a public one is caught" \
    'other.c:1: private function "arena_free" has a namesake at src/base/arena.h'

finish
