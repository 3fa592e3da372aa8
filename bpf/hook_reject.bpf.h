/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* RSTs that netfilter sends: they do not pass through the TCP stack. */
#ifndef RST_HOOK_REJECT_BPF_H
#define RST_HOOK_REJECT_BPF_H

#define NF_INET_LOCAL_OUT 3

/*
 * nf_send_reset(net, skb, hook) up to 5.14, (net, sk, skb, hook) from 5.15; the same for v6. A hook
 * number is small, a pointer never is.
 */
static __always_inline int on_netfilter(__u64 net, __u64 second, __u64 third, __u64 fourth)
{
	const __u32 what = RESET(EV_SENT_NETFILTER, CLASS_REJECT);
	bool old = third < 16;
	struct sk_buff *skb = (void *)(old ? second : third);
	struct noted_event *e;
	struct segment s = {};
	struct rst_flow f = {};
	__u32 sampled;

	/* nf_reject_ip_tcphdr_get(): no RST is sent in answer to a RST */
	if (read_filtered(&s, skb) || (s.flags & TH_RST))
		return 0;
	flow_from_skb(&f, &s, (__u64)skb);
	flow_untranslated(&f, skb);
	f.netns = BPF_CORE_READ((struct net *)net, ns.inum);
	sampled = reset_seen(what, RST_NO_REASON, &f, NULL);
	if (!sampled)
		return 0;
	e = EVENT(noted, EV_SENT_NETFILTER);
	if (!e)
		return reset_lost(what, RST_NO_REASON, &f, NULL);
	e->flow = f;
	set_sampled(&e->seg, sampled);
	reply_numbers(&e->head, &e->seg, &s);
	e->extra.nf_hook = old ? third : fourth;
	e->head.flags |= EVF_NOBODY;
	/* the rule rejects a segment that this host sends */
	if (e->extra.nf_hook == NF_INET_LOCAL_OUT)
		e->head.flags |= EVF_LOOPBACK;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/* Modules on most distributions: the loader attaches these when the module is loaded. */
SEC("kprobe/nf_send_reset")
int kprobe_nf_send_reset(struct pt_regs *regs)
{
	return on_netfilter(PT_REGS_PARM1(regs), PT_REGS_PARM2(regs), PT_REGS_PARM3(regs),
			    PT_REGS_PARM4(regs));
}

SEC("kprobe/nf_send_reset6")
int kprobe_nf_send_reset6(struct pt_regs *regs)
{
	return on_netfilter(PT_REGS_PARM1(regs), PT_REGS_PARM2(regs), PT_REGS_PARM3(regs),
			    PT_REGS_PARM4(regs));
}

/* Wakes the loader, which by itself would notice the module later. */
SEC("raw_tp/module_load")
int tp_module_load(void *ctx)
{
	struct rst_head *head = event_room(EV_MODULE, sizeof(*head));

	(void)ctx;
	if (!head)
		return 0;
	__builtin_memset(head, 0, sizeof(*head));
	begin_head(head, EV_MODULE, sizeof(*head));
	bpf_ringbuf_submit(head, 0);
	return 0;
}

#endif
