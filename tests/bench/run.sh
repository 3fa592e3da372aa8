#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What tracing costs: see bench.py. Options are in the environment:
#   ROUNDS=15 CELL_SEC=0.5   length of the run      BUILD=build   where the binaries are
#   READY_MS=60              what --check demands
#
# bpftrace needs a tracefs. It gets one in a mount namespace of its own, which
# ends with this process; the loads run in network namespaces of their own.

set -eu
here=$(dirname "$0")

if [ "$(id -u)" -ne 0 ]; then
	echo "SKIP bench: tracing needs root"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
exec unshare --mount --propagation private sh -c '
	mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null || :
	exec "$@"' sh python3 "$here/bench.py" "$@"
