/* SPDX-License-Identifier: EUPL-1.2
 *
 * Questions and answers at an adapter: who may be asked, what waits meanwhile, what becomes of the
 * answer, and that each is said once. */
#include <dlfcn.h>
#include <lmdb.h>

#include "tests/unit/case_stage.h"

#include "adapters/core_parts.h"
#include "adapters/questions.h"

#define CUT 9	/* exit status of a process that was cut off */
#define MOST 60 /* commits of a step, more than there are */

static int cut;	   /* at the commit of that number; 0: at none */
static bool after; /* behind it, not before it */

/* In the place of LMDB's own, for this program. */
int
mdb_txn_commit(MDB_txn *txn)
{
	int (*real)(MDB_txn *) = NULL;
	int rc;

	*(void **)&real = dlsym(RTLD_NEXT, "mdb_txn_commit");
	assert_non_null(real);
	if (cut == 1 && !after)
		_exit(CUT);
	rc = real(txn);
	if (cut == 1)
		_exit(CUT);
	cut -= cut > 0;
	return rc;
}

#define IN_TIME "2999-01-01"

static const struct question plain = {
	.code = "MISMATCH", .text = "Which year?", .answer_by = IN_TIME};

static enum err
ask(const struct header *h, const struct question *q)
{
	return core_ask(stage.core, &h->from, &h->id, q, stage.now);
}

/* Another process asks, or, without a header, works, and ends at commit n. False when it came to
 * its own end before. */
static bool
cut_off(int n, bool behind, const struct header *h)
{
	pid_t pid;
	int status;

	stage_stop();
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		stage_start();
		cut = n;
		after = behind;
		if (h != NULL)
			(void)!ask(h, &plain);
		else
			work();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	stage_start();
	return WEXITSTATUS(status) == CUT;
}

static bool
remember(void *context, const struct asked *a)
{
	struct asked *all = context;

	*all = *a;
	return true;
}

static struct asked
asked_of(const struct whole_case *k)
{
	struct asked a = {.at = 0};

	assert_int_equal(question_each(stage.spool, &k->request.conversation, remember, &a), E_OK);
	return a;
}

static bool
is_answered(const struct whole_case *k)
{
	struct asked a = asked_of(k);
	struct in_entry e;

	return question_answered(stage.spool, &a, &e);
}

/* The answer to the question of the case; what `wrong' says is another. */
enum lie { TRUTH, OTHER_QUESTION, OTHER_MESSAGE, OTHER_BYTES };

static struct header
reply_of(const struct whole_case *k, enum who from, const char *answer, enum lie lie)
{
	struct header h = header_for(A_QUERY_REPLY, from, stage.self);
	struct query_reply r = {.answer = answer, .explanation = "2019, by the family book"};
	struct asked a = asked_of(k);
	struct out_entry sent;
	OWNED_BUF(body) = {0};
	char id[ID_TEXT_SIZE];

	put_in_case(k, &h);
	assert_int_equal(spool_out(stage.spool, &a.message, &sent, NULL), E_OK);
	h.has_ref = true;
	h.ref = lie == OTHER_MESSAGE ? id_new() : a.message;
	h.ref_digest = sent.digest;
	h.ref_digest.octet[0] ^= lie == OTHER_BYTES;
	if (lie == OTHER_QUESTION)
		a.query = id_new();
	id_format(&a.query, id);
	r.query = id;
	query_reply_compose(&r, &body);
	take_with(&h, k, buf_bytes(&body), from);
	return h;
}

static void
assert_question(const struct sent *s, size_t i, const struct whole_case *k, enum who to)
{
	OWNED(struct query, q, query_free) = NULL;

	assert_true(i < s->n);
	assert_int_equal(s->header[i].action, A_QUERY);
	assert_int_equal(who_is(&s->header[i].to), to);
	assert_true(s->header[i].has_token);
	assert_true(id_equal(&s->header[i].token.id, &k->request.token.id));
	assert_true(id_equal(&s->header[i].conversation, &k->request.conversation));
	assert_int_equal(query_parse(buf_bytes(&s->body[i]), &q), E_OK);
	assert_string_equal(q->code, "MISMATCH");
	assert_string_equal(q->answer_by, IN_TIME);
}

