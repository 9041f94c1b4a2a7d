/* SPDX-License-Identifier: EUPL-1.2
 * The dashboard's sessions and its HTML: nothing from outside acts on the page. */
#include "tests/unit/test.h"

#include "dashboard/session.h"
#include "dashboard/view.h"

static void
a_link_opens_one_session_once(void **state)
{
	OWNED(struct sessions, s, sessions_free) = sessions_new();
	char link[SECRET_TEXT_SIZE], session[SECRET_TEXT_SIZE], other[SECRET_TEXT_SIZE];

	sessions_link(s, 1000, link);
	assert_false(sessions_enter(s, "", 1000, session));
	assert_false(sessions_enter(s, "00000000000000000000000000000000", 1000, session));
	assert_true(sessions_enter(s, link, 2000, session));
	assert_false(sessions_enter(s, link, 2001, other));
	assert_true(sessions_know(s, session, 3000));
	assert_false(sessions_know(s, link, 3000));
	assert_false(sessions_know(s, "", 3000));
}

static void
links_and_idle_sessions_end(void **state)
{
	OWNED(struct sessions, s, sessions_free) = sessions_new();
	char link[SECRET_TEXT_SIZE], session[SECRET_TEXT_SIZE];

	sessions_link(s, 0, link);
	assert_false(sessions_enter(s, link, 3600001, session));
	sessions_link(s, 3600001, link);
	assert_true(sessions_enter(s, link, 3600002, session));
	assert_true(sessions_know(s, session, 3600002 + 899000));
	assert_true(sessions_know(s, session, 3600002 + 899000 * 2));
	assert_false(sessions_know(s, session, 3600002 + 899000 * 2 + 900001));
}

static void
the_oldest_link_gives_way_to_the_fifth(void **state)
{
	OWNED(struct sessions, s, sessions_free) = sessions_new();
	char link[5][SECRET_TEXT_SIZE], session[SECRET_TEXT_SIZE];

	for (int i = 0; i < 5; i++)
		sessions_link(s, i, link[i]);
	assert_false(sessions_enter(s, link[0], 10, session));
	assert_true(sessions_enter(s, link[1], 10, session));
	assert_true(sessions_enter(s, link[4], 10, session));
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

static void
a_hostile_message_makes_no_element(void **state)
{
	json_t *m = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:[{s:s,s:s,s:s}]}", "id", "\"><img src=x>",
		"tracking", "<b>", "action", "</td>", "from", "<i>", "to", "<u>", "stage", "<s>",
		"timeline", "stage", "<p>", "at", "<q>", "code", "<a>");
	static const char *const tags[] = {
		"<img", "<b> ", "<i>", "<u>", "<s>", "<p>", "<q>", "<a>"};
	struct buf b = {0};

	assert_non_null(m);
	view_message(&b, m);
	for (size_t i = 0; i < ARRAY_LEN(tags); i++)
		assert_null(strstr((char *)b.data, tags[i]));
	buf_free(&b);
	json_decref(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_opens_one_session_once),
		cmocka_unit_test(links_and_idle_sessions_end),
		cmocka_unit_test(the_oldest_link_gives_way_to_the_fifth),
		cmocka_unit_test(hostile_text_is_rendered_inert),
		cmocka_unit_test(a_hostile_message_makes_no_element),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
