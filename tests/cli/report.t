#!/bin/sh
# `report` on results of the program itself.
. tests/cli/lib.sh
gnuplot_draws

small_config wave
lb run wave.json -o base -q
cp out first
cp -R base/report kept
rm -r base/report
lb report base
exits 0 "report succeeds"
sed -i '/^Report:/d' out first
cmp -s out first
result $? "it prints what run printed"
diff -r kept base/report >differences
result $? "and writes the same files, byte for byte"
if command -v gnuplot >/dev/null; then
    grep -q '<svg\|data:image' base/report/index.html
    result $? "the page carries its plots"
else
    skip "the page carries its plots" "there is no gnuplot"
fi
lb report base -o elsewhere
[ $code -eq 0 ] && [ -s elsewhere/index.html ]
result $? "-o writes elsewhere"

# One number in two tables
lb report base
awk '/^model .* noise/ { for (i = 1; i <= NF; i++) column = $i == "noise" ? i + (/MSE ↓/ ? 2 : 0) : column }
     /^Clean and faulted/ { other = 1 }
     /^Robustness/ { second = 1; other = 0 }
     !other && match($0, /^[a-z]+ .*×/) { n = 0; for (i = 1; i <= NF; i++) if ($i ~ /^×/) values[second, $1, ++n] = $i }
     END { for (k in values) { split(k, part, SUBSEP); if (part[1] != 1 && part[3] == 1) {
               seen++; if (values[k] != values[1, part[2], 2]) { print part[2], values[k], values[1, part[2], 2]; bad = 1 } } }
           exit bad || seen < 2 }' out >differences
result $? "the worst noise has the same ratio in both tables"

# Several data sets
"$root/tests/support/many-trials.pl" base many --datasets 3 --seeds 2
lb report many -o manyfold
awk '/^Ranks/ { found = 1 } found && $2 ~ /^[0-9.]+[*]?$/ { if ($2 + 0 < last) wrong = 1; last = $2 + 0; rows++ }
     found && /^$/ && rows { exit } END { exit rows < 2 || wrong }' out
result $? "the table of ranks begins with the best"

# For papers
lb report base -o paper --columns model,MSE,params,train_s --pdf
exits 0 "--columns and --pdf"
out '^model +MSE ↓ +params +train s$' "the terminal shows these columns, in this order"
grep -q 'begin{tabular}{lS\[table-format=[0-9.()]*\]S\[table-format=[0-9]*\.0\]' paper/tables/wave-scores.tex &&
    grep -q '^    lstm & .* +- .* & ' paper/tables/wave-scores.tex
result $? "LaTeX has a file for the table, with columns of siunitx"
grep -q '\\input{tables/wave-scores.tex}' paper/report.tex &&
    ! grep -rq resizebox paper/report.tex paper/tables
result $? "report.tex takes it in, and shrinks nothing"
if command -v gnuplot >/dev/null; then
    grep -q '\\includegraphics\[width=.*\]{plots/wave-.*\.pdf}' paper/report.tex &&
        [ "$(find paper/plots -name '*.pdf' | wc -l)" -eq "$(find paper/plots -name '*.svg' | wc -l)" ] &&
        cat paper/plots/wave-*.pdf | head -c 5 | grep -q '%PDF-'
    result $? "and the plots, as PDF"
    grep -q '\\includegraphics\[width=.*\]{plots/wave-.*\.png}' elsewhere/report.tex &&
        [ -z "$(find elsewhere -name '*.pdf')" ]
    result $? "as PNG without --pdf"
    lb report base -o paper -q
    [ -z "$(find paper -name '*.pdf')" ]
    result $? "those of an earlier report go"
else
    skip "plots as PDF" "there is no gnuplot"
fi
refused 'columns: there is no column "mze"; choose from model, seeds, params, mse' \
    "a column that is not there" report base -o paper --columns model,mze

# Without gnuplot
mkdir tools
for tool in sh sed cat; do ln -s "$(command -v $tool)" tools/; done
PATH=$work/tools lb report base -o plain
[ $code -eq 0 ] && [ -s plain/index.html ] && grep -q 'gnuplot' err
result $? "without gnuplot there is a report, and a warning"
[ -z "$(find plain -name '*.svg')" ]
result $? "and no plots"

# At the same time, as runs do that finish in one folder together
for i in 1 2 3 4; do "$program" report base -o together -q >/dev/null 2>"together.$i" & done
wait
[ -z "$(cat together.[1-4])" ] && cmp -s together/index.html elsewhere/index.html
result $? "reports into one folder wait for each other"
if command -v flock >/dev/null; then
    mkdir held
    mkfifo locked release
    flock held sh -c 'echo >locked; cat release >/dev/null' &
    cat locked >/dev/null # until the folder is locked
    PATH=$work/tools "$program" report base -o held -q >/dev/null 2>&1 & # no plots: at once
    sleep 0.5
    [ ! -e held/index.html ]
    result $? "a report waits while another holds its folder"
    echo >release
    wait
    [ -s held/index.html ]
    result $? "and is written then"
else
    skip "a report waits while another holds its folder" "there is no flock"
fi

# Two folders
small_config other '"baselines": []'
lb run other.json -o other -q --set train.epochs=1
lb report base other -o both
[ $code -eq 0 ] && [ -s both/index.html ]
result $? "several folders make one report"
refused 'say with -o' "several folders need -o" report base other
refused 'none' "a folder that is not there" report none
mkdir empty
refused 'empty' "a folder without results" report empty

# Colour
lb report base
! grep -q "$(printf '\033')" out
result $? "there is no colour in a file"

finish
