/* SPDX-License-Identifier: EUPL-1.2
 *
 * The exchange's side of a comparison of books: what it answers, to whom, at what price; and that
 * after a restore nobody is served before he has compared. */
#include "tests/unit/exchange_fixture.h"

#include "lib/negentropy.h"

/* KE.CRS is peer 1, SO.NIRA peer 2, UNHCR.NBO peer 3. */
static int
set_up_connected(void **state)
{
	(void)set_up(state);
	connect_peer(1, 10, 5, 8);
	connect_peer(2, 20, 5, 8);
	connect_peer(3, 30, 5, 8);
	forget_effects();
	return 0;
}

/* ---- a party that compares ---- */

static uint8_t
key_of(peer_no peer)
{
	return (uint8_t)(peer * 10);
}

static struct recon
frame(enum recon_kind kind, uint64_t session)
{
	return (struct recon){
		.kind = kind, .session = session, .since = INT64_MIN, .until = INT64_MAX};
}

static void
say_recon(peer_no peer, const struct recon *r)
{
	OWNED_BUF(body) = {0};

	recon_encode(r, &body);
	say(peer, key_of(peer), &(struct wire){.verb = V_RECON, .body = buf_bytes(&body)});
	assert_int_equal(end_group(), E_OK);
}

/* The last RECON to this peer. */
static struct recon
answered(peer_no peer)
{
	const struct effect *e = NULL;
	struct recon r;

	for (size_t i = 0; i < count(peer, V_RECON); i++)
		e = effect_of(peer, V_RECON, i);
	assert_non_null(e);
	assert_int_equal(recon_decode(buf_bytes(&e->body), &r), E_OK);
	return r;
}

/* The kind of it, 0: there was none. */
static int
answered_kind(peer_no peer)
{
	return count(peer, V_RECON) == 0 ? 0 : (int)answered(peer).kind;
}

static void
assert_recon_refused(peer_no peer, enum err code)
{
	struct recon r = answered(peer);
	struct bytes note;
	enum err e;

	assert_int_equal(r.kind, RECON_REFUSED);
	assert_int_equal(recon_get_code(&r, &e, &note), E_OK);
	assert_int_equal(e, code);
}

/* One whole run against the exchange, as `head' says. Returns how many questions it took. */
static unsigned
compare(peer_no peer, const struct recon *head, const struct book *own, struct elements *have,
	struct elements *need)
{
	struct recon q = *head, a;
	unsigned questions = 0;
	OWNED_BUF(out) = {0};

	q.kind = RECON_QUERY;
	negentropy_begin(own, RECON_NEGENTROPY_MAX, &out);
	while (out.size > 0) {
		q.payload = buf_bytes(&out);
		say_recon(peer, &q);
		a = answered(peer);
		assert_int_equal(a.kind, RECON_ANSWER);
		assert_true(a.session == q.session);
		assert_int_equal(
			negentropy_next(own, RECON_NEGENTROPY_MAX, a.payload, have, need, &out),
			E_OK);
		questions++;
	}
	return questions;
}

static void
free_book(struct book **b)
{
	book_free(b);
}

/* What is needed by a party that holds nothing. */
static void
need_all(peer_no peer, const struct recon *head, struct elements *need)
{
	OWNED(struct book, own, free_book) = book_new();
	OWNED_ELEMENTS(have) = {0};

	book_seal(own);
	(void)compare(peer, head, own, &have, need);
	assert_int_equal(have.n, 0);
}

static void
add_to_book(void *context, int64_t created, const struct digest *element, uint64_t seq)
{
	book_add(context, created, element, seq);
}

/* As the party of that name would have it if nothing had gone wrong. */
static struct book *
book_of(const char *code)
{
	struct book *b = book_new();
	struct party p;

	assert_true(party_parse(code, &p));
	store_book(f.store, &p, INT64_MIN, INT64_MAX, add_to_book, b);
	book_seal(b);
	return b;
}

static void
want(peer_no peer, uint64_t session, const struct elements *need)
{
	struct recon r = frame(RECON_WANT, session);
	OWNED_BUF(payload) = {0};

	buf_u8(&payload, 0);
	for (size_t i = 0; i < need->n; i++)
		buf_add(&payload, need->list[i].octet, DIGEST_SIZE);
	r.payload = buf_bytes(&payload);
	say_recon(peer, &r);
}

static void
say_keys(peer_no peer, enum recon_kind kind, const char *from, uint64_t n)
{
	struct recon r = frame(kind, 1);
	struct party p;
	struct id id = numbered_id(n);
	OWNED_BUF(payload) = {0};

	assert_true(party_parse(from, &p));
	buf_u8(&payload, 0);
	buf_add(&payload, p.code, PARTY_SIZE);
	buf_add(&payload, id.octet, ID_SIZE);
	r.payload = buf_bytes(&payload);
	say_recon(peer, &r);
}

struct collected {
	struct buf body[4];
	size_t n;
};

static bool
collect(void *context, struct bytes body)
{
	struct collected *c = context;

	assert_true(c->n < ARRAY_LEN(c->body));
	buf_add_bytes(&c->body[c->n++], body);
	return true;
}

