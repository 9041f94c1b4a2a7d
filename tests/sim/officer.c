/* SPDX-License-Identifier: EUPL-1.2
 *
 * The officer: files requests from drafts that are kept until they are in the spool, each case with
 * one consent token; and stops cases, on line or off, once or again, as liaison/stop.c does. A
 * registry may hold a case too. All of these stand outside of every process, as people do. */
#include <stdio.h>
#include <string.h>

#include "tests/sim/sim.h"

#define DRAFTS_MAX 64
#define CASES_MAX 32
#define STOPS_MAX 96
#define CONSENT_END (SIM_START + 3300 * DAY) /* all consents end then, or sooner */

struct office_case {
	struct id conversation;
	enum seat holder, destination;
	int64_t lives; /* ms, its consent, from the grant */
	uint8_t token[CONSENT_TOKEN_MAX];
	size_t token_size; /* 0: not granted yet */
	bool withdrawn, held;
	bool stubborn; /* what was prepared is filed all the same, by somebody who was not told */
};

struct draft {
	struct id id;
	struct office_case *of;
	char number[16];
	int64_t lives; /* ms, until it expires */
	bool filed;
};

struct case_stop {
	struct office_case *of;
	const char *purpose;
	enum seat by;
	struct id to_holder, to_destination;
	bool filed;
};

static struct draft drafts[DRAFTS_MAX];
static struct office_case cases[CASES_MAX];
static struct case_stop stops[STOPS_MAX];
static size_t n_drafts, n_cases, n_stops;

void
officer_begin(void)
{
	n_drafts = n_cases = n_stops = 0;
}

/* ---- drafts ---- */

/* False while the officer's clock says that no consent lasts. */
static bool
grant(struct node *n, struct office_case *c)
{
	struct consent_token t = {.id = id_new(),
		.conversation = c->conversation,
		.holder = party_at(c->holder),
		.destination = party_at(c->destination),
		.issued = node_clock(n)};
	OWNED_BUF(element) = {0};

	if (t.issued >= CONSENT_END)
		return false;
	if (c->token_size > 0)
		return true;
	t.valid_until = t.issued + c->lives < CONSENT_END ? t.issued + c->lives : CONSENT_END;
	token_make(&t, &element);
	memcpy(c->token, element.data, element.size);
	c->token_size = element.size;
	return true;
}

static struct bytes
token_of(const struct office_case *c)
{
	return bytes_of(c->token, c->token_size);
}

static struct header
header_to(struct node *n, const struct office_case *c, const struct id *id, enum seat to)
{
	struct header h = {.id = *id,
		.conversation = c->conversation,
		.leg = id_new(),
		.from = party_at(n->place),
		.to = party_at(to),
		.created = node_clock(n)};

	if (spool_next_seq(n->spool, &h.to, node_clock(n), &h.channel_seq) != E_OK)
		h.channel_seq = 1 + chance(1000000);
	return h;
}

static void
compose(struct node *n, const struct draft *d, const char *number, struct buf *out)
{
	struct header h = header_to(n, d->of, &d->id, d->of->holder);
	struct consent_token t;

	h.expires = h.created + d->lives;
	if (consent_token_read(token_of(d->of), &t) && h.expires > t.valid_until)
		h.expires = t.valid_until;
	h.retain_until = h.created + 90 * DAY;
	request_make(&h, token_of(d->of), number, out);
}

/* The consent has run out: it is not filed any more. */
static bool
is_over(struct node *n, const struct office_case *c)
{
	struct consent_token t;

	return consent_token_read(token_of(c), &t) && t.valid_until <= node_clock(n);
}

/* Files a draft, once; a filing that was cut off or found the spool full is done again. */
static void
file(struct node *n, void *what)
{
	struct draft *d = *(struct draft **)what;
	struct out_entry there;
	OWNED_BUF(message) = {0};
	enum err e = spool_out(n->spool, &d->id, &there, NULL);

	if (e == E_NOT_FOUND) {
		if (!grant(n, d->of))
			return;
		if (is_over(n, d->of) || (d->of->withdrawn && !d->of->stubborn)) {
			d->filed = true;
			return;
		}
		compose(n, d, d->number, &message);
		if (strikes(F_FILING_CUT))
			dies();
		e = spool_file(n->spool, buf_bytes(&message), node_clock(n));
		if (e == E_OK && strikes(F_FILED_AGAIN) &&
			spool_file(n->spool, buf_bytes(&message), node_clock(n)) != E_OK)
			broken("a repeat earns the same answer", "filing again");
	}
	d->filed = e == E_OK;
	if (d->filed)
		link_kick(n->link);
}

static void look_at_draft(struct node *none, void *what);

static void
look_again(struct draft *d, int64_t delay)
{
	struct draft **p = xmalloc(sizeof *p);

	*p = d;
	after(delay, NULL, look_at_draft, p);
}

static void
look_at_draft(struct node *none, void *what)
{
	struct draft *d = *(struct draft **)what;
	struct node *n = node_at(PLACE_OFFICE);

	(void)none;
	if (d->filed)
		return;
	if (n->up && n->paused <= world.now)
		(void)!as_node(n, file, &d);
	look_again(d, between(5 * SECOND, MINUTE));
}

