/* SPDX-License-Identifier: EUPL-1.2
 *
 * The issuing side of the adapter: what a request must fulfil, and what it leads to.
 */
#include "tests/unit/core_stage.h"

#include "adapters/core_parts.h"
#include "lib/protect.h"

/* ---- the issuing side ---- */

static void
request_becomes_a_sealed_extract(void **state)
{
	OWNED(struct extract, x, extract_free) = NULL;
	const struct party receiver = party_of(SOMALIA);
	struct header h = take_request();
	struct in_entry in = entry_of(&h);
	struct digest key;
	SENT(s);

	assert_true(work() == CORE_IDLE);
	assert_settled(&h, ST_COMMITTED, "");
	read_outbox(&s);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.header[0].action, A_CERTIFIED_EXTRACT);
	assert_string_equal(s.header[0].to.code, "SO.NIRA");
	assert_true(id_equal(&s.header[0].conversation, &h.conversation));
	assert_false(id_equal(&s.header[0].leg, &h.leg));
	assert_true(id_equal(&s.header[0].ref, &h.id));
	assert_true(digest_equal(&s.header[0].ref_digest, &in.digest));
	assert_int_equal(
		seal_verify_extract(buf_bytes(&s.body[0]), realm->sign[KENYA]->key, NULL), E_OK);
	assert_int_equal(extract_parse(buf_bytes(&s.body[0]), &x), E_OK);
	assert_string_equal(x->entry.number, "0412873920");
	assert_string_equal(x->certifier, "Registrar");
	record_key(bytes_of(shared_secret, 32), &receiver, "KE", &x->entry, &key);
	assert_true(s.header[0].has_key);
	assert_true(digest_equal(&key, &s.header[0].key));
}

static void
record_that_is_not_there_is_refused_i01(void **state)
{
	struct header h = take_request();
	SENT(s);

	fake->find = E_RECORD_NOT_FOUND;
	work();
	assert_settled(&h, ST_COMMITTED, "");
	read_outbox(&s);
	assert_int_equal(s.n, 1);
	assert_outcome(&s, 0, "UNHCR.NBO", "Refused", "I01");
	assert_true(id_equal(&s.header[0].leg, &h.leg));
}

static void
ambiguous_record_is_refused_and_said_so(void **state)
{
	OWNED(struct outcome, o, outcome_free) = NULL;
	struct header h = take_request();
	SENT(s);

	fake->find = E_AMBIGUOUS;
	work();
	assert_settled(&h, ST_COMMITTED, "");
	read_outbox(&s);
	assert_outcome(&s, 0, "UNHCR.NBO", "Refused", "I01");
	assert_int_equal(outcome_parse(buf_bytes(&s.body[0]), &o), E_OK);
	assert_non_null(strstr(o->explanation, "more than one"));
}

static void
unreadable_entry_waits_for_the_registrar(void **state)
{
	struct header h = take_request();
	struct in_entry e;

	fake->find = E_REGISTER_DATA;
	assert_true(work() == CORE_IDLE);
	e = entry_of(&h);
	assert_int_equal(e.state, IN_WAITING);
	assert_int_equal(e.code, E_REGISTER_DATA);
}

/* Its own number by its own rule; whatever it holds of other States is theirs. */
static void
number_against_its_own_rule_waits_for_the_registrar(void **state)
{
	static const struct {
		const char *scheme, *number;
		bool waits;
	} rows[] = {
		{"ke-birth-serial", "12", true}, /* verified: 6 to 9 digits */
		{"ke-birth-serial", "1234567", false},
		{"ke-upi", "12", false},	      /* told differently: not enforced */
		{"fr-nir", "295109912611194", false}, /* not Kenya's to check */
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(struct request, r, request_free) = case_hodan();
		struct header h;

		r->consent.field_set = "BIRTH-FULL";
		h = take_request_of(r);
		fake->scheme = rows[i].scheme;
		fake->number = rows[i].number;
		work();
		assert_int_equal(entry_of(&h).state == IN_WAITING, rows[i].waits);
	}
	fake->scheme = fake->number = NULL;
}

static void
name_heard_alike_waits_for_the_registrar(void **state)
{
	struct header h = take_request();
	struct in_entry e;

	fake->find = E_ALIKE;
	assert_true(work() == CORE_IDLE);
	e = entry_of(&h);
	assert_int_equal(e.state, IN_WAITING);
	assert_int_equal(e.code, E_ALIKE);
}

static void
register_that_is_away_is_asked_again(void **state)
{
	static const int64_t waits[] = {
		200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000};
	struct header h = take_request();

	fake->find = E_REGISTER;
	for (size_t i = 0; i < ARRAY_LEN(waits); i++) {
		assert_int_equal(work(), waits[i]);
		assert_int_equal(entry_of(&h).state, IN_TAKEN);
		stage.now += waits[i] / 2;
		assert_int_equal(work(), waits[i] - waits[i] / 2); /* not asked before its time */
		assert_int_equal(fake->found, i + 1);
		stage.now += waits[i] - waits[i] / 2;
	}
	fake->find = E_OK;
	assert_true(work() == CORE_IDLE);
	assert_settled(&h, ST_COMMITTED, "");
}

