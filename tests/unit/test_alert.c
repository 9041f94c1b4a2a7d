/* SPDX-License-Identifier: EUPL-1.2
 *
 * The life of an alert under a clock of our own: raised once, held back, calmed, acknowledged,
 * muted, made worse, ended, forgotten, and kept over a restart. */
#include "tests/unit/store_stage.h"

#include "broker/store_alert.h"

#define SECOND 1000
#define MINUTE (60 * SECOND)

static struct alerts all;
static int64_t at;
static char said[256]; /* "raised stuck KE.CRS;" */
static unsigned kept, dropped;

static void
tell(void *context, const char *what, const struct alert *x)
{
	size_t n = strlen(said);

	(void)context;
	snprintf(said + n, sizeof said - n, "%s %s %s;", what, alert_word(x->rule), x->subject);
}

static void
keep(void *context, const struct alert *x)
{
	struct store_txn *t;

	(void)context;
	kept++;
	if (store == NULL)
		return;
	t = store_begin(store);
	store_put_alert(t, x);
	assert_int_equal(store_commit(&t), E_OK);
}

static void
drop(void *context, const struct alert *x)
{
	struct store_txn *t;

	(void)context;
	dropped++;
	if (store == NULL)
		return;
	t = store_begin(store);
	store_drop_alert(t, x->number);
	assert_int_equal(store_commit(&t), E_OK);
}

static const struct alert_effects effects = {NULL, tell, keep, drop};

static int
begin(void **state)
{
	(void)state;
	alerts_free(&all);
	at = NOW;
	said[0] = '\0';
	kept = dropped = 0;
	return 0;
}

static int
begin_with_store(void **state)
{
	begin(state);
	return fresh(state);
}

static int
end_with_store(void **state)
{
	int e = clean(state);

	store = NULL;
	return e;
}

/* A look that finds this, or nothing when `subject' is NULL; what it said. */
static const char *
look_level(enum alert_rule rule, const char *subject, unsigned level)
{
	said[0] = '\0';
	alerts_begin(&all, at);
	if (subject != NULL)
		alerts_found(&all, &(struct alert_found){.rule = rule,
					   .subject = subject,
					   .level = level,
					   .critical = level > 0,
					   .n = 3});
	alerts_end(&all, &effects);
	return said;
}

static const char *
look(enum alert_rule rule, const char *subject)
{
	return look_level(rule, subject, 0);
}

/* ---- raised ---- */

static void
it_is_raised_once_for_each_subject(void **unused)
{
	assert_string_equal(look(ALERT_STUCK, "KE.CRS"), "raised stuck KE.CRS;");
	at += SECOND;
	assert_string_equal(look(ALERT_STUCK, "KE.CRS"), "");
	assert_string_equal(look(ALERT_STUCK, "SO.NIRA"), "raised stuck SO.NIRA;");
	assert_int_equal(all.n, 2);
	assert_int_equal(alerts_firing(&all, SEVERITY_WARNING, at), 2);
	assert_int_equal(all.list[0].n, 3);
	assert_int_equal(all.list[0].since, NOW);
}

static void
it_holds_before_it_is_raised(void **unused)
{
	assert_string_equal(look(ALERT_NOT_READY, ""), "");
	at += 15 * SECOND - 1;
	assert_string_equal(look(ALERT_NOT_READY, ""), "");
	at += 1;
	assert_string_equal(look(ALERT_NOT_READY, ""), "raised not-ready ;");
}

static void
what_goes_by_before_is_not_told(void **unused)
{
	look(ALERT_NOT_READY, "");
	at += 10 * SECOND;
	assert_string_equal(look(ALERT_NOT_READY, NULL), "");
	assert_int_equal(all.n, 0);
	at += 10 * SECOND;
	assert_string_equal(look(ALERT_NOT_READY, ""), "");
	assert_int_equal(kept, 0);
}

/* ---- ended ---- */

static void
it_ends_when_it_has_been_calm(void **unused)
{
	look(ALERT_STUCK, "KE.CRS");
	at += 30 * SECOND - 1;
	assert_string_equal(look(ALERT_STUCK, NULL), "");
	at += 1;
	assert_string_equal(look(ALERT_STUCK, NULL), "ended stuck KE.CRS;");
	assert_int_equal(all.list[0].ended, at);
	assert_int_equal(alerts_firing(&all, SEVERITY_WARNING, at), 0);
}