static void changes_mind(struct node *none, void *what);

/* One case: some requests in one conversation, to one registry, under one consent. */
void
officer_files(struct node *none, void *what)
{
	size_t n = 1 + chance(3);
	enum seat to = happens(0.6) ? PLACE_KENYA : PLACE_SOMALIA;
	struct office_case *c = &cases[n_cases];

	(void)none;
	(void)what;
	if (n_cases == CASES_MAX)
		return;
	n_cases++;
	*c = (struct office_case){.conversation = id_new(),
		.holder = to,
		.destination = to == PLACE_KENYA ? PLACE_SOMALIA : PLACE_KENYA,
		.lives = happens(0.2) ? between(MINUTE, DAY) : 300 * DAY,
		.stubborn = happens(0.3)};
	for (; n > 0 && n_drafts < DRAFTS_MAX; n--) {
		struct draft *d = &drafts[n_drafts++];
		const struct draft *other = &drafts[chance(n_drafts)];

		*d = (struct draft){.id = id_new(),
			.of = c,
			.lives = happens(0.3) ? between(MINUTE, DAY) : 20 * DAY};
		snprintf(d->number, sizeof d->number, "%s%zu", happens(0.05) ? "X" : "", n_drafts);
		if (other != d && other->of->holder == to && strikes(F_TWO_ROADS))
			strcpy(d->number, other->number);
		look_again(d, between(0, happens(0.2) ? 2 * MINUTE : 2 * SECOND));
	}
	if (happens(0.2)) {
		struct office_case **p = xmalloc(sizeof *p);

		*p = c;
		after(between(0, 10 * SECOND), NULL, changes_mind, p);
	}
}

/* ---- stopping ---- */

/* Something of the case may be beyond this office. */
static bool
may_have_left(struct node *n, const struct office_case *c)
{
	struct out_entry e;

	for (size_t i = 0; i < n_drafts; i++)
		if (drafts[i].of == c && spool_out(n->spool, &drafts[i].id, &e, NULL) == E_OK &&
			(e.state != OUT_REFUSED || e.code == E_CONSENT_WITHDRAWN))
			return true;
	return false;
}

/* A registry can stop only what it has. */
static bool
has_come(struct node *n, const struct office_case *c)
{
	const struct party office = party_at(PLACE_OFFICE);
	struct in_entry e;

	for (size_t i = 0; i < n_drafts; i++)
		if (drafts[i].of == c &&
			spool_in(n->spool, &office, &drafts[i].id, &e, NULL) == E_OK)
			return true;
	return false;
}

static enum err
file_one(struct node *n, const struct case_stop *s, const struct id *id, enum seat to)
{
	OWNED_BUF(message) = {0};
	struct out_entry there;
	struct header h;
	enum err e;

	if (to == n->place)
		return E_OK;
	e = spool_out(n->spool, id, &there, NULL);
	if (e != E_NOT_FOUND)
		return e;
	h = header_to(n, s->of, id, to);
	h.expires = h.retain_until = h.created + 120 * DAY;
	strcpy(h.purpose, s->purpose);
	cancellation_make(&h, token_of(s->of), &message);
	if (strikes(F_FILING_CUT))
		dies();
	return spool_file(n->spool, buf_bytes(&message), node_clock(n));
}

static enum err
end_here(struct node *n, const struct office_case *c)
{
	struct consent_token t;

	if (!consent_token_read(token_of(c), &t))
		return E_INPUT;
	TRY(spool_end_unsent(n->spool, &t, E_CONSENT_WITHDRAWN, node_clock(n)));
	return spool_erase(n->spool, &c->conversation, false);
}

static enum err
file_both(struct node *n, const struct case_stop *s)
{
	if (strcmp(s->purpose, PURPOSE_WITHDRAWAL) == 0)
		TRY(end_here(n, s->of));
	if (s->by == PLACE_OFFICE ? !may_have_left(n, s->of) && !s->of->stubborn
				  : !has_come(n, s->of))
		return E_OK;
	TRY(file_one(n, s, &s->to_holder, s->of->holder));
	return file_one(n, s, &s->to_destination, s->of->destination);
}

static void
file_stop(struct node *n, void *what)
{
	struct case_stop *s = *(struct case_stop **)what;

	s->filed = file_both(n, s) == E_OK;
	link_kick(n->link);
}

/* What was said of the case before has to be filed before. */
static bool
has_turn(const struct case_stop *s)
{
	for (const struct case_stop *o = stops; o < s; o++)
		if (o->of == s->of && o->by == s->by && !o->filed)
			return false;
	return true;
}

static void
look_at_stop(struct node *none, void *what)
{
	struct case_stop *s = *(struct case_stop **)what, **again;
	struct node *n = node_at(s->by);

	(void)none;
	if (!s->filed && has_turn(s) && n->up && n->paused <= world.now)
		(void)!as_node(n, file_stop, &s);
	if (s->filed)
		return;
	again = xmalloc(sizeof *again);
	*again = s;
	after(between(SECOND, 20 * SECOND), NULL, look_at_stop, again);
}

