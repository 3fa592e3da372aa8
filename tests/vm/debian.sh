# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Downloads packages of any Debian suite and architecture, without root and on any machine. To be
# included by the scripts beside this one.
#
# The mirror is that of this machine's apt sources, or DEBIAN_MIRROR and DEBIAN_SECURITY_MIRROR if
# the machine is not a Debian. The system's apt sources and lists are not touched, and packages are
# verified with Debian's keyring as always.

keyring=${DEBIAN_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}

die()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit "${status:-1}"
}

need()
{
	local tool

	for tool; do
		command -v "$tool" >/dev/null || die "no $tool on this machine"
	done
}

# Prints the URIs of this machine's archives, one in each line: "main URI" or "security URI". Other
# distributions use Debian's suite names too, so an archive counts only if its Release file says
# Debian or, if no list was fetched yet, if its address ends like that of a Debian mirror.
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
	# A mirror has both archives side by side.
	: "${security_uri:=${main_uri%/}-security}"
}

# apt_config DIR ARCH SUITE SECURITY: writes the configuration of a private apt.
apt_config()
{
	local dir=$1 arch=$2 suite=$3 security=$4
	local opts="arch=$arch signed-by=$keyring target=Packages"

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
	APT::Architecture "$arch";
	#clear APT::Architectures;
	APT::Architectures { "$arch"; };
	APT::Default-Release "";
	#clear APT::Update::Pre-Invoke;
	#clear APT::Update::Post-Invoke;
	#clear APT::Update::Post-Invoke-Success;
	APT::Update::Error-Mode "any";
	Acquire::Languages "none";
	Acquire::Retries "3";
	CONF
}

# download DIR CHOOSE...: downloads the packages that CHOOSE names to DIR/debs.
download()
{
	local dir=$1 conf=$1/apt.conf
	local -a packages

	shift
	apt-get -c "$conf" -q update || return 1
	mapfile -t packages < <("$@" "$conf" | sort -u)
	[ "${#packages[@]}" -gt 0 ] || { echo "E: no package by $*"; return 1; }
	mkdir -p "$dir/debs"
	(cd "$dir/debs" && apt-get -c "$conf" -q download "${packages[@]}")
}

# fetch_debs DIR ARCH SUITE SECURITY CHOOSE...: downloads packages to DIR/apt/debs. The command
# CHOOSE, with apt's configuration as last argument, names them, one in each line.
fetch_debs()
{
	local dir=$1 arch=$2 suite=$3 security=$4 log=$1/log try

	shift 4
	[ -r "$keyring" ] || die "no $keyring: install debian-archive-keyring"
	find_mirrors
	# From the start again, as a mirror may change between list and package; the last time
	# without updates: an old package is better than none.
	for try in "$security" "$security" ''; do
		rm -rf "$dir/apt"
		apt_config "$dir/apt" "$arch" "$suite" "$try"
		download "$dir/apt" "$@" >"$log" 2>&1 && return
		grep -E '^(E|Err):?' "$log" | head -n 20 >&2 || tail -n 20 "$log" >&2
	done
	die "cannot have it from suite $suite of $main_uri${security:+ and $security_uri}"
}

# unpack_debs DIR ROOT [OPTIONS of tar]: unpacks the packages that fetch_debs downloaded to DIR.
unpack_debs()
{
	local deb dir=$1 root=$2

	shift 2
	mkdir -p "$root"
	for deb in "$dir"/apt/debs/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$root" "$@"
	done
}

# cached DIR FILL...: runs the command FILL, with a working directory as last argument, in which it
# leaves the content of DIR as "out". DIR then appears whole or not at all, and FILL runs only once
# if several ask at the same time.
cached()
{
	local dir=$1

	shift
	need flock apt-get apt-cache dpkg-deb awk
	mkdir -p "${dir%/*}"
	exec 9>"${dir%/*}/.${dir##*/}.lock"
	flock 9
	[ ! -d "$dir" ] || return 0
	work=$(mktemp -d "${dir%/*}/.fetch-XXXXXX")
	trap 'rm -rf "$work"' EXIT
	chmod 755 "$work"	# apt's own user downloads
	"$@" "$work"
	mv "$work/out" "$dir"
}
