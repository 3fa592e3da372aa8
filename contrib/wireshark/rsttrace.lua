-- SPDX-License-Identifier: GPL-2.0
-- Made from the program's tables by "make docs": do not edit.
--
-- Makes display filters of what rsttrace says of a reset in the comments of its packet
-- (rsttrace --pcapng): each key of the record, and rsttrace.process for either end's name or
-- program:
--
--   rsttrace.cause == "close-with-unread"
--   rsttrace.process == "nginx" && rsttrace.sender_unread > 1000
--   rsttrace.error_errno == "EPIPE" && rsttrace.victim_pid == 812
--
-- Put it into Wireshark's folder of Lua plugins (Help, About, Folders), or give it on the
-- command line: wireshark -X lua_script:rsttrace.lua FILE. For Wireshark 4.0 and newer.

local rsttrace = Proto("rsttrace", "TCP reset explained by rsttrace")
local comments = Field.new("frame.comment")

local fields = {
	schema = { kind = "string", proto = ProtoField.string("rsttrace.schema", "schema", base.UNICODE,
		"name and version of this format") },
	id = { kind = "string", proto = ProtoField.string("rsttrace.id", "id", base.UNICODE,
		"unique over hosts and boots: the boot's id, the monotonic clock and the CPU of its first event") },
	rev = { kind = "int", proto = ProtoField.int64("rsttrace.rev", "rev", base.DEC, nil, nil,
		"0 first; a later line with the same id and a higher rev replaces it") },
	time = { kind = "string", proto = ProtoField.string("rsttrace.time", "time", base.UNICODE,
		"the same as RFC 3339 in UTC") },
	host = { kind = "string", proto = ProtoField.string("rsttrace.host", "host", base.UNICODE,
		"name of the host that saw it") },
	kind = { kind = "string", proto = ProtoField.string("rsttrace.kind", "kind", base.UNICODE,
		"active (the sender's stack decided), reply (answer to a segment), netfilter (REJECT rule), received (seen only as it arrived), timeout (abort, no RST sent)") },
	family = { kind = "string", proto = ProtoField.string("rsttrace.family", "family", base.UNICODE,
		"ipv4 or ipv6") },
	saddr = { kind = "string", proto = ProtoField.string("rsttrace.saddr", "saddr", base.UNICODE,
		"address the RST was sent from") },
	sport = { kind = "int", proto = ProtoField.int64("rsttrace.sport", "sport", base.DEC, nil, nil,
		"port the RST was sent from") },
	daddr = { kind = "string", proto = ProtoField.string("rsttrace.daddr", "daddr", base.UNICODE,
		"address the RST was sent to") },
	dport = { kind = "int", proto = ProtoField.int64("rsttrace.dport", "dport", base.DEC, nil, nil,
		"port the RST was sent to") },
	netns = { kind = "int", proto = ProtoField.int64("rsttrace.netns", "netns", base.DEC, nil, nil,
		"inode of the network namespace it was seen in (the sender's, if local)") },
	community_id = { kind = "string", proto = ProtoField.string("rsttrace.community_id", "community_id", base.UNICODE,
		"Community ID v1 of the flow, seed 0") },
	rst_seq = { kind = "int", proto = ProtoField.int64("rsttrace.rst_seq", "rst_seq", base.DEC, nil, nil,
		"sequence number of the RST; with community_id the same on both hosts. From a hook that has no RST (tracepoints, Linux 5.10) the one that the socket expected: not given where data is missing before other data, one too high for a RST with the number of a FIN") },
	rst_ack = { kind = "int", proto = ProtoField.int64("rsttrace.rst_ack", "rst_ack", base.DEC, nil, nil,
		"its acknowledgement number, where it has one") },
	rst_text = { kind = "string", proto = ProtoField.string("rsttrace.rst_text", "rst_text", base.UNICODE,
		"what the RST carried, at most 255 bytes: its sender's own words") },
	rst_ttl = { kind = "int", proto = ProtoField.int64("rsttrace.rst_ttl", "rst_ttl", base.DEC, nil, nil,
		"TTL, or hop limit, with which the RST arrived") },
	flow_ttl = { kind = "int", proto = ProtoField.int64("rsttrace.flow_ttl", "flow_ttl", base.DEC, nil, nil,
		"the same of another segment from its sender: the handshake's, or the newest not yet read if that is more like the RST's") },
	rst_ip_id = { kind = "int", proto = ProtoField.int64("rsttrace.rst_ip_id", "rst_ip_id", base.DEC, nil, nil,
		"identification in the RST's IPv4 header") },
	flow_ip_id = { kind = "int", proto = ProtoField.int64("rsttrace.flow_ip_id", "flow_ip_id", base.DEC, nil, nil,
		"the same of the newest segment not yet read, where there is one") },
	reason = { kind = "string", proto = ProtoField.string("rsttrace.reason", "reason", base.UNICODE,
		"the kernel's sk_rst_reason without its prefix, where the kernel gives one") },
	cause = { kind = "string", proto = ProtoField.string("rsttrace.cause", "cause", base.UNICODE,
		"code of the cause") },
	cause_text = { kind = "string", proto = ProtoField.string("rsttrace.cause_text", "cause_text", base.UNICODE,
		"the cause in a sentence, with this incident's figures") },
	advice = { kind = "string", proto = ProtoField.string("rsttrace.advice", "advice", base.UNICODE,
		"what to do") },
	confidence = { kind = "string", proto = ProtoField.string("rsttrace.confidence", "confidence", base.UNICODE,
		"how sure the cause is: certain, likely, guess") },
	outcome = { kind = "string", proto = ProtoField.string("rsttrace.outcome", "outcome", base.UNICODE,
		"what the victim saw: error (a call failed), eof (swallowed as end of file), unnoticed (closed without any call seeing it), pending (nothing yet), none (no socket to hurt), remote (the victim is on another host); absent where no probe shows its calls, or where losses has what would tell") },
	losses = { kind = "string", proto = ProtoField.string("rsttrace.losses", "losses", base.UNICODE,
		"events of this reset that may be among those lost around it, so that their absence tells nothing: sending, receipt, calls, end (of the victim's socket), with commas between; absent where nothing that is missing here can have been lost") },
	sampled = { kind = "int", proto = ProtoField.int64("rsttrace.sampled", "sampled", base.DEC, nil, nil,
		"1 in so many resets of its kind was recorded when this one was, the others were only counted (--rate); absent: all") },
	sender_local = { kind = "bool", proto = ProtoField.bool("rsttrace.sender_local", "sender_local", base.NONE, nil, nil,
		"whether this host saw the sender") },
	victim_local = { kind = "bool", proto = ProtoField.bool("rsttrace.victim_local", "victim_local", base.NONE, nil, nil,
		"whether this host saw the victim") },
	sender_pid = { kind = "int", proto = ProtoField.int64("rsttrace.sender_pid", "sender_pid", base.DEC, nil, nil,
		"process that owned the socket") },
	sender_tid = { kind = "int", proto = ProtoField.int64("rsttrace.sender_tid", "sender_tid", base.DEC, nil, nil,
		"thread of it that used the socket last") },
	sender_comm = { kind = "string", proto = ProtoField.string("rsttrace.sender_comm", "sender_comm", base.UNICODE,
		"name of that thread") },
	sender_process = { kind = "string", proto = ProtoField.string("rsttrace.sender_process", "sender_process", base.UNICODE,
		"name of the process, which is its first thread's; absent where another thread used the socket and the process was gone before it could be asked") },
	sender_uid = { kind = "int", proto = ProtoField.int64("rsttrace.sender_uid", "sender_uid", base.DEC, nil, nil,
		"its user id") },
	sender_exe = { kind = "string", proto = ProtoField.string("rsttrace.sender_exe", "sender_exe", base.UNICODE,
		"path of its program") },
	sender_owner = { kind = "string", proto = ProtoField.string("rsttrace.sender_owner", "sender_owner", base.UNICODE,
		"how the owner is known: caller, socket, snapshot, listener (who owns that; another process may have the connection), kernel, none") },
	sender_syscall = { kind = "string", proto = ProtoField.string("rsttrace.sender_syscall", "sender_syscall", base.UNICODE,
		"system call that caused the RST") },
	sender_fd = { kind = "int", proto = ProtoField.int64("rsttrace.sender_fd", "sender_fd", base.DEC, nil, nil,
		"descriptor of the socket") },
	sender_state = { kind = "string", proto = ProtoField.string("rsttrace.sender_state", "sender_state", base.UNICODE,
		"TCP state before the RST") },
	sender_unread = { kind = "int", proto = ProtoField.int64("rsttrace.sender_unread", "sender_unread", base.DEC, nil, nil,
		"bytes received that the process had not read") },
	sender_unsent = { kind = "int", proto = ProtoField.int64("rsttrace.sender_unsent", "sender_unsent", base.DEC, nil, nil,
		"bytes written that the other end had not acknowledged") },
	sender_linger0 = { kind = "bool", proto = ProtoField.bool("rsttrace.sender_linger0", "sender_linger0", base.NONE, nil, nil,
		"SO_LINGER {1,0} was set") },
	sender_exit = { kind = "string", proto = ProtoField.string("rsttrace.sender_exit", "sender_exit", base.UNICODE,
		"the process was ending: exit, or the signal that killed it") },
	sender_cgroup = { kind = "string", proto = ProtoField.string("rsttrace.sender_cgroup", "sender_cgroup", base.UNICODE,
		"path of the control group") },
	sender_container = { kind = "string", proto = ProtoField.string("rsttrace.sender_container", "sender_container", base.UNICODE,
		"id of the container") },
	sender_container_name = { kind = "string", proto = ProtoField.string("rsttrace.sender_container_name", "sender_container_name", base.UNICODE,
		"its name, from the files of docker, podman, containerd or CRI-O; absent where none tells it") },
	sender_pod = { kind = "string", proto = ProtoField.string("rsttrace.sender_pod", "sender_pod", base.UNICODE,
		"Kubernetes namespace and name of its pod, from those files or the kubelet's") },
	sender_unit = { kind = "string", proto = ProtoField.string("rsttrace.sender_unit", "sender_unit", base.UNICODE,
		"systemd unit") },
	sender_age_us = { kind = "int", proto = ProtoField.int64("rsttrace.sender_age_us", "sender_age_us", base.DEC, nil, nil,
		"age of the connection, microseconds") },
	sender_idle_us = { kind = "int", proto = ProtoField.int64("rsttrace.sender_idle_us", "sender_idle_us", base.DEC, nil, nil,
		"time since its last data, microseconds") },
	sender_heard_us = { kind = "int", proto = ProtoField.int64("rsttrace.sender_heard_us", "sender_heard_us", base.DEC, nil, nil,
		"time since data last came from the other end, microseconds") },
	sender_bytes_in = { kind = "int", proto = ProtoField.int64("rsttrace.sender_bytes_in", "sender_bytes_in", base.DEC, nil, nil,
		"bytes received over it") },
	sender_bytes_out = { kind = "int", proto = ProtoField.int64("rsttrace.sender_bytes_out", "sender_bytes_out", base.DEC, nil, nil,
		"bytes sent over it, retransmissions not counted") },
	sender_srtt_us = { kind = "int", proto = ProtoField.int64("rsttrace.sender_srtt_us", "sender_srtt_us", base.DEC, nil, nil,
		"smoothed round-trip time, microseconds") },
	sender_retrans = { kind = "int", proto = ProtoField.int64("rsttrace.sender_retrans", "sender_retrans", base.DEC, nil, nil,
		"segments sent again") },
	sender_closed_us = { kind = "int", proto = ProtoField.int64("rsttrace.sender_closed_us", "sender_closed_us", base.DEC, nil, nil,
		"how long before the RST the owner had closed or shut down, microseconds") },
	sender_mptcp = { kind = "bool", proto = ProtoField.bool("rsttrace.sender_mptcp", "sender_mptcp", base.NONE, nil, nil,
		"the socket is an MPTCP subflow") },
	killer_pid = { kind = "int", proto = ProtoField.int64("rsttrace.killer_pid", "killer_pid", base.DEC, nil, nil,
		"socket-killed: process in whose call the kernel aborted the sender's socket") },
	killer_comm = { kind = "string", proto = ProtoField.string("rsttrace.killer_comm", "killer_comm", base.UNICODE,
		"name of its thread") },
	killer_syscall = { kind = "string", proto = ProtoField.string("rsttrace.killer_syscall", "killer_syscall", base.UNICODE,
		"that call: of netlink (SOCK_DESTROY), or a read of the iterator of a BPF program") },
	accept_queue = { kind = "int", proto = ProtoField.int64("rsttrace.accept_queue", "accept_queue", base.DEC, nil, nil,
		"connections waiting at the listener, where one is involved") },
	accept_queue_max = { kind = "int", proto = ProtoField.int64("rsttrace.accept_queue_max", "accept_queue_max", base.DEC, nil, nil,
		"room for them: the lesser of listen()'s backlog and net.core.somaxconn") },
	victim_pid = { kind = "int", proto = ProtoField.int64("rsttrace.victim_pid", "victim_pid", base.DEC, nil, nil,
		"process that owned the socket") },
	victim_tid = { kind = "int", proto = ProtoField.int64("rsttrace.victim_tid", "victim_tid", base.DEC, nil, nil,
		"thread of it that used the socket last") },
	victim_comm = { kind = "string", proto = ProtoField.string("rsttrace.victim_comm", "victim_comm", base.UNICODE,
		"name of that thread") },
	victim_process = { kind = "string", proto = ProtoField.string("rsttrace.victim_process", "victim_process", base.UNICODE,
		"name of the process, which is its first thread's; absent where another thread used the socket and the process was gone before it could be asked") },
	victim_uid = { kind = "int", proto = ProtoField.int64("rsttrace.victim_uid", "victim_uid", base.DEC, nil, nil,
		"its user id") },
	victim_exe = { kind = "string", proto = ProtoField.string("rsttrace.victim_exe", "victim_exe", base.UNICODE,
		"path of its program") },
	victim_owner = { kind = "string", proto = ProtoField.string("rsttrace.victim_owner", "victim_owner", base.UNICODE,
		"how the owner is known: caller, socket, snapshot, listener (who owns that; another process may have the connection), kernel, none") },
	victim_fd = { kind = "int", proto = ProtoField.int64("rsttrace.victim_fd", "victim_fd", base.DEC, nil, nil,
		"descriptor of the socket") },
	victim_state = { kind = "string", proto = ProtoField.string("rsttrace.victim_state", "victim_state", base.UNICODE,
		"TCP state before the RST") },
	victim_unread = { kind = "int", proto = ProtoField.int64("rsttrace.victim_unread", "victim_unread", base.DEC, nil, nil,
		"bytes received that the process had not read") },
	victim_unsent = { kind = "int", proto = ProtoField.int64("rsttrace.victim_unsent", "victim_unsent", base.DEC, nil, nil,
		"bytes written that the other end had not acknowledged") },
	victim_linger0 = { kind = "bool", proto = ProtoField.bool("rsttrace.victim_linger0", "victim_linger0", base.NONE, nil, nil,
		"SO_LINGER {1,0} was set") },
	victim_exit = { kind = "string", proto = ProtoField.string("rsttrace.victim_exit", "victim_exit", base.UNICODE,
		"the process was ending: exit, or the signal that killed it") },
	victim_cgroup = { kind = "string", proto = ProtoField.string("rsttrace.victim_cgroup", "victim_cgroup", base.UNICODE,
		"path of the control group") },
	victim_container = { kind = "string", proto = ProtoField.string("rsttrace.victim_container", "victim_container", base.UNICODE,
		"id of the container") },
	victim_container_name = { kind = "string", proto = ProtoField.string("rsttrace.victim_container_name", "victim_container_name", base.UNICODE,
		"its name, from the files of docker, podman, containerd or CRI-O; absent where none tells it") },
	victim_pod = { kind = "string", proto = ProtoField.string("rsttrace.victim_pod", "victim_pod", base.UNICODE,
		"Kubernetes namespace and name of its pod, from those files or the kubelet's") },
	victim_unit = { kind = "string", proto = ProtoField.string("rsttrace.victim_unit", "victim_unit", base.UNICODE,
		"systemd unit") },
	victim_age_us = { kind = "int", proto = ProtoField.int64("rsttrace.victim_age_us", "victim_age_us", base.DEC, nil, nil,
		"age of the connection, microseconds") },
	victim_idle_us = { kind = "int", proto = ProtoField.int64("rsttrace.victim_idle_us", "victim_idle_us", base.DEC, nil, nil,
		"time since its last data, microseconds") },
	victim_heard_us = { kind = "int", proto = ProtoField.int64("rsttrace.victim_heard_us", "victim_heard_us", base.DEC, nil, nil,
		"time since data last came from the other end, microseconds") },
	victim_bytes_in = { kind = "int", proto = ProtoField.int64("rsttrace.victim_bytes_in", "victim_bytes_in", base.DEC, nil, nil,
		"bytes received over it") },
	victim_bytes_out = { kind = "int", proto = ProtoField.int64("rsttrace.victim_bytes_out", "victim_bytes_out", base.DEC, nil, nil,
		"bytes sent over it, retransmissions not counted") },
	victim_srtt_us = { kind = "int", proto = ProtoField.int64("rsttrace.victim_srtt_us", "victim_srtt_us", base.DEC, nil, nil,
		"smoothed round-trip time, microseconds") },
	victim_retrans = { kind = "int", proto = ProtoField.int64("rsttrace.victim_retrans", "victim_retrans", base.DEC, nil, nil,
		"segments sent again") },
	victim_closed_us = { kind = "int", proto = ProtoField.int64("rsttrace.victim_closed_us", "victim_closed_us", base.DEC, nil, nil,
		"how long before the RST the owner had closed or shut down, microseconds") },
	victim_mptcp = { kind = "bool", proto = ProtoField.bool("rsttrace.victim_mptcp", "victim_mptcp", base.NONE, nil, nil,
		"the socket is an MPTCP subflow") },
	eof_syscall = { kind = "string", proto = ProtoField.string("rsttrace.eof_syscall", "eof_syscall", base.UNICODE,
		"system call that failed") },
	eof_fd = { kind = "int", proto = ProtoField.int64("rsttrace.eof_fd", "eof_fd", base.DEC, nil, nil,
		"descriptor it was given") },
	eof_pid = { kind = "int", proto = ProtoField.int64("rsttrace.eof_pid", "eof_pid", base.DEC, nil, nil,
		"process that called") },
	eof_tid = { kind = "int", proto = ProtoField.int64("rsttrace.eof_tid", "eof_tid", base.DEC, nil, nil,
		"thread that called") },
	eof_comm = { kind = "string", proto = ProtoField.string("rsttrace.eof_comm", "eof_comm", base.UNICODE,
		"name of that thread") },
	eof_delay_us = { kind = "int", proto = ProtoField.int64("rsttrace.eof_delay_us", "eof_delay_us", base.DEC, nil, nil,
		"time since the RST, microseconds") },
	error_errno = { kind = "string", proto = ProtoField.string("rsttrace.error_errno", "error_errno", base.UNICODE,
		"name of the error") },
	error_syscall = { kind = "string", proto = ProtoField.string("rsttrace.error_syscall", "error_syscall", base.UNICODE,
		"system call that failed") },
	error_fd = { kind = "int", proto = ProtoField.int64("rsttrace.error_fd", "error_fd", base.DEC, nil, nil,
		"descriptor it was given") },
	error_pid = { kind = "int", proto = ProtoField.int64("rsttrace.error_pid", "error_pid", base.DEC, nil, nil,
		"process that called") },
	error_tid = { kind = "int", proto = ProtoField.int64("rsttrace.error_tid", "error_tid", base.DEC, nil, nil,
		"thread that called") },
	error_comm = { kind = "string", proto = ProtoField.string("rsttrace.error_comm", "error_comm", base.UNICODE,
		"name of that thread") },
	error_delay_us = { kind = "int", proto = ProtoField.int64("rsttrace.error_delay_us", "error_delay_us", base.DEC, nil, nil,
		"time since the RST, microseconds") },
	error_sigpipe = { kind = "bool", proto = ProtoField.bool("rsttrace.error_sigpipe", "error_sigpipe", base.NONE, nil, nil,
		"whether the call raised SIGPIPE") },
	error_sigpipe_action = { kind = "string", proto = ProtoField.string("rsttrace.error_sigpipe_action", "error_sigpipe_action", base.UNICODE,
		"what SIGPIPE did: handled, ignored, killed") },
	error_inferred = { kind = "bool", proto = ProtoField.bool("rsttrace.error_inferred", "error_inferred", base.NONE, nil, nil,
		"the errno follows from the socket's state; no probe here shows what the call returned") },
	error_side = { kind = "string", proto = ProtoField.string("rsttrace.error_side", "error_side", base.UNICODE,
		"whose socket it failed on: victim, or sender (a RST ends both)") },
}

