#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# kernel.sh NAME [CACHE_DIR] - have a kernel to boot in a guest.
#
# NAME: 5.10, 6.1, 6.12 or newest, each the cloud kernel of a Debian suite; or
# the path of a kernel image, with MODULES=/lib/modules/VERSION if its modules
# are wanted. Prints two lines: the image, and the directory of the modules
# (empty when there is none). Fetches once; later runs need no network. Exit
# status 1 when the kernel cannot be had here, 2 when there is no such name.
#
# The mirror is the one of this machine's own apt sources, or DEBIAN_MIRROR and
# DEBIAN_SECURITY_MIRROR where the machine is not a Debian. The system's apt
# sources and lists are not touched, and packages are verified with Debian's
# keyring as always.

set -euo pipefail
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
keyring=${DEBIAN_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}

die()
{
	printf 'kernel.sh: %s\n' "$*" >&2
	exit "${status:-1}"
}

# Prints the URIs of this machine's archives, one a line: "main URI" or
# "security URI". A foreign archive may use Debian's suite names, so an archive
# counts when its Release file says Debian, or, where no list was fetched yet,
# when its address ends as Debian's mirrors do.
own_mirrors()
{
	# shellcheck disable=SC2016	# apt expands these, not the shell
	apt-get indextargets --format '$(ORIGIN)|$(COMPONENT)|$(RELEASE)|$(REPO_URI)' \
		'Created-By: Packages' |
	awk -F'|' '
	$2 != "main" { next }
	$1 != "Debian" && !(($1 == "" || $1 ~ /[$]/) &&
		$4 ~ /\/debian(-security)?([.]list)?\/?$/) { next }
	{ print ($3 ~ /-security$|\/updates$/ ? "security" : "main"), $4 }'
}

# Sets main_uri and security_uri.
find_mirrors()
{
	local own

	main_uri=${DEBIAN_MIRROR:-}
	security_uri=${DEBIAN_SECURITY_MIRROR:-}
	own=$(own_mirrors) || own=
	: "${main_uri:=$(awk '$1 == "main" { print $2; exit }' <<<"$own")}"
	: "${security_uri:=$(awk '$1 == "security" { print $2; exit }' <<<"$own")}"
	[ -n "$main_uri" ] ||
		die "no Debian archive in this machine's apt sources: set DEBIAN_MIRROR to a mirror's address"
	# A mirror carries both archives side by side.
	: "${security_uri:=${main_uri%/}-security}"
}

# apt_config DIR SUITE SECURITY: writes the configuration of a private apt.
apt_config()
{
	local dir=$1 suite=$2 security=$3
	local opts="arch=amd64 signed-by=$keyring target=Packages"

	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
	: >"$dir/status"
	echo "deb [$opts] $main_uri $suite main" >"$dir/sources.list"
	if [ -n "$security" ]; then
		echo "deb [$opts] $security_uri $security main" >>"$dir/sources.list"
	fi
	cat >"$dir/apt.conf" <<-CONF
	Dir::Etc::SourceList "$dir/sources.list";
	Dir::Etc::SourceParts "/dev/null";
	Dir::Etc::Preferences "/dev/null";
	Dir::Etc::PreferencesParts "/dev/null";
	Dir::State::Lists "$dir/lists";
	Dir::State::Status "$dir/status";
	Dir::Cache "$dir/cache";
	APT::Architecture "amd64";
	#clear APT::Architectures;
	APT::Architectures { "amd64"; };
	APT::Default-Release "";
	#clear APT::Update::Pre-Invoke;
	#clear APT::Update::Post-Invoke;
	#clear APT::Update::Post-Invoke-Success;
	APT::Update::Error-Mode "any";
	Acquire::Languages "none";
	Acquire::Retries "3";
	CONF
}

# kernel_packages CONF PACKAGE: follows a metapackage to the packages that hold
# files of the kernel; newer kernels are split into image, modules and base.
kernel_packages()
{
	local conf=$1 next

	next=$(apt-cache -c "$conf" show --no-all-versions "$2" |
		awk '/^(Pre-)?Depends:/ {
			gsub(/[(][^)]*[)]|,/, " ")
			for (i = 2; i <= NF; i++)
				if ($i ~ /^linux-(image|binary|modules|base)-[0-9]/)
					print $i
		}')
	for next in $next; do
		echo "$next"
		kernel_packages "$conf" "$next"
	done
}