/* ---- asking ---- */

static void
issuer_asks_the_office_that_has_filed_and_waits(void **state)
{
	struct header h;
	CASE(k);
	SENT(s);

	case_begin(&k);
	h = request_of(&k);
	work();
	assert_int_equal(ask(&h, &plain), E_OK);
	work();
	assert_int_equal(entry_of(&h).state, IN_WAITING);
	assert_int_equal(fake->found, 0);
	read_outbox(&s);
	assert_int_equal(s.n, 1);
	assert_question(&s, 0, &k, OFFICE);
	assert_true(id_equal(&s.header[0].ref, &h.id));
	/* and decides without the answer, if she wants to */
	assert_int_equal(core_certify(stage.core, &h.from, &h.id, NULL, NULL, stage.now), E_OK);
}

static void
same_question_again_is_the_same_message(void **state)
{
	const struct question other = {
		.code = "MISMATCH", .text = "Which day?", .answer_by = IN_TIME};
	struct header h;
	CASE(k);
	SENT(one);
	SENT(two);

	case_begin(&k);
	h = request_of(&k);
	work();
	assert_int_equal(ask(&h, &plain), E_OK);
	assert_int_equal(ask(&h, &plain), E_OK);
	stage_stop();
	stage_start();
	assert_int_equal(ask(&h, &plain), E_OK);
	read_outbox(&one);
	assert_int_equal(one.n, 1);
	assert_int_equal(ask(&h, &other), E_OK);
	read_outbox(&two);
	assert_int_equal(two.n, 2);
}

static void
receiver_asks_the_office_or_the_issuer_and_nobody_else(void **state)
{
	struct question to = plain;
	struct header x;
	CASE(k);
	SENT(s);

	case_begin(&k);
	x = extract_of(&k, "7");
	work();
	assert_int_equal(ask(&x, &plain), E_OK);
	to.to = "KE.CRS";
	assert_int_equal(ask(&x, &to), E_OK);
	to.to = "ET.RES";
	assert_int_equal(ask(&x, &to), E_CONSENT_SCOPE);
	to.to = "UNHCR.NBO";
	assert_int_equal(ask(&x, &to), E_OK); /* the first again */
	read_outbox(&s);
	assert_int_equal(s.n, 2);
	assert_question(&s, 0, &k, OFFICE);
	assert_question(&s, 1, &k, KENYA);
	assert_int_equal(entry_of(&x).state, IN_WAITING);
	assert_int_equal(fake->entered, 0);
}

static void
what_may_not_stand_in_a_question_is_refused(void **state)
{
	const struct question bad[] = {
		{.code = "X", .answer_by = IN_TIME},
		{.code = "MISMATCH", .answer_by = "soon"},
		{.code = "MISMATCH", .answer_by = "2020-01-01"},
		{.code = "MISMATCH", .answer_by = IN_TIME, .text = "turned \xe2\x80\xae round"},
		{.code = "MISMATCH", .answer_by = IN_TIME, .text = "\x1b[2J"},
		{.code = "MISMATCH", .answer_by = IN_TIME, .text = ""},
		{.code = "MISMATCH", .answer_by = IN_TIME, .about = "//*"},
		{.code = "MISMATCH",
			.answer_by = IN_TIME,
			.about = "c:Locator",
			.document = "other"},
	};
	const struct question no_such = {
		.code = "UNREADABLE", .answer_by = IN_TIME, .document = "court-judgment"};
	struct header h;
	CASE(k);
	SENT(s);

	case_begin(&k);
	h = request_of(&k);
	work();
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(ask(&h, &bad[i]), E_INPUT);
	assert_int_equal(ask(&h, &no_such), E_NOT_FOUND);
	read_outbox(&s);
	assert_int_equal(s.n, 0);
	assert_int_equal(spool_count_facts(stage.spool, "asked/"), 0);
}

