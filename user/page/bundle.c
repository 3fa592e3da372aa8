/* SPDX-License-Identifier: GPL-2.0 */
#include "page/bundle.h"

#include <nettle/base64.h>
#include <nettle/sha2.h>

#include "page_files.h"		/* the build makes it from user/page/web/ */

static const struct {
	const unsigned char *text;
	size_t size;
} files[N_BUNDLED] = {
	[LIBRARY_STYLE] = { library_css, sizeof(library_css) - 1 },
	[PAGE_STYLE] = { page_css, sizeof(page_css) - 1 },
	[LIBRARY_SCRIPT] = { library_js, sizeof(library_js) - 1 },
	[PAGE_SCRIPT] = { page_js, sizeof(page_js) - 1 },
};

bool bundle_has_library(void)
{
	return files[LIBRARY_SCRIPT].size;
}

void bundle_put(FILE *out, enum bundled b)
{
	fwrite(files[b].text, 1, files[b].size, out);
}

void bundle_put_hash(FILE *out, enum bundled b)
{
	char text[BASE64_ENCODE_RAW_LENGTH(SHA256_DIGEST_SIZE) + 1] = "";
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx sha;

	sha256_init(&sha);
	sha256_update(&sha, files[b].size, files[b].text);
	sha256_digest(&sha, sizeof(digest), digest);
	base64_encode_raw(text, sizeof(digest), digest);
	fprintf(out, "'sha256-%s'", text);
}
