/* SPDX-License-Identifier: GPL-2.0 */
/* The wire itself: a veth pair, its addresses, its routes, its router. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "link.h"
#include "netlink.h"
#include "wire.h"

#define NEAR "near0"
#define FAR "far0"
#define PREFIX4 24
#define PREFIX6 64
#define ETH_P_NOBODY 0x88b5	/* for experiments: IEEE 802 */

enum which { ADDR_NEAR, ADDR_ROUTER, ADDR_FAR, ADDR_GATE };

static const char *text(const struct wire *w, enum which which)
{
	static const char *const v4[] = { "10.77.0.1", "10.77.0.2", "10.77.9.9",
					  "10.77.9.1" };
	static const char *const v6[] = { "fd77::1", "fd77::2", "fd77:0:0:9::9",
					  "fd77:0:0:9::1" };

	return w->family == V6 ? v6[which] : v4[which];
}

static struct addr addr_at(const struct wire *w, enum which which, int port)
{
	struct addr a = { .version = w->family == V6 ? 6 : 4, .port = port };

	snprintf(a.ip, sizeof(a.ip), "%s", text(w, which));
	return a;
}

struct addr wire_near(const struct wire *w, int port)
{
	return addr_at(w, ADDR_NEAR, port);
}

struct addr wire_far(const struct wire *w, int port)
{
	return addr_at(w, ADDR_FAR, port);
}

struct addr wire_router(const struct wire *w, int port)
{
	return addr_at(w, ADDR_ROUTER, port);
}

int wire_af(const struct wire *w)
{
	return w->family == V6 ? AF_INET6 : AF_INET;
}

static void add_pair(struct scene *s)
{
	struct ifinfomsg link = { .ifi_family = AF_UNSPEC };
	struct nl_msg m = { 0 };
	size_t info, data, peer;
	int r;

	nl_begin(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, &link, sizeof(link));
	nl_put_str(&m, IFLA_IFNAME, NEAR);
	info = nl_nest(&m, IFLA_LINKINFO);
	nl_put_str(&m, IFLA_INFO_KIND, "veth");
	data = nl_nest(&m, IFLA_INFO_DATA);
	peer = m.len;
	nl_put(&m, VETH_INFO_PEER, &link, sizeof(link));
	nl_put_str(&m, IFLA_IFNAME, FAR);
	nl_nest_end(&m, peer);
	nl_nest_end(&m, data);
	nl_nest_end(&m, info);
	r = nl_talk(&m, NETLINK_ROUTE);
	if (r == -EOPNOTSUPP)
		scene_skip(s, "this kernel has no veth");
	if (r)
		scene_abort(s, "adding a veth pair: %s", strerror(-r));
}

static void link_change(struct scene *s, const char *name, unsigned int mask, unsigned int flags)
{
	struct ifinfomsg link = { .ifi_family = AF_UNSPEC, .ifi_flags = flags,
				  .ifi_change = mask };
	struct nl_msg m = { 0 };
	int r;

	link.ifi_index = (int)if_nametoindex(name);
	nl_begin(&m, RTM_NEWLINK, NLM_F_ACK, &link, sizeof(link));
	r = nl_talk(&m, NETLINK_ROUTE);
	if (r)
		scene_abort(s, "setting %s %s: %s", name, flags ? "up" : "down", strerror(-r));
}

void link_set(struct scene *s, const char *name, unsigned int flags)
{
	link_change(s, name, flags, flags);
}

void link_clear(struct scene *s, const char *name, unsigned int flags)
{
	link_change(s, name, flags, 0);
}

static int packet_socket(struct scene *s, const char *name, int proto)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
				  .sll_protocol = htons((uint16_t)proto) };
	int fd = fd_aside(s, socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0));

	at.sll_ifindex = (int)if_nametoindex(name);
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)))
		scene_abort(s, "packet socket: %s", strerror(errno));
	return fd;
}

