/* SPDX-License-Identifier: GPL-2.0 */
/* Firewall rules without nft or iptables. */
#ifndef FIREWALL_H
#define FIREWALL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Has TCP to this port rejected with a reset at hook (NF_INET_*), in the
 * caller's network namespace; by iptables' own target if xtables. Returns 0 or
 * a negative errno.
 */
int firewall_reject(bool v6, uint32_t hook, uint16_t port, bool xtables);

/* The same by an ICMP message: destination unreachable, with this code. */
int firewall_reject_icmp(bool v6, uint32_t hook, uint16_t port, uint8_t code);

/* The same for what comes in by this device, before the host has looked at it. */
int firewall_reject_on(const char *dev, uint16_t port);

/* Has TCP to this port dropped as it leaves this host. Returns as the former. */
int firewall_drop(bool v6, uint16_t port);

/* Rejects for IPv4 on INPUT, by a table of iptables' own; port 0 removes it. */
int firewall_reject_legacy(uint16_t port);

/* Has what comes for this port go to another one of another host. Returns as the former. */
int firewall_dnat(bool v6, uint16_t port, const char *ip, uint16_t to);

/* Removes what these added. */
int firewall_clear(bool v6);

#endif
