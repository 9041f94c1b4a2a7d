/* SPDX-License-Identifier: EUPL-1.2
 *
 * What is kept of a comparison: for people a fact that says how it went, for a period that was
 * closed our statement and the exchange's counter-signature (lib/closing.h). */
#include "lib/talk_parts.h"

#include <string.h>

#include <jansson.h>

#include "lib/closing.h"
#include "lib/log.h"

#define RECENT_MS (12 * 3600 * INT64_C(1000))

#define STATEMENT_LIVES_MS (INT64_C(30) * 86400000)
#define TOLD_MOST 100 /* differences that the fact names */

/* ---- for people ---- */

static json_t *
left_json(const struct run *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->n_left && i < TOLD_MOST; i++) {
		char id[ID_TEXT_SIZE];

		id_format(&r->left[i].key.id, id);
		json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "what", r->left[i].word,
						    "from", r->left[i].key.from.code, "id", id));
	}
	return list;
}

static json_t *
counts_json(const struct recon_report *r)
{
	json_t *o = json_object();

	for (int d = 0; d < DIFFERENCE_N; d++)
		if (r->count[d] > 0)
			json_object_set_new(o, difference_word((enum difference)d),
				json_integer((json_int_t)r->count[d]));
	return o;
}

static char *
run_text(const struct run *r)
{
	const struct recon_report *p = &r->report;
	char at[INSTANT_TEXT_SIZE], *text;
	json_t *o;

	instant_format(p->at, at);
	o = json_pack("{s:s,s:I,s:I,s:I,s:I,s:b,s:o,s:o}", "at", at, "elements",
		(json_int_t)p->elements, "differences", (json_int_t)p->differences, "mended",
		(json_int_t)p->mended, "open", (json_int_t)p->open, "agreed",
		p->differences == p->mended, "found", counts_json(p), "left", left_json(r));
	text = json_dumps(o, JSON_COMPACT | JSON_ENSURE_ASCII);
	json_decref(o);
	return text;
}

/* One that was cut off says nothing; one of a part says nothing about the whole. */
void
recon_keep(struct talk *t)
{
	const struct run *r = &t->recon.run;
	char key[sizeof TALK_RECON_WITH + PARTY_SIZE] = TALK_LAST_RECON;
	OWNED(char, text, free_chars) = NULL;
	enum err e;

	if (r->report.code != E_OK || r->scope.from.code[0] != '\0')
		return;
	if (r->scope.with.code[0] != '\0')
		snprintf(key, sizeof key, "%s%s", TALK_RECON_WITH, r->scope.with.code);
	text = run_text(r);
	if (text == NULL)
		return;
	e = spool_set_fact(t->spool, key, bytes_of(text, strlen(text)));
	if (e != E_OK)
		log_line(LOG_WARNING, "recon: the outcome is not kept code=%s", err_word(e));
}

static bool
was_compared_at(struct bytes text, int64_t *at)
{
	json_t *o = json_loadb((const char *)text.data, text.size, 0, NULL);
	const char *when = json_string_value(json_object_get(o, "at"));
	bool known = when != NULL && instant_parse(when, at) &&
		     json_is_true(json_object_get(o, "agreed"));

	json_decref(o);
	return known;
}

bool
recon_is_recent(struct talk *t)
{
	OWNED_BUF(text) = {0};
	int64_t at;

	return !spool_is_restored(t->spool) &&
	       spool_fact(t->spool, TALK_LAST_RECON, &text) == E_OK &&
	       was_compared_at(buf_bytes(&text), &at) && at <= t->now && t->now - at < RECENT_MS;
}

/* ---- closing a period ---- */

static uint64_t
count_open(struct talk *t)
{
	const struct book *b = t->recon.run.book;
	uint64_t n = 0;

	for (size_t i = 0; i < book_size(b); i++) {
		struct recon_key key;
		struct mine mine;

		talk_book_key(t, book_ref(b, i), &key, &mine);
		n += mine.hold != HOLD_ENDED;
	}
	return n;
}

static struct closing
closing_of(struct talk *t)
{
	const struct run *r = &t->recon.run;
	struct closing c = {.from = r->scope.from,
		.to = r->scope.to,
		.since = r->scope.since,
		.until = r->scope.until,
		.count = r->report.elements,
		.open = count_open(t),
		.agreed = true};

	memcpy(c.fingerprint, r->report.fingerprint, sizeof c.fingerprint);
	return c;
}

static enum err
compose(struct talk *t, struct buf *out)
{
	const struct trust_party *broker = trust_exchange(t->o.trust);
	const struct closing c = closing_of(t);
	struct header h = {.action = A_RECONCILIATION_STATEMENT,
		.id = id_new(),
		.conversation = id_new(),
		.leg = id_new(),
		.from = t->o.self,
		.created = t->now};

	if (broker == NULL || t->o.identity == NULL)
		return E_NO_TRUST;
	h.to = broker->code;
	h.expires = h.retain_until = h.created + STATEMENT_LIVES_MS;
	memcpy(h.realm, trust_realm(t->o.trust), strlen(trust_realm(t->o.trust)) + 1);
	strcpy(h.agreement, "NONE");
	strcpy(h.purpose, "RECONCILIATION");
	TRY(spool_next_seq(t->spool, &h.to, t->now, &h.channel_seq));
	return closing_sign(&h, &c, t->o.identity, out);
}

bool
closing_say(struct talk *t)
{
	struct run *r = &t->recon.run;
	enum err e = compose(t, &r->statement);

	if (e != E_OK) {
		log_line(LOG_ERROR, "recon: no statement code=%s", err_word(e));
		r->report.code = e;
		return false;
	}
	return recon_say(t, &r->head, RECON_STATEMENT, buf_bytes(&r->statement));
}

static void
name_period(const struct closing *c, char *out, size_t size)
{
	char since[INSTANT_TEXT_SIZE], until[INSTANT_TEXT_SIZE];

	instant_format(c->since, since);
	instant_format(c->until, until);
	snprintf(
		out, size, "%s%s/%s/%s..%s", TALK_CLOSINGS, c->from.code, c->to.code, since, until);
}

/* Both documents, each with its length before it. */
static enum err
keep(struct talk *t, const struct closing *c, struct bytes note)
{
	const struct buf *statement = &t->recon.run.statement;
	char key[200];
	OWNED_BUF(both) = {0};

	name_period(c, key, sizeof key);
	buf_u32(&both, (uint32_t)statement->size);
	buf_add_bytes(&both, buf_bytes(statement));
	buf_u32(&both, (uint32_t)note.size);
	buf_add_bytes(&both, note);
	return spool_set_fact(t->spool, key, buf_bytes(&both));
}

void
closing_hear(struct talk *t, const struct recon *in)
{
	struct closing c;
	struct bytes note;
	enum err code, e = recon_get_code(in, &code, &note);

	if (e == E_OK)
		e = code;
	if (e == E_OK)
		e = closing_verify(buf_bytes(&t->recon.run.statement), note,
			trust_log_name(t->o.trust), trust_log_key(t->o.trust), &c);
	if (e == E_OK)
		e = keep(t, &c, note);
	run_end(t, e);
}
