/* SPDX-License-Identifier: EUPL-1.2
 *
 * What comes in for this office: outcomes, questions, a registry's word that it holds a case. For
 * the files of liaison/ that take it, and those that answer. */
#ifndef DAFTAR_LIAISON_INCOMING_H
#define DAFTAR_LIAISON_INCOMING_H

#include "liaison/daftar.h"

/* ---- by action: checks what was taken and keeps what is needed of it; `note' is kept with the
 * entry. Not E_OK: it is rejected with that code, or, where that may pass, waits ---- */
#define NOTE_SIZE 64
enum err outcome_take(struct office *o, const struct in_entry *e, char note[NOTE_SIZE]) MUST_USE;
enum err question_take(struct office *o, const struct in_entry *e, char note[NOTE_SIZE]) MUST_USE;
enum err hold_take(struct office *o, const struct in_entry *e, char note[NOTE_SIZE]) MUST_USE;
/* The body, opened. E_NOT_FOUND: it is not kept any more; E_BODY, ... */
enum err incoming_open(struct office *o, const struct in_entry *e, struct buf *body) MUST_USE;
/* The case that it is of, and that one of its two registries has sent it. E_NOT_FOUND,
 * E_SENDER_MISMATCH; E_IO for this office's own trouble. */
enum err incoming_case(struct office *o, const struct header *h, struct officer_case *out) MUST_USE;

/* ---- questions (liaison/question.c): kept sealed, as "question/CASE/QUESTION" ---- */
struct question {
	struct id conversation;
	unsigned n;	       /* of the case, from 1: NUMBER/n names it */
	struct party from;     /* who asks */
	struct id message;     /* that brought it */
	char id[ID_TEXT_SIZE]; /* QueryId */
	char code[24], answer_by[11];
	char about[256];   /* path, "" where a document is meant */
	char document[32]; /* its kind, or "" */
	char *text;	   /* what it says, or NULL */
	int64_t received;
	/* The answer, when there is one. */
	struct id reply; /* the message */
	struct digest said;
	char answer[12];  /* "" while there is none */
	int64_t answered; /* ms */
};
void question_free(struct question *q);
#define OWNED_QUESTION(name) __attribute__((cleanup(question_free))) struct question name = {.n = 0}
enum err question_keep(struct office *o, const struct question *q) MUST_USE;
/* Of a case, NULL: of all. False ends it. */
typedef bool question_visit(void *context, const struct question *q);
enum err question_each(struct office *o, const struct id *conversation, question_visit *each,
	void *context) MUST_USE;
/* The question that this message brought; E_NOT_FOUND. */
enum err question_find(struct office *o, const struct id *conversation, const struct id *message,
	struct question *out) MUST_USE;
/* Drops the questions whose message is not kept any more and that nobody has to answer. */
enum err question_sweep(struct office *o) MUST_USE;
enum err question_erase(struct office *o, const struct id *conversation) MUST_USE;
/* Its answer has left, or will: there is no more to do about it. */
bool question_is_answered(struct office *o, const struct question *q);
/* For people: what it is about, in words. Lives until the end. */
const char *question_about(const struct question *q);
json_t *question_json(
	struct office *o, const char *number, const struct question *q, bool personal);
void question_say(struct office *o, const char *number, const struct question *q, bool personal);
/* All questions of a case for `track' (personal: with their texts). */
void questions_say(struct office *o, const struct officer_case *c, bool personal);
void questions_put(struct office *o, const struct officer_case *c, bool personal, json_t *j);

#endif
