/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the commands of daftar-pki share: the options they were given, and one way to refuse. A
 * command returns E_OK or what refuse() returned; the program then ends with status 0 or 1 (2 when
 * the command line itself is not understood). */
#ifndef DAFTAR_PKI_H
#define DAFTAR_PKI_H

#include "lib/base.h"

enum option {
	OPT_NAME,
	OPT_PARTY,
	OPT_COUNTRY,
	OPT_ROLE,
	OPT_REQUEST,
	OPT_ANSWER,
	OPT_FINGERPRINT,
	OPT_OPERATOR_FINGERPRINT,
	OPT_OPERATOR,
	OPT_FROM,
	OPT_TO,
	OPT_ACTION,
	OPT_PURPOSE,
	OPT_FIELD,
	OPT_CONSENT,
	OPT_NO_CONSENT,
	OPT_CLEARANCE,
	OPT_ALSO_TO,
	OPT_INSTEAD,
	OPT_TIER,
	OPT_NEED,
	OPT_DECISION_DAYS,
	OPT_TACIT_DAYS,
	OPT_PROVISION,
	OPT_ASSENT_AGE,
	OPT_DAYS,
	OPT_REVOCATION_GRACE,
	OPT_OFFICER,
	OPT_APPROVALS,
	OPT_YES,
	OPT_CERT,
	OPT_RENEW,
	OPT_EXPIRING,
	OPT_TAKE,
	OPT_TOKEN,
	OPT_OUT,
	OPT_JSON,
	OPT_FORCE,
	OPT_HELP,
	OPT_N
};

#define OPTION_VALUES 32 /* of one option that may be repeated */

struct options {
	const char *argument[2];
	struct {
		const char *value[OPTION_VALUES];
		size_t n;
	} given[OPT_N];
};

/* The option's (first) value, NULL when it was not given. */
const char *option_value(const struct options *o, enum option which);
bool option_given(const struct options *o, enum option which);
/* --days, checked when the command line was read. */
long option_days(const struct options *o, long fallback);

/* Text that lives as long as the program. */
const char *say(const char *fmt, ...) PRINTF(1, 2);

/* Tells a person on standard error what happened, what is still safe and what to type next
 * (`next' may be NULL), with the code's word, and returns the code. */
enum err refuse(enum err code, const char *what, const char *safe, const char *next) MUST_USE;

/* For reading over a telephone: the first 32 hex digits of a digest, in groups of four. */
#define FINGERPRINT_SIZE 40
struct digest;
void fingerprint_format(const struct digest *d, char out[FINGERPRINT_SIZE]);
/* Is `typed' (any case; spaces, colons and dashes are skipped; at least 32 digits) the beginning of
 * the digest? */
bool fingerprint_fits(const struct digest *d, const char *typed) MUST_USE;
/* The fingerprint that was given fits, or a person at the terminal says that it does. `whose' names
 * the thing, `next' is the command line to type once it has been compared. E_STATE otherwise. */
enum err fingerprint_check(
	const struct digest *d, const char *typed, const char *whose, const char *next) MUST_USE;

/* Every path that the option was given names particulars of an extract. E_INPUT, told. */
enum err paths_check(const struct options *o, enum option which) MUST_USE;

/* The commands, each in the file of its name. */
enum err pki_realm(const struct options *o) MUST_USE;
enum err pki_request(const struct options *o) MUST_USE;
enum err pki_enrol(const struct options *o) MUST_USE;
enum err pki_accept(const struct options *o) MUST_USE;
enum err pki_agree(const struct options *o) MUST_USE;
enum err pki_resign(const struct options *o) MUST_USE;
enum err pki_profile(const struct options *o) MUST_USE;
enum err pki_revoke(const struct options *o) MUST_USE;
enum err pki_crl(const struct options *o) MUST_USE;
enum err pki_officer(const struct options *o) MUST_USE;
enum err pki_officers(const struct options *o) MUST_USE;
enum err pki_approve(const struct options *o) MUST_USE;
enum err pki_publish(const struct options *o) MUST_USE;
enum err pki_renew(const struct options *o) MUST_USE;
enum err pki_retire(const struct options *o) MUST_USE;
enum err pki_pair(const struct options *o) MUST_USE;
enum err pki_show(const struct options *o) MUST_USE;
/* certs/keys.c */
enum err pki_save_keys(const struct options *o) MUST_USE;
enum err pki_restore_keys(const struct options *o) MUST_USE;

#endif
