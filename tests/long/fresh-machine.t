#!/bin/sh
# Both of the README's commands on bare Debians that have git and make alone. As root, with debootstrap
# and a mirror; SUITES: which (default: bookworm trixie).
. tests/cli/lib.sh

commands="make quickstart and make test"
if [ "$(id -u)" -ne 0 ] || ! command -v debootstrap >/dev/null; then
    skip "$commands on bare Debians" "needs root and debootstrap"
    finish
    exit 0
fi

# What is mounted is unmounted, whatever happens: a forgotten /dev would be removed with the folder.
leave() {
    for suite in ${SUITES:=bookworm trixie}; do
        umount "$work/$suite/dev/pts" "$work/$suite/dev" "$work/$suite/proc" 2>/dev/null
    done
    cd /
    rm -rf --one-file-system "$work"
}
trap leave EXIT
trap 'exit 1' HUP INT TERM

inside() { # SUITE COMMAND
    proxies=$(env | grep -iE '^(http|https|no)_proxy=')
    # shellcheck disable=SC2086 # one word for each variable
    env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin $proxies \
        chroot "$work/$1" sh -c "cd /root/liquidbench && $2" >"$work/err" 2>&1 </dev/null
}

for suite in ${SUITES:=bookworm trixie}; do
    debootstrap --variant=minbase --include=git,make,ca-certificates "$suite" "$work/$suite" >"$work/err" 2>&1 &&
        cp /etc/resolv.conf /etc/hosts "$work/$suite/etc/" &&
        { cp -n /etc/apt/apt.conf.d/* "$work/$suite/etc/apt/apt.conf.d/" 2>/dev/null; true; } &&
        git clone -q "$root" "$work/$suite/root/liquidbench" &&
        mount --bind /proc "$work/$suite/proc" && mount --bind /dev "$work/$suite/dev" &&
        mount -t devpts devpts "$work/$suite/dev/pts" -o newinstance,ptmxmode=0666
    if [ $? -ne 0 ]; then
        skip "$commands on $suite" "it cannot be set up: $(tail -1 "$work/err")"
        continue
    fi
    for target in quickstart test; do
        begin=$(date +%s)
        inside "$suite" "make $target"
        result $? "make $target on $suite"
        echo "# $(($(date +%s) - begin)) s"
    done
done

finish
