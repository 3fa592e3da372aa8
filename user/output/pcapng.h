/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A capture file in the format that Wireshark writes: pcapng
 * (draft-ietf-opsawg-pcapng), one section, in the byte order of this host.
 *
 * Processes have no block of their own in the standard yet. Wireshark's development tree reads
 * them from Custom Blocks of its own enterprise number, 32622 (wiretap/pcapng-wireshark-custom.c);
 * readers that do not know these skip them. Pure: members in, bytes out.
 */
#ifndef PCAPNG_H
#define PCAPNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define LINKTYPE_RAW 101	/* packets begin with their IPv4 or IPv6 header */

/*
 * Blocks are put together in memory and written whole. The first error stays in .err, and all later
 * calls do nothing, so checking it once at the end is enough.
 */
struct pcapng {
	FILE *out;	/* borrowed */
	int err;	/* 0, or the negative errno of the first failure */
	uint8_t *buf;
	size_t len, room;
};

/* Strings are UTF-8; NULL or empty ones are left out. */

struct pcapng_interface {
	const char *name, *description, *os;
};

struct pcapng_process {
	uint32_t pid;
	const char *name, *path;
	int64_t uid;		/* negative: not known */
};

struct pcapng_packet {
	uint32_t interface;	/* counted from 0 in the order they were described */
	uint64_t time_ns;	/* since the epoch */
	const void *data;
	size_t len;
	enum { PCAPNG_NO_DIRECTION, PCAPNG_INBOUND, PCAPNG_OUTBOUND } direction;
	uint64_t id;		/* the same number for one packet seen at two interfaces; 0: none */
	uint32_t pid, tid;	/* of who sent it; 0: not known */
	const char *comments[2];
};

/* Counts since the start; those that are not known are UINT64_MAX. */
struct pcapng_statistics {
	uint32_t interface;
	uint64_t time_ns;
	uint64_t received, dropped, accepted, delivered;
	const char *comment;
};

/* Begins the file. `application` and `os` name the program and the system that wrote it. */
void pcapng_begin(struct pcapng *p, FILE *out, const char *application, const char *os);

void pcapng_interface(struct pcapng *p, const struct pcapng_interface *i);
void pcapng_process(struct pcapng *p, const struct pcapng_process *proc);
void pcapng_packet(struct pcapng *p, const struct pcapng_packet *pkt);
void pcapng_statistics(struct pcapng *p, const struct pcapng_statistics *s);

/* Frees the memory; the stream stays the caller's. */
void pcapng_free(struct pcapng *p);

#endif