/* DONE, naming `differences' messages. */
static void
say_done(peer_no peer, uint64_t session, uint64_t differences)
{
	const struct recon head = frame(RECON_DONE, session);
	const struct recon_done done = {
		.elements = 7, .differences = differences, .mended = 1, .open = 2};
	struct collected bodies = {.n = 0};
	struct recon_list list;

	recon_list_begin(&list, &head, &done, collect, &bodies);
	for (uint64_t i = 0; i < differences; i++) {
		struct recon_difference d = {.word = "BROKER-LOST", .key = {.id = numbered_id(i)}};

		assert_true(party_parse("KE.CRS", &d.key.from));
		recon_list_difference(&list, &d);
	}
	assert_true(recon_list_end(&list));
	for (size_t i = 0; i < bodies.n; i++) {
		say(peer, key_of(peer),
			&(struct wire){.verb = V_RECON, .body = buf_bytes(&bodies.body[i])});
		assert_int_equal(end_group(), E_OK);
		buf_free(&bodies.body[i]);
	}
}

/* A comparison from HELLO to DONE, all well. */
static void
reconcile(peer_no peer)
{
	const struct recon head = frame(RECON_QUERY, 77);
	OWNED_ELEMENTS(need) = {0};

	need_all(peer, &head, &need);
	say_done(peer, 77, 0);
}

/* ---- questions ---- */

static void
equal_books_agree_in_one_question(void **state)
{
	const struct recon head = frame(RECON_QUERY, 1);
	OWNED(struct book, own, free_book) = NULL;
	OWNED_ELEMENTS(have) = {0};
	OWNED_ELEMENTS(need) = {0};

	for (uint64_t n = 1; n <= 200; n++)
		file(n, n);
	forget_effects();
	own = book_of("SO.NIRA");
	assert_int_equal(compare(2, &head, own, &have, &need), 1);
	assert_int_equal(have.n + need.n, 0);
	assert_true(answered(2).payload.size < 8);
}

static void
what_a_party_lacks_is_named_to_it(void **state)
{
	const struct recon head = frame(RECON_QUERY, 1);
	struct recon_items items;
	struct recon_name name;
	OWNED_ELEMENTS(need) = {0};
	struct recon r;
	size_t n = 0;

	file(1, 1);
	file(2, 2);
	take(2, 20, 2);
	settle(2, 2, ST_REJECTED, "SEAL", 0);
	forget_effects();
	need_all(1, &head, &need);
	assert_int_equal(need.n, 2);
	want(1, 1, &need);
	r = answered(1);
	assert_int_equal(r.kind, RECON_NAMES);
	assert_int_equal(recon_items(&r, &items), E_OK);
	assert_false(items.more);
	for (; recon_next_name(&items, &name) == E_OK; n++) {
		uint64_t number = name.header.channel_seq;
		struct entry e = entry_of(number);

		assert_true(digest_equal(&name.digest, &e.digest));
		assert_true(id_equal(&name.header.id, &e.header.id));
		assert_string_equal(name.header.to.code, "SO.NIRA");
		assert_true(name.accepted == START);
		assert_int_equal(name.stage, number == 1 ? ST_ACCEPTED : ST_REJECTED);
		assert_string_equal(name.code, number == 1 ? "" : "SEAL");
	}
	assert_int_equal(n, 2);
}

/* Neither elements nor names nor receipts of messages between others. */
static void
nobody_hears_of_messages_of_others(void **state)
{
	const struct recon head = frame(RECON_QUERY, 1);
	OWNED_ELEMENTS(theirs) = {0};
	OWNED_ELEMENTS(mine) = {0};
	struct recon_receipt receipt;
	struct recon_items items;
	struct recon_name name;
	struct recon r;

	file(1, 1);
	need_all(1, &head, &theirs);
	need_all(3, &head, &mine);
	assert_int_equal(theirs.n, 1);
	assert_int_equal(mine.n, 0);
	want(3, 1, &theirs);
	r = answered(3);
	assert_int_equal(recon_items(&r, &items), E_OK);
	assert_int_equal(recon_next_name(&items, &name), E_NOT_FOUND);
	say_keys(3, RECON_EVIDENCE, "KE.CRS", 1);
	r = answered(3);
	assert_int_equal(recon_items(&r, &items), E_OK);
	assert_int_equal(recon_next_receipt(&items, &receipt), E_NOT_FOUND);
}

static void
evidence_is_every_receipt_with_the_addressees_own(void **state)
{
	static const enum stage stages[] = {ST_ACCEPTED, ST_DELIVERED, ST_COMMITTED};
	struct sample settlement = receipt_for(1, ST_COMMITTED, "", 0);
	struct recon_receipt receipt;
	struct recon_items items;
	struct recon r;

	file(1, 1);
	take(2, 20, 1);
	settle(2, 1, ST_COMMITTED, "", 0);
	for (peer_no peer = 1; peer <= 2; peer++) {
		say_keys(peer, RECON_EVIDENCE, "KE.CRS", 1);
		r = answered(peer);
		assert_int_equal(r.kind, RECON_RECEIPTS);
		assert_int_equal(recon_items(&r, &items), E_OK);
		for (size_t i = 0; i < ARRAY_LEN(stages); i++) {
			assert_int_equal(recon_next_receipt(&items, &receipt), E_OK);
			assert_int_equal(receipt.stage, stages[i]);
			check_receipt(receipt.receipt, &receipt.key.id);
			assert_int_equal(receipt.addressee_receipt.size,
				stages[i] == ST_COMMITTED ? settlement.octets.size : 0);
		}
		assert_memory_equal(receipt.addressee_receipt.data, settlement.octets.data,
			settlement.octets.size);
		assert_int_equal(recon_next_receipt(&items, &receipt), E_NOT_FOUND);
	}
	buf_free(&settlement.octets);
}

