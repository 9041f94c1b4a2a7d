/* SPDX-License-Identifier: EUPL-1.2
 *
 * The message: a clear header without personal data, an encrypted body, one signature. It travels,
 * is stored and is hashed as the same bytes, which are their own exclusive canonical form; its
 * identity is the SHA-256 of those bytes. doc/PROTOCOL.md shows one. */
#ifndef DAFTAR_MESSAGE_H
#define DAFTAR_MESSAGE_H

#include "lib/buf.h"
#include "lib/consent_token.h"
#include "lib/id.h"
#include "lib/keyring.h"

enum action {
#define ACTION(name, word, body) name,
#include "lib/action.def"
#undef ACTION
	ACTION_N
};
const char *action_word(enum action a);
/* The element inside e:Content for that action ("c:TranscriptionRequest"). */
const char *action_body(enum action a);
bool action_parse(const char *word, enum action *out) MUST_USE;

#define REALM_SIZE 32
#define AGREEMENT_SIZE 48
#define PURPOSE_SIZE 32

/* The header, decoded. Everything is of fixed size so that it can cross a process boundary. */
struct header {
	char realm[REALM_SIZE];
	struct id id;
	struct id conversation;
	struct id leg; /* LegRef: another name of the case on each leg, so that legs cannot be
			  joined */
	enum action action;
	struct party from;
	struct party to;
	bool has_on_behalf_of;
	struct party on_behalf_of;
	int64_t created; /* ms UTC */
	int64_t expires;
	int64_t retain_until;
	uint64_t channel_seq; /* per (from, to), rises */
	bool has_ref;	      /* RefTo: the message this one answers, by id and by digest */
	struct id ref;
	struct digest ref_digest;
	char agreement[AGREEMENT_SIZE];
	char purpose[PURPOSE_SIZE];
	bool has_key; /* IdempotencyKey, on CertifiedExtract */
	struct digest key;
	bool has_token; /* ConsentToken; its octets with the signatures are in the message */
	struct consent_token token;
};

/* e:Receipt in clear, the body of an action Receipt: what became of another message. */
enum stage {
#define STAGE(name, word, final) name,
#include "lib/stage.def"
#undef STAGE
	STAGE_N
};
const char *stage_word(enum stage s);
bool stage_parse(const char *word, enum stage *out) MUST_USE;
bool stage_final(enum stage s);

/* Builds, encrypts, pads and signs. `body' is the complete canonical body element with its own
 * namespace declarations (the one that action_body names); the header's copy goes in with it.
 * `to' are the addressee's encryption certificates; E_CERT_EXPIRED when there is none (a trust list
 * leaves out those that have ended). *out is the message to file in the spool. */
enum err message_compose(const struct header *h, struct bytes body, X509 *const *to, size_t n,
	const struct identity *signer, struct buf *out) MUST_USE;
/* The same with a consent token: `token' is the element that h->token was read from, or empty for
 * none. */
enum err message_compose_with(const struct header *h, struct bytes token, struct bytes body,
	X509 *const *to, size_t n, const struct identity *signer, struct buf *out) MUST_USE;
/* The same for a thin line: where that saves a size class, the content goes squeezed
 * (lib/squeeze.h) into the encryption. message_open opens both. */
enum err message_compose_small(const struct header *h, struct bytes token, struct bytes body,
	X509 *const *to, size_t n, const struct identity *signer, struct buf *out) MUST_USE;
/* The same for action Receipt: the body travels clear (codes and digests only). `code' is a word of
 * err.def or a reason code, NULL when all is well. */
enum err message_compose_receipt(const struct header *h, enum stage stage, const char *code,
	const struct identity *signer, struct buf *out) MUST_USE;
/* The same with the newest head of the exchange's log that the signer has verified: a note of
 * lib/loghead.h, or empty for none. */
enum err message_compose_receipt_seeing(const struct header *h, enum stage stage, const char *code,
	struct bytes head, const struct identity *signer, struct buf *out) MUST_USE;
/* The same for action ReconciliationStatement: `body' is the e:ReconciliationStatement that
 * closing.c writes; it travels clear (counts, ids and words only). */
enum err message_compose_statement(const struct header *h, struct bytes body,
	const struct identity *signer, struct buf *out) MUST_USE;

/* Reads the header of bytes that were examined before (no check of signature or schema here).
 * E_MALFORMED. */
enum err message_header(struct bytes message, struct header *out) MUST_USE;
/* The e:ConsentToken element of a message that was examined. False: it has none. */
bool message_token(struct bytes message, struct bytes *element) MUST_USE;
/* Stage and code of a clear e:Receipt body. E_MALFORMED when it is not one. */
enum err message_receipt(struct bytes message, enum stage *stage, char *code, size_t size) MUST_USE;
/* The note in the clear e:Receipt body of a message that was examined. False: there is none. */
bool message_log_head(struct bytes message, struct bytes *note) MUST_USE;
/* Opens the body of an examined message: decrypts, compares the sealed copy of the header with the
 * header outside (E_HEADER_MISMATCH), validates the content and cuts out the body element, a
 * complete canonical document in `body'. E_BODY, E_HEADER_MISMATCH, E_SCHEMA. */
enum err message_open(struct bytes message, const struct identity *who, struct buf *body) MUST_USE;

/* The same after a change of keys: with `who', and what was encrypted to the key before with that;
 * `before' may be NULL. */
enum err message_open_either(struct bytes message, const struct identity *who,
	const struct identity *before, struct buf *body) MUST_USE;

#endif
