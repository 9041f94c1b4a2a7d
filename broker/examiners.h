/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftard's examiners: a few processes that judge messages side by side. Messages of one connection
 * come out in the order in which they went in; connections take turns, so that one with much to say
 * does not keep the others waiting. An examiner that dies, lies or takes too long over a message is
 * replaced; that message is QUARANTINED, the others behind it are judged again. An examiner that
 * was killed from outside (SIGKILL: an operator, a machine without memory) has proved nothing
 * against its message, which is judged again too, twice. */
#ifndef DAFTAR_EXAMINERS_H
#define DAFTAR_EXAMINERS_H

#include <event2/event.h>

#include "lib/examiner.h"
#include "lib/transport.h"

struct examiners;

/* Not a connection but what is examined once more. */
#define PEER_AGAIN ((peer_no)UINT64_MAX - 1)
/* Nor this: the operator. */
#define PEER_OPERATOR ((peer_no)UINT64_MAX - 2)

struct examiners_handlers {
	void *context;
	/* The first examiner is ready for messages. */
	void (*ready)(void *context);
	/* The first answer to the trust list was no: none will ever be ready. */
	void (*failed)(void *context, enum err why);
	/* A checked verdict. `settles' as it was given, or NULL. Bytes are loans. */
	void (*examined)(void *context, peer_no peer, const struct verdict *v, struct bytes message,
		const struct id *settles);
	/* A checked verdict on what examiners_again was given. */
	void (*again)(void *context, uint64_t seq, const struct verdict *v);
	/* Checked facts about what examiners_revocation was given. */
	void (*revocation)(void *context, peer_no peer, const struct party *by,
		const struct revocation_facts *f, struct bytes der);
};

/* Starts `n' of them with this trust list. E_NOT_FOUND without the program. */
enum err examiners_open(struct event_base *base, size_t n, struct bytes trust_list,
	X509 *operator_cert, const struct examiners_handlers *h, struct examiners **out) MUST_USE;
void examiners_close(struct examiners **x);
/* A newer list, in force for every message that is queued from now on. */
void examiners_trust(struct examiners *x, struct bytes trust_list, X509 *operator_cert);
/* Queues a copy. False when there is no room: for all, for this connection, or because a message of
 * this party was quarantined a moment ago. */
bool examiners_queue(struct examiners *x, peer_no peer, const struct party *party,
	struct bytes message, const struct id *settles) MUST_USE;
/* The same of what seems to stop a case: it goes before everything else. */
bool examiners_queue_stop(struct examiners *x, peer_no peer, const struct party *party,
	struct bytes message) MUST_USE;
/* The same for a message that is in the store under this number, from 1: it is judged once more, as
 * of `when', in a turn of its own. */
bool examiners_again(struct examiners *x, uint64_t seq, const struct party *party,
	struct bytes message, int64_t when) MUST_USE;

/* Revocation data that somebody hands in is checked by one examiner; one of each connection at a
 * time. False: not now. */
bool examiners_revocation(
	struct examiners *x, peer_no peer, const struct party *party, struct bytes der) MUST_USE;
/* It is in force: every examiner is given it before the next message, and so is each that takes the
 * place of another or gets a newer trust list. */
void examiners_keep(struct examiners *x, const struct revocation_facts *f, struct bytes der);
/* For a moment, because a message of this party was quarantined. */
bool examiners_shun(const struct examiners *x, const struct party *party);
bool examiners_have_room(const struct examiners *x, peer_no peer, size_t size);
/* Something of this connection waits or is being judged. */
bool examiners_are_at(const struct examiners *x, peer_no peer);
/* The id of a message that nobody has looked at: the characters where a header has it, if they are
 * one; all zero otherwise. For answers only. */
struct id examiners_probable_id(struct bytes message);
/* Does it say of itself that it stops a case? Nothing of it has been examined. */
bool examiners_probably_stops(struct bytes message);
/* The connection is gone: what it has waiting is dropped. */
void examiners_forget(struct examiners *x, peer_no peer);

struct examiners_figures {
	size_t waiting;	      /* messages not yet judged */
	uint64_t judged;      /* since start */
	uint64_t quarantined; /* of these, without a verdict */
	unsigned starts;
};
void examiners_figures(const struct examiners *x, struct examiners_figures *out);
/* The i-th process; 0 while it is being started again. */
pid_t examiners_pid(const struct examiners *x, size_t i);
size_t examiners_count(const struct examiners *x);

#endif