static void
scope_is_a_channel_and_a_time(void **state)
{
	struct sample late = sample(2, 2, "KE.CRS", "SO.NIRA");
	struct sample other = sample(3, 3, "KE.CRS", "UNHCR.NBO");
	struct recon head = frame(RECON_QUERY, 1);
	OWNED_ELEMENTS(all) = {0};
	OWNED_ELEMENTS(channel) = {0};
	OWNED_ELEMENTS(before) = {0};
	struct entry first;

	file(1, 1);
	first = entry_of(1);
	late.v.header.created = START + HOUR;
	submit(1, &late);
	submit(1, &other);
	assert_int_equal(end_group(), E_OK);
	need_all(1, &head, &all);
	assert_int_equal(all.n, 3);
	head.session = 2;
	assert_true(party_parse("KE.CRS", &head.from) && party_parse("SO.NIRA", &head.to));
	need_all(1, &head, &channel);
	assert_int_equal(channel.n, 2);
	head.session = 3;
	head.until = START + HOUR;
	need_all(1, &head, &before);
	assert_int_equal(before.n, 1);
	assert_true(digest_equal(&before.list[0], &first.digest));
	forget_effects();
	head.kind = RECON_QUERY;
	head.payload = bytes_of("\x61", 1);
	say_recon(3, &head); /* it is no side of that channel */
	assert_recon_refused(3, E_NOT_FOUND);
	buf_free(&late.octets);
	buf_free(&other.octets);
}

static void
peer_has_four_sessions_and_the_idlest_goes(void **state)
{
	struct recon head = frame(RECON_QUERY, 0);
	struct recon_items items;
	struct recon_name name;
	OWNED_ELEMENTS(need) = {0};
	struct recon r;

	file(1, 1);
	for (; head.session < 4; head.session++) {
		f.tick++;
		need_all(1, &head, &need);
	}
	f.tick++;
	want(1, 0, &need);
	r = answered(1);
	assert_int_equal(recon_items(&r, &items), E_OK);
	assert_int_equal(recon_next_name(&items, &name), E_OK);
	f.tick++;
	need_all(1, &head, &need);
	want(1, 1, &need);
	assert_recon_refused(1, E_STATE);
	need_all(2, &head, &need); /* numbers are each peer's own */
	want(2, 0, &need);
	assert_recon_refused(2, E_STATE);
}

static void
frame_that_is_not_understood_is_refused(void **state)
{
	static const enum recon_kind wrong[] = {
		RECON_ANSWER, RECON_NAMES, RECON_RECEIPTS, RECON_COUNTER, RECON_WANT};
	struct recon r = frame(RECON_QUERY, 1);

	r.payload = bytes_of("\x61\x01", 2);
	say_recon(1, &r);
	assert_recon_refused(1, E_WIRE);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		r.kind = wrong[i];
		r.payload = bytes_of("\7", 1);
		forget_effects();
		say_recon(1, &r);
		assert_recon_refused(1, E_WIRE);
	}
	forget_effects();
	say(1, 10, &(struct wire){.verb = V_RECON, .body = bytes_of("?", 1)});
	assert_int_equal(end_group(), E_OK);
	assert_recon_refused(1, E_WIRE);
}

/* The answer is many times as large as the question. */
static void
nobody_asks_for_more_than_can_be_answered_at_once(void **state)
{
	struct recon r = frame(RECON_QUERY, 1), e = frame(RECON_EVIDENCE, 1);
	OWNED_ELEMENTS(many) = {0};
	OWNED_BUF(keys) = {0};
	struct digest nothing = {{0}};

	file(1, 1);
	r.payload = bytes_of("\x61", 1);
	say_recon(1, &r);
	while (many.n <= RECON_ASK_MAX)
		elements_add(&many, &nothing);
	forget_effects();
	want(1, 1, &many);
	assert_recon_refused(1, E_TOO_LARGE);
	buf_u8(&keys, 0);
	for (size_t i = 0; i <= RECON_ASK_MAX; i++) {
		const struct id id = {{(uint8_t)i}};
		struct party from = {"KE.CRS"};

		buf_add(&keys, from.code, sizeof from.code);
		buf_add(&keys, id.octet, sizeof id.octet);
	}
	e.payload = buf_bytes(&keys);
	forget_effects();
	say_recon(1, &e);
	assert_recon_refused(1, E_TOO_LARGE);
	e.payload.size -= PARTY_SIZE + ID_SIZE;
	forget_effects();
	say_recon(1, &e);
	assert_int_equal(answered(1).kind, RECON_RECEIPTS);
}

