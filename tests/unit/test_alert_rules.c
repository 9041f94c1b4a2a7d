/* SPDX-License-Identifier: EUPL-1.2
 *
 * Each rule at its edge: facts on one side of it find nothing, on the other one thing. */
#include "tests/unit/test.h"

#include "broker/alert_rules.h"

#define NOW 1795507200000 /* 2026-11-24T08:00:00Z */
#define HOUR 3600000ll
#define DAY (24 * HOUR)

static const struct alert_limits limits = {
	.stuck = 2 * HOUR,
	.deadline = 48 * HOUR,
	.silence = 24 * HOUR,
	.fill = 70,
	.forecast = 14 * DAY,
	.backup = 48 * HOUR,
};
static struct alerts found;

/* What is wrong in this world; found.list[0] is the first. */
static size_t
look_with(const struct alert_world *w, const struct alert_limits *l)
{
	alerts_free(&found);
	alerts_begin(&found, w->now);
	alert_rules_look(w, l, &found);
	return found.n;
}

static size_t
look(struct alert_world w)
{
	w.now = NOW;
	return look_with(&w, &limits);
}

static size_t
look_at(struct alert_party p)
{
	p.code = "KE.CRS";
	return look((struct alert_world){.party = &p, .n_parties = 1});
}

static bool
is(enum alert_rule rule, const char *subject, enum severity s)
{
	return found.n == 1 && found.list[0].rule == rule && found.list[0].severity == s &&
	       strcmp(found.list[0].subject, subject) == 0;
}

static void
nothing_is_wrong_in_a_good_world(void **unused)
{
	assert_int_equal(look((struct alert_world){.backup_at = NOW}), 0);
	assert_int_equal(look_at((struct alert_party){.heard = NOW}), 0);
}

static void
each_state_of_the_exchange_is_a_rule(void **unused)
{
	const struct {
		struct alert_world w;
		enum alert_rule rule;
		enum severity severity;
	} row[] = {
		{{.not_ready = true}, ALERT_NOT_READY, SEVERITY_CRITICAL},
		{{.damaged = 1}, ALERT_DAMAGED, SEVERITY_CRITICAL},
		{{.scrub_damaged = true}, ALERT_DAMAGED, SEVERITY_CRITICAL},
		{{.log_differs = true}, ALERT_LOG, SEVERITY_CRITICAL},
		{{.full = true}, ALERT_STORE_FULL, SEVERITY_CRITICAL},
		{{.clock_behind = true}, ALERT_CLOCK, SEVERITY_CRITICAL},
		{{.aside = 1}, ALERT_ASIDE, SEVERITY_WARNING},
		{{.changes = 1}, ALERT_CHANGE, SEVERITY_WARNING},
		{{.too_old = 1}, ALERT_REVOCATION, SEVERITY_WARNING},
		{{.held = 1}, ALERT_HELD, SEVERITY_WARNING},
		{{.scrub_failed = true}, ALERT_SCRUB, SEVERITY_WARNING},
		{{.draining = true}, ALERT_DRAINING, SEVERITY_WARNING},
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		assert_int_equal(look(row[i].w), 1);
		assert_true(is(row[i].rule, "", row[i].severity));
	}
}

static void
a_store_fills_at_its_percent(void **unused)
{
	assert_int_equal(look((struct alert_world){.fill = 69}), 0);
	assert_int_equal(look((struct alert_world){.fill = 70}), 1);
	assert_true(is(ALERT_STORE_FILLS, "", SEVERITY_WARNING));
	assert_int_equal(found.list[0].n, 70);
}

static void
a_forecast_is_told_within_its_days(void **unused)
{
	assert_int_equal(look((struct alert_world){.full_at = NOW + 14 * DAY + 1}), 0);
	assert_int_equal(look((struct alert_world){.full_at = NOW + 14 * DAY}), 1);
	assert_true(is(ALERT_FORECAST, "", SEVERITY_WARNING));
	assert_int_equal(found.list[0].n, 14);
	assert_int_equal(look((struct alert_world){.full_at = NOW - 1}), 1);
	assert_int_equal(found.list[0].n, 0);
}

