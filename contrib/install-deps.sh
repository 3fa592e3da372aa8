#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# install-deps.sh [build|hardening] - installs what the build and the tests need; only what the build
# and the demo need; or the readers of code that "make hardening" asks. Run as root.
set -eu

debian_build="gcc libc6-dev make clang llvm bpftool libbpf-dev libelf-dev zlib1g-dev libzstd-dev pkg-config
	libdw-dev liblzma-dev libbz2-dev libiberty-dev libncurses-dev
	libjansson-dev nettle-dev libseccomp-dev libmicrohttpd-dev uthash-dev
	python3-minimal apache2-utils"
debian="libclang-rt-dev libcmocka-dev tmux
	iproute2 strace valgrind tcpdump tshark nginx-light wrk bpftrace python3 procps util-linux
	default-jdk-headless qemu-system-x86 busybox-static cpio xz-utils zstd lz4 binutils
	qemu-system-arm gcc-aarch64-linux-gnu libc6-dev-arm64-cross
	debian-archive-keyring ca-certificates shellcheck fish zsh
	debhelper lintian fakeroot debootstrap rpm podman runc chromium prometheus systemd python3-yaml
	clickhouse-server clickhouse-client conntrack iptables"
fedora_build="gcc make clang llvm bpftool libbpf-devel elfutils-libelf-devel elfutils-devel binutils-devel
	zlib-devel libzstd-devel pkgconf ncurses-devel
	jansson-devel libmicrohttpd-devel nettle-devel libseccomp-devel uthash-devel
	python3 httpd-tools"
fedora="compiler-rt libbpf-static elfutils-devel-static xz-static bzip2-static
	elfutils-libelf-devel-static zlib-static libzstd-static glibc-static
	jansson-static libseccomp-static ncurses-static
	libcmocka-devel iproute strace valgrind tcpdump wireshark-cli nginx wrk bpftrace procps-ng util-linux tmux
	java-latest-openjdk-devel qemu-system-x86-core busybox cpio xz zstd lz4 binutils ShellCheck
	qemu-system-aarch64-core fish zsh podman runc npm chromium-headless"
# for the page's chart library; Debian's npm is in the way of a node that came with its own npm
command -v npm >/dev/null || debian="$debian npm"

case "${1-}" in
build)	debian=; fedora= ;;
hardening)
	debian_build='' fedora_build=''
	debian="codespell cppcheck clang-tidy gcc valgrind" fedora="codespell cppcheck clang-tools-extra gcc valgrind" ;;
"")	;;
*)	echo "install-deps.sh knows only 'build' and 'hardening', not '$1'" >&2; exit 2 ;;
esac
if [ "$(id -u)" -ne 0 ]; then
	echo "make deps installs packages: run it with sudo" >&2
	exit 1
fi
if command -v apt-get >/dev/null; then
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq
	# shellcheck disable=SC2086
	apt-get install -y -qq --no-install-recommends $debian_build $debian
elif command -v dnf >/dev/null; then
	# shellcheck disable=SC2086
	dnf install -y $fedora_build $fedora
else
	echo "make deps knows apt-get and dnf; install the like of: $debian_build $debian" >&2
	exit 1
fi
