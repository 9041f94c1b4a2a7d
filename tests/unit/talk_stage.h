/* SPDX-License-Identifier: EUPL-1.2
 *
 * The peer's rules with a clock that the test moves, a broker that says what the test says, and a
 * real spool. Messages, trust list, log and signatures are real. */
#ifndef DAFTAR_TALK_STAGE_H
#define DAFTAR_TALK_STAGE_H

#include "tests/unit/log_stage.h"
#include "tests/unit/test_realm.h"

#include <unistd.h>

#include "lib/log.h"
#include "lib/loghead.h"
#include "lib/recon.h"
#include "lib/talk.h"

#define SAID_MAX 256
#define NOTHING bytes_of(NULL, 0)

/* What the talk has said, in order. */
struct said {
	struct wire w;
	struct buf body;
	size_t extra; /* octets of it */
};

struct theatre {
	char folder[64], place[96];
	struct spool *spool;
	struct talk *talk;
	struct said said[SAID_MAX];
	size_t n, seen;
	int64_t now, tick;
	bool mute;     /* nothing can be sent */
	int mute_once; /* the next RECON of this kind can not be */
	bool soon;
	bool no_examiner;
	unsigned ups, changes, fences, reports;
	struct recon_report report;
};

static struct realm *realm;
static struct trust *trust;
static EVP_PKEY *log_key;
static struct theatre *st;

/* ---- effects ---- */

static inline bool
on_send(void *context, const struct wire *w)
{
	struct theatre *s = context;
	struct said *h = &s->said[s->n];
	struct frames f;
	struct wire again;

	if (s->mute)
		return false;
	if (w->verb == V_RECON && s->mute_once != 0 && w->body.data[0] == s->mute_once) {
		s->mute_once = 0;
		return false;
	}
	assert_true(s->n < SAID_MAX);
	wire_encode(w, &f);
	assert_int_equal(wire_decode(f.frame, f.n, 'p', &again), E_OK);
	h->w = *w;
	buf_reset(&h->body);
	buf_add_bytes(&h->body, w->body);
	h->extra = w->extra.size;
	h->w.text = h->w.body = h->w.extra = NOTHING;
	s->n++;
	return true;
}

static inline enum err
on_examine(void *context, enum examine_mode mode, struct bytes message, struct verdict *out)
{
	struct party self = party_of(SOMALIA);

	examine(message, trust, NULL, NULL, mode == EXAMINE_AS_ADDRESSEE ? &self : NULL,
		((struct theatre *)context)->now, out);
	return (enum err)out->code;
}

static inline void
on_up(void *context)
{
	((struct theatre *)context)->ups++;
}

static inline void
on_changed(void *context)
{
	((struct theatre *)context)->changes++;
}

static inline void
on_fenced(void *context)
{
	((struct theatre *)context)->fences++;
}

static inline void
on_soon(void *context)
{
	((struct theatre *)context)->soon = true;
}

static inline void
on_reconciled(void *context, const struct recon_report *r)
{
	struct theatre *s = context;

	s->reports++;
	s->report = *r;
}

/* ---- time and the broker ---- */

static inline void
turns(void)
{
	while (st->soon) {
		st->soon = false;
		talk_turn(st->talk, st->now, st->tick);
	}
}

static inline void
passes(int64_t ms)
{
	for (int64_t i = 0; i < ms; i += TALK_TICK_MS) {
		st->now += TALK_TICK_MS;
		st->tick += TALK_TICK_MS;
		talk_tick(st->talk, st->now, st->tick);
		turns();
	}
}

static inline void
broker_says(const struct wire *w)
{
	struct frames f;
	struct wire heard;

	wire_encode(w, &f);
	assert_int_equal(wire_decode(f.frame, f.n, 'b', &heard), E_OK);
	talk_hear(st->talk, &heard, st->now, st->tick);
	turns();
}

/* The next that was said with this verb; others are passed over. */
static inline const struct said *
next_said(enum verb verb)
{
	while (st->seen < st->n)
		if (st->said[st->seen++].w.verb == verb)
			return &st->said[st->seen - 1];
	return NULL;
}

static inline const struct said *
expect(enum verb verb)
{
	const struct said *s = next_said(verb);

	if (s == NULL)
		fail_msg("%s was not said", verb_word(verb));
	return s;
}

/* How often, since the last expect; looks at nothing. */
static inline size_t
unseen(enum verb verb)
{
	size_t n = 0;

	for (size_t i = st->seen; i < st->n; i++)
		n += st->said[i].w.verb == verb;
	return n;
}

