/* SPDX-License-Identifier: EUPL-1.2
 *
 * A trust list being written: started new, or from a list that has been verified, changed piece by
 * piece, and signed as the next version. Where officers must approve it is written down unsigned in
 * between. The order that schemas/trust.xsd wants is kept here. */
#ifndef DAFTAR_TRUST_WRITE_H
#define DAFTAR_TRUST_WRITE_H

#include <libxml/tree.h>

#include "lib/trust.h"

struct draft;

/* Version 0 of a new list: the first signed one is 1. */
struct draft *draft_new(const char *realm, const char *operator_name, const uint8_t log_key[32],
	const char *log_name);
/* From the bytes of a verified list. E_NO_TRUST when they cannot be read. */
enum err draft_of(struct bytes list, struct draft **out) MUST_USE;
/* From a draft that was written down: its approvals are dropped, and it is to follow `version'. */
enum err draft_again(struct bytes plain, uint64_t version, struct draft **out) MUST_USE;
/* The same with its approvals, to be looked at, approved or signed. */
enum err draft_read(struct bytes plain, struct draft **out) MUST_USE;
void draft_free(struct draft **d);
xmlNode *draft_root(const struct draft *d); /* a loan */

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
struct new_agreement {
	struct party from, to;
	uint32_t actions;
	const char *const *purpose;
	size_t n_purpose;
	const char *const *field; /* n 0: no list of particulars */
	size_t n_field;
	bool consent_required, clearance_required;
	const char *const *also; /* party codes */
	size_t n_also;
	int64_t valid_until;
};
/* A new id, AGR-<next version>-<number>, which was never used before, is written to `id'. */
void draft_agreement(struct draft *d, const struct new_agreement *g, char id[AGREEMENT_SIZE]);
/* Takes an agreement out; false: there is none of this id. */
bool draft_end_agreement(struct draft *d, const char *id);
/* Bits of the kinds of message that a party of role `from' sends to one of role `to' in every
 * realm; 0 when they have nothing to say to each other. */
uint32_t draft_usual_actions(enum role from, enum role to);
/* Does what they send tell of a person, so that it needs a consent token? */
bool draft_usual_consent(enum role from, enum role to);
/* Texts as the schema wants them; NULL: not said. In the place of what the party said before. */
struct new_profile {
	const char *tier, *decision_days, *tacit_days, *provision, *assent_age;
	const char *const *need;
	size_t n_need;
};
void draft_profile(struct draft *d, const struct party *code, const struct new_profile *p);
/* Revokes every certificate of the party from `at' on, and takes it and every agreement with it
 * out. */
void draft_cut_off(struct draft *d, const struct party *code, int64_t at);

/* New keys of a party of the list, behind those that it has. */
void draft_renew(struct draft *d, const struct party *code, X509 *sign, X509 *encrypt,
	const uint8_t curve[CURVE_KEY_SIZE]);
/* Takes out the certificate or CURVE key of the party whose digest fits what was typed; a
 * certificate is revoked from `at' on. The last of its kind stays. */
enum retired { RETIRED, NOT_THERE, LAST_ONE };
enum retired draft_retire(struct draft *d, const struct party *code, const char *print,
	bool (*fits)(const struct digest *d, const char *typed), int64_t at) MUST_USE;

/* These officers and no others, of whom so many must approve a change; n 0: none. */
struct new_officer {
	const char *name;
	X509 *cert;
};
void draft_officers(struct draft *d, const struct new_officer *officer, size_t n, size_t approvals);
bool draft_has_officers(const struct draft *d);

/* Version + 1, issued now, valid for `days': nothing else may be changed afterwards. */
void draft_finish(struct draft *d, long days);
/* Adds an approval to a finished draft; one by the same officer is replaced. */
void draft_approve(struct draft *d, const struct digest *officer, struct bytes value);
/* What an officer signs. */
enum err draft_approved(const struct draft *d, struct buf *out) MUST_USE;
/* The canonical octets as they are. */
enum err draft_plain(const struct draft *d, struct buf *out) MUST_USE;
enum err draft_sign(
	const struct draft *d, const struct identity *operator, struct buf * out) MUST_USE;

#endif
