/* SPDX-License-Identifier: GPL-2.0 */
#include "output/rst_packet.h"

#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <string.h>

/* Ones' complement sum of 16-bit words (RFC 1071). */
static uint32_t sum(const void *data, size_t n, uint32_t before)
{
	const uint8_t *p = data;

	for (size_t i = 0; i + 1 < n; i += 2)
		before += p[i] << 8 | p[i + 1];
	return before;
}

static uint16_t checksum(uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return htons(~s);
}

static uint8_t ttl_of(const struct incident *inc)
{
	return inc->rst_ttl == UNKNOWN ? 0 : inc->rst_ttl;
}

static size_t put_ipv4(uint8_t *buf, const struct incident *inc)
{
	struct iphdr ip = {
		.version = 4, .ihl = 5, .protocol = IPPROTO_TCP, .ttl = ttl_of(inc),
		.tot_len = htons(sizeof(ip) + sizeof(struct tcphdr)),
		.id = htons(inc->rst_ip_id == UNKNOWN ? 0 : inc->rst_ip_id),
	};

	memcpy(&ip.saddr, inc->saddr, sizeof(ip.saddr));
	memcpy(&ip.daddr, inc->daddr, sizeof(ip.daddr));
	ip.check = checksum(sum(&ip, sizeof(ip), 0));
	memcpy(buf, &ip, sizeof(ip));
	return sizeof(ip);
}

static size_t put_ipv6(uint8_t *buf, const struct incident *inc)
{
	struct ip6_hdr ip = {
		.ip6_flow = htonl(6u << 28), .ip6_plen = htons(sizeof(struct tcphdr)),
		.ip6_nxt = IPPROTO_TCP, .ip6_hlim = ttl_of(inc),
	};

	memcpy(&ip.ip6_src, inc->saddr, sizeof(ip.ip6_src));
	memcpy(&ip.ip6_dst, inc->daddr, sizeof(ip.ip6_dst));
	memcpy(buf, &ip, sizeof(ip));
	return sizeof(ip);
}

static void put_tcp(uint8_t *buf, const struct incident *inc)
{
	struct tcphdr tcp = {
		.source = htons(inc->sport), .dest = htons(inc->dport), .doff = sizeof(tcp) / 4,
		.rst = 1, .ack = inc->rst_ack != UNKNOWN,
		.seq = htonl(inc->rst_seq == UNKNOWN ? 0 : inc->rst_seq),
		.ack_seq = htonl(inc->rst_ack == UNKNOWN ? 0 : inc->rst_ack),
	};
	size_t alen = inc->family == 4 ? 4 : 16;
	uint32_t s = IPPROTO_TCP + sizeof(tcp);

	s = sum(inc->saddr, alen, s);
	s = sum(inc->daddr, alen, s);
	tcp.check = checksum(sum(&tcp, sizeof(tcp), s));
	memcpy(buf, &tcp, sizeof(tcp));
}

/*
 * Whether it is known if the RST had the ACK flag. Of a RST sent in reply it is, as that has the flag
 * just where the segment that it answers had none (RFC 9293, 3.10.7). Of one whose TTL is known it is,
 * as the segment itself was read.
 */
static bool ack_known(const struct incident *inc)
{
	return inc->rst_ack != UNKNOWN || inc->rst_ttl != UNKNOWN || inc->kind == KIND_REPLY ||
	       inc->kind == KIND_NETFILTER;
}

static bool is_port(int64_t port)
{
	return port >= 0 && port <= UINT16_MAX;
}

size_t rst_packet(uint8_t buf[RST_PACKET_MAX], const struct incident *inc, unsigned int *unknown)
{
	size_t n;

	if ((inc->family != 4 && inc->family != 6) || inc->kind == KIND_TIMEOUT ||
	    !is_port(inc->sport) || !is_port(inc->dport))
		return 0;
	n = inc->family == 4 ? put_ipv4(buf, inc) : put_ipv6(buf, inc);
	put_tcp(buf + n, inc);
	*unknown = (inc->rst_seq == UNKNOWN ? RST_NO_SEQ : 0) | (ack_known(inc) ? 0 : RST_NO_ACK) |
		   (inc->rst_ttl == UNKNOWN ? RST_NO_TTL : 0) |
		   (inc->family == 4 && inc->rst_ip_id == UNKNOWN ? RST_NO_IP_ID : 0);
	return n + sizeof(struct tcphdr);
}