static void
party_that_asks_without_end_is_put_off_and_others_are_not(void **state)
{
	struct recon r = frame(RECON_QUERY, 1);
	OWNED_ELEMENTS(many) = {0};
	struct digest nothing = {{0}};
	size_t asked = 0;

	file(1, 1);
	r.payload = bytes_of("\x61", 1);
	say_recon(1, &r);
	while (many.n < RECON_ASK_MAX)
		elements_add(&many, &nothing);
	for (; asked < 10000 && answered_kind(1) != RECON_REFUSED; asked++) {
		forget_effects();
		want(1, 1, &many);
	}
	assert_recon_refused(1, E_BUSY);
	assert_true(asked > 100);
	forget_effects();
	say_recon(2, &r);
	assert_int_equal(answered(2).kind, RECON_ANSWER);
	tick(1000);
	forget_effects();
	say_recon(1, &r);
	assert_int_equal(answered(1).kind, RECON_ANSWER);
}

/* ---- mending ---- */

static void
lost_message_is_delivered_again_to_its_addressee(void **state)
{
	file(1, 1);
	dispatch();
	take(2, 20, 1);
	f.tick += 20000;
	dispatch();
	assert_int_equal(count(2, V_DELIVER), 1);
	say_keys(1, RECON_LOST, "KE.CRS", 1); /* its sender has nothing to lose here */
	say_keys(3, RECON_LOST, "KE.CRS", 1);
	dispatch();
	assert_int_equal(count(2, V_DELIVER), 1);
	say_keys(2, RECON_LOST, "KE.CRS", 1);
	dispatch();
	assert_int_equal(count(2, V_DELIVER), 2);
	assert_int_equal(entry_of(1).stage, ST_DELIVERED);
	take(2, 20, 1);
	f.tick += 600000;
	dispatch();
	assert_int_equal(count(2, V_DELIVER), 2);
	settle(2, 1, ST_COMMITTED, "", 0);
	assert_int_equal(entry_of(1).stage, ST_COMMITTED);
}

/* A second delivery of what has ended could become a second entry. */
static void
what_has_ended_is_never_delivered_again(void **state)
{
	file(1, 1);
	take(2, 20, 1);
	settle(2, 1, ST_COMMITTED, "", 0);
	say_keys(2, RECON_LOST, "KE.CRS", 1);
	dispatch();
	assert_int_equal(count(2, V_DELIVER), 0);
}

static void
what_was_lost_after_it_was_taken_does_not_expire(void **state)
{
	struct scrub scrub;

	file(1, 1);
	take(2, 20, 1);
	say_keys(2, RECON_LOST, "KE.CRS", 1);
	f.now += 30 * (int64_t)HOUR;
	tick(0);
	assert_int_equal(entry_of(1).stage, ST_DELIVERED);
	dispatch();
	assert_int_equal(count(2, V_DELIVER), 1);
	assert_int_equal(store_scrub(f.store, &scrub), E_OK);
}

/* ---- the outcome ---- */

static void
count_named(void *context, const struct recon_difference *d)
{
	size_t *n = context;

	assert_string_equal(d->word, "BROKER-LOST");
	(*n)++;
}

static void
outcome_is_kept_and_told(void **state)
{
	struct recon head = frame(RECON_QUERY, 9);
	struct party ke = f.trust.party[1].code, nobody = {.code = ""};
	struct compared days[COMPARED_DAYS];
	OWNED_ELEMENTS(need) = {0};
	struct recon_result r;
	size_t n = 0;

	assert_int_equal(store_recon(f.store, &ke, &r), E_NOT_FOUND);
	need_all(1, &head, &need);
	say_done(1, 9, 3);
	assert_int_equal(f.n_comparisons, 1);
	assert_string_equal(f.comparison[0].party.code, "KE.CRS");
	assert_int_equal(f.comparison[0].result.differences, 3);
	assert_int_equal(store_recon(f.store, &ke, &r), E_OK);
	assert_true(r.at == START);
	assert_int_equal(r.elements, 7);
	assert_int_equal(r.mended, 1);
	assert_int_equal(r.open, 2);
	exchange_each_difference(f.x, &ke, count_named, &n);
	assert_int_equal(n, 3);
	assert_int_equal(store_compared(f.store, &ke, &nobody, &nobody, days), 1);
	assert_int_equal(days[0].day, START / (24 * (int64_t)HOUR));
	assert_int_equal(days[0].open, 2);
	assert_false(days[0].equal);
}

static void
outcome_needs_a_comparison_of_everything(void **state)
{
	struct recon head = frame(RECON_QUERY, 1);
	OWNED_ELEMENTS(need) = {0};

	say_done(1, 1, 0);
	assert_recon_refused(1, E_STATE);
	head.until = START + HOUR;
	need_all(1, &head, &need);
	say_done(1, 1, 0);
	assert_recon_refused(1, E_STATE);
	assert_int_equal(f.n_comparisons, 0);
}

/* ---- the exchange asks ---- */

