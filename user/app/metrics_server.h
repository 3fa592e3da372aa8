/* SPDX-License-Identifier: GPL-2.0 */
/* Serves metrics by HTTP. It has no thread, but is run by the loop between two reads of events. */
#ifndef METRICS_SERVER_H
#define METRICS_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct metrics_server;

/* Writes the metrics of this moment. */
typedef void (*metrics_fn)(void *ctx, FILE *out, bool open_metrics);

/*
 * Listens on "PORT" of loopback or on "ADDR:PORT" ("[ADDR]:PORT" with IPv6). Returns 0, or -1 with
 * one line in `why`.
 */
int metrics_server_open(struct metrics_server **out, const char *where, metrics_fn fn, void *ctx,
			char *why, size_t len);

/* NULL is allowed. */
void metrics_server_close(struct metrics_server *s);

/* Readable when the server has something to do. -1 for NULL, which poll() ignores. */
int metrics_server_fd(const struct metrics_server *s);

/* In how many ns a timeout is due, even if nothing becomes readable; UINT64_MAX: never. NULL is allowed. */
uint64_t metrics_server_wait(const struct metrics_server *s);

/* Does whatever is due, without waiting. NULL is allowed. */
void metrics_server_run(struct metrics_server *s);

#endif
