#!/bin/sh
# What is installed: program, data, man page and completion; packages.
. tests/cli/lib.sh

case $program in
*/asan/*)
    skip "installing" "what is installed is another program"
    finish
    exit
    ;;
esac

# With the settings of the `make test` that this is part of.
build() { # TARGET [VARIABLE]...
    make -j2 -C "$root" "$@" >out 2>err
}

# The file that make said it was writing.
written() { # PATTERN
    path=$(grep -oE "[^ '>]*$1" out | tail -1)
    case $path in
    /*) echo "$path" ;;
    *) echo "$root/$path" ;;
    esac
}

build install DESTDIR="$work/stage" PREFIX=/opt/lb
result $? "make install"
for file in bin/liquidbench share/man/man1/liquidbench.1 share/liquidbench/configs/quickstart.json \
    share/bash-completion/completions/liquidbench share/zsh/site-functions/_liquidbench \
    share/fish/vendor_completions.d/liquidbench.fish share/doc/liquidbench/LICENSE; do
    [ -s "stage/opt/lb/$file" ]
    result $? "it installs $file"
done
for document in README.md $(grep -rhoE '\bdocs/[a-z-]+\.md' "$root/src" | sort -u); do
    [ -s "stage/opt/lb/share/doc/liquidbench/$document" ]
    result $? "it installs $document, which texts point to"
done
[ "$(cd stage && ls)" = opt ]
result $? "and nothing outside of PREFIX"
(
    unset LIQUIDBENCH_DATASETS
    mkdir elsewhere && cd elsewhere && "$work/stage/opt/lb/bin/liquidbench" list datasets
) >out 2>err
out '^sunspots: ' "the installed program finds the installed data sets"

# The man page
share=stage/opt/lb/share
commands=$("$program" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' | grep -v '^help$')
for command in $commands; do
    grep -q "^.SS liquidbench $command\$" $share/man/man1/liquidbench.1 || echo "# no $command"
done >missing
[ ! -s missing ] && grep -q 'stale\\-after S' $share/man/man1/liquidbench.1
result $? "the man page has every command and its options"
if command -v man >/dev/null; then
    MANWIDTH=80 man --warnings -l $share/man/man1/liquidbench.1 >out 2>err
    [ ! -s err ] && grep -q 'Exit codes: 0 all trials are ok' out
    result $? "man shows it without a warning"
else
    skip "man shows it without a warning" "needs man"
fi

# Completion
bash_completes() { # WORD...: what bash makes of the last one
    bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _liquidbench
        echo "${COMPREPLY[@]}"' - $share/bash-completion/completions/liquidbench "$@"
}
if command -v bash >/dev/null; then
    [ "$(bash_completes liquidbench st)" = status ] &&
        [ "$(bash_completes liquidbench run --sh)" = --shard ] &&
        [ "$(bash_completes liquidbench list opt)" = optimizers ] &&
        [ "$(bash_completes liquidbench help comple)" = completion ] &&
        [ -z "$(bash_completes liquidbench run first)" ]
    result $? "bash completes commands, options and topics, and leaves files to itself"
    [ -z "$(bash_completes liquidbench data list des)" ] &&
        [ "$(bash_completes "$program" data describe mackey)" = mackey_glass ] &&
        [ "$(bash_completes "$program" data fetch mackey)" = mackey_glass ]
    result $? "a topic is offered once, and behind data's the names of data sets"
    [ "$(bash_completes liquidbench run quick)" = quickstart ] &&
        [ "$(bash_completes liquidbench run quickstart zo)" = zoo ] &&
        [ "$(bash_completes "$program" data generate mackey)" = mackey_glass ] &&
        [ -z "$(bash_completes "$program" data generate etth)" ] &&
        [ "$(bash_completes liquidbench bench --cell gru)" = "gru grud gruode" ]
    result $? "shipped configs, generators and cells are offered where they are taken"
    for command in $commands; do
        for option in $("$program" help "$command" | grep -oE '^ +(-[a-z], )?--[a-z-]+' | grep -oE -- '--.*'); do
            bash_completes liquidbench "$command" "$option" | grep -q -- "^$option" || echo "# $command $option"
        done
    done >missing
    [ ! -s missing ]
    result $? "every option of every command is known to it"
else
    skip "bash completes" "needs bash"
fi
if command -v zsh >/dev/null; then
    zsh -n $share/zsh/site-functions/_liquidbench
    result $? "zsh takes its script"
else
    skip "zsh takes its script" "needs zsh"
fi
if command -v fish >/dev/null; then
    fish -c "source $share/fish/vendor_completions.d/liquidbench.fish
        complete -C 'liquidbench run --sha'; complete -C 'liquidbench list opt'" >out 2>err
    [ "$(cut -f1 out | tr '\n' ' ')" = "--shard optimizers " ]
    result $? "fish completes options and topics"
else
    skip "fish completes options and topics" "needs fish"
fi
refused 'name one shell: bash, zsh or fish' "another shell is refused" completion tcsh

# Packages
if [ -e "$root/.git" ]; then
    build dist
    tar xzf "$(written '/liquidbench-[0-9.]*tar.gz')" && (cd liquidbench-*/ && find . -type f -o -type l) | sed 's|^\./||' |
        sort >packed
    (cd "$root" && git ls-tree -r --name-only HEAD) | sort | cmp - packed
    result $? "make dist packs what is in the repository"
else
    skip "make dist packs what is in the repository" "needs a git checkout"
fi
if command -v dpkg-shlibdeps >/dev/null && ! nm "$root/liquidbench" | grep -q MPI_Init; then
    build deb
    package=$(written '/liquidbench_[^ ]*[.]deb')
    dpkg-deb -c "$package" >out && dpkg-deb -I "$package" >>out
    out ' \./usr/bin/liquidbench$' "make deb packs the program"
    out 'Depends: .*libgsl[0-9]+.*libopenblas' "and says what it depends on"
    if command -v lintian >/dev/null; then
        lintian --fail-on error,warning "$package" >out 2>&1
        result $? "lintian finds nothing to complain about"
    else
        skip "lintian finds nothing to complain about" "needs lintian"
    fi
else
    skip "make deb packs the program" "needs dpkg-dev"
fi

finish
