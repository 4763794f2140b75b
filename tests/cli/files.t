#!/bin/sh
# What is no file in the place of one, names that are empty, disks that are full, streams that are
# closed: a message and exit code 2, nothing hangs, nothing is lost.
# shellcheck disable=SC1010,SC2002,SC2181 # names are plain; exit codes of pipes and subshells
. tests/cli/lib.sh

# within SECONDS COMMAND...: exit code 124 when it hangs.
within() {
    perl -e 'my $pid = fork; if (!$pid) { exec @ARGV[1 .. $#ARGV] or exit 127 }
        $SIG{ALRM} = sub { kill KILL => $pid; exit 124 }; alarm $ARGV[0];
        waitpid $pid, 0; exit($? & 127 ? 128 + ($? & 127) : $? >> 8)' "$@"
}

# complains PATTERN NAME ARGUMENT...: exit code 2 within ten seconds, and stderr matches.
complains() {
    pattern=$1 name=$2
    shift 2
    within 10 "$program" "$@" >out 2>err </dev/null
    code=$?
    [ $code -eq 2 ] && grep -Eq -- "$pattern" err
    status=$?
    [ $status -eq 0 ] || echo "# exit code $code"
    result $status "$name"
}

small_config wave '"baselines": []'
lb run wave.json -o done -q
exits 0 "a run to work with"
model=$(find "$work/done/models" -name '*.safetensors' | head -1)

# Names that are empty. Fields stand between bars.
export program
for line in 'run|wave.json|-o|' 'run||-o|x' 'run|wave.json|--log|' 'report|' 'report|done|-o|' \
    'compare|--update||done' 'compare|done|' 'compare|done|done|-o|' "predict|$model|" \
    'predict||wave.csv' "predict|$model|wave.csv|-o|" 'data|convert|wave.csv|' \
    'data|convert||x.csv' 'data|describe|' 'data|describe|sunspots|--perturb|gaussian|-o|' \
    'data|generate|lorenz|-o|' 'data|fetch|' 'data|fetch|xor|--mirror|' 'init|' 'init|x|-o|' \
    'status|' 'list|wiring|wave.json|-o|'; do
    printf '%s' "$line" | perl -0777 -ne 'exec $ENV{program}, split /\|/, $_, -1' >out 2>err
    code=$?
    [ $code -eq 2 ] && grep -q 'empty' err
    result $? "an empty name is refused: $(echo "$line" | sed "s|$work/||")"
done
LIQUIDBENCH_DATASETS='' LIQUIDBENCH_DATA='' TMPDIR='' lb data describe nowhere
exits 2 "empty variables are as good as unset ones"

# FIFOs, devices and folders in the place of files
mkfifo fifo fifo.npy fifo.npz fifo.safetensors fifo.json fifo.csv
mkdir folder.csv folder.json
for name in fifo.csv fifo.npy fifo.npz /dev/zero; do
    complains 'is a (FIFO|device), not a file' "$name instead of data" data describe "$name"
done
complains 'is a directory' "a folder instead of data" data convert folder.csv x.csv
complains 'fifo.json: is a FIFO' "a FIFO instead of a config" run fifo.json -o x
complains 'folder.json: is a directory' "a folder instead of a config" run folder.json -o x
complains 'fifo.safetensors: is a FIFO' "a FIFO instead of a model" predict fifo.safetensors wave.csv
complains 'fifo.csv: is a FIFO' "a FIFO instead of a model's data" predict "$model" fifo.csv
complains 'is a device' "an endless device as data" predict "$model" /dev/zero
complains 'fifo: exists and is not a directory' "a FIFO instead of a results folder" \
    run wave.json -o fifo
complains 'fifo: cannot write' "a journal that nobody reads" run wave.json -o x --log fifo
complains 'fifo.csv: cannot write: nobody reads' "a FIFO to write to" data convert wave.csv fifo.csv
complains 'folder.csv: cannot write: Is a directory' "a folder to write to" \
    data convert wave.csv folder.csv
cp -r done odd
record=$(find odd/trials -name "*cfc-s0*")
rm "$record" && mkfifo "$record"
within 20 "$program" report odd -o odd.report >out 2>err
[ $? -ne 124 ]
result $? "a FIFO instead of a record keeps no report waiting"
within 10 "$program" status odd >out 2>err
[ $? -ne 124 ]
result $? "nor the status"
mkfifo odd/experiment.fifo && mv odd/experiment.fifo odd/experiment.json
within 20 "$program" report odd >out 2>err
[ $? -ne 124 ] && grep -q 'experiment.json: is a FIFO' err
result $? "a FIFO instead of experiment.json is named"

# What the process is given may be a pipe
cat wave.csv | "$program" predict "$model" - >piped 2>err
[ $? -eq 0 ] && "$program" predict "$model" wave.csv | cmp -s - piped
result $? "data is read from a pipe"
"$program" predict "$model" wave.csv -o /dev/stdout | cmp -s - piped
result $? "and written to one by the name /dev/stdout"
(echo before && "$program" predict "$model" wave.csv -o /dev/stdout && echo after) >>appended
[ "$(head -1 appended)" = before ] && [ "$(tail -1 appended)" = after ] &&
    [ "$(wc -l <appended)" -eq $(($(wc -l <piped) + 2)) ]
result $? "a file that stdout appends to keeps what it has"
within 10 cat fifo >through &
for _ in $(seq 50); do
    "$program" predict "$model" wave.csv -o fifo 2>err && break
    sleep 0.1
done
wait $!
cmp -s piped through
result $? "a FIFO that somebody reads is written to"

