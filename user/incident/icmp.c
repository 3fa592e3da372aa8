/* SPDX-License-Identifier: GPL-2.0 */
#include "incident/icmp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>

#include "base/array.h"

void icmp_facts(struct incident *inc, const struct rst_event *ev)
{
	const struct rst_icmp *m = &ev->icmp;

	if (!m->family || m->family != inc->family)
		return;
	inc->icmp_type = m->type;
	inc->icmp_code = m->code;
	memcpy(inc->icmp_from, m->from, sizeof(inc->icmp_from));
}

/* By code: destination unreachable, RFC 792 and 1812, RFC 4443. */
static const char *const unreachable4[] = {
	[ICMP_NET_UNREACH] = "network unreachable",	[ICMP_HOST_UNREACH] = "host unreachable",
	[ICMP_PROT_UNREACH] = "protocol unreachable",	[ICMP_PORT_UNREACH] = "port unreachable",
	[ICMP_SR_FAILED] = "source route failed",	[ICMP_NET_UNKNOWN] = "network unknown",
	[ICMP_HOST_UNKNOWN] = "host unknown",		[ICMP_HOST_ISOLATED] = "host isolated",
	[ICMP_NET_ANO] = "network prohibited",		[ICMP_HOST_ANO] = "host prohibited",
	[ICMP_PKT_FILTERED] = "administratively prohibited",
}, *const unreachable6[] = {
	"no route", "administratively prohibited", "beyond scope", "address unreachable",
	"port unreachable", "policy failed", "route rejected",
};

/* icmp_err_convert[] and icmpv6_err_convert(): of all messages this one alone gives ECONNREFUSED */
bool icmp_refused(const struct incident *inc)
{
	return inc->family == 4 ? inc->icmp_type == ICMP_DEST_UNREACH && inc->icmp_code == ICMP_PORT_UNREACH :
				  inc->icmp_type == ICMP6_DST_UNREACH && inc->icmp_code == ICMP6_DST_UNREACH_NOPORT;
}

/* icmp_err_convert[]: no host with TCP says so of a port, a REJECT rule does unless told otherwise */
bool icmp_rejects(const struct incident *inc)
{
	if (inc->abort_err == ECONNREFUSED || (inc->family == 6 && inc->abort_err == EACCES))
		return true;
	return inc->family == 4 && inc->icmp_type == ICMP_DEST_UNREACH &&
	       (inc->icmp_code == ICMP_NET_ANO || inc->icmp_code == ICMP_HOST_ANO ||
		inc->icmp_code == ICMP_PKT_FILTERED);
}

const char *icmp_text(const struct incident *inc, char *buf, size_t len)
{
	size_t code = inc->icmp_code;
	const char *text = NULL;

	if (inc->family == 4 && inc->icmp_type == ICMP_DEST_UNREACH && code < ARRAY_SIZE(unreachable4))
		text = unreachable4[code];
	if (inc->family == 6 && inc->icmp_type == ICMP6_DST_UNREACH && code < ARRAY_SIZE(unreachable6))
		text = unreachable6[code];
	if (text)
		return text;
	snprintf(buf, len, "type %lld, code %lld", (long long)inc->icmp_type, (long long)inc->icmp_code);
	return buf;
}
