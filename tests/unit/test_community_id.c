/* SPDX-License-Identifier: GPL-2.0 */
/* Community ID: the examples of the public specification, in both directions. */
#include <arpa/inet.h>

#include "output/community_id.h"
#include "test.h"

struct vector {
	unsigned int family;
	const char *saddr;
	uint16_t sport;
	const char *daddr;
	uint16_t dport;
	const char *id;
};

static const struct vector vectors[] = {
	/* from the specification's examples */
	{ 4, "128.232.110.120", 34855, "66.35.250.204", 80, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=" },
	{ 6, "2001:470:e5bf:dead:4957:2174:e82c:4887", 63943, "2607:f8b0:400c:c03::1a", 25,
	  "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=" },
	/* computed by other code: equal addresses are ordered by port */
	{ 4, "10.0.0.1", 20, "10.0.0.1", 10, "1:1Lc+0H/HgLmR5V4rmOeuDZQS11k=" },
	{ 6, "::1", 8080, "::1", 40000, "1:L5IA2hF0v0/k9gpmt0QLdE5kiAI=" },
	{ 4, "127.0.0.1", 80, "127.0.0.1", 80, "1:fIDbyK7a7a6sKdFrKTpzX9bw/iw=" },
};

static void known_vectors(void **state)
{
	char id[COMMUNITY_ID_LEN];
	uint8_t s[16], d[16];
	size_t i;

	for (i = 0; i < N(vectors); i++) {
		const struct vector *v = &vectors[i];
		int af = v->family == 4 ? AF_INET : AF_INET6;

		assert_int_equal(inet_pton(af, v->saddr, s), 1);
		assert_int_equal(inet_pton(af, v->daddr, d), 1);
		assert_int_equal(community_id_tcp(id, v->family, s, v->sport, d, v->dport), 0);
		assert_string_equal(id, v->id);
		assert_int_equal(community_id_tcp(id, v->family, d, v->dport, s, v->sport), 0);
		assert_string_equal(id, v->id);
	}
}

static void other_families(void **state)
{
	char id[COMMUNITY_ID_LEN] = "untouched";
	uint8_t addr[16] = { 0 };

	assert_int_equal(community_id_tcp(id, 0, addr, 1, addr, 2), -EINVAL);
	assert_string_equal(id, "untouched");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_vectors),
		cmocka_unit_test(other_families),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
