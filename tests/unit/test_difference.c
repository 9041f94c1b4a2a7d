/* SPDX-License-Identifier: EUPL-1.2
 *
 * The judgement of differences: every combination that can be has exactly one row, and the rules
 * that keep a mend from making a second entry hold for all of them. */
#include "tests/unit/test.h"

#include "lib/difference.h"

/* ---- the table, a second time, to count rows ---- */

enum { NOTHING = 1, FILED = 2, OPEN = 4, TAKEN = 8 };
enum { COMMITTED = 16, REJECTED = 32, WITHDRAWN = 64, EXPIRED = 128, DEAD = 256 };
enum { ANSWERED = COMMITTED | REJECTED, CLOSED = WITHDRAWN | EXPIRED | DEAD };
enum { ENDED = ANSWERED | CLOSED };
enum { SEND = 1, RECEIVE = 2, BROKER = 1, PARTY = 2, KEPT = 1, GONE = 2, EITHER = 3 };
enum { SAME = 1, OTHER = 2, ANY = 3 };

static const struct {
	enum difference difference;
	unsigned way, who, body, we, they, ends;
} rows[] = {
#define CASE(name, way, who, body, we, they, ends) {name, way, who, body, we, they, ends},
#include "lib/difference.def"
};

/* What one side can hold, in the order of the bits above. */
static const struct {
	enum hold hold;
	enum stage ended;
	unsigned bit;
} holdings[] = {
	{HOLD_NOTHING, ST_ACCEPTED, NOTHING},
	{HOLD_FILED, ST_ACCEPTED, FILED},
	{HOLD_OPEN, ST_ACCEPTED, OPEN},
	{HOLD_TAKEN, ST_ACCEPTED, TAKEN},
	{HOLD_ENDED, ST_COMMITTED, COMMITTED},
	{HOLD_ENDED, ST_REJECTED, REJECTED},
	{HOLD_ENDED, ST_WITHDRAWN, WITHDRAWN},
	{HOLD_ENDED, ST_EXPIRED, EXPIRED},
	{HOLD_ENDED, ST_DEAD_LETTER, DEAD},
};

/* Calls `each' for every combination that can be: we are never TAKEN (of ourselves that is OPEN),
 * and what they have only filed is nothing. */
static void
walk(void (*each)(const struct difference_case *c, unsigned we, unsigned they))
{
	for (unsigned flags = 0; flags < 8; flags++)
		for (size_t w = 0; w < ARRAY_LEN(holdings); w++)
			for (size_t t = 0; t < ARRAY_LEN(holdings); t++) {
				struct difference_case c = {.send = flags & 1,
					.party = flags & 2,
					.body = flags & 4,
					.we = holdings[w].hold,
					.they = holdings[t].hold,
					.we_ended = holdings[w].ended,
					.they_ended = holdings[t].ended};

				if (c.we != HOLD_TAKEN && c.they != HOLD_FILED)
					each(&c, holdings[w].bit, holdings[t].bit);
			}
}

static unsigned walked;

static void
expect_one_row(const struct difference_case *c, unsigned we, unsigned they)
{
	enum difference judged = difference_judge(c);
	unsigned found = 0;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!(rows[i].way & (c->send ? SEND : RECEIVE)) ||
			!(rows[i].who & (c->party ? PARTY : BROKER)) ||
			!(rows[i].body & (c->body ? KEPT : GONE)) || !(rows[i].we & we) ||
			!(rows[i].they & they) || !(rows[i].ends & (we == they ? SAME : OTHER)))
			continue;
		assert_int_equal(rows[i].difference, judged);
		found++;
	}
	if (found != 1)
		fail_msg("send %d party %d body %d we %u they %u: %u rows", c->send, c->party,
			c->body, we, they, found);
	walked++;
}

static void
every_case_has_exactly_one_row(void **state)
{
	(void)state;
	walk(expect_one_row);
	assert_int_equal(walked, 8 * 8 * 8);
}

/* ---- never a second entry ---- */

static enum mend
mend_of(const struct difference_case *c)
{
	return difference_mend(difference_judge(c));
}

