/* SPDX-License-Identifier: EUPL-1.2
 *
 * The book of the questions that a registrar has asked, as facts of the spool:
 * "asked/CASE/QUESTION" says who was asked, when, and about which message, without a word about the
 * person; "question/CASE/QUESTION" and "reply/CASE/QUESTION" are the papers themselves, sealed to
 * the registry's own key; "answered/CASE/QUESTION/REPLY" marks that it was. They are kept as long
 * as the message that was asked about, and go with its case. */
#ifndef DAFTAR_ADAPTER_QUESTIONS_H
#define DAFTAR_ADAPTER_QUESTIONS_H

#include "lib/keyring.h"
#include "lib/record.h"
#include "lib/spool.h"

struct asked {
	struct id query;	/* QueryId */
	struct id conversation; /* the case */
	struct party from;	/* the message that it is about: its sender and id */
	struct id entry;
	struct party to; /* who was asked */
	struct id message;
	char code[24], answer_by[11];
	struct digest same; /* of what was asked: the same again is the same question */
	int64_t at;
};
enum err question_keep(struct spool *s, const struct asked *a) MUST_USE;
/* Every question of the case, NULL: of all cases; oldest first within a case. False ends it. */
typedef bool question_visit(void *context, const struct asked *a);
enum err question_each(struct spool *s, const struct id *conversation, question_visit *each,
	void *context) MUST_USE;
/* All that is kept of one question. */
enum err question_drop(struct spool *s, const struct asked *a) MUST_USE;
/* And of all of a case. */
enum err question_erase(struct spool *s, const struct id *conversation) MUST_USE;

/* That it was answered, and by which message of whoever was asked. Finishes work. */
enum err question_mark_answered(
	struct spool *s, const struct asked *a, const struct id *reply) MUST_USE;
bool question_answered(struct spool *s, const struct asked *a, struct in_entry *out) MUST_USE;

enum paper { PAPER_QUESTION, PAPER_REPLY };
enum err paper_keep(struct spool *s, const struct asked *a, enum paper which, X509 *cert,
	struct bytes body) MUST_USE;
/* E_NOT_FOUND; E_BODY when no key of ours opens it. */
enum err paper_read(struct spool *s, const struct asked *a, enum paper which,
	const struct identity *who, const struct identity *before, struct buf *body) MUST_USE;

#endif
