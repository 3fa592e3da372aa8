#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# sysroot.sh ARCH [CACHE_DIR] - provides what a build for a foreign architecture links.
#
# ARCH is Debian's name of it (arm64). Prints a directory with Debian's static libraries and their
# headers, and with busybox for guests. The C library is the cross compiler's own. It fetches once.
# Exit status 1 if that cannot be provided here.

set -euo pipefail
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
. "$here/debian.sh"

packages()
{
	printf '%s\n' libbpf-dev libelf-dev libdw-dev libiberty-dev liblzma-dev libbz2-dev \
		zlib1g-dev libzstd-dev libjansson-dev libmicrohttpd-dev nettle-dev libseccomp-dev \
		libncurses-dev uthash-dev busybox-static
}

# fetch ARCH WORK: leaves the libraries in WORK/out.
fetch()
{
	echo "sysroot.sh: fetching libraries for $1" >&2
	fetch_debs "$2" "$1" bookworm bookworm-security packages
	unpack_debs "$2" "$2/out"
}

arch=${1:?usage: sysroot.sh ARCH [CACHE_DIR]}
cache=${2:-$here/../../build/kernels}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
# one directory for each list of packages, so that a changed list is fetched
sysroot=$cache/sysroot-$arch-$(packages | cksum | cut -d ' ' -f 1)
cached "$sysroot" fetch "$arch"
echo "$sysroot"
