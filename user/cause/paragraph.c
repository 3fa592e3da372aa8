/* SPDX-License-Identifier: GPL-2.0 */
#include "cause/paragraph.h"

#include <string.h>

#define LABEL 14	/* columns of the label: "What happens" and blanks */

void fill(FILE *out, const char *text, unsigned int at, unsigned int left, unsigned int width)
{
	while (*text) {
		size_t n = strcspn(text, " ");

		if (at > left && at + 1 + n > width) {
			fprintf(out, "\n%*s", left, "");
			at = left;
		} else if (at > left) {
			fputc(' ', out);
			at++;
		}
		fwrite(text, 1, n, out);
		at += n;
		text += n;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

void paragraph(FILE *out, const char *label, const char *text, unsigned int width)
{
	fprintf(out, "%*s%-*s", PARAGRAPH_INDENT, "", LABEL, label);
	fill(out, text, PARAGRAPH_INDENT + LABEL, PARAGRAPH_INDENT + LABEL, width);
}