/* ---- what a request must fulfil ---- */

static void
consent_for_another(struct request *r)
{
	r->consent.destination = "UG.NIRA";
}

static void
consent_of_another_purpose(struct request *r)
{
	r->consent.purpose = "BIRTH-EXTRACT";
}

static void
consent_expired(struct request *r)
{
	r->consent.given_on = "2020-01-01";
	r->consent.valid_until = "2020-06-01";
}

static void
second_consent_expired(struct request *r)
{
	r->consent.next = arena_alloc(r->arena, sizeof *r->consent.next);
	*r->consent.next = r->consent;
	r->consent.next->next = NULL;
	r->consent.next->given_on = "2020-01-01";
	r->consent.next->valid_until = "2020-06-01";
}

static void
asked_of_another(struct request *r)
{
	r->requested_of = party_of(SOMALIA);
}

static void
no_agreement_with_destination(struct request *r)
{
	assert_true(party_parse("UG.NIRA", &r->destination));
	r->consent.destination = "UG.NIRA";
}

static void
extract_from_the_origin(struct request *r)
{
	r->case_type = "ORIGIN-EXTRACT";
}

static struct risk_clearance *
risk(struct request *r, const char *result)
{
	struct risk_clearance *c = arena_alloc(r->arena, sizeof *c);
	char today[11];

	c->officer = "NBO-PROT-009";
	c->result = result;
	core_day(stage.now, 0, today);
	c->on = arena_text(r->arena, today);
	return c;
}

static void
blocked_by_protection(struct request *r)
{
	r->risk = risk(r, "BLOCKED");
}

static const struct {
	void (*change)(struct request *r);
	const char *code;
} rules[] = {
	{consent_for_another, "P01"},
	{consent_of_another_purpose, "P01"},
	{consent_expired, "P02"},
	{second_consent_expired, "P02"},
	{asked_of_another, "L05"},
	{no_agreement_with_destination, "P07"},
	{extract_from_the_origin, "P04"},
	{blocked_by_protection, "P04"},
};

/* The register is not even asked. */
static void
each_rule_of_a_request_has_its_code(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		OWNED(struct request, r, request_free) = case_hodan();
		struct header h;
		SENT(s);

		if (i > 0) {
			stage_end(NULL);
			stage_begin(KENYA, false);
		}
		rules[i].change(r);
		h = take_request_of(r);
		work();
		assert_settled(&h, ST_COMMITTED, "");
		read_outbox(&s);
		assert_int_equal(s.n, 1);
		assert_outcome(&s, 0, "UNHCR.NBO", "Refused", rules[i].code);
		assert_int_equal(fake->found, 0);
	}
}

static void
clearance_opens_the_way_to_the_origin(void **state)
{
	OWNED(struct request, r, request_free) = case_hodan();
	struct header h;
	SENT(s);

	r->case_type = "ORIGIN-EXTRACT";
	r->risk = risk(r, "CLEARED");
	assert_int_equal(protect_clear(r, realm->second), E_OK);
	h = take_request_of(r);
	work();
	assert_settled(&h, ST_COMMITTED, "");
	read_outbox(&s);
	assert_int_equal(s.header[0].action, A_CERTIFIED_EXTRACT);
}

