/* SPDX-License-Identifier: GPL-2.0 */
/* Firewall rules that answer with a RST in the name of another host. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <linux/netfilter.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attached.h"
#include "firewall.h"
#include "module.h"
#include "net.h"
#include "registry.h"
#include "wire.h"

#define XTABLES 0x100
#define DNAT 0x200
#define LEGACY 0x400

static void installed(struct scene *s, int r)
{
	if (r == -EOPNOTSUPP || r == -ENOENT || r == -EPROTONOSUPPORT)
		scene_skip(s, "this kernel has no such rule: %s", strerror(-r));
	if (r)
		scene_abort(s, "adding a rule: %s", strerror(-r));
}

static bool is_probed(void *ctx)
{
	return kprobe_attached(ctx);
}

/*
 * Installing the rule may make the kernel load the module that resets; only then can the tracer
 * attach to it.
 */
static void install(struct scene *s, uint32_t hook, int port)
{
	const char *module = s->family == V6 ? "/sys/module/nf_reject_ipv6" :
					       "/sys/module/nf_reject_ipv4";
	bool before = !access(module, F_OK);

	installed(s, s->arg & LEGACY ? firewall_reject_legacy((uint16_t)port) :
				       firewall_reject(s->family == V6, hook, (uint16_t)port,
						       s->arg & XTABLES));
	if (!before && !access(module, F_OK) && s->probes && scene_probed(s, "firewall reject"))
		scene_until(s, "the tracer to see the new module", is_probed,
			    s->family == V6 ? "nf_send_reset6" : "nf_send_reset");
}

/*
 * Removes the rule: the judge keeps the namespace alive, and a rule in it would keep the modules
 * loaded.
 */
static void clear_rules(struct scene *s)
{
	int r = s->arg & LEGACY ? firewall_reject_legacy(0) : firewall_clear(s->family == V6);

	if (r)
		scene_abort(s, "removing a rule: %s", strerror(-r));
}

/*
 * If no hook shows netfilter's RSTs, only the victim's view is left, provided that this host
 * rejects.
 */
static struct expect *expect_rejected(struct scene *s, const struct addr *from,
				      const struct addr *to, bool here)
{
	bool seen = scene_probed(s, "firewall reject");
	struct expect *e = scene_expect(s, seen ? "netfilter" : "received",
					seen || here ? "firewall-reject" :
						       "peer-refused|peer-reset");

	if (s->netns_too)
		want_min(e, "netns", 1);
	want_flow(e, from, to);
	want_absent(e, "sender_pid");
	want_absent(e, "sender_syscall");
	want_absent(e, "reason");
	if (here)
		want_str(e, "confidence", seen ? "certain" : "likely");
	return e;
}

/* The router rejects the next segment of a, as it arrives there or leaves it, for this port. */
static void cut_off_between(const struct wire *w, int port, struct actor *a, int fd,
			    const struct addr *own, const struct addr *other)
{
	struct scene *s = w->s;
	int home = wire_enter(w);
	struct expect *e;

	install(s, NF_INET_FORWARD, port);
	wire_leave(w, home);
	net_send(a, fd, 16);
	net_wait_state(a, fd, TCP_CLOSE);
	e = expect_rejected(s, other, own, false);
	if (!scene_probed(s, "firewall reject"))
		want_str(e, "cause", "peer-reset-during-send");
	want_victim(e, a, "caller|socket|listener", "ESTABLISHED");
	want_int(e, "victim_unsent", 16);
	net_recv_reset(a, fd, e);
}

/*
 * Each end is cut off by a rule of the router between them. arg: the client knows the server by an
 * address and a port of the router's.
 */
static void reject_between(struct scene *s)
{
	struct actor *cli, *srv;
	struct addr near, far, known;
	int lfd, cfd, sfd, home;
	struct wire w;

	wire_open_router(s, &w);
	cli = actor_new(s, "rt-client");
	srv = wire_far_actor(&w, "rt-server");
	known = far = wire_far(&w, FAR_PORT);
	if (s->arg & DNAT) {
		known = wire_router(&w, SERVER_PORT);
		home = wire_enter(&w);
		installed(s, firewall_dnat(s->family == V6, SERVER_PORT, far.ip, FAR_PORT));
		wire_leave(&w, home);
	}
	lfd = net_listen(srv, s->family, FAR_PORT, 16);
	cfd = net_socket(cli, s->family);
	must(cli, "connect", net_connect_to(cli, cfd, &known));
	sfd = net_accept(srv, lfd);
	/* no segment of the handshake may arrive later, at an end that is gone */
	net_send(cli, cfd, 8);
	net_recv(srv, sfd, 8);
	net_send(srv, sfd, 8);
	net_recv(cli, cfd, 8);
	net_wait_acked(srv, sfd);
	near = net_name(cli, cfd);
	cut_off_between(&w, FAR_PORT, cli, cfd, &near, &known);
	cut_off_between(&w, near.port, srv, sfd, &far, &near);
}