static void
it_does_not_flap(void **unused)
{
	look(ALERT_STUCK, "KE.CRS");
	for (int i = 0; i < 100; i++) {
		at += 20 * SECOND;
		assert_string_equal(look(ALERT_STUCK, i % 2 == 0 ? NULL : "KE.CRS"), "");
	}
	assert_int_equal(all.n, 1);
	assert_int_equal(kept, 1);
}

static void
the_next_one_is_another(void **unused)
{
	look(ALERT_PARTY_OUT, "KE.CRS");
	at += SECOND;
	assert_string_equal(look(ALERT_PARTY_OUT, NULL), "ended party-out KE.CRS;");
	at += SECOND;
	assert_string_equal(look(ALERT_PARTY_OUT, "KE.CRS"), "raised party-out KE.CRS;");
	assert_int_equal(all.n, 2);
	assert_int_equal(all.list[1].number, 2);
}

static void
a_clock_that_goes_back_ends_nothing(void **unused)
{
	look(ALERT_STUCK, "KE.CRS");
	at -= 1000 * MINUTE;
	assert_string_equal(look(ALERT_STUCK, NULL), "");
	assert_int_equal(all.n, 1);
}

/* ---- worse ---- */

static void
what_gets_worse_is_news_to_whoever_has_seen_it(void **unused)
{
	look(ALERT_CERTIFICATE, "KE.CRS sign 12");
	assert_int_equal(alert_ack(&all.list[0], "amina", at), E_OK);
	assert_int_equal(alert_state(&all, &all.list[0], at), ALERT_ACKED);
	at += MINUTE;
	assert_string_equal(look_level(ALERT_CERTIFICATE, "KE.CRS sign 12", 2),
		"worse certificate KE.CRS sign 12;");
	assert_int_equal(alert_state(&all, &all.list[0], at), ALERT_FIRING);
	assert_int_equal(all.list[0].severity, SEVERITY_CRITICAL);
}

static void
it_is_less_bad_only_when_it_stays_so(void **unused)
{
	look_level(ALERT_STUCK, "KE.CRS", 1);
	at += 20 * SECOND;
	look(ALERT_STUCK, "KE.CRS");
	assert_int_equal(all.list[0].severity, SEVERITY_CRITICAL);
	at += 10 * SECOND;
	assert_string_equal(look(ALERT_STUCK, "KE.CRS"), "");
	assert_int_equal(all.list[0].severity, SEVERITY_WARNING);
}

/* ---- seen, muted ---- */

static void
mute_ends_by_itself_and_says_so(void **unused)
{
	look(ALERT_STUCK, "KE.CRS");
	assert_int_equal(alert_mute(&all.list[0], "amina", at + MINUTE), E_OK);
	assert_int_equal(alert_state(&all, &all.list[0], at), ALERT_MUTED);
	at += SECOND;
	assert_string_equal(look(ALERT_STUCK, "KE.CRS"), "");
	at += MINUTE;
	assert_string_equal(look(ALERT_STUCK, "KE.CRS"), "unmuted stuck KE.CRS;");
	assert_int_equal(alert_state(&all, &all.list[0], at), ALERT_FIRING);
}

static void
a_muted_rule_mutes_what_it_will_find(void **unused)
{
	all.mute[ALERT_STUCK].until = at + MINUTE;
	look(ALERT_STUCK, "KE.CRS");
	assert_int_equal(alert_state(&all, &all.list[0], at), ALERT_MUTED);
	assert_int_equal(alerts_firing(&all, SEVERITY_WARNING, at), 0);
	at += MINUTE;
	assert_string_equal(look(ALERT_STUCK, "KE.CRS"), "unmuted stuck KE.CRS;");
	assert_int_equal(all.mute[ALERT_STUCK].until, 0);
}

static void
what_has_ended_is_not_acknowledged(void **unused)
{
	look(ALERT_PARTY_OUT, "KE.CRS");
	at += SECOND;
	look(ALERT_PARTY_OUT, NULL);
	assert_int_equal(alert_ack(&all.list[0], "amina", at), E_STATE);
	assert_int_equal(alert_mute(&all.list[0], "amina", at + MINUTE), E_STATE);
}

/* ---- what happens rather than lasts ---- */

