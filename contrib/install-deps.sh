#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Installs what the build and the tests need. Run as root.
set -eu

debian="gcc make clang libclang-rt-dev llvm bpftool libbpf-dev libelf-dev zlib1g-dev libzstd-dev pkg-config
	libdw-dev liblzma-dev libbz2-dev libiberty-dev
	libjansson-dev nettle-dev libseccomp-dev libmicrohttpd-dev uthash-dev libcmocka-dev
	iproute2 strace valgrind tcpdump tshark apache2-utils nginx-light wrk bpftrace python3-minimal python3 procps util-linux
	libncurses-dev tmux
	default-jdk-headless qemu-system-x86 busybox-static cpio xz-utils zstd lz4 binutils
	qemu-system-arm gcc-aarch64-linux-gnu libc6-dev-arm64-cross
	debian-archive-keyring ca-certificates shellcheck fish zsh
	debhelper lintian fakeroot debootstrap rpm podman runc chromium prometheus systemd python3-yaml
	clickhouse-server conntrack iptables"
fedora="gcc make clang compiler-rt llvm bpftool libbpf-devel libbpf-static elfutils-libelf-devel
	elfutils-devel elfutils-devel-static xz-static bzip2-static binutils-devel
	elfutils-libelf-devel-static zlib-devel zlib-static libzstd-devel libzstd-static glibc-static pkgconf
	jansson-devel jansson-static libmicrohttpd-devel nettle-devel libseccomp-devel libseccomp-static uthash-devel
	libcmocka-devel iproute strace valgrind tcpdump wireshark-cli httpd-tools nginx wrk bpftrace python3 procps-ng util-linux
	ncurses-devel ncurses-static tmux
	java-latest-openjdk-devel qemu-system-x86-core busybox cpio xz zstd lz4 binutils ShellCheck
	qemu-system-aarch64-core fish zsh podman runc npm chromium-headless"
# for the page's chart library; Debian's npm is in the way of a node that came with its own npm
command -v npm >/dev/null || debian="$debian npm"

if [ "$(id -u)" -ne 0 ]; then
	echo "make deps installs packages: run it with sudo" >&2
	exit 1
fi
if command -v apt-get >/dev/null; then
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq
	# shellcheck disable=SC2086
	apt-get install -y -qq --no-install-recommends $debian
elif command -v dnf >/dev/null; then
	# shellcheck disable=SC2086
	dnf install -y $fedora
else
	echo "make deps knows apt-get and dnf; install the like of: $debian" >&2
	exit 1
fi
