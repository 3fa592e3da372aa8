#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# kernel.sh NAME [CACHE_DIR] - provides a kernel to boot in a guest.
#
# NAME is 5.10, 6.1, 6.12, 6.18 or newest, each the cloud kernel of a Debian suite, for x86-64 or, with
# -arm64 at its end, for arm64; with -rt the PREEMPT_RT kernel of the same version, for x86-64. Or
# it is the path of a kernel image, with MODULES=/lib/modules/VERSION if its modules are needed.
# Prints two lines: the image, and the directory of the modules (empty if there are none). It
# fetches a kernel once; later runs need no network. Exit status 1 if the kernel cannot be provided
# here, 2 if the name is unknown.

set -euo pipefail
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
. "$here/debian.sh"

# kernel_packages PACKAGE CONF: names the packages that a metapackage leads to and that hold files
# of the kernel; newer kernels are split into image, modules and base.
kernel_packages()
{
	local conf=$2 next

	next=$(apt-cache -c "$conf" show --no-all-versions "$1" |
		awk '/^(Pre-)?Depends:/ {
			gsub(/[(][^)]*[)]|,/, " ")
			for (i = 2; i <= NF; i++)
				if ($i ~ /^linux-(image|binary|modules|base)-[0-9]/)
					print $i
		}')
	for next in $next; do
		echo "$next"
		kernel_packages "$next" "$conf"
	done
}

# newest_package PATTERN CONF: names the newest package that fits. To a series that is no longer the newest of its
# suite leads no metapackage, but backports keep its images, which hold the modules, too.
newest_package()
{
	apt-cache -c "$2" pkgnames "${1%%[*]*}" | grep -xE "${1/[*]/[^-]*}" | sort -V | tail -n 1
}

# fetch ARCH SUITE SECURITY PACKAGE WORK: leaves vmlinuz, lib/modules/VERSION and version in
# WORK/out.
fetch()
{
	local package=$4 work=$5 root=$5/root choose=kernel_packages image version modules

	need busybox
	echo "kernel.sh: fetching $package of $2" >&2
	case $package in
	*'*'*)	choose=newest_package ;;
	esac
	fetch_debs "$work" "$1" "$2" "$3" "$choose" "$package"
	# no guest needs these, and they are most of a kernel that is not a cloud kernel
	unpack_debs "$work" "$root" --exclude='*/kernel/sound' --exclude='*/kernel/fs' \
		--exclude='*/kernel/drivers/[ac-mo-uw-z]*' --exclude='*/kernel/drivers/net/[ew]*'
	image=$(find "$root" -name 'vmlinuz*' -type f -size +1M -print -quit)
	modules=$(find "$root" -path '*/lib/modules/*' -type d -print -quit)
	if [ -z "$image" ] || [ -z "$modules" ]; then
		die "no kernel image or modules in: $(ls "$work/apt/debs")"
	fi
	version=${modules##*/}
	mkdir -p "$work/out/lib/modules"
	mv "$image" "$work/out/vmlinuz"
	mv "$modules" "$work/out/lib/modules/"
	busybox depmod -b "$work/out" "$version"
	echo "$version" >"$work/out/version"
}

main()
{
	local name=${1:-} cache=${2:-$here/../../build/kernels} arch=amd64 suite security='' package

	case $name in
	*/*)
		[ -r "$name" ] || status=2 die "cannot read $name"
		[ -z "${MODULES:-}" ] || [ -r "$MODULES/modules.dep" ] ||
			status=2 die "no modules.dep in $MODULES"
		printf '%s\n%s\n' "$name" "${MODULES:-}"
		return
		;;
	*-arm64) arch=arm64 ;;
	esac
	case ${name%-arm64} in
	5.10)	suite=bullseye security=bullseye-security package=cloud ;;
	6.1)	suite=bookworm security=bookworm-security package=cloud ;;
	6.12)	suite=bookworm security=bookworm-security package=6.12-cloud ;;
	6.18)	suite=trixie-backports package='6.18.*-cloud' ;;
	newest)	suite=sid package=cloud ;;
	5.10-rt) suite=bullseye security=bullseye-security package=rt ;;
	6.1-rt)	suite=bookworm security=bookworm-security package=rt ;;
	6.12-rt) suite=trixie security=trixie-security package=rt ;;
	newest-rt) suite=sid package=rt ;;
	*)	status=2 die "usage: kernel.sh 5.10|6.1|6.12|6.18|newest[-rt|-arm64]|/path/of/vmlinuz [CACHE_DIR]" ;;
	esac

	mkdir -p "$cache"
	cache=$(cd "$cache" && pwd)
	cached "$cache/$name" fetch "$arch" "$suite" "$security" "linux-image-$package-$arch"
	printf '%s\n%s\n' "$cache/$name/vmlinuz" \
		"$cache/$name/lib/modules/$(cat "$cache/$name/version")"
}

main "$@"
