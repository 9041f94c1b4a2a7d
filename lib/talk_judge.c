/* SPDX-License-Identifier: EUPL-1.2
 *
 * What is made of a difference. lib/difference.def says what it is and what mends it; here is what
 * has to be proved before anything is taken over, since the other side may lie:
 *
 *	what we have sent    the exchange's receipt of that stage, about exactly this message; where
 *	                     the addressee has answered, his signed receipt too
 *	what we had taken    the exchange's receipt of that end; where we have answered, our own
 *	                     signed receipt, so that it is our word and not theirs
 *
 * An extract that stands open in our spool is never ended here, whatever is proved: its register is
 * asked, which says the truth and enters nothing twice. What the exchange claims to have lost is
 * said again, which harms nobody. Another party's claims are reported, and change nothing. */
#include "lib/talk_parts.h"

#include <stdlib.h>
#include <string.h>

#include "lib/log.h"

/* Numbers of a channel count messages; nobody sends so many. */
#define CHANNEL_SEQ_MOST ((uint64_t)1 << 48)

/* ---- our side ---- */

static void
mine_of_out(const struct out_entry *e, struct mine *m)
{
	m->known = true;
	m->body = e->body;
	m->header = e->header;
	m->digest = e->digest;
	switch (e->state) {
	case OUT_FILED:
	case OUT_REFUSED:
	case OUT_N:
		m->hold = HOLD_FILED;
		return;
	case OUT_SENT:
		m->hold = HOLD_OPEN;
		return;
	case OUT_DELIVERED:
		m->hold = HOLD_TAKEN;
		return;
	case OUT_ENDED:
		m->hold = HOLD_ENDED;
		m->ended = e->stage;
		return;
	}
}

static void
mine_of_in(const struct in_entry *e, struct mine *m)
{
	m->known = true;
	m->body = e->body;
	m->header = e->header;
	m->digest = e->digest;
	m->hold = e->state >= IN_DONE ? HOLD_ENDED : HOLD_TAKEN;
	m->ended = e->stage;
	m->telling = e->state == IN_DONE;
}

void
judge_mine(struct talk *t, const struct recon_key *key, struct mine *out)
{
	struct out_entry o;
	struct in_entry i;

	memset(out, 0, sizeof *out);
	out->send = party_equal(&key->from, &t->o.self);
	out->hold = HOLD_NOTHING;
	if (out->send && spool_out(t->spool, &key->id, &o, NULL) == E_OK)
		mine_of_out(&o, out);
	if (!out->send && spool_in(t->spool, &key->from, &key->id, &i, NULL) == E_OK)
		mine_of_in(&i, out);
}

/* ---- judging ---- */

static enum hold
hold_of(enum stage s)
{
	if (stage_final(s))
		return HOLD_ENDED;
	return s == ST_DELIVERED ? HOLD_TAKEN : HOLD_OPEN;
}

/* `theirs' NULL: they hold nothing. */
static enum difference
judge(const struct talk *t, const struct mine *m, const struct recon_name *theirs)
{
	struct difference_case c = {.send = m->send,
		.party = t->recon.run.scope.with.code[0] != '\0',
		.body = m->body,
		.we = m->hold,
		.we_ended = m->ended};
	enum difference d;

	if (theirs != NULL) {
		c.they = hold_of(theirs->stage);
		c.they_ended = theirs->stage;
		c.other_octets = m->known && !digest_equal(&m->digest, &theirs->digest);
	}
	d = difference_judge(&c);
	/* What stops a case is said again however it had ended: a restored exchange could let the
	 * case go on. */
	if (d == DIFF_BROKER_LOST_CLOSED && m->body && m->header.action == A_CANCELLATION)
		return DIFF_BROKER_LOST;
	/* Said again for that reason, it has its addressee's word now. */
	if (d == DIFF_ENDS_DIFFER && m->ended == ST_WITHDRAWN && m->header.action == A_CANCELLATION)
		return DIFF_AGREED;
	/* What is being told arrives without our help. */
	return d == DIFF_END_UNTOLD && m->telling ? DIFF_UNDER_WAY : d;
}

