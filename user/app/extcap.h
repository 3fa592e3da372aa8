/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The interface by which Wireshark captures from a program (extcap(4)): it calls rsttrace with an
 * --extcap option to learn what there is, then with --capture and a FIFO to write pcapng into.
 */
#ifndef EXTCAP_H
#define EXTCAP_H

#include <stdio.h>

#include "app/options.h"

enum extcap {
	EXTCAP_NOT,	/* this is no call of Wireshark's; *o is untouched */
	EXTCAP_ANSWERED,
	EXTCAP_CAPTURE,	/* *o says what to trace, and into which FIFO */
	EXTCAP_WRONG,	/* with one line in `why` */
};

/* Answers go to `out`. Strings in *o are borrowed from argv. */
enum extcap extcap_serve(struct options *o, int argc, char **argv, FILE *out, char *why, size_t len);

#endif
