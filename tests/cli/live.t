#!/bin/sh
# `predict MODEL -`: rows are answered as they come, states are kept, broken rows reported.
# shellcheck disable=SC2154 # $code is set by lb
. tests/cli/lib.sh

{
    echo t,a,b
    awk 'BEGIN { srand(3); for (i = 0; i < 300; i++) { t += 0.5 + rand();
        printf "%.2f,%.3f,%s\n", t, sin(t / 3) * 4, i % 9 == 4 ? "" : sprintf("%.3f", rand() + cos(t / 5)) } }'
} >data.csv
printf '{"name": "e", "dataset": {"csv": "data.csv", "time": "t", "inputs": ["a", "b"], "targets": ["a"], "missing": "mask"},
    "task": {"window": 20, "stride": 10, "horizon": 2}, "baselines": [], "train": {"epochs": 1}, "seeds": [0],
    "models": [{"cell": "plstm", "hidden": 8}, {"name": "other", "cell": "lstm", "hidden": 8}]}\n' >e.json
lb run e.json -o res -q
model=$(echo res/models/*plstm*) other=$(echo res/models/*other*)
lb predict "$model" data.csv -o whole.csv
live() { # ROWS [OPTION]...: feeds the rows FIRST,LAST
    rows=$1
    shift
    { head -1 data.csv && tail -n +2 data.csv | sed -n "${rows}p"; } |
        "$program" predict "$model" - "$@" >out 2>err
    code=$?
}

live 1,300 --latency
[ $code -eq 0 ] && cmp -s out whole.csv
result $? "a live stream answers as the file does"
err 'latency of 300 rows in µs: p50 [0-9.]+, p99 [0-9.]+, max [0-9.]+$' "latencies on request"

# A row is answered before the next one comes.
mkfifo rows
"$program" predict "$model" - --state killed.json <rows >first.csv 2>err &
process=$!
exec 3>rows
head -1 data.csv >&3
answered=0
for row in $(seq 1 20); do
    sed -n "$((row + 1))p" data.csv >&3
    for _ in $(seq 1 200); do
        [ "$(wc -l <first.csv)" -gt "$row" ] && answered=$((answered + 1)) && break
        sleep 0.02
    done
done
[ $answered -eq 20 ]
result $? "each row is answered before the next one comes"
for _ in $(seq 1 200); do
    grep -q '"rows": 20' killed.json 2>/dev/null && break
    sleep 0.05
done
kill -KILL $process
wait $process 2>/dev/null
exec 3>&-
live 21,300 --state killed.json
cat first.csv >joined.csv && tail -n +2 out >>joined.csv && cmp -s joined.csv whole.csv
result $? "after a kill the stream goes on from its state, with the same answers"
err 'go on after row 20' "and says so"

live 1,150 --state s.json && cp out joined.csv
live 151,300 --state s.json && tail -n +2 out >>joined.csv && cmp -s joined.csv whole.csv
result $? "a stream in two parts answers as one"
cp s.json copy.json
refused 'copy.json: is the state of a different model' "the state of another model is refused" \
    predict "$other" - --state copy.json
cmp -s s.json copy.json
result $? "and left as it is"
live 1,20 --state nowhere/s.json
[ $code -eq 2 ] && grep -q 'nowhere/s.json: cannot write' err && [ "$(wc -l <out)" -le 1 ]
result $? "a state that cannot be written is refused before a row is answered"
head -1 data.csv | "$program" predict "$model" - --state none.json >out 2>err
live 1,150 --state none.json && cp out joined.csv
live 151,300 --state none.json && tail -n +2 out >>joined.csv && cmp -s joined.csv whole.csv
result $? "a stream without rows leaves a state to begin from"
echo '{"a": 1}' >broken.json
refused 'broken.json: is no state' "what is no state is refused" predict "$model" - --state broken.json
echo '{"a"' >broken.json
refused 'broken.json' "half a file is refused" predict "$model" - --state broken.json

broken() { # ROW OPTION...: row 21 is broken
    row=$1
    shift
    { head -21 data.csv && printf '%s\n' "$row" && tail -n +22 data.csv; } |
        "$program" predict "$model" - "$@" >out 2>err
    code=$?
}
cut -d, -f2- whole.csv >answers
for case in '1,2=has 2 fields, but the header 3' 'x,1,2="x" is no time' '1e4,x,2=column "a": "x" is not a number' \
    '1,1,1=1 is earlier than the row before' '1e4,a"b,3=quotation mark'; do
    broken "${case%%=*}"
    [ $code -eq 2 ] && grep -q "line 22: .*${case#*=}" err && [ "$(wc -l <out)" -eq 21 ]
    result $? "a row with ${case%%=*} ends it, named by its line"
    broken "${case%%=*}" --on-error skip
    [ $code -eq 0 ] && grep -q "line 22: .*${case#*=}.*skipped" err && cut -d, -f2- out | cmp -s - answers
    result $? "or is passed over, and the others are answered as ever"
done
broken "$(sed -n 21p data.csv)"
[ $code -eq 2 ] && grep -q 'repeats the time of the row before' err
result $? "a repeated time is an error"

printf '' | "$program" predict "$model" - >out 2>err && [ "$(wc -l <out)" -eq 1 ]
result $? "nothing but the header answers an empty input"
printf 't,a\n' | "$program" predict "$model" - >out 2>err
[ $? -eq 2 ] && grep -q 'no column "b"' err
result $? "a column that is missing is named"
refused 'are for a live stream' "--state is for live streams" predict "$model" data.csv --state x.json
refused 'choose stop or skip' "--on-error says what there is" predict "$model" - --on-error go
refused 'answers on standard output' "-o is for files" predict "$model" - -o x.csv

"$program" predict "$model" - --state term.json <rows >out 2>err &
process=$!
exec 3>rows
sleep 0.3
kill -TERM $process
wait $process
[ $? -eq 143 ]
result $? "SIGTERM ends it, with its exit code"
exec 3>&-
finish
