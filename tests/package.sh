#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Builds the Debian package, has lintian judge it, and installs, runs, removes and purges it in
# a Debian of its own that debootstrap makes. Builds the RPM from the same tarball, and runs the
# static program where there is nothing else, as its container image has it. Root only. Ends with
# "N passed, N failed, N skipped".
set -u
cd "$(dirname "$0")/.." || exit 1
build=${BUILD:-build}
# shellcheck source=tests/vm/debian.sh
. tests/vm/debian.sh
passed=0 failed=0 skipped=0
work=$(mktemp -d) || exit 1
root=$work/root

tidy() {
	! mountpoint -q "$root/proc" || umount "$root/proc"
	! mountpoint -q "$root/sys" || umount "$root/sys"
	rm -rf --one-file-system "$work"
}
trap tidy EXIT

finish() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ]
	exit
}

# expect NAME COMMAND...: passes when the command succeeds.
expect() {
	local name=$1
	shift
	if "$@" >"$work/said" 2>&1; then
		passed=$((passed + 1))
		return 0
	fi
	failed=$((failed + 1))
	echo "FAIL package: $name"
	tail -n 10 "$work/said"
	return 1
}

inside() { chroot "$root" "$@"; }
gone() { ! inside sh -c "command -v rsttrace" && [ ! -e "$root/usr/share/man/man8/rsttrace.8.gz" ]; }

for tool in dpkg-buildpackage dh lintian debootstrap; do
	command -v "$tool" >/dev/null && continue
	echo "skip package: no $tool here"
	skipped=1
	finish
done

expect 'it builds' make -s deb || finish
deb=$(ls "$build"/deb/rsttrace_*.deb)
expect 'lintian finds neither errors nor warnings' \
	lintian --allow-root --fail-on error,warning "$build"/deb/rsttrace_*.changes

find_mirrors
# shellcheck disable=SC2154 # find_mirrors sets it
if ! debootstrap --variant=minbase --include=man-db bookworm "$root" "$main_uri" >"$work/said" 2>&1; then
	# the archive's doing, not the package's
	echo "skip package: no fresh Debian could be had: $(tail -n 1 "$work/said")"
	skipped=1
	finish
fi
cp "$deb" "$root/rsttrace.deb"
expect 'installs' inside apt-get install -y -q --no-install-recommends /rsttrace.deb
mount -t proc proc "$root/proc" && mount -t sysfs -o ro sysfs "$root/sys"
expect 'says its version' inside rsttrace --version
expect 'explains' inside rsttrace explain EPIPE
expect 'checks this kernel' inside rsttrace check
expect 'has its manuals' inside sh -c 'man -w rsttrace rsttrace-report'
expect 'has its unit' inside sh -c 'test -e /lib/systemd/system/rsttrace.service && test -e /etc/rsttrace/rsttrace.conf'
expect 'which is not enabled' inside sh -c '! ls /etc/systemd/system/*/rsttrace.service'
expect 'is removed' inside apt-get remove -y -q rsttrace
expect 'and nothing of it stays' gone
expect 'is purged' inside dpkg --purge rsttrace

mkdir "$work/image" && tar -xzf "$build"/rsttrace-*-static.tar.gz -C "$work/image" --strip-components=1
expect 'the static program needs nothing beside it' chroot "$work/image" /sbin/rsttrace explain EPIPE

if command -v rpmbuild >/dev/null; then
	mkdir -p "$work/rpm/SOURCES" && cp "$build"/deb/rsttrace_*.orig.tar.gz "$work/rpm/SOURCES"
	for f in "$work"/rpm/SOURCES/*; do
		mv "$f" "$(sed 's/rsttrace_\(.*\)\.orig/rsttrace-\1/' <<<"$f")"
	done
	# the names of its build dependencies are Fedora's
	expect 'the RPM builds' rpmbuild -bb --nodeps --define "_topdir $work/rpm" contrib/rpm/rsttrace.spec
	expect 'and holds the program' bash -c 'rpm -qlp "$1"/RPMS/*/*.rpm | grep -x /usr/sbin/rsttrace' _ "$work/rpm"
else
	echo "skip package: no rpmbuild here"
	skipped=$((skipped + 1))
fi
finish
