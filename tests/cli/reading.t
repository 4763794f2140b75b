#!/bin/sh
# What the program says about the files it reads.
. tests/cli/lib.sh

config_of() { # NAME CSV [DATASET FIELDS]
    printf '{"name": "%s", "dataset": {"csv": "%s"%s}, "task": {"window": 8}, "train": {"epochs": 1},
             "models": [{"cell": "lstm", "hidden": 4}], "baselines": [], "seeds": [0]}' "$1" "$2" "${3:-}" >"$1.json"
}

# table NAME HEADER PERL: 100 rows, row $i from 0.
table() {
    perl -e 'print "$ARGV[0]\n" if $ARGV[0] ne ""; for my $i (0 .. 99) { print eval($ARGV[1]), "\n" }' \
        "$2" "$3" >"$1"
}

# --- columns that are not used ---------------------------------------------------------------------

table days.csv time,site,load \
    'sprintf "2024-01-%02d %02d:00,north,%.2f", 1 + int($i / 24), $i % 24, 20 + sin $i'
config_of days days.csv
lb run -q days.json -o results
exits 0 "a table with dates and text is learned from"
err 'days.csv: column "time" holds dates but is not used.*set dataset.time to "time"' "dates that are not used are said"
err 'column "site" holds text such as "north" and is not used' "and text"
lb run -q days.json -o timed --set dataset.time=time
! grep -q 'holds dates' err
result $? "a time column is no such thing"
json "$(ls results/trials/*.json | head -1)" '"@{$j->{dataset_notes}}"' >said
grep -q 'site.*not used' said
result $? "the record keeps what was said"
lb data describe sunspots
! grep -q 'note:' err
result $? "nothing is to be said about a shipped data set"

table newest.csv time,load \
    'sprintf "2024-01-%02d %02d:00,%.2f", 5 - int($i / 24), 23 - $i % 24, 20 + sin $i'
config_of newest newest.csv
lb run -q newest.json -o newest
err 'whose newest row comes first; set dataset.order to "sort" and set dataset.time to "time"' "rows that go back in time are said"
lb run -q newest.json -o newest2 --set dataset.inputs=load
err 'whose newest row comes first; set dataset.order to "sort" and set dataset.time to "time"' "also where the inputs are named"
table steps.csv t,load 'sprintf "%d,%.2f", 10 * $i, 20 + sin $i'
config_of steps steps.csv
lb run -q steps.json -o steps
err 'column "t" grows in equal steps, as time does, and is an input and a target; set dataset.time to "t"' \
    "a column that looks like time is said"
lb run -q steps.json -o steps2 --set dataset.time=t
! grep -q 'note:' err
result $? "once it is the time, there is nothing to say"

table german.csv Zeit,load 'sprintf "%02d.01.2024 %02d:00,%.2f", 1 + int($i / 24), $i % 24, 20 + sin $i'
config_of german german.csv
lb run -q german.json -o german
err 'column "Zeit" holds dates such as "01.01.2024 00:00" but is not used.*dataset.time to "Zeit" and dataset.time_format to "%d.%m.%Y %H:%M"' \
    "dates in other formats are said with their format"
lb run -q german.json -o german2 --set dataset.time=Zeit
exits 2 "and are refused as times without it"
err 'german.csv:2: .*set dataset.time_format to "%d.%m.%Y %H:%M"' "with the format"
lb init first --csv german.csv
grep -q '"time_format": *"%d.%m.%Y %H:%M"' first.json
result $? "init takes them for the times"
lb run --dry-run first.json
exits 0 "and its config is right"
table both.csv day,load 'sprintf "%02d/%02d/2024,%.2f", 1 + $i % 9, 1 + $i / 10, 20 + sin $i'
config_of both both.csv
lb run -q both.json -o both
err 'dataset.time_format to "%d/%m/%Y" or "%m/%d/%Y"' "two formats that fit are both named"
table flat.csv a,b,c,d,e,f,g,h '"1,1,1,1,1,1,1,$i"'
config_of flat flat.csv
lb run --dry-run flat.json --set 'evaluate.metrics=["mase"]'
[ "$(grep -c 'MASE is undefined: ' err)" -eq 5 ] && grep -q 'MASE is undefined for 2 more targets' err
result $? "many targets of the same kind are said in a few lines"
table total.csv day,load '$i < 99 ? sprintf "2024-%02d-%02d,%.2f", 1 + $i / 28, 1 + $i % 28, 20 + sin $i : "Total,1980"'
config_of total total.csv
lb run -q total.json -o total
err 'column "day" holds dates but for "Total" in line 101 and is not used: that row counts as any other' \
    "a last row that is no moment is said"
