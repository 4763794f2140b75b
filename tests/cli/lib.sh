# shellcheck shell=sh
# For the tests beside it: TAP lines, a folder to work in, small data and configs.
#
#   . tests/cli/lib.sh            at the top; the test then stands in an empty folder, $work
#   lb ARGUMENT...                runs liquidbench: $code, and its words in the files out and err
#   exits CODE NAME               its exit code was CODE
#   out PATTERN NAME              a line of stdout (err: of stderr) matches the extended pattern
#   result STATUS NAME            the general case
#   json FILE PERL                prints a Perl expression of $j, the parsed file
#   refused PATTERN NAME ARGUMENT...   runs it: exit code 2, and stderr matches
#   gnuplot_draws                 from here on gnuplot itself draws; before, a stand-in that takes no time
#   finish                        at the end

root=$PWD
program=${LIQUIDBENCH:-$root/liquidbench}
[ -x "$program" ] || { echo "Bail out! no program at $program; run make first" && exit 1; }
LIQUIDBENCH_DATASETS=$root/datasets
export LIQUIDBENCH_DATASETS
unset LIQUIDBENCH_DATA NO_COLOR
own_path=$PATH
PATH=$root/tests/support/stand-ins:$PATH

work=$(mktemp -d) || exit 1
trap 'cd /; rm -rf "$work"' EXIT
cd "$work" || exit 1

number=0
result() { # STATUS NAME
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        for file in out err; do
            [ -s "$work/$file" ] && sed "s/^/# $file: /" "$work/$file" | head -8
        done
    fi
}

skip() { # NAME REASON
    number=$((number + 1))
    echo "ok $number - $1 # SKIP $2"
}

finish() {
    echo "1..$number"
}

gnuplot_draws() {
    PATH=$own_path
}

lb() {
    "$program" "$@" >"$work/out" 2>"$work/err"
    code=$?
}

exits() { # CODE NAME
    [ "$code" -eq "$1" ] || echo "# exit code $code"
    [ "$code" -eq "$1" ]
    result $? "$2"
}

out() { # PATTERN NAME
    grep -Eq -- "$1" "$work/out"
    result $? "$2"
}

err() { # PATTERN NAME
    grep -Eq -- "$1" "$work/err"
    result $? "$2"
}

# Exit code 2, and stderr matches.
refused() { # PATTERN NAME ARGUMENT...
    pattern=$1 name=$2
    shift 2
    lb "$@"
    [ "$code" -eq 2 ] && grep -Eq -- "$pattern" "$work/err"
    status=$?
    [ $status -eq 0 ] || echo "# exit code $code"
    result $status "$name"
}

# AddressSanitizer takes more address space than any limit leaves.
under_asan() {
    nm "$program" 2>/dev/null | grep -q __asan_init
}

json() { # FILE PERL
    perl -MJSON::PP -0777 -e '
        open my $file, "<", $ARGV[0] or die "$ARGV[0]: $!\n";
        my $j = decode_json(<$file>);
        my $value = eval $ARGV[1];
        die $@ if $@;
        print $value // "null";' "$1" "$2"
}

# shellcheck disable=SC2016 # the $ are Perl's
# A file in one line, without what differs from run to run.
metrics() { # RECORD...
    for record in "$@"; do
        json "$record" 'my $c = JSON::PP->new->canonical;
            $c->encode([@$j{qw(name hash status metrics noise ood curve best_epoch example)}]) . "\n"'
    done
}

# What a folder holds, without what differs from run to run: the costs.
folder_content() { # FOLDER
    (
        cd "$1" && ls trials models && ls claims &&
            cat trials/*.json | sed '/^  "cost": {/,/^  }/d' | sha256sum &&
            cat models/*.safetensors | sha256sum
    )
}

# It holds what the file `expected` says of an undisturbed run.
same_folder() { # FOLDER NAME
    folder_content "$1" | cmp - expected
    result $? "$2"
}

# A noisy sine of ROWS rows: columns a, b.
wave() { # ROWS
    awk -v rows="$1" 'BEGIN {
        print "a,b"
        for (i = 0; i < rows; i++)
            printf "%.6f,%.6f\n", sin(i / 5) + sin(i * i) / 20, cos(i / 7)
    }'
}

# A config that trains in a moment. Arguments after the name are JSON members that come on top.
small_config() { # NAME [MEMBER]...
    config=$1.json
    printf '{"name": "%s", "dataset": {"csv": "wave.csv"}, "task": {"window": 16, "stride": 8},
        "models": [{"cell": "lstm", "hidden": 4}, {"cell": "cfc", "hidden": 4}],
        "train": {"epochs": 2}, "seeds": [0, 1]' "$1" >"$config"
    shift
    for member in "$@"; do
        printf ', %s' "$member" >>"$config"
    done
    echo '}' >>"$config"
}

wave 300 >wave.csv
