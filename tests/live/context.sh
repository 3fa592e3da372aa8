#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Where things happen: two ends in namespaces of their own, joined by a veth
# pair, in control groups named like those of containers and services; and the
# account of each namespace against the kernel's counters.
#
#   context.sh [DIRECTORY WITH rsttrace]
#
# rsttrace runs in a third namespace. All it makes goes when it ends.

set -u
build=$(realpath "${1:-build}")
here=$(dirname "$(realpath "$0")")
readonly PATIENCE=1000	# times 10 ms
readonly SERVER=10.77.0.1 CLIENT=10.77.0.2 PORT=8077
readonly DOCKER=3e1f0a5c9b7d2e4f60718293a4b5c6d7e8f90112233445566778899aabbccdde
readonly POD=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
readonly UID_=0a1b2c3d_1111_2222_3333_444455556666
passed=0 failed=0 skipped=0

close_with() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ]
	exit
}

skip() {
	echo "SKIP context: $*"
	skipped=$((skipped + 1))
}

if [ "$(id -u)" -ne 0 ]; then
	skip "needs root"
	close_with
fi
if [ -z "${RSTTRACE_CONTEXT_INSIDE:-}" ]; then
	RSTTRACE_CONTEXT_INSIDE=1 exec unshare --net --mount "$0" "$build"
fi

scratch=$(mktemp -d)
records=$scratch/records
groups=		# where the control groups are made, "" without a cgroup2 tree
pids=()