lb run -q total.json -o total2 --set dataset.inputs=load
err 'holds dates but for "Total" in line 101' "also where the inputs are named"

# --- columns that are numbers but for a few fields ---------------------------------------------------

odd() { # ROW FIELD
    table odd.csv t,load,temp "my \$v = sprintf '%.2f', 20 + sin \$i; \$v = '$2' if \$i == $1; \"\$i,\$v,\$i\""
    config_of odd odd.csv
}
for row in 0 50 99; do
    for field in None inf - '20 C' 1e999 2,5; do
        odd $row "$field"
        case $field in *,*) sed -i 's/,2,5,/,"2,5",/' odd.csv ;; esac
        refused "odd.csv:$((row + 2)): column 2 \\(load\\): \"$field\" is .*dataset.missing_tokens" \
            "\"$field\" in row $row is named" run odd.json -o odd
    done
done
odd 50 None
lb run -q odd.json -o odd --set 'dataset.missing_tokens=["None"]' --set dataset.missing=forward
exits 0 "missing_tokens takes it as missing"
lb run -q odd.json -o odd2 --set 'dataset.inputs=["temp"]'
exits 0 "a column that is not used may hold anything"

# --- encodings, compression ---------------------------------------------------------------------------

perl -pe 'print "t,temp\xe9rature\n" if $. == 1; $_ = "" if $. == 1; s/,[a-z]+,/,/' days.csv >latin.csv
refused 'latin.csv:1: character 7 is not UTF-8 .byte 0xE9.*iconv -f WINDOWS-1252 -t UTF-8' "Latin-1" \
    data describe latin.csv
perl -e 'print "\xff\xfe", join "", map { "$_\0" } split //, "a,b\n1,2\n"' >utf16.csv
refused 'utf16.csv: is in UTF-16; convert it with .iconv -f UTF-16LE' "UTF-16" data describe utf16.csv
perl -e 'print join "", map { "$_\0" } split //, "a,b\n1,2\n"' >utf16.csv
for encoding in UTF-32LE UTF-32BE UTF-16BE; do
    iconv -f UTF-8 -t $encoding days.csv >wide.csv
    refused "wide.csv: is in UTF-..; convert it with .iconv -f $encoding" "$encoding" data describe wide.csv
done
refused 'utf16.csv: is in UTF-16' "UTF-16 without a mark" data describe utf16.csv
cp days.csv "$(printf 'd\351.csv')"
refused 'the name of the file is not UTF-8' "a file name that is not UTF-8" \
    run days.json -o x --set 'dataset.csv=d?.csv'
refused 'is not UTF-8' "a setting that is not" run days.json --set "name=$(printf '\351')"
printf '{"name": "\351"}' >latin.json
refused 'latin.json:1:11: not UTF-8' "and a config" run latin.json
gzip -c days.csv >days.csv.gz
lb data convert days.csv plain.csv
lb data convert days.csv.gz unpacked.csv
[ $code -eq 0 ] && cmp -s plain.csv unpacked.csv
result $? "a .gz file is read"
{ gzip -c days.csv; tail -n +2 days.csv | gzip -c; } >two.csv.gz
lb data describe two.csv.gz
out 'two.csv.gz: 200 rows' "with several members too"
head -c 300 days.csv.gz >cut.csv.gz
refused 'cut.csv.gz: the compressed file is cut off' "one that is cut off" data describe cut.csv.gz
lb data describe /dev/stdin <days.csv
out '100 rows' "stdin is read"
cat days.csv | lb data describe /dev/stdin
out '100 rows' "a pipe as well"

# --- times --------------------------------------------------------------------------------------------