/* A direction over the wire. */
struct way {
	int from, to;
	struct sockaddr_ll dst;
};

static bool is_open(void *ctx)
{
	const struct way *w = ctx;
	char c = 0;

	/* may fail while there is no carrier */
	sendto(w->from, &c, 1, 0, (const struct sockaddr *)&w->dst, sizeof(w->dst));
	return recv(w->to, &c, 1, MSG_DONTWAIT) > 0;
}

/*
 * The carrier comes some time after both ends are up, and until then all is dropped: waits until a
 * frame gets across that no stack knows.
 */
static void settle(struct scene *s, const char *from, const char *to)
{
	struct way w = { .from = packet_socket(s, from, ETH_P_NOBODY),
			 .to = packet_socket(s, to, ETH_P_NOBODY),
			 .dst = { .sll_family = AF_PACKET, .sll_halen = ETH_ALEN,
				  .sll_protocol = htons(ETH_P_NOBODY) } };

	memset(w.dst.sll_addr, 0xff, ETH_ALEN);
	w.dst.sll_ifindex = (int)if_nametoindex(from);
	scene_until(s, "the wire's carrier", is_open, &w);
	close(w.from);
	close(w.to);
}

#define LOCAL_ROUTE 0x80000000U	/* RTF_LOCAL */

/* Whether the route of a new IPv6 address is there: from then on the address is the host's. */
static bool is_local(void *ctx)
{
	char line[256], dst[33];
	unsigned int flags;
	bool found = false;
	FILE *f = fopen("/proc/self/net/ipv6_route", "re");

	if (!f)
		return false;
	while (!found && fgets(line, sizeof(line), f))
		found = sscanf(line, "%32s %*x %*s %*x %*s %*x %*x %*x %x", dst, &flags) == 2 &&
			!strcmp(dst, ctx) && flags & LOCAL_ROUTE;
	fclose(f);
	return found;
}

static void wait_local(struct scene *s, const char *text)
{
	char hex[33];
	uint8_t ip[16];
	int i;

	inet_pton(AF_INET6, text, ip);
	for (i = 0; i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02x", ip[i]);
	scene_until(s, "the address to be local", is_local, hex);
}

void link_addr(struct scene *s, const char *name, const char *text)
{
	bool v6 = s->family == V6;
	struct ifaddrmsg a = { .ifa_family = v6 ? AF_INET6 : AF_INET, .ifa_flags = IFA_F_NODAD,
			       .ifa_prefixlen = v6 ? PREFIX6 : PREFIX4 };
	struct nl_msg m = { 0 };
	uint8_t ip[16];
	int r;

	inet_pton(a.ifa_family, text, ip);
	a.ifa_index = if_nametoindex(name);
	nl_begin(&m, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, &a, sizeof(a));
	nl_put(&m, IFA_LOCAL, ip, v6 ? 16 : 4);
	nl_put(&m, IFA_ADDRESS, ip, v6 ? 16 : 4);
	r = nl_talk(&m, NETLINK_ROUTE);
	if (r)
		scene_abort(s, "an address for %s: %s", name, strerror(-r));
	if (v6)
		wait_local(s, text);
}

/* Adds a route to anywhere, by this gateway, or directly by the device (name's own end). */
static void add_route(const struct wire *w, const char *name, enum which by)
{
	bool router = by == ADDR_ROUTER || by == ADDR_GATE;
	struct rtmsg rt = { .rtm_family = (uint8_t)wire_af(w), .rtm_table = RT_TABLE_MAIN,
			    .rtm_protocol = RTPROT_STATIC, .rtm_type = RTN_UNICAST,
			    .rtm_scope = router ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK };
	uint32_t index = if_nametoindex(name);
	struct nl_msg m = { 0 };
	uint8_t ip[16];
	int r;

	nl_begin(&m, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_ACK, &rt, sizeof(rt));
	nl_put(&m, RTA_OIF, &index, sizeof(index));
	inet_pton(wire_af(w), text(w, by), ip);
	if (router)
		nl_put(&m, RTA_GATEWAY, ip, w->family == V6 ? 16 : 4);
	r = nl_talk(&m, NETLINK_ROUTE);
	if (r)
		scene_abort(w->s, "a route by %s: %s", name, strerror(-r));
}

void wire_lose_route(const struct wire *w)
{
	struct rtmsg rt = { .rtm_family = (uint8_t)wire_af(w), .rtm_table = RT_TABLE_MAIN,
			    .rtm_protocol = RTPROT_STATIC, .rtm_type = RTN_UNREACHABLE,
			    .rtm_dst_len = w->family == V6 ? 128 : 32 };
	struct nl_msg m = { 0 };
	uint8_t ip[16];
	int r;

	nl_begin(&m, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_ACK, &rt, sizeof(rt));
	inet_pton(wire_af(w), text(w, ADDR_FAR), ip);
	nl_put(&m, RTA_DST, ip, w->family == V6 ? 16 : 4);
	r = nl_talk(&m, NETLINK_ROUTE);
	if (r)
		scene_abort(w->s, "an unreachable route: %s", strerror(-r));
}

static void read_mac(struct wire *w)
{
	struct ifreq ifr = { .ifr_name = NEAR };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCGIFHWADDR, &ifr))
		scene_abort(w->s, "address of %s: %s", NEAR, strerror(errno));
	memcpy(w->mac, ifr.ifr_hwaddr.sa_data, sizeof(w->mac));
	close(fd);
}

