/* SPDX-License-Identifier: GPL-2.0 */
/* Firewall rules without nft or iptables. */
#ifndef FIREWALL_H
#define FIREWALL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Rejects TCP to this port with a RST at hook (NF_INET_*), in the caller's network namespace; with
 * xtables, by iptables' own target. Returns 0 or a negative errno.
 */
int firewall_reject(bool v6, uint32_t hook, uint16_t port, bool xtables);

/* Rejects it by an ICMP message instead: destination unreachable, with this code. */
int firewall_reject_icmp(bool v6, uint32_t hook, uint16_t port, uint8_t code);

/* Rejects by a RST what comes in by this device, before the host has looked at it. */
int firewall_reject_on(const char *dev, uint16_t port);

/* Drops TCP to this port as it leaves this host. Returns 0 or a negative errno. */
int firewall_drop(bool v6, uint16_t port);

/* Rejects on INPUT, for IPv4, by a table of iptables' own; port 0 removes the table. */
int firewall_reject_legacy(uint16_t port);

/* Sends what comes for this port to another host and port. Returns 0 or a negative errno. */
int firewall_dnat(bool v6, uint16_t port, const char *ip, uint16_t to);

/* Removes what these functions added. */
int firewall_clear(bool v6);

#endif
