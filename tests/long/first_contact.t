#!/bin/sh
# `init --csv` and `run`, unedited, on ten files of the kinds that people bring: they end with exit code 0
# within the time that init announces, plus half of it and five seconds. Takes some four minutes on an
# otherwise idle machine.
. tests/cli/lib.sh

"$root/tests/first-contact/make-files.sh" .
for file in counter sensors panel interleaved german long classes newest_first constant wide; do
    lb init $file --csv $file.csv --budget 25s
    announced=$(sed -n 's/.*at most \([0-9]*\) s on this machine.*/\1/p' out)
    began=$(date +%s)
    lb run $file.json -q
    took=$(($(date +%s) - began))
    [ $code -eq 0 ] && [ -s results/$file/report/index.html ]
    result $? "$file: the config runs as it is"
    [ "$took" -le $((announced * 3 / 2 + 5)) ] || echo "# $took s, announced $announced s"
    [ "$took" -le $((announced * 3 / 2 + 5)) ]
    result $? "$file: it takes about as long as announced"
done
finish
