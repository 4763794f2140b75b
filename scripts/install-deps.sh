#!/bin/sh
# Finds what is missing to build, run, test or lint liquidbench, and installs it.
#
#   scripts/install-deps.sh [--for build|run|fetch|test|lint|fuzz|all]... [--check]
#
# --for    what for; may be repeated. Default: run, which is to build and to draw plots.
#          fetch is to download data sets with curl and unpack them with libarchive's programs,
#          which know all formats and refuse members that would leave the folder; fuzz is clang.
#          These two are not part of all.
# --check  install nothing; say what is missing that is necessary, and how to install it
#
# Exit code: 0 everything necessary is there, 1 something necessary is missing, 2 bad usage.
# Takes some 50 ms when nothing is missing.
set -u

# The comment above.
usage() {
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0"
}

purposes=
check_only=
while [ $# -gt 0 ]; do
    case $1 in
    --for)
        case ${2-} in
        build | run | fetch | test | lint | fuzz) purposes="$purposes $2" ;;
        all) purposes="$purposes run test lint" ;;
        *)
            echo "install-deps.sh: --for ${2-}: choose build, run, fetch, test, lint, fuzz or all" >&2
            exit 2
            ;;
        esac
        shift
        ;;
    --check) check_only=yes ;;
    -h | --help)
        usage
        exit 0
        ;;
    *)
        echo "install-deps.sh: $1: unknown; try --help" >&2
        exit 2
        ;;
    esac
    shift
done
[ -n "$purposes" ] || purposes=run

has_program() {
    command -v "$1" >/dev/null 2>&1
}
compiler=${CC:-cc}
has_compiler() {
    # CC may hold options ("ccache gcc", "gcc -m32"): its first word is the program. A compiler
    # without the C library's headers is of no use.
    has_program "${compiler%% *}" && echo '#include <stdio.h>' | $compiler -E -o /dev/null - 2>/dev/null
}
has_package() {
    has_program pkg-config && pkg-config --exists "$1" 2>/dev/null
}
# libcsv comes without a pkg-config file.
has_csv() {
    has_compiler && echo '#include <csv.h>' | $compiler -E -o /dev/null - 2>/dev/null
}
has_venv() {
    has_program python3 && python3 -c 'import ensurepip, venv' 2>/dev/null
}
has_fuzzer() {
    has_program clang && [ -n "$(find "$(clang -print-resource-dir)" -name 'libclang_rt.fuzzer*' 2>/dev/null)" ]
}

# One line for each dependency: what it is needed for, "must" or "may", how to find it, and its
# packages in apt, dnf, pacman and brew ("-": not to be had there).
list() {
    cat <<'END'
build must has_compiler              gcc,libc6-dev  gcc               gcc        gcc
build must has_program:make          make           make              make       make
build must has_program:pkg-config    pkg-config     pkgconf-pkg-config pkgconf   pkgconf
build must has_package:gsl           libgsl-dev     gsl-devel         gsl        gsl
build must has_package:libcjson      libcjson-dev   cjson-devel       cjson      cjson
build must has_csv                   libcsv-dev     libcsv-devel      libcsv     libcsv
build must has_package:libmd         libmd-dev      libmd-devel       libmd      libmd
build must has_package:zlib          zlib1g-dev     zlib-devel        zlib       zlib
build must has_package:openblas      libopenblas-dev openblas-devel   openblas   openblas
build may  has_package:libxsmm       libxsmm-dev    -                 -          -
run   may  has_program:gnuplot       gnuplot-nox    gnuplot           gnuplot    gnuplot
fetch must has_program:curl          curl           curl              curl       curl
fetch must has_program:bsdtar        libarchive-tools bsdtar          libarchive libarchive
fetch must has_program:bsdcat        libarchive-tools bsdcat          libarchive libarchive
test  must has_program:curl          curl           curl              curl       curl
test  must has_program:bsdtar        libarchive-tools bsdtar          libarchive libarchive
test  must has_program:bsdcat        libarchive-tools bsdcat          libarchive libarchive
test  must has_package:cmocka        libcmocka-dev  libcmocka-devel   cmocka     cmocka
test  must has_program:prove         perl           perl-Test-Harness perl       perl
lint  must has_program:cppcheck      cppcheck       cppcheck          cppcheck   cppcheck
lint  must has_program:shellcheck    shellcheck     ShellCheck        shellcheck shellcheck
lint  must has_venv                  python3-venv   python3           python     python
fuzz  must has_fuzzer                clang,libclang-rt-14-dev  clang,compiler-rt  clang,compiler-rt  llvm
END
}

