/* SPDX-License-Identifier: EUPL-1.2
 *
 * Revocation data (lib/revocation.h) on the line: what the exchange has is asked for after each
 * WELCOME, judged by our own examiner, and kept as facts, the newest about each subject, so that
 * the examiner knows it again after a restart. What our own country's authority has issued is
 * brought, one piece at a time, until it comes back or is refused.
 *
 * A delivery whose sender's country is known too little of is taken, because the exchange has let
 * it pass, but held: its fact says so until newer data has let it be judged once more, as of the
 * time at which it was taken. */
#include "lib/talk_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"

#define AT "revocation-number" /* the newest item that is kept, with all before it */
#define KEPT "revocation/"
#define KEPT_SIZE (sizeof KEPT + 2 + DIGEST_TEXT_SIZE)
#define HELD_SIZE (sizeof TALK_HELD + PARTY_SIZE + ID_TEXT_SIZE)
#define ANSWER_MS 60000
#define BUSY_MS 30000

/* ---- what is kept ---- */

static void
kept_name(const struct revocation_facts *f, char out[KEPT_SIZE])
{
	int n = snprintf(out, KEPT_SIZE, KEPT "%c/", f->kind);

	digest_format(&f->subject, out + n);
}

static uint64_t
kept_up_to(struct talk *t)
{
	OWNED_BUF(value) = {0};
	struct cursor c;
	uint64_t number;

	if (spool_fact(t->spool, AT, &value) != E_OK)
		return 0;
	c = cursor_of(buf_bytes(&value));
	number = cursor_u64(&c);
	return cursor_done(&c) ? number : 0;
}

static enum err
keep_number(struct talk *t, uint64_t number)
{
	OWNED_BUF(value) = {0};

	if (number == kept_up_to(t))
		return E_OK;
	buf_u64(&value, number);
	return spool_set_fact(t->spool, AT, buf_bytes(&value));
}

struct kept {
	struct buf *list;
	size_t n;
};

static bool
add_kept(void *context, const char *key, struct bytes value)
{
	struct kept *k = context;

	(void)key;
	k->list = xrealloc(k->list, (k->n + 1) * sizeof *k->list);
	k->list[k->n] = (struct buf){0};
	buf_add_bytes(&k->list[k->n++], value);
	return true;
}

/* What does not hold under the trust list of today is left where it is. */
void
revocation_remember(struct talk *t)
{
	struct revocation_facts f;
	struct kept k = {0};
	enum err e;

	if (t->fx.revocation == NULL)
		return;
	t->revocation.look = true;
	e = spool_each_fact(t->spool, KEPT, add_kept, &k);
	if (e != E_OK)
		log_line(LOG_ERROR, "link: revocation data cannot be read code=%s", err_word(e));
	for (size_t i = 0; i < k.n; i++) {
		(void)!t->fx.revocation(t->fx.context, buf_bytes(&k.list[i]), &f);
		buf_free(&k.list[i]);
	}
	free(k.list);
}

/* ---- held deliveries ---- */

static void
held_name(const struct party *from, const struct id *id, char out[HELD_SIZE])
{
	int n = snprintf(out, HELD_SIZE, TALK_HELD "%s/", from->code);

	id_format(id, out + n);
}

enum err
talk_held(struct spool *s, const struct party *from, const struct id *id)
{
	char name[HELD_SIZE], word[33] = "";
	OWNED_BUF(value) = {0};
	enum err e;

	held_name(from, id, name);
	e = spool_fact(s, name, &value);
	if (e != E_OK)
		return e == E_NOT_FOUND ? E_OK : E_HELD;
	if (value.size < sizeof word)
		memcpy(word, value.data, value.size);
	return err_of_word(word);
}

static enum err
set_held(struct talk *t, const struct party *from, const struct id *id, enum err code)
{
	char name[HELD_SIZE];

	held_name(from, id, name);
	return spool_set_fact(t->spool, name, bytes_of(err_word(code), strlen(err_word(code))));
}

enum err
revocation_hold(struct talk *t, const struct header *h)
{
	log_message(LOG_WARNING, &h->id, "held: revocation data of %s is too old", h->from.code);
	return set_held(t, &h->from, &h->id, E_HELD);
}

static enum err
judge_again(struct talk *t, const struct in_entry *e, struct bytes message)
{
	struct verdict v;
	enum err code;

	if (t->fx.examine_at == NULL)
		return E_HELD;
	code = t->fx.examine_at(t->fx.context, EXAMINE_AS_ADDRESSEE, e->taken, message, &v);
	if (code == E_OK && v.held)
		return E_HELD;
	/* What the examiner's own trouble or time has made of it says nothing. */
	return code == E_QUARANTINED || err_retry(code) ? E_HELD : code == E_EXPIRED ? E_OK : code;
}

static void
look_at_held(struct talk *t)
{
	struct in_entry e = {.order = 0};
	OWNED_BUF(message) = {0};
	bool moved = false;

	while (spool_next_in(t->spool, IN_TAKEN, e.order, &e, &message) == E_OK) {
		enum err code;

		if (talk_held(t->spool, &e.header.from, &e.header.id) != E_HELD)
			continue;
		code = judge_again(t, &e, buf_bytes(&message));
		if (code == E_HELD || set_held(t, &e.header.from, &e.header.id, code) != E_OK)
			continue;
		log_message(LOG_NOTICE, &e.header.id, "released code=%s", err_word(code));
		moved = true;
	}
	if (moved)
		talk_changed(t);
}

