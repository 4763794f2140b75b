#!/bin/sh
# `liquidbench bench --check`: what got slower, and what is no file of `bench --json`.
. tests/cli/lib.sh

lb bench --cell lstm --cell bilstm --shape 4x2x3 --seconds 0.01 --turns 2 --json
exits 0 "bench --json, the best of two turns"
cp out now.json

# scaled FACTOR: the file as if everything had taken this many times as long.
scaled() {
    perl -MJSON::PP -0777 -ne '
        my $rows = decode_json($_);
        for my $row (@$rows) {
            $row->{training_step_cpu_ms} *= '"$1"';
            $row->{step_us}{p50} *= '"$1"' if $row->{step_us};
        }
        print encode_json($rows)' now.json
}

scaled 1000 >slow.json
lb bench --check slow.json --seconds 0.01
exits 0 "what took a thousand times as long then is not slower now"
out '^None of 2 got slower than the machine explains' "and it says so"
scaled 0.001 >fast.json
lb bench --check fast.json --seconds 0.01
exits 1 "what took a thousandth then fails"
out '^lstm +4x2x3 .* slower$' "the row is marked"
out '^2 of 2 got slower than the machine explains' "the sum is told"

sed 's/"cpu": *"[^"]*"/"cpu":"another"/g' slow.json >foreign.json
lb bench --check foreign.json --seconds 0.01
exits 0 "a file of another processor is compared, too"
out '^2 of 2 rows are of another processor: only what is 50 % slower counts' "by a wider tolerance"

lb bench --check fast.json --seconds 0.01 --limit 1e9
exits 0 "--limit says how much slower is too slow"
lb bench --check foreign.json --seconds 0.01 --limit 30
out 'only what is 30 % slower counts' "of another processor's rows, too"
refused '--limit x: must be a number' "a limit that is none" bench --check now.json --limit x
refused '--limit: is of --check' "a limit of nothing" bench --limit 5

sed 's/"instruction_set": *"[^"]*"/"instruction_set":"neon"/g' fast.json >neon.json
lb bench --check neon.json --seconds 0.01
exits 0 "a file of other instructions is not compared"
out '^neon.json is of neon, and this program uses .*Nothing was compared' "and it says so"

refused 'needs a file|No such file' "no such file" bench --check nothing.json
echo '{}' >object.json
refused 'object.json: expected a list of rows' "no list" bench --check object.json
echo '[{"cell": "lsmt"}]' >unknown.json
refused 'unknown.json: \[0\]: cell: "lsmt" is no cell' "an unknown cell" bench --check unknown.json
sed 's/"hidden": 4/"hidden": 1e300/' now.json >huge.json
refused 'huge.json: \[0\]: hidden: expected a whole number' "a size that no integer holds" \
    bench --check huge.json
sed 's/"peak_gflops": [0-9.e+-]*/"peak_gflops": null/' now.json >none.json
refused 'none.json: \[0\]: peak_gflops: expected a positive number' "a figure that is missing" \
    bench --check none.json
sed 's/"set": {}/"set": {"units": 3}/' now.json >option.json
refused 'option.json: \[0\]: .*units' "an option that the cell does not have" bench --check option.json
for option in '--cell lstm' '--inputs 3' '--threads 2'; do
    # shellcheck disable=SC2086 # an option and its value
    refused 'take away the other options' "--check with $option, which the file names" \
        bench --check now.json $option
done
finish