void wire_open(struct scene *s, struct wire *w)
{
	*w = (struct wire){ .s = s, .family = s->family, .router = -1,
			   .window = 65535 };
	add_pair(s);
	/* without ARP everything is sent at once, to an address that no device has */
	link_set(s, NEAR, IFF_UP | IFF_NOARP);
	link_set(s, FAR, IFF_UP | IFF_NOARP);
	settle(s, NEAR, FAR);
	settle(s, FAR, NEAR);
	link_addr(w->s, NEAR, text(w, ADDR_NEAR));
	add_route(w, NEAR, ADDR_NEAR);
	read_mac(w);
	w->ifindex = (int)if_nametoindex(FAR);
	w->fd = packet_socket(s, FAR, s->family == V6 ? ETH_P_IPV6 : ETH_P_IP);
}

static void move_link(struct scene *s, const char *name, int ns)
{
	struct ifinfomsg link = { .ifi_family = AF_UNSPEC };
	struct nl_msg m = { 0 };
	uint32_t fd = (uint32_t)ns;
	int r;

	link.ifi_index = (int)if_nametoindex(name);
	nl_begin(&m, RTM_NEWLINK, NLM_F_ACK, &link, sizeof(link));
	nl_put(&m, IFLA_NET_NS_FD, &fd, sizeof(fd));
	r = nl_talk(&m, NETLINK_ROUTE);
	if (r)
		scene_abort(s, "moving %s: %s", name, strerror(-r));
}

static int go(struct scene *s, int ns)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	if (home < 0 || setns(ns, CLONE_NEWNET))
		scene_abort(s, "going to another namespace: %s", strerror(errno));
	return home;
}

int wire_enter(const struct wire *w)
{
	return go(w->s, w->router);
}

void wire_leave(const struct wire *w, int home)
{
	if (setns(home, CLONE_NEWNET))
		scene_abort(w->s, "coming back from another namespace: %s", strerror(errno));
	close(home);
}

/* Addresses of new devices are used at once: no other host can have them. */
static void no_detection(struct wire *w)
{
	if (w->family == V6)
		scene_sysctl(w->s, "net/ipv6/conf/default/accept_dad", "0");
}

