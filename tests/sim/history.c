/* SPDX-License-Identifier: EUPL-1.2
 *
 * What was promised to whom. Each message that somebody may have filed has a record here; what the
 * spools, the broker's effects and the registers do is compared with it as it happens, and once
 * more when everything was healed and had its time. The first promise that is broken ends the run.
 *
 * Spools are watched at the calls of spool.h (the linker's --wrap), so what is recorded is what was
 * durable when the call returned. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

#define SLOTS 4096

struct record {
	struct record *next;
	struct header header;
	struct digest digest;
	bool maybe, filed;  /* begun, and durable */
	uint64_t order;	    /* of filing */
	bool left;	    /* octets under this id have been on the line */
	bool sent;	    /* its sender holds a receipt */
	bool taken, took;   /* its addressee may have it, and has said so */
	enum stage reached; /* as the broker announced it */
	uint8_t receipts;   /* bit n: a receipt of stage n was sent */
	struct digest receipt[STAGE_N];
	uint64_t notice[STAGE_N];
};

static struct record *slots[SLOTS];
static uint64_t last_order;

void
history_begin(void)
{
	for (size_t i = 0; i < SLOTS; i++)
		for (struct record *r = TAKE(slots[i]), *next; r != NULL; r = next) {
			next = r->next;
			free(r);
		}
	last_order = 0;
	consents_begin();
	ends_begin();
}

static struct record **
slot_of(const struct party *from, const struct id *id)
{
	return &slots[(id->octet[14] << 8 | id->octet[15]) % SLOTS ^ (size_t)(from->code[0] & 7)];
}

static struct record *
record_of(const struct party *from, const struct id *id)
{
	for (struct record *r = *slot_of(from, id); r != NULL; r = r->next)
		if (id_equal(&r->header.id, id) && party_equal(&r->header.from, from))
			return r;
	return NULL;
}

static const char *
short_id(const struct id *id)
{
	static char text[4][ID_TEXT_SIZE];
	static unsigned i;
	char *t = text[i++ % 4];

	id_format(id, t);
	return t + 24;
}

/* ---- filing ---- */

/* Its spool is an old copy that lost it before one octet of it had left: nobody else can know it,
 * and whoever files it again, with another date, makes the only one there is. */
static bool
is_unheard_of(struct spool *s, const struct record *r)
{
	struct out_entry there;

	return world.rewound && !r->left &&
	       spool_out(s, &r->header.id, &there, NULL) == E_NOT_FOUND;
}

static void
filing(struct spool *s, struct bytes message, bool durable)
{
	struct record *r, **slot;
	struct header h;
	struct digest d;

	if (message_header(message, &h) != E_OK)
		return;
	consents_filed(&h);
	digest_of(message.data, message.size, &d);
	r = record_of(&h.from, &h.id);
	if (r == NULL) {
		r = xcalloc(1, sizeof *r);
		slot = slot_of(&h.from, &h.id);
		r->next = *slot;
		*slot = r;
	}
	if (r->filed && !is_unheard_of(s, r))
		return;
	r->header = h;
	r->digest = d;
	r->maybe = true;
	r->filed = durable;
	if (!durable)
		return;
	r->order = ++last_order;
	world.filed++;
	tell("filed ..%s %s to=%s", short_id(&h.id), action_word(h.action), h.to.code);
}

enum err __real_spool_file(struct spool *s, struct bytes message, int64_t now);
enum err __wrap_spool_file(struct spool *s, struct bytes message, int64_t now);
enum err
__wrap_spool_file(struct spool *s, struct bytes message, int64_t now)
{
	enum err e;

	filing(s, message, false);
	e = __real_spool_file(s, message, now);
	if (e == E_OK)
		filing(s, message, true);
	return e;
}

void
saw_frames_leave(const struct bytes *frame, size_t count)
{
	struct record *r;
	struct header h;
	struct wire w;

	if (wire_decode(frame, count, 'p', &w) != E_OK || w.verb != V_SUBMIT ||
		message_header(w.body, &h) != E_OK)
		return;
	r = record_of(&h.from, &h.id);
	if (r != NULL)
		r->left = true;
}

