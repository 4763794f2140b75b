#!/bin/sh
# Plots when gnuplot is missing, fails, warns, hangs or cannot write.
. tests/cli/lib.sh

small_config wave '"baselines": []'
lb run wave.json -o base -q
mkdir bin
PATH=$work/bin:$PATH
# gnuplot_does SCRIPT: the lines of a gnuplot of our own.
gnuplot_does() {
    printf '#!/bin/sh\n%s\n' "$1" >bin/gnuplot
    chmod +x bin/gnuplot
    rm -rf base/report
}

gnuplot_does 'echo "gnuplot: cannot open shared object" >&2; exit 3'
lb report base
[ $code -eq 0 ] && grep -q 'gnuplot failed (exit code 3): gnuplot: cannot open' err && ! grep -q install err
result $? "a gnuplot that fails is not called missing"
gnuplot_does 'echo "         line 3: undefined variable: x" >&2; echo "Fontconfig warning: old" >&2; exit 1'
lb report base
[ $code -eq 0 ] && grep -q 'undefined variable' err && ! grep -q Fontconfig err
result $? "its warnings are not quoted as the cause"
gnuplot_does 'kill -SEGV $$'
lb report base
[ $code -eq 0 ] && grep -q 'exit code 139' err && [ -s base/report/index.html ]
result $? "one that crashes costs the plots, not the report"
gnuplot_does 'exec sleep 100'
lb report base
[ $code -eq 0 ] && grep -q 'gnuplot did not end within 10 s and was stopped' err &&
    [ -s base/report/index.html ]
result $? "one that hangs is stopped"
gnuplot_does 'cat >/dev/null; exit 0'
lb report base
exits 2 "one that writes nothing is an error"
[ -z "$(find base -name '*.tmp-*')" ]
result $? "and leaves no temporary folder"
gnuplot_does 'cat >/dev/null; for name in "$PWD"/x; do pwd >"'"$work"'/where"; done; exit 1'
cd bin && cp gnuplot ../bin2 && cd .. || exit 1
PATH=bin:${PATH#*:} lb report base
[ $code -eq 0 ] && grep -q 'gnuplot failed' err
result $? "it is looked up before the change of folder"

# Ctrl-C
gnuplot_does 'touch "'"$work"'/started"; exec sleep 100'
perl -e '$SIG{INT} = $SIG{TERM} = "DEFAULT"; exec @ARGV' "$program" report base -q >out 2>err &
pid=$!
for _ in $(seq 1200); do [ -e started ] && break; sleep 0.05; done
kill -TERM $pid
wait $pid
code=$?
exits 143 "SIGTERM while gnuplot draws ends the report"
[ -z "$(find base -name '*.tmp-*')" ]
result $? "and leaves nothing behind"
finish
