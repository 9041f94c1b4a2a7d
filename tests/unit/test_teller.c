/* SPDX-License-Identifier: EUPL-1.2
 *
 * What daftar-alert tells to whom, and when again: news as the difference between what is and what
 * was told, over restarts and over a store that begins anew; and how it reads as a mail and as
 * JSON. */
#include "tests/unit/test.h"

#include <unistd.h>

#include "broker/teller.h"
#include "broker/teller_text.h"

#define NOW 1795507200000 /* 2026-11-24T08:00:00Z */
#define HOUR 3600000ll

static struct teller teller;
static const struct route all = {.on = true, .endings = true, .repeat = 24 * HOUR};

static json_t *
alert(const char *id, const char *rule, const char *severity, const char *state)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "id", id, "rule", rule,
		"severity", severity, "state", state, "since", "2026-11-24T07:00:00.000Z",
		"subject", "KE.CRS", "what", "a certificate expires", "runbook", rule);
}

/* The words of the news of these alerts, which are handed over when `told'. Takes them. */
static const char *
news(const struct route *r, json_t *alerts, int64_t now, bool told)
{
	static char words[256];
	json_t *list = teller_news(&teller, r, alerts, now);
	const json_t *item;
	size_t i;

	words[0] = '\0';
	json_array_foreach(list, i, item)
	{
		strcat(words, json_string_value(json_object_get(item, "news")));
		strcat(words, json_string_value(json_object_get(item, "id")));
		strcat(words, ";");
	}
	if (told || json_array_size(list) == 0)
		teller_told(&teller, list, alerts, now);
	json_decref(list);
	json_decref(alerts);
	return words;
}

static json_t *
one(const char *id, const char *severity, const char *state)
{
	return json_pack("[o]", alert(id, "certificate", severity, state));
}

static int
begin(void **state)
{
	teller_free(&teller);
	return 0;
}

/* ---- news ---- */

static void
an_alert_is_told_once(void **unused)
{
	assert_string_equal(news(&all, one("1", "warning", "firing"), NOW, true), "firing1;");
	assert_string_equal(news(&all, one("1", "warning", "firing"), NOW + 1, true), "");
}

static void
what_was_not_handed_over_is_told_again(void **unused)
{
	assert_string_equal(news(&all, one("1", "warning", "firing"), NOW, false), "firing1;");
	assert_string_equal(news(&all, one("1", "warning", "firing"), NOW + 1, true), "firing1;");
}

static void
its_end_is_told_to_whoever_was_told_of_it(void **unused)
{
	news(&all, one("1", "warning", "firing"), NOW, true);
	assert_string_equal(news(&all, one("1", "warning", "ended"), NOW, true), "ended1;");
	assert_string_equal(news(&all, one("1", "warning", "ended"), NOW, true), "");
}

static void
endings_can_be_left_out(void **unused)
{
	const struct route r = {.on = true};

	news(&r, one("1", "warning", "firing"), NOW, true);
	assert_string_equal(news(&r, one("1", "warning", "ended"), NOW, true), "");
	assert_int_equal(teller.n, 0);
}

static void
what_gets_worse_is_told(void **unused)
{
	news(&all, one("1", "warning", "firing"), NOW, true);
	assert_string_equal(news(&all, one("1", "critical", "firing"), NOW, true), "worse1;");
	assert_string_equal(news(&all, one("1", "critical", "firing"), NOW, true), "");
}

static void
it_is_told_again_after_a_day_unless_somebody_has_seen_it(void **unused)
{
	news(&all, one("1", "warning", "firing"), NOW, true);
	assert_string_equal(
		news(&all, one("1", "warning", "firing"), NOW + 24 * HOUR - 1, true), "");
	assert_string_equal(news(&all, one("1", "warning", "acked"), NOW + 24 * HOUR, true), "");
	assert_string_equal(
		news(&all, one("1", "warning", "firing"), NOW + 24 * HOUR, true), "reminder1;");
	assert_string_equal(news(&all, one("1", "warning", "firing"), NOW + 25 * HOUR, true), "");
}

static void
nobody_is_told_of_what_was_seen_or_muted_before(void **unused)
{
	assert_string_equal(news(&all, one("1", "critical", "acked"), NOW, true), "");
	assert_string_equal(news(&all, one("1", "critical", "muted"), NOW, true), "");
	assert_string_equal(news(&all, one("1", "critical", "ended"), NOW, true), "");
}