/* Its addressee has ended it. */
static void
settled(const struct spool_done *in)
{
	const struct record *r = record_of(&in->from, &in->id);
	enum stage stage;
	char code[32];

	if (r != NULL && message_receipt(in->receipt, &stage, code, sizeof code) == E_OK)
		consents_settled(acting->place, &r->header, stage, code);
}

enum err __real_spool_file_all(struct spool *s, const struct bytes *message, size_t n,
	const struct spool_done *in, int64_t now);
enum err __wrap_spool_file_all(struct spool *s, const struct bytes *message, size_t n,
	const struct spool_done *in, int64_t now);
enum err
__wrap_spool_file_all(struct spool *s, const struct bytes *message, size_t n,
	const struct spool_done *in, int64_t now)
{
	enum err e;

	for (size_t i = 0; i < n; i++)
		filing(s, message[i], false);
	e = __real_spool_file_all(s, message, n, in, now);
	for (size_t i = 0; i < n && e == E_OK; i++)
		filing(s, message[i], true);
	if (e == E_OK && in != NULL)
		settled(in);
	return e;
}

/* ---- what the sender is told ---- */

enum err __real_spool_sent(struct spool *s, const struct id *id, struct bytes receipt, int64_t now);
enum err __wrap_spool_sent(struct spool *s, const struct id *id, struct bytes receipt, int64_t now);
enum err
__wrap_spool_sent(struct spool *s, const struct id *id, struct bytes receipt, int64_t now)
{
	const struct party self = party_at(acting->place);
	enum err e = __real_spool_sent(s, id, receipt, now);
	struct record *r = record_of(&self, id);

	if (e == E_OK && r == NULL)
		broken("phantom", "a receipt for ..%s, which was never filed", short_id(id));
	if (e == E_OK)
		r->sent = true;
	return e;
}

enum err __real_spool_notice(struct spool *s, uint64_t number, const struct statement *what,
	struct bytes receipt, struct bytes addressee_receipt, int64_t now);
enum err __wrap_spool_notice(struct spool *s, uint64_t number, const struct statement *what,
	struct bytes receipt, struct bytes addressee_receipt, int64_t now);
enum err
__wrap_spool_notice(struct spool *s, uint64_t number, const struct statement *what,
	struct bytes receipt, struct bytes addressee_receipt, int64_t now)
{
	enum err e = __real_spool_notice(s, number, what, receipt, addressee_receipt, now);
	struct record *r = record_of(&what->from, &what->id);

	if (e != E_OK || r == NULL || what->stage == ST_CONFLICT)
		return e;
	ends_told(what);
	if (!world.rewound && r->notice[what->stage] != 0 && r->notice[what->stage] != number)
		broken("sender told twice", "..%s %s as notice %llu and %llu", short_id(&what->id),
			stage_word(what->stage), (unsigned long long)r->notice[what->stage],
			(unsigned long long)number);
	r->notice[what->stage] = number;
	return e;
}

/* ---- taking ---- */

/* Was a later one of its sender, its addressee and its conversation taken before it? What stops a
 * case overtakes. */
static bool
comes_late(const struct record *r)
{
	if (r->header.action == A_CANCELLATION)
		return false;
	for (size_t i = 0; i < SLOTS; i++)
		for (const struct record *o = slots[i]; o != NULL; o = o->next)
			if (o->took && o->order > r->order && o->header.action != A_CANCELLATION &&
				id_equal(&o->header.conversation, &r->header.conversation) &&
				party_equal(&o->header.from, &r->header.from) &&
				party_equal(&o->header.to, &r->header.to))
				return true;
	return false;
}