static void refused(struct expect *e, struct actor *cli, int fd)
{
	want_victim(e, cli, "caller|socket", "SYN_SENT");
	want_error(e, ECONNREFUSED, "connect", fd, cli, false);
}

static long do_reject_ingress(const long *arg)
{
	(void)arg;
	return firewall_reject_on("far0", FAR_PORT);
}

static void reject_syn(struct scene *s, struct actor *cli)
{
	struct addr from = net_loopback(s->family, SERVER_PORT);
	struct addr to = net_loopback(s->family, CLIENT_PORT);
	int fd;

	install(s, NF_INET_LOCAL_IN, SERVER_PORT);
	fd = net_socket(cli, s->family);
	scene_same(s, "connect", -ECONNREFUSED, net_connect(cli, fd, s->family, SERVER_PORT));
	refused(expect_rejected(s, &from, &to, true), cli, fd);
	net_close(cli, fd);
	clear_rules(s);
}

static void reject_input(struct scene *s)
{
	struct actor *srv = actor_new(s, "rt-server"), *cli = actor_new(s, "rt-client");

	net_listen(srv, s->family, SERVER_PORT, 16);
	net_one_client_port(s);
	reject_syn(s, cli);
}

/*
 * Whether the module is unloaded: the kernel frees what a namespace used of it some time after the
 * namespace has ended.
 */
static bool is_unloaded(void *ctx)
{
	struct scene *s = ctx;
	int r = module_unload(s->family == V6 ? "nf_reject_ipv6" : "nf_reject_ipv4");

	if (r && r != -EAGAIN)
		scene_abort(s, "unloading what rejects: %s", strerror(-r));
	return !r;
}

/*
 * When its module is unloaded, the function that the tracer is attached to goes. The next rule
 * loads it again, at another address.
 */
static void reject_reloaded(struct scene *s)
{
	struct actor *srv = actor_new(s, "rt-server"), *cli = actor_new(s, "rt-client");

	if (!getenv("SCENARIOS_OWN_THE_HOST"))
		scene_skip(s, "unloads a module: only with SCENARIOS_OWN_THE_HOST set");
	net_listen(srv, s->family, SERVER_PORT, 16);
	net_one_client_port(s);
	reject_syn(s, cli);
	scene_until(s, "nobody to need the module", is_unloaded, s);
	reject_syn(s, cli);
}

/*
 * The rule rejects what comes in by a device, before the neighbour's firewall sees it, and by other
 * functions, which send by themselves. No hook shows those, so the RST counts as one from another
 * host.
 */
static void reject_netdev(struct scene *s)
{
	struct actor *cli = actor_new(s, "rt-client"), *srv;
	struct addr near, far;
	struct expect *e;
	struct wire w;
	int fd;

	srv = wire_open_actor(s, &w, "rt-server");
	net_listen(srv, s->family, FAR_PORT, 16);
	installed(s, (int)actor_call(srv, do_reject_ingress, NULL, 0));
	net_one_client_port(s);
	fd = net_socket(cli, s->family);
	scene_same(s, "connect", -ECONNREFUSED, wire_connect(&w, cli, fd));
	near = wire_near(&w, CLIENT_PORT);
	far = wire_far(&w, FAR_PORT);
	e = scene_expect(s, "received", "peer-refused");
	want_flow(e, &far, &near);
	want_absent(e, "sender_pid");
	refused(e, cli, fd);
}

/* The rejected segment was for another host, but never left this one. */
static void reject_output(struct scene *s)
{
	struct actor *cli = actor_new(s, "rt-client");
	struct addr from, to;
	struct wire w;
	int fd;

	wire_open(s, &w);
	install(s, NF_INET_LOCAL_OUT, FAR_PORT);
	net_one_client_port(s);
	fd = net_socket(cli, s->family);
	scene_same(s, "connect", -ECONNREFUSED, wire_connect(&w, cli, fd));
	from = wire_far(&w, FAR_PORT);
	to = wire_near(&w, CLIENT_PORT);
	refused(expect_rejected(s, &from, &to, true), cli, fd);
	clear_rules(s);
}

