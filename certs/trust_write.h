/* SPDX-License-Identifier: EUPL-1.2
 *
 * A trust list being written: started new, or from a list that has been verified, changed piece by
 * piece, and signed as the next version. The order that schemas/trust.xsd wants is kept here. */
#ifndef DAFTAR_TRUST_WRITE_H
#define DAFTAR_TRUST_WRITE_H

#include "lib/trust.h"

struct draft;

/* Version 0 of a new list: the first signed one is 1. */
struct draft *draft_new(const char *realm, const char *operator_name, const uint8_t log_key[32],
	const char *log_name);
/* From the bytes of a verified list. E_NO_TRUST when they cannot be read. */
enum err draft_of(struct bytes list, struct draft **out) MUST_USE;
void draft_free(struct draft **d);

/* Does nothing when the list has this anchor already. A new one demands revocation data as the ones
 * before it do. */
void draft_anchor(struct draft *d, const char *country, X509 *cert);
/* Fresh revocation data is demanded of every anchor, with so many hours of grace (0 to 168). */
void draft_revocation_grace(struct draft *d, long hours);
struct new_party {
	const char *code, *country, *role, *name;
	X509 *sign, *encrypt;
	uint8_t curve[CURVE_KEY_SIZE];
};
void draft_party(struct draft *d, const struct new_party *p);
/* A new id, AGR-<next version>-<number>, which was never used before, is written to `id'. */
void draft_agreement(struct draft *d, const struct party *from, const struct party *to,
	uint32_t actions, const char *const *purpose, size_t n_purpose, int64_t valid_until,
	char id[AGREEMENT_SIZE]);
/* Bits of the kinds of message that a party of role `from' sends to one of role `to' in every
 * realm; 0 when they have nothing to say to each other. */
uint32_t draft_usual_actions(enum role from, enum role to);
/* Revokes every certificate of the party from `at' on, and takes it and every agreement with it
 * out. */
void draft_cut_off(struct draft *d, const struct party *code, int64_t at);

/* Version + 1, issued now, valid for `days'; canonical and signed. */
enum err draft_sign(
	struct draft *d, long days, const struct identity *operator, struct buf * out) MUST_USE;

#endif
