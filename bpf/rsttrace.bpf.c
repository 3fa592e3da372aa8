// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The kernel side of rsttrace: one object. Each logical probe has one handler
 * and a thin wrapper per way of attaching it; the user side (user/attach/hooks.c)
 * picks the wrappers that this kernel allows and loads no others.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "wire.h"

#include "compat.bpf.h"
#include "maps.bpf.h"
#include "closed.bpf.h"
#include "owner.bpf.h"
#include "sock.bpf.h"
#include "flow.bpf.h"
#include "ending.bpf.h"
#include "spare.bpf.h"
#include "emit.bpf.h"
#include "stack.bpf.h"
#include "filter.bpf.h"
#include "rate.bpf.h"
#include "mptcp.bpf.h"
#include "peer.bpf.h"
#include "hook_ignored.bpf.h"
#include "hook_reset.bpf.h"
#include "hook_received.bpf.h"
#include "hook_reject.bpf.h"
#include "hook_state.bpf.h"
#include "snapshot.bpf.h"
#include "hook_call.bpf.h"
#include "hook_follow.bpf.h"

_Static_assert(__COUNTER__ <= MAX_SPARED, "struct at_work has a mark for each program");

char LICENSE[] SEC("license") = "Dual BSD/GPL";
