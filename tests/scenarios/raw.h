/* SPDX-License-Identifier: GPL-2.0 */
/* TCP segments and ICMP errors as bytes. */
#ifndef RAW_H
#define RAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net.h"

#define SEG_FIN 0x01
#define SEG_SYN 0x02
#define SEG_RST 0x04
#define SEG_PSH 0x08
#define SEG_ACK 0x10

#define RAW_MAX 2048

struct segment {
	int sport, dport;
	uint32_t seq, ack;
	uint8_t flags;
	uint16_t window;
	bool ts;		/* has the timestamps option, with these values: */
	uint32_t tsval, tsecr;
	const uint8_t *options;	/* further options, n_options bytes: a multiple of four */
	int n_options;
	bool damaged;		/* the checksum is wrong */
	int len;		/* payload: len bytes of any kind, or ... */
	const char *text;	/* ... these, if not NULL */
	uint8_t packet[128];	/* the beginning of a received packet, for ICMP to quote */
	int packet_len;
};

/* What goes into an IP header. */
struct raw_ip {
	int version;		/* 4 or 6 */
	uint8_t saddr[16], daddr[16];
	uint8_t ttl;
	uint16_t id;		/* not in IPv6 */
};

struct raw_ip raw_ip(const struct addr *from, const struct addr *to, int ttl, int id);

/* Builds a packet in buf (RAW_MAX bytes) and returns its length. */
size_t raw_tcp(uint8_t *buf, const struct raw_ip *ip, const struct segment *seg);
/* Builds an ICMP error that quotes the beginning of the segment received. */
size_t raw_icmp(uint8_t *buf, const struct raw_ip *ip, int type, int code,
		const struct segment *about);

/* Reads a packet; false if it is no whole TCP segment of this IP version. */
bool raw_parse(const uint8_t *buf, size_t len, int version, struct segment *seg);

#endif
