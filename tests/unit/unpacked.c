/* SPDX-License-Identifier: GPL-2.0 */
#include "unpacked.h"
#include "test.h"

#include <nettle/base64.h>
#include <zlib.h>

#define MAX_BLOCK (16 << 20)

json_t *unpack_block(const char *base64, size_t n)
{
	size_t packed_len = BASE64_DECODE_LENGTH(n);
	uint8_t *packed = malloc(packed_len ?: 1);
	struct base64_decode_ctx ctx;
	uLongf len = MAX_BLOCK;
	char *text = malloc(len);
	json_t *block;

	base64_decode_init(&ctx);
	assert_true(base64_decode_update(&ctx, &packed_len, packed, n, base64));
	assert_true(base64_decode_final(&ctx));
	assert_int_equal(uncompress((Bytef *)text, &len, packed, packed_len), Z_OK);
	block = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(block);
	free(text);
	free(packed);
	return block;
}

const json_t *unpacked_value(const json_t *block, const char *key, size_t at)
{
	const json_t *value = json_array_get(json_object_get(json_object_get(block, "c"), key), at);

	return json_is_null(value) ? NULL : value;
}
