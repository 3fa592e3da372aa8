/* SPDX-License-Identifier: GPL-2.0 */
/* gendocs WHAT: prints one of the documents that are made from the program's tables. */
#include "base/array.h"
#include "gendocs.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *what;
	void (*print)(FILE *out);
} documents[] = {
	{ "record.md", gendocs_record },
	{ "causes.md", gendocs_causes },
	{ "messages.md", gendocs_messages },
	{ "rsttrace.8", gendocs_man },
	{ "rsttrace-report.1", gendocs_man_report },
	{ "rsttrace.bash", gendocs_bash },
	{ "rsttrace.fish", gendocs_fish },
	{ "_rsttrace", gendocs_zsh },
	{ "rsttrace.lua", gendocs_lua },
};

#define N_DOCUMENTS ARRAY_SIZE(documents)

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < N_DOCUMENTS; i++) {
		if (strcmp(argv[1], documents[i].what))
			continue;
		documents[i].print(stdout);
		return fflush(stdout) || ferror(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
	}
	fprintf(stderr, "usage: gendocs");
	for (size_t i = 0; i < N_DOCUMENTS; i++)
		fprintf(stderr, "%s%s", i ? "|" : " ", documents[i].what);
	fputc('\n', stderr);
	return 2;
}