static void
taken(struct bytes message)
{
	struct record *r;
	struct header h;
	struct digest d;

	if (message_header(message, &h) != E_OK)
		return;
	if (world.backlog) {
		backlog_taken(&h);
		return;
	}
	digest_of(message.data, message.size, &d);
	r = record_of(&h.from, &h.id);
	if (r == NULL || !r->maybe)
		broken("phantom", "..%s was taken and never filed", short_id(&h.id));
	if (!digest_equal(&d, &r->digest))
		broken("payload mismatch", "..%s", short_id(&h.id));
	world.delivered++;
	if (acting->retired)
		return; /* fenced off as soon as it says so */
	if (!world.rewound && r->filed && comes_late(r))
		broken("order broken within a conversation", "..%s came late", short_id(&h.id));
	r->took = true;
}

enum err __real_spool_take(struct spool *s, struct bytes message, int64_t now, bool *again);
enum err __wrap_spool_take(struct spool *s, struct bytes message, int64_t now, bool *again);
enum err
__wrap_spool_take(struct spool *s, struct bytes message, int64_t now, bool *again)
{
	struct record *r;
	struct header h;
	enum err e;

	if (message_header(message, &h) == E_OK && (r = record_of(&h.from, &h.id)) != NULL)
		r->taken = true; /* it may be, should the process die now */
	e = __real_spool_take(s, message, now, again);
	if (e == E_OK && !*again)
		taken(message);
	return e;
}

/* ---- what the broker says ---- */

/* Everything that it says it has must be on its disk now: another look-up than its own. */
static void
check_kept(struct node *broker, const struct statement *what, struct bytes receipt)
{
	struct store *s = broker->store;
	OWNED_BUF(kept) = {0};
	struct entry e;

	if (store_find(s, NULL, &what->from, &what->id, &e) != E_OK ||
		store_receipt(s, NULL, e.seq, what->stage, &kept) != E_OK)
		broken("receipt without store", "..%s %s", short_id(&what->id),
			stage_word(what->stage));
	if (kept.size != receipt.size || memcmp(kept.data, receipt.data, kept.size) != 0)
		broken("receipt without store", "..%s %s: another one is kept", short_id(&what->id),
			stage_word(what->stage));
}

static void
check_receipt(struct node *broker, struct bytes octets)
{
	struct receipt r;
	struct record *m;
	struct digest d;
	uint8_t bit;

	if (receipt_verify(octets, trust_log_name(the_trust), trust_log_key(the_trust), &r) != E_OK)
		broken("receipt without store", "a receipt that proves nothing");
	m = record_of(&r.what.from, &r.what.id);
	if (m == NULL)
		broken("phantom", "a receipt for ..%s, which was never filed",
			short_id(&r.what.id));
	if (r.what.stage == ST_CONFLICT)
		return;
	if (!digest_equal(&m->digest, &r.what.digest))
		broken("conflict missed", "a receipt for other octets of ..%s",
			short_id(&r.what.id));
	check_kept(broker, &r.what, octets);
	digest_of(octets.data, octets.size, &d);
	bit = (uint8_t)(1 << r.what.stage);
	if ((m->receipts & bit) != 0 && !world.rewound &&
		!digest_equal(&d, &m->receipt[r.what.stage]))
		broken("two different receipts", "..%s %s", short_id(&r.what.id),
			stage_word(r.what.stage));
	m->receipts |= bit;
	m->receipt[r.what.stage] = d;
}

static void
check_delivery(struct node *broker, struct bytes message)
{
	struct record *r;
	struct header h;
	struct digest d;

	if (message_header(message, &h) != E_OK)
		broken("payload mismatch", "what is delivered cannot be read");
	r = record_of(&h.from, &h.id);
	if (r == NULL || !r->maybe)
		broken("phantom", "..%s is delivered and was never filed", short_id(&h.id));
	digest_of(message.data, message.size, &d);
	if (!digest_equal(&d, &r->digest))
		broken("payload mismatch", "..%s", short_id(&h.id));
	consents_offered(broker, &h);
	ends_offered(broker, &h);
}