/* ---- what the exchange says ---- */

void
revocation_welcome(struct talk *t)
{
	t->revocation.owed = t->fx.revocation != NULL;
	t->revocation.gap = false;
	t->revocation.busy = 0;
}

void
revocation_trust(struct talk *t)
{
	t->revocation.owed |= t->revocation.gap;
	t->revocation.gap = false;
	t->revocation.look = t->fx.revocation != NULL;
}

static enum err
keep(struct talk *t, const struct revocation_facts *f, struct bytes der, bool is_new)
{
	char name[KEPT_SIZE];
	OWNED_BUF(old) = {0};

	kept_name(f, name);
	if (!is_new && spool_fact(t->spool, name, &old) == E_OK)
		return E_OK;
	return spool_set_fact(t->spool, name, der);
}

static void
came_back(struct talk *t, const struct digest *d)
{
	for (size_t i = 0; i < t->revocation.n; i++)
		if (digest_equal(&t->revocation.own[i].digest, d)) {
			t->revocation.own[i].settled = true;
			t->revocation.busy = 0;
		}
}

/* One that is not kept comes again after the next WELCOME, or with a newer trust list; those behind
 * it are kept, and come again as well. */
void
hear_status(struct talk *t, const struct wire *w)
{
	struct revocation_facts f = {.magic = 0};
	enum err e;

	if (t->fx.revocation == NULL || w->extra.size == 0 || w->extra.size > REVOCATION_MAX)
		return;
	e = t->fx.revocation(t->fx.context, w->extra, &f);
	came_back(t, &f.digest);
	t->revocation.look |= e == E_OK;
	if (e == E_OK || e == E_REVOCATION_OLD)
		e = keep(t, &f, w->extra, e == E_OK);
	if (e == E_OK && !t->revocation.gap)
		e = keep_number(t, w->number);
	if (e == E_OK) {
		log_line(LOG_NOTICE, "link: revocation data number=%llu country=%s",
			(unsigned long long)w->number, f.country[0] != '\0' ? f.country : "-");
		return;
	}
	t->revocation.gap = true;
	log_line(LOG_WARNING, "link: revocation data number=%llu not kept code=%s",
		(unsigned long long)w->number, err_word(e));
}

/* ---- what is ours ---- */

void
talk_set_revocation(struct talk *t, const struct bytes *der, size_t n)
{
	struct own_revocation *list = xcalloc(n + 1, sizeof *list);
	struct talk_revocation *r = &t->revocation;

	for (size_t i = 0; i < n; i++) {
		buf_add_bytes(&list[i].der, der[i]);
		digest_of(der[i].data, der[i].size, &list[i].digest);
		for (size_t k = 0; k < r->n; k++)
			if (digest_equal(&r->own[k].digest, &list[i].digest))
				list[i].settled = r->own[k].settled;
	}
	revocation_free(t);
	r->own = list;
	r->n = n;
	r->busy = 0;
	talk_soon(t);
}

void
revocation_free(struct talk *t)
{
	for (size_t i = 0; i < t->revocation.n; i++)
		buf_free(&t->revocation.own[i].der);
	free(t->revocation.own);
	t->revocation.own = NULL;
	t->revocation.n = 0;
}

static bool
is_about_data(enum err e)
{
	static const enum err those[] = {
		E_REVOCATION, E_REVOCATION_OLD, E_TOO_LARGE, E_QUARANTINED, E_BUSY, E_STORE_FULL};

	for (size_t i = 0; i < ARRAY_LEN(those); i++)
		if (those[i] == e)
			return true;
	return false;
}

/* True: it was about what we have brought. */
bool
revocation_refused(struct talk *t, const struct wire *w)
{
	static const struct id none;
	struct talk_revocation *r = &t->revocation;
	bool old = w->code == E_REVOCATION_OLD;

	if (!id_equal(&w->id, &none) || r->busy == 0 || r->said >= r->n || !is_about_data(w->code))
		return false;
	if (w->retry) {
		r->busy = t->tick + BUSY_MS;
	} else {
		r->own[r->said].settled = true;
		r->busy = 0;
	}
	log_line(old || w->retry ? LOG_NOTICE : LOG_ERROR,
		"link: our authority's revocation data %s code=%s",
		old	   ? "is known"
		: w->retry ? "waits"
			   : "is refused",
		err_word(w->code));
	return true;
}

static void
bring_own(struct talk *t)
{
	struct talk_revocation *r = &t->revocation;

	if (r->busy != 0 && t->tick < r->busy)
		return;
	r->busy = 0;
	for (size_t i = 0; i < r->n && r->busy == 0; i++) {
		struct wire w = {.verb = V_STATUS, .extra = buf_bytes(&r->own[i].der)};

		if (r->own[i].settled)
			continue;
		w.number = kept_up_to(t);
		if (!talk_say(t, &w))
			return;
		r->said = i;
		r->busy = t->tick + ANSWER_MS;
	}
}

void
revocation_turn(struct talk *t)
{
	struct wire w = {.verb = V_STATUS};

	if (t->revocation.look) {
		t->revocation.look = false;
		look_at_held(t);
	}
	if (t->fx.revocation == NULL)
		return;
	if (t->revocation.owed) {
		w.number = kept_up_to(t);
		t->revocation.owed = !talk_say(t, &w);
	}
	if (!t->revocation.owed)
		bring_own(t);
}
