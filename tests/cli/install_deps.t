#!/bin/sh
# scripts/install-deps.sh on machines of several kinds: a PATH of our own holds what each one has.
. tests/cli/lib.sh
cd "$root" || exit 1
bin=$work/bin

# machine NAME...: a machine with the shell's tools, and with empty programs of these names.
machine() {
    rm -rf "$bin"
    mkdir "$bin"
    for tool in cat tr sed tail mktemp rm env; do
        ln -s "$(command -v $tool)" "$bin/$tool"
    done
    for name in "$@"; do
        stub "$name" 'exit 0'
    done
}

# stub NAME COMMAND: a program of that name which does this.
stub() {
    printf '#!/bin/sh\n%s\n' "$2" >"$bin/$1"
    chmod +x "$bin/$1"
}

# install ARGUMENT...: runs the script on that machine.
install() {
    PATH=$bin CC=cc /bin/sh scripts/install-deps.sh "$@" >"$work/out" 2>"$work/err"
    code=$?
}

# says CODE PATTERN NAME: the exit code, and a line of what was said.
says() {
    [ "$code" -eq "$1" ] && grep -Eq -- "$2" "$work/err"
    result $? "$3"
}

machine dnf
stub id 'echo 1000'
install
says 1 '^To install:  sudo dnf install gcc make .*gsl-devel .*gnuplot' 'dnf: says what to type'

machine pacman
stub id 'echo 0'
install --for test
says 1 '^To install:  pacman -S --needed gcc .*cmocka' 'pacman: says what to type, as root'

machine brew
stub id 'echo 501'
install --for lint
says 1 '^To install:  brew install cppcheck shellcheck' 'brew: says what to type, without sudo'

machine
stub id 'echo 0'
install
says 1 "^Neither apt-get, dnf, pacman nor brew is here" 'an unknown system: says so, and what is missing'

machine apt-get
stub id 'echo 1000'
install
says 1 '^To install:  sudo apt-get install gcc libc6-dev make' 'apt without root or sudo: says what to type'

machine apt-get sudo
stub id 'echo 1000'
stub sudo 'shift; "$@"'
stub apt-get 'echo "$@" >>"${0%/*}/calls"'
install --for build
grep -q 'install -y .*libgsl-dev' "$bin/calls"
result $? 'apt with sudo that asks nothing: installs'
says 1 '^liquidbench: missing: gcc' 'what is still missing after that is an error'

machine apt-get
stub id 'echo 0'
stub apt-get 'echo "E: no network"; exit 100'
install --for build
says 1 'E: no network' 'apt fails: its words are shown'

machine cc make pkg-config apt-get
stub id 'echo 0'
stub apt-get 'exit 100'
install
says 0 '^This is not necessary; going on without it' 'gnuplot alone cannot be had: no error'

machine cc make apt-get
stub id 'echo 0'
install --check
says 1 '^To install:  apt-get install pkg-config libgsl-dev' 'with --check: says what to type'

machine cc make pkg-config gnuplot dnf
stub pkg-config '[ "$2" != libxsmm ]'
install
[ "$code" -eq 0 ] && [ ! -s "$work/err" ]
result $? 'what the system does not offer and is not necessary is not spoken of'

machine cc make pkg-config gnuplot
install
[ "$code" -eq 0 ] && [ ! -s "$work/err" ]
result $? 'nothing is missing: nothing is said'

install --for nonsense
says 2 'nonsense: choose build, run, fetch, test, lint, fuzz or all' 'an unknown purpose: exit code 2'

# What pkg-config says before the libraries are installed must not be what is linked.
machine
stub pkg-config "echo asked >>$work/asked; exit 1"
PATH=$bin:$PATH make help >"$work/out" 2>"$work/err"
[ ! -e "$work/asked" ]
result $? 'make asks for no library before the first recipe'

finish