static inline void
all_seen(void)
{
	st->n = st->seen = 0;
}

static inline void
welcome(void)
{
	broker_says(&(struct wire){.verb = V_WELCOME,
		.number = trust_version(trust),
		.text = bytes_of("DAFTAR.HUB", 10)});
}

static inline void
connect_anew(void)
{
	talk_connected(st->talk, st->now, st->tick);
	turns();
	expect(V_HELLO);
	welcome();
}

/* ---- the stage ---- */

static inline struct talk_options
options(void)
{
	return (struct talk_options){.program = "test/1",
		.self = party_of(SOMALIA),
		.trust = trust,
		.credit = st->no_examiner ? 0 : 8,
		.identity = realm->sign[SOMALIA],
		.epoch = 7,
		.seed = 1,
		.in_order = true};
}

static inline void
open_talk(const struct talk_options *o)
{
	const struct talk_effects fx = {.context = st,
		.send = on_send,
		.examine = st->no_examiner ? NULL : on_examine,
		.up = on_up,
		.changed = on_changed,
		.fenced = on_fenced,
		.soon = on_soon,
		.reconciled = on_reconciled};

	talk_free(&st->talk);
	st->talk = talk_new(o, st->spool, &fx, st->now, st->tick);
}

static inline int
setup(void **state)
{
	struct talk_options o;

	(void)state;
	st = xcalloc(1, sizeof *st);
	st->now = instant_now();
	st->tick = 1000000;
	assert_true(scratch_folder(st->folder, sizeof st->folder, "talk"));
	snprintf(st->place, sizeof st->place, "%s/spool", st->folder);
	assert_int_equal(spool_open(st->place, 4 << 20, &st->spool), E_OK);
	o = options();
	open_talk(&o);
	return 0;
}

static inline void
remove_spool(const char *place)
{
	static const char *const files[] = {"/data.mdb", "/lock.mdb", "/link.lock", ".key"};
	char file[160];

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		snprintf(file, sizeof file, "%s%s", place, files[i]);
		unlink(file);
	}
	rmdir(place);
}

static inline int
teardown(void **state)
{
	(void)state;
	talk_free(&st->talk);
	spool_close(&st->spool);
	remove_spool(st->place);
	rmdir(st->folder);
	for (size_t i = 0; i < SAID_MAX; i++)
		buf_free(&st->said[i].body);
	free(st);
	st = NULL;
	return 0;
}

static inline int
make_realm(void **state)
{
	size_t size = sizeof realm_log_key;
	OWNED_BUF(list) = {0};

	(void)state;
	log_key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	assert_int_equal(EVP_PKEY_get_raw_public_key(log_key, realm_log_key, &size), 1);
	realm = realm_new();
	realm_sign_list(realm, "7", instant_now(), &list);
	assert_int_equal(
		trust_load(buf_bytes(&list), realm->operator_cert, instant_now(), &trust), E_OK);
	return 0;
}

static inline int
free_realm(void **state)
{
	(void)state;
	trust_free(&trust);
	realm_free(&realm);
	key_free(&log_key);
	return 0;
}

/* ---- messages and receipts ---- */

static inline struct header
compose(enum action action, enum who from, enum who to, struct buf *out)
{
	struct header h = header_for(action, from, to);

	buf_reset(out);
	message_from(realm, &h, from, to, out);
	return h;
}

static inline void
file_message(const struct buf *message)
{
	assert_int_equal(spool_file(st->spool, buf_bytes(message), st->now), E_OK);
	talk_turn(st->talk, st->now, st->tick);
	turns();
}

static inline struct header
file(struct buf *message)
{
	struct header h = compose(A_QUERY, SOMALIA, KENYA, message);

	file_message(message);
	return h;
}

static inline struct statement
statement_for(const struct header *h, const struct buf *message, enum stage stage)
{
	struct statement w = {
		.id = h->id, .from = h->from, .to = h->to, .stage = stage, .at = st->now};

	digest_of(message->data, message->size, &w.digest);
	return w;
}

/* A leaf of the exchange's log. */
static inline void
receipt_by(EVP_PKEY *key, const struct statement *what, struct buf *out)
{
	stage_log_receipt(&the_log, what, trust_log_name(trust), key, out);
}

static inline void
say_accepted(const struct header *h, const struct buf *message)
{
	const struct statement w = statement_for(h, message, ST_ACCEPTED);
	OWNED_BUF(r) = {0};

	receipt_by(log_key, &w, &r);
	broker_says(&(struct wire){.verb = V_RECEIPT, .id = h->id, .body = buf_bytes(&r)});
}

