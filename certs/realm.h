/* SPDX-License-Identifier: EUPL-1.2
 *
 * The operator's folder: trust list, operator's key, the authorities, one folder a party. Whoever
 * changes it holds its lock, and nothing is published that trust_load would not accept. */
#ifndef DAFTAR_REALM_H
#define DAFTAR_REALM_H

#include "certs/trust_write.h"

#define LIST_DAYS 90
#define AGREEMENT_DAYS 730
#define USUAL_PURPOSE "BIRTH-TRANSCRIPTION"

struct realm {
	const char *folder;
	int lock;
	struct identity *operator;
	struct trust *trust; /* its validity may have ended: signing it again is the cure */
	/* What is drafted and waits for the officers, NULL: nothing. Not in force. */
	struct trust *pending;
};

#define DRAFT_FILE "trust.draft.xml"

/* Reads what waits for the officers into r->pending. Called by realm_open. */
enum err realm_load_pending(struct realm *r) MUST_USE;
/* All errors have been told (refuse()) when they are returned. */
enum err realm_open(const char *folder, struct realm **out) MUST_USE;
void realm_free(struct realm **r);
/* The authority of a country ("" the realm's own): loaded, or made when there is none. A new one is
 * entered in the draft as an anchor. */
struct authority {
	X509 *cert;
	EVP_PKEY *key;
};
enum err realm_authority(const char *folder, const char *realm, const char *country,
	struct draft *d, struct authority *out) MUST_USE;
void authority_free(struct authority *a); /* for __attribute__((cleanup)) */
/* What the next list is made of: the draft that waits, or else the list in force. */
const struct trust *realm_next(const struct realm *r);
struct draft *realm_draft(const struct realm *r);
/* The party of this code in realm_next. E_UNKNOWN_PARTY, told. */
enum err realm_find(
	const struct realm *r, const char *code, const struct trust_party **out) MUST_USE;
/* Publishes the change where no officer has to approve it; otherwise writes it down, tells what it
 * changes and what to type next. */
enum err realm_change(struct realm *r, struct draft *d, long days) MUST_USE;
/* Does the draft fit together as every party will check it? Told. */
enum err realm_look(const struct draft *d, struct trust **out) MUST_USE;
/* Signs the finished draft, checks it as every party will that knows the list in force, and puts it
 * in its place. */
enum err realm_install(struct realm *r, const struct draft *d) MUST_USE;
/* Signs the draft, checks it as every party will, replaces trust.xml. */
enum err realm_publish(const char *folder, const struct identity *operator, struct draft * d,
	long days, struct trust **out) MUST_USE;

/* How many days a list was signed for: the next one is signed for as many. */
long realm_list_days(const struct trust *t);
/* Where the schemas are; they are loaded once. */
enum err realm_schemas(void) MUST_USE;

bool realm_name_good(const char *name) MUST_USE;
/* One line of 1 to 64 characters of UTF-8 without control characters: what fits O=. */
bool office_name_good(const char *name) MUST_USE;
bool country_good(const char *country) MUST_USE;

/* What a trust list would refuse: a registry without country, a code of another country. Told. */
enum err member_check(const char *code, const char *country, const char *role, const char *name,
	enum role *out) MUST_USE;

#endif