static void
what_came_and_went_unseen_is_told_but_not_at_the_beginning(void **unused)
{
	assert_string_equal(news(&all, one("1", "warning", "ended"), NOW, true), "");
	assert_string_equal(news(&all, one("2", "warning", "ended"), NOW, true), "ended2;");
	assert_string_equal(news(&all, one("2", "warning", "ended"), NOW, true), "");
}

static void
a_route_tells_its_severity_and_its_rules(void **unused)
{
	static const char *const rules[] = {"stuck", "silence"};
	const struct route critical = {.on = true, .least = SEVERITY_CRITICAL};
	const struct route some = {.on = true, .rules = rules, .n_rules = 2};
	const struct route off = {.on = false};

	assert_string_equal(news(&critical, one("1", "warning", "firing"), NOW, false), "");
	assert_string_equal(
		news(&critical, one("1", "critical", "firing"), NOW, false), "firing1;");
	assert_string_equal(news(&some, one("1", "critical", "firing"), NOW, false), "");
	assert_string_equal(
		news(&some, json_pack("[o]", alert("3", "silence", "warning", "firing")), NOW,
			false),
		"firing3;");
	assert_string_equal(news(&off, one("1", "critical", "firing"), NOW, false), "");
}

static void
a_store_that_begins_anew_is_told_anew(void **unused)
{
	json_t *again = alert("1", "certificate", "warning", "firing");

	news(&all, one("1", "warning", "firing"), NOW, true);
	json_object_set_new(again, "since", json_string("2026-11-24T09:00:00.000Z"));
	assert_string_equal(news(&all, json_pack("[o]", again), NOW, true), "firing1;");
	assert_int_equal(teller.n, 1);
}

/* ---- over a restart ---- */

static void
what_was_told_is_kept_in_a_file(void **unused)
{
	struct teller tellers[CHANNELS] = {{0}}, back[CHANNELS] = {{0}};
	char folder[64], file[80];

	assert_true(scratch_folder(folder, sizeof folder, "teller"));
	snprintf(file, sizeof file, "%s/state", folder);
	assert_int_equal(tellers_load(file, back), E_NOT_FOUND);
	news(&all, one("7", "critical", "firing"), NOW, true);
	tellers[CHANNEL_MAIL] = teller;
	assert_int_equal(tellers_save(file, tellers), E_OK);
	assert_int_equal(tellers_load(file, back), E_OK);
	assert_true(back[CHANNEL_MAIL].begun);
	assert_false(back[CHANNEL_WEBHOOK].begun);
	assert_int_equal(back[CHANNEL_MAIL].last, 7);
	assert_int_equal(back[CHANNEL_MAIL].n, 1);
	assert_int_equal(back[CHANNEL_MAIL].told[0].id, 7);
	assert_int_equal(back[CHANNEL_MAIL].told[0].at, NOW);
	assert_int_equal(back[CHANNEL_MAIL].told[0].severity, SEVERITY_CRITICAL);
	assert_string_equal(back[CHANNEL_MAIL].told[0].since, "2026-11-24T07:00:00.000Z");
	teller_free(&back[CHANNEL_MAIL]);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void
a_file_that_is_none_is_not_believed(void **unused)
{
	static const char *const bad[] = {"", "[]", "{\"mail\":7}", "{\"mail\":{\"last\":\"x\"}}",
		"{\"mail\":{\"last\":1,\"told\":[{}]}}", "{\"mail\":"};
	char folder[64], file[80];

	assert_true(scratch_folder(folder, sizeof folder, "teller"));
	snprintf(file, sizeof file, "%s/state", folder);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct teller back[CHANNELS] = {{0}};
		FILE *f = fopen(file, "w");

		assert_non_null(f);
		fputs(bad[i], f);
		fclose(f);
		assert_int_equal(tellers_load(file, back), E_INPUT);
		for (enum channel_kind k = 0; k < CHANNELS; k++)
			teller_free(&back[k]);
	}
	assert_int_equal(unlink(file), 0);
	assert_int_equal(rmdir(folder), 0);
}

/* ---- as a mail and as JSON ---- */

static struct buf text;

static const char *
letter_of(json_t *list, bool json)
{
	static const char *const to[] = {"a@example.org", "b@example.org\nBcc: c@example.org"};
	const struct letter l = {.exchange = "demo", .from = "d@example.org", .to = to, .n_to = 2};

	buf_reset(&text);
	if (json)
		letter_json(&text, &l, list, NOW);
	else
		letter_write(&text, &l, list, NOW);
	json_decref(list);
	return (const char *)text.data;
}

