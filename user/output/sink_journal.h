/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SINK_JOURNAL_H
#define SINK_JOURNAL_H

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

/* What every entry about a reset has, for journalctl MESSAGE_ID=...; never to be changed. */
#define JOURNAL_MESSAGE_ID "ab5df5abf9ad46fd9882a6d37726a88d"

#endif
