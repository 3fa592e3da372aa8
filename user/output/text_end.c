/* SPDX-License-Identifier: GPL-2.0 */
#include "output/text_end.h"

#include <inttypes.h>
#include <string.h>

#include "base/array.h"
#include "incident/format.h"

#define SILENCE_US 1000000
#define SHORT_ID 12	/* enough of a container id to find it */

/* "close(14) in ESTABLISHED after 4.2 s": the call, the state, the age. */
void end_doing(struct line *l, const struct endpoint *ep)
{
	char text[32];

	if (ep->syscall[0]) {
		line_escaped(l, ep->syscall, sizeof(ep->syscall));
		if (ep->fd != UNKNOWN)
			line_add(l, "(%" PRId64 ")", ep->fd);
	}
	/* the close came before: the RST answered a segment that arrived later */
	if (ep->closed_us != UNKNOWN)
		line_add(l, "%s%s before the RST,", l->len ? " " : "closed ",
			 fmt_duration(text, sizeof(text), ep->closed_us));
	if (ep->state[0]) {
		line_add(l, "%sin ", l->len ? " " : "");
		line_escaped(l, ep->state, sizeof(ep->state));
	}
	if (ep->age_us != UNKNOWN)
		line_add(l, "%safter %s", l->len ? " " : "",
			 fmt_duration(text, sizeof(text), ep->age_us));
	if (l->len && l->text[l->len - 1] == ',')
		l->text[--l->len] = '\0';
}

/* "4,100 of 6,357 bytes read": exact figures, in which a reader may recognise a limit. */
static bool add_read(struct line *l, const struct endpoint *ep)
{
	char got[32], of[32];

	if (endpoint_read(ep) == UNKNOWN || ep->unread <= 0)
		return false;
	line_add(l, "%s%s of %s bytes read", line_comma(l), fmt_count(got, sizeof(got), endpoint_read(ep)),
		 fmt_count(of, sizeof(of), ep->bytes_in));
	return true;
}

void end_silence(struct line *l, const struct endpoint *ep)
{
	const struct { int64_t us; const char *what; } silences[] = {
		{ ep->heard_us, "heard nothing for" }, { ep->said_us, "said nothing for" },
	};
	char text[32];

	if (ep->idle_us != UNKNOWN && ep->idle_us >= SILENCE_US) {
		line_add(l, "%sidle for %s", line_comma(l), fmt_duration(text, sizeof(text), ep->idle_us));
		return;
	}
	for (size_t i = 0; i < sizeof(silences) / sizeof(silences[0]); i++)
		if (silences[i].us != UNKNOWN && silences[i].us >= SILENCE_US)
			line_add(l, "%s%s %s", line_comma(l), silences[i].what,
				 fmt_duration(text, sizeof(text), silences[i].us));
}

void end_figures(struct line *l, const struct endpoint *ep)
{
	const struct { int64_t n; const char *what; bool zero; } sizes[] = {
		{ ep->bytes_in, "in", true },
		{ ep->bytes_out, "out", true },
		{ ep->unread, "unread", false },
		{ ep->unsent, "unsent", false },
	};
	char text[32];
	size_t i;
	bool read;

	read = add_read(l, ep);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		if (sizes[i].n == UNKNOWN || (!sizes[i].n && !sizes[i].zero) || (read && !(i % 2)))
			continue;
		line_add(l, "%s%s %s", line_comma(l), fmt_bytes(text, sizeof(text), sizes[i].n),
		    sizes[i].what);
	}
	end_silence(l, ep);
	if (ep->retrans > 0)
		line_add(l, "%s%" PRId64 " segment%s sent again", line_comma(l), ep->retrans,
			 ep->retrans == 1 ? "" : "s");
	if (ep->linger0 == 1)
		line_add(l, "%sSO_LINGER 0", line_comma(l));
	if (ep->mptcp == 1)
		line_add(l, "%sMPTCP subflow", line_comma(l));
	if (!strncmp(ep->exit, "exit", sizeof(ep->exit)))
		line_add(l, "%sprocess exiting", line_comma(l));
	else if (ep->exit[0])
		line_add(l, "%sprocess ended by %.*s", line_comma(l), (int)sizeof(ep->exit), ep->exit);
}

void end_place(struct line *l, const struct endpoint *ep)
{
	line_name(l, "", ep->unit, sizeof(ep->unit));
	line_name(l, "pod ", ep->pod, sizeof(ep->pod));
	if (ep->container_name[0])
		line_name(l, "container ", ep->container_name, sizeof(ep->container_name));
	else
		line_name(l, "container ", ep->container, SHORT_ID);
}
