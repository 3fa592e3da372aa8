/* SPDX-License-Identifier: GPL-2.0 */
#include "page/details.h"

#include <errno.h>
#include <stdio.h>

#include "output/record.h"

struct details {
	struct record_visitor visitor;
	struct columns *columns;
	struct json_text list;	/* the list of objects that is being built */
	char list_key[32];
	bool in_list, in_item;	/* a list has begun; an item of it has a member */
};

static void put_value(struct json_text *t, const struct record_value *val)
{
	if (val->type == RECORD_STRING)
		json_text_string(t, val->str, RECORD_TEXT_MAX);
	else if (val->type == RECORD_BOOL)
		json_text_puts(t, val->num ? "true" : "false");
	else
		json_text_int(t, val->num);
}

static int on_value(struct record_visitor *v, const char *key, const struct record_value *val)
{
	struct details *d = (struct details *)v;

	if (d->in_list) {
		json_text_puts(&d->list, d->in_item ? "," : "");
		json_text_string(&d->list, key, RECORD_TEXT_MAX);
		json_text_puts(&d->list, ":");
		put_value(&d->list, val);
		d->in_item = true;
	} else {
		put_value(columns_value(d->columns, key), val);
	}
	return 0;
}

static int on_list(struct record_visitor *v, const char *key)
{
	struct details *d = (struct details *)v;

	snprintf(d->list_key, sizeof(d->list_key), "%s", key);
	d->list.len = 0;
	json_text_puts(&d->list, "[");
	return 0;
}

static int on_item(struct record_visitor *v)
{
	struct details *d = (struct details *)v;

	json_text_puts(&d->list, d->in_list ? "},{" : "{");
	d->in_list = true;
	d->in_item = false;
	return 0;
}

static int on_list_end(struct record_visitor *v)
{
	struct details *d = (struct details *)v;

	json_text_puts(&d->list, d->in_list ? "}]" : "]");
	json_text_add(columns_value(d->columns, d->list_key), d->list.s, d->list.len);
	d->in_list = false;
	return d->list.failed ? -ENOMEM : 0;
}

int details_add(struct columns *c, const struct incident *inc)
{
	struct details d = { { on_value, on_list, on_item, on_list_end }, .columns = c };
	int err;

	columns_row(c);
	err = record_walk(inc, &d.visitor);
	json_text_free(&d.list);
	return err;
}
