#!/bin/sh
# `data`, and what becomes of bad data.
. tests/cli/lib.sh

lb data list
exits 0 "data list succeeds"
out '^sunspots +file +[A-Z]' "it lists shipped files"
out '^lorenz +generated +[A-Z]' "and generators"
out '^xor +generated +[A-Z]' "and cards of generators"
out '^walker2d +to fetch +[A-Z]' "and sets that are not here"

lb data describe sunspots
exits 0 "a shipped data set is described"
out '^licence' "with its licence"
out '^train +1 series +[0-9]+ rows +[0-9]+ windows' "and the size of its splits"
lb data describe mackey_glass
out '^test +[0-9]+ series' "a generator is described by what it generates"
lb data describe wave.csv
out '^wave.csv: 300 rows, 2 columns' "a file is described"
out '^a +number +0 ' "column by column"
refused 'did you mean "sunspots"' "an unknown data set gets a suggestion" data describe sunspot
lb data describe cheetah
exits 0 "a data set that is not here yet is described"
out '^licence' "with its licence"
out '^files .*data fetch cheetah.*LIQUIDBENCH_DATA' "and how to get it"

lb data generate lorenz --rows 50 --seed 3
[ $code -eq 0 ] && [ "$(wc -l <out)" -eq 51 ]
result $? "data generate prints CSV"
cp out first.csv
lb data generate lorenz --rows 50 --seed 3 -o second.csv
cmp -s first.csv second.csv
result $? "the same seed gives the same series, in a file too"
lb data generate lorenz --rows 50 --seed 4 -o third.csv
! cmp -s first.csv third.csv
result $? "another seed gives another one"
lb data generate damped_oscillator --rows 50 --set 'frequency=[2, 3]' -o fast.csv
exits 0 "parameters can be set"
refused 'massss: unknown parameter' "an unknown parameter" \
    data generate damped_oscillator --set massss=3
refused 'did you mean "lorenz"' "an unknown generator" data generate lorentz
refused 'rows' "rows that are no number" data generate lorenz --rows many

# A 2 x 3 array of float64, as NumPy writes it.
perl -e '
    my $header = "{\x27descr\x27: \x27<f8\x27, \x27fortran_order\x27: False, \x27shape\x27: (2, 3), }";
    $header .= " " x (117 - length $header) . "\n";
    print "\x93NUMPY\x01\x00", pack("v", length $header), $header, pack("d<*", 1, 2.5, -3, 0.1, 1e10, 7);
' >array.npy
lb data convert array.npy array.csv
[ $code -eq 0 ] && [ "$(tr '\n' ' ' <array.csv)" = "x1,x2,x3 1,2.5,-3 0.1,10000000000,7 " ]
result $? "a .npy file is converted to CSV, no digit lost"
head -c 100 array.npy >short.npy
printf 'time;a\n2024-01-01T00:00:00.123456789;1.512\n1969-12-31T23:59:59.5;2.164\n' >semi.csv
lb data convert --set decimal=. semi.csv plain.csv
[ $code -eq 0 ] && [ "$(tr '\n' ' ' <plain.csv)" = "time,a 1704067200.123456789,1.512 -0.5,2.164 " ]
result $? "--set says how the file is read, and times keep every digit"
refused 'short.npy: ' "a .npy file that is cut off" data convert short.npy x.csv
if command -v bsdtar >/dev/null; then
    bsdtar -c --format zip -f one.npz array.npy
    lb data convert one.npz again.csv
    [ $code -eq 0 ] && cmp -s again.csv array.csv
    result $? "the array of an .npz file is read"
    cp array.npy other.npy
    bsdtar -c --format zip -f two.npz array.npy other.npy
    refused 'two.npz: holds 2 arrays' "an .npz file with several arrays" data convert two.npz x.csv
    head -c 50 one.npz >short.npz
    refused 'short.npz: ' "an .npz file that is cut off" data convert short.npz x.csv
else
    skip "the array of an .npz file is read" "bsdtar is not installed"
