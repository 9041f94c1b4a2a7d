/* SPDX-License-Identifier: EUPL-1.2
 *
 * Scans of a case: kept sealed with its draft, cut into messages when the request is filed, and how
 * far each has come. Facts of the spool: "attachment/CASE/DIGEST" is a scan, "attachment-part/.."
 * are its octets as long as nothing of it is filed; both sealed. */
#ifndef DAFTAR_LIAISON_SCANS_H
#define DAFTAR_LIAISON_SCANS_H

#include "liaison/daftar.h"

#define SCANS_MAX 16 /* files of a case */

struct scan {
	struct id conversation;
	char digest[DIGEST_TEXT_SIZE], kind[32], media_type[32];
	size_t size;
	bool filed;	 /* its parts are messages of the outbox */
	struct id first; /* what the parts' ids are made of; chosen once */
	int64_t at;
};

/* ---- what the papers of a case name ---- */
struct case_document {
	char digest[DIGEST_TEXT_SIZE], kind[32], media_type[32];
};
/* Notes them in the case, which the caller saves. */
void case_names(struct officer_case *c, const struct document *list);
bool case_document_find(
	const struct officer_case *c, const char *digest, struct case_document *out) MUST_USE;

/* ---- keeping and filing, under case_lock ---- */
enum err scan_find(struct office *o, const struct id *conversation, const char *digest,
	struct scan *out) MUST_USE;
/* With a draft. E_STATE: the case has 16 already. */
enum err scans_may_be_more(struct office *o, const struct id *conversation) MUST_USE;
enum err scan_keep(struct office *o, const struct scan *s, struct bytes file) MUST_USE;
/* As messages behind the request, all of them or none. */
enum err scan_file(
	struct office *o, const struct officer_case *c, struct scan *s, struct bytes file) MUST_USE;
/* Those that were kept with the draft, now that it is filed; again where that was broken off. */
enum err scans_file_kept(struct office *o, const struct officer_case *c) MUST_USE;
/* The same of all cases, for whoever is about to send. */
enum err scans_resume(struct office *o) MUST_USE;
/* What is kept of them here; their messages are not touched. */
enum err scans_erase(struct office *o, const struct id *conversation) MUST_USE;
/* Takes back the parts of a request that has never left. */
enum err scans_take_back(struct office *o, const struct id *conversation) MUST_USE;

/* ---- how far they are ---- */
struct scan_progress {
	unsigned of, sent, there; /* accepted by the exchange; settled by the registry */
	unsigned waiting;	  /* still to be sent */
	enum err code;		  /* why a part was not taken, E_OK: none was refused */
	char reason[32];	  /* the registry's */
};
void scan_progress(struct office *o, const struct scan *s, struct scan_progress *out);
/* Of a case, NULL: of all. False ends it. */
typedef bool scan_visit(void *context, const struct scan *s);
enum err scan_each(
	struct office *o, const struct id *conversation, scan_visit *each, void *context) MUST_USE;
/* Lines for people: of a case; of everything that waits, and how many that are. */
void scans_say(struct office *o, const struct officer_case *c);
size_t scans_say_waiting(struct office *o);
/* The same as "scans". */
void scans_put(struct office *o, const struct officer_case *c, json_t *j);

#endif
