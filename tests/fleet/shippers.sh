#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# shippers.sh [CACHE_DIR] - unpacks Debian's syslog-ng and rsyslog side by side, each with what it needs beyond
# what `make deps` installs. Installed, each would take the other's place.
#
# Prints a directory with usr/sbin/{rsyslogd,syslog-ng}. It fetches once. Exit status 1 if that cannot be had here.

set -euo pipefail
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../vm/debian.sh"

packages()
{
	printf '%s\n' rsyslog rsyslog-relp librelp0 libestr0 libfastjson4 liblognorm5 \
		syslog-ng-core syslog-ng-mod-http libivykis0 libnet1 libwrap0 libcap2 libjson-c5 libpcre3 libcurl4 \
		libnghttp2-14 libpsl5 librtmp1 libssh2-1 libldap-2.5-0 libsasl2-2 libbrotli1
}

# fetch ARCH WORK: leaves them in WORK/out.
fetch()
{
	echo "shippers.sh: fetching syslog-ng and rsyslog" >&2
	fetch_debs "$2" "$1" bookworm bookworm-security packages
	unpack_debs "$2" "$2/out"
}

cache=${1:-$here/../../build/kernels}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
# one directory for each list of packages, so that a changed list is fetched
shippers=$cache/shippers-$(packages | cksum | cut -d ' ' -f 1)
cached "$shippers" fetch "$(dpkg --print-architecture)"
echo "$shippers"
