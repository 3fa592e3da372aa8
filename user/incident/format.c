/* SPDX-License-Identifier: GPL-2.0 */
#include "incident/format.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/text.h"
#include "incident/incident.h"

#define NS_PER_S 1000000000LL

/* One decimal below 100, none above: more digits help no reader. */
static void decimal(char *buf, size_t len, const char *sign, double v, const char *unit)
{
	snprintf(buf, len, "%s%.*f %s", sign, v < 99.95 ? 1 : 0, v, unit);
}

/* "3 min 20 s": two units, the smaller one only when it is not zero. */
static void paired(char *buf, size_t len, const char *sign, uint64_t n, uint64_t per,
		   const char *big, const char *small)
{
	if (n % per)
		snprintf(buf, len, "%s%" PRIu64 " %s %" PRIu64 " %s", sign, n / per, big, n % per,
			 small);
	else
		snprintf(buf, len, "%s%" PRIu64 " %s", sign, n / per, big);
}

char *fmt_duration(char *buf, size_t len, int64_t us)
{
	const char *sign = us < 0 ? "-" : "";
	uint64_t n = us < 0 ? -(uint64_t)us : (uint64_t)us;
	uint64_t s = (n + 500000) / 1000000;

	if (us == UNKNOWN)
		snprintf(buf, len, "?");
	else if (n < 1000)
		snprintf(buf, len, "%s%" PRIu64 " µs", sign, n);
	else if (n < 999500)
		decimal(buf, len, sign, n / 1e3, "ms");
	else if (n < 59950000)
		decimal(buf, len, sign, n / 1e6, "s");
	else if (s < 3600)
		paired(buf, len, sign, s, 60, "min", "s");
	else if (s < 86400)
		paired(buf, len, sign, s / 60, 60, "h", "min");
	else
		paired(buf, len, sign, s / 3600, 24, "d", "h");
	return buf;
}

char *fmt_bytes(char *buf, size_t len, int64_t n)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double v = n < 0 ? -(double)n : (double)n;
	const char *sign = n < 0 ? "-" : "";
	size_t i = 0;

	if (n == UNKNOWN) {
		snprintf(buf, len, "?");
	} else if (!n) {
		snprintf(buf, len, "0");
	} else if (v < 1024) {
		snprintf(buf, len, "%s%.0f B", sign, v);
	} else {
		for (v /= 1024; v >= 1023.5; v /= 1024)
			i++;
		decimal(buf, len, sign, v, units[i]);
	}
	return buf;
}

char *fmt_count(char *buf, size_t len, uint64_t n)
{
	char digits[24];
	int d = snprintf(digits, sizeof(digits), "%" PRIu64, n);
	size_t out = 0;

	for (int i = 0; i < d && out + 1 < len; i++) {
		if (i && (d - i) % 3 == 0)
			buf[out++] = ',';
		if (out + 1 < len)
			buf[out++] = digits[i];
	}
	if (len)
		buf[out] = '\0';
	return buf;
}

char *fmt_addr(char *buf, size_t len, unsigned int family, const uint8_t *addr)
{
	char text[INET6_ADDRSTRLEN] = "?", *end = text;

	if (family == 4) {
		for (int i = 0; i < 4; i++) {
			end = text_decimal(end, addr[i], 1);
			*end++ = i < 3 ? '.' : '\0';
		}
	} else if (family == 6) {
		inet_ntop(AF_INET6, addr, text, sizeof(text));
	}
	text_copy(buf, len, text);
	return buf;
}

char *fmt_addr_port(char *buf, size_t len, unsigned int family, const uint8_t *addr,
		    int64_t port)
{
	char text[INET6_ADDRSTRLEN];

	fmt_addr(text, sizeof(text), family, addr);
	if (port < 0)
		snprintf(buf, len, "%s", text);
	else if (family == 6)
		snprintf(buf, len, "[%s]:%" PRId64, text, port);
	else
		snprintf(buf, len, "%s:%" PRId64, text, port);
	return buf;
}

/* Whole seconds, rounded down also before 1970, and the nanoseconds that remain. */
static time_t split_time(int64_t epoch_ns, long *ns)
{
	int64_t s = epoch_ns / NS_PER_S;

	*ns = epoch_ns % NS_PER_S;
	if (*ns < 0) {
		*ns += NS_PER_S;
		s--;
	}
	return s;
}

char *fmt_time_utc(char *buf, size_t len, int64_t epoch_ns)
{
	char text[] = "YYYY-MM-DDThh:mm:ss.nnnnnnnnnZ";
	struct tm tm;
	time_t s;
	long ns;

	buf[0] = '\0';
	s = split_time(epoch_ns, &ns);
	if (epoch_ns == UNKNOWN || !gmtime_r(&s, &tm))
		return buf;
	text_decimal(text, tm.tm_year + 1900, 4);	/* 64 bits of nanoseconds end in 2262 */
	text_decimal(text + 5, tm.tm_mon + 1, 2);
	text_decimal(text + 8, tm.tm_mday, 2);
	text_decimal(text + 11, tm.tm_hour, 2);
	text_decimal(text + 14, tm.tm_min, 2);
	text_decimal(text + 17, tm.tm_sec, 2);
	text_decimal(text + 20, ns, 9);
	text_copy(buf, len, text);
	return buf;
}

char *fmt_time_of_day(char *buf, size_t len, int64_t epoch_ns)
{
	struct tm tm;
	time_t s;
	long ns;

	s = split_time(epoch_ns, &ns);
	if (epoch_ns == UNKNOWN || !localtime_r(&s, &tm))
		snprintf(buf, len, "--:--:--.---");
	else
		snprintf(buf, len, "%02d:%02d:%02d.%03ld", tm.tm_hour, tm.tm_min, tm.tm_sec,
			 ns / 1000000);
	return buf;
}

size_t fmt_width(const char *s)
{
	size_t width = 0;

	for (; *s; s++)
		width += ((unsigned char)*s & 0xc0) != 0x80;
	return width;
}