static void
what_happens_is_counted_and_fades(void **unused)
{
	alerts_happened(&all, ALERT_OFFENDER, "KE.CRS", at);
	alerts_happened(&all, ALERT_OFFENDER, "KE.CRS", at + 1);
	at += SECOND;
	assert_string_equal(look(ALERT_OFFENDER, NULL), "raised offender KE.CRS;");
	assert_int_equal(all.list[0].n, 2);
	at += 60 * MINUTE - 2 * SECOND;
	assert_string_equal(look(ALERT_OFFENDER, NULL), "");
	at += 2 * SECOND;
	assert_string_equal(look(ALERT_OFFENDER, NULL), "ended offender KE.CRS;");
}

/* ---- bounds ---- */

static void
there_are_never_too_many(void **unused)
{
	char subject[32];

	alerts_begin(&all, at);
	for (int i = 0; i < ALERTS_MAX + 7; i++) {
		snprintf(subject, sizeof subject, "XX.P%d", i);
		alerts_found(&all, &(struct alert_found){.rule = ALERT_STUCK, .subject = subject});
	}
	alerts_end(&all, &effects);
	assert_int_equal(all.n, ALERTS_MAX);
	assert_int_equal(all.left_out, 7);
}

static void
what_has_ended_is_remembered_for_a_week(void **unused)
{
	look(ALERT_PARTY_OUT, "KE.CRS");
	at += SECOND;
	look(ALERT_PARTY_OUT, NULL);
	at += ALERT_MEMORY_MS - 1;
	look(ALERT_PARTY_OUT, NULL);
	assert_int_equal(all.n, 1);
	at += 1;
	look(ALERT_PARTY_OUT, NULL);
	assert_int_equal(all.n, 0);
	assert_int_equal(dropped, 1);
}

static void
of_what_has_ended_the_newest_are_remembered(void **unused)
{
	for (int i = 0; i < ALERTS_ENDED_MAX + 5; i++) {
		look(ALERT_PARTY_OUT, "KE.CRS");
		at += SECOND;
		look(ALERT_PARTY_OUT, NULL);
		at += SECOND;
	}
	assert_int_equal(all.n, ALERTS_ENDED_MAX);
	assert_int_equal(all.list[0].number, 6);
	assert_int_equal(dropped, 5);
}

static void
a_long_subject_is_cut_and_found_again(void **unused)
{
	char subject[200];

	memset(subject, 'x', sizeof subject - 1);
	subject[sizeof subject - 1] = '\0';
	look(ALERT_STUCK, subject);
	at += SECOND;
	assert_string_equal(look(ALERT_STUCK, subject), "");
	assert_int_equal(all.n, 1);
	assert_int_equal(strlen(all.list[0].subject), ALERT_SUBJECT_SIZE - 1);
}

/* ---- words ---- */

static void
every_rule_has_a_word_of_its_own(void **unused)
{
	enum alert_rule r, found;

	for (r = 0; r < ALERT_RULES; r++) {
		assert_true(alert_parse(alert_word(r), &found));
		assert_int_equal(found, r);
		assert_true(strlen(alert_word(r)) < 24);
	}
	assert_false(alert_parse("none", &found));
	assert_false(alert_parse(NULL, &found));
}

/* ---- over a restart ---- */

static void
load(void)
{
	struct alert page[8];
	size_t n;

	alerts_free(&all);
	n = store_alerts(store, 0, page, 8);
	for (size_t i = 0; i < n; i++)
		alerts_put(&all, &page[i], at);
}

static void
an_alert_outlives_a_restart(void **unused)
{
	look_level(ALERT_STUCK, "KE.CRS", 1);
	assert_int_equal(alert_ack(&all.list[0], "amina", at), E_OK);
	at += SECOND;
	look_level(ALERT_STUCK, "KE.CRS", 1);
	reopen();
	load();
	assert_int_equal(all.n, 1);
	assert_int_equal(all.list[0].number, 1);
	assert_int_equal(all.list[0].since, NOW);
	assert_string_equal(all.list[0].acked_by, "amina");
	assert_string_equal(all.list[0].subject, "KE.CRS");
	assert_int_equal(all.list[0].severity, SEVERITY_CRITICAL);
	/* It is not told again, and a new one has a new number. */
	assert_string_equal(look_level(ALERT_STUCK, "KE.CRS", 1), "");
	assert_int_equal(alert_state(&all, &all.list[0], at), ALERT_ACKED);
	look(ALERT_STUCK, "SO.NIRA");
	assert_int_equal(all.list[1].number, 2);
}

