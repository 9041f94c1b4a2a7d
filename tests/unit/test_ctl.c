/* SPDX-License-Identifier: EUPL-1.2
 *
 * What administrators type for times and filters, and what may leave in a support bundle. */
#include "tests/unit/test.h"

#include "broker/ctl_redact.h"
#include "broker/ctl_where.h"
#include "lib/id.h"

#define NOW INT64_C(1795780800000) /* 2026-11-27T12:00:00Z */
#define HOUR INT64_C(3600000)

static void
a_span_lies_before_now_or_behind_it(void **state)
{
	int64_t ms;

	(void)state;
	assert_true(when_parse("8h", NOW, WHEN_BEFORE, &ms));
	assert_int_equal(ms, NOW - 8 * HOUR);
	assert_true(when_parse("8h", NOW, WHEN_BEHIND, &ms));
	assert_int_equal(ms, NOW + 8 * HOUR);
	assert_true(when_parse("30min", NOW, WHEN_BEFORE, &ms));
	assert_int_equal(ms, NOW - HOUR / 2);
	assert_true(when_parse("2w", NOW, WHEN_BEFORE, &ms));
	assert_int_equal(ms, NOW - 14 * 24 * HOUR);
}

static void
a_day_is_its_beginning_and_an_instant_is_itself(void **state)
{
	int64_t day, instant;

	(void)state;
	assert_true(when_parse("2026-11-26", NOW, WHEN_BEFORE, &day));
	assert_true(when_parse("2026-11-26T00:00:00.000Z", NOW, WHEN_BEFORE, &instant));
	assert_int_equal(day, instant);
}

static void
what_is_no_time_is_refused(void **state)
{
	static const char *const wrong[] = {"", "yesterday", "8", "h", "-8h", "0h", "8 h", "8H",
		"2026-13-01", "2026-11-2", "999999999999h", "99999999w", "8hh", "+8h", "0x8h"};
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_false(when_parse(wrong[i], NOW, WHEN_BEFORE, &ms));
}

static void
filters_become_arguments(void **state)
{
	json_t *args = json_object();

	(void)state;
	assert_true(where_parse("code=QUARANTINED", NOW, args));
	assert_true(where_parse("from=KE.CRS", NOW, args));
	assert_true(where_parse("since=8h", NOW, args));
	assert_string_equal(json_string_value(json_object_get(args, "code")), "QUARANTINED");
	assert_string_equal(json_string_value(json_object_get(args, "from")), "KE.CRS");
	assert_true(json_is_integer(json_object_get(args, "since")));
	json_decref(args);
}

/* Left out it would let more through. */
static void
a_filter_that_is_not_understood_is_refused(void **state)
{
	static const char *const wrong[] = {"", "=", "code", "code=", "=X", "from=", "from=ke.crs",
		"to=KE", "id=1", "reason=x", "since=never", "code=a", "code=A B", "CODE=X",
		"averylongkeythatisnone=X", "dry_run=false"};
	json_t *args = json_object();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_false(where_parse(wrong[i], NOW, args));
	assert_int_equal(json_object_size(args), 0);
	assert_true(where_parse("code=X", NOW, args));
	assert_false(where_parse("code=Y", NOW, args));
	json_decref(args);
}

/* ---- what may leave ---- */

static void
assert_redacted(struct redactor *r, const char *text, const char *wanted)
{
	struct buf out = {0};

	redact_text(r, text, &out);
	assert_string_equal(out.data != NULL ? (const char *)out.data : "", wanted);
	buf_free(&out);
}

static void
names_of_things_and_people_become_signs(void **state)
{
	struct redactor r;

	(void)state;
	redactor_open(&r);
	assert_redacted(&r, "nothing from: SO.NIRA, KE.CRS; SO.NIRA", "nothing from: P1, P2; P1");
	assert_redacted(&r, "at tcp://10.0.0.7:7601", "at #");
	assert_redacted(&r, "at 10.0.0.7.", "at #.");
	assert_redacted(&r, "host fe80::1 asked", "host # asked");
	assert_redacted(&r, "case DFT-7Q2K-M9XA-P, dft-7q2km9xap", "case #, #");
	assert_redacted(&r, "id 01900000-0000-7000-8000-00000000abcd", "id #");
	assert_redacted(&r, "key 12ab19190ac227f0", "key #");
	assert_redacted(&r, "mail a.b@example.org", "mail #");
	assert_redacted(&r, "file /etc/daftar/sign.key", "file #");
	assert_redacted(&r, "name Fa\xc3\xafza \xd9\x85", "name # #");
	redactor_close(&r);
}

static void
figures_times_and_words_stay(void **state)
{
	static const char *const texts[] = {"the store is more than 70 % full",
		"3 messages, 1.5 a minute", "until 2026-11-26T00:00:00.000Z",
		"daftar_messages{stage=\"ACCEPTED\"} 120", "decade feedback 1024"};
	struct redactor r;

	(void)state;
	redactor_open(&r);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		assert_redacted(&r, texts[i], texts[i]);
	redactor_close(&r);
}

static void
a_text_stays_only_under_a_key_that_is_named(void **state)
{
	json_t *all = json_pack("{s:s, s:s, s:s, s:s, s:i, s:b, s:[s, s], s:{s:s}, s:s, s:i}",
		"state", "good", "name", "Hodan Abdi", "reason", "seen by Hodan", "by", "anna",
		"queued", 3, "on", 1, "warnings", "a", "party KE.CRS", "inner", "name", "Hodan",
		"second", "bene", "Hodan Abdi", 1);
	struct redactor r;
	json_t *out;

	(void)state;
	redactor_open(&r);
	out = redact(&r, all, "state warnings");
	assert_string_equal(json_string_value(json_object_get(out, "state")), "good");
	assert_null(json_object_get(out, "name"));
	assert_null(json_object_get(out, "reason"));
	assert_null(json_object_get(out, "Hodan Abdi"));
	assert_string_equal(json_string_value(json_object_get(out, "by")), "O1");
	assert_string_equal(json_string_value(json_object_get(out, "second")), "O2");
	assert_int_equal(json_integer_value(json_object_get(out, "queued")), 3);
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(out, "warnings"), 1)), "party P1");
	assert_int_equal(json_object_size(json_object_get(out, "inner")), 0);
	json_decref(all);
	json_decref(out);
	redactor_close(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_span_lies_before_now_or_behind_it),
		cmocka_unit_test(a_day_is_its_beginning_and_an_instant_is_itself),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(filters_become_arguments),
		cmocka_unit_test(a_filter_that_is_not_understood_is_refused),
		cmocka_unit_test(names_of_things_and_people_become_signs),
		cmocka_unit_test(figures_times_and_words_stay),
		cmocka_unit_test(a_text_stays_only_under_a_key_that_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