void
saw_frame_from_broker(struct node *broker, peer_no line, const struct wire *w)
{
	if (world.backlog)
		return;
	tell("says %s", verb_word(w->verb));
	if (w->verb == V_RECEIPT || w->verb == V_CONFIRM)
		check_receipt(broker, w->body);
	if (w->verb == V_DELIVER)
		check_delivery(broker, w->body);
	else
		consents_frame(broker, network_seat(line), w);
}

static const struct {
	const char *word;
	enum stage stage;
} moves[] = {{"delivered", ST_DELIVERED}, {"committed", ST_COMMITTED}, {"rejected", ST_REJECTED},
	{"expired", ST_EXPIRED}, {"withdrawn", ST_WITHDRAWN}, {"dead-letter", ST_DEAD_LETTER}};

void
saw_event(const char *what, const struct entry *e)
{
	struct record *r = record_of(&e->header.from, &e->header.id);

	if (world.backlog)
		return;
	if (r == NULL)
		broken("phantom", "..%s is with the broker and was never filed",
			short_id(&e->header.id));
	tell("%s ..%s", what, short_id(&e->header.id));
	if (strcmp(what, "accepted") == 0)
		consents_accepted(e);
	for (size_t i = 0; i < ARRAY_LEN(moves); i++) {
		enum stage s = moves[i].stage;

		if (strcmp(moves[i].word, what) != 0)
			continue;
		ends_reached(e, s);
		if (!world.rewound && s == ST_EXPIRED && r->reached == ST_DELIVERED)
			broken("resurrected after a final state", "..%s %s after %s",
				short_id(&e->header.id), stage_word(s), stage_word(r->reached));
		r->reached = s;
		if (stage_final(s))
			consents_ended(e, s);
	}
}

/* ---- the registers ---- */

void
saw_entry(enum seat p, const struct digest *key, const struct id *message)
{
	struct id first;
	char text[DIGEST_TEXT_SIZE];

	world.entered++;
	tell("entered for ..%s", short_id(message));
	consents_entered(p, message);
	if (register_entries(p, key, &first) > 1) {
		digest_format(key, text);
		broken("entered twice", "record %.8s by ..%s and ..%s", text, short_id(&first),
			short_id(message));
	}
}

/* ---- the end ---- */

struct sum {
	struct node *node;
	struct node *broker;
};

/* Made by a clock that was years ahead, or to be sent after one that was: it waits for its time, or
 * for a person. */
static bool
is_of_the_future(const struct header *h)
{
	for (size_t i = 0; i < SLOTS; i++)
		for (const struct record *r = slots[i]; r != NULL; r = r->next)
			if (r->header.created > world.now + 5 * MINUTE &&
				id_equal(&r->header.conversation, &h->conversation))
				return true;
	return false;
}

static bool
is_for_a_person(const struct out_entry *e)
{
	return e->state == OUT_REFUSED || is_of_the_future(&e->header);
}

/* What an exchange has forgotten, and whose time is over meanwhile, it does not take again; and
 * what had ended without an answer is not filed again (BROKER-LOST-CLOSED). */
static bool
is_forgotten(const struct header *h)
{
	struct node *before = acting;
	struct out_entry o = {.body = true};

	if (world.lost_ends && ends_is_closed(ends_known_to_sender(h)))
		return true;
	if (!world.rewound || h->expires <= world.now)
		return world.rewound;
	acting = node_at(place_of(&h->from));
	(void)!spool_out(acting->spool, &h->id, &o, NULL);
	acting = before;
	return !o.body; /* nor can its sender file it again */
}

