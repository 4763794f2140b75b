#!/bin/sh
# The snippets of docs/interchange.md, one after the other. PYTHON: the interpreter (default: python3).
. tests/cli/lib.sh

python=${PYTHON:-python3}
command -v "$python" >/dev/null 2>&1 || { echo "1..0 # SKIP there is no $python" && exit; }
{ echo a,b && awk 'BEGIN { for (i = 0; i < 200; i++) printf "%.4f,%.4f\n", sin(i / 5), cos(i / 7) }'; } >new.csv
printf '{"name": "first", "dataset": {"csv": "new.csv"}, "task": {"window": 20, "stride": 10}, "baselines": [],
    "train": {"epochs": 1}, "seeds": [0], "models": [{"cell": "lstm", "hidden": 8}, {"cell": "ltc", "hidden": 8}]}\n' >first.json
lb run first.json -q -o results/first
cp results/first/models/*-lstm-*.safetensors model.safetensors

# A snippet of the page, by its number among those of its language.
snippet() { # LANGUAGE NUMBER
    awk -v fence="\`\`\`$1" -v wanted="$2" '$0 == fence { n++; inside = 1; next } /^```/ { inside = 0 }
        inside && n == wanted' "$root/docs/interchange.md"
}

# Whether a program printed a number of the clean test that the record of the LSTM has.
# shellcheck disable=SC2016 # Perl
prints_score() {
    awk -v score="$(json "$(echo results/first/trials/*-lstm-*)" '$j->{metrics}{test}{mse}')" '{
        for (i = 1; i <= NF; i++) if ($i + 0 != 0 && ($i - score)^2 < (1e-5 * score)^2) found = 1 }
        END { exit !found }' out
}

run_snippet() { # NAME FILE MODULE...
    name=$1 file=$2
    shift 2
    for module in "$@"; do
        if ! "$python" -c "import $module" 2>/dev/null; then
            skip "$name" "$python has no $module"
            return
        fi
    done
    "$python" "$file" >out 2>err
    result $? "$name"
}

for snippet in 1 2 3 4 5; do
    snippet python $snippet >snippet-$snippet.py
done
cat snippet-3.py snippet-5.py >both.py
mkdir ltc
cp results/first/models/*-ltc-*.safetensors ltc/model.safetensors
sed '/^readout = /,$d' snippet-3.py | cat - snippet-4.py >ltc/ltc.py # read as above
rm -f out
run_snippet "results into pandas" snippet-1.py pandas
if [ -s out ]; then
    prints_score
    result $? "which has the scores of the records"
fi
if command -v Rscript >/dev/null 2>&1; then
    snippet r 1 >snippet.R
    Rscript snippet.R >out 2>err && prints_score
    result $? "results into R, which has the scores of the records"
else
    skip "results into R" "there is no Rscript"
fi
run_snippet "results without a package" snippet-2.py csv
run_snippet "weights into PyTorch, strictly, and back" both.py torch safetensors
cd ltc || exit
run_snippet "weights into ncps, strictly" ltc.py torch safetensors ncps
cd "$work" || exit
if [ -e mine.safetensors ]; then
    lb predict mine.safetensors new.csv -o mine.csv
    exits 0 "predict takes the weights back"
    lb predict model.safetensors new.csv -o model.csv
    ! cmp -s mine.csv model.csv
    result $? "and they are other weights"
    sed 's/"mine.safetensors"/"short.safetensors"/; s/^save_file/del tensors["bias_hh_l0"]\nsave_file/' both.py >short.py
    "$python" short.py
    refused 'short.safetensors: (has no tensor|model: needs [0-9]+ parameters)' "a missing tensor is refused" predict short.safetensors new.csv
fi
finish
