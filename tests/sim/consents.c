/* SPDX-License-Identifier: EUPL-1.2
 *
 * What was promised about consents, from the chairs of the three parties: nothing travels with a
 * token whose consent is withdrawn, has run out or is frozen; a withdrawal that was answered as in
 * time is in time for ever; and a registry that had heard of nothing never hears of anything.
 *
 * What the exchange has accepted stays in force here whatever becomes of it: one that was restored
 * offers nothing of an older token before the office that granted it has compared its books. */
#include <string.h>

#include "tests/sim/sim.h"

#define CONSENTS_MAX 64
#define MESSAGES_MAX 32

struct of_case {
	struct id id;
	struct party from;
	enum action action;
	enum seat to;
	struct digest key;
	bool went; /* a DELIVER of it has left the exchange */
	bool ended;
	bool entered; /* it has brought an entry */
};

struct granted {
	struct consent_token token;
	bool withdrawn; /* the exchange has accepted that */
	bool held;
	bool by_registry; /* the hold is a registry's */
	struct {
		bool offered, spoke;
		bool stopped; /* its withdrawal was answered: in time, or nothing had come */
		bool frozen;  /* it has settled the hold */
	} at[PLACES];
	struct of_case message[MESSAGES_MAX];
	size_t n;
};

static struct granted consents[CONSENTS_MAX];
static size_t n_consents;

void
consents_begin(void)
{
	n_consents = 0;
}

static bool
stops(const struct header *h)
{
	return h->action == A_CANCELLATION;
}

