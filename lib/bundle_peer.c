/* SPDX-License-Identifier: EUPL-1.2
 *
 * The rules of the peer are driven without a line: what they say is put into the bundle, what the
 * bundle says is given to them. Export pretends a greeting that was answered, so that they say
 * everything at once; import lets them say it again (into the void) so that they know what an
 * answer in the bundle is an answer to. TAKEN is said for all that was taken and has no end yet,
 * since it is not known whether an earlier one has arrived. */
#include "lib/bundle_peer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "lib/talk.h"

struct pouch {
	const struct bundle_peer *p;
	struct buf *out; /* NULL: into the void */
	struct bundle_counts *counts;
};

/* ---- effects of the rules ---- */

static bool
put(struct pouch *k, const struct wire *w, uint64_t *count)
{
	if (k->out == NULL)
		return true;
	if (!bundle_add(k->out, w)) {
		k->counts->more = true;
		return false;
	}
	(*count)++;
	return true;
}

static bool
say(void *context, const struct wire *w)
{
	struct pouch *k = context;
	struct wire hello = *w;
	uint64_t others = 0;

	switch ((int)w->verb) {
	case V_HELLO:
		hello.number = 0; /* deliveries come at the end of the answer */
		return put(k, &hello, &others);
	case V_SUBMIT:
		return put(k, w, &k->counts->submitted);
	case V_SETTLED:
		return put(k, w, &k->counts->settled);
	case V_STATUS:
		return put(k, w, &others);
	}
	return true; /* TAKEN comes from the inbox; the rest is for a line only */
}

static enum err
examine_one(void *context, enum examine_mode mode, struct bytes message, struct verdict *out)
{
	const struct bundle_peer *p = ((struct pouch *)context)->p;

	return examiner_examine(
		p->examiner, mode, mode == EXAMINE_AS_ADDRESSEE ? &p->self : NULL, message, out);
}

static enum err
examine_one_at(void *context, enum examine_mode mode, int64_t when, struct bytes message,
	struct verdict *out)
{
	const struct bundle_peer *p = ((struct pouch *)context)->p;

	return examiner_examine_at(p->examiner, mode,
		mode == EXAMINE_AS_ADDRESSEE ? &p->self : NULL, when, message, out);
}

static enum err
take_revocation(void *context, struct bytes der, struct revocation_facts *out)
{
	return examiner_revocation(((struct pouch *)context)->p->examiner, der, out);
}

/* ---- a talk without a line ---- */

static enum err
begin(struct pouch *k, size_t most, int64_t now, struct talk **out)
{
	const struct bundle_peer *p = k->p;
	const struct trust_party *broker = trust_exchange(p->trust);
	const struct talk_effects fx = {.context = k,
		.send = say,
		.examine = p->examiner != NULL ? examine_one : NULL,
		.examine_at = p->examiner != NULL ? examine_one_at : NULL,
		.revocation = p->examiner != NULL ? take_revocation : NULL};
	struct talk_options o = {.program = p->program,
		.self = p->self,
		.trust = p->trust,
		.credit = p->examiner != NULL ? 1 : 0,
		.identity = p->identity,
		.epoch = p->epoch,
		.incarnation = p->incarnation,
		.window = (unsigned)most};
	struct wire welcome = {.verb = V_WELCOME, .number = trust_version(p->trust)};

	if (broker == NULL)
		return E_NO_TRUST;
	if (getrandom(&o.seed, sizeof o.seed, 0) != (ssize_t)sizeof o.seed)
		die("no random numbers");
	welcome.text = bytes_of(broker->code.code, strlen(broker->code.code));
	*out = talk_new(&o, p->spool, &fx, now, 0);
	talk_connected(*out, now, 0);
	talk_hear(*out, &welcome, now, 0);
	talk_turn(*out, now, 0);
	return E_OK;
}

/* ---- export ---- */

