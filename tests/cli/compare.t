#!/bin/sh
# `compare`, the CI gate, on results of the program itself.
. tests/cli/lib.sh

small_config wave
lb run wave.json -o base -q
lb compare base base
exits 0 "results are no worse than themselves"
out '^PASS' "and pass"

cp -R base worse
perl -0777 -pi -e 's/("test":\s*\{\s*"mse":\s*)([0-9.e-]+)/$1 . $2 * 9/e' worse/trials/*lstm*.json
lb compare base worse -o verdict.md -o junit.xml -o verdict.json --github
exits 1 "a worse metric fails"
out '^FAIL' "and says so first"
out '^::error file=wave.json,title=liquidbench::.*lstm: MSE' "--github prints annotations at the config"
echo 'of a step before' >summary
GITHUB_STEP_SUMMARY=summary "$program" compare base worse --github >/dev/null
[ "$(head -1 summary)" = 'of a step before' ] && grep -q '^### ❌ FAIL' summary
result $? "and adds to the job's summary"
GITHUB_STEP_SUMMARY=none/summary
export GITHUB_STEP_SUMMARY
refused 'GITHUB_STEP_SUMMARY none/summary: No such' "which must be there" compare base worse --github
unset GITHUB_STEP_SUMMARY
grep -q '^### ❌ FAIL' verdict.md && grep -q '<failure message="MSE' junit.xml
result $? "-o writes Markdown and JUnit by the names' ends"
[ "$(json verdict.json '$j->{passed} ? 1 : 0')" = 0 ]
result $? "and JSON"
refused 'must end in' "-o wants an end it knows" compare base base -o verdict.pdf
refused 'none/verdict.md' "a file that cannot be written" compare base base -o none/verdict.md
lb compare worse base
exits 0 "a better metric passes"
lb compare base worse --tolerance 100
exits 0 "so does a worse one within the tolerance"

cp -R base missing
rm missing/trials/*cfc*
lb compare base missing
exits 1 "a missing model fails"
refused 'none' "a folder that is not there" compare base none
refused '--tolerance x: must be a number' "a tolerance that is no number" \
    compare base base --tolerance x

# Folders from different machines merge by copying files together.
cp -R base half
rm half/trials/*s1*
cp base/trials/*s1* half/trials/
lb compare base half
exits 0 "results merge by copying"

# Power
lb compare base base --require-power -o power.json
exits 1 "two seeds have no power"
out 'FAIL: none of [0-9]* values worse, [0-9]* without the power to tell' "which the verdict says"
[ "$(json power.json '$j->{without_power} > 0 && !$j->{worse} ? 1 : 0')" = 1 ]
result $? "and JSON"

# What a change of the program or of the config does
lb run wave.json -o slow -q --set train.learning_rate=1e-6
lb compare base slow
[ $code -eq 1 ] && grep -q 'the config differs: train.learning_rate 0.001 → 1e-06' out
result $? "another learning rate fails and is named"
lb compare base slow --any-config
[ $code -eq 1 ] && grep -q '^FAIL: .* values worse' out
result $? "and so do its worse scores"
lb run wave.json -o others -q --set 'seeds=[11, 12, 13]'
lb compare base others
[ $code -eq 0 ] && grep -q 'other seeds' out
result $? "other seeds pass"

# The gate
small_config gated '"gate": {"tolerances": {"mse": 100}}'
lb run gated.json -o gated -q
cp -R gated looser
perl -0777 -pi -e 's/("test":\s*\{\s*"mse":\s*)([0-9.e-]+)/$1 . $2 * 9/e' looser/trials/*lstm*.json
lb compare gated looser
exits 0 "the config's gate says what passes"
small_config typo '"gate": {"tolerances": {"msee": 1}}'
refused 'gate.tolerances.msee: .*did you mean "mse"' "a gate for an unknown metric" run typo.json
small_config typo '"gate": {"noise": true}'
refused 'gate.noise: must be a number from 0, or false' "a tolerance of noise that is none" run typo.json
small_config typo '"gate": {"ood": -1}'
refused 'gate.ood: must be a number from 0, or false' "or of shifts" run typo.json

# A new base
lb compare --update kept worse
[ $code -eq 0 ] && "$program" compare worse kept >/dev/null
result $? "--update makes a base"
[ ! -e kept/models ] && [ ! -e kept/report ]
result $? "of records alone"
lb compare --update kept base
[ $code -eq 0 ] && "$program" compare base kept >/dev/null
result $? "and renews it"

# A disk with room for some of the new files alone
records() {
    (cd kept && find . -type f -exec sha256sum {} + | sort)
}
records >before
lb run wave.json -o longer -q --set train.epochs=40
printf '%200000s' '' >>longer/experiment.json
(ulimit -f 100 && exec "$program" compare --update kept longer) >out 2>err
code=$?
exits 2 "--update to results that are too large for the disk"
records | cmp - before
result $? "leaves the base as it was"
last=$(cd longer/trials && ls ./*cfc-s1-*.json)
mkdir "kept/trials/$last" && records >before
lb compare --update kept longer
[ $code -eq 2 ] && records | cmp - before
result $? "so does a folder in the place of a record"
rmdir "kept/trials/$last"
lb compare --update kept longer
(cd longer && sha256sum experiment.json trials/*) >before
[ $code -eq 0 ] && (cd kept && sha256sum -c --quiet "$work/before") &&
    [ "$(find kept -type f | wc -l)" -eq "$(wc -l <before)" ]
result $? "the same command goes through when nothing is in the way"

rm -r missing/report
refused 'only results of a whole run' "a base needs a whole run" compare --update kept missing

finish