static bool
has_purpose(const struct header *h, const char *purpose)
{
	return stops(h) && strcmp(h->purpose, purpose) == 0;
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

/* A conversation has one consent here. */
static struct granted *
consent_of(const struct id *conversation)
{
	for (size_t i = 0; i < n_consents; i++)
		if (id_equal(&consents[i].token.conversation, conversation))
			return &consents[i];
	return NULL;
}

static struct of_case *
message_of(struct granted *c, const struct id *id)
{
	for (size_t i = 0; i < c->n; i++)
		if (id_equal(&c->message[i].id, id))
			return &c->message[i];
	return NULL;
}

/* ---- what is filed ---- */

void
consents_filed(const struct header *h)
{
	struct granted *c = consent_of(&h->conversation);
	struct of_case *m;

	if (!h->has_token)
		return;
	if (c == NULL) {
		assert(n_consents < CONSENTS_MAX);
		c = &consents[n_consents++];
		memset(c, 0, sizeof *c);
		c->token = h->token;
	}
	c->at[place_of(&h->from)].spoke |= !stops(h);
	m = message_of(c, &h->id);
	if (m == NULL) {
		assert(c->n < MESSAGES_MAX);
		m = &c->message[c->n++];
		*m = (struct of_case){.id = h->id, .from = h->from, .to = place_of(&h->to)};
	}
	m->action = h->action;
	m->key = h->key;
}

/* ---- what the exchange does ---- */

void
consents_accepted(const struct entry *e)
{
	struct granted *c = consent_of(&e->header.conversation);

	if (c == NULL || !stops(&e->header))
		return;
	if (has_purpose(&e->header, PURPOSE_WITHDRAWAL))
		c->withdrawn = true;
	c->held = has_purpose(&e->header, PURPOSE_HOLD) ||
		  (c->held && !has_purpose(&e->header, PURPOSE_RELEASE));
	c->by_registry = c->held && !party_equal(&e->header.from, &e->header.token.by);
}

void
consents_ended(const struct entry *e, enum stage end)
{
	struct granted *c = consent_of(&e->header.conversation);
	struct of_case *m = c != NULL ? message_of(c, &e->header.id) : NULL;

	if (m == NULL)
		return;
	m->ended = true;
	if (end == ST_WITHDRAWN && has_purpose(&e->header, PURPOSE_WITHDRAWAL))
		c->at[m->to].stopped = true;
}

/* By its own books, since it may have died between writing that down and doing it; and one that was
 * restored may have forgotten what it has offered of what is older. */
static bool
may_know(struct node *broker, const struct granted *c, enum seat p)
{
	const struct party party = party_at(p);
	const struct header granted = {.created = c->token.issued};
	struct entry e;
	uint64_t seq[64];
	size_t n = store_of_token(broker->store, NULL, &c->token, 0, seq, ARRAY_LEN(seq));

	for (size_t i = 0; i < n; i++)
		if (store_entry(broker->store, NULL, seq[i], &e) == E_OK && !stops(&e.header) &&
			e.shown && party_equal(&e.header.to, &party))
			return true;
	return store_is_made_before(broker->store, &granted) || c->at[p].offered ||
	       c->at[p].spoke || party_equal(&c->token.by, &party);
}

/* It may have died between the commit of a release and the word that it was accepted: then what it
 * has in its books, from the office, counts, and not what it makes of it. */
static bool
is_released(struct node *broker, const struct granted *c)
{
	struct entry e;
	uint64_t seq[64];
	size_t n = store_of_token(broker->store, NULL, &c->token, 0, seq, ARRAY_LEN(seq));
	bool released = false;

	for (size_t i = 0; i < n; i++) {
		if (store_entry(broker->store, NULL, seq[i], &e) != E_OK || !stops(&e.header))
			continue;
		released = has_purpose(&e.header, PURPOSE_RELEASE) ||
			   (released && !has_purpose(&e.header, PURPOSE_HOLD));
	}
	return released;
}

void
consents_offered(struct node *broker, const struct header *h)
{
	struct granted *c = consent_of(&h->conversation);
	enum seat to = place_of(&h->to);
	struct of_case *m;

	if (c == NULL)
		return;
	m = message_of(c, &h->id);
	if (m != NULL)
		m->went = true;
	if (stops(h)) {
		if (!may_know(broker, c, to))
			broken("who knows nothing is told nothing", "..%s is offered to %s",
				short_id(&h->id), h->to.code);
		return;
	}
	if (c->held && (h->has_token || !world.rewound) && !(c->by_registry && world.rewound) &&
		!is_released(broker, c))
		broken("a frozen case rests", "..%s is offered", short_id(&h->id));
	if (!h->has_token)
		return;
	if (c->withdrawn)
		broken("nothing is offered after a withdrawal", "..%s", short_id(&h->id));
	if (c->token.valid_until <= node_clock(broker) && !outlives_consent(h->action))
		broken("nothing is offered after its consent", "..%s", short_id(&h->id));
	c->at[to].offered = true;
}

static bool
names(struct bytes where, const struct id *id)
{
	char text[ID_TEXT_SIZE];

	id_format(id, text);
	return where.size >= ID_SIZE &&
	       (memmem(where.data, where.size, id->octet, ID_SIZE) != NULL ||
		       memmem(where.data, where.size, text, strlen(text)) != NULL);
}

/* What ended before it was offered is named to its addressee in nothing else either. */
void
consents_frame(struct node *broker, enum seat to, const struct wire *w)
{
	for (size_t i = 0; i < n_consents; i++) {
		const struct granted *c = &consents[i];

		for (size_t k = 0; k < c->n && c->withdrawn; k++) {
			const struct of_case *m = &c->message[k];

			if (m->to == to && m->ended && !m->went && !c->at[to].offered &&
				(id_equal(&w->id, &m->id) || names(w->body, &m->id) ||
					names(w->extra, &m->id)) &&
				!may_know(broker, c, to))
				broken("who knows nothing is told nothing", "..%s in %s",
					short_id(&m->id), verb_word(w->verb));
		}
	}
}

/* ---- what the registries do ---- */

/* A spool that was restored may have lost it altogether: then it cannot know. */
static bool
is_unknown_there(const struct of_case *m)
{
	struct node *before = acting;
	struct in_entry e;
	enum err found;

	if (!world.rewound)
		return false;
	acting = node_at(m->to);
	found = spool_in(acting->spool, &m->from, &m->id, &e, NULL);
	acting = before;
	return found == E_NOT_FOUND;
}

/* An extract of this case has brought an entry that is there. */
static bool
is_entered(const struct granted *c, enum seat p, bool by_itself)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct of_case *m = &c->message[i];
		struct id brought;

		if (m->action == A_CERTIFIED_EXTRACT && m->to == p &&
			register_entries(p, &m->key, &brought) > 0 &&
			(!by_itself || (id_equal(&brought, &m->id) && !is_unknown_there(m))))
			return true;
	}
	return false;
}

