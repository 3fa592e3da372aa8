/* SPDX-License-Identifier: GPL-2.0 */
#include "events/recording.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "events/clock_step.h"
#include "events/event.h"

#define SCHEMA "rsttrace-events/1"
#define NOT_ONE "not a recording of rsttrace (--record)"
#define MAX_LINE 65536
#define MAX_EVENT 65536
#define BYTE_ORDER_NAME (BYTE_ORDER == LITTLE_ENDIAN ? "little" : "big")

struct file_source {
	struct source base;
	FILE *f;
	char *path;
	uint64_t offset;	/* of the next event */
	uint8_t event[MAX_EVENT];
};

#define BATCH 1024	/* events at a time: in between, signals are read and outputs flushed */

static int wrong(struct file_source *fs, const char *what, int err)
{
	snprintf(fs->base.why, sizeof(fs->base.why), "%.900s: the recording %s, at byte %" PRIu64, fs->path,
		 what, fs->offset);
	return err;
}

/* One event of the file: -ENODATA at its end, -EBADMSG where it breaks off, or what its taker answered. */
static int read_event(struct file_source *fs)
{
	struct source *s = &fs->base;
	struct clock_step step;
	uint32_t size;
	int answer;
	size_t n;

	n = fread_unlocked(&size, 1, sizeof(size), fs->f);
	if (!n && !ferror(fs->f))
		return -ENODATA;
	size = le32toh(size);
	if (n == sizeof(size) && (!size || size > sizeof(fs->event)))
		return wrong(fs, "has a size that no event has", -EBADMSG);
	if (n != sizeof(size) || fread_unlocked(fs->event, 1, size, fs->f) != size)
		return wrong(fs, ferror(fs->f) ? "cannot be read inside an event" :
			     "breaks off inside an event", -EBADMSG);
	answer = s->fn(s->ctx, fs->event, size);
	if (answer == -EPROTO)
		return wrong(fs, "holds an event that makes no sense", answer);
	fs->offset += sizeof(size) + size;
	if (clock_step_read(&step, fs->event, size))
		s->meta.boot_offset_ns = step.offset_ns;
	return answer;
}

static int file_take(struct source *s)
{
	int n = 0, answer;

	do
		answer = read_event((struct file_source *)s);
	while (!answer && ++n < BATCH);
	return answer < 0 ? answer : answer ? n + 1 : n;
}

static void file_close(struct source *s)
{
	struct file_source *fs = (struct file_source *)s;

	if (fs->f)
		fclose(fs->f);
	free(fs->path);
	free(fs);
}

static const struct source_ops file_ops = {
	.take = file_take,
	.close = file_close,
};

static void copy_text(char *dst, size_t len, const json_t *text)
{
	const char *s = json_string_value(text);

	snprintf(dst, len, "%s", s ? s : "");
}

static void read_reasons(struct source_meta *m, json_t *reasons)
{
	json_t *value;
	size_t i;

	json_array_foreach(reasons, i, value) {
		if (i >= MAX_REASONS)
			break;
		copy_text(m->reason[i], sizeof(m->reason[0]), value);
		m->n_reasons = i + 1;
	}
}

/* The first line as JSON, or NULL with what is wrong: of what begins as a recording, where. */
static json_t *read_line(struct file_source *fs, char *line, char *wrong, size_t len)
{
	json_error_t error;
	json_t *j;
	size_t n;

	if (!fgets(line, MAX_LINE, fs->f))
		*line = '\0';
	n = fs->offset = strlen(line);
	j = json_loads(line, 0, &error);
	if (j && n && line[n - 1] == '\n')
		return j;
	json_decref(j);
	if (strncmp(line, RECORDING_MAGIC, strlen(RECORDING_MAGIC)))
		snprintf(wrong, len, NOT_ONE);
	else if (line[n - 1] != '\n')
		snprintf(wrong, len, "the recording %s in its first line, at byte %zu",
			 n == MAX_LINE - 1 ? "goes on for too long" : "breaks off", n);
	else
		snprintf(wrong, len, "the recording's first line is damaged, at byte %d: %s", error.position,
			 error.text);
	return NULL;
}

