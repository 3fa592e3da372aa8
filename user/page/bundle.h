/* SPDX-License-Identifier: GPL-2.0 */
/* The page's style sheets and scripts, which the build puts into the program. */
#ifndef PAGE_BUNDLE_H
#define PAGE_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum bundled { LIBRARY_STYLE, PAGE_STYLE, LIBRARY_SCRIPT, PAGE_SCRIPT, N_BUNDLED };

/* Whether the libraries were to be had when this program was built: without them the page is whole, but plainer. */
bool bundle_has_library(void);

/* The text. */
void bundle_put(FILE *out, enum bundled b);

/* 'sha256-…', as a content security policy names the text of an element. */
void bundle_put_hash(FILE *out, enum bundled b);

#endif