static void
hour_passes(peer_no peer)
{
	for (int i = 0; i < 120; i++) {
		tick(30000);
		say_credit(peer, key_of(peer), 0, 8);
		assert_int_equal(end_group(), E_OK);
	}
}

static void
comparison_that_is_a_day_old_is_asked_for(void **state)
{
	reconcile(1);
	forget_effects();
	for (int i = 0; i < 23; i++)
		hour_passes(1);
	assert_int_equal(count(1, V_RECON), 0);
	hour_passes(1);
	assert_int_equal(count(1, V_RECON), 1);
	assert_int_equal(answered(1).kind, RECON_GO);
	tick(30000); /* it is given time */
	assert_int_equal(count(1, V_RECON), 1);
	say_credit(1, 10, 0, 8);
	hour_passes(1);
	assert_int_equal(count(1, V_RECON), 2);
	reconcile(1);
	forget_effects();
	hour_passes(1);
	assert_int_equal(count(1, V_RECON), 0);
}

static void
operator_can_ask_for_one(void **state)
{
	struct party ke = f.trust.party[1].code, nobody = {"XX.NONE"};

	assert_false(exchange_ask(f.x, &nobody, f.tick));
	assert_true(exchange_ask(f.x, &ke, f.tick));
	tick(0);
	assert_int_equal(count(1, V_RECON), 1);
	assert_int_equal(answered(1).kind, RECON_GO);
}

/* ---- two parties ---- */

static void
agree(size_t from, size_t to, int64_t until)
{
	struct trust_agreement *a = &f.trust.agreement[f.trust.n_agreements++];

	a->from = f.trust.party[from].code;
	a->to = f.trust.party[to].code;
	a->valid_until = until;
}

static void
frames_between_parties_are_carried_in_the_senders_name(void **state)
{
	struct recon r = frame(RECON_QUERY, 1), got;

	agree(1, 2, START + 1000);
	r.payload = bytes_of("a question", 10);
	r.with = f.trust.party[2].code;
	say_recon(1, &r);
	assert_int_equal(count(1, V_RECON), 0);
	got = answered(2);
	assert_string_equal(got.with.code, "KE.CRS");
	assert_int_equal(got.payload.size, 10);
	r.kind = RECON_ANSWER;
	r.with = f.trust.party[1].code;
	say_recon(2, &r); /* an agreement serves both ways */
	assert_string_equal(answered(1).with.code, "SO.NIRA");
}

static void
frames_between_parties_need_a_live_agreement_and_a_line(void **state)
{
	struct recon r = frame(RECON_QUERY, 1);

	r.payload = bytes_of("a question", 10);
	r.with = f.trust.party[2].code;
	say_recon(1, &r);
	assert_recon_refused(1, E_NO_AGREEMENT);
	agree(2, 1, START);
	agree(1, 3, START + 1000);
	say_recon(1, &r);
	assert_recon_refused(1, E_NO_AGREEMENT); /* it has ended */
	agree(2, 1, START + 1000);
	exchange_peer_gone(f.x, 2);
	say_recon(1, &r);
	assert_recon_refused(1, E_UNREACHABLE);
	assert_int_equal(count(2, V_RECON), 0);
}

/* ---- closings ---- */

/* As SO.NIRA states the channel from KE.CRS in the hour from START, in the form that is read
 * without a parser; the examiner has checked the rest. */
static struct sample
statement_about(const struct book *b, uint64_t count, int64_t from, int64_t to)
{
	struct sample s = sample(700, 700, "SO.NIRA", "DAFTAR.HUB");
	char since[INSTANT_TEXT_SIZE], until[INSTANT_TEXT_SIZE];
	uint8_t fingerprint[BOOK_FINGERPRINT_SIZE];

	book_fingerprint(b, fingerprint);
	instant_format(from, since);
	instant_format(to, until);
	s.v.header.action = A_RECONCILIATION_STATEMENT;
	buf_reset(&s.octets);
	buf_printf(&s.octets,
		"<e:Message xmlns:e=\"urn:daftar:envelope:1\" realm=\"demo\" schemaVersion=\"1.0\">"
		"<e:Body><e:ReconciliationStatement><e:Period from=\"%s\" to=\"%s\"></e:Period>"
		"<e:Channel from=\"KE.CRS\" to=\"SO.NIRA\"></e:Channel><e:Count>%llu</e:Count>"
		"<e:Fingerprint>",
		since, until, (unsigned long long)count);
	buf_hex(&s.octets, fingerprint, sizeof fingerprint);
	buf_text(&s.octets, "</e:Fingerprint><e:Open>0</e:Open><e:Result>AGREED</e:Result>"
			    "</e:ReconciliationStatement></e:Body></e:Message>");
	digest_of(s.octets.data, s.octets.size, &s.v.digest);
	return s;
}

static struct sample
statement_of(const struct book *b, uint64_t count)
{
	return statement_about(b, count, START, START + HOUR);
}

/* Says it, as session 5. */
static void
state(peer_no peer, const struct sample *s)
{
	struct recon r = frame(RECON_STATEMENT, 5);

	r.payload = buf_bytes(&s->octets);
	say_recon(peer, &r);
	submit(peer, s);
	assert_int_equal(end_group(), E_OK);
}