static struct recon_key
key_of(const struct recon_name *n)
{
	return (struct recon_key){.from = n->header.from, .id = n->header.id};
}

/* ---- counting ---- */

static bool
is_difference(enum difference d)
{
	return d != DIFF_AGREED && d != DIFF_UNDER_WAY;
}

static void
count(struct talk *t, const struct recon_key *key, enum difference d, bool mended)
{
	struct run *r = &t->recon.run;
	struct recon_difference *left;

	r->report.count[d]++;
	if (!is_difference(d))
		return;
	r->report.differences++;
	r->report.mended += mended;
	r->report.open += !mended && difference_mend(d) == MEND_PERSON;
	log_message(mended ? LOG_NOTICE : LOG_WARNING, &key->id, "differs from=%s what=%s%s",
		key->from.code, difference_word(d), mended ? " mended" : "");
	if (mended || r->n_left == RECON_LEFT_MAX)
		return;
	if (r->left == NULL)
		r->left = xcalloc(RECON_LEFT_MAX, sizeof *r->left);
	left = &r->left[r->n_left++];
	snprintf(left->word, sizeof left->word, "%s", difference_word(d));
	left->key = *key;
}

/* ---- mending ---- */

static bool
may_take_over(const struct talk *t)
{
	return t->recon.run.scope.with.code[0] == '\0';
}

/* The register ends it. */
static bool
is_for_the_register(const struct mine *m)
{
	return !m->send && m->known && m->hold != HOLD_ENDED &&
	       m->header.action == A_CERTIFIED_EXTRACT;
}

/* What can be done now. Whether it is mended, or will be without more. */
static bool
mend_now(struct talk *t, const struct recon_key *key, enum difference d)
{
	switch (difference_mend(d)) {
	case MEND_NONE:
		return true;
	case MEND_REFILE:
		return spool_refile(t->spool, &key->id) == E_OK;
	case MEND_RETELL:
		return spool_retell(t->spool, &key->from, &key->id) == E_OK;
	case MEND_ADOPT_OUT:
	case MEND_ADOPT_IN:
	case MEND_EVIDENCE:
	case MEND_ASK:
	case MEND_PERSON:
	case MEND_N:
		return false;
	}
	return false;
}

static bool
needs_proof(enum mend m)
{
	return m == MEND_ADOPT_OUT || m == MEND_ADOPT_IN || m == MEND_EVIDENCE;
}

/* A header that we could have in our spool; the digest does not prove it. */
static bool
is_sane(const struct talk *t, const struct header *h)
{
	return strcmp(h->realm, trust_realm(t->o.trust)) == 0 &&
	       h->channel_seq <= CHANNEL_SEQ_MOST &&
	       (party_equal(&h->from, &t->o.self) || party_equal(&h->to, &t->o.self));
}

static void
judge_one(struct talk *t, struct named *n)
{
	const struct recon_key key = key_of(&n->name);
	struct mine mine;
	enum mend mend;

	judge_mine(t, &key, &mine);
	n->found = judge(t, &mine, &n->name);
	mend = difference_mend(n->found);
	n->settled = true;
	n->shown = may_take_over(t) && show_can(t, &mine, n->found);
	if (!may_take_over(t) && (needs_proof(mend) || mend == MEND_ASK)) {
		count(t, &key, n->found, false);
	} else if (n->shown) {
		count(t, &key, n->found, true);
	} else if (mend == MEND_ADOPT_IN && is_for_the_register(&mine)) {
		count(t, &key, n->found, true);
	} else if (needs_proof(mend)) {
		n->settled = false;
		n->wanted = true;
	} else {
		count(t, &key, n->found, mend == MEND_ASK || mend_now(t, &key, n->found));
	}
}

