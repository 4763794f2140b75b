#!/bin/sh
# `data fetch`: from a mirror made here, and from the originals where they are.
. tests/cli/lib.sh

originals=$root/../shared/datasets
LIQUIDBENCH_DATASETS=$work/sets
LIQUIDBENCH_DATA=$work/data
export LIQUIDBENCH_DATASETS LIQUIDBENCH_DATA
mkdir -p sets/cards mirror

if ! command -v bsdtar >/dev/null || ! command -v bsdcat >/dev/null; then
    skip "data fetch" "bsdtar and bsdcat are not installed"
    finish
    exit 0
fi

# An archive with files in folders, and more of them than are wanted.
mkdir -p inside/deep
printf 'a,b\n1,2\n3,4\n' >inside/left.csv
printf 'label\n5\n6\n' >inside/deep/right.csv
echo not wanted >inside/README
bsdtar -c --format zip -f mirror/sets.zip inside
card() { # FETCH
    printf '{"title": "Two columns", "fetch": %s, "dataset": {"csv": "both.csv"}}' "$1" \
        >sets/cards/two.json
}
archive='{"url": "http://127.0.0.1:9/sets.zip", "files": ["*.csv"]}'
card "{\"from\": [$archive], \"write\": [{\"file\": \"both.csv\", \"from\": [\"left.csv\", \"right.csv\"], \"last\": \"c\"}]}"

# nothing_left NAME: neither the folder nor a temporary one.
nothing_left() {
    [ -z "$(ls -A data 2>/dev/null)" ]
    result $? "$1"
}

lb data describe two
out 'data fetch two' "data that is not here says how to get it"
refused '127.0.0.1.*--mirror' "no network" data fetch two
nothing_left "and nothing is left behind"
refused 'holds neither .*sets.zip' "a mirror without the file" data fetch two --mirror inside/deep
nothing_left "and nothing is left behind"

lb data fetch two --mirror mirror
exits 0 "files are taken out of an archive"
err 'no checksums are known.*cp .*SHA256SUMS .*two.sha256' "without checksums it warns, and says how to pin"
out '^[0-9a-f]{64}  left.csv$' "and prints those that it found"
[ "$(tr '\n' ' ' <data/two/both.csv)" = "a,b,c 1,2,5 3,4,6 " ]
result $? "tables are put side by side"
[ ! -e data/two/README ] && [ "$(find data | grep -c part)" -eq 0 ]
result $? "what is not wanted is left in the archive"
lb data fetch two --mirror mirror
err 'already' "what is there is not fetched again"

cp data/two/SHA256SUMS sets/cards/two.sha256
rm -r data/two
lb data fetch two --mirror mirror
exits 0 "pinned checksums are checked"
err 'checksums right' "and said to be right"
printf 'a,b\n1,2\n3,5\n' >data/two/left.csv
refused 'differs.*left.csv has the wrong checksum' "a folder that was changed" data fetch two
rm -r data/two

cp sets/cards/two.sha256 right.sha256
sed 's/^......../00000000/' right.sha256 >wrong.sha256
cp wrong.sha256 sets/cards/two.sha256
refused 'left.csv has the wrong checksum: SHA-256 [0-9a-f]{64}, expected' "a wrong checksum" \
    data fetch two --mirror mirror
nothing_left "and nothing is left behind"
echo "not a checksum" >sets/cards/two.sha256
refused 'two.sha256: line 1: must be a SHA-256' "a broken list of checksums" \
    data fetch two --mirror mirror
cp right.sha256 sets/cards/two.sha256

mkdir short
head -c 200 mirror/sets.zip >short/sets.zip
refused 'sets.zip: cannot be unpacked; it may be cut off' "an archive that is cut off" \
    data fetch two --mirror short
nothing_left "and nothing is left behind"