/* The router between the two ends rejects. */
static void reject_forward(struct scene *s)
{
	struct actor *cli = actor_new(s, "rt-client");
	struct addr from, to;
	struct wire w;
	int fd, home;

	wire_open_router(s, &w);
	home = wire_enter(&w);
	install(s, NF_INET_FORWARD, FAR_PORT);
	wire_leave(&w, home);
	net_one_client_port(s);
	fd = net_socket(cli, s->family);
	scene_same(s, "connect", -ECONNREFUSED, wire_connect(&w, cli, fd));
	from = wire_far(&w, FAR_PORT);
	to = wire_near(&w, CLIENT_PORT);
	refused(expect_rejected(s, &from, &to, false), cli, fd);
}

/* The rule on b's port answers a's next segment with a RST. */
static void cut_off(struct scene *s, struct actor *a, int fd, const struct addr *own,
		    const struct addr *other)
{
	struct expect *e;

	install(s, NF_INET_LOCAL_IN, other->port);
	net_send(a, fd, 16);
	net_wait_state(a, fd, TCP_CLOSE);
	e = expect_rejected(s, other, own, true);
	want_victim(e, a, "caller|socket|listener", "ESTABLISHED");
	want_int(e, "victim_unsent", 16);
	net_recv_reset(a, fd, e);
}

/*
 * The rules are installed while the connection stands, and each end meets one. The first rule is
 * removed before the second is installed, as it would reject the RST of the second.
 */
static void reject_established(struct scene *s)
{
	struct conn c = conn_new(s);

	cut_off(s, c.client, c.cfd, &c.caddr, &c.saddr);
	clear_rules(s);
	cut_off(s, c.server, c.sfd, &c.saddr, &c.caddr);
	clear_rules(s);
}

const struct scenario firewall_scenarios[] = {
	ROW("reject-input", "nftables rejects a SYN on INPUT", reject_input, V4),
	ROW("reject-input-v6", "the same over IPv6", reject_input, V6),
	ROW("reject-input-xtables", "iptables' target rejects a SYN on INPUT", reject_input, V4,
	    .arg = XTABLES),
	ROW("reject-input-xtables-v6", "the same over IPv6", reject_input, V6, .arg = XTABLES),
	ROW("reject-input-reloaded", "the same before and after its module was unloaded",
	    reject_reloaded, V4, .flags = SC_ALONE),
	ROW("reject-input-reloaded-v6", "the same over IPv6", reject_reloaded, V6,
	    .flags = SC_ALONE),
	ROW("reject-input-legacy", "iptables-legacy rejects a SYN on INPUT", reject_input, V4,
	    .arg = LEGACY),
	ROW("reject-netdev", "nftables rejects a SYN on a device's ingress", reject_netdev, V4),
	ROW("reject-netdev-v6", "the same over IPv6", reject_netdev, V6),
	ROW("reject-output", "nftables rejects a SYN on OUTPUT", reject_output, V4),
	ROW("reject-output-v6", "the same over IPv6", reject_output, V6),
	ROW("reject-output-xtables", "iptables' target rejects a SYN on OUTPUT", reject_output,
	    V4, .arg = XTABLES),
	ROW("reject-forward", "nftables rejects a SYN on FORWARD", reject_forward, V4),
	ROW("reject-forward-v6", "the same over IPv6", reject_forward, V6),
	ROW("reject-forward-xtables", "iptables' target rejects a SYN on FORWARD",
	    reject_forward, V4, .arg = XTABLES),
	ROW("reject-forward-established", "nftables rejects a connection's segments on FORWARD",
	    reject_between, V4),
	ROW("reject-forward-established-v6", "the same over IPv6", reject_between, V6),
	ROW("reject-forward-dnat", "the same of a connection with its destination translated",
	    reject_between, V4, .arg = DNAT),
	ROW("reject-forward-dnat-v6", "the same over IPv6", reject_between, V6, .arg = DNAT),
	ROW("reject-established", "nftables rejects a segment of a connection",
	    reject_established, V4),
	ROW("reject-established-v6", "the same over IPv6", reject_established, V6),
	ROW_END
};