static void
check_answer(const struct granted *c, enum seat p, const struct id *id, const char *code)
{
	bool late = strcmp(code, err_word(E_TOO_LATE)) == 0;

	if (late && !is_entered(c, p, false) && !world.rewound)
		broken("too late only after the entry", "..%s, and nothing is there", short_id(id));
	if (!late && is_entered(c, p, true))
		broken("in time only before the entry", "..%s says \"%s\", and it is there",
			short_id(id), code);
}

void
consents_settled(enum seat p, const struct header *h, enum stage stage, const char *code)
{
	struct granted *c = consent_of(&h->conversation);

	if (c == NULL || !stops(h) || stage != ST_COMMITTED || acting->retired)
		return;
	tell("settled ..%s %s \"%s\"", short_id(&h->id), h->purpose, code);
	if (has_purpose(h, PURPOSE_HOLD))
		c->at[p].frozen = !c->at[p].stopped;
	if (has_purpose(h, PURPOSE_RELEASE))
		c->at[p].frozen = false;
	if (!has_purpose(h, PURPOSE_WITHDRAWAL))
		return;
	c->at[p].frozen = false;
	check_answer(c, p, &h->id, code);
	if (strcmp(code, err_word(E_TOO_LATE)) != 0)
		c->at[p].stopped = true;
}

/* A process that is fenced off as soon as it says a word may still do what it had begun; and what a
 * register has lost is entered again. */
void
consents_entered(enum seat p, const struct id *message)
{
	for (size_t i = 0; i < n_consents; i++) {
		struct granted *c = &consents[i];

		struct of_case *m = message_of(c, message);

		if (m == NULL || acting->retired || (m->entered && world.rewound))
			continue;
		m->entered = true;
		if (c->at[p].stopped)
			broken("in time is for ever", "entered for ..%s after its withdrawal",
				short_id(message));
		if (c->at[p].frozen)
			broken("a frozen case rests", "entered for ..%s", short_id(message));
	}
}

/* ---- the end ---- */

/* What the office was told is what the register shows. */
void
consents_told(const struct out_entry *o)
{
	const struct granted *c = consent_of(&o->header.conversation);
	const char *code = o->reason[0] != '\0' ? o->reason : err_word(o->code);

	if (c == NULL || !has_purpose(&o->header, PURPOSE_WITHDRAWAL) || o->state != OUT_ENDED)
		return;
	if (o->stage == ST_COMMITTED)
		check_answer(c, place_of(&o->header.to), &o->header.id,
			o->reason[0] != '\0' || o->code != E_OK ? code : "");
	if (o->stage == ST_WITHDRAWN && is_entered(c, place_of(&o->header.to), true))
		broken("in time only before the entry", "..%s ended %s", short_id(&o->header.id),
			code);
}

bool
consents_await(const struct party *from, const struct id *message)
{
	struct store *s = node_at(PLACE_BROKER)->store;
	const struct granted *c;
	struct entry e = {0};

	enum stop stop = STOP_NOT;

	if (store_find(s, NULL, from, message, &e) == E_OK && e.stage == ST_ACCEPTED)
		stop = store_stopped(s, NULL, e.seq, NULL);
	c = consent_of(&e.header.conversation);
	return stop == STOP_CONSENT || (stop == STOP_FROZEN && c != NULL && c->withdrawn);
}