static void
full_spool_keeps_no_half_of_a_question(void **state)
{
	struct header h;
	CASE(k);
	SENT(s);

	case_begin(&k);
	h = request_of(&k);
	work();
	fill_spool();
	assert_int_equal(ask(&h, &plain), E_SPOOL_FULL);
	assert_int_equal(spool_count_facts(stage.spool, "asked/"), 0);
	read_outbox(&s);
	assert_int_equal(s.n, 0);
}

/* What is written first has room, the message has not. */
static void
question_that_cannot_be_filed_is_not_kept(void **state)
{
	struct header h;
	CASE(k);

	case_begin(&k);
	h = request_of(&k);
	work();
	spool_owe(stage.spool, (size_t)8 << 20, 0);
	assert_int_equal(ask(&h, &plain), E_SPOOL_FULL);
	assert_int_equal(spool_count_facts(stage.spool, "asked/"), 0);
	assert_int_equal(spool_count_facts(stage.spool, "question/"), 0);
}

/* What the exchange would refuse is told to the registrar, and not filed. */
static void
question_is_not_asked_under_an_agreement_that_has_ended(void **state)
{
	struct header h;
	CASE(k);
	SENT(s);

	case_begin(&k);
	h = request_of(&k);
	work();
	stage.now += 21 * DAY_MS;
	assert_true(stage.now < k.request.token.valid_until);
	assert_int_equal(ask(&h, &plain), E_NO_AGREEMENT);
	read_outbox(&s);
	assert_int_equal(s.n, 0);
	assert_int_equal(spool_count_facts(stage.spool, "asked/"), 0);
}

/* Before and behind each of its commits; then the same is done again. */
static void
adapter_cut_off_while_it_asks_has_asked_once(void **state)
{
	struct header h;
	CASE(k);

	case_begin(&k);
	h = request_of(&k);
	work();
	for (int n = 1; cut_off(n, true, &h) || cut_off(n, false, &h); n++) {
		assert_true(n < MOST);
		assert_true(spool_count_facts(stage.spool, "asked/") <= 1);
	}
	{
		SENT(s);

		read_outbox(&s);
		assert_int_equal(s.n, 1);
		assert_int_equal(spool_count_facts(stage.spool, "asked/"), 1);
	}
}

/* ---- answers ---- */

static void
answer_is_kept_once_and_the_case_goes_on(void **state)
{
	struct header x, r, again;
	CASE(k);

	case_begin(&k);
	x = extract_of(&k, "7");
	work();
	assert_int_equal(ask(&x, &plain), E_OK);
	assert_false(is_answered(&k));
	r = reply_of(&k, OFFICE, "confirm", TRUTH);
	work();
	assert_settled(&r, ST_COMMITTED, "");
	assert_true(is_answered(&k));
	assert_string_equal(entry_of(&r).note, "confirm");
	assert_int_equal(entry_of(&x).state, IN_WAITING);
	again = reply_of(&k, OFFICE, "cannot", TRUTH);
	work();
	assert_settled(&again, ST_REJECTED, "CONFLICT");
	assert_int_equal(core_transcribe(stage.core, &x.from, &x.id, NULL, stage.now), E_OK);
	assert_int_equal(fake->n, 1);
}