static void fill_meta(struct source_meta *m, const json_t *j)
{
	copy_text(m->host, sizeof(m->host), json_object_get(j, "host"));
	copy_text(m->release, sizeof(m->release), json_object_get(j, "release"));
	copy_text(m->boot, sizeof(m->boot), json_object_get(j, "boot"));
	m->boot_offset_ns = json_integer_value(json_object_get(j, "boot_offset_ns"));
	m->hz = (unsigned int)json_integer_value(json_object_get(j, "hz"));
	m->sees_sent = json_is_true(json_object_get(j, "sees_sent"));
	m->misses_calls = json_is_true(json_object_get(j, "misses_calls"));
	read_reasons(m, json_object_get(j, "reasons"));
}

/* Fills wrong[] with what is wrong with the first line, or leaves it empty. */
static void read_meta(struct file_source *fs, char *wrong, size_t len)
{
	char *line = malloc(MAX_LINE);
	json_t *j = line ? read_line(fs, line, wrong, len) : NULL;
	const char *schema = json_string_value(json_object_get(j, "schema"));
	const char *order = json_string_value(json_object_get(j, "byte_order"));
	json_int_t wire = json_integer_value(json_object_get(j, "wire"));

	if (!line)
		snprintf(wrong, len, "out of memory");
	else if (j && (!schema || strcmp(schema, SCHEMA)))
		snprintf(wrong, len, NOT_ONE);
	else if (j && (!order || strcmp(order, BYTE_ORDER_NAME)))
		snprintf(wrong, len, "recorded on a host of the other byte order");
	else if (j && (wire < 1 || wire > RST_WIRE))
		snprintf(wrong, len, "recorded by another version of rsttrace, which this one cannot read");
	else if (j)
		fill_meta(&fs->base.meta, j);
	json_decref(j);
	free(line);
}

int source_stream(struct source **out, FILE *f, const char *name, source_fn fn, void *ctx,
		  char *why, size_t len)
{
	struct file_source *fs = calloc(1, sizeof(*fs));
	char wrong[256] = "";

	if (!fs) {
		fclose(f);
	} else {
		fs->base = (struct source){ .ops = &file_ops, .fn = fn, .ctx = ctx, .fd = -1 };
		fs->f = f;
		fs->path = strdup(name);
		if (fs->path)
			read_meta(fs, wrong, sizeof(wrong));
	}
	if (fs && fs->path && !*wrong) {
		*out = &fs->base;
		return 0;
	}
	snprintf(why, len, "%s: %s", name, *wrong ? wrong : "out of memory");
	if (fs)
		file_close(&fs->base);
	return -EINVAL;
}

int source_file(struct source **out, const char *path, source_fn fn, void *ctx,
		char *why, size_t len)
{
	FILE *f = fopen(path, "re");
	int err = -errno;

	if (f)
		return source_stream(out, f, path, fn, ctx, why, len);
	snprintf(why, len, "%s: %s", path, strerror(-err));
	return err;
}

int recording_begin(FILE *f, const struct source_meta *m)
{
	json_t *reasons = json_array();
	json_t *j;
	int err;

	for (int i = 0; i < m->n_reasons; i++)
		json_array_append_new(reasons, json_string(m->reason[i]));
	j = json_pack("{s:s, s:i, s:s, s:s, s:s, s:s*, s:I, s:i, s:b, s:b, s:o}", "schema", SCHEMA, "wire", RST_WIRE,
		      "byte_order", BYTE_ORDER_NAME, "host", m->host, "release", m->release,
		      "boot", m->boot[0] ? m->boot : NULL,
		      "boot_offset_ns", (json_int_t)m->boot_offset_ns, "hz", (int)m->hz,
		      "sees_sent", m->sees_sent, "misses_calls", m->misses_calls, "reasons", reasons);
	if (!j)
		return -EINVAL;
	err = json_dumpf(j, f, JSON_COMPACT) ? -EIO : 0;
	json_decref(j);
	if (!err && (fputc('\n', f) == EOF || fflush(f)))
		err = -errno;
	return err;
}

int recording_event(FILE *f, const void *data, size_t size)
{
	uint32_t n = htole32(size);

	if (fwrite(&n, sizeof(n), 1, f) != 1 || fwrite(data, size, 1, f) != 1)
		return -errno;
	return 0;
}
