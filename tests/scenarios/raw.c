/* SPDX-License-Identifier: GPL-2.0 */
/* Builds and reads packets. */
#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "raw.h"

#define OPT_NOP 1
#define OPT_TS 8

/* The sum of RFC 1071, not yet folded. */
static uint32_t sum(const void *data, size_t len, uint32_t s)
{
	const uint8_t *p = data;

	for (; len > 1; len -= 2, p += 2)
		s += (uint32_t)p[0] << 8 | p[1];
	return len ? s + ((uint32_t)p[0] << 8) : s;
}

static uint16_t fold(uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return htons((uint16_t)~s);
}

static size_t addr_len(int version)
{
	return version == 6 ? 16 : 4;
}

struct raw_ip raw_ip(const struct addr *from, const struct addr *to, int ttl, int id)
{
	struct raw_ip ip = { .version = from->version, .ttl = (uint8_t)ttl, .id = (uint16_t)id };
	int af = ip.version == 6 ? AF_INET6 : AF_INET;

	inet_pton(af, from->ip, ip.saddr);
	inet_pton(af, to->ip, ip.daddr);
	return ip;
}

/* RFC 9293, 3.1 and RFC 8200, 8.1. */
static uint16_t checksum(const struct raw_ip *ip, int proto, const void *data, size_t len)
{
	uint32_t s = sum(ip->saddr, addr_len(ip->version), 0);

	s = sum(ip->daddr, addr_len(ip->version), s);
	return fold(sum(data, len, s + (uint32_t)proto + (uint32_t)len));
}

/* Writes the IP header for len bytes; returns the length of the header. */
static size_t put_ip(uint8_t *buf, const struct raw_ip *ip, int proto, size_t len)
{
	struct ip6_hdr *ip6 = (struct ip6_hdr *)buf;
	struct iphdr *ip4 = (struct iphdr *)buf;

	if (ip->version == 6) {
		*ip6 = (struct ip6_hdr){ 0 };
		ip6->ip6_flow = htonl(6U << 28);
		ip6->ip6_plen = htons((uint16_t)len);
		ip6->ip6_nxt = (uint8_t)proto;
		ip6->ip6_hlim = ip->ttl;
		memcpy(&ip6->ip6_src, ip->saddr, 16);
		memcpy(&ip6->ip6_dst, ip->daddr, 16);
		return sizeof(*ip6);
	}
	*ip4 = (struct iphdr){ .version = 4, .ihl = 5, .ttl = ip->ttl, .protocol = (uint8_t)proto };
	ip4->id = htons(ip->id);
	ip4->tot_len = htons((uint16_t)(sizeof(*ip4) + len));
	memcpy(&ip4->saddr, ip->saddr, 4);
	memcpy(&ip4->daddr, ip->daddr, 4);
	ip4->check = fold(sum(ip4, sizeof(*ip4), 0));
	return sizeof(*ip4);
}

static size_t ip_len(int version)
{
	return version == 6 ? sizeof(struct ip6_hdr) : sizeof(struct iphdr);
}

/* Returns the length of the options, a multiple of four. */
static size_t put_options(uint8_t *p, const struct segment *seg)
{
	uint32_t val = htonl(seg->tsval), ecr = htonl(seg->tsecr);
	uint8_t *at = p;

	if (seg->ts) {
		memcpy(at, (uint8_t[]){ OPT_NOP, OPT_NOP, OPT_TS, 10 }, 4);
		memcpy(at + 4, &val, 4);
		memcpy(at + 8, &ecr, 4);
		at += 12;
	}
	if (seg->options)
		memcpy(at, seg->options, (size_t)seg->n_options);
	return (size_t)(at + seg->n_options - p);
}

size_t raw_tcp(uint8_t *buf, const struct raw_ip *ip, const struct segment *seg)
{
	uint8_t *tcp = buf + ip_len(ip->version);
	struct tcphdr *th = (struct tcphdr *)tcp;
	size_t len;

	*th = (struct tcphdr){ 0 };
	len = sizeof(*th) + put_options(tcp + sizeof(*th), seg);
	th->source = htons((uint16_t)seg->sport);
	th->dest = htons((uint16_t)seg->dport);
	th->seq = htonl(seg->seq);
	th->ack_seq = htonl(seg->ack);
	th->doff = len / 4 & 0xf;
	th->window = htons(seg->window);
	tcp[13] = seg->flags;
	if ((size_t)seg->len > RAW_MAX - ip_len(ip->version) - len)
		abort();
	memset(tcp + len, 'x', (size_t)seg->len);
	if (seg->text)
		memcpy(tcp + len, seg->text, (size_t)seg->len);
	len += (size_t)seg->len;
	th->check = checksum(ip, IPPROTO_TCP, tcp, len) ^ seg->damaged;
	return put_ip(buf, ip, IPPROTO_TCP, len) + len;
}

size_t raw_icmp(uint8_t *buf, const struct raw_ip *ip, int type, int code,
		const struct segment *about)
{
	int proto = ip->version == 6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	uint8_t *icmp = buf + ip_len(ip->version);
	size_t len = 8 + (size_t)about->packet_len;
	uint16_t check;

	memset(icmp, 0, 8);
	icmp[0] = (uint8_t)type;
	icmp[1] = (uint8_t)code;
	memcpy(icmp + 8, about->packet, (size_t)about->packet_len);
	check = ip->version == 6 ? checksum(ip, proto, icmp, len) : fold(sum(icmp, len, 0));
	memcpy(icmp + 2, &check, 2);
	return put_ip(buf, ip, proto, len) + len;
}

static void parse_options(const uint8_t *p, const uint8_t *end, struct segment *seg)
{
	uint32_t v[2];

	while (p < end && *p) {
		if (*p == OPT_NOP) {
			p++;
			continue;
		}
		if (end - p < 2 || p[1] < 2 || p[1] > end - p)
			return;
		if (*p == OPT_TS && p[1] == 10) {
			memcpy(v, p + 2, sizeof(v));
			seg->ts = true;
			seg->tsval = ntohl(v[0]);
			seg->tsecr = ntohl(v[1]);
		}
		p += p[1];
	}
}

bool raw_parse(const uint8_t *buf, size_t len, int version, struct segment *seg)
{
	size_t ip = ip_len(version), all, head;
	const struct tcphdr *th = (const struct tcphdr *)(buf + ip);

	if (len < ip + sizeof(*th) || buf[0] >> 4 != version ||
	    buf[version == 6 ? 6 : 9] != IPPROTO_TCP)
		return false;
	all = (size_t)buf[version == 6 ? 4 : 2] << 8 | buf[version == 6 ? 5 : 3];
	all += version == 6 ? ip : 0;
	head = ip + th->doff * 4U;
	if (all > len || head > all || head < ip + sizeof(*th))
		return false;
	*seg = (struct segment){ .sport = ntohs(th->source), .dport = ntohs(th->dest),
				 .seq = ntohl(th->seq), .ack = ntohl(th->ack_seq),
				 .flags = buf[ip + 13], .window = ntohs(th->window),
				 .len = (int)(all - head) };
	parse_options(buf + ip + sizeof(*th), buf + head, seg);
	seg->packet_len = (int)(head > sizeof(seg->packet) ? sizeof(seg->packet) : head);
	memcpy(seg->packet, buf, (size_t)seg->packet_len);
	return true;
}
