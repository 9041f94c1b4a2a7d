/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who may connect to the gate, and how often: the keys of the trust list, those that are shut out
 * for a while, and how many connections a key and an address may make. Times are monotonic
 * milliseconds that the caller gives; nothing here grows with what strangers do. */
#ifndef DAFTAR_ADMISSION_H
#define DAFTAR_ADMISSION_H

#include "lib/keyring.h"

#define ADDRESS_SIZE 16 /* IPv6, or IPv4 as IPv6 writes it */

struct admission;
enum admitted { ADMITTED_NO, ADMITTED_LATER, ADMITTED_YES };

struct admission *admission_new(void);
void admission_free(struct admission **a);
/* The keys from now on. Those that stay keep what is known of them. */
void admission_set(struct admission *a, const uint8_t (*keys)[CURVE_KEY_SIZE], size_t n);
/* Whether this key may be heard: it is in the list and not shut out. */
bool admission_hears(const struct admission *a, const uint8_t key[CURVE_KEY_SIZE], int64_t now);
/* A new connection of this key. LATER: shut out for a while, too many of late, or no list was told
 * yet. A key may make 20 at once and then 2 a second. */
enum admitted admission_ask(
	struct admission *a, const uint8_t key[CURVE_KEY_SIZE], int64_t now) MUST_USE;
/* Shuts the key out: for a minute, and twice as long as the last time when that was within a day,
 * up to an hour. The time in ms; 0 when the key is not in the list. */
int64_t admission_ban(struct admission *a, const uint8_t key[CURVE_KEY_SIZE], int64_t now);
/* False when this address makes too many connections: 200 at once, then 100 a second. Of addresses
 * 1,024 are remembered, IPv6 by their network of 64 bits. */
bool admission_address(
	struct admission *a, const uint8_t address[ADDRESS_SIZE], int64_t now) MUST_USE;

#endif
