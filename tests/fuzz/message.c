/* SPDX-License-Identifier: GPL-2.0 */
/* Whatever a log holds: `rsttrace explain -` counts its lines, and what it prints is fit for terminals. */
#include "cause/explain_message.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *in = size ? fmemopen((void *)data, size, "r") : NULL;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	MUST(out);
	if (in) {
		MUST(!explain_log(out, in, 80));
		fclose(in);
	}
	MUST(!fclose(out));
	must_be_printable(text, len);
	free(text);
	return 0;
}
