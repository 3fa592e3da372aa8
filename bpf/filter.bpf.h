/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Which chains no filter asks for. Only what both ends have in common is looked at here, where one
 * end is known at a time: addresses and ports, so that either end comes to the same answer. Which
 * of the two is local, which process and which control group the other end has, and the cause, are
 * left to user space.
 */
#ifndef RST_FILTER_BPF_H
#define RST_FILTER_BPF_H

const volatile struct rst_filter cfg_filter;

/* Not 0 if neither port is the one that a filter asks for. */
static __always_inline __u32 no_port(const struct rst_flow *f, __u16 port)
{
	return port ? (__u32)(f->lport ^ port) * (f->rport ^ port) : 0;
}

/*
 * Not 0 if the address is not among those that a filter asks for. Has no branches, as the verifier
 * would follow each.
 */
static __always_inline __u32 unlike(const __u8 *addr)
{
	const __u32 *a = (const void *)addr;
	__u32 differ = 0;

	for (int i = 0; i < 4; i++)
		differ |= (a[i] ^ cfg_filter.addr[i]) & cfg_filter.mask[i];
	return differ;
}

static __always_inline bool no_addr(const struct rst_flow *f)
{
	if (!cfg_filter.family)
		return false;
	return f->family != cfg_filter.family || (__u64)unlike(f->laddr) * unlike(f->raddr) != 0;
}

/* Whether both ends are in one network namespace: then no other end has these addresses. */
static __always_inline bool ends_together(const struct rst_flow *f)
{
	const __u64 *l = (const void *)f->laddr, *r = (const void *)f->raddr;

	return l[0] == r[0] && l[1] == r[1];
}

static __always_inline bool no_netns(const struct rst_flow *f)
{
	return cfg_filter.netns && f->netns && f->netns != cfg_filter.netns && ends_together(f);
}

/*
 * Whether both ends are known in full. Before that, a connection may still become one that is asked
 * for.
 */
static __always_inline bool ends_known(const struct rst_flow *f)
{
	const __u64 *l = (const void *)f->laddr, *r = (const void *)f->raddr;

	return f->lport && f->rport && (l[0] | l[1]) && (r[0] | r[1]);
}

static __always_inline bool filtered_out(const struct rst_flow *f)
{
	if (!(no_port(f, cfg_filter.port) | no_port(f, cfg_filter.lport) | no_port(f, cfg_filter.rport)) &&
	    !no_addr(f) && !no_netns(f))
		return false;
	return ends_known(f);
}

#endif
