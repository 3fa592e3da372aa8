/* SPDX-License-Identifier: GPL-2.0 */
/* Connections to a port on which nobody listens. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/syscall.h>

#include "net.h"
#include "probes.h"
#include "registry.h"

static struct expect *expect_by_kernel(struct scene *s, struct actor *cli)
{
	struct expect *e = expect_refused(s, cli);

	maybe_str(e, "reason", "NO_SOCKET");
	want_bool(e, "sender_local", true);
	want_absent(e, "sender_pid");
	want_absent(e, "sender_comm");
	want_absent(e, "sender_syscall");
	return e;
}

static void closed_port(struct scene *s)
{
	struct actor *cli = actor_new(s, "rt-client");
	struct expect *e;
	int fd;

	net_one_client_port(s);
	fd = net_socket(cli, s->family);
	scene_same(s, "connect", -ECONNREFUSED, net_connect(cli, fd, s->family, CLOSED_PORT));
	e = expect_by_kernel(s, cli);
	want_error(e, ECONNREFUSED, "connect", fd, cli, false);
}

/* The first connect only begins; the second one returns the error. */
static void closed_port_nonblock(struct scene *s)
{
	struct actor *cli = actor_new(s, "rt-client");
	struct error_expect *err;
	struct expect *e;
	int fd;

	net_one_client_port(s);
	fd = net_socket(cli, s->family);
	scene_same(s, "fcntl", 0, SYS(cli, SYS_fcntl, fd, F_SETFL, O_NONBLOCK));
	scene_same(s, "first connect", -EINPROGRESS,
		   net_connect(cli, fd, s->family, CLOSED_PORT));
	net_wait_state(cli, fd, TCP_CLOSE);
	scene_same(s, "second connect", -ECONNREFUSED,
		   net_connect(cli, fd, s->family, CLOSED_PORT));
	e = expect_by_kernel(s, cli);
	err = want_error(e, ECONNREFUSED, "connect", fd, cli, false);
	/* where no hook shows SO_ERROR, that call may have taken the error */
	if (!scene_probed(s, PROBE_TAKEN))
		failure_unseen(err);
}

const struct scenario refuse_scenarios[] = {
	ROW("closed-port", "connect to a port nobody listens on", closed_port, V4),
	ROW("closed-port-v6", "the same over IPv6", closed_port, V6),
	ROW("closed-port-mapped", "the same from an IPv6 socket to an IPv4 address",
	    closed_port, MAPPED_CLIENT),
	ROW("closed-port-nonblock", "refused in the background, told by a second connect",
	    closed_port_nonblock, V4),
	ROW_END
};