static void
answer_is_read_as_it_came(void **state)
{
	OWNED(struct query_reply, r, query_reply_free) = NULL;
	OWNED_BUF(body) = {0};
	struct header x;
	struct asked a;
	CASE(k);

	case_begin(&k);
	x = extract_of(&k, "7");
	work();
	assert_int_equal(ask(&x, &plain), E_OK);
	(void)reply_of(&k, OFFICE, "correct", TRUTH);
	work();
	a = asked_of(&k);
	assert_int_equal(
		paper_read(stage.spool, &a, PAPER_REPLY, realm->encrypt[SOMALIA], NULL, &body),
		E_OK);
	assert_int_equal(query_reply_parse(buf_bytes(&body), &r), E_OK);
	assert_string_equal(r->explanation, "2019, by the family book");
	buf_reset(&body);
	assert_int_equal(
		paper_read(stage.spool, &a, PAPER_REPLY, realm->encrypt[KENYA], NULL, &body),
		E_BODY);
}

static void
answer_that_does_not_fit_its_question_is_rejected(void **state)
{
	struct header x, r[4];
	CASE(k);

	case_begin(&k);
	x = extract_of(&k, "7");
	work();
	assert_int_equal(ask(&x, &plain), E_OK);
	r[0] = reply_of(&k, KENYA, "confirm", TRUTH);
	r[1] = reply_of(&k, OFFICE, "confirm", OTHER_QUESTION);
	r[2] = reply_of(&k, OFFICE, "confirm", OTHER_MESSAGE);
	r[3] = reply_of(&k, OFFICE, "confirm", OTHER_BYTES);
	work();
	assert_settled(&r[0], ST_REJECTED, "SENDER-MISMATCH");
	assert_settled(&r[1], ST_REJECTED, "HEADER-MISMATCH");
	assert_settled(&r[2], ST_REJECTED, "NOT-FOUND");
	assert_settled(&r[3], ST_REJECTED, "HEADER-MISMATCH");
	assert_false(is_answered(&k));
}

static void
answer_comes_to_its_end_in_a_full_spool(void **state)
{
	struct header x, r;
	CASE(k);

	case_begin(&k);
	x = extract_of(&k, "7");
	work();
	assert_int_equal(ask(&x, &plain), E_OK);
	r = reply_of(&k, OFFICE, "confirm", TRUTH);
	fill_spool();
	work();
	assert_settled(&r, ST_COMMITTED, "");
	assert_true(is_answered(&k));
}

static void
adapter_cut_off_while_it_settles_an_answer_has_settled_it_once(void **state)
{
	struct header x, r;
	CASE(k);

	case_begin(&k);
	x = extract_of(&k, "7");
	work();
	assert_int_equal(ask(&x, &plain), E_OK);
	r = reply_of(&k, OFFICE, "confirm", TRUTH);
	for (int n = 1; cut_off(n, true, NULL) || cut_off(n, false, NULL); n++) {
		assert_true(n < MOST);
		assert_int_equal(is_answered(&k), entry_of(&r).state == IN_DONE);
	}
	assert_settled(&r, ST_COMMITTED, "");
	assert_true(is_answered(&k));
}

/* ---- stopped ---- */

static void
P7_nothing_is_asked_or_heard_of_a_withdrawn_case(void **state)
{
	struct header x, r, stop;
	CASE(k);

	case_begin(&k);
	x = extract_of(&k, "7");
	work();
	assert_int_equal(ask(&x, &plain), E_OK);
	r = reply_of(&k, OFFICE, "confirm", TRUTH);
	stop = withdrawal_of(&k);
	assert_int_equal(ask(&x, &plain), E_FROZEN);
	work();
	assert_settled(&stop, ST_COMMITTED, "");
	assert_settled(&r, ST_REJECTED, "CONSENT-WITHDRAWN");
	assert_int_equal(ask(&x, &plain), E_CONSENT_WITHDRAWN);
	assert_int_equal(spool_count_facts(stage.spool, "asked/"), 0);
	assert_int_equal(spool_count_facts(stage.spool, "question/"), 0);
	assert_int_equal(spool_count_facts(stage.spool, "reply/"), 0);
	assert_int_equal(spool_count_facts(stage.spool, "answered/"), 0);
}

