#!/bin/sh
# Packs for Debian and its kin what `make deb` has installed below FOLDER/deb/liquidbench:
# FOLDER/liquidbench_<version>_<architecture>.deb.
#
#   scripts/make-deb.sh FOLDER VERSION
set -eu
folder=${1:?which folder?}/deb version=${2:?which version?}
for program in dpkg-deb dpkg-shlibdeps dpkg-architecture strip; do
    command -v $program >/dev/null || {
        echo "make-deb.sh: needs $program (apt install dpkg-dev binutils)" >&2
        exit 1
    }
done
architecture=$(dpkg-architecture -qDEB_HOST_ARCH)
root=$folder/liquidbench
maintainer='The liquidbench developers <liquidbench@packages.invalid>'

mkdir -p "$root/DEBIAN" "$folder/debian"
strip --strip-unneeded --remove-section=.comment "$root/usr/bin/liquidbench" "$root"/usr/lib/libliquidbench.so.*.*
gzip -9n "$root/usr/share/man/man1/liquidbench.1"

documents=$root/usr/share/doc/liquidbench
{
    printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n'
    printf 'Upstream-Name: liquidbench\n\nFiles: *\n'
    sed -n 's/^Copyright (c) /Copyright: /p' LICENSE
    printf 'License: Expat\n'
    sed '1,/^Copyright/d; 1d' LICENSE | sed '/./,$!d; s/^$/./; s/^/ /'
} >"$documents/copyright"
rm "$documents/LICENSE"
printf 'liquidbench (%s) stable; urgency=low\n\n  * Release %s.\n\n -- %s  %s\n' "$version" "$version" \
    "$maintainer" "$(git log -1 --format=%cD 2>/dev/null || date -R)" |
    gzip -9n >"$documents/changelog.gz"

# What programs are built with goes into a package of its own.
dev=$folder/liquidbench-dev
rm -rf "$dev"
mkdir -p "$dev/DEBIAN" "$dev/usr/lib" "$dev/usr/share/doc/liquidbench-dev"
mv "$root/usr/include" "$dev/usr/include"
mv "$root/usr/lib/libliquidbench.a" "$root/usr/lib/libliquidbench.so" "$root/usr/lib/pkgconfig" "$dev/usr/lib"
mv "$documents/examples" "$dev/usr/share/doc/liquidbench-dev/examples"
cp "$documents/copyright" "$documents/changelog.gz" "$dev/usr/share/doc/liquidbench-dev"
strip --strip-debug "$dev/usr/lib/libliquidbench.a"

# dpkg-shlibdeps finds the packages of the shared libraries that are linked (OpenBLAS is not: it is
# loaded when it is needed); it wants to stand beside debian/control.
printf 'Source: liquidbench\n\nPackage: liquidbench\nArchitecture: any\n' >"$folder/debian/control"
depends=$(cd "$folder" && dpkg-shlibdeps -O liquidbench/usr/bin/liquidbench liquidbench/usr/lib/libliquidbench.so.*.* |
    sed -n 's/^shlibs:Depends=//p')

cat >"$root/DEBIAN/control" <<END
Package: liquidbench
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -sk --exclude=DEBIAN "$root" | cut -f1)
Depends: $depends, libopenblas0
Recommends: gnuplot-nox
Section: science
Priority: optional
Description: compare sequence models: liquid networks, LSTM and others
 liquidbench trains every model of a config on the same data through the same
 trainer, several seeds each, and reports accuracy, memory, parameters, speed,
 generalization and robustness to noise, with a statistical test behind every
 claim.
END
echo 'activate-noawait ldconfig' >"$root/DEBIAN/triggers"

cat >"$dev/DEBIAN/control" <<END
Package: liquidbench-dev
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -sk --exclude=DEBIAN "$dev" | cut -f1)
Depends: liquidbench (= $version)
Section: libdevel
Priority: optional
Description: libliquidbench: trained sequence models in other programs
 Header, static library and pkg-config file of the C interface by which other
 programs feed rows to models that liquidbench has trained.
END
for package in liquidbench-dev liquidbench; do
    (cd "$folder/$package" && find usr -type f -exec md5sum {} + >DEBIAN/md5sums)
    chmod -R u+w,go-w,a+rX "$folder/$package"
    dpkg-deb --root-owner-group --build "$folder/$package" "$1/${package}_${version}_$architecture.deb"
done