static enum err
countersigned(peer_no peer, struct bytes *note)
{
	struct recon r = answered(peer);
	enum err e;

	assert_int_equal(r.kind, RECON_COUNTER);
	assert_int_equal(r.session, 5);
	assert_int_equal(recon_get_code(&r, &e, note), E_OK);
	return e;
}

static void
statement_that_is_right_is_counter_signed_and_kept(void **state_)
{
	struct party so = f.trust.party[2].code, ke = f.trust.party[1].code;
	OWNED(struct book, book, free_book) = NULL;
	OWNED_BUF(first) = {0};
	OWNED_BUF(second) = {0};
	struct store_figures figures;
	struct closing c;
	struct sample s;
	struct bytes note;

	file(1, 1);
	file(2, 2);
	take(2, 20, 2);
	settle(2, 2, ST_COMMITTED, "", 0);
	book = book_of("SO.NIRA");
	s = statement_of(book, 2);
	state(2, &s);
	assert_int_equal(countersigned(2, &note), E_OK);
	assert_int_equal(
		closing_verify(buf_bytes(&s.octets), note, ORIGIN, f.log_public, &c), E_OK);
	assert_int_equal(c.count, 2);
	assert_int_equal(store_closing(f.store, NULL, &so, &ke, &so, &first, &second), E_OK);
	assert_int_equal(first.size, s.octets.size);
	assert_int_equal(second.size, note.size);
	store_figures(f.store, &figures);
	assert_int_equal(figures.messages, 2);
	file(3, 3); /* it is signed, whatever comes later */
	state(2, &s);
	assert_int_equal(countersigned(2, &note), E_OK);
	assert_memory_equal(second.data, note.data, note.size);
	buf_free(&s.octets);
}

static size_t
stated_days(struct compared out[COMPARED_DAYS])
{
	struct party so = f.trust.party[2].code, ke = f.trust.party[1].code;

	return store_compared(f.store, &so, &ke, &so, out);
}

/* Whole days only, and the last that are kept; what is not borne out is kept as well. */
static void
statement_is_kept_for_each_of_its_days(void **state_)
{
	const int64_t day = 24 * (int64_t)HOUR, today = START - START % day;
	OWNED(struct book, book, free_book) = NULL;
	struct compared days[COMPARED_DAYS];
	struct bytes note;
	struct sample s;

	file(1, 1);
	book = book_of("SO.NIRA");
	s = statement_of(book, 1);
	state(2, &s);
	assert_int_equal(countersigned(2, &note), E_OK);
	assert_int_equal(stated_days(days), 0);
	buf_free(&s.octets);
	s = statement_about(book, 1, today - 3 * day + 1, today + day);
	state(2, &s);
	assert_int_equal(countersigned(2, &note), E_OK);
	assert_int_equal(stated_days(days), 3);
	assert_true(days[0].equal && days[0].day == today / day - 2);
	assert_int_equal(days[2].elements, 1);
	buf_free(&s.octets);
	s = statement_about(book, 2, today - 90 * day, today);
	state(2, &s);
	assert_int_equal(countersigned(2, &note), E_DIFFERS);
	assert_int_equal(stated_days(days), COMPARED_DAYS);
	assert_false(days[COMPARED_DAYS - 2].equal);
	assert_true(days[COMPARED_DAYS - 1].equal); /* today was not stated anew */
	buf_free(&s.octets);
	s = statement_about(book, 1, today, today + 900 * day);
	state(2, &s); /* of days to come */
	assert_int_equal(countersigned(2, &note), E_OK);
	assert_int_equal(stated_days(days), COMPARED_DAYS);
	assert_true(days[COMPARED_DAYS - 1].day == today / day);
	buf_free(&s.octets);
}

static void
statement_that_our_book_does_not_bear_out_is_not_signed(void **state_)
{
	OWNED(struct book, book, free_book) = NULL;
	struct bytes note;
	struct sample s;

	file(1, 1);
	book = book_of("SO.NIRA");
	file(2, 2);
	s = statement_of(book, 1);
	state(2, &s);
	assert_int_equal(countersigned(2, &note), E_DIFFERS);
	assert_int_equal(note.size, 0);
	s.v.code = E_SIGNATURE;
	state(2, &s);
	assert_int_equal(countersigned(2, &note), E_SIGNATURE);
	s.v.code = E_OK;
	state(1, &s); /* somebody else's */
	assert_int_equal(countersigned(1, &note), E_SENDER_MISMATCH);
	assert_true(party_parse("UNHCR.NBO", &s.v.header.from));
	state(3, &s); /* no side of the channel */
	assert_int_equal(countersigned(3, &note), E_NOT_FOUND);
	buf_free(&s.octets);
}

/* ---- after a restore ---- */

static char copy[80];

/* The store as it is now becomes a copy, and later the exchange starts on that. */
static void
back_up(void)
{
	struct scrub s;

	snprintf(copy, sizeof copy, "%s/copy", f.folder);
	assert_int_equal(store_backup(f.store, copy, &s), E_OK);
}

