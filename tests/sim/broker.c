/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftard's loop, as broker/daftard*.c have it: frames go to the exchange, documents to an examiner
 * first, a group ends when the loop has nothing else to do, and after each commit is dispatched
 * what is due. */
#include <stdlib.h>
#include <string.h>

#include "broker/store_lmdb.h"
#include "lib/recon.h"
#include "tests/sim/sim.h"

#define TICK_MS 500
#define STORE_MAP ((size_t)32 << 20)
#define BACKLOG_MAP ((size_t)8 << 30)

static const uint8_t the_store_key[32] = "the key of a store in a test";

/* ---- the group ---- */

static struct store_txn *group(struct node *n);

/* A document that has the id of another, being decided in the open group. */
struct forged {
	struct id id;
	bool answered;
};
static struct forged forged[64];
static size_t n_forged;

static void
group_end(struct node *n)
{
	if (n->txn == NULL)
		return;
	if (exchange_commit(n->exchange, &n->txn) != E_OK)
		n_forged = 0;
	for (size_t i = 0; i < n_forged; i++)
		if (!forged[i].answered)
			broken("conflict missed", "other octets under an id were not refused");
	n_forged = 0;
	exchange_dispatch(n->exchange, node_clock(n), world.now);
}

static void
closes(struct node *n, void *what)
{
	(void)what;
	n->closing = false;
	group_end(n);
}

static struct store_txn *
group(struct node *n)
{
	if (n->txn == NULL)
		n->txn = store_begin(n->store);
	if (!n->closing) {
		n->closing = true;
		after((int64_t)chance(3), n, closes, NULL);
	}
	return n->txn;
}

struct store_txn *
broker_group(struct node *n)
{
	return group(n);
}

/* ---- effects ---- */

static bool
say(void *context, peer_no line, const struct wire *w)
{
	struct node *n = context;
	struct frames f;

	may_die(F_BROKER_SEND);
	saw_frame_from_broker(n, line, w);
	if (w->verb == V_REFUSED && (w->code == E_CONFLICT || w->code == E_NOT_READY))
		for (size_t i = 0; i < n_forged; i++)
			if (id_equal(&forged[i].id, &w->id))
				forged[i].answered = true;
	if (w->verb == V_REFUSED)
		tell("REFUSED line=%llu %s", (unsigned long long)line, err_word(w->code));
	wire_encode(w, &f);
	return network_send(n, line, f.frame, f.n);
}

static void
event(void *context, const char *what, const struct entry *e)
{
	(void)context;
	saw_event(what, e);
}

/* ---- events ---- */

struct paper {
	peer_no line;
	enum seat from;
	bool settles;
	struct id id;
	size_t size;
	uint8_t octet[];
};

static void
examined(struct node *n, void *what)
{
	const struct paper *d = what;
	const struct bytes message = bytes_of(d->octet, d->size);
	struct party peer = party_at(d->from);
	struct verdict v;
	struct entry e;

	thin_examine(message, &peer, NULL, node_clock(n), &v);
	if (strikes(F_EXAMINER)) {
		memset(&v, 0, sizeof v);
		v.magic = VERDICT_MAGIC;
		v.code = E_BUSY;
		(void)!message_header(message, &v.header);
	}
	if (!d->settles && v.code == E_OK && n_forged < ARRAY_LEN(forged) &&
		store_find(n->store, group(n), &peer, &v.header.id, &e) == E_OK &&
		!digest_equal(&e.digest, &v.digest))
		forged[n_forged++] = (struct forged){.id = v.header.id};
	exchange_examined(n->exchange, group(n), d->line, &v, message, d->settles ? &d->id : NULL,
		node_clock(n));
}

static bool
to_examiner(struct node *n, peer_no line, enum seat from, const struct wire *w)
{
	static const struct id none;
	struct header h;
	struct wire refusal = {.verb = V_REFUSED,
		.id = w->verb == V_SETTLED ? w->id : none,
		.code = exchange_hears(n->exchange, group(n), line),
		.retry = true};
	struct paper *d;

	if (refusal.code != E_OK) {
		if (w->verb == V_SUBMIT && message_header(w->body, &h) == E_OK)
			refusal.id = h.id;
		(void)say(n, line, &refusal);
		return refusal.code != E_NOT_READY;
	}
	d = xmalloc(sizeof *d + w->body.size);
	d->line = line;
	d->from = from;
	d->settles = w->verb == V_SETTLED;
	d->id = w->id;
	d->size = w->body.size;
	memcpy(d->octet, w->body.data, w->body.size);
	after(between(1, 10), n, examined, d);
	return true;
}

/* What an examiner has to see first. */
static bool
is_document(const struct wire *w, struct wire *document)
{
	struct recon r;

	*document = *w;
	if (w->verb == V_SUBMIT || w->verb == V_SETTLED)
		return true;
	if (w->verb != V_RECON || recon_decode(w->body, &r) != E_OK || r.kind != RECON_STATEMENT)
		return false;
	*document = (struct wire){.verb = V_SUBMIT, .body = r.payload};
	return true;
}

void
broker_hear(struct node *n, peer_no line, enum seat from, const struct bytes *frame, size_t count)
{
	static const struct id none;
	struct wire w, document, refusal = {.verb = V_REFUSED, .id = none};

	refusal.code = wire_decode(frame, count, 'p', &w);
	if (refusal.code != E_OK) {
		(void)say(n, line, &refusal);
		return;
	}
	tell("%s from=%d line=%llu", verb_word(w.verb), (int)from, (unsigned long long)line);
	if (!is_document(&w, &document) || to_examiner(n, line, from, &document))
		exchange_peer_frames(
			n->exchange, group(n), line, curve_of(from), &w, node_clock(n), world.now);
}

void
broker_line_gone(struct node *n, peer_no line)
{
	exchange_peer_gone(n->exchange, line);
}

static void
ticks(struct node *n, void *what)
{
	(void)what;
	exchange_tick(n->exchange, group(n), node_clock(n), world.now);
	group_end(n);
	after(TICK_MS, n, ticks, NULL);
}

/* ---- start and stop ---- */

void
broker_start(struct node *n)
{
	const struct exchange_effects fx = {.context = n, .send = say, .event = event};
	enum err e = store_open(
		n->folder, world.backlog ? BACKLOG_MAP : STORE_MAP, the_store_key, &n->store);

	if (e == E_STORE_FULL)
		dies(); /* whoever supervises it starts it again */
	if (e != E_OK)
		broken("it starts again without a hand", "store: %s", err_word(e));
	n->exchange = exchange_new(n->store, the_trust, the_signer, n->store, &fx);
	exchange_seed(n->exchange, chance(UINT64_MAX));
	n->closing = false;
	n_forged = 0;
	after(TICK_MS, n, ticks, NULL);
	if (world.store_back)
		ends_restored(n);
	world.store_back = false;
}

enum err
broker_restored(struct node *n)
{
	return store_restored(n->folder, the_store_key);
}

void
broker_stop(struct node *n)
{
	group_end(n);
	exchange_free(&n->exchange);
	store_close(&n->store);
}

/* The exchange's memory goes with the process. */
void
broker_dead(struct node *n)
{
	n->exchange = NULL;
	n->txn = NULL;
	n_forged = 0;
	if (n->store == NULL)
		return;
	struct store_txn *open = n->store->open;

	n->store->reading = false;
	store_abort(&open);
	store_close(&n->store);
}