/* Everything in an outbox has ended, as the broker's books say. */
static bool
check_out(void *context, const struct out_entry *o)
{
	const struct sum *s = context;
	const struct record *r = record_of(&o->header.from, &o->header.id);
	struct entry e;
	bool there = store_find(s->broker->store, NULL, &o->header.from, &o->header.id, &e) == E_OK;

	if (r == NULL)
		broken("phantom", "..%s stands in an outbox", short_id(&o->header.id));
	if (is_for_a_person(o) || (!there && is_forgotten(&o->header)))
		return true;
	if (!there || !digest_equal(&e.digest, &o->digest))
		broken("lost", "..%s is %s for its sender and %s", short_id(&o->header.id),
			out_state_word(o->state), there ? "other octets" : "not with the broker");
	/* What stopped a case and had reached nobody was said again to an exchange that had
	 * forgotten it. */
	if (world.rewound && o->header.action == A_CANCELLATION && o->stage == ST_WITHDRAWN &&
		e.stage == ST_COMMITTED)
		return true;
	if (o->state != OUT_ENDED || o->stage != e.stage)
		broken("sender not told", "..%s ended %s, its sender knows %s %s",
			short_id(&o->header.id), stage_word(e.stage), out_state_word(o->state),
			stage_word(o->stage));
	if (o->stage == ST_DEAD_LETTER && strcmp(o->reason, e.code) != 0)
		broken("an end does not change", "..%s ended %s, its sender knows %s",
			short_id(&o->header.id), e.code, o->reason);
	consents_told(o);
	return true;
}

/* An entry is told as our own exactly when it is. */
static void
check_entry(const struct sum *s, const struct in_entry *i)
{
	struct id brought;
	size_t n;

	if (i->header.action != A_CERTIFIED_EXTRACT || i->state != IN_TOLD ||
		i->stage != ST_COMMITTED || (i->code != E_OK && i->code != E_ALREADY))
		return;
	n = register_entries(s->node->place, &i->header.key, &brought);
	if (n == 0 && world.rewound && !i->body)
		return; /* its register has lost it, and its case is withdrawn: for a person */
	if (n == 0)
		broken("lost", "..%s is told as entered and is not", short_id(&i->header.id));
	/* A spool that was restored does not know any more what its register has from it. */
	if (!world.rewound && id_equal(&brought, &i->header.id) != (i->code == E_OK))
		broken("outcome is false", "..%s told as %s, entered by ..%s",
			short_id(&i->header.id),
			i->code == E_OK ? "transcribed" : "already transcribed",
			short_id(&brought));
}

static bool
check_in(void *context, const struct in_entry *i)
{
	const struct sum *s = context;
	struct entry e;
	OWNED_BUF(answer) = {0};
	enum stage stage = ST_ACCEPTED;
	char code[32];

	bool there = store_find(s->broker->store, NULL, &i->header.from, &i->header.id, &e) == E_OK;

	if (!there && is_forgotten(&i->header))
		return true;
	if (!there)
		broken("lost", "..%s was taken, the broker does not know it",
			short_id(&i->header.id));
	check_entry(s, i);
	if (spool_answer(s->node->spool, &i->header.from, &i->header.id, &answer) != E_OK ||
		message_receipt(buf_bytes(&answer), &stage, code, sizeof code) != E_OK)
		return true;
	if (e.stage != stage && (e.stage == ST_COMMITTED || e.stage == ST_REJECTED))
		broken("ends differ", "..%s: addressee says %s, broker %s", short_id(&i->header.id),
			stage_word(stage), stage_word(e.stage));
	return true;
}

static void
check_records(struct node *broker)
{
	struct entry e;

	for (size_t i = 0; i < SLOTS; i++)
		for (const struct record *r = slots[i]; r != NULL; r = r->next) {
			bool there = store_find(broker->store, NULL, &r->header.from, &r->header.id,
					     &e) == E_OK;

			if (r->sent && !there && !is_forgotten(&r->header))
				broken("lost", "..%s: its sender holds a receipt",
					short_id(&r->header.id));
			if (there && e.stage == ST_COMMITTED && !r->taken)
				broken("lost", "..%s is committed and was never taken",
					short_id(&r->header.id));
		}
}

