#!/bin/sh
# libliquidbench as it is installed: examples/stream.c is built with the static and the shared library, and answers
# as predict does; nothing but the interface is seen from outside.
. tests/cli/lib.sh

make -C "$root" install DESTDIR="$work/stage" PREFIX=/usr >out 2>err
result $? "make install"
lib=$work/stage/usr/lib
nm -D --defined-only "$lib/libliquidbench.so.0" | grep -vE ' liquidbench_[a-z_]+@@LIQUIDBENCH_1$| LIQUIDBENCH_1$' >out
[ ! -s out ] && nm -D --defined-only "$lib/libliquidbench.so.0" | grep -q 'liquidbench_step@@LIQUIDBENCH_1'
result $? "the shared library has versioned symbols, those of the interface alone"
nm -g --defined-only "$lib/libliquidbench.a" | grep -E ' [TDBR] ' | grep -v ' liquidbench_' >out
[ ! -s out ]
result $? "the static library has no other names either"

{ echo a,b && awk 'BEGIN { for (i = 0; i < 100; i++) printf "%.4f,%.4f\n", sin(i / 5), cos(i / 7) }'; } >new.csv
printf '{"name": "e", "dataset": {"csv": "new.csv"}, "task": {"window": 20, "stride": 10}, "baselines": [],
    "train": {"epochs": 1}, "seeds": [0], "models": [{"cell": "ltc", "hidden": 8}]}\n' >e.json
lb run e.json -q -o res
model=$(echo res/models/*)
lb predict "$model" new.csv
tail -n +2 out | cut -d, -f2- | tr , ' ' >expected
tail -n +2 new.csv | sed 's/,/ /g; s/^/1 /' >rows.txt
PKG_CONFIG_SYSROOT_DIR=$work/stage
PKG_CONFIG_LIBDIR=$lib/pkgconfig:/usr/share/pkgconfig:$(pkg-config --variable pc_path pkg-config)
export PKG_CONFIG_SYSROOT_DIR PKG_CONFIG_LIBDIR
cflags=$(pkg-config --cflags liquidbench) shared=$(pkg-config --libs liquidbench)
# The same digits as predict prints, which are those of a float.
answers() { # PROGRAM
    LD_LIBRARY_PATH=$lib "$@" "$model" <rows.txt 2>err | awk '{ for (i = 1; i <= NF; i++) printf "%s%.6g", (i > 1 ? " " : ""), $i; print "" }' >out
    awk '{ for (i = 1; i <= NF; i++) printf "%s%.6g", (i > 1 ? " " : ""), $i; print "" }' expected | cmp -s - out
}
# shellcheck disable=SC2086 # flags
cc -Wall -Wextra -Werror "$root/examples/stream.c" $cflags $shared -o shared 2>err && answers ./shared
result $? "the example with the shared library answers as predict does"
private=$(sed -n 's/^Libs.private: //p' "$lib/pkgconfig/liquidbench.pc")
# shellcheck disable=SC2086 # flags
cc -Wall -Wextra -Werror "$root/examples/stream.c" $cflags "$lib/libliquidbench.a" $private -o static 2>err && answers ./static
result $? "the example with the static library answers as predict does"
./static no-such-model <rows.txt >out 2>err
[ $? -eq 2 ] && grep -q no-such-model err
result $? "a model that is not there is named"
finish