static void
expect_no_second_entry(const struct difference_case *c, unsigned we, unsigned they)
{
	enum mend m = mend_of(c);

	/* What has ended anywhere is never delivered again. */
	if (m == MEND_ASK)
		assert_true(!c->send && !c->party && we == NOTHING && they == TAKEN);
	/* Only what they have lost is sent again, with its octets, and never what ended without
	 * its addressee's answer: something else may have been sent in its place. */
	if (m == MEND_REFILE)
		assert_true(c->send && !c->party && c->body && they == NOTHING &&
			    (we & (OPEN | ANSWERED)));
	/* What we take over never replaces an end, and only the exchange proves what we sent. */
	if (m == MEND_ADOPT_IN)
		assert_true(!c->send && (we & (NOTHING | OPEN)) && (they & ENDED));
	if (m == MEND_ADOPT_OUT)
		assert_true(c->send && !c->party && we == NOTHING);
	if (m == MEND_RETELL)
		assert_true(!c->send && !c->party && (we & ANSWERED) && (they & (OPEN | TAKEN)));
	if (m == MEND_EVIDENCE)
		assert_true(c->send && !c->party && (we & (FILED | OPEN)) && they != NOTHING);
	/* Two ends are never smoothed over, but where the addressee himself has entered nothing. */
	if ((we & ENDED) && (they & ENDED) && we != they) {
		bool none = c->send ? c->party && (we & CLOSED) && they == REJECTED
				    : we == REJECTED && (they & CLOSED);

		assert_int_equal(m, none ? MEND_NONE : MEND_PERSON);
		assert_true(none == (difference_judge(c) == DIFF_END_NOT_ENTERED));
	}
}

static void
no_mend_can_make_a_second_entry(void **state)
{
	(void)state;
	walk(expect_no_second_entry);
}

/* ---- the dangerous ones, one by one ---- */

static const struct {
	const char *word;
	enum mend mend;
	struct difference_case c;
} spelled_out[] = {
	/* The exchange came back from yesterday's backup. */
	{"BROKER-LOST", MEND_REFILE, {.send = true, .body = true, .we = HOLD_OPEN}},
	{"BODY-GONE", MEND_PERSON, {.send = true, .we = HOLD_OPEN}},
	{"BROKER-LOST-END", MEND_REFILE,
		{.send = true, .body = true, .we = HOLD_ENDED, .we_ended = ST_COMMITTED}},
	{"BROKER-LOST-END", MEND_REFILE,
		{.send = true, .body = true, .we = HOLD_ENDED, .we_ended = ST_REJECTED}},
	{"BROKER-LOST-CLOSED", MEND_PERSON,
		{.send = true, .body = true, .we = HOLD_ENDED, .we_ended = ST_WITHDRAWN}},
	{"BROKER-LOST-CLOSED", MEND_PERSON,
		{.send = true, .body = true, .we = HOLD_ENDED, .we_ended = ST_EXPIRED}},
	{"BROKER-LOST-CLOSED", MEND_PERSON,
		{.send = true, .body = true, .we = HOLD_ENDED, .we_ended = ST_DEAD_LETTER}},
	{"CLOSED-IS-OPEN", MEND_PERSON,
		{.send = true, .we = HOLD_ENDED, .we_ended = ST_WITHDRAWN, .they = HOLD_OPEN}},
	{"END-FORGOTTEN", MEND_NONE,
		{.send = true, .we = HOLD_ENDED, .we_ended = ST_EXPIRED, .they = HOLD_OPEN}},
	{"END-UNTOLD", MEND_RETELL,
		{.we = HOLD_ENDED, .we_ended = ST_COMMITTED, .they = HOLD_OPEN}},
	{"SENDER-REFILES", MEND_NONE, {.we = HOLD_ENDED, .we_ended = ST_COMMITTED}},
	/* The party came back from yesterday's backup. */
	{"WE-LOST-SENT", MEND_ADOPT_OUT, {.send = true, .they = HOLD_OPEN}},
	{"WE-LOST-SENT", MEND_ADOPT_OUT,
		{.send = true, .they = HOLD_ENDED, .they_ended = ST_COMMITTED}},
	{"WE-LOST-TAKEN", MEND_ASK, {.they = HOLD_TAKEN}},
	{"UNDER-WAY", MEND_NONE, {.they = HOLD_OPEN}},
	{"WE-LOST-END", MEND_ADOPT_IN, {.they = HOLD_ENDED, .they_ended = ST_COMMITTED}},
	{"WE-LOST-END", MEND_ADOPT_IN,
		{.we = HOLD_OPEN, .body = true, .they = HOLD_ENDED, .they_ended = ST_COMMITTED}},
	{"WE-LOST-END", MEND_ADOPT_IN, {.they = HOLD_ENDED, .they_ended = ST_REJECTED}},
	{"ENDED-WITHOUT-US", MEND_ADOPT_IN,
		{.we = HOLD_OPEN, .they = HOLD_ENDED, .they_ended = ST_WITHDRAWN}},
	{"END-UNHEARD", MEND_EVIDENCE,
		{.send = true, .we = HOLD_OPEN, .they = HOLD_ENDED, .they_ended = ST_COMMITTED}},
	{"ACCEPT-UNHEARD", MEND_EVIDENCE, {.send = true, .we = HOLD_FILED, .they = HOLD_TAKEN}},
	/* Two different truths. */
	{"ENDS-DIFFER", MEND_PERSON,
		{.we = HOLD_ENDED,
			.we_ended = ST_COMMITTED,
			.they = HOLD_ENDED,
			.they_ended = ST_EXPIRED}},
	{"ENDS-DIFFER", MEND_PERSON,
		{.send = true,
			.we = HOLD_ENDED,
			.we_ended = ST_EXPIRED,
			.they = HOLD_ENDED,
			.they_ended = ST_REJECTED}},
	{"END-NOT-ENTERED", MEND_NONE,
		{.we = HOLD_ENDED,
			.we_ended = ST_REJECTED,
			.they = HOLD_ENDED,
			.they_ended = ST_EXPIRED}},
	{"OTHER-OCTETS", MEND_PERSON,
		{.send = true,
			.body = true,
			.other_octets = true,
			.we = HOLD_OPEN,
			.they = HOLD_OPEN}},
	{"OTHER-OCTETS", MEND_PERSON,
		{.send = true,
			.body = true,
			.other_octets = true,
			.we = HOLD_FILED,
			.they = HOLD_ENDED,
			.they_ended = ST_COMMITTED}},
	/* The other party, after both have compared with the exchange. */
	{"SENT-UNKNOWN", MEND_PERSON, {.send = true, .party = true, .they = HOLD_TAKEN}},
	{"THEY-LOST-END", MEND_PERSON,
		{.send = true,
			.party = true,
			.body = true,
			.we = HOLD_ENDED,
			.we_ended = ST_COMMITTED}},
	{"SENDER-FORGOT", MEND_PERSON, {.party = true, .we = HOLD_ENDED, .we_ended = ST_COMMITTED}},
};

