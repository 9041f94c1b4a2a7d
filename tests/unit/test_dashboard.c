/* SPDX-License-Identifier: EUPL-1.2
 * The dashboard's sessions, tokens, cookies and queries; nothing from outside acts on a page. */
#include "tests/unit/test.h"

#include "dashboard/gzip.h"
#include "dashboard/page.h"
#include "dashboard/query.h"
#include "dashboard/session.h"
#include "dashboard/view.h"

static const char *const runbooks[] = {
#define RUNBOOK(names, title, html) names,
#include "dashboard/help_data.h"
#undef RUNBOOK
};

static const struct login amina = {.user = "amina", .roles = 3, .named = true};

static void
a_link_opens_one_session_once(void **state)
{
	OWNED(struct sessions, s, sessions_free) = sessions_new();
	char link[SECRET_TEXT_SIZE];
	struct session *session;

	sessions_link(s, &amina, 1000, link);
	assert_null(sessions_enter(s, "", 1000));
	assert_null(sessions_enter(s, "00000000000000000000000000000000", 1000));
	session = sessions_enter(s, link, 2000);
	assert_non_null(session);
	assert_string_equal(session->login.user, "amina");
	assert_null(sessions_enter(s, link, 2001));
	assert_ptr_equal(sessions_find(s, session->secret, "", 3000, true), session);
	assert_null(sessions_find(s, link, "", 3000, true));
	assert_null(sessions_find(s, "", "", 3000, true));
}

static void
links_and_idle_sessions_end(void **state)
{
	OWNED(struct sessions, s, sessions_free) = sessions_new();
	const int64_t idle = SESSION_IDLE_MS;
	char link[SECRET_TEXT_SIZE], secret[SECRET_TEXT_SIZE];

	sessions_link(s, &amina, 0, link);
	assert_null(sessions_enter(s, link, LINK_LIFE_MS + 1));
	memcpy(secret, sessions_open(s, &amina, 5)->secret, sizeof secret);
	assert_non_null(sessions_find(s, secret, "", 5 + idle, true));
	assert_non_null(sessions_find(s, secret, "", 5 + 2 * idle, false));
	assert_null(sessions_find(s, secret, "", 6 + 2 * idle, true));
	assert_null(sessions_find(s, secret, "", 7, true)); /* it does not come back */
}

static void
a_live_stream_does_not_keep_a_session_awake(void **state)
{
	OWNED(struct sessions, s, sessions_free) = sessions_new();
	char secret[SECRET_TEXT_SIZE];

	memcpy(secret, sessions_open(s, &amina, 0)->secret, sizeof secret);
	for (int64_t t = 0; t <= SESSION_IDLE_MS; t += 5000)
		assert_non_null(sessions_find(s, secret, "", t, false));
	assert_null(sessions_find(s, secret, "", SESSION_IDLE_MS + 1, false));
}

static void
a_session_that_is_used_all_day_ends_all_the_same(void **state)
{
	OWNED(struct sessions, s, sessions_free) = sessions_new();
	char secret[SECRET_TEXT_SIZE];

	memcpy(secret, sessions_open(s, &amina, 0)->secret, sizeof secret);
	for (int64_t t = 0; t <= SESSION_LIFE_MS; t += 600000)
		assert_non_null(sessions_find(s, secret, "", t, true));
	assert_null(sessions_find(s, secret, "", SESSION_LIFE_MS + 1, true));
}

static void
a_session_is_bound_to_its_certificate(void **state)
{
	OWNED(struct sessions, s, sessions_free) = sessions_new();
	struct login who = amina;
	struct session *session;

	memset(who.certificate, 'a', DIGEST_TEXT_SIZE - 1);
	session = sessions_open(s, &who, 0);
	assert_non_null(sessions_find(s, session->secret, who.certificate, 1, true));
	assert_null(sessions_find(s, session->secret, "", 1, true));
	assert_null(sessions_find(s, session->secret, "bbbb", 1, true));
}

static void
who_comes_again_and_again_puts_nobody_else_out(void **state)
{
	OWNED(struct sessions, s, sessions_free) = sessions_new();
	const struct login bile = {.user = "bile", .roles = 1, .named = true};
	char hers[SECRET_TEXT_SIZE], last[SECRET_TEXT_SIZE];

	(void)state;
	memcpy(hers, sessions_open(s, &amina, 0)->secret, sizeof hers);
	for (int i = 1; i < 100; i++)
		memcpy(last, sessions_open(s, &bile, i)->secret, sizeof last);
	assert_non_null(sessions_find(s, hers, "", 100, true));
	assert_non_null(sessions_find(s, last, "", 100, true));
}