cleanup() {
	[ ${#pids[@]} -eq 0 ] || end_all "${pids[@]}"
	[ -z "$groups" ] || find "$groups" -depth -type d -exec rmdir {} \;
	umount "$scratch/bound" 2>/dev/null
	rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# --- what the checks are made of ---

# Waits until a command succeeds.
await() {
	local i
	for ((i = 0; i < PATIENCE; i++)); do
		"$@" && return
		sleep 0.01
	done
	echo "FAIL context: waited in vain for: $*"
	failed=$((failed + 1))
	return 1
}

is() {
	local name=$1 got=$2 want=$3
	if [ "$got" = "$want" ]; then
		passed=$((passed + 1))
		echo "ok   context-$name"
	else
		failed=$((failed + 1))
		echo "FAIL context-$name: got '$got', expected '$want'"
	fi
}

netns_of() {
	stat -Lc %i "$1"
}

elsewhere() {
	[ "$(netns_of "/proc/$1/ns/net")" != "$(netns_of /proc/self/ns/net)" ] 2>/dev/null
}

# A process that keeps a new namespace; its pid is in $holder.
hold_netns() {
	unshare --net sleep infinity &
	holder=$!
	disown
	pids+=("$holder")
	await elsewhere "$holder"
}

inside() {
	nsenter --net="/proc/$1/ns/net" "${@:2}"
}

# Starts an end in a namespace and a control group: in_group GROUP HOLDER OUTPUT ARG...; $end is its pid.
in_group() {
	local group=$1 ns=$2 out=$3
	shift 3
	: >"$out"
	exec 9<>"$scratch/stay"	# keeps stdin open: the end stays until killed
	(
		[ -z "$groups" ] || echo "$BASHPID" >"$groups/$group/cgroup.procs"
		exec nsenter --net="/proc/$ns/ns/net" python3 "$here/context_ends.py" "$@"
	) <&9 >"$out" &
	end=$!
	disown
	pids+=("$end")
}

said() {
	grep -q "^$1$" "$2"
}

gone() {
	! kill -0 "$1" 2>/dev/null
}

# Ends processes and waits for them, so that the shell prints no message about it.
end_all() {
	local pid
	kill -9 "$@" 2>/dev/null
	for pid; do
		await gone "$pid"
	done
}

field() {
	python3 "$here/context_ends.py" field "$records" "$@"
}

account() {
	python3 "$here/context_ends.py" account "$records" "$@"
}

recorded() {
	[ "$(field "$1" 0 count)" -ge "$2" ]
}

make_groups() {
	local mount
	mount=$(awk '$4 == "/" && / - cgroup2 / { print $5; exit }' /proc/self/mountinfo)
	[ -n "$mount" ] && mkdir "$mount/rsttrace-context-$$" 2>/dev/null || return
	groups=$mount/rsttrace-context-$$
	mkdir -p "$groups/docker-$DOCKER.scope" "$groups/shop-api.service" \
		"$groups/kubepods-pod$UID_.slice/cri-containerd-$POD.scope"
}

# Checks a key that needs control groups; skipped without them: is_group NAME GOT WANT
is_group() {
	if [ -n "$groups" ]; then
		is "$@"
	else
		skip "$1: no cgroup2 tree that can be written to"
	fi
}

# A connection through the veth: reset HOW GROUP; leaves server and client, their pids.
reset() {
	in_group "$2" "$left" "$scratch/served.$1" serve "$SERVER" "$PORT" "$1"
	server=$end
	await said listening "$scratch/served.$1"
	in_group shop-api.service "$right" "$scratch/connected.$1" connect "$SERVER" "$PORT"
	client=$end
	await said reset "$scratch/connected.$1"
}

# --- the stage ---

mkfifo "$scratch/stay"
make_groups
hold_netns
left=$holder
hold_netns
right=$holder
if ! ip link add left type veth peer name right 2>"$scratch/err"; then
	skip "no veth here: $(head -n 1 "$scratch/err")"
	close_with
fi
ip link set left netns "$left"
ip link set right netns "$right"
inside "$left" ip addr add "$SERVER/24" dev left
inside "$right" ip addr add "$CLIENT/24" dev right
inside "$left" ip link set left up
inside "$right" ip link set right up
left_ns=$(netns_of "/proc/$left/ns/net")
right_ns=$(netns_of "/proc/$right/ns/net")

# a namespace that nobody is in, bound to a file
: >"$scratch/bound"
unshare --net="$scratch/bound" ip link set lo up
bound_ns=$(netns_of "$scratch/bound")

"$build/rsttrace" --json -o "$records" 2>"$scratch/err" </dev/null &
tracer=$!
pids+=("$tracer")
await grep -q '^rsttrace: ready' "$scratch/err"
if gone "$tracer"; then
	wait "$tracer"
	status=$?
	cat "$scratch/err"
	if [ "$status" -eq 77 ]; then
		failed=0
		skip "this kernel cannot be traced"
	fi
	close_with
fi

# --- both ends alive, each in a namespace of its own ---

reset close "docker-$DOCKER.scope"
await recorded "$left_ns" 1
is one-incident "$(field "$left_ns" 0 count) $(field "$right_ns" 0 count)" "1 0"
is cause "$(field "$left_ns" 0 cause)" close-with-unread
is both-ends-local "$(field "$left_ns" 0 sender_local) $(field "$left_ns" 0 victim_local)" "true true"
is sender-pid "$(field "$left_ns" 0 sender_pid)" "$server"
is victim-pid "$(field "$left_ns" 0 victim_pid)" "$client"
is sender-address "$(field "$left_ns" 0 saddr) $(field "$left_ns" 0 sport)" "$SERVER $PORT"
is victim-address "$(field "$left_ns" 0 daddr)" "$CLIENT"
is error "$(field "$left_ns" 0 error_errno)" ECONNRESET
is error-pid "$(field "$left_ns" 0 error_pid)" "$client"
is_group sender-container "$(field "$left_ns" 0 sender_container)" "$DOCKER"
is_group sender-cgroup "$(field "$left_ns" 0 sender_cgroup)" \
	"/rsttrace-context-$$/docker-$DOCKER.scope"
is_group victim-unit "$(field "$left_ns" 0 victim_unit)" shop-api.service
end_all "$server" "$client"

# --- the sender is dead before anyone can look ---

reset kill "kubepods-pod$UID_.slice/cri-containerd-$POD.scope"
await gone "$server"
await recorded "$left_ns" 2
is dead-sender-pid "$(field "$left_ns" 1 sender_pid)" "$server"
is dead-sender-exit "$(field "$left_ns" 1 sender_exit)" SIGKILL
is dead-both-ends-local "$(field "$left_ns" 1 sender_local) $(field "$left_ns" 1 victim_local)" "true true"
is dead-victim-pid "$(field "$left_ns" 1 victim_pid)" "$client"
is_group dead-sender-container "$(field "$left_ns" 1 sender_container)" "$POD"
is_group dead-victim-unit "$(field "$left_ns" 1 victim_unit)" shop-api.service

# --- the account: a bound namespace, and one that ends ---

refused='(exec 3<>/dev/tcp/127.0.0.1/9) 2>/dev/null'
nsenter --net="$scratch/bound" bash -c "$refused"
ended_ns=$(unshare --net bash -c "ip link set lo up; stat -Lc %i /proc/self/ns/net; $refused")
kill -INT "$tracer"
await gone "$tracer"

is end-line "$(grep -c '"type":"end"' "$records")" 1
is veth-sent "$(account "$left_ns" recorded) $(account "$left_ns" out_rsts)" "2 2"
is veth-difference "$(account "$left_ns" difference)" 0
is veth-explained "$(account "$left_ns" explained)" 2
is veth-received "$(account "$right_ns" received) $(account "$right_ns" out_rsts)" "2 0"
is bound-sent "$(account "$bound_ns" recorded) $(account "$bound_ns" out_rsts)" "1 1"
is bound-explained "$(account "$bound_ns" explained)" 1
is ended-recorded "$(account "$ended_ns" recorded)" 1
is ended-not-compared "$(account "$ended_ns" out_rsts)" "(absent)"
is ended-said "$(grep -c '^not compared: .* that ended or cannot be read$' "$scratch/err")" 1
close_with
