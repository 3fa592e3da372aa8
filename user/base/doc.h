/* SPDX-License-Identifier: GPL-2.0 */
/* What all JSON documents have in common, and how a key is described for the reference pages. */
#ifndef DOC_H
#define DOC_H

#define RECORD_SCHEMA "rsttrace/1"	/* of every line of JSON that goes out */

struct record_doc {
	const char *key;	/* "errors[].errno" is a key of a list's items */
	const char *type;	/* "string", "int", "bool", "array of objects" */
	const char *meaning;	/* a line without a full stop */
};

#endif
