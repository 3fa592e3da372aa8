/* SPDX-License-Identifier: GPL-2.0 */
#include "report/json_pull.h"

#include <string.h>

#define MAX_DEPTH 64

void pull_begin(struct json_pull *j, const char *text, size_t n)
{
	*j = (struct json_pull){ .at = text, .end = text + n };
}

static bool wrong(struct json_pull *j, const char *why)
{
	if (!j->why)
		j->why = why;
	return false;
}

static void skip_space(struct json_pull *j)
{
	while (j->at < j->end && (*j->at == ' ' || *j->at == '\t' || *j->at == '\n' || *j->at == '\r'))
		j->at++;
}

bool pull_next_is(struct json_pull *j, char c)
{
	skip_space(j);
	if (j->at == j->end || *j->at != c)
		return false;
	j->at++;
	return true;
}

bool pull_want(struct json_pull *j, char c)
{
	if (pull_next_is(j, c))
		return true;
	return wrong(j, j->at == j->end ? "it ends too soon" :
		     c == '{' ? "an object was expected here" :
		     c == '[' ? "a list was expected here" :
		     c == '}' ? "a ',' or '}' is missing" :
		     c == ']' ? "a ',' or ']' is missing" : "a ':' is missing");
}

/* ---- strings ---- */

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	       c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The number that the four characters at s stand for; -1: they are no hexadecimal digits. */
static int32_t hex4(const char *s)
{
	int32_t v = 0;

	for (int i = 0; i < 4; i++) {
		if (hex(s[i]) < 0)
			return -1;
		v = v << 4 | hex(s[i]);
	}
	return v;
}

/* The length of the escape at s, backslash included; 0: it is not valid. */
static size_t escape_length(const char *s, const char *end)
{
	if (end - s >= 2 && s[1] && strchr("\"\\/bfnrt", s[1]))
		return 2;
	return end - s >= 6 && s[1] == 'u' && hex4(s + 2) >= 0 ? 6 : 0;
}

/*
 * Whether one of eight bytes is a quote, a backslash or a control character. Most of a record is
 * strings, so the speed of reading depends on this.
 */
static bool has_special(uint64_t w)
{
	const uint64_t ones = ~0ULL / 255, tops = ones * 0x80;
	uint64_t quote = w ^ ones * '"', slash = w ^ ones * '\\';

	/*
	 * x - 1 borrows into the top bit of a byte that was 0; bytes from 0x80 on cannot be one of
	 * these
	 */
	return ((quote - ones) | (slash - ones) | (w - ones * 0x20)) & ~w & tops;
}

/*
 * The first byte that may not stand in a string as it is: the quote, a backslash, a control
 * character.
 */
static const char *run_end(const char *s, const char *end)
{
	uint64_t w;

	for (; end - s >= (ptrdiff_t)sizeof(w); s += sizeof(w)) {
		memcpy(&w, s, sizeof(w));
		if (has_special(w))
			break;
	}
	while (s < end && *s != '"' && *s != '\\' && (unsigned char)*s >= 0x20)
		s++;
	return s;
}

bool pull_string(struct json_pull *j, struct pull_slice *s)
{
	const char *p;
	bool escaped = false;

	if (!pull_next_is(j, '"'))
		return wrong(j, "a string was expected here");
	for (p = run_end(j->at, j->end); p < j->end && *p != '"'; p = run_end(p, j->end)) {
		size_t n = *p == '\\' ? escape_length(p, j->end) : 0;

		if (!n) {
			j->at = p;
			return wrong(j, *p == '\\' ? "a wrong escape in a string" :
				     "a control character in a string");
		}
		escaped = true;
		p += n;
	}
	if (p == j->end) {
		j->at = p;
		return wrong(j, "a string does not end");
	}
	*s = (struct pull_slice){ j->at, p - j->at, escaped };
	j->at = p + 1;
	return true;
}

static size_t put_utf8(char *buf, uint32_t c)
{
	if (c < 0x80) {
		buf[0] = c;
		return 1;
	}
	if (c < 0x800) {
		buf[0] = 0xc0 | c >> 6;
		buf[1] = 0x80 | (c & 0x3f);
		return 2;
	}
	if (c < 0x10000) {
		buf[0] = 0xe0 | c >> 12;
		buf[1] = 0x80 | (c >> 6 & 0x3f);
		buf[2] = 0x80 | (c & 0x3f);
		return 3;
	}
	buf[0] = 0xf0 | c >> 18;
	buf[1] = 0x80 | (c >> 12 & 0x3f);
	buf[2] = 0x80 | (c >> 6 & 0x3f);
	buf[3] = 0x80 | (c & 0x3f);
	return 4;
}