static void
the_oldest_link_gives_way_to_the_fifth(void **state)
{
	OWNED(struct sessions, s, sessions_free) = sessions_new();
	char link[5][SECRET_TEXT_SIZE];

	for (int i = 0; i < 5; i++)
		sessions_link(s, &amina, i, link[i]);
	assert_null(sessions_enter(s, link[0], 10));
	assert_non_null(sessions_enter(s, link[1], 10));
	assert_non_null(sessions_enter(s, link[4], 10));
}

static void
a_form_token_differs_each_time_and_is_of_one_session(void **state)
{
	OWNED(struct sessions, s, sessions_free) = sessions_new();
	struct session *a = sessions_open(s, &amina, 0), *b = sessions_open(s, &amina, 0);
	char one[TOKEN_TEXT_SIZE], two[TOKEN_TEXT_SIZE];

	session_token(a, one);
	session_token(a, two);
	assert_string_not_equal(one, two);
	assert_true(session_token_fits(a, one));
	assert_true(session_token_fits(a, two));
	assert_false(session_token_fits(b, one));
	one[40] = one[40] == '0' ? '1' : '0';
	assert_false(session_token_fits(a, one));
	assert_false(session_token_fits(a, ""));
	two[63] = '\0';
	assert_false(session_token_fits(a, two));
}

static void
cookies_are_found_by_their_whole_name_and_once(void **state)
{
	static const struct {
		const char *header, *value;
	} rows[] = {
		{"daftar=ab", "ab"},
		{"x=1; daftar=ab; y=2", "ab"},
		{"notdaftar=ab", NULL},
		{"daftarx=ab", NULL},
		{"x=daftar=ab", NULL},
		{"daftar=ab; daftar=cd", NULL},
		{"daftar=0123456789abcdef", NULL},
		{"daftar=", ""},
		{"", NULL},
		{";;; ;", NULL},
	};
	char value[9];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(cookie_find(rows[i].header, "daftar", value, sizeof value),
			rows[i].value != NULL);
		if (rows[i].value != NULL)
			assert_string_equal(value, rows[i].value);
	}
}

static bool
parsed(const char *text, struct query *q)
{
	return query_parse(bytes_of(text, strlen(text)), q);
}

static void
queries_are_strict(void **state)
{
	static const char *const bad[] = {"a=%", "a=%4", "a=%zz", "a=%00", "a=1&a=2", "a=%1b",
		"a=%0a", "a=%ff", "a=%c0%af", "a=%ed%a0%80", "a=%c2%85", "=1",
		"0123456789012345678901234567890123456789=1", "a&a=1&a=2"};
	struct query q;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_false(parsed(bad[i], &q));
		assert_int_equal(q.n, 0);
	}
	assert_true(parsed("a=1+2%26&b=%d8%a2&c=&&d", &q));
	assert_string_equal(query_text(&q, "a"), "1 2&");
	assert_string_equal(query_text(&q, "b"), "\xd8\xa2");
	assert_null(query_text(&q, "c"));
	assert_null(query_text(&q, "d"));
}

static void
queries_are_bounded(void **state)
{
	OWNED_BUF(text) = {0};
	struct query q;

	for (int i = 0; i < QUERY_MAX; i++)
		buf_printf(&text, "a%d=1&", i);
	assert_true(query_parse(buf_bytes(&text), &q));
	buf_text(&text, "z=1");
	assert_false(query_parse(buf_bytes(&text), &q));
	buf_reset(&text);
	buf_text(&text, "a=");
	for (int i = 0; i < QUERY_VALUE_SIZE - 1; i++)
		buf_text(&text, "x");
	assert_true(query_parse(buf_bytes(&text), &q));
	buf_text(&text, "x");
	assert_false(query_parse(buf_bytes(&text), &q));
}

static void
a_query_is_written_as_it_was_read(void **state)
{
	OWNED_BUF(text) = {0};
	struct query q = {0};

	assert_true(query_set(&q, "a", "<\"'&%> \xd8\xa2"));
	assert_true(query_set(&q, "b", "x"));
	assert_true(query_set(&q, "a", "<\"'"));
	query_write(&q, &text);
	assert_string_equal((char *)text.data, "a=%3C%22%27&b=x");
	assert_true(query_set(&q, "a", NULL));
	assert_null(query_text(&q, "a"));
	assert_string_equal(query_text(&q, "b"), "x");
}