static void
restore(void)
{
	char folder[sizeof f.folder];

	stop_exchange();
	memcpy(folder, f.folder, sizeof folder);
	assert_true(copy_text(f.folder, sizeof f.folder, copy));
	start_exchange();
	memcpy(f.folder, folder, sizeof folder);
	forget_effects();
	connect_peer(1, 10, 6, 8);
	connect_peer(2, 20, 6, 8);
	forget_effects();
}

static void
nobody_is_served_before_he_has_compared(void **state)
{
	struct sample m = sample(9, 9, "KE.CRS", "SO.NIRA");
	struct sample r = receipt_for(1, ST_COMMITTED, "", 0);

	file(1, 1);
	take(2, 20, 1);
	file(2, 2);
	back_up();
	restore();
	submit(1, &m);
	say_taken(2, 20, 2);
	say_settled(2, &r, 1);
	assert_int_equal(end_group(), E_OK);
	assert_refused(1, 9, E_RECONCILING);
	assert_int_equal(count(2, V_REFUSED), 2);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(effect_of(2, V_REFUSED, i)->w.code, E_RECONCILING);
	dispatch();
	assert_int_equal(count(1, V_CONFIRM) + count(2, V_DELIVER), 0);
	reconcile(2);
	forget_effects();
	dispatch();
	assert_int_equal(count(2, V_DELIVER), 0); /* its sender may say that it has ended */
	assert_int_equal(count(1, V_CONFIRM), 0); /* not yet */
	say_settled(2, &r, 1);
	submit(1, &m);
	assert_int_equal(end_group(), E_OK);
	assert_int_equal(count(2, V_RECEIPT), 1);
	assert_refused(1, 9, E_RECONCILING);
	reconcile(1);
	forget_effects();
	f.tick += 1000;
	dispatch();
	assert_int_equal(count(2, V_DELIVER), 1);
	assert_int_equal(count(1, V_CONFIRM), 2);
	submit(1, &m);
	assert_int_equal(end_group(), E_OK);
	assert_int_equal(count(1, V_RECEIPT), 1);
	buf_free(&m.octets);
	buf_free(&r.octets);
}

/* Its examination may end after the comparison does; what it was to follow may have been lost. */
static void
what_was_said_before_the_comparison_is_not_heard_after_it(void **state)
{
	back_up();
	restore();
	assert_int_equal(exchange_hears(f.x, group(), 1), E_RECONCILING);
	assert_int_equal(exchange_hears(f.x, group(), 9), E_NOT_READY);
	reconcile(1);
	assert_int_equal(exchange_hears(f.x, group(), 1), E_OK);
	assert_int_equal(exchange_hears(f.x, group(), 2), E_RECONCILING);
	assert_int_equal(end_group(), E_OK);
}

static void
once_a_generation_is_enough(void **state)
{
	file(1, 1);
	back_up();
	restore();
	reconcile(1);
	forget_effects();
	connect_peer(1, 10, 7, 8);
	file(2, 2);
	assert_int_equal(count(1, V_RECEIPT), 1);
}

static void
what_was_settled_before_a_restore_does_not_expire_after_it(void **state)
{
	file(1, 1);
	back_up();
	settle(2, 1, ST_COMMITTED, "", 0);
	restore();
	tick(25 * (int64_t)HOUR);
	connect_peer(2, 20, 7, 8);
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	reconcile(2);
	for (int i = 0; i < 9 * 2; i++) {
		say_credit(2, 20, 0, 8);
		tick(30000);
	}
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	settle(2, 1, ST_COMMITTED, "", 0);
	assert_int_equal(entry_of(1).stage, ST_COMMITTED);
}

static void
file_made(uint64_t n, int64_t created)
{
	struct sample m = sample(n, n, "KE.CRS", "SO.NIRA");

	m.v.header.created = created;
	submit(1, &m);
	assert_int_equal(end_group(), E_OK);
	buf_free(&m.octets);
}

/* The one from before the restore is its addressee's to end; a new one is ours. */
static void
what_is_from_before_a_restore_waits_for_its_addressee(void **state)
{
	file(1, 1);
	back_up();
	restore();
	reconcile(1);
	file_made(2, instant_now() + HOUR);
	tick(24 * (int64_t)HOUR);
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	assert_int_equal(entry_of(2).stage, ST_EXPIRED);
	tick(30 * 24 * (int64_t)HOUR);
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	connect_peer(2, 20, 7, 8);
	reconcile(2);
	forget_effects();
	dispatch();
	assert_int_equal(count(2, V_DELIVER), 1);
	for (int minute = 0; minute < 9; minute++)
		tick(60000);
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	tick(60000);
	tick(60000);
	assert_int_equal(entry_of(1).stage, ST_EXPIRED);
}

/* Made before the restore, and lost by it: its addressee may have had it, and has compared its book
 * before this one came back. */
static void
what_comes_back_waits_until_its_addressee_was_asked_of_it(void **state)
{
	back_up();
	restore();
	reconcile(1);
	reconcile(2);
	tick(HOUR);
	connect_peer(1, 10, 7, 8);
	file(1, 1);
	tick(30 * 24 * (int64_t)HOUR);
	tick(HOUR);
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	connect_peer(2, 20, 7, 8);
	reconcile(2);
	tick(HOUR);
	assert_int_equal(entry_of(1).stage, ST_EXPIRED);
}

