/* SPDX-License-Identifier: EUPL-1.2
 *
 * Consents in the officer's tool: kept, looked up, put under requests, withdrawn. For the files of
 * liaison/ that deal with cases. */
#ifndef DAFTAR_LIAISON_CONSENT_H
#define DAFTAR_LIAISON_CONSENT_H

#include "liaison/daftar.h"

/* ---- a case file and the rules (liaison/check.c) ---- */
struct case_file {
	struct request *request;
	json_t *consents; /* the objects, as they stand in the file or are kept */
};
void case_file_free(struct case_file *f);
#define OWNED_CASE_FILE(name)                                                                      \
	__attribute__((cleanup(case_file_free))) struct case_file name = {.request = NULL}
/* Read and checked by all rules but that of the second officer, or an ending that was told. */
enum ending case_file_load(struct office *o, const char *path, struct case_file *f) MUST_USE;
/* The same of a text that is in memory, telling nobody: what is wrong is blamed (blame_take). */
enum err case_text_load(struct office *o, const struct buf *text, struct case_file *f) MUST_USE;
/* The same of an object that is no text yet; consents stand in it afterwards where ids were. */
enum err case_object_load(struct office *o, json_t *root, struct case_file *f) MUST_USE;
/* A case of it with this label, its numbers (unless it has one) and its text; nothing is kept.
 * (liaison/request.c) */
enum err case_begin(struct office *o, const struct case_file *f, const char *label,
	struct bytes body, struct officer_case *c) MUST_USE;
/* Do text and value of its dates say the same? Problems as lines, "path: sentence" (E_INPUT); what
 * somebody should only look at is told (look_again). */
enum err check_dates(const struct request *r, struct buf *problems) MUST_USE;
/* What fear alone forbids, of a request of which only kind, registries and finding are known. */
enum err check_fear(const struct office *o, const struct request *r) MUST_USE;
enum err check_rules(const struct office *o, const struct request *r) MUST_USE;
/* One consent by itself: its destination, and by which right it was given. */
enum err check_consent(const struct office *o, const struct consent *c) MUST_USE;
/* Has a second officer signed where one has to? `c' is the case that is kept, NULL: none. */
enum err check_clearance(
	const struct office *o, const struct request *r, const struct officer_case *c) MUST_USE;
/* The same, telling nobody. */
bool clearance_is_given(
	const struct office *o, const struct request *r, const struct officer_case *c);
/* What is missing of it: the signature on the officer's finding, the one on the token. */
bool finding_waits(const struct office *o, const struct request *r);
bool road_needs_clearance(const struct office *o, const struct request *r);
enum ending check_fail(enum err e, const char *safe, const char *what) MUST_USE;
void blame_lines(const struct buf *problems);

/* ---- what is sent (liaison/compose.c) ---- */
/* Reads the case's token. False: it has none. */
bool case_token(const struct officer_case *c, struct consent_token *out);
/* Gives a draft its token; one that a second officer has signed stays. */
enum err case_grant(struct office *o, struct officer_case *c) MUST_USE;
/* Gives the case a token that a Cancellation can carry: where it has none here, since another copy
 * of the office may have sent it, and where the one that it has is signed by a certificate of
 * before. Its id is that of the case's. */
enum err case_grant_stop(struct office *o, struct officer_case *c) MUST_USE;
/* A draft by its number, that may be filed as it stands; told when not. (liaison/request.c) */
enum ending request_of_number(struct office *o, const char *typed, struct officer_case *c) MUST_USE;
/* What `request sign' has made of it, while it still holds: E_NOT_FOUND otherwise. (liaison/sign.c)
 */
enum err signed_get(struct office *o, const struct officer_case *c, struct buf *out) MUST_USE;
enum err signed_drop(struct office *o, const char *number) MUST_USE;
/* What the wizard was answered under this number is not needed any more. (liaison/draft.c) */
enum err draft_done(struct office *o, const char *number) MUST_USE;
enum err compose_request(struct office *o, struct officer_case *c, struct buf *out) MUST_USE;
/* The same where the case's text has just been made of `r'; *h is the message's header. */
enum err compose_request_of(struct office *o, struct officer_case *c, const struct request *r,
	struct header *h, struct buf *out) MUST_USE;
/* The Cancellation of c->stop[kind] for one of the two registries. E_NO_AGREEMENT, E_UNKNOWN_PARTY
 * when there is no way to it any more. */
enum err compose_stop(struct office *o, const struct officer_case *c, enum stop_kind kind,
	bool to_holder, struct buf *out) MUST_USE;

