/* SPDX-License-Identifier: GPL-2.0 */
#include "output/pcapng.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum block {
	SECTION_HEADER = 0x0a0d0d0a,
	INTERFACE_DESCRIPTION = 1,
	INTERFACE_STATISTICS = 5,
	ENHANCED_PACKET = 6,
	CUSTOM = 0x0bad,	/* of the kind that a program may copy without knowing it */
};

enum option {
	END_OF_OPTIONS = 0,
	COMMENT = 1,

	SHB_OS = 3,
	SHB_USERAPPL = 4,

	IF_NAME = 2,
	IF_DESCRIPTION = 3,
	IF_TSRESOL = 9,
	IF_OS = 12,

	EPB_FLAGS = 2,
	EPB_PACKETID = 5,
	EPB_PROCESSID_THREADID = 8,

	ISB_IFRECV = 4,
	ISB_IFDROP = 5,
	ISB_FILTERACCEPT = 6,
	ISB_USRDELIV = 8,

	PIB_NAME = 2,
	PIB_PATH = 3,
	PIB_UID = 6,
};

#define BYTE_ORDER_MAGIC 0x1a2b3c4d
#define NANOSECONDS 9		/* of if_tsresol: 10^-9 s */
#define WIRESHARK_PEN 32622
#define PROCESS_INFORMATION 3	/* an entry's type in Wireshark's custom blocks */
#define MAX_BLOCK (1u << 20)	/* Wireshark refuses more than 16 MiB */

/* ---- bytes ---- */

/* Appends n zero bytes to the block. Returns where they are, or NULL. */
static uint8_t *take(struct pcapng *p, size_t n)
{
	size_t room = p->room ?: 4096;
	uint8_t *at;

	while (room - p->len < n && room < MAX_BLOCK)
		room *= 2;
	if (!p->err && room - p->len < n)
		p->err = -EMSGSIZE;
	if (!p->err && room > p->room) {
		uint8_t *buf = realloc(p->buf, room);

		if (buf) {
			p->buf = buf;
			p->room = room;
		} else {
			p->err = -ENOMEM;
		}
	}
	if (p->err)
		return NULL;
	at = p->buf + p->len;
	memset(at, 0, n);
	p->len += n;
	return at;
}

/* Appends data, padded to a multiple of four bytes like everything in a block. */
static void put(struct pcapng *p, const void *data, size_t n)
{
	uint8_t *at = take(p, (n + 3) & ~(size_t)3);

	if (at && n)
		memcpy(at, data, n);
}

static void put32(struct pcapng *p, uint32_t v)
{
	put(p, &v, sizeof(v));
}

static void put_pair(struct pcapng *p, uint16_t a, uint16_t b)
{
	const uint16_t pair[] = { a, b };

	put(p, pair, sizeof(pair));
}

/* ---- options ---- */

static void option(struct pcapng *p, enum option code, const void *data, size_t n)
{
	put_pair(p, code, n);
	put(p, data, n);
}

static size_t text_length(const char *text)
{
	size_t n = text ? strlen(text) : 0;

	if (n <= UINT16_MAX)
		return n;
	/* cut between characters: the bytes after the first of one are 10xxxxxx */
	for (n = UINT16_MAX; n && (text[n] & 0xc0) == 0x80; n--)
		;
	return n;
}

static void option_text(struct pcapng *p, enum option code, const char *text)
{
	size_t n = text_length(text);

	if (n)
		option(p, code, text, n);
}

static void option32(struct pcapng *p, enum option code, uint32_t v)
{
	option(p, code, &v, sizeof(v));
}

static void option64(struct pcapng *p, enum option code, uint64_t v)
{
	option(p, code, &v, sizeof(v));
}

static void option_count(struct pcapng *p, enum option code, uint64_t v)
{
	if (v != UINT64_MAX)
		option64(p, code, v);
}

/* ---- blocks ---- */

static void block_begin(struct pcapng *p, enum block type)
{
	p->len = 0;
	put32(p, type);
	put32(p, 0);		/* the length, once it is known */
}

static void block_end(struct pcapng *p)
{
	uint32_t len = p->len + 4;

	put32(p, len);
	if (p->err)
		return;
	memcpy(p->buf + 4, &len, sizeof(len));
	errno = 0;
	if (fwrite(p->buf, 1, p->len, p->out) != p->len)
		p->err = errno ? -errno : -EIO;
}

