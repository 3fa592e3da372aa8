/* SPDX-License-Identifier: GPL-2.0 */
#include "top/help.h"

#include <stddef.h>

const struct top_help top_help_columns[] = {
	{ "HURT", "a program's call failed of it, or took it for the end of the stream" },
	{ "HARMLESS", "no call saw it, and none will" },
	{ "the rest", "the victim is on another host, or no call has come yet" },
	{ "/S", "resets a second, of the last ten seconds; of a recording, of all" },
	{ "~1,200", "estimated: in a storm some records stand for many resets; what the kernel counted, in the "
	  "third line, is exact" },
	{ NULL, NULL },
};

const struct top_help top_help_keys[] = {
	{ "up down", "choose a row (also j k, page up, page down, home, end)" },
	{ "Enter", "the row's last incidents, each with its story" },
	{ "e", "what the situation, or the cause of most of the row's resets, means, and what to do" },
	{ "c", "what the kernel counted, by kind: exact in a storm as well, and of the whole host" },
	{ "g G", "group by cause, situation, pair, process, port, container; also 1 to 6" },
	{ "s S", "sort by total, hurt, rate, latest, name" },
	{ "/", "show only rows whose name, cause or latest pair matches a regular expression (extended, as of "
	  "grep -E; case does not matter)" },
	{ "p", "pause: the rows stand still, counting goes on" },
	{ "w", "write what is shown to a file" },
	{ "h", "this text" },
	{ "q Esc", "back, or end" },
	{ NULL, NULL },
};