static void
held_case_is_not_asked_about_and_its_answer_waits(void **state)
{
	struct header x, r;
	CASE(k);

	case_begin(&k);
	x = extract_of(&k, "7");
	work();
	assert_int_equal(ask(&x, &plain), E_OK);
	r = reply_of(&k, OFFICE, "confirm", TRUTH);
	(void)hold_of(&k, OFFICE);
	work();
	assert_int_equal(ask(&x, &plain), E_FROZEN);
	assert_int_equal(entry_of(&r).state, IN_TAKEN);
	(void)release_of(&k, OFFICE);
	work();
	work();
	assert_settled(&r, ST_COMMITTED, "");
}

static void
P2_nobody_is_asked_beyond_the_consent(void **state)
{
	struct header x;
	CASE(k);
	SENT(s);

	case_begin(&k);
	x = extract_of(&k, "7");
	work();
	stage.now = k.request.token.valid_until;
	assert_int_equal(ask(&x, &plain), E_CONSENT_EXPIRED);
	read_outbox(&s);
	assert_int_equal(s.n, 0);
}

/* ---- another registry's question ---- */

/* About an extract that we have sent; `about' NULL: about one of which nobody knows. */
static struct header
query_of(const struct whole_case *k, enum who from, const struct header *about)
{
	struct header h = header_for(A_QUERY, from, stage.self);
	struct query q = {
		.id = UUID, .about = "b:Birth", .code = "VERIFY-CONTENT", .answer_by = IN_TIME};
	struct out_entry sent = {.order = 0};
	OWNED_BUF(body) = {0};

	put_in_case(k, &h);
	if (about != NULL)
		assert_int_equal(spool_out(stage.spool, &about->id, &sent, NULL), E_OK);
	h.has_ref = true;
	h.ref = about != NULL ? about->id : id_new();
	h.ref_digest = sent.digest;
	query_compose(&q, &body);
	take_with(&h, k, buf_bytes(&body), from);
	return h;
}

static struct header
certified(const struct whole_case *k)
{
	struct header h = request_of(k);
	SENT(s);

	work();
	assert_int_equal(core_certify(stage.core, &h.from, &h.id, NULL, NULL, stage.now), E_OK);
	read_outbox(&s);
	assert_int_equal(s.n, 1);
	return s.header[0];
}

static void
question_of_the_receiver_is_answered_by_the_registrar_once(void **state)
{
	const struct refusal why = {.code = "I02"};
	struct header x, q;
	CASE(k);

	case_begin(&k);
	x = certified(&k);
	q = query_of(&k, SOMALIA, &x);
	work();
	assert_int_equal(entry_of(&q).state, IN_WAITING);
	assert_int_equal(ask(&q, &plain), E_STATE);
	assert_int_equal(core_refuse(stage.core, &q.from, &q.id, &why, stage.now), E_STATE);
	assert_int_equal(
		core_answer(stage.core, &q.from, &q.id, "maybe", NULL, stage.now), E_INPUT);
	assert_int_equal(
		core_answer(stage.core, &q.from, &q.id, "confirm", "\x1b[2J", stage.now), E_INPUT);
	assert_int_equal(
		core_answer(stage.core, &q.from, &q.id, "confirm", "as it stands", stage.now),
		E_OK);
	assert_settled(&q, ST_COMMITTED, "");
	assert_int_equal(
		core_answer(stage.core, &q.from, &q.id, "cannot", NULL, stage.now), E_STATE);
	{
		OWNED(struct query_reply, r, query_reply_free) = NULL;
		SENT(s);

		read_outbox(&s);
		assert_int_equal(s.n, 2);
		assert_int_equal(s.header[1].action, A_QUERY_REPLY);
		assert_int_equal(who_is(&s.header[1].to), SOMALIA);
		assert_true(id_equal(&s.header[1].ref, &q.id));
		assert_int_equal(query_reply_parse(buf_bytes(&s.body[1]), &r), E_OK);
		assert_string_equal(r->query, UUID);
		assert_string_equal(r->answer, "confirm");
	}
}

