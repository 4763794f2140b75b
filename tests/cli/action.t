#!/bin/sh
# The composite action for GitHub, its steps run as a runner would, with a `gh` that writes down what it is asked.
. tests/cli/lib.sh

action=$root/.github/actions/liquidbench/action.yml
perl -ne 'if (/^    - name: (\w+)/) { open $out, ">", "$1.sh" or die } elsif (/^      run: \|/) { $in = 1; next }
          elsif ($in && /^        (.*\n)/) { print $out $1; next } elsif (/\S/) { $in = 0 }' "$action"
step() { # NAME
    bash -e -o pipefail "$1.sh" >out 2>err
    code=$?
}

small_config wave
lb run wave.json -o base -q
mkdir bin
cat >bin/gh <<'GH'
#!/bin/sh
echo "$*" >>asked
case "$*" in *--edit-last*) [ -e commented ] || exit 1 ;; esac
touch commented
GH
chmod +x bin/gh
PATH=$work/bin:$PATH
GITHUB_OUTPUT=outputs GITHUB_STEP_SUMMARY=summary CONFIG=wave.json BASE=base RESULTS=build/new OPTIONS=
PROGRAM=$program PULL_REQUEST=7
export PATH GITHUB_OUTPUT GITHUB_STEP_SUMMARY CONFIG BASE RESULTS OPTIONS PROGRAM PULL_REQUEST

step Build
exits 0 "an installed program needs no build"
[ "$(cat outputs)" = "program=$program" ]
result $? "and is the one that runs"
step Run
exits 0 "the config runs"
step Compare
exits 0 "equal results pass"
grep -q '^### ✅ PASS' summary
result $? "and the job's summary says so"
step Comment
[ "$code" -eq 0 ] && [ "$(grep -c . asked)" = 2 ] && tail -1 asked | grep -q '^pr comment 7 --body-file build/new/comparison.md$'
result $? "the first comment is made"
step Comment
[ "$code" -eq 0 ] && [ "$(grep -c . asked)" = 3 ]
result $? "a later one takes its place"
OPTIONS='--tolerance 0.1 --require-power'
step Compare
exits 1 "options reach compare, and a failure fails the step"
out '^::error file=wave.json,' "with annotations at the config"
RESULTS=elsewhere
step Comment
exits 0 "a run without a comparison has no comment"

finish
