/* SPDX-License-Identifier: GPL-2.0 */
#include "host/mountinfo.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ROOT_FIELD 3
#define POINT_FIELD 4

/* Blanks and backslashes are written as \ooo. */
static void unescape(char *s)
{
	char *out = s;

	while (*s) {
		if (s[0] == '\\' && strspn(s + 1, "01234567") >= 3) {
			*out++ = (s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0');
			s += 4;
		} else {
			*out++ = *s++;
		}
	}
	*out = '\0';
}

/* ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAG…] - TYPE SOURCE OPTIONS */
static bool split(struct mountinfo *m)
{
	char *tail = strstr(m->line, " - "), *save, *field;

	m->root = m->point = m->type = NULL;
	if (!tail)
		return false;
	*tail = '\0';
	m->type = strtok_r(tail + 3, " \n", &save);
	field = strtok_r(m->line, " ", &save);
	for (int i = 0; field && i <= POINT_FIELD; i++) {
		if (i == ROOT_FIELD)
			m->root = field;
		else if (i == POINT_FIELD)
			m->point = field;
		field = strtok_r(NULL, " ", &save);
	}
	if (!m->type || !m->root || !m->point)
		return false;
	unescape(m->root);
	unescape(m->point);
	return true;
}

int mountinfo_next(struct mountinfo *m, FILE *f)
{
	while (getline(&m->line, &m->cap, f) > 0)
		if (split(m))
			return 1;
	return 0;
}

void mountinfo_free(struct mountinfo *m)
{
	free(m->line);
	memset(m, 0, sizeof(*m));
}
