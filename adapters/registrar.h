/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the registrar's verbs share. */
#ifndef DAFTAR_ADAPTER_REGISTRAR_H
#define DAFTAR_ADAPTER_REGISTRAR_H

#include "adapters/daemon.h"

/* The entry that args.id names. E_USAGE, E_NOT_FOUND, E_AMBIGUOUS. */
enum err registrar_find(struct daemon *d, const json_t *args, struct in_entry *out) MUST_USE;
json_t *registrar_entry(const struct in_entry *e);
/* In the ledger, before anything is shown or decided. */
void registrar_note(struct daemon *d, const struct in_entry *e, const char *why);
/* The registry's profile, where its days count for this entry: an extract that waits. NULL: not. */
const struct trust_profile *registrar_profile(const struct daemon *d, const struct in_entry *e);
/* What became of the entry. */
enum err registrar_answer(
	struct daemon *d, struct in_entry *e, enum err result, json_t **data) MUST_USE;

/* ---- adapters/registrar_refile.c ---- */
enum err verb_returned(void *context, const json_t *args, json_t **data) MUST_USE;
enum err verb_refile(void *context, const json_t *args, json_t **data) MUST_USE;

/* ---- adapters/registrar_status.c ---- */
enum err verb_status(void *context, const json_t *args, json_t **data) MUST_USE;

/* ---- questions (adapters/registrar_query.c) ---- */
/* Of an entry that waits: is one open, or answered, and until when; nothing about the person. */
void registrar_put_questions(const struct daemon *d, const struct in_entry *e, json_t *o);
/* All of them, with what was asked and answered. */
void registrar_put_papers(const struct daemon *d, const struct in_entry *e, json_t *o);
enum err verb_query(void *context, const json_t *args, json_t **data) MUST_USE;
enum err verb_reply(void *context, const json_t *args, json_t **data) MUST_USE;

/* ---- scans (adapters/registrar_document.c) ---- */
/* Of a request: which have come. */
void registrar_put_documents(struct daemon *d, const struct in_entry *e, json_t *o);
enum err verb_documents(void *context, const json_t *args, json_t **data) MUST_USE;
enum err verb_document_part(void *context, const json_t *args, json_t **data) MUST_USE;

#endif
