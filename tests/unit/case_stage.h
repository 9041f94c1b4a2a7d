/* SPDX-License-Identifier: EUPL-1.2
 *
 * Messages of one case, with its consent token, for the stage of the adapter's core. */
#ifndef DAFTAR_CASE_STAGE_H
#define DAFTAR_CASE_STAGE_H

#include "tests/unit/core_stage.h"

#include "lib/record.h"

/* The case: its request's header, with the token, and the token's octets. */
struct whole_case {
	struct header request;
	struct buf token;
};

static inline void
case_clear(struct whole_case *k)
{
	buf_free(&k->token);
}
#define CASE(name) __attribute__((cleanup(case_clear))) struct whole_case name = {0}

static inline void
case_begin(struct whole_case *k)
{
	k->request = header_for(A_TRANSCRIPTION_REQUEST, OFFICE, KENYA);
	token_give(realm, &k->request, KENYA, SOMALIA, false, &k->token);
}

static inline void
put_in_case(const struct whole_case *k, struct header *h)
{
	h->conversation = k->request.conversation;
	h->has_token = true;
	h->token = k->request.token;
}

static inline void
take_with(const struct header *h, const struct whole_case *k, struct bytes body, enum who from)
{
	X509 *const certs[] = {realm->encrypt[stage.self]->cert};
	OWNED_BUF(message) = {0};
	bool again;

	assert_int_equal(message_compose_with(h, buf_bytes(&k->token), body, certs, 1,
				 realm->sign[from], &message),
		E_OK);
	assert_int_equal(spool_take(stage.spool, buf_bytes(&message), stage.now, &again), E_OK);
	assert_false(again);
}

static inline struct header
extract_of(const struct whole_case *k, const char *number)
{
	struct header h = header_for(A_CERTIFIED_EXTRACT, KENYA, SOMALIA);
	OWNED_BUF(body) = {0};

	put_in_case(k, &h);
	compose_extract(number, KENYA, &body, &h.key);
	take_with(&h, k, buf_bytes(&body), KENYA);
	return h;
}

static inline struct header
request_of(const struct whole_case *k)
{
	OWNED(struct request, r, request_free) = case_hodan();
	OWNED_BUF(body) = {0};

	request_compose(r, &body);
	take_with(&k->request, k, buf_bytes(&body), OFFICE);
	return k->request;
}

/* What says that the case is stopped; `consent' NULL: the case's own. */
static inline struct header
stop_by(const struct whole_case *k, enum who from, const char *purpose, const char *kind,
	const char *consent)
{
	struct header h = header_for(A_CANCELLATION, from, stage.self);
	OWNED(struct cancellation, c, cancellation_free) = cancellation_new();
	OWNED_BUF(body) = {0};
	char id[ID_TEXT_SIZE];

	put_in_case(k, &h);
	strcpy(h.purpose, purpose);
	id_format(&k->request.token.id, id);
	c->kind = kind;
	c->effective = stage.now;
	c->from = h.from.code;
	c->erase = "bodies";
	c->consent = consent != NULL ? consent : id;
	cancellation_compose(c, &body);
	take_with(&h, k, buf_bytes(&body), from);
	return h;
}

static inline struct header
withdrawal_of(const struct whole_case *k)
{
	return stop_by(k, OFFICE, PURPOSE_WITHDRAWAL, "CONSENT-WITHDRAWN", NULL);
}

static inline struct header
hold_of(const struct whole_case *k, enum who from)
{
	return stop_by(k, from, PURPOSE_HOLD, "PROTECTION-HOLD", NULL);
}

static inline struct header
release_of(const struct whole_case *k, enum who from)
{
	return stop_by(k, from, PURPOSE_RELEASE, "PROTECTION-RELEASE", NULL);
}

#endif