static void
the_dangerous_cases_have_these_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(spelled_out); i++) {
		enum difference d = difference_judge(&spelled_out[i].c);

		assert_string_equal(difference_word(d), spelled_out[i].word);
		assert_int_equal(difference_mend(d), spelled_out[i].mend);
	}
}

static void
a_stage_that_is_no_end_counts_as_open(void **state)
{
	struct difference_case c = {.send = true, .body = true, .we = HOLD_ENDED};

	(void)state;
	c.we_ended = ST_DELIVERED;
	assert_int_equal(difference_judge(&c), DIFF_BROKER_LOST);
	c.we_ended = ST_CONFLICT;
	assert_int_equal(difference_judge(&c), DIFF_BROKER_LOST);
}

static void
every_word_is_one_of_its_own_and_is_read_back(void **state)
{
	(void)state;
	for (unsigned d = 0; d < DIFFERENCE_N; d++) {
		enum difference back;

		assert_true(difference_parse(difference_word((enum difference)d), &back));
		assert_int_equal(back, d);
		assert_true(strlen(difference_word((enum difference)d)) < 24);
		assert_true(strlen(difference_sentence((enum difference)d)) > 20);
	}
	assert_false(difference_parse("NO-SUCH", &(enum difference){0}));
	for (unsigned m = 0; m < MEND_N; m++)
		assert_non_null(mend_word((enum mend)m));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_has_exactly_one_row),
		cmocka_unit_test(no_mend_can_make_a_second_entry),
		cmocka_unit_test(the_dangerous_cases_have_these_answers),
		cmocka_unit_test(a_stage_that_is_no_end_counts_as_open),
		cmocka_unit_test(every_word_is_one_of_its_own_and_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