static inline void
say_refused(const struct id *id, enum err code, struct bytes proof)
{
	broker_says(&(struct wire){.verb = V_REFUSED,
		.id = *id,
		.code = code,
		.retry = err_retry(code),
		.extra = proof});
}

/* With the receipt that proves that it was accepted. */
static inline void
deliver(const struct buf *message)
{
	struct statement what = {.stage = ST_ACCEPTED, .at = st->now};
	OWNED_BUF(receipt) = {0};
	struct header h;

	if (message_header(buf_bytes(message), &h) == E_OK) {
		what.id = h.id;
		what.from = h.from;
		what.to = h.to;
		digest_of(message->data, message->size, &what.digest);
		receipt_by(log_key, &what, &receipt);
	}
	broker_says(&(struct wire){.verb = V_DELIVER,
		.number = 1,
		.body = buf_bytes(message),
		.extra = buf_bytes(&receipt)});
}

/* The addressee's signed word, with the head of the log that he has seen. */
static inline void
answer_seeing(enum who who, const struct header *h, const struct buf *message, enum stage stage,
	struct bytes head, struct buf *out)
{
	struct header r = header_for(A_RECEIPT, who, HUB);

	r.ref = h->id;
	digest_of(message->data, message->size, &r.ref_digest);
	buf_reset(out);
	assert_int_equal(
		message_compose_receipt_seeing(&r, stage, NULL, head, realm->sign[who], out), E_OK);
}

static inline void
answer_by(enum who who, const struct header *h, const struct buf *message, enum stage stage,
	struct buf *out)
{
	answer_seeing(who, h, message, stage, NOTHING, out);
}

/* A notice of an end, with the addressee's word or (NULL) without. */
static inline void
say_confirm(uint64_t number, const struct header *h, const struct buf *message, enum stage stage,
	const struct buf *answer)
{
	struct statement w = statement_for(h, message, stage);
	OWNED_BUF(r) = {0};

	w.has_by = answer != NULL;
	if (answer != NULL)
		digest_of(answer->data, answer->size, &w.by);
	receipt_by(log_key, &w, &r);
	broker_says(&(struct wire){.verb = V_CONFIRM,
		.number = number,
		.id = h->id,
		.body = buf_bytes(&r),
		.extra = answer == NULL ? NOTHING : buf_bytes(answer)});
}

static inline void
settle(const struct header *h, const struct buf *answer)
{
	const struct spool_done d = {.id = h->id, .from = h->from, .receipt = buf_bytes(answer)};

	assert_int_equal(spool_file_all(st->spool, NULL, 0, &d, st->now), E_OK);
	talk_turn(st->talk, st->now, st->tick);
	turns();
}

static inline enum out_state
out_state(const struct header *h)
{
	struct out_entry e;

	assert_int_equal(spool_out(st->spool, &h->id, &e, NULL), E_OK);
	return e.state;
}

static inline enum in_state
in_state(const struct header *h)
{
	struct in_entry e;

	assert_int_equal(spool_in(st->spool, &h->from, &h->id, &e, NULL), E_OK);
	return e.state;
}

static inline bool
has_fact(const char *key)
{
	OWNED_BUF(v) = {0};

	return spool_fact(st->spool, key, &v) == E_OK;
}

/* ---- the log ---- */

/* What this log would answer. */
static inline void
head_of(struct stage_log *l, const struct wire *asked, struct wire *w, struct buf *note,
	struct buf *proof)
{
	uint64_t to = asked->resume != 0 ? asked->resume : l->size;

	stage_log_note(l, l->size, trust_log_name(trust), log_key, note);
	buf_reset(proof);
	if (asked->number <= to && to <= l->size)
		stage_log_proof(l, asked->number, to, proof);
	*w = (struct wire){.verb = V_HEAD,
		.number = asked->number,
		.resume = asked->resume,
		.body = buf_bytes(note),
		.extra = buf_bytes(proof)};
}

/* The exchange answers the next question about its log, from this one. */
static inline void
say_head(struct stage_log *l)
{
	const struct wire asked = expect(V_LOG)->w;
	OWNED_BUF(note) = {0};
	OWNED_BUF(proof) = {0};
	struct wire w;

	head_of(l, &asked, &w, &note, &proof);
	broker_says(&w);
}

static inline bool
has_forked(void)
{
	return spool_count_facts(st->spool, TALK_ALARMS "forked/") > 0;
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
