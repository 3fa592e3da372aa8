/* SPDX-License-Identifier: GPL-2.0 */
/* The page's style sheets and scripts, which are a part of the program. */
#ifndef PAGE_BUNDLE_H
#define PAGE_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum bundled { LIBRARY_STYLE, PAGE_STYLE, LIBRARY_SCRIPT, PAGE_SCRIPT, N_BUNDLED };

/*
 * Whether the libraries were there when the program was built. Without them the page shows the
 * same, but plainer.
 */
bool bundle_has_library(void);

/* Writes the text. */
void bundle_put(FILE *out, enum bundled b);

/* Writes 'sha256-…', by which a content security policy allows an element with this text. */
void bundle_put_hash(FILE *out, enum bundled b);

#endif