static void
consent_limits_what_is_sent(void **state)
{
	static const struct {
		const char *set;
		bool parents, nationality, time;
		size_t left_out;
	} sets[] = {
		{"BIRTH-CORE", false, false, false, 2},
		{"BIRTH-PARENTS", true, false, false, 2},
		{"BIRTH-FULL", true, true, true, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
		OWNED(struct request, r, request_free) = case_hodan();
		OWNED(struct extract, x, extract_free) = NULL;
		size_t left_out = 0;
		SENT(s);

		if (i > 0) {
			stage_end(NULL);
			stage_begin(KENYA, false);
		}
		r->consent.field_set = sets[i].set;
		take_request_of(r);
		work();
		read_outbox(&s);
		assert_int_equal(extract_parse(buf_bytes(&s.body[0]), &x), E_OK);
		assert_int_equal(x->parents != NULL, sets[i].parents);
		assert_int_equal(
			x->parents != NULL && x->parents->nationality != NULL, sets[i].nationality);
		assert_int_equal(x->birth_time != NULL, sets[i].time);
		assert_non_null(x->entry.registered_on);
		for (const struct text_item *t = x->redaction; t != NULL; t = t->next)
			left_out++;
		assert_int_equal(left_out, sets[i].left_out);
	}
}

static void
outcome_is_kept_by_the_issuer(void **state)
{
	OWNED(struct outcome, o, outcome_free) = outcome_new();
	OWNED(char, name, free_chars) = NULL;
	OWNED_BUF(body) = {0};
	OWNED_BUF(kept) = {0};
	struct header h = header_for(A_TRANSCRIPTION_OUTCOME, SOMALIA, KENYA);
	char id[ID_TEXT_SIZE];

	o->answers = h.ref;
	o->answers_digest = h.ref_digest;
	o->result = OUTCOME_ALREADY;
	o->entry_number = "SO-1";
	o->entered_on = "2026-11-24";
	outcome_compose(o, &body);
	take(&h, buf_bytes(&body), SOMALIA, KENYA);
	work();
	assert_settled(&h, ST_COMMITTED, "");
	id_format(&h.id, id);
	name = xprintf("outcome/%s", id);
	assert_int_equal(spool_fact(stage.spool, name, &kept), E_OK);
	assert_string_equal((char *)kept.data, (char *)body.data);
}

/* It says that it answers the message of this id, `answers' inside and h->ref outside. */
static void
take_answer(const struct header *h, enum who from, const struct id *answers)
{
	OWNED(struct outcome, o, outcome_free) = outcome_new();
	OWNED_BUF(body) = {0};

	o->answers = *answers;
	o->answers_digest = h->ref_digest;
	o->result = OUTCOME_ALREADY;
	o->entry_number = "SO-1";
	o->entered_on = "2026-11-24";
	outcome_compose(o, &body);
	take(h, buf_bytes(&body), from, KENYA);
}

static struct header
take_outcome(void)
{
	struct header h = header_for(A_TRANSCRIPTION_OUTCOME, SOMALIA, KENYA);

	take_answer(&h, SOMALIA, &h.ref);
	return h;
}

static void
outcome_by_another_than_the_addressee_is_not_kept(void **state)
{
	static const struct {
		enum who from;
		bool other_octets, other_inside;
		const char *code;
	} rows[] = {
		{OFFICE, false, false, "SENDER-MISMATCH"},
		{SOMALIA, true, false, "SENDER-MISMATCH"},
		{SOMALIA, false, true, "HEADER-MISMATCH"},
		{SOMALIA, false, false, ""},
	};
	struct out_entry sent;
	SENT(s);

	(void)state;
	take_request();
	work();
	read_outbox(&s);
	assert_int_equal(spool_out(stage.spool, &s.header[0].id, &sent, NULL), E_OK);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct header h = header_for(A_TRANSCRIPTION_OUTCOME, rows[i].from, KENYA);
		const struct id other = id_new();

		h.has_ref = true;
		h.ref = sent.header.id;
		h.ref_digest = sent.digest;
		h.ref_digest.octet[0] ^= rows[i].other_octets;
		take_answer(&h, rows[i].from, rows[i].other_inside ? &other : &h.ref);
		work();
		assert_settled(
			&h, rows[i].code[0] != '\0' ? ST_REJECTED : ST_COMMITTED, rows[i].code);
	}
}

static void
outcomes_go_on_while_the_register_is_away(void **state)
{
	struct header request = take_request(), outcome;

	fake->find = E_REGISTER;
	assert_int_equal(work(), 200);
	outcome = take_outcome();
	assert_int_equal(work(), 200); /* and the register is not asked the sooner for it */
	assert_settled(&outcome, ST_COMMITTED, "");
	assert_int_equal(entry_of(&request).state, IN_TAKEN);
	assert_int_equal(fake->found, 1);
}

static void
full_spool_finishes_what_was_taken(void **state)
{
	struct header outcome = take_outcome(), request = take_request();

	fill_spool();
	assert_true(work() == CORE_IDLE);
	assert_settled(&outcome, ST_COMMITTED, "");
	assert_settled(&request, ST_COMMITTED, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ISSUER(request_becomes_a_sealed_extract),
		ISSUER(record_that_is_not_there_is_refused_i01),
		ISSUER(ambiguous_record_is_refused_and_said_so),
		ISSUER(unreadable_entry_waits_for_the_registrar),
		ISSUER(number_against_its_own_rule_waits_for_the_registrar),
		ISSUER(name_heard_alike_waits_for_the_registrar),
		ISSUER(register_that_is_away_is_asked_again),
		ISSUER(each_rule_of_a_request_has_its_code),
		ISSUER(clearance_opens_the_way_to_the_origin),
		ISSUER(consent_limits_what_is_sent),
		ISSUER(outcome_is_kept_by_the_issuer),
		ISSUER(outcome_by_another_than_the_addressee_is_not_kept),
		ISSUER(outcomes_go_on_while_the_register_is_away),
		ISSUER(full_spool_finishes_what_was_taken),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