static void
a_backup_is_too_old_after_its_hours(void **unused)
{
	assert_int_equal(look((struct alert_world){.backup_at = NOW - 48 * HOUR}), 0);
	assert_int_equal(look((struct alert_world){.backup_at = NOW - 48 * HOUR - 1}), 1);
	assert_true(is(ALERT_BACKUP, "", SEVERITY_WARNING));
	assert_int_equal(found.list[0].n, 48);
}

static void
a_certificate_is_told_in_steps_and_its_last_week_is_critical(void **unused)
{
	static const struct {
		unsigned days, level;
		enum severity severity;
	} step[] = {{90, 0, SEVERITY_WARNING}, {30, 1, SEVERITY_WARNING}, {7, 2, SEVERITY_CRITICAL},
		{0, 3, SEVERITY_CRITICAL}};

	for (size_t i = 0; i < ARRAY_LEN(step); i++) {
		const struct alert_ending e = {
			"KE.CRS sign 12", NOW + (int64_t)step[i].days * DAY, step[i].days};

		assert_int_equal(look((struct alert_world){.ending = &e, .n_endings = 1}), 1);
		assert_true(is(ALERT_CERTIFICATE, "KE.CRS sign 12", step[i].severity));
		assert_int_equal(found.list[0].level, step[i].level);
		assert_int_equal(found.list[0].n, step[i].days);
	}
}

static void
the_trust_list_has_a_rule_of_its_own(void **unused)
{
	const struct alert_ending e = {"", NOW - 1, 0};

	assert_int_equal(look((struct alert_world){.ending = &e, .n_endings = 1}), 1);
	assert_true(is(ALERT_TRUST_LIST, "", SEVERITY_CRITICAL));
	assert_int_equal(found.list[0].n, 0);
}

static void
a_message_is_stuck_after_its_time_and_then_badly(void **unused)
{
	struct alert_party p = {.queued = 4, .oldest = NOW - 2 * HOUR};

	assert_int_equal(look_at(p), 0);
	p.oldest--;
	assert_int_equal(look_at(p), 1);
	assert_true(is(ALERT_STUCK, "KE.CRS", SEVERITY_WARNING));
	assert_int_equal(found.list[0].n, 4);
	p.oldest = NOW - 6 * HOUR;
	assert_int_equal(look_at(p), 1);
	assert_true(is(ALERT_STUCK, "KE.CRS", SEVERITY_WARNING));
	p.oldest--;
	assert_int_equal(look_at(p), 1);
	assert_true(is(ALERT_STUCK, "KE.CRS", SEVERITY_CRITICAL));
}

static void
a_party_is_silent_for_longer_than_is_usual_for_it(void **unused)
{
	struct alert_party p = {.silent = 24 * HOUR};

	assert_int_equal(look_at(p), 0);
	p.silent++;
	assert_int_equal(look_at(p), 1);
	assert_true(is(ALERT_SILENCE, "KE.CRS", SEVERITY_WARNING));
	/* One that comes by twice a week is not missed after a day. */
	p.usual = 4 * DAY;
	assert_int_equal(look_at(p), 0);
	p.silent = 8 * DAY;
	assert_int_equal(look_at(p), 0);
	p.silent++;
	assert_int_equal(look_at(p), 1);
}

static void
what_is_usual_is_learned_at_once_and_forgotten_slowly(void **unused)
{
	int64_t usual = alert_usual(0, 3 * DAY);

	assert_int_equal(usual, 3 * DAY);
	assert_int_equal(alert_usual(usual, HOUR), 3 * DAY);
	for (int day = 0; day < 14; day++)
		usual = alert_usual_fades(usual);
	assert_true(usual < 12 * HOUR);
	/* A party that was away for a month must not be missed only after two. */
	assert_int_equal(alert_usual(0, 60 * DAY), 7 * DAY);
}