static int new_namespace(struct wire *w)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	pid_t pid;
	int ns;

	if (home < 0 || unshare(CLONE_NEWNET))
		scene_abort(w->s, "unshare(CLONE_NEWNET): %s", strerror(errno));
	no_detection(w);
	ns = fd_aside(w->s, open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
	/* as on a real host, a process is in the namespace, by which the tracer can find that */
	pid = fork();
	if (pid < 0)
		scene_abort(w->s, "fork: %s", strerror(errno));
	if (!pid) {
		close(w->s->ctl);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	wire_leave(w, home);
	return ns;
}

static uint64_t namespace_of(struct scene *s, int ns)
{
	struct stat st;

	if (fstat(ns, &st))
		scene_abort(s, "a namespace's number: %s", strerror(errno));
	return st.st_ino;
}

struct actor *wire_open_actor(struct scene *s, struct wire *w, const char *comm)
{
	struct actor *a;
	int home, host;

	*w = (struct wire){ .s = s, .family = s->family, .fd = -1, .router = -1 };
	no_detection(w);
	home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (home < 0 || unshare(CLONE_NEWNET))
		scene_abort(s, "unshare(CLONE_NEWNET): %s", strerror(errno));
	no_detection(w);
	/* without netns_too: the number may be used again as soon as the namespace is gone */
	host = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	a = actor_new(s, comm);
	wire_leave(w, home);
	add_pair(s);
	move_link(s, FAR, host);
	link_set(s, NEAR, IFF_UP);
	link_addr(w->s, NEAR, text(w, ADDR_NEAR));
	add_route(w, NEAR, ADDR_NEAR);
	home = go(s, host);
	link_set(s, FAR, IFF_UP);
	link_addr(w->s, FAR, text(w, ADDR_FAR));
	add_route(w, FAR, ADDR_FAR);
	wire_leave(w, home);
	close(host);
	return a;
}

static bool no_link(void *ctx)
{
	(void)ctx;
	return !if_nametoindex(NEAR);
}

void wire_wait_gone(struct wire *w)
{
	scene_until(w->s, "the wire to go with the far host", no_link, NULL);
}

void wire_open_router(struct scene *s, struct wire *w)
{
	int home;

	*w = (struct wire){ .s = s, .family = s->family, .fd = -1 };
	w->router = new_namespace(w);
	s->netns_too = namespace_of(s, w->router);
	no_detection(w);
	add_pair(s);
	move_link(s, FAR, w->router);
	link_set(s, NEAR, IFF_UP);
	link_addr(w->s, NEAR, text(w, ADDR_NEAR));
	home = wire_enter(w);
	scene_sysctl(s, s->family == V6 ? "net/ipv6/conf/all/forwarding" : "net/ipv4/ip_forward",
		     "1");
	link_set(s, FAR, IFF_UP);
	link_addr(w->s, FAR, text(w, ADDR_ROUTER));
	add_route(w, FAR, ADDR_FAR);
	wire_leave(w, home);
	add_route(w, NEAR, ADDR_ROUTER);
}

struct actor *wire_far_actor(struct wire *w, const char *comm)
{
	int home, host = new_namespace(w);
	struct scene *s = w->s;
	struct actor *a;

	/* if the router cannot be seen sending the reset, the victim in its namespace reports it */
	if (!scene_probed(s, "firewall reject"))
		s->netns_too = namespace_of(s, host);
	home = go(s, host);
	add_pair(s);
	move_link(s, NEAR, w->router);
	link_set(s, FAR, IFF_UP);
	link_set(s, "lo", IFF_UP);
	link_addr(w->s, FAR, text(w, ADDR_FAR));
	a = actor_new(s, comm);
	wire_leave(w, home);
	home = wire_enter(w);
	link_set(s, NEAR, IFF_UP);
	link_addr(w->s, NEAR, text(w, ADDR_GATE));
	wire_leave(w, home);
	home = go(s, host);
	add_route(w, FAR, ADDR_GATE);
	wire_leave(w, home);
	close(host);
	return a;
}