static void
only_who_was_sent_an_extract_may_ask_about_it(void **state)
{
	struct header x, q[2];
	CASE(k);

	case_begin(&k);
	x = certified(&k);
	q[0] = query_of(&k, OFFICE, &x);
	q[1] = query_of(&k, SOMALIA, NULL);
	work();
	assert_settled(&q[0], ST_REJECTED, "SENDER-MISMATCH");
	assert_settled(&q[1], ST_REJECTED, "NOT-FOUND");
}

/* More than anybody needs would bury what else waits for the registrar. */
static void
no_more_than_16_questions_of_one_wait(void **state)
{
	struct header x, q[18];
	CASE(k);

	case_begin(&k);
	x = certified(&k);
	for (size_t i = 0; i < 16; i++)
		q[i] = query_of(&k, SOMALIA, &x);
	work();
	work();
	q[16] = query_of(&k, SOMALIA, &x);
	work();
	assert_int_equal(entry_of(&q[15]).state, IN_WAITING);
	assert_settled(&q[16], ST_REJECTED, "STATE");
	assert_int_equal(
		core_answer(stage.core, &q[0].from, &q[0].id, "confirm", NULL, stage.now), E_OK);
	q[17] = query_of(&k, SOMALIA, &x);
	work();
	assert_int_equal(entry_of(&q[17]).state, IN_WAITING);
}

static void
question_waits_no_longer_than_the_consent(void **state)
{
	struct header x, q;
	CASE(k);

	case_begin(&k);
	x = certified(&k);
	q = query_of(&k, SOMALIA, &x);
	work();
	stage.now = k.request.token.valid_until + 60001;
	assert_int_equal(core_answer(stage.core, &q.from, &q.id, "confirm", NULL, stage.now),
		E_CONSENT_EXPIRED);
	work();
	assert_settled(&q, ST_REJECTED, "CONSENT-EXPIRED");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		MANUAL_ISSUER(issuer_asks_the_office_that_has_filed_and_waits),
		MANUAL_ISSUER(same_question_again_is_the_same_message),
		MANUAL_RECEIVER(receiver_asks_the_office_or_the_issuer_and_nobody_else),
		MANUAL_ISSUER(what_may_not_stand_in_a_question_is_refused),
		MANUAL_ISSUER(full_spool_keeps_no_half_of_a_question),
		MANUAL_ISSUER(question_that_cannot_be_filed_is_not_kept),
		MANUAL_ISSUER(question_is_not_asked_under_an_agreement_that_has_ended),
		MANUAL_ISSUER(adapter_cut_off_while_it_asks_has_asked_once),
		MANUAL_RECEIVER(answer_is_kept_once_and_the_case_goes_on),
		MANUAL_RECEIVER(answer_is_read_as_it_came),
		MANUAL_RECEIVER(answer_that_does_not_fit_its_question_is_rejected),
		MANUAL_RECEIVER(answer_comes_to_its_end_in_a_full_spool),
		MANUAL_RECEIVER(adapter_cut_off_while_it_settles_an_answer_has_settled_it_once),
		MANUAL_RECEIVER(P7_nothing_is_asked_or_heard_of_a_withdrawn_case),
		MANUAL_RECEIVER(held_case_is_not_asked_about_and_its_answer_waits),
		MANUAL_RECEIVER(P2_nobody_is_asked_beyond_the_consent),
		MANUAL_ISSUER(question_of_the_receiver_is_answered_by_the_registrar_once),
		MANUAL_ISSUER(only_who_was_sent_an_extract_may_ask_about_it),
		MANUAL_ISSUER(no_more_than_16_questions_of_one_wait),
		MANUAL_ISSUER(question_waits_no_longer_than_the_consent),
	};

	realm_answers = true;
	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
