/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What uthash's macros come to, for programs that read the code: a list, in which a search finds anything or nothing.
 * The arithmetic of the real ones takes gcc's analyser minutes, and says nothing of the code that uses them.
 */
#ifndef UTHASH_H
#define UTHASH_H

#include <stddef.h>

typedef struct UT_hash_handle {
	void *prev, *next;
} UT_hash_handle;

void *uthash_anything(const void *head, const void *key, size_t len);
unsigned int uthash_count(const void *head);

#define HASH_FIND(hh, head, key, len, out) ((out) = uthash_anything(head, key, len))
#define HASH_FIND_STR(head, key, out) HASH_FIND(hh, head, key, 0, out)
#define HASH_FIND_INT(head, key, out) HASH_FIND(hh, head, key, sizeof(int), out)

#define HASH_ADD_KEYPTR(hh, head, key, len, add) ((add)->hh.next = (head), (head) = (add))
#define HASH_ADD(hh, head, field, len, add) HASH_ADD_KEYPTR(hh, head, &(add)->field, len, add)
#define HASH_ADD_STR(head, field, add) HASH_ADD(hh, head, field, 0, add)
#define HASH_ADD_INT(head, field, add) HASH_ADD(hh, head, field, sizeof(int), add)

#define HASH_DELETE(hh, head, del) ((head) = (head) == (del) ? (del)->hh.next : (head))
#define HASH_DEL(head, del) HASH_DELETE(hh, head, del)
#define HASH_CLEAR(hh, head) ((head) = NULL)
#define HASH_COUNT(head) uthash_count(head)
#define HASH_SORT(head, compare) ((void)(compare))

#define HASH_ITER(hh, head, el, tmp) \
	for ((el) = (head), (tmp) = (el) ? (el)->hh.next : NULL; (el); (el) = (tmp), (tmp) = (tmp) ? (tmp)->hh.next : NULL)

#endif