/* The answer to a question that came with `asked', as message `id', under the case's consent.
 * E_NO_AGREEMENT, E_UNKNOWN_PARTY, E_CONSENT_EXPIRED, ... */
/* A part of a scan, behind the request: h->id is chosen, the rest of *h is filled in. */
enum err compose_attachment(struct office *o, const struct officer_case *c, struct header *h,
	struct bytes body, struct buf *out) MUST_USE;
enum err compose_reply(struct office *o, const struct officer_case *c, const struct in_entry *asked,
	const struct id *id, struct bytes body, struct buf *out) MUST_USE;

/* ---- consents that are kept (liaison/consent.c) ---- */
struct kept_consent {
	char id[ID_TEXT_SIZE];
	json_t *paper;		     /* the object, as in a case file */
	int64_t recorded, withdrawn; /* ms UTC; withdrawn 0: it is not */
	char channel[32];	     /* by which it was withdrawn */
};
void kept_consent_free(struct kept_consent *k);
#define OWNED_CONSENT(name)                                                                        \
	__attribute__((cleanup(kept_consent_free))) struct kept_consent name = {.paper = NULL}
/* A text of the paper, "" when it is not there. */
const char *kept_text(const struct kept_consent *k, const char *key);
const char *kept_state(const struct kept_consent *k); /* "valid", "expired", "withdrawn" */
enum err kept_find(struct office *o, const char *id, struct kept_consent *out) MUST_USE;
enum err kept_save(struct office *o, const struct kept_consent *k) MUST_USE;
typedef bool kept_visit(void *context, const struct kept_consent *k);
enum err kept_each(struct office *o, kept_visit *each, void *context) MUST_USE;
/* Puts the kept consents in the place of ids in a case file, which may be NULL for what is none.
 * *list is what the file then holds. E_NOT_FOUND, E_CONSENT_WITHDRAWN, E_CONFLICT (another consent
 * is kept under that id). */
enum err consents_fill_in(struct office *o, json_t *root, json_t **list) MUST_USE;
/* Keeps those that are not kept yet, and notes them with the case. */
enum err consents_keep(struct office *o, const json_t *list, struct officer_case *c) MUST_USE;
/* E_CONSENT_WITHDRAWN when one that the case rests on is. */
enum err consents_stand(struct office *o, const struct officer_case *c) MUST_USE;

/* ---- drafts (liaison/request.c) ---- */
/* The case of this paper: the one there is (*again), or a new draft, under the number of `as' where
 * that is not NULL. Or an ending that was told. */
enum ending case_keep(struct office *o, const struct case_file *f, const char *label,
	const struct id *as, struct officer_case *c, bool *again) MUST_USE;
/* Tells that it is kept, and what comes next. */
enum ending case_kept(struct office *o, const struct case_file *f, const struct officer_case *c,
	bool again) MUST_USE;
/* `request new' at a terminal (liaison/wizard.c). */
enum ending wizard_run(const struct options *options) MUST_USE;

/* ---- stopping a case (liaison/stop.c) ---- */
/* Stops it, or lets it go on; `reason' (of the list cancellation, "" otherwise) is why a case is
 * cancelled whose consent stands. The same again files what was not filed or not taken. Under
 * case_lock, and in a spool_group, so that no consent is withdrawn whose cases go on. */
enum err case_stop(struct office *o, struct officer_case *c, enum stop_kind kind,
	const char *channel, const char *reason) MUST_USE;
/* Whatever was stopped in this copy of the office, before it was known that it goes on for another
 * one which may have filed more: says so to everybody. */
enum err cases_stop_again(struct office *o) MUST_USE;
/* What has become of it at one of the two registries. */
enum reach_kind {
	REACH_WAITING,
	REACH_SENT,
	REACH_DONE,    /* the registry says so */
	REACH_DENIED,  /* the registry says that it had nothing */
	REACH_NOTHING, /* the exchange says that it had passed nothing on */
	REACH_LATE,
	REACH_NO_ROAD,
	REACH_FAILED
};
struct reached {
	struct party party;
	enum reach_kind kind;
	bool open; /* its answer is still to come */
	const char *word, *sentence;
	char code[32];
};
struct reached case_reached(
	struct office *o, const struct officer_case *c, enum stop_kind kind, bool holder);

/* ---- what a person typed (liaison/consent_record.c) ---- */
bool is_consent_id(const char *typed);
enum ending consent_of_argument(
	struct office *o, const char *typed, struct kept_consent *out) MUST_USE;

/* ---- commands ---- */

#endif