void
history_end(void)
{
	struct node *broker = node_at(PLACE_BROKER);

	for (enum seat p = PLACE_KENYA; p < PLACES; p++) {
		struct sum s = {node_at(p), broker};

		acting = s.node;
		if (spool_each_out(s.node->spool, check_out, &s) != E_OK ||
			spool_each_in(s.node->spool, check_in, &s) != E_OK)
			broken("lost", "a spool cannot be read");
	}
	acting = NULL;
	check_records(broker);
}

/* ---- meanwhile ---- */

static bool awaits;

/* The exchange has lost it and its sender cannot file it again: for a person. */
static bool
is_lost(const struct header *h)
{
	struct entry e;

	return world.rewound &&
	       store_find(node_at(PLACE_BROKER)->store, NULL, &h->from, &h->id, &e) != E_OK &&
	       is_forgotten(h);
}

/* What has not ended, in words. */
static bool
open_out(void *context, const struct out_entry *o)
{
	if (o->state == OUT_ENDED || o->state == OUT_REFUSED || is_of_the_future(&o->header))
		return true;
	if (world.rewound && o->code == E_EXPIRED)
		return true; /* the exchange has forgotten it and does not take it again */
	if (is_lost(&o->header))
		return true;
	if (consents_await(&o->header.from, &o->header.id)) {
		awaits = true;
		return true;
	}
	snprintf(context, 200, "..%s to %s is %s (%s)", short_id(&o->header.id), o->header.to.code,
		out_state_word(o->state), err_word(o->code));
	return false;
}

static bool
open_in(void *context, const struct in_entry *i)
{
	if (i->state == IN_TOLD || i->state == IN_WAITING || is_of_the_future(&i->header) ||
		is_lost(&i->header))
		return true;
	snprintf(context, 200, "..%s from %s is %s (%s)", short_id(&i->header.id),
		i->header.from.code, in_state_word(i->state), err_word(i->code));
	return false;
}

static void
open_with_broker(char *why)
{
	struct store *s = node_at(PLACE_BROKER)->store;
	struct entry e;

	for (uint64_t before = 0; store_recent(s, before, &e, 1) == 1 && why[0] == '\0';
		before = e.seq)
		if (stage_final(e.stage) || is_of_the_future(&e.header))
			continue;
		else if (consents_await(&e.header.from, &e.header.id))
			awaits = true; /* also where its sender has known its end all along */
		else
			snprintf(why, 200, "..%s to %s is %s with the broker",
				short_id(&e.header.id), e.header.to.code, stage_word(e.stage));
}

static bool
party_settled(enum seat p, char *why)
{
	struct spool *s = node_at(p)->spool;
	struct spool_counts c;

	acting = node_at(p);
	if (spool_count(s, &c) != E_OK)
		broken("lost", "a spool cannot be read");
	if (c.out[OUT_FILED] + c.out[OUT_SENT] + c.out[OUT_DELIVERED] > 0 &&
		spool_each_out(s, open_out, why) != E_OK)
		broken("lost", "a spool cannot be read");
	if (why[0] == '\0' && c.in[IN_TAKEN] + c.in[IN_CLAIMED] + c.in[IN_DONE] > 0 &&
		spool_each_in(s, open_in, why) != E_OK)
		broken("lost", "a spool cannot be read");
	acting = NULL;
	return why[0] == '\0';
}

bool
history_settled(char *why, size_t size, bool *later)
{
	struct store_figures f;

	why[0] = '\0';
	awaits = false;
	for (enum seat p = 0; p < PLACES; p++)
		if (!node_at(p)->up) {
			snprintf(why, size, "%s does not run", node_at(p)->name);
			return false;
		}
	for (enum seat p = PLACE_KENYA; p < PLACES; p++)
		if (!party_settled(p, why))
			return false;
	store_figures(node_at(PLACE_BROKER)->store, &f);
	if (f.queued + f.stage[ST_ACCEPTED] + f.stage[ST_DELIVERED] > 0)
		open_with_broker(why);
	*later = awaits;
	return why[0] == '\0';
}
