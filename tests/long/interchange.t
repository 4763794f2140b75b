#!/bin/sh
# The Python snippets of docs/interchange.md, one after the other. PYTHON: the interpreter (default: python3).
. tests/cli/lib.sh

python=${PYTHON:-python3}
command -v "$python" >/dev/null 2>&1 || { echo "1..0 # SKIP there is no $python" && exit; }
{ echo a,b && awk 'BEGIN { for (i = 0; i < 200; i++) printf "%.4f,%.4f\n", sin(i / 5), cos(i / 7) }'; } >new.csv
printf '{"name": "first", "dataset": {"csv": "new.csv"}, "task": {"window": 20, "stride": 10}, "baselines": [],
    "train": {"epochs": 1}, "seeds": [0], "models": [{"cell": "lstm", "hidden": 8}, {"cell": "ltc", "hidden": 8}]}\n' >first.json
lb run first.json -q -o results/first
cp results/first/models/*-lstm-*.safetensors model.safetensors

# Snippet NUMBER of the page into a file.
snippet() { # NUMBER
    awk -v wanted="$1" '/^```python/ { n++; inside = 1; next } /^```/ { inside = 0 } inside && n == wanted' \
        "$root/docs/interchange.md"
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
    snippet $snippet >snippet-$snippet.py
done
cat snippet-3.py snippet-5.py >both.py
mkdir ltc
cp results/first/models/*-ltc-*.safetensors ltc/model.safetensors
sed '/^readout = /,$d' snippet-3.py | cat - snippet-4.py >ltc/ltc.py # read as above
run_snippet "results into pandas" snippet-1.py pandas
run_snippet "results without a package" snippet-2.py csv
run_snippet "weights into PyTorch, strictly, and back" both.py torch safetensors
cd ltc
run_snippet "weights into ncps, strictly" ltc.py torch safetensors ncps
cd ..
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