static void
books_are_told_of_by_party(void **unused)
{
	assert_int_equal(look_at((struct alert_party){.differing = 2}), 1);
	assert_true(is(ALERT_BOOKS, "KE.CRS", SEVERITY_WARNING));
	assert_int_equal(found.list[0].n, 2);
	assert_int_equal(look_at((struct alert_party){.reconciling = true}), 1);
	assert_true(is(ALERT_RECONCILING, "KE.CRS", SEVERITY_WARNING));
}

static void
of_a_party_that_is_out_only_that_is_told(void **unused)
{
	assert_int_equal(look_at((struct alert_party){
				 .out = true, .queued = 9, .oldest = 1, .silent = 30 * DAY}),
		1);
	assert_true(is(ALERT_PARTY_OUT, "KE.CRS", SEVERITY_WARNING));
}

static void
a_deadline_is_told_by_road(void **unused)
{
	const struct alert_road r = {"KE.CRS", "SO.NIRA", 3, NOW + HOUR};

	assert_int_equal(look((struct alert_world){.road = &r, .n_roads = 1}), 1);
	assert_true(is(ALERT_DEADLINE, "KE.CRS>SO.NIRA", SEVERITY_WARNING));
	assert_int_equal(found.list[0].n, 3);
	assert_int_equal(found.list[0].when, NOW + HOUR);
	assert_int_equal(look((struct alert_world){.undecided = &r, .n_undecided = 1}), 1);
	assert_true(is(ALERT_DECISION, "KE.CRS>SO.NIRA", SEVERITY_WARNING));
}

static void
near_is_within_hours_and_within_the_last_quarter(void **unused)
{
	const int64_t accepted = NOW - 30 * DAY;

	assert_false(alert_is_near(&limits, accepted, NOW + 48 * HOUR + 1, NOW));
	assert_true(alert_is_near(&limits, accepted, NOW + 48 * HOUR, NOW));
	/* One that lives for a day is not near its end when it is born. */
	assert_false(alert_is_near(&limits, NOW, NOW + DAY, NOW));
	assert_false(alert_is_near(&limits, NOW - 18 * HOUR + 2, NOW + 6 * HOUR + 2, NOW));
	assert_true(alert_is_near(&limits, NOW - 18 * HOUR, NOW + 6 * HOUR, NOW));
}

static void
a_limit_of_nothing_switches_a_rule_off(void **unused)
{
	const struct alert_limits none = {.stuck = 0};
	const struct alert_party p = {
		.code = "KE.CRS", .queued = 9, .oldest = 1, .silent = 30 * DAY};
	const struct alert_world w = {.now = NOW,
		.fill = 99,
		.full_at = NOW + 1,
		.backup_at = 1,
		.party = &p,
		.n_parties = 1};

	assert_int_equal(look_with(&w, &none), 0);
	assert_false(alert_is_near(&none, 0, NOW, NOW));
}

static int
clear(void **state)
{
	alerts_free(&found);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_wrong_in_a_good_world),
		cmocka_unit_test(each_state_of_the_exchange_is_a_rule),
		cmocka_unit_test(a_store_fills_at_its_percent),
		cmocka_unit_test(a_forecast_is_told_within_its_days),
		cmocka_unit_test(a_backup_is_too_old_after_its_hours),
		cmocka_unit_test(a_certificate_is_told_in_steps_and_its_last_week_is_critical),
		cmocka_unit_test(the_trust_list_has_a_rule_of_its_own),
		cmocka_unit_test(a_message_is_stuck_after_its_time_and_then_badly),
		cmocka_unit_test(a_party_is_silent_for_longer_than_is_usual_for_it),
		cmocka_unit_test(what_is_usual_is_learned_at_once_and_forgotten_slowly),
		cmocka_unit_test(books_are_told_of_by_party),
		cmocka_unit_test(of_a_party_that_is_out_only_that_is_told),
		cmocka_unit_test(a_deadline_is_told_by_road),
		cmocka_unit_test(near_is_within_hours_and_within_the_last_quarter),
		cmocka_unit_test(a_limit_of_nothing_switches_a_rule_off),
	};

	return cmocka_run_group_tests_name("alert rules", tests, NULL, clear);
}