/* It has ended messages that we still hold as waiting, or as taken. */
static void
addressee_brings_a_restored_exchange_forward(void **state)
{
	file(1, 1);
	file(2, 2);
	take(2, 20, 2);
	back_up();
	settle(2, 1, ST_COMMITTED, "", 0);
	settle(2, 2, ST_REJECTED, "SEAL", 0);
	restore();
	reconcile(2);
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	assert_int_equal(entry_of(2).stage, ST_DELIVERED);
	forget_effects();
	settle(2, 1, ST_COMMITTED, "", 0);
	settle(2, 2, ST_REJECTED, "SEAL", 0);
	assert_int_equal(count(2, V_RECEIPT), 2);
	assert_int_equal(entry_of(1).stage, ST_COMMITTED);
	assert_int_equal(entry_of(2).stage, ST_REJECTED);
	dispatch();
	assert_int_equal(count(2, V_DELIVER), 0);
}

static void
what_a_restored_exchange_has_lost_is_accepted_anew(void **state)
{
	back_up();
	file(1, 1);
	take(2, 20, 1);
	settle(2, 1, ST_COMMITTED, "", 0);
	restore();
	reconcile(1);
	reconcile(2);
	forget_effects();
	file(1, 1);
	assert_int_equal(said(effect_of(1, V_RECEIPT, 0)).stage, ST_ACCEPTED);
	assert_int_equal(count_news("accepted"), 1);
	settle(2, 1, ST_COMMITTED, "", 0); /* the answer that it has kept */
	assert_int_equal(count(2, V_RECEIPT), 1);
	assert_int_equal(entry_of(1).stage, ST_COMMITTED);
}

static void
file_too_late(uint64_t n, int64_t created)
{
	struct sample m = sample(n, n, "KE.CRS", "SO.NIRA");

	m.v.code = E_EXPIRED;
	m.v.header.created = created;
	submit(1, &m);
	assert_int_equal(end_group(), E_OK);
	buf_free(&m.octets);
}

/* Lost, expired meanwhile, and ended by its addressee: it comes back so that its end can be told.
 * What was made after the restore and comes too late is refused like anything else. */
static void
what_expired_while_it_was_forgotten_is_ended_by_its_addressee(void **state)
{
	file_too_late(3, START);
	assert_int_equal(
		effect_of(1, V_REFUSED, 0)->w.code, E_EXPIRED); /* nothing was forgotten yet */
	back_up();
	file(1, 1);
	take(2, 20, 1);
	restore();
	tick(25 * (int64_t)HOUR);
	connect_peer(1, 10, 7, 8);
	connect_peer(2, 20, 7, 8);
	reconcile(1);
	reconcile(2);
	forget_effects();
	file_too_late(1, START);
	assert_int_equal(said(effect_of(1, V_RECEIPT, 0)).stage, ST_ACCEPTED);
	tick(1000);
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	settle(2, 1, ST_COMMITTED, "", 0);
	assert_int_equal(entry_of(1).stage, ST_COMMITTED);
	forget_effects();
	file_too_late(2, instant_now() + HOUR);
	assert_int_equal(effect_of(1, V_REFUSED, 0)->w.code, E_EXPIRED);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up_connected, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(equal_books_agree_in_one_question),
		T(what_a_party_lacks_is_named_to_it),
		T(nobody_hears_of_messages_of_others),
		T(evidence_is_every_receipt_with_the_addressees_own),
		T(scope_is_a_channel_and_a_time),
		T(peer_has_four_sessions_and_the_idlest_goes),
		T(frame_that_is_not_understood_is_refused),
		T(nobody_asks_for_more_than_can_be_answered_at_once),
		T(party_that_asks_without_end_is_put_off_and_others_are_not),
		T(lost_message_is_delivered_again_to_its_addressee),
		T(what_has_ended_is_never_delivered_again),
		T(what_was_lost_after_it_was_taken_does_not_expire),
		T(outcome_is_kept_and_told),
		T(outcome_needs_a_comparison_of_everything),
		T(comparison_that_is_a_day_old_is_asked_for),
		T(operator_can_ask_for_one),
		T(frames_between_parties_are_carried_in_the_senders_name),
		T(frames_between_parties_need_a_live_agreement_and_a_line),
		T(statement_that_is_right_is_counter_signed_and_kept),
		T(statement_that_our_book_does_not_bear_out_is_not_signed),
		T(statement_is_kept_for_each_of_its_days),
		T(nobody_is_served_before_he_has_compared),
		T(what_was_said_before_the_comparison_is_not_heard_after_it),
		T(once_a_generation_is_enough),
		T(what_expired_while_it_was_forgotten_is_ended_by_its_addressee),
		T(what_was_settled_before_a_restore_does_not_expire_after_it),
		T(what_is_from_before_a_restore_waits_for_its_addressee),
		T(what_comes_back_waits_until_its_addressee_was_asked_of_it),
		T(addressee_brings_a_restored_exchange_forward),
		T(what_a_restored_exchange_has_lost_is_accepted_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