static void
say(struct office_case *c, enum seat by, const char *purpose)
{
	struct case_stop *s = &stops[n_stops], **p;

	if (n_stops == STOPS_MAX)
		return;
	n_stops++;
	*s = (struct case_stop){.of = c,
		.purpose = purpose,
		.by = by,
		.to_holder = id_new(),
		.to_destination = id_new()};
	c->withdrawn |= strcmp(purpose, PURPOSE_WITHDRAWAL) == 0;
	c->held = strcmp(purpose, PURPOSE_HOLD) == 0 || (c->held && c->withdrawn);
	tell("case ..%02x%02x: %s by %s", c->conversation.octet[14], c->conversation.octet[15],
		purpose, node_at(by)->name);
	p = xmalloc(sizeof *p);
	*p = s;
	after(between(0, 5 * SECOND), NULL, look_at_stop, p);
}

static struct case_stop *
last_stop(const struct office_case *c)
{
	for (size_t i = n_stops; i > 0; i--)
		if (stops[i - 1].of == c && stops[i - 1].by == PLACE_OFFICE)
			return &stops[i - 1];
	return NULL;
}

/* The same again: what is there already is not filed twice. */
static void
say_again(struct office_case *c)
{
	struct case_stop *s = last_stop(c), **p;

	if (s == NULL || !s->filed)
		return;
	s->filed = false;
	p = xmalloc(sizeof *p);
	*p = s;
	after(0, NULL, look_at_stop, p);
}

/* While everything is under way. */
static void
changes_mind(struct node *none, void *what)
{
	struct office_case *c = *(struct office_case **)what;

	(void)none;
	if (c->token_size > 0 && !c->withdrawn && !world.healed)
		say(c, PLACE_OFFICE, PURPOSE_WITHDRAWAL);
}

void
officer_stops(struct node *none, void *what)
{
	struct office_case *c = n_cases > 0 ? &cases[chance(n_cases)] : NULL;
	double what_for = (double)chance(100) / 100;

	(void)none;
	(void)what;
	if (c == NULL || c->token_size == 0 || world.healed)
		return;
	if (c->withdrawn)
		say_again(c);
	else if (what_for < 0.5)
		say(c, PLACE_OFFICE, PURPOSE_WITHDRAWAL);
	else if (c->held)
		what_for < 0.6 ? say_again(c) : say(c, PLACE_OFFICE, PURPOSE_RELEASE);
	else
		say(c, what_for < 0.6 ? c->holder : PLACE_OFFICE, PURPOSE_HOLD);
}

/* Under new numbers: the old ones may be known to the exchange. */
void
officer_restored(void)
{
	for (size_t i = 0; i < n_cases; i++) {
		const struct case_stop *s = last_stop(&cases[i]);

		if (cases[i].withdrawn)
			say(&cases[i], PLACE_OFFICE, PURPOSE_WITHDRAWAL);
		else if (s != NULL)
			say(&cases[i], PLACE_OFFICE, s->purpose);
	}
}

static void
release(struct node *none, void *what)
{
	(void)none;
	say(*(struct office_case **)what, PLACE_OFFICE, PURPOSE_RELEASE);
}

static bool
is_held_by_registry(const struct office_case *c)
{
	for (size_t i = 0; i < n_stops; i++)
		if (stops[i].of == c && stops[i].by != PLACE_OFFICE)
			return true;
	return false;
}

/* A registry's hold may arrive after the release: the officer sees that, and says it again. */
void
officer_releases(void)
{
	for (size_t i = 0; i < n_cases; i++) {
		struct office_case *c = &cases[i], **p;

		if (c->withdrawn)
			continue;
		if (c->held)
			say(c, PLACE_OFFICE, PURPOSE_RELEASE);
		if (!is_held_by_registry(c))
			continue;
		p = xmalloc(sizeof *p);
		*p = c;
		after(5 * MINUTE, NULL, release, p);
	}
}

/* ---- a machine that is wrong ---- */

static void
send_other(struct node *n, void *what)
{
	const struct draft *d = *(struct draft **)what;
	struct wire w = {.verb = V_SUBMIT};
	OWNED_BUF(message) = {0};
	struct frames f;
	struct out_entry e;

	if (n->line == 0 || spool_out(n->spool, &d->id, &e, NULL) != E_OK || e.sent == 0)
		return;
	compose(n, d, "666", &message);
	w.body = buf_bytes(&message);
	wire_encode(&w, &f);
	world.count[F_OTHER_OCTETS]++;
	(void)!network_send(n, n->line, f.frame, f.n);
}

void
officer_goes_wrong(struct node *none, void *what)
{
	struct node *n = node_at(PLACE_OFFICE);
	struct draft *d;

	(void)none;
	(void)what;
	if (n_drafts == 0 || world.healed || !n->up || n->paused > world.now)
		return;
	d = &drafts[chance(n_drafts)];
	if (d->filed)
		(void)!as_node(n, send_other, &d);
}