# Links and modes
echo old >target && chmod 600 target && ln -s target link
lb data convert wave.csv link
[ $code -eq 0 ] && [ -L link ] && [ "$(wc -l <target)" -eq 301 ] &&
    [ "$(stat -c %a target)" = 600 ]
result $? "a link is followed, and what is replaced keeps its mode"

# A disk that is full, in every writer
full() { # NAME ARGUMENT...
    name=$1
    shift
    complains 'No space left on device|cannot write' "a full disk: $name" "$@"
    [ -c /dev/full ] && [ -z "$(find . -name '*.tmp-*')" ]
    result $? "and nothing is replaced or left behind"
}
ln -s /dev/full full.svg && ln -s /dev/full full.md && ln -s /dev/full full.csv
full "data convert" data convert wave.csv /dev/full
full "data generate" data generate lorenz -o full.csv
full "predict" predict "$model" wave.csv -o /dev/full
full "compare" compare done done -o full.md
full "init" init first -o /dev/full --force
gnuplot_draws
if command -v gnuplot >/dev/null; then
    full "data describe --perturb" data describe sunspots --perturb gaussian -o full.svg
    (ulimit -f 1 && exec "$program" data describe sunspots --perturb gaussian -o p.svg) >out 2>err
    code=$?
    exits 2 "a picture that is too large for the disk"
    [ ! -e p.svg ] && [ -z "$(find . -name '*.tmp-*')" ]
    result $? "is not there at all"
    # Records are read; index.html and the pictures are larger than this.
    (ulimit -f 20 && exec "$program" report done -o small) >out 2>err
    code=$?
    exits 2 "a report that is too large for the disk"
    [ -z "$(find small -name '*.tmp-*')" ]
    result $? "leaves nothing half-written"
    lb report done -o again
    find again/plots -type f | sort >pictures
    (ulimit -f 20 && exec "$program" report done -o again) >out 2>err
    [ -s pictures ] && find again/plots -type f | sort | cmp -s - pictures
    result $? "and the pictures of the report before"
fi
for arguments in "list models" "--help" "--version" "data list" "report done" "init --help" \
    "predict $model wave.csv" "data generate lorenz" "completion bash"; do
    # shellcheck disable=SC2086 # several words
    "$program" $arguments >/dev/full 2>err
    code=$?
    [ $code -eq 2 ] && grep -q 'cannot write to standard output: No space left' err
    result $? "stdout on a full disk: $(echo "$arguments" | sed "s|$work/||")"
done

# Streams that are closed
"$program" run wave.json -o closed -q 0<&- >&- 2>&-
code=$?
metrics done/trials/*.json >expected
[ $code -eq 2 ] && metrics closed/trials/*.json | cmp -s - expected
result $? "no message gets into a file when the standard streams are closed"
"$program" list models 2>err >&-
[ $? -eq 2 ] && grep -q 'cannot write to standard output: Bad file' err
result $? "a closed stdout is an error"
"$program" report done -o headed 2>err | head -1 >/dev/null
[ -s headed/index.html ] && [ -s headed/trials.csv ]
result $? "a reader of stdout that goes away costs no file of the report"

# Nothing in /tmp
if command -v bsdtar >/dev/null && command -v perl >/dev/null; then
    perl -e 'my $h = "{\x27descr\x27: \x27<f8\x27, \x27fortran_order\x27: False, \x27shape\x27: (3, 1), }";
        $h .= " " x (117 - length $h) . "\n";
        print "\x93NUMPY\x01\x00", pack("v", length $h), $h, pack("d<3", 1, 2, 3)' >x.npy
    bsdtar -c --format zip -f x.npz x.npy
    mkdir tmp
    (TMPDIR=$work/tmp && export TMPDIR && chmod 555 tmp && exec "$program" data convert x.npz y.csv) \
        >out 2>err
    [ $? -eq 0 ] && [ "$(wc -l <y.csv)" -eq 4 ] && [ -z "$(ls tmp)" ]
    result $? "an .npz file is read without a temporary folder"
    bsdtar -c --format zip -f two.npz x.npy wave.csv
    complains 'two.npz: holds 2 arrays' "one of two arrays is refused" data convert two.npz y.csv
fi
# What may not be read is not taken for missing. To root nothing is forbidden: another user tries.
as_other=
[ "$(id -u)" -ne 0 ] || as_other="setpriv --reuid=54321 --regid=54321 --clear-groups"
chmod 777 "$work"
cp "$program" ours # which may lie in a folder such as /root that others cannot enter
forbidden() { # NAME PATH ARGUMENT...
    name=$1 path=$2
    shift 2
    if ! $as_other ./ours --version >out 2>err; then
        skip "$name" "as root, needs setpriv and a root folder that other users can enter"
        return
    fi
    chmod 000 "$path"
    $as_other ./ours "$@" >out 2>err
    code=$?
    chmod 700 "$path"
    [ $code -eq 2 ] && grep -q "$path: cannot read: Permission denied" err
    result $? "$name"
}
mkdir -p closed/trials
chmod 755 closed
echo '{"name": "closed", "trials": ["a-b-s0-00000000"]}' >closed/experiment.json
for command in report status "compare closed"; do
    # shellcheck disable=SC2086 # two words
    forbidden "$command says that it may not read the trials" closed/trials $command closed
done
forbidden "status says that it may not read the folder" closed status closed
cp -r done shared && chmod -R a+rwX shared
forbidden "run does not repeat a trial whose record it may not read" \
    "$(find shared/trials -name '*.json' | head -1)" run wave.json -o shared -q
finish
