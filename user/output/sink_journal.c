/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The systemd journal, by its native protocol (systemd's docs/JOURNAL_NATIVE_PROTOCOL.md): one
 * datagram an entry, a field for each key of the record. The protocol is documented and stable, and
 * so small that the library would only be one more thing a static program cannot have.
 *
 * Strings go by their length, whatever bytes they hold, so that no name can begin a field of its own.
 */
#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/escape.h"
#include "incident/format.h"
#include "output/record.h"
#include "output/sink.h"
#include "output/sink_journal.h"

/* From systemd's numbers, which are syslog's. */
#define WARNING 4
#define INFO 6

struct journal {
	int fd;
	struct sockaddr_un to;
	FILE *entry;	/* in memory: what is in text after a flush */
	char *text;
	size_t size;
};

struct writer {
	struct record_visitor visitor;
	FILE *entry;
	const char *list;	/* the list whose items are visited; NULL: none */
};

static void put_name(FILE *entry, const char *list, const char *key)
{
	fputs("RSTTRACE_", entry);
	for (const char *c = list; c && *c; c++)
		putc(toupper((unsigned char)*c), entry);
	if (list)
		putc('_', entry);
	for (const char *c = key; *c; c++)
		putc(toupper((unsigned char)*c), entry);
}

/* The rest of a field after its name, for bytes of any kind. */
static void put_bytes(FILE *entry, const char *s, size_t n)
{
	uint64_t le = htole64(n);

	putc('\n', entry);
	fwrite(&le, sizeof(le), 1, entry);
	fwrite(s, 1, n, entry);
	putc('\n', entry);
}

static int on_value(struct record_visitor *v, const char *key, const struct record_value *val)
{
	struct writer *w = (struct writer *)v;

	/* a field may be there more than once: it has then all of these values */
	for (int64_t i = 0; val->type == RECORD_STRINGS && i < val->num; i++) {
		put_name(w->entry, w->list, key);
		put_bytes(w->entry, val->strs[i], strlen(val->strs[i]));
	}
	if (val->type == RECORD_STRINGS)
		return 0;
	put_name(w->entry, w->list, key);
	if (val->type == RECORD_STRING)
		put_bytes(w->entry, val->str, strnlen(val->str, RECORD_TEXT_MAX));
	else if (val->type == RECORD_BOOL)
		fprintf(w->entry, "=%s\n", val->num ? "true" : "false");
	else
		fprintf(w->entry, "=%" PRId64 "\n", val->num);
	return 0;
}

static int on_list(struct record_visitor *v, const char *key)
{
	((struct writer *)v)->list = key;
	return 0;
}

static int on_item(struct record_visitor *v)
{
	(void)v;
	return 0;
}

static int on_list_end(struct record_visitor *v)
{
	((struct writer *)v)->list = NULL;
	return 0;
}

/* "nginx[812] ", or "" when nothing is known of it. */
static const char *end_text(char *buf, size_t len, const struct endpoint *ep)
{
	const char *name = endpoint_name(ep);
	char escaped[4 * RST_COMM_LEN + 1];

	buf[0] = '\0';
	if (name[0] && ep->pid != UNKNOWN)
		snprintf(buf, len, "%s[%" PRId64 "] ",
			 fmt_escape(escaped, sizeof(escaped), name, RST_COMM_LEN), ep->pid);
	return buf;
}

static void put_message(FILE *entry, const struct incident *inc)
{
	char sender[96], victim[96], from[64], to[64], cause[4 * sizeof(inc->cause_text)], text[2048];
	int n;

	n = snprintf(text, sizeof(text), "%s%s resets %s%s: %s (%s)", end_text(sender, sizeof(sender), &inc->sender),
		     fmt_addr_port(from, sizeof(from), inc->family, inc->saddr, inc->sport),
		     end_text(victim, sizeof(victim), &inc->victim),
		     fmt_addr_port(to, sizeof(to), inc->family, inc->daddr, inc->dport),
		     fmt_escape(cause, sizeof(cause), inc->cause_text, sizeof(inc->cause_text)), inc->cause);
	fputs("MESSAGE", entry);
	put_bytes(entry, text, n < (int)sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

static int journal_begin(struct sink *s)
{
	struct journal *j = calloc(1, sizeof(*j));
	const int room = 1 << 20;

	if (!j)
		return -ENOMEM;
	s->state = j;
	j->to.sun_family = AF_UNIX;
	snprintf(j->to.sun_path, sizeof(j->to.sun_path), "%s", s->path);
	j->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (j->fd < 0)
		return -errno;
	/* an entry has to fit as a whole; one is 50 KB at most, so that the default does, too */
	setsockopt(j->fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	j->entry = open_memstream(&j->text, &j->size);
	return j->entry ? 0 : -errno;
}

/* By address each time: so a journal that was restarted gets the next entry. */
static int send_entry(struct journal *j)
{
	ssize_t n;

	if (fflush(j->entry))
		return -ENOMEM;
	do
		n = sendto(j->fd, j->text, j->size, MSG_NOSIGNAL, (struct sockaddr *)&j->to, sizeof(j->to));
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

static int journal_incident(struct sink *s, const struct incident *inc)
{
	struct journal *j = s->state;
	struct writer w = { { on_value, on_list, on_item, on_list_end }, j->entry, NULL };
	bool hurts = inc->outcome == OUTCOME_ERROR || inc->outcome == OUTCOME_EOF;

	rewind(j->entry);
	put_message(j->entry, inc);
	fprintf(j->entry, "MESSAGE_ID=" JOURNAL_MESSAGE_ID "\nPRIORITY=%d\nSYSLOG_IDENTIFIER=rsttrace\n",
		hurts ? WARNING : INFO);
	record_walk(inc, &w.visitor);
	return send_entry(j);
}

static void journal_free(struct sink *s)
{
	struct journal *j = s->state;

	if (!j)
		return;
	if (j->fd >= 0)
		close(j->fd);
	if (j->entry)
		fclose(j->entry);
	free(j->text);
	free(j);
}

const struct sink_ops sink_journal = {
	.begin = journal_begin,
	.incident = journal_incident,
	.free = journal_free,
};