# A disk that is full: no file may grow beyond 1 KiB.
head -c 100000 /dev/zero | tr '\0' '7' >mirror/big.csv
printf '{"title": "Big", "fetch": {"from": [{"url": "http://127.0.0.1:9/big.csv", "files": ["big.csv"]}]}, "dataset": {"csv": "big.csv"}}' >sets/cards/big.json
(
    ulimit -f 2
    trap '' XFSZ
    lb data fetch big --mirror mirror
    echo $code >code
)
[ "$(cat code)" -eq 2 ]
result $? "no space for the files"
err 'big.csv' "names the file"
nothing_left "and nothing is left behind"

# A folder of single files, as on a web server, and a compressed one.
printf '{"title": "Single", "fetch": {"from": [{"url": "http://127.0.0.1:9/x/", "files": ["left.csv"]}]}, "dataset": {"csv": "left.csv"}}' >sets/cards/single.json
lb data fetch single --mirror inside
[ $code -eq 0 ] && cmp -s inside/left.csv data/single/left.csv
result $? "single files are taken from a mirror"
gzip -c inside/left.csv >mirror/left.csv.gz
sed 's|x/"|left.csv.gz"|; s/Single/Compressed/' sets/cards/single.json >sets/cards/packed.json
lb data fetch packed --mirror mirror
[ $code -eq 0 ] && cmp -s inside/left.csv data/packed/left.csv
result $? "a compressed file is expanded"
printf '{"title": "Wrong", "fetch": {"from": [{"ulr": "x"}]}, "dataset": {}}' >sets/cards/wrong.json
lb data fetch wrong
err 'fetch.from\[0\].ulr: unknown key; did you mean "url"' "a card with a wrong key"
refused 'generated; there is nothing to fetch' "a generator" data fetch lorenz
refused 'did you mean "single"' "an unknown data set" data fetch singel

# Cards that lead elsewhere
outside() { # NAME CARD
    printf '%s' "$2" >sets/cards/outside.json
    refused 'without folders|must lie inside|must begin with https' "a card with $1 is refused" \
        data fetch outside --mirror mirror
    nothing_left "and nothing is written"
}
rm -rf data
good='"dataset": {"csv": "x.csv"}'
outside "an absolute file" '{"fetch": {"from": [{"url": "https://x/a.zip", "files": ["/etc/passwd"]}]}, '"$good}"
outside "a file above its folder" \
    '{"fetch": {"from": [{"url": "https://x/", "files": ["../escaped"]}]}, '"$good}"
outside "a written file above its folder" '{"fetch": {"from": [{"url": "https://x/sets.zip", "files": ["left.csv"]}],
    "write": [{"file": "../x.csv", "from": ["left.csv"]}]}, '"$good}"
outside "a source above its folder" '{"fetch": {"from": [{"url": "https://x/sets.zip", "files": ["left.csv"]}],
    "write": [{"file": "x.csv", "from": ["../../etc/passwd"]}]}, '"$good}"
outside "an address that is a folder above" '{"fetch": {"from": [{"url": "https://x/..", "files": ["a"]}]}, '"$good}"
for url in file:///etc/passwd ftp://x/a.zip scp://x/a.zip gopher://x/a -o/tmp/x --config=x ''; do
    outside "the address \"$url\"" '{"fetch": {"from": [{"url": "'"$url"'", "files": ["a"]}]}, '"$good}"
done
outside "data above its folder" \
    '{"fetch": {"from": [{"url": "https://x/a", "files": ["a"]}]}, "dataset": {"csv": "../../x.csv"}}'
outside "a folder of its own elsewhere" \
    '{"fetch": {"from": [{"url": "https://x/a", "files": ["a"]}]}, "dataset": {"path": "/tmp/elsewhere", "csv": "x.csv"}}'