fi
refused 'two.csv/x: cannot write|nowhere' "a folder that is not there" \
    data convert array.npy nowhere/x.csv

# run MODEL on bad data: PATTERN NAME CSV
small_config wave '"baselines": []'
bad() {
    printf "$3" >bad.csv
    refused "$1" "$2" run wave.json -o results --set dataset.csv=bad.csv
}
refused 'none.csv: ' "a missing file" run wave.json --set dataset.csv=none.csv
bad 'bad.csv: ' "an empty file" ''
bad 'bad.csv' "a header alone" 'a,b\n'
bad 'dataset' "one row" 'a,b\n1,2\n'
bad 'bad.csv:3' "a row of the wrong length" 'a,b\n1,2\n1\n3,4\n'
bad 'bad.csv:[0-9]+:' "a text among numbers is named with its line" \
    'a,b\n1,2\n2,3\n3,x\n4,5\n5,6\n6,7\n'
bad 'column "b".*missing|missing.*"b"|dataset.missing' "a missing value, unless the config allows it" \
    "a,b\n$(wave 100 | sed 1d | sed '50s/,.*/,NaN/')\n"
bad 'task.window|too few|window' "fewer rows than a window" 'a,b\n1,2\n2,3\n3,4\n4,5\n'
cp bad.csv kept.csv
for policy in forward mean mask; do
    wave 300 | sed '50s/,.*/,NaN/' >holes.csv
    lb run wave.json -o "$policy" -q --set dataset.csv=holes.csv --set dataset.missing=$policy \
        --set seeds=[0]
    exits 0 "missing values can be filled in: $policy"
done
refused 'did you mean "forward"' "an unknown policy" run wave.json --set dataset.missing=forwards
refused 'column.*"c"|"c".*column' "an unknown column" run wave.json --set 'dataset.inputs=["a", "c"]'
awk 'NR == 1 { print "a,b,class"; next } { print $0 ",same" }' FS=, wave.csv >one.csv
refused 'class' "one class alone" run wave.json -o results --set dataset.csv=one.csv \
    --set 'dataset.targets=["class"]' --set task.type=classification
[ ! -e results ]
result $? "nothing is written for bad data"

# Perturbed data
gnuplot_draws
lb data describe lorenz --perturb drift:2 -o drift.svg
exits 0 "a perturbation is drawn over a built-in data set"
grep -q 'severity 2' drift.svg && grep -q 'clean' drift.svg
result $? "the picture says what it shows"
lb data describe wave.csv --perturb gaussian -o wave.png
exits 0 "and over a file of one's own"
refused 'did you mean "drift"' "an unknown perturbation" data describe lorenz --perturb dirft
refused 'not a number' "a severity that is none" data describe lorenz --perturb drift:x
refused 'none/x.svg' "a picture that cannot be written" data describe lorenz --perturb drift \
    -o none/x.svg

lb data list
[ "$(grep -ob ' generated  ' out | wc -l)" -gt 5 ] &&
    [ "$(perl -ne '/  (generated|shipped|fetched|to fetch|\S+) /; print "$-[1]\n"' out | sort -u | wc -l)" = 1 ]
result $? "the list of data sets has straight columns"

# Numbers that may be names keep all digits, and text is not changed.
printf 'id,v,s\n2147483648,1.0000001192092896,-foo\n9007199254740992,1e300,=1+1\n' >exact.csv
lb data convert exact.csv again.csv
sed "s/1e300/1e+300/" exact.csv | cmp -s - again.csv
result $? "convert writes numbers and texts as they are"
printf 't;a\n2023 365;1\n2024 366;2\n' >days.csv
lb data convert --set time=t --set 'time_format=%Y %j' days.csv again.csv
[ "$(tr '\n' ' ' <again.csv)" = "t,a 1703980800,1 1735603200,2 " ]
result $? "days of a year are dates"
printf 't;a\n2023 366;1\n2024 366;2\n' >days.csv
lb data convert --set time=t --set 'time_format=%Y %j' days.csv again.csv
grep -q '^2023 366,1' again.csv
result $? "a day that the year does not have is none"

finish