# The purposes, with what each one stands upon.
wanted=
for purpose in $purposes; do
    case $purpose in
    lint) wanted="$wanted lint" ;;
    build) wanted="$wanted build" ;;
    *) wanted="$wanted build run $purpose" ;;
    esac
done

# missing COLUMN: the packages of that column whose dependency is not there; those that are a must
# alone with a second argument.
missing() {
    # shellcheck disable=SC2034 # eval reads one of the four
    list | while read -r purpose need test apt dnf pacman brew; do
        case " $wanted " in *" $purpose "*) ;; *) continue ;; esac
        [ $# -eq 1 ] || [ "$need" = must ] || continue
        # shellcheck disable=SC2086 # "has_program:make" is a function and its argument
        ${test%%:*} ${test#*:} && continue
        eval "echo \"\$$1\"" | tr ',' ' ' | sed 's/^-$//'
    done | tr '\n' ' '
}

necessary=$(missing apt must)
absent=$(missing apt)
[ -n "$necessary" ] || [ -z "$check_only" ] || exit 0
[ -n "$absent" ] || exit 0

# The missing packages under the names that this system knows them by.
if has_program apt-get; then
    how="apt-get install" names=$absent
elif has_program dnf; then
    how="dnf install" names=$(missing dnf)
elif has_program pacman; then
    how="pacman -S --needed" names=$(missing pacman)
elif has_program brew; then
    how="brew install" names=$(missing brew)
else
    how='' names=$absent
fi
# What is not necessary and not to be had here is not worth a word.
[ -n "$necessary" ] || [ -n "${names%% *}" ] || exit 0

# Says what to type, and ends.
give_up() {
    echo "liquidbench: missing: $absent" >&2
    if [ -z "$how" ]; then
        echo "Neither apt-get, dnf, pacman nor brew is here; install these (Debian's names) with" \
            "what your system offers." >&2
    else
        [ "$(id -u)" -eq 0 ] || [ "${how%% *}" = brew ] || how="sudo $how"
        echo "To install:  $how $names" >&2
    fi
    [ -z "$necessary" ] && echo "This is not necessary; going on without it." >&2 && exit 0
    exit 1
}

if [ "$(id -u)" -eq 0 ]; then
    as_root='env'
elif has_program sudo && sudo -n true 2>/dev/null; then
    as_root="sudo -n env"
else
    as_root=
fi
if [ -n "$check_only" ] || [ -z "$as_root" ] || ! has_program apt-get; then
    give_up
fi

log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT

# Asks nothing, and waits for another apt that holds the lock. What it prints is shown when it fails.
apt() {
    $as_root DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 \
        -o Dpkg::Use-Pty=0 "$@" >"$log" 2>&1 </dev/null && return
    tail -n 20 "$log" >&2
    return 1
}
install() {
    apt install -y --no-install-recommends "$@"
}

echo "liquidbench: installing $absent" >&2
apt update || echo "liquidbench: apt-get update failed; trying with the lists at hand" >&2
# shellcheck disable=SC2086 # lists of packages
if ! install $absent; then
    # A package that is not necessary and cannot be had must not keep the others away.
    [ -z "$necessary" ] || install $necessary
    for package in $(missing apt); do
        [ "$package" = "${absent% }" ] || install "$package"
    done
fi

absent=$(missing apt)
necessary=$(missing apt must)
[ -z "$absent" ] || give_up