table german.csv 'Zeit;Last' 'sprintf "%02d.01.2024 %02d:00;%d,%02d", 1 + int($i / 24), $i % 24, 20 + $i % 7, $i'
config_of german german.csv
lb run -q german.json -o german
err 'column "Zeit" holds dates such as "01.01.2024 00:00" but is not used.*set dataset.time' \
    "dates of another format are said"
refused 'german.csv:2: column 1 .Zeit.: "01.01.2024 00:00" is not a time.*2024-01-31.*dataset.time_format' \
    "as dataset.time they are refused with the formats" run german.json -o x --set dataset.time=Zeit
lb run -q german.json -o german2 --set dataset.time=Zeit --set 'dataset.time_format=%d.%m.%Y %H:%M'
exits 0 "dataset.time_format reads them"
sed -i 's/05.01.2024 00/35.01.2024 00/' german.csv
refused 'german.csv:98: column 1 .Zeit.: "35.01.2024 00:00" is not a time' "a date that does not fit it" \
    run german.json -o x --set dataset.time=Zeit --set 'dataset.time_format=%d.%m.%Y %H:%M'
table parts.csv year,month,day,hour,load 'sprintf "2024,1,%d,%d,%.2f", 1 + int($i / 24), $i % 24, 20 + sin $i'
config_of parts parts.csv
lb run -q parts.json -o parts --set 'dataset.time=["year", "month", "day", "hour"]'
[ $code -eq 0 ] && ! grep -q note: err
result $? "several columns make the time"
record=$(ls parts/trials/*lstm*.json)
[ "$(json "$record" '$j->{example}{time}[1] - $j->{example}{time}[0]')" = 1 ]
result $? "with steps of an hour"
model=$(ls parts/models/*.safetensors)
lb predict "$model" parts.csv
[ $code -eq 0 ] && [ "$(wc -l <out)" -eq 101 ] && head -1 out | grep -qx 'row,load+1'
result $? "they are no inputs, and predict reads them likewise"
printf 'year,month,day,hour,load\n2024,1,1,0,20\n2024,13,1,1,20\n' >wrong.csv
refused 'wrong.csv:3: .*"2024 13 1 1" is not a time' "a month 13 is refused" predict "$model" wrong.csv
lb run -q days.json -o timed2 --set dataset.time=time
printf 'time,load\n1,20\n2,21\n' >numbers.csv
refused 'numbers.csv: column "time" holds numbers, but the model was trained with dates' \
    "predict wants times of the same kind" predict "$(ls timed2/models/*.safetensors)" numbers.csv
printf 'time,load\n%s' "$(seq -s '
' 1 50 | sed 's/$/,20/')" >numbers.csv
refused 'days.csv holds dates and .*numbers.csv holds numbers' "and so must the files of one data set" \
    run days.json -o x --set 'dataset.csv=["days.csv", "numbers.csv"]' --set dataset.time=time

# --- categories ---------------------------------------------------------------------------------------

perl -e 'print "site,load\n"; print "id$_,$_\n" for 0 .. 2999' >ids.csv
table sites.csv site,load 'my $s = $i >= 90 ? "mars" : qw(south north east)[$i % 3]; sprintf "%s,%.2f", $s, 20 + $i % 3'
config_of sites sites.csv ', "categorical": "site"'
lb run -q sites.json -o sites
[ $code -eq 0 ] && ! grep -q note: err
result $? "a column of text is an input as categories"
model=$(ls sites/models/*.safetensors)
tail -c +9 "$model" | head -c 4000 | grep -q 'category_texts[^a-z]*east[^a-z]*north[^a-z]*south[^a-z]*]'
result $? "those of the training rows, sorted"
lb predict "$model" sites.csv
[ $code -eq 0 ] && [ "$(wc -l <out)" -eq 101 ]
result $? "predict knows them"
lb run -q sites.json -o sites2 --set dataset.inputs=load --set dataset.missing=mask \
    --set 'evaluate.ood=[{"name": "again", "files": ["sites.csv"]}]'
exits 0 "with flags and shifted files too"
refused 'dataset.categorical.*no column "town"' "an unknown column" \
    run sites.json -o x --set dataset.categorical=town
refused 'more than 1000 categories; is it an id' "too many" \
    run sites.json -o x --set dataset.csv=ids.csv
printf 'class,load\n' >na.csv
perl -e 'print $_ % 2 ? "NA" : "FR", ",", 20 + $_ % 2, "\n" for 0 .. 99' >>na.csv
config_of na na.csv ', "targets": "class"'
sed -i 's/"task": {/"task": {"type": "classification", /' na.json
refused 'is missing; if "NA" is a name there, set dataset.keep_na' "a class NA is missing" run na.json -o x
lb run -q na.json -o na --set dataset.keep_na=true
exits 0 "dataset.keep_na keeps it"

# --- describe with settings ---------------------------------------------------------------------------

printf 'a\tb\n2,000\t1\n2,500\t2\n' >unclear.csv
refused '"2,000" may be 2000 or 2; set dataset.thousands to "," .*dataset.decimal to ","' "two readings" \
    data describe unclear.csv
lb data describe unclear.csv --set decimal=,
out '^a +number +0 +2.25' "--set chooses one"
lb data describe unclear.csv --set thousands=,
out '^a +number +0 +2250' "or the other"
refused 'unknown|did you mean "decimal"' "an unknown setting" data describe unclear.csv --set decimals=,

# --- missing values -----------------------------------------------------------------------------------

mkdir -p sets/cards
printf 'a,b\n' >sets/gaps.csv
perl -e 'print $_ % 4 ? "$_,1\n" : "?,2\n" for 0 .. 99' >>sets/gaps.csv
printf '{"title": "Gaps", "dataset": {"path": ".", "csv": "gaps.csv", "missing": "mean"}, "task": {"window": 4}}' \
    >sets/cards/gaps.json
LIQUIDBENCH_DATASETS=$work/sets lb data describe gaps
out '^missing +25 of the inputs. 200 values .12.5 %., before dataset.missing "mean"' \
    "missing values are counted before they are filled"
out '^a +input +18 ' "column by column in the training rows"
ozone=$root/../shared/datasets/ozone
if [ -d "$ozone" ]; then
    LIQUIDBENCH_DATA=$root/../shared/datasets lb data describe ozone
    out '^missing +14937 of the inputs. 182448 values .8.2 %.' "ozone has 14 937"
else
    skip "ozone has 14 937" "no $ozone"
fi

# --- files that failed once -----------------------------------------------------------------------------

cases=$root/../shared/cases
case_says() { # CASE CONFIG CODE PATTERN
    name="$1/$2: $4"
    if [ -d "$cases/$1" ]; then
        lb run "$cases/$1/$2.json" -q -o "case-$1-$2"
        [ "$code" -eq "$3" ] && grep -Eq -- "$4" err
        result $? "$name"
    else
        skip "$name" "no $cases"
    fi
}
case_reads() { # CASE FILE PATTERN
    if [ -d "$cases/$1" ]; then
        lb data describe "$cases/$1/$2"
        out "$3" "$1/$2: $3"
    else
        skip "$1/$2: $3" "no $cases"
    fi
}
case_reads decimal_comma de.csv '^Temperatur +number +0 +20.07'
case_reads decimal_comma nohead.csv '^x2 +number +0 +49.9'
case_reads decimal_comma one.csv '^v +number +0 +20.07'
case_reads numeric_header ecl.csv '^OT +number +0 +69.97'
case_reads numeric_header pandas.csv 'pandas.csv: 200 rows, 2 columns'
case_reads numeric_header years.csv '^2020 +number +0 +49.9'
case_says numeric_header config 0 'column "date" holds dates'
case_says column_dropped bool 0 'column "load": True and False are read as 1 and 0'
case_says column_dropped first_inf 2 'first_inf.csv:2: column 1 .load.: "inf"'
case_says column_dropped first_none 2 'first_none.csv:2: column 1 .load.: "None"'
case_says column_dropped percent 0 'column "load" is in per cent'
case_reads column_dropped thousands.csv '^load +number +0 +2007'
case_says text_message config 2 'units.csv:2: column 2 .temp.: "degC" is not a number.*header "units"'
case_says text_message default 2 'units.csv:2: column 1 .t.: "s" is not a number'
case_reads trailing_delimiter data.csv '200 rows, 3 columns'
for file in comment.csv excel_sep.csv pipe.csv savetxt.txt; do
    case_reads unreadable $file '^temp +number +0 +20.07'
done
case_says basic_date config 0 'column "day" holds dates written as digits alone'
case_says latin1_header config 2 'data.csv:1: character 7 is not UTF-8'
case_says date_column_unused config 0 'whose newest row comes first'
case_says date_column_unused shuffled 0 'which is not that of the dates'

# A name with brackets or a star is a file before it is a pattern.
awk 'BEGIN { print "a"; for (i = 0; i < 150; i++) print i % 7 }' >'data[1].csv'
awk 'BEGIN { print "a"; for (i = 0; i < 150; i++) print 1000 + i % 5 }' >data1.csv
cp data1.csv 'a*b.csv'
cp data1.csv amb.csv
reads() { # FILE: its own rows, not those of the files that the name matches as a pattern
    printf '{"dataset": {"csv": "%s"}, "task": {"window": 8}, "models": [{"cell": "rnn", "hidden": 2}], "train": {"epochs": 1}, "seeds": [0]}' "$1" >own.json
    rm -rf own
    lb run own.json -q -o own
    record=$(ls own/trials/*-rnn-s0-*.json)
    [ $code -eq 0 ] && json "$record" 'join " ", map { $_->{path} } @{$j->{provenance}{data}}' | grep -Fq "$1"
    result $? "$1 is read, and no file that the name matches as a pattern"
}
reads 'data[1].csv'
reads 'a*b.csv'

# Two whole numbers with a blank between them are no decimal comma where the names have commas.
awk 'BEGIN { print "bus stop,delay"; for (i = 0; i < 50; i++) print 10 + i, i % 9 + 1 "," i * 7 % 90 }' >stops.csv
lb data describe stops.csv
out '^delay +number +0 ' "commas separate where they stand between the names"
awk 'BEGIN { print "a b"; for (i = 0; i < 50; i++) print i ",5 " i * 7 % 90 ",25" }' >blanks.csv
lb data describe blanks.csv
out '^a +number +0 +25 ' "blanks separate numbers with a decimal comma"

# What is wrong with dates that are not used, and a remedy that works.
dates() { # NAME AWK-CONDITION AWK-TIME: a file whose times are hours, but for some rows
    awk "BEGIN { print \"t,a\"; for (i = 0; i < 99; i++) { h = i; if ($2) h = $3;
        printf \"%s,%g\\n\", h == -1 ? \"\" : strftime(\"%Y-%m-%d %H:%M\", 3600 * h + 1e9, 1), sin(i) } }" >"$1.csv"
    printf '{"dataset": {"csv": "%s.csv", "inputs": "a"}, "models": [{"cell": "rnn"}], "task": {"window": 8}}' "$1" >"$1.json"
    lb run "$1.json" --dry-run
}
dates twice 'i >= 3' 'i - 1'
err 'in the order of the file, and row 4 has the date of the row before; take one of them out' "a date that repeats"
dates gap 'i == 50' '-1'
err 'and row 51 has no date; give it one, or take it out, and set dataset.time to "t"' "a row without a date"
lb run gap.json --dry-run --set dataset.time=t
err 'row 51 has no time; give it one, or take the row out' "and with dataset.time"
dates back '1' '99 - i'
err 'whose newest row comes first; set dataset.order to "sort" and set dataset.time' "the newest row first"

# Text among the values of the long and the wide format.
printf 't,v,x\n1,a,5\n2,a,foo\n3,a,6\n4,b,7\n' >tall.csv
refused 'dataset.value: tall.csv:3: column 3 \(x\): "foo" is not a number' "text among the values of a long file" \
    data convert --set format=long --set time=t --set variable=v --set value=x tall.csv o.csv
printf 'n,a,b\nx,1,2\ny,1,foo\nz,3,4\n' >wide.csv
refused 'wide.csv:3: column 3 \(b\): "foo" is not a number' "and of a wide one" data convert --set format=wide wide.csv o.csv

finish