/* ---- whole batches ---- */

static int
named_order(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = memcmp(&x->name.header.from, &y->name.header.from, PARTY_SIZE);

	return order != 0 ? order
			  : memcmp(&x->name.header.id, &y->name.header.id, sizeof(struct id));
}

static int
held_order(const void *a, const void *b)
{
	const struct held *x = a, *y = b;
	int order = memcmp(&x->key.from, &y->key.from, PARTY_SIZE);

	return order != 0 ? order : memcmp(&x->key.id, &y->key.id, sizeof x->key.id);
}

/* What is named twice, or is none of ours, is named no more. */
static void
weed(struct talk *t)
{
	struct run *r = &t->recon.run;
	size_t kept = 0;

	qsort(r->named, r->n_named, sizeof *r->named, named_order);
	for (size_t i = 0; i < r->n_named; i++) {
		struct named *n = &r->named[i];

		if (!is_sane(t, &n->name.header) ||
			(kept > 0 && named_order(&r->named[kept - 1], n) == 0)) {
			r->unnamed++;
			continue;
		}
		if (&r->named[kept] != n)
			r->named[kept] = *n;
		kept++;
	}
	r->n_named = kept;
}

static void
mark_held(struct run *r, const struct recon_name *n)
{
	struct held key = {.key = key_of(n)};
	struct held *h = r->held == NULL
				 ? NULL
				 : bsearch(&key, r->held, r->have.n, sizeof *r->held, held_order);

	if (h != NULL)
		h->named = true;
}

bool
judge_may_arrive(struct talk *t)
{
	struct run *r = &t->recon.run;

	for (size_t i = 0; i < r->n_named; i++) {
		const struct recon_key key = key_of(&r->named[i].name);
		struct mine mine;

		judge_mine(t, &key, &mine);
		if (difference_mend(judge(t, &mine, &r->named[i].name)) == MEND_EVIDENCE)
			return true;
	}
	return false;
}

static bool
ask_receipts(struct talk *t)
{
	const struct run *r = &t->recon.run;
	struct recon head = r->head;
	struct recon_list list;
	size_t n = 0;

	head.kind = RECON_EVIDENCE;
	recon_list_begin(&list, &head, NULL, recon_say_body, t);
	for (size_t i = 0; i < r->n_named; i++)
		if (r->named[i].wanted) {
			const struct recon_key key = key_of(&r->named[i].name);

			recon_list_key(&list, &key);
			n++;
		}
	if (n > 0)
		return recon_list_end(&list);
	buf_free(&list.body);
	return false;
}

static void
ask_again(struct talk *t)
{
	struct run *r = &t->recon.run;
	struct recon head = r->head;
	struct recon_list list;
	size_t n = 0;

	head.kind = RECON_LOST;
	recon_list_begin(&list, &head, NULL, recon_say_body, t);
	for (size_t i = 0; i < r->n_named; i++)
		if (difference_mend(r->named[i].found) == MEND_ASK && may_take_over(t)) {
			const struct recon_key key = key_of(&r->named[i].name);

			recon_list_key(&list, &key);
			n++;
		}
	if (n > 0)
		r->unsaid |= !recon_list_end(&list);
	else
		buf_free(&list.body);
}

bool
judge_named(struct talk *t)
{
	struct run *r = &t->recon.run;

	weed(t);
	for (size_t i = 0; i < r->n_named; i++) {
		mark_held(r, &r->named[i].name);
		judge_one(t, &r->named[i]);
	}
	ask_again(t);
	r->unsaid |= !show_forgotten(t);
	if (ask_receipts(t))
		return true;
	judge_unproved(t);
	return false;
}

void
judge_unproved(struct talk *t)
{
	struct run *r = &t->recon.run;

	for (size_t i = 0; i < r->n_named; i++) {
		const struct recon_key key = key_of(&r->named[i].name);

		if (!r->named[i].settled)
			count(t, &key, r->named[i].found, false);
		r->named[i].settled = true;
	}
}