static void options_end(struct pcapng *p)
{
	put_pair(p, END_OF_OPTIONS, 0);
}

static void put_time(struct pcapng *p, uint64_t ns)
{
	put32(p, ns >> 32);
	put32(p, ns);
}

void pcapng_begin(struct pcapng *p, FILE *out, const char *application, const char *os)
{
	static const int64_t length_unknown = -1;

	*p = (struct pcapng){ .out = out };
	block_begin(p, SECTION_HEADER);
	put32(p, BYTE_ORDER_MAGIC);
	put_pair(p, 1, 0);	/* the format's version */
	put(p, &length_unknown, sizeof(length_unknown));
	option_text(p, SHB_OS, os);
	option_text(p, SHB_USERAPPL, application);
	options_end(p);
	block_end(p);
}

void pcapng_interface(struct pcapng *p, const struct pcapng_interface *i)
{
	static const uint8_t resolution = NANOSECONDS;

	block_begin(p, INTERFACE_DESCRIPTION);
	put_pair(p, LINKTYPE_RAW, 0);
	put32(p, 0);		/* no limit to a packet's length */
	option_text(p, IF_NAME, i->name);
	option_text(p, IF_DESCRIPTION, i->description);
	option(p, IF_TSRESOL, &resolution, sizeof(resolution));
	option_text(p, IF_OS, i->os);
	options_end(p);
	block_end(p);
}

/* Wireshark wants everything in the entry little-endian, whatever the byte order of the section. */

static void entry_pair(struct pcapng *p, uint16_t a, uint16_t b)
{
	put_pair(p, htole16(a), htole16(b));
}

static void entry_text(struct pcapng *p, enum option code, const char *text)
{
	size_t n = text_length(text);

	if (!n)
		return;
	entry_pair(p, code, n);
	put(p, text, n);
}

void pcapng_process(struct pcapng *p, const struct pcapng_process *proc)
{
	size_t length_at, begin;
	uint32_t length;

	block_begin(p, CUSTOM);
	put32(p, WIRESHARK_PEN);
	put32(p, htole32(PROCESS_INFORMATION));
	length_at = p->len;
	put32(p, 0);
	begin = p->len;
	put32(p, htole32(proc->pid));
	entry_text(p, PIB_NAME, proc->name);
	entry_text(p, PIB_PATH, proc->path);
	if (proc->uid >= 0) {
		entry_pair(p, PIB_UID, sizeof(uint32_t));
		put32(p, htole32(proc->uid));
	}
	entry_pair(p, END_OF_OPTIONS, 0);
	length = htole32(p->len - begin);
	if (!p->err)
		memcpy(p->buf + length_at, &length, sizeof(length));
	block_end(p);
}

void pcapng_packet(struct pcapng *p, const struct pcapng_packet *pkt)
{
	const uint32_t task[] = { pkt->pid, pkt->tid };

	block_begin(p, ENHANCED_PACKET);
	put32(p, pkt->interface);
	put_time(p, pkt->time_ns);
	put32(p, pkt->len);	/* captured length */
	put32(p, pkt->len);	/* original length */
	put(p, pkt->data, pkt->len);
	for (size_t i = 0; i < sizeof(pkt->comments) / sizeof(pkt->comments[0]); i++)
		option_text(p, COMMENT, pkt->comments[i]);
	if (pkt->direction)
		option32(p, EPB_FLAGS, pkt->direction);
	if (pkt->id)
		option64(p, EPB_PACKETID, pkt->id);
	if (pkt->pid)
		option(p, EPB_PROCESSID_THREADID, task, sizeof(task));
	options_end(p);
	block_end(p);
}

void pcapng_statistics(struct pcapng *p, const struct pcapng_statistics *s)
{
	block_begin(p, INTERFACE_STATISTICS);
	put32(p, s->interface);
	put_time(p, s->time_ns);
	option_text(p, COMMENT, s->comment);
	option_count(p, ISB_IFRECV, s->received);
	option_count(p, ISB_IFDROP, s->dropped);
	option_count(p, ISB_FILTERACCEPT, s->accepted);
	option_count(p, ISB_USRDELIV, s->delivered);
	options_end(p);
	block_end(p);
}

void pcapng_free(struct pcapng *p)
{
	free(p->buf);
	p->buf = NULL;
	p->len = p->room = 0;
}