static void
numbers_of_a_query_have_their_range(void **state)
{
	struct query q;

	assert_true(parsed("a=24&b=-1&c=9999999999999999999&d=1x&e=5", &q));
	assert_int_equal(query_number(&q, "a", 7, 1, 100), 24);
	assert_int_equal(query_number(&q, "b", 7, 0, 100), 7);
	assert_int_equal(query_number(&q, "c", 7, 0, 100), 7);
	assert_int_equal(query_number(&q, "d", 7, 0, 100), 7);
	assert_int_equal(query_number(&q, "none", 7, 0, 100), 7);
}

static void
gzip_is_given_only_to_whom_takes_it(void **state)
{
	assert_true(gzip_is_taken("gzip"));
	assert_true(gzip_is_taken("br, gzip;q=0.5"));
	assert_false(gzip_is_taken("gzip;q=0"));
	assert_false(gzip_is_taken("xgzip, br"));
	assert_false(gzip_is_taken(""));
}

static void
hostile_text_is_rendered_inert(void **state)
{
	static const struct {
		const char *text, *html;
	} rows[] = {
		{"<script>alert('x')</script>", "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"},
		{"a\"b&c", "a&quot;b&amp;c"},
		{"\x01\x1b[31m", "\\u{1}\\u{1b}[31m"},
		{"\xe2\x80\xae"
		 "abc",
			"\\u{202e}abc"},
		{"\xe2\x81\xa6", "\\u{2066}"},
		{"KE\xe2\x80\x8b.CRS\xd8\x9c", "KE\\u{200b}.CRS\\u{61c}"},
		{"a\xe2\x80\xa8\xe2\x81\xa0\xc2\xad\xf3\xa0\x81\x81",
			"a\\u{2028}\\u{2060}\\u{ad}\\u{e0041}"},
		{"\xd9\x85\xe2\x80\x8c", "\xd9\x85\xe2\x80\x8c"},
		{"\xc3\x28", "\\u{fffd}("},
		{"\xff", "\\u{fffd}"},
		{"\xe1\x88\x80\xd8\xa2", "\xe1\x88\x80\xd8\xa2"},
		{"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf b = {0};

		html_text(&b, rows[i].text);
		assert_string_equal((char *)b.data, rows[i].html);
		buf_free(&b);
	}
}

static bool
has_runbook(const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i < ARRAY_LEN(runbooks); i++)
		for (const char *at = runbooks[i]; *at != '\0'; at += strspn(at, " ")) {
			if (strcspn(at, " ") == n && strncmp(at, word, n) == 0)
				return true;
			at += strcspn(at, " ");
		}
	return false;
}

static void
every_alert_has_its_runbook(void **state)
{
	static const char *const words[] = {
#define ALERT_RULE(name, word, ...) word,
#include "broker/alert.def"
#undef ALERT_RULE
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!has_runbook(words[i]))
			fail_msg("%s has no part in doc/OPERATIONS.md", words[i]);
	assert_false(has_runbook("nowhere"));
	assert_false(has_runbook(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_opens_one_session_once),
		cmocka_unit_test(links_and_idle_sessions_end),
		cmocka_unit_test(a_live_stream_does_not_keep_a_session_awake),
		cmocka_unit_test(a_session_that_is_used_all_day_ends_all_the_same),
		cmocka_unit_test(a_session_is_bound_to_its_certificate),
		cmocka_unit_test(who_comes_again_and_again_puts_nobody_else_out),
		cmocka_unit_test(the_oldest_link_gives_way_to_the_fifth),
		cmocka_unit_test(a_form_token_differs_each_time_and_is_of_one_session),
		cmocka_unit_test(cookies_are_found_by_their_whole_name_and_once),
		cmocka_unit_test(queries_are_strict),
		cmocka_unit_test(queries_are_bounded),
		cmocka_unit_test(a_query_is_written_as_it_was_read),
		cmocka_unit_test(numbers_of_a_query_have_their_range),
		cmocka_unit_test(gzip_is_given_only_to_whom_takes_it),
		cmocka_unit_test(hostile_text_is_rendered_inert),
		cmocka_unit_test(every_alert_has_its_runbook),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
