#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The name of a container, from a real engine: podman runs a program that is refused a connection,
# and the record names the container as podman does.
#
#   container.sh [DIRECTORY WITH rsttrace]
#
# Images and containers are on a tmpfs that goes away with this program's mount namespace.
set -u
build=$(realpath "${1:-build}")
readonly NAME=web-1

close_with() {
	echo "$@"
	exit
}

skip() {
	echo "SKIP container: $1"
	close_with "0 passed, 0 failed, 1 skipped"
}

fail() {
	echo "FAIL container: $1"
	[ $# -lt 2 ] || cat "${@:2}"
	echo "0 passed, 1 failed, 0 skipped"
	exit 1
}

[ "$(id -u)" -eq 0 ] || skip "needs root"
for tool in podman runc busybox; do
	command -v "$tool" >/dev/null || skip "needs $tool"
done
if [ -z "${RSTTRACE_CONTAINER_INSIDE:-}" ]; then
	RSTTRACE_CONTAINER_INSIDE=1 exec unshare --net --mount "$0" "$build"
fi

scratch=$(mktemp -d)
cleanup() {
	podman rm --force --all --time 0 >/dev/null 2>&1
	umount /var/lib/containers /run/containers /run/libpod 2>/dev/null
	rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

ip link set lo up
mkdir -p /var/lib/containers /run/containers /run/libpod "$scratch/image/bin"
for dir in /var/lib/containers /run/containers /run/libpod; do
	mount -t tmpfs -o size=64m none "$dir" || skip "may not mount a tmpfs"
done
# podman's default limits can be higher than this process may set.
cat >"$scratch/containers.conf" <<-END
	[containers]
	default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
END
export CONTAINERS_CONF=$scratch/containers.conf
cp "$(command -v busybox)" "$scratch/image/bin/busybox"

podman() {
	timeout 60 podman --storage-driver vfs --runtime "$(command -v runc)" \
		--cgroup-manager cgroupfs --events-backend none "$@"
}

tar -C "$scratch/image" -c . | podman import - "$NAME-image" >"$scratch/import" 2>&1 ||
	skip "podman cannot import an image here: $(tail -n 1 "$scratch/import")"
contained=(podman run --network host --name "$NAME" "$NAME-image" /bin/busybox)
"${contained[@]}" true >"$scratch/try" 2>&1 ||
	skip "podman cannot run a container here: $(tail -n 1 "$scratch/try")"
podman rm "$NAME" >/dev/null

# Nothing listens on port 1 of this namespace: nc is refused, and ends with status 1.
export -f podman
"$build/rsttrace" --json -- bash -c '"$@" nc 127.0.0.1 1 </dev/null; true' - "${contained[@]}" \
	>"$scratch/records" 2>"$scratch/errors"
records=$(grep '"victim_comm":"busybox"\|"victim_comm":"nc"' "$scratch/records")
[ "$(wc -l <<<"$records")" -eq 1 ] && [ -n "$records" ] ||
	fail "expected one record of nc" "$scratch/records" "$scratch/errors"
grep -q "\"victim_container_name\":\"$NAME\"" <<<"$records" ||
	fail "the record does not name the container $NAME: $records"
id=$(podman inspect --format '{{.Id}}' "$NAME")
grep -q "\"victim_container\":\"$id\"" <<<"$records" || fail "the record has not podman's id: $records"
echo "ok   container"
close_with "1 passed, 0 failed, 0 skipped"
