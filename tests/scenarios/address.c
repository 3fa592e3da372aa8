/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses as text, and as calls take them. */
#include <arpa/inet.h>
#include <string.h>

#include "net.h"

struct addr net_loopback(enum family family, int port)
{
	struct addr a = { .version = family == V6 ? 6 : 4, .port = port };

	strcpy(a.ip, family == V6 ? "::1" : "127.0.0.1");
	return a;
}

socklen_t net_sockaddr(const struct addr *at, struct sockaddr_storage *to)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;
	struct sockaddr_in *v4 = (struct sockaddr_in *)to;

	memset(to, 0, sizeof(*to));
	to->ss_family = at->version == 6 ? AF_INET6 : AF_INET;
	/* The port has the same place in both. */
	v4->sin_port = htons((uint16_t)at->port);
	inet_pton(to->ss_family, at->ip,
		  at->version == 6 ? (void *)&v6->sin6_addr : (void *)&v4->sin_addr);
	return at->version == 6 ? sizeof(*v6) : sizeof(*v4);
}

socklen_t net_target(enum family family, int port, struct sockaddr_storage *to)
{
	struct addr at = net_loopback(family, port);

	if (family == MAPPED_CLIENT)
		at = (struct addr){ .version = 6, .ip = "::ffff:127.0.0.1", .port = port };
	return net_sockaddr(&at, to);
}

struct addr net_addr(const struct sockaddr_storage *ss)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)ss;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)ss;
	struct addr a = { .version = 4, .port = ntohs(v4->sin_port) };

	if (ss->ss_family == AF_INET) {
		inet_ntop(AF_INET, &v4->sin_addr, a.ip, sizeof(a.ip));
	} else if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
		inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], a.ip, sizeof(a.ip));
	} else {
		a.version = 6;
		inet_ntop(AF_INET6, &v6->sin6_addr, a.ip, sizeof(a.ip));
	}
	return a;
}
