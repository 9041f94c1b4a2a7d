/* SPDX-License-Identifier: EUPL-1.2
 *
 * A realm made in memory, two good messages of every action in it, and an examiner that knows it.
 */
#include "tests/hostile/hostile.h"

#include "lib/closing.h"

void
put(struct buf *out, struct bytes v)
{
	buf_add_bytes(out, v);
}

bool
replaced(struct buf *out, struct bytes in, const char *what, const char *by)
{
	size_t n = strlen(what), before;
	const uint8_t *hit = memmem(in.data, in.size, what, n);

	if (hit == NULL)
		return false;
	before = (size_t)(hit - in.data);
	buf_add(out, in.data, before);
	buf_text(out, by);
	buf_add(out, hit + n, in.size - before - n);
	return true;
}

void
replaced_all(struct buf *out, struct bytes in, const char *what, const char *by)
{
	size_t n = strlen(what);
	const uint8_t *hit;

	while ((hit = memmem(in.data, in.size, what, n)) != NULL) {
		size_t before = (size_t)(hit - in.data);

		buf_add(out, in.data, before);
		buf_text(out, by);
		in = bytes_of(hit + n, in.size - before - n);
	}
	put(out, in);
}

void
put_unsigned(struct buf *out, const struct sample *s)
{
	put(out, s->open);
	put(out, s->header);
	put(out, s->body);
	buf_text(out, "</e:Message>");
}

const struct identity *
world_signer(const struct world *w, const struct sample *s)
{
	return w->realm->sign[s->from];
}

/* ---- the samples ---- */

static void
compose_receipt(const struct world *w, const struct header *h, struct buf *out)
{
	assert_int_equal(
		message_compose_receipt(h, ST_COMMITTED, NULL, w->realm->sign[SOMALIA], out), E_OK);
}

static void
compose_statement(const struct world *w, const struct header *h, struct buf *out)
{
	struct closing c = {.from = h->from,
		.to = h->to,
		.since = h->created - DAY_MS,
		.until = h->created,
		.count = 12,
		.n = 2,
		.difference = {{.word = "BROKER-LOST"}, {.word = "BROKER-LOST"}}};

	c.difference[0].id = id_new();
	c.difference[1].id = id_new();
	assert_int_equal(closing_sign(h, &c, w->realm->sign[KENYA], out), E_OK);
}

/* With a token that two officers have signed; a Cancellation has one of a single officer. */
static void
compose_cleared(const struct world *w, struct header *h, struct sample *s)
{
	OWNED_BUF(element) = {0};

	token_give(w->realm, h, s->from, s->to, true, &element);
	message_with_token(w->realm, h, &element, s->from, s->to, &s->message);
}

static void
find_parts(struct sample *s)
{
	struct bytes m = buf_bytes(&s->message);
	const uint8_t *end = memchr(m.data, '>', m.size);

	assert_non_null(end);
	s->open = bytes_of(m.data, (size_t)(end + 1 - m.data));
	assert_true(xml_cut(m, "e:Header", &s->header));
	assert_true(xml_cut(m, "e:Body", &s->body));
	assert_true(xml_cut(m, "ds:Signature", &s->signature));
}

static void
make_sample(const struct world *w, enum action action, struct sample *s)
{
	bool receipt = action == A_RECEIPT;
	struct header h;

	s->action = action;
	s->from = receipt ? SOMALIA : KENYA;
	s->to = receipt ? HUB : SOMALIA;
	h = header_for(action, s->from, s->to);
	if (receipt)
		compose_receipt(w, &h, &s->message);
	else if (action == A_RECONCILIATION_STATEMENT)
		compose_statement(w, &h, &s->message);
	else if (action == A_CERTIFIED_EXTRACT)
		compose_cleared(w, &h, s);
	else
		message_good(w->realm, &h, s->from, s->to, &s->message);
	find_parts(s);
}

/* ---- the realm ---- */

/* The realm's list leaves one action out of every agreement; here all are agreed on. */
static void
agree_on_all(struct realm *r)
{
	OWNED_BUF(plain) = {0};
	OWNED_BUF(all) = {0};

	realm_list(r, "8", instant_now(), &plain);
	replaced_all(&all, buf_bytes(&plain), "<tl:Action>Query</tl:Action>",
		"<tl:Action>Query</tl:Action><tl:Action>QueryReply</tl:Action>");
	buf_reset(&r->list);
	realm_sign(r, &all, &r->list);
	trust_free(&r->trust);
	assert_int_equal(
		trust_load(buf_bytes(&r->list), r->operator_cert, instant_now(), &r->trust), E_OK);
}

struct world *
world_new(void)
{
	struct world *w = xcalloc(1, sizeof *w);

	realm_ready();
	w->realm = realm_new();
	agree_on_all(w->realm);
	for (enum action a = 0; a < ACTION_N; a++) {
		make_sample(w, a, &w->sample[a]);
		make_sample(w, a, &w->other[a]);
	}
	if (examiner_start(buf_bytes(&w->realm->list), w->realm->operator_cert, &w->examiner) !=
		E_OK)
		die("no examiner can be started");
	return w;
}

void
world_free(struct world **w)
{
	for (enum action a = 0; a < ACTION_N; a++) {
		buf_free(&(*w)->sample[a].message);
		buf_free(&(*w)->other[a].message);
	}
	examiner_free(&(*w)->examiner);
	realm_free(&(*w)->realm);
	free(*w);
	*w = NULL;
}