void
judge_held(struct talk *t)
{
	struct run *r = &t->recon.run;

	if (r->have.n == 0)
		return;
	r->held = xcalloc(r->have.n, sizeof *r->held);
	for (size_t i = 0; i < r->have.n; i++) {
		struct mine mine;
		uint64_t ref;

		if (book_find(r->book, &r->have.list[i], &ref))
			talk_book_key(t, ref, &r->held[i].key, &mine);
	}
	qsort(r->held, r->have.n, sizeof *r->held, held_order);
}

void
judge_unheld(struct talk *t)
{
	struct run *r = &t->recon.run;

	for (size_t i = 0; r->held != NULL && i < r->have.n; i++) {
		const struct recon_key *key = &r->held[i].key;
		struct mine mine;
		enum difference d;

		if (r->held[i].named || key->from.code[0] == '\0')
			continue;
		judge_mine(t, key, &mine);
		d = judge(t, &mine, NULL);
		count(t, key, d, mend_now(t, key, d));
	}
}

/* ---- proofs ---- */

static enum err
check_proof(
	struct talk *t, const struct named *n, const struct recon_receipt *in, struct receipt *out)
{
	const struct header *h = &n->name.header;

	TRY(talk_receipt(t, &in->key.id, in->receipt, out));
	if (out->what.stage != in->stage || !party_equal(&out->what.from, &h->from) ||
		!party_equal(&out->what.to, &h->to) ||
		!digest_equal(&out->what.digest, &n->name.digest))
		return E_PROOF;
	if (out->what.stage == ST_CONFLICT)
		return talk_check_conflict(t, &out->what);
	return talk_check_answer(t, &out->what, NULL, in->addressee_receipt);
}

static enum err
take_over_sent(struct talk *t, const struct named *n, const struct recon_receipt *in,
	const struct receipt *proof)
{
	const struct recon_key key = key_of(&n->name);
	struct mine mine;

	judge_mine(t, &key, &mine);
	if (mine.known && !digest_equal(&mine.digest, &n->name.digest))
		return E_CONFLICT;
	return spool_adopt_out(t->spool, mine.known ? &mine.header : &n->name.header,
		&n->name.digest, &proof->what, in->receipt, in->addressee_receipt, t->now);
}

/* The spool is asked anew: work may have begun since. */
static enum err
take_over_taken(struct talk *t, const struct named *n, const struct receipt *proof)
{
	const struct recon_key key = key_of(&n->name);
	struct mine mine;

	if (!stage_final(proof->what.stage))
		return E_OK; /* says nothing about an end */
	judge_mine(t, &key, &mine);
	if (is_for_the_register(&mine))
		return E_STATE;
	return spool_adopt_in(t->spool, &n->name.header, &n->name.digest, proof->what.stage,
		proof->what.code, t->now);
}

void
judge_receipt(struct talk *t, const struct recon_receipt *in)
{
	struct run *r = &t->recon.run;
	struct named like = {.name.header = {.from = in->key.from, .id = in->key.id}};
	struct named *n = bsearch(&like, r->named, r->n_named, sizeof *r->named, named_order);
	struct receipt proof;
	enum err e;

	if (n == NULL || !n->wanted || n->settled || in->stage == ST_CONFLICT)
		return;
	e = check_proof(t, n, in, &proof);
	if (e == E_OK && party_equal(&in->key.from, &t->o.self))
		e = take_over_sent(t, n, in, &proof);
	else if (e == E_OK)
		e = take_over_taken(t, n, &proof);
	if (e != E_OK)
		log_message(LOG_ERROR, &in->key.id, "not taken over stage=%s code=%s",
			stage_word(in->stage), err_word(e));
	if (e != E_OK || in->stage != n->name.stage)
		return;
	n->settled = true;
	count(t, &in->key, n->found, true);
}