static enum err
add_taken(struct pouch *k, enum in_state state, size_t most)
{
	struct in_entry e = {.order = 0};
	enum err code;

	while ((code = spool_next_in(k->p->spool, state, e.order, &e, NULL)) == E_OK) {
		const struct wire w = {.verb = V_TAKEN, .id = e.header.id, .digest = e.digest};

		if (k->counts->taken == most)
			k->counts->more = true;
		if (k->counts->taken == most || !put(k, &w, &k->counts->taken))
			return E_OK;
	}
	return code == E_NOT_FOUND ? E_OK : code;
}

/* Did everything that waits have room? */
static enum err
look_for_more(const struct bundle_peer *p, struct bundle_counts *counts)
{
	struct spool_counts all;

	TRY(spool_count(p->spool, &all));
	counts->more |= all.out[OUT_FILED] > counts->submitted || all.in[IN_DONE] > counts->settled;
	return E_OK;
}

enum err
bundle_export(const struct bundle_peer *p, size_t most, int64_t now, struct buf *out,
	struct bundle_counts *counts)
{
	static const enum in_state open[] = {IN_CLAIMED, IN_WAITING, IN_TAKEN};
	const struct trust_party *broker = trust_exchange(p->trust);
	struct pouch k = {.p = p, .out = out, .counts = counts};
	OWNED(struct talk, talk, talk_free) = NULL;
	struct bundle_head h = {.from = p->self, .made = now};

	*counts = (struct bundle_counts){0};
	if (broker == NULL || !copy_text(h.realm, sizeof h.realm, trust_realm(p->trust)))
		return E_NO_TRUST;
	if (most == 0 || most > BUNDLE_MESSAGES)
		most = BUNDLE_MESSAGES;
	h.to = broker->code;
	bundle_begin(out, &h);
	TRY(begin(&k, most, now, &talk));
	for (size_t i = 0; i < ARRAY_LEN(open); i++)
		TRY(add_taken(&k, open[i], most));
	TRY(look_for_more(p, counts));
	return bundle_sign(out, p->identity);
}

/* ---- import ---- */

static void
count(struct bundle_counts *c, enum verb verb)
{
	c->receipts += verb == V_RECEIPT;
	c->refusals += verb == V_REFUSED;
	c->notices += verb == V_CONFIRM;
	c->deliveries += verb == V_DELIVER;
}

/* Only the exchange answers. */
static enum err
open_answer(const struct bundle_peer *p, struct bytes file, int64_t now, struct cursor *verbs)
{
	const struct trust_party *broker = trust_exchange(p->trust);
	struct bundle_head h;

	TRY(bundle_open(file, p->trust, &p->self, now, &h, verbs));
	return broker != NULL && party_equal(&h.from, &broker->code) ? E_OK : E_SENDER_MISMATCH;
}

enum err
bundle_trust(const struct bundle_peer *p, struct bytes file, int64_t now, struct bytes *list)
{
	struct bytes frame[WIRE_FRAMES_MAX];
	struct cursor verbs;
	size_t n;

	TRY(open_answer(p, file, now, &verbs));
	for (;;) {
		struct wire w;

		TRY(bundle_next(&verbs, frame, &n));
		TRY(wire_decode(frame, n, 'b', &w));
		if (w.verb != V_TRUST || w.number <= trust_version(p->trust))
			continue;
		*list = w.body;
		return E_OK;
	}
}

enum err
bundle_import(
	const struct bundle_peer *p, struct bytes file, int64_t now, struct bundle_counts *counts)
{
	struct pouch k = {.p = p, .counts = counts};
	OWNED(struct talk, talk, talk_free) = NULL;
	struct bytes frame[WIRE_FRAMES_MAX];
	struct cursor verbs;
	enum err e;
	size_t n;

	*counts = (struct bundle_counts){0};
	TRY(open_answer(p, file, now, &verbs));
	TRY(begin(&k, BUNDLE_MESSAGES, now, &talk));
	while ((e = bundle_next(&verbs, frame, &n)) == E_OK) {
		struct wire w;

		TRY(wire_decode(frame, n, 'b', &w));
		talk_hear(talk, &w, now, 0);
		count(counts, w.verb);
	}
	talk_turn(talk, now, 0); /* looks at what was held */
	return e == E_NOT_FOUND ? E_OK : e;
}