# download DIR PACKAGE: brings the packages of a kernel to DIR/debs.
download()
{
	local dir=$1 conf=$1/apt.conf
	local -a packages

	apt-get -c "$conf" -q update || return 1
	mapfile -t packages < <(kernel_packages "$conf" "$2" | sort -u)
	[ "${#packages[@]}" -gt 0 ] || { echo "E: no package $2"; return 1; }
	mkdir -p "$dir/debs"
	(cd "$dir/debs" && apt-get -c "$conf" -q download "${packages[@]}")
}

# unpack DEBS OUT: OUT/vmlinuz, OUT/lib/modules/VERSION and OUT/version.
unpack()
{
	local debs=$1 out=$2 root=$2/root deb image version modules

	mkdir -p "$root"
	for deb in "$debs"/*.deb; do
		dpkg-deb -x "$deb" "$root"
	done
	image=$(find "$root" -name 'vmlinuz*' -type f -size +1M -print -quit)
	modules=$(find "$root" -path '*/lib/modules/*' -type d -print -quit)
	if [ -z "$image" ] || [ -z "$modules" ]; then
		die "no kernel image or modules in: $(ls "$debs")"
	fi
	version=${modules##*/}
	mkdir -p "$out/lib/modules"
	mv "$image" "$out/vmlinuz"
	mv "$modules" "$out/lib/modules/"
	rm -rf "$root"
	busybox depmod -b "$out" "$version"
	echo "$version" >"$out/version"
}

# fetch NAME SUITE SECURITY PACKAGE DIR: fills DIR, at once or not at all.
fetch()
{
	local name=$1 dir=$5 log try

	[ -r "$keyring" ] || die "no $keyring: install debian-archive-keyring"
	find_mirrors
	work=$(mktemp -d "$(dirname "$dir")/.fetch-XXXXXX")
	trap 'rm -rf "$work"' EXIT
	chmod 755 "$work"	# apt's own user downloads
	log=$work/log
	echo "kernel.sh: fetching $4 of $2 for $name" >&2
	# Again from the start, since a mirror may change between list and package;
	# the last time without updates: an old kernel is better than none.
	for try in "$3" "$3" ''; do
		rm -rf "$work/apt"
		apt_config "$work/apt" "$2" "$try"
		if download "$work/apt" "$4" >"$log" 2>&1; then
			unpack "$work/apt/debs" "$work/out"
			break
		fi
		grep -E '^(E|Err):?' "$log" | head -n 20 >&2 || tail -n 20 "$log" >&2
	done
	[ -s "$work/out/version" ] ||
		die "cannot have $4 of suite $2 from $main_uri${3:+ and $security_uri}"
	rm -rf "$dir"
	mv "$work/out" "$dir"
}

need()
{
	local tool

	for tool; do
		command -v "$tool" >/dev/null || die "no $tool on this machine"
	done
}

main()
{
	local name=${1:-} cache=${2:-$here/../../build/kernels} suite security package dir

	case $name in
	5.10)	suite=bullseye security=bullseye-security package=linux-image-cloud-amd64 ;;
	6.1)	suite=bookworm security=bookworm-security package=linux-image-cloud-amd64 ;;
	6.12)	suite=bookworm security=bookworm-security package=linux-image-6.12-cloud-amd64 ;;
	newest)	suite=sid security='' package=linux-image-cloud-amd64 ;;
	*/*)
		[ -r "$name" ] || status=2 die "cannot read $name"
		[ -z "${MODULES:-}" ] || [ -r "$MODULES/modules.dep" ] ||
			status=2 die "no modules.dep in $MODULES"
		printf '%s\n%s\n' "$name" "${MODULES:-}"
		return
		;;
	*)	status=2 die "usage: kernel.sh 5.10|6.1|6.12|newest|/path/of/vmlinuz [CACHE_DIR]" ;;
	esac

	mkdir -p "$cache"
	cache=$(cd "$cache" && pwd)
	dir=$cache/$name
	exec 9>"$cache/.$name.lock"
	need flock
	flock 9
	if [ ! -s "$dir/version" ]; then
		need apt-get apt-cache dpkg-deb busybox awk
		fetch "$name" "$suite" "$security" "$package" "$dir"
	fi
	printf '%s\n%s\n' "$dir/vmlinuz" "$dir/lib/modules/$(cat "$dir/version")"
}

main "$@"