local process = ProtoField.string("rsttrace.process", "process", base.UNICODE,
	"name or program of either end, or of who made a failing call")
local names_process = {
	sender_comm = true, victim_comm = true, error_comm = true,
	sender_exe = true, victim_exe = true,
}

local declared = { process }
for _, field in pairs(fields) do
	declared[#declared + 1] = field.proto
end
rsttrace.fields = declared

local function add(tree, key, value)
	local field = fields[key]
	if not field then
		return
	end
	if field.kind == "int" then
		tree:add(field.proto, Int64.new(tonumber(value)))
	elseif field.kind == "bool" then
		tree:add(field.proto, value ~= "0")
	else
		tree:add(field.proto, value)
	end
	if names_process[key] then
		tree:add(process, value):set_hidden()
	end
end

function rsttrace.dissector(_, pinfo, tree)
	for _, comment in ipairs({ comments() }) do
		local text = tostring(comment.value)
		if text:sub(1, #"schema=rsttrace/") == "schema=rsttrace/" then
			local told = tree:add(rsttrace)
			for key, value in text:gmatch("([%w_]+)=([^\n]*)\n") do
				add(told, key, value)
				if key == "cause_text" then
					pinfo.cols.info:append("  " .. value)
				end
			end
		end
	end
end

register_postdissector(rsttrace)