static void
what_has_ended_leaves_the_store(void **unused)
{
	struct alert page[8];

	look(ALERT_PARTY_OUT, "KE.CRS");
	at += SECOND;
	look(ALERT_PARTY_OUT, NULL);
	assert_int_equal(store_alerts(store, 0, page, 8), 1);
	assert_int_equal(page[0].ended, at);
	at += ALERT_MEMORY_MS;
	look(ALERT_PARTY_OUT, NULL);
	assert_int_equal(store_alerts(store, 0, page, 8), 0);
}

static void
mutes_hearings_and_instants_are_kept(void **unused)
{
	const struct alert_mute m = {NOW + MINUTE, "amina"};
	const struct hearing h = {NOW, 5, 7};
	struct party p = party("KE.CRS");
	struct alert_mute mute;
	struct hearing back;
	struct store_txn *t = store_begin(store);

	store_put_mute(t, ALERT_STUCK, &m);
	store_put_hearing(t, &p, &h);
	store_put_instant(t, INSTANT_BACKUP, NOW);
	assert_int_equal(store_commit(&t), E_OK);
	reopen();
	store_mute(store, ALERT_STUCK, &mute);
	assert_int_equal(mute.until, NOW + MINUTE);
	assert_string_equal(mute.by, "amina");
	store_mute(store, ALERT_BOOKS, &mute);
	assert_int_equal(mute.until, 0);
	assert_int_equal(store_hearing(store, &p, &back), E_OK);
	assert_memory_equal(&back, &h, sizeof h);
	p = party("SO.NIRA");
	assert_int_equal(store_hearing(store, &p, &back), E_NOT_FOUND);
	assert_int_equal(store_instant(store, INSTANT_BACKUP), NOW);
	assert_int_equal(store_instant(store, INSTANT_FIRST), 0);
	t = store_begin(store);
	store_put_mute(t, ALERT_STUCK, &(struct alert_mute){.until = 0});
	assert_int_equal(store_commit(&t), E_OK);
	store_mute(store, ALERT_STUCK, &mute);
	assert_int_equal(mute.until, 0);
}

static void
scrub_passes_what_alerts_have_written(void **unused)
{
	struct scrub found;

	look(ALERT_STUCK, "KE.CRS");
	mutes_hearings_and_instants_are_kept(unused);
	assert_int_equal(store_scrub(store, &found), E_OK);
	assert_int_equal(found.damaged, 0);
}

int
main(void)
{
#define ALONE(f) cmocka_unit_test_setup(f, begin)
#define STORED(f) cmocka_unit_test_setup_teardown(f, begin_with_store, end_with_store)
	const struct CMUnitTest tests[] = {
		ALONE(it_is_raised_once_for_each_subject),
		ALONE(it_holds_before_it_is_raised),
		ALONE(what_goes_by_before_is_not_told),
		ALONE(it_ends_when_it_has_been_calm),
		ALONE(it_does_not_flap),
		ALONE(the_next_one_is_another),
		ALONE(a_clock_that_goes_back_ends_nothing),
		ALONE(what_gets_worse_is_news_to_whoever_has_seen_it),
		ALONE(it_is_less_bad_only_when_it_stays_so),
		ALONE(mute_ends_by_itself_and_says_so),
		ALONE(a_muted_rule_mutes_what_it_will_find),
		ALONE(what_has_ended_is_not_acknowledged),
		ALONE(what_happens_is_counted_and_fades),
		ALONE(there_are_never_too_many),
		ALONE(what_has_ended_is_remembered_for_a_week),
		ALONE(of_what_has_ended_the_newest_are_remembered),
		ALONE(a_long_subject_is_cut_and_found_again),
		ALONE(every_rule_has_a_word_of_its_own),
		STORED(an_alert_outlives_a_restart),
		STORED(what_has_ended_leaves_the_store),
		STORED(mutes_hearings_and_instants_are_kept),
		STORED(scrub_passes_what_alerts_have_written),
	};

	return cmocka_run_group_tests_name("alert", tests, make_key, drop_key);
}