static json_t *
item(const char *id, const char *severity, const char *what)
{
	json_t *o = alert(id, "certificate", severity, "firing");

	json_object_set_new(o, "news", json_string(what));
	return o;
}

static void
a_mail_says_the_worst_first(void **unused)
{
	const char *mail =
		letter_of(json_pack("[o,o,o]", item("1", "critical", "ended"),
				  item("2", "warning", "firing"), item("3", "critical", "firing")),
			false);
	OWNED_BUF(subject) = {0};

	buf_text(&subject, "Subject: =?UTF-8?B?");
	buf_base64(&subject, "[daftar demo] CRITICAL: a certificate expi", 42);
	assert_non_null(strstr(mail, (const char *)subject.data));
	assert_non_null(strstr(mail, "Auto-Submitted: auto-generated\n"));
	assert_non_null(strstr(mail, "CRITICAL  a certificate expires: KE.CRS\n"));
	assert_non_null(strstr(mail, "over  a certificate expires: KE.CRS\n"));
	assert_non_null(strstr(mail, "daftarctl alert ack 3 "));
	assert_null(strstr(mail, "daftarctl alert ack 1 "));
}

/* While it lasts; there is nothing to call about when it is over. */
static void
whom_to_call_stands_in_the_letter(void **unused)
{
	json_t *one = item("1", "warning", "firing"), *over = item("2", "warning", "ended");
	const char *mail;

	json_object_set_new(one, "contacts", json_pack("[s,s]", "desk 112233", "night\nX-Evil: 1"));
	json_object_set_new(over, "contacts", json_pack("[s]", "desk 445566"));
	mail = letter_of(json_pack("[o,o]", one, over), false);
	assert_non_null(strstr(mail, "\n   whom to call: desk 112233\n"));
	assert_non_null(strstr(mail, "\n   whom to call: night?X-Evil: 1\n"));
	assert_null(strstr(mail, "445566"));
}

static void
nothing_from_outside_makes_a_line_of_its_own(void **unused)
{
	json_t *evil = item("1", "warning", "firing");
	const char *mail;

	json_object_set_new(evil, "subject", json_string("KE.CRS\nX-Evil: 1\r\n\r\nhello\x1b[2J"));
	json_object_set_new(evil, "since", json_string("now\nX-Evil: 2"));
	json_object_set_new(evil, "runbook", json_string("x\nX-Evil: 3"));
	mail = letter_of(json_pack("[o]", evil), false);
	assert_null(strstr(mail, "\nX-Evil"));
	assert_null(strstr(mail, "\nBcc"));
	assert_null(strchr(mail, '\r'));
	assert_null(strchr(mail, '\x1b'));
}

static void
a_long_list_is_cut_and_says_so(void **unused)
{
	json_t *list = json_array(), *many = json_array(), *back;

	for (int i = 0; i < NEWS_MOST + 3; i++) {
		json_array_append_new(list, item("1", "warning", "firing"));
		json_array_append_new(many, item("1", "warning", "firing"));
	}
	assert_non_null(strstr(letter_of(list, false), "and 3 more"));
	back = json_loads(letter_of(many, true), 0, NULL);
	assert_int_equal(json_array_size(json_object_get(back, "alerts")), NEWS_MOST);
	assert_int_equal(json_integer_value(json_object_get(back, "more")), 3);
	assert_string_equal(json_string_value(json_object_get(back, "exchange")), "demo");
	json_decref(back);
}

static int
end(void **state)
{
	teller_free(&teller);
	buf_free(&text);
	return 0;
}

#define T(name) cmocka_unit_test_setup(name, begin)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_alert_is_told_once),
		T(what_was_not_handed_over_is_told_again),
		T(its_end_is_told_to_whoever_was_told_of_it),
		T(endings_can_be_left_out),
		T(what_gets_worse_is_told),
		T(it_is_told_again_after_a_day_unless_somebody_has_seen_it),
		T(nobody_is_told_of_what_was_seen_or_muted_before),
		T(what_came_and_went_unseen_is_told_but_not_at_the_beginning),
		T(a_route_tells_its_severity_and_its_rules),
		T(a_store_that_begins_anew_is_told_anew),
		T(what_was_told_is_kept_in_a_file),
		T(a_file_that_is_none_is_not_believed),
		T(a_mail_says_the_worst_first),
		T(whom_to_call_stands_in_the_letter),
		T(nothing_from_outside_makes_a_line_of_its_own),
		T(a_long_list_is_cut_and_says_so),
	};

	return cmocka_run_group_tests_name("teller", tests, NULL, end);
}
