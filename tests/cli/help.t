#!/bin/sh
# Help, version, and what the program says to a command line that it does not understand.
. tests/cli/lib.sh

lb --help
exits 0 "--help succeeds"
out '^Usage: liquidbench COMMAND' "--help shows the usage"

commands="run status report compare history predict export data list bench init completion"
for command in $commands; do
    "$program" --help | grep -Eq "^  $command  *[a-z]"
    result $? "--help lists $command"
    lb "$command" --help
    [ $code -eq 0 ] && grep -q '^Examples:' out && grep -q "liquidbench $command" out && [ ! -s err ]
    result $? "$command --help prints examples on stdout"
    lb help "$command"
    out "^Usage: liquidbench $command" "help $command is the same"
    [ "$(wc -L <out)" -le 92 ]
    result $? "the help of $command fits a terminal"
    refused "there is no option --frobnicate" "$command refuses an unknown option" \
        "$command" --frobnicate
done

lb --version
out '^liquidbench [0-9]+\.[0-9]+\.[0-9]+ \(' "--version names the version"

lb
exits 2 "no command is bad usage"
refused 'did you mean "report"' "an unknown command gets a suggestion" reprot
refused 'no command "xyzzy"' "an unknown command without a neighbour gets none" xyzzy
refused 'did you mean --dry-run' "an unknown option gets a suggestion" run --dry-rum x.json
refused '-o needs a value' "an option without its value is named" run x.json -o
refused '-j .*whole number' "-j wants a number" run -j many x.json
refused '-j .*at least 1' "-j wants a positive number" run -j 0 x.json
refused '--quiet takes no value' "a value that an option does not take is named" run --quiet=3 x
refused 'no config' "run wants a config" run
refused 'no results folder' "report wants a folder" report
refused 'BASE and NEW' "compare wants two folders" compare one
refused 'MODEL and a DATA' "predict wants two files" predict one
refused 'say what to do' "data wants an action" data
refused 'did you mean "describe"' "data suggests an action" data descirbe co2
refused 'did you mean "models"' "list suggests a topic" list model
refused 'name one topic' "list wants a topic" list

"$program" --help >/dev/full 2>err
[ $? -eq 2 ] && grep -q 'cannot write to standard output' err
result $? "a full disk behind stdout is reported"

finish