/*
 * The character of the escape at *s, which is valid. Moves *s after the escape, or after both
 * escapes of a surrogate pair.
 */
static uint32_t unescape(const char **s, const char *end)
{
	static const char names[] = "bfnrt", values[] = "\b\f\n\r\t";
	const char *p = *s, *name;
	int32_t high, low;

	if (p[1] != 'u') {
		*s += 2;
		name = strchr(names, p[1]);
		return name ? values[name - names] : p[1];
	}
	*s += 6;
	high = hex4(p + 2);
	if (high < 0xd800 || high > 0xdfff)
		return high ?: 0xfffd;	/* not NUL, which would end the copy */
	if (high > 0xdbff || end - p < 12 || p[6] != '\\' || p[7] != 'u')
		return 0xfffd;
	low = hex4(p + 8);
	if (low < 0xdc00 || low > 0xdfff)
		return 0xfffd;
	*s += 6;
	return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

size_t pull_copy(char *buf, size_t len, const struct pull_slice *s)
{
	const char *p = s->s, *end = s->s + s->n;
	size_t out = 0;

	if (!s->escaped && s->n < len) {
		memcpy(buf, s->s, s->n);
		out = s->n;
		p = end;
	}
	while (p < end) {
		char piece[4];
		size_t n = 1;

		if (*p == '\\') {
			n = put_utf8(piece, unescape(&p, end));
		} else {
			piece[0] = *p++;
			while (p < end && n < sizeof(piece) && (*p & 0xc0) == 0x80)
				piece[n++] = *p++;
		}
		if (out + n >= len)
			break;
		memcpy(buf + out, piece, n);
		out += n;
	}
	buf[out] = '\0';
	return out;
}

bool pull_is(const struct pull_slice *s, const char *word)
{
	return !s->escaped && strlen(word) == s->n && !memcmp(s->s, word, s->n);
}

/* ---- other values ---- */

bool pull_integer(struct json_pull *j, int64_t *v)
{
	bool negative = pull_next_is(j, '-');
	const char *begin = j->at;
	uint64_t n = 0;

	while (j->at < j->end && *j->at >= '0' && *j->at <= '9') {
		unsigned int digit = *j->at++ - '0';

		if (n > ((uint64_t)INT64_MAX - digit) / 10)
			return wrong(j, "a number is too great");
		n = n * 10 + digit;
	}
	if (j->at == begin || (j->at < j->end && strchr(".eE", *j->at)))
		return wrong(j, "a whole number was expected here");
	*v = negative ? -(int64_t)n : (int64_t)n;
	return true;
}

static bool word(struct json_pull *j, const char *w)
{
	size_t n = strlen(w);

	if ((size_t)(j->end - j->at) < n || memcmp(j->at, w, n))
		return false;
	j->at += n;
	return true;
}

bool pull_bool(struct json_pull *j, bool *v)
{
	skip_space(j);
	*v = word(j, "true");
	return *v || word(j, "false") || wrong(j, "true or false was expected here");
}

static bool skip_number(struct json_pull *j)
{
	const char *begin = j->at;

	while (j->at < j->end && *j->at && strchr("+-.eE0123456789", *j->at))
		j->at++;
	return j->at > begin || wrong(j, "a value was expected here");
}

static bool skip_value(struct json_pull *j, int depth);

static bool skip_members(struct json_pull *j, bool object, int depth)
{
	char close = object ? '}' : ']';
	struct pull_slice key;

	if (!depth)
		return wrong(j, "values are nested too deeply");
	if (pull_next_is(j, close))
		return true;
	do {
		if (object && (!pull_string(j, &key) || !pull_want(j, ':')))
			return false;
		if (!skip_value(j, depth - 1))
			return false;
	} while (pull_next_is(j, ','));
	return pull_want(j, close);
}

static bool skip_value(struct json_pull *j, int depth)
{
	struct pull_slice s;

	if (pull_next_is(j, '{'))
		return skip_members(j, true, depth);
	if (pull_next_is(j, '['))
		return skip_members(j, false, depth);
	if (j->at < j->end && *j->at == '"')
		return pull_string(j, &s);
	return word(j, "true") || word(j, "false") || word(j, "null") || skip_number(j);
}

bool pull_skip(struct json_pull *j)
{
	return skip_value(j, MAX_DEPTH);
}

bool pull_ends(struct json_pull *j)
{
	skip_space(j);
	return j->at == j->end || wrong(j, "more follows");
}