# A curl of our own: writes what it was asked for into a file, sends some bytes, and ends as it is told.
mkdir bin
cat >bin/curl <<'END'
#!/bin/sh
printf '%s\n' "$@" >"$CALLED"
while [ $# -gt 0 ]; do
    [ "$1" = --output ] && path=$2
    shift
done
printf 'a,b\n1,2\n3,4\n' >"$path"
touch "$CALLED.started"
[ -z "$HANGS" ] || exec sleep 60
exit "${CURL_CODE:-0}"
END
chmod +x bin/curl
CALLED=$work/called PATH=$work/bin:$PATH
export CALLED PATH
web() { # NAME URL
    printf '{"title": "Web", "fetch": {"from": [{"url": "%s", "files": ["left.csv"]}]}, "dataset": {"csv": "left.csv"}}' \
        "$2" >"sets/cards/$1.json"
}
web web1 https://example.invalid/left.csv
web web2 http://example.invalid/left.csv
web web3 https://example.invalid/left.csv
lb data fetch web1
[ $code -eq 0 ] && [ "$(wc -l <data/web1/left.csv)" -eq 3 ] && grep -q 'left.csv: 0.0 MB, .* MB/s' err
result $? "a download says its bytes and rate"
tr '\n' ' ' <called | grep -q -- '--proto =http,https --proto-redir =https .*--max-time .*--speed-limit .*--url https://example'
result $? "https stays https; schemes, time and stalls are limited"
rm -r data/web1
CURL_CODE=28 lb data fetch web1
[ $code -eq 2 ] && grep -q 'stalled' err
result $? "a download that stalls is said to"
nothing_left "and nothing is left behind"
CURL_CODE=1 lb data fetch web1
[ $code -eq 2 ] && grep -q 'neither https nor' err
result $? "a redirection to another scheme is refused"
web web2 ftp://example.invalid/left.csv
lb data fetch web1 web2 web3
[ $code -eq 2 ] && [ -e data/web1/left.csv ] && [ -e data/web3/left.csv ] && [ ! -e data/web2 ] &&
    grep -q '2 of 3 data sets are there, 1 failed' err
result $? "after a failure it goes on with the others, and sums up"
rm -r data/*
for pair in INT:130 TERM:143 HUP:129; do
    signal=${pair%:*}
    rm -f called.started
    HANGS=1 perl -e '$SIG{INT} = $SIG{TERM} = $SIG{HUP} = "DEFAULT"; exec @ARGV' "$program" \
        data fetch web1 web3 >out 2>err &
    pid=$!
    for _ in $(seq 1200); do [ -e called.started ] && break; sleep 0.05; done
    kill -$signal $pid
    wait $pid
    code=$?
    [ $code -eq "${pair#*:}" ]
    result $? "SIG$signal ends a download with its exit code"
    nothing_left "and leaves nothing behind"
done
PATH=${PATH#*:}

# A real curl and a web server of our own, which ends with this test: it reads a pipe that we hold open.
mkfifo hold
"$root/tests/support/web-server.pl" mirror asked <hold >port 2>server-err &
exec 3>hold
for _ in $(seq 1200); do [ -s port ] && break; sleep 0.05; done
site=http://127.0.0.1:$(cat port)
export no_proxy=127.0.0.1
cp inside/left.csv mirror
printf '{"title": "Two columns", "fetch": {"from": [{"url": "%s/moved/sets.zip", "files": ["*.csv"]}]},
    "dataset": {"csv": "left.csv"}}' "$site" >sets/cards/two.json
rm -rf data
lb data fetch two
[ $code -eq 0 ] && [ "$(tr '\n' ' ' <asked)" = "/moved/sets.zip /sets.zip " ] &&
    cmp -s inside/left.csv data/two/left.csv && cmp -s inside/deep/right.csv data/two/right.csv &&
    grep -q 'checksums right' err
result $? "an archive is fetched from a web server, where it has moved to, and is what its checksums say"
web web1 "$site/"
lb data fetch web1
[ $code -eq 0 ] && cmp -s inside/left.csv data/web1/left.csv
result $? "so is a single file of a folder"
rm -r data/*
from_web() { # PATH PATTERN NAME
    web web1 "$site/$1"
    refused "$2" "$3" data fetch web1
    nothing_left "and nothing is left behind"
}
from_web gone.csv 'gone.csv: is not there any more .*404' "a file that the server has not"
from_web away 'leads to an address that is neither https nor' "an address that leads to a file of this machine"
from_web cut/left.csv 'left.csv: the download broke off' "a download that ends too early"
sed 's/^......../00000000/' right.sha256 | grep left.csv >sets/cards/web1.sha256
from_web left.csv 'left.csv has the wrong checksum' "a file that is not what it was"
rm sets/cards/web1.sha256
web web1 "$site/slow/left.csv"
for pair in INT:130 TERM:143; do
    : >asked
    perl -e '$SIG{INT} = $SIG{TERM} = "DEFAULT"; exec @ARGV' "$program" data fetch web1 >out 2>err &
    pid=$!
    for _ in $(seq 1200); do [ -s asked ] && break; sleep 0.05; done
    kill -${pair%:*} $pid
    wait $pid
    code=$?
    [ $code -eq "${pair#*:}" ]
    result $? "SIG${pair%:*} ends a slow download"
    nothing_left "and leaves nothing behind"
done
# A secure one, whose certificate curl is told to trust. It sends files as they are, headers and all.
names="https is fetched from|https is not left for http"
if openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=127.0.0.1 \
    -addext subjectAltName=IP:127.0.0.1 2>/dev/null; then
    mkdir secure
    { printf 'HTTP/1.0 200 OK\r\n\r\n' && cat inside/left.csv; } >secure/left.csv
    printf 'HTTP/1.0 302 Found\r\nLocation: %s/left.csv\r\n\r\n' "$site" >secure/away
    (cd secure && exec timeout 60 openssl s_server -HTTP -accept 127.0.0.1:0 -cert ../cert.pem \
        -key ../key.pem >../accepts 2>&1) &
    server=$!
    for _ in $(seq 1200); do grep -q '^ACCEPT' accepts && break; sleep 0.05; done
    CURL_CA_BUNDLE=$work/cert.pem
    export CURL_CA_BUNDLE
    secure=https://127.0.0.1:$(sed -n 's/^ACCEPT.*://p' accepts | head -1)
    web web1 "$secure/left.csv"
    lb data fetch web1
    [ $code -eq 0 ] && cmp -s inside/left.csv data/web1/left.csv
    result $? "${names%|*}"
    rm -r data/web1
    web web1 "$secure/away"
    refused 'leads to an address that is neither https nor' "${names#*|}" data fetch web1
    kill $server
else
    skip "${names%|*}" "needs openssl"
    skip "${names#*|}" "needs openssl"
fi
exec 3>&-

for card in "$root"/datasets/cards/*.json; do
    grep -q '^  "fetch"' "$card" || continue
    [ -e "${card%.json}.sha256" ] || grep -q '"tried": false' "$card" || echo "$card"
done >unverified
[ ! -s unverified ]
result $? "each card has checksums or says that it could not be verified"

# The originals.
LIQUIDBENCH_DATASETS=$root/datasets
for name in cheetah occupancy walker2d etth1 ozone physionet2012; do
    if [ ! -d "$originals" ]; then
        skip "$name is fetched from its original files" "no $originals"
        continue
    fi
    lb data fetch "$name" --mirror "$originals"
    [ $code -eq 0 ] && grep -q 'checksums right' err
    result $? "$name is fetched from its original files"
done
names="a copy of traffic with dates as 10/2/2012 9:00 is fetched|the records of physionet2012 are described"
if [ -d "$originals" ]; then
    lb data fetch traffic --mirror "$originals"
    [ $code -eq 0 ] && sed -n 2p data/traffic/traffic.csv | grep -q ',1,0.9238'
    result $? "${names%|*}"
    lb data describe physionet2012
    grep -q '^train *3196 series *239164 rows' out && grep -q '^test *800 series' out
    result $? "${names#*|}"
else
    skip "${names%|*}" "no $originals"
    skip "${names#*|}" "no $originals"
fi
finish
