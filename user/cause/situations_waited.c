/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A server that had waited before it went: for a client's first word, or with a request that it
 * never answered. How long it had waited is most often a setting's figure.
 */
#include <stdio.h>
#include <string.h>

#include "cause/settings.h"
#include "cause/situations_match.h"
#include "cause/situations_text.h"
#include "incident/format.h"

#define LITTLE 4096		/* a long greeting or error message */

int64_t heard_at_close(const struct incident *inc)
{
	const struct endpoint *s = &inc->sender;

	return s->end.how == END_CLOSED ? s->end.heard_us : s->heard_us;
}

static int64_t said_at_close(const struct incident *inc)
{
	const struct endpoint *s = &inc->sender;

	return s->end.how == END_CLOSED ? s->end.said_us : s->said_us;
}

/*
 * Nothing at all had come from the client. A server that wrote just before it closed may have sent
 * what nobody had asked for, and one whose process ended may have had other reasons.
 */
enum confidence situation_unasked(const struct incident *inc)
{
	const struct endpoint *s = &inc->sender;
	int64_t said = said_at_close(inc);

	if (s->role != ROLE_SERVER || s->bytes_in != 0 || heard_at_close(inc) < WAITED_US ||
	    s->bytes_out == UNKNOWN || s->bytes_out > LITTLE || said == UNKNOWN)
		return CONFIDENCE_UNSET;
	if (strcmp(inc->cause, "data-after-close") && strcmp(inc->cause, "data-after-shutdown") &&
	    strcmp(inc->cause, "linger-zero"))
		return CONFIDENCE_UNSET;
	if (!s->exit[0])
		return said >= WAITED_US ? LIKELY : GUESS;
	return strcmp(s->exit, "exit") ? CONFIDENCE_UNSET : GUESS;
}

bool waited_in_vain(const struct incident *inc)
{
	return inc->kind != KIND_RECEIVED && silence_at_close(inc) >= WAITED_US;
}

/* "; 27 bytes came 1.0 s later" */
static void say_late(const struct incident *inc, char *buf, size_t len)
{
	char late[32];

	buf[0] = '\0';
	if (inc->kind == KIND_REPLY && inc->seg_len > 0 && inc->sender.closed_us != UNKNOWN)
		snprintf(buf, len, "; data came %s later",
			 fmt_duration(late, sizeof(late), inc->sender.closed_us));
}

void say_unasked(const struct incident *inc, char *buf, size_t len)
{
	const struct endpoint *s = &inc->sender;
	char waited[32], late[48], out[48] = "";

	say_late(inc, late, sizeof(late));
	if (s->bytes_out > 0)
		snprintf(out, sizeof(out), ", wrote %lld byte%s", (long long)s->bytes_out,
			 s->bytes_out == 1 ? "" : "s");
	snprintf(buf, len, "the server heard nothing from the client in %s%s and %s%s",
		 text_seconds(waited, sizeof(waited), heard_at_close(inc)), out, s->exit[0] ? "exited" : "closed",
		 late);
}

void advise_unasked(const struct incident *inc, char *buf, size_t len)
{
	const struct setting *s = setting_of(&inc->sender);

	if (s && s->first)
		snprintf(buf, len, "%s's %s looks like it: have the client connect when it has something to ask, or "
			 "speak sooner; else raise it", s->program, s->first);
}

/* A limit of size acts at once; what acts after a while is a timeout, or a handler that failed. */
void advise_waited(const struct incident *inc, char *buf, size_t len)
{
	const struct setting *s = setting_of(&inc->sender);
	const char *name = !s ? NULL : s->worker ? s->worker : s->first;
	char waited[32], whose[160] = "";

	if (name)
		snprintf(whose, sizeof(whose), " (%s: %s)", s->program, name);
	snprintf(buf, len, "look for a timeout of %s at the server%s, and for what it waited for so long: a handler or "
		 "backend that hangs%s; its log at this time may say",
		 text_seconds(waited, sizeof(waited), silence_at_close(inc)), whose,
		 inc->sender.unread > 0 ? "" : ", or the rest of the request");
}
