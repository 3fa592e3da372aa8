/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whatever stands on the command line, a word a line, or in the file of --config: it is taken, or one
 * line says what was expected. What was taken as a filter or a rule filters.
 */
#include "app/options.h"
#include "fuzz.h"

#define WORDS 32

static void use(const struct options *o)
{
	struct incident inc;
	struct rst_filter f;

	incident_init(&inc);
	inc.cause = "closed-port";
	inc.family = 4;
	strcpy(inc.sender.comm, "nginx");
	strcpy(inc.sender.cgroup, "/a/b");
	filter_incident(&o->filter, &inc);
	filter_event(&o->filter, &(struct rst_event){ .flow.family = 6 });
	filter_for_kernel(&o->filter, &f);
}

static void parse(int argc, char **argv)
{
	struct options o;
	char why[1024] = "";

	if (!options_parse(&o, argc, argv, why, sizeof(why)))
		use(&o);
	else
		MUST(why[0] && !strchr(why, '\n') && strnlen(why, sizeof(why)) < sizeof(why));
	filter_free(&o.filter);
	options_free(&o);
}

static void as_words(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *argv[WORDS + 2] = { "rsttrace" }, *save = NULL;
	int argc = 1;

	MUST(text);
	memcpy(text, data, size);
	text[size] = '\0';
	for (char *w = strtok_r(text, "\n", &save); w && argc <= WORDS; w = strtok_r(NULL, "\n", &save))
		argv[argc++] = w;
	parse(argc, argv);
	free(text);
}

static void as_file(const uint8_t *data, size_t size)
{
	char path[32], *argv[] = { "rsttrace", "--config", path, NULL };
	int fd = file_of(data, size, path);

	parse(3, argv);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	/* other files than ours may be terminals and pipes, which nobody writes to */
	if (data[0] == '#')
		as_file(data, size);
	else if (!memmem(data, size, "--con", 5))
		as_words(data, size);
	return 0;
}
