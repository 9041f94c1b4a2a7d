/* SPDX-License-Identifier: EUPL-1.2
 * The dashboard over raw sockets: what is not HTTP to the letter is refused before anything is done
 * with it, nobody gets in without a session, no other site changes anything, and leaving is
 * leaving. */
#include "tests/unit/dashboard_stage.h"

#include "dashboard/http_head.h"

/* ---- the head, octet by octet ---- */

#define H "Host: a\r\n"

static void
heads_are_read_strictly(void **state)
{
	static const struct {
		const char *text;
		int status;
	} rows[] = {
		{"GET / HTTP/1.1\r\n" H "\r\n", 200},
		{"GET /a?b=%20 HTTP/1.1\r\n" H "A: b\tc\r\n\r\n", 200},
		{"POST / HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\n", 200},
		{"GET / HTTP/1.1\r\n" H, 0},
		{"", 0},
		{"GET / HTTP/1.1\r", 0},
		{"GET / HTTP/1.1\n" H "\r\n", 400},
		{"GET / HTTP/1.1\r\nHost: a\n\r\n", 400},
		{"GET / HTTP/1.1\r\n" H "\n", 400},
		{"GET / HTTP/1.1\r\n" H "A: b\rC: d\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n" H "A: b\r\n c\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n" H "A: b\r\n\tc\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n " H "\r\n", 400},
		{"GET / HTTP/1.1\r\n" H "A : b\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n" H "A\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n" H ": b\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n" H "A: \x01\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n" H "A: \xff\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n" H H "\r\n", 400},
		{"GET / HTTP/1.1\r\n" H "hOST: b\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n" H "Cookie: a\r\nCookie: b\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n\r\n", 400},
		{"POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n", 400},
		{"POST / HTTP/1.1\r\n" H "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
			400},
		{"POST / HTTP/1.1\r\n" H "transfer-ENCODING: identity\r\n\r\n", 400},
		{"POST / HTTP/1.1\r\n" H "Content-Length: 3\r\nContent-Length: 3\r\n\r\n", 400},
		{"POST / HTTP/1.1\r\n" H "Content-Length: 3\r\nContent-Length: 4\r\n\r\n", 400},
		{"POST / HTTP/1.1\r\n" H "Content-Length: 3, 3\r\n\r\n", 400},
		{"POST / HTTP/1.1\r\n" H "Content-Length: +3\r\n\r\n", 400},
		{"POST / HTTP/1.1\r\n" H "Content-Length: 0x3\r\n\r\n", 400},
		{"POST / HTTP/1.1\r\n" H "Content-Length:\r\n\r\n", 400},
		{"POST / HTTP/1.1\r\n" H "Content-Length: 16385\r\n\r\n", 413},
		{"POST / HTTP/1.1\r\n" H "Content-Length: 99999999999999999999999999\r\n\r\n", 413},
		{"POST / HTTP/1.1\r\n" H "\r\n", 411},
		{"GET / HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n" H "Expect: 100-continue\r\n\r\n", 417},
		{"PUT / HTTP/1.1\r\n" H "\r\n", 405},
		{"get / HTTP/1.1\r\n" H "\r\n", 400},
		{"GET  / HTTP/1.1\r\n" H "\r\n", 400},
		{"GET /  HTTP/1.1\r\n" H "\r\n", 400},
		{"GET /\tHTTP/1.1\r\n" H "\r\n", 400},
		{"GET http://a/ HTTP/1.1\r\n" H "\r\n", 400},
		{"GET //a HTTP/1.1\r\n" H "\r\n", 400},
		{"GET /#a HTTP/1.1\r\n" H "\r\n", 400},
		{"GET / HTTP/1.0\r\n" H "\r\n", 505},
		{"GET / HTTP/2.0\r\n" H "\r\n", 505},
		{"GET /\r\n", 400},
		{"\r\nGET / HTTP/1.1\r\n" H "\r\n", 400},
	};
	struct head head;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int status = head_read(bytes_of(rows[i].text, strlen(rows[i].text)), &head);

		if (status != rows[i].status)
			fail_msg("row %zu: %d instead of %d", i, status, rows[i].status);
	}
}

static void
a_head_has_its_limits(void **state)
{
	OWNED_BUF(text) = {0};
	struct head head;

	(void)state;
	buf_text(&text, "GET / HTTP/1.1\r\n" H);
	for (int i = 0; i < HEAD_FIELDS_MAX - 1; i++)
		buf_text(&text, "A: b\r\n");
	buf_text(&text, "\r\n");
	assert_int_equal(head_read(buf_bytes(&text), &head), 200);
	assert_int_equal(head.size, text.size);
	text.size -= 2;
	buf_text(&text, "A: b\r\n\r\n");
	assert_int_equal(head_read(buf_bytes(&text), &head), 431);
	buf_reset(&text);
	buf_text(&text, "GET / HTTP/1.1\r\nA: ");
	while (text.size < HEAD_MAX)
		buf_text(&text, "x");
	assert_int_equal(head_read(buf_bytes(&text), &head), 431);
	buf_reset(&text);
	buf_text(&text, "GET /");
	while (text.size < TARGET_MAX + 6)
		buf_text(&text, "x");
	buf_text(&text, " HTTP/1.1\r\n");
	assert_int_equal(head_read(buf_bytes(&text), &head), 414);
}

/* ---- over the socket ---- */

static void
a_refusal_is_answered_and_ends_the_connection(void **state)
{
	OWNED_BUF(answer) = {0};
	OWNED(char, words, free_chars) =
		xprintf("POST /leave HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nCookie: "
			"daftar=%s\r\nContent-Length: 4\r\n"
			"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: "
			"127.0.0.1:%d\r\n"
			"Cookie: daftar=%s\r\n\r\n",
			port, session, port, session);

	(void)state;
	ask(words, &answer);
	assert_int_equal(status_of(&answer), 400);
	assert_non_null(strstr((char *)answer.data, "Connection: close\r\n"));
	assert_non_null(strstr((char *)answer.data, "default-src 'none'"));
	assert_null(strstr((char *)answer.data + 8, "HTTP/1.1 200"));
	assert_null(strstr((char *)answer.data, "data-seen"));
}

static void
two_requests_in_one_piece_are_answered_in_turn(void **state)
{
	OWNED_BUF(answer) = {0};
	OWNED(char, words, free_chars) =
		xprintf("GET /icon.svg HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n"
			"HEAD /nowhere HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
			"Connection: close\r\n\r\n",
			port, port);
	const char *second;

	(void)state;
	ask(words, &answer);
	assert_int_equal(status_of(&answer), 200);
	second = strstr((char *)answer.data + 8, "HTTP/1.1 404");
	assert_non_null(second);
	assert_non_null(strstr(second, "\r\n\r\n"));
	assert_string_equal(strstr(second, "\r\n\r\n"), "\r\n\r\n"); /* a HEAD has no body */
}

static void
only_our_own_names_are_served(void **state)
{
	static const char *const others[] = {"evil.example", "127.0.0.1", "127.0.0.1:1",
		"localhost.evil.example", "127.0.0.1.evil.example", "[::1]", "", "127.0.0.1:%d.x"};
	OWNED_BUF(answer) = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		OWNED(char, words, free_chars) =
			xprintf("GET / HTTP/1.1\r\nHost: %s\r\nCookie: daftar=%s\r\nConnection: "
				"close\r\n\r\n",
				others[i], session);

		ask(words, &answer);
		assert_int_equal(status_of(&answer), 421);
		assert_null(strstr((char *)answer.data, "data-seen"));
	}
	OWNED(char, ours, free_chars) = xprintf("GET / HTTP/1.1\r\nHost: localhost:%d\r\nCookie: "
						"daftar=%s\r\nConnection: close\r\n\r\n",
		port, session);
	ask(ours, &answer);
	assert_int_equal(status_of(&answer), 200);
}

static void
nothing_is_shown_without_a_session(void **state)
{
	static const char *const paths[] = {"GET /", "GET /messages", "GET /events?at=/",
		"GET /act/hold?id=x", "GET /find?q=x", "HEAD /", "GET /audit"};
	OWNED_BUF(answer) = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		assert_int_equal(said(paths[i], "", "", &answer), 403);
		assert_null(strstr((char *)answer.data, "data-seen"));
		assert_null(strstr((char *)answer.data, "event-stream"));
		assert_int_equal(
			said(paths[i], "Cookie: daftar=00000000000000000000000000000000\r\n", "",
				&answer),
			403);
	}
	assert_int_equal(said("GET /style.css", "", "", &answer), 200);
	assert_int_equal(said("GET /../etc/passwd", "#", "", &answer), 404);
	assert_int_equal(said("GET /%2e%2e/etc/passwd", "#", "", &answer), 404);
}

static void
every_answer_carries_the_policy(void **state)
{
	static const char *const first[] = {"GET /", "GET /style.css", "GET /nowhere", "PUT /",
		"GET /enter?key=x", "POST /leave"};
	static const char *const policy[] = {"Content-Security-Policy: default-src 'none'",
		"frame-ancestors 'none'", "X-Frame-Options: DENY",
		"X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer",
		"Cross-Origin-Opener-Policy: same-origin",
		"Cross-Origin-Resource-Policy: same-origin", "Cache-Control: "};
	OWNED_BUF(answer) = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(first); i++) {
		said(first[i], "#", "", &answer);
		for (size_t k = 0; k < ARRAY_LEN(policy); k++)
			assert_non_null(strstr((char *)answer.data, policy[k]));
		assert_null(strstr((char *)answer.data, "unsafe"));
	}
}

static void
nothing_changes_without_a_form_of_ours(void **state)
{
	static const struct {
		const char *fields, *body;
		int status;
	} rows[] = {
		{"#", "reason=x&id=y", 403},
		{"#Origin: http://@\r\n", "reason=x&id=y", 403},
		{"#Origin: http://@\r\n", "reason=x&id=y&token=00", 403},
		{"#Origin: http://evil.example\r\n", "reason=x&id=y&token=00", 403},
		{"#Sec-Fetch-Site: cross-site\r\n", "reason=x&id=y", 403},
		{"#Sec-Fetch-Site: same-site\r\n", "reason=x&id=y", 403},
		{"Origin: http://@\r\n", "reason=x&id=y", 403},
		{"#Origin: http://@\r\n", "reason=x&reason=y", 400},
		{"#Origin: http://@\r\n", "reason=%ff", 400},
	};
	OWNED_BUF(answer) = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(said("POST /act/hold", rows[i].fields, rows[i].body, &answer),
			rows[i].status);
}

/* The token of the form that the act's page shows. */
static void
take_token(char out[TOKEN_TEXT_SIZE])
{
	OWNED_BUF(answer) = {0};
	const char *at;

	assert_int_equal(said("GET /act/hold?id=x", "#", "", &answer), 200);
	at = strstr((char *)answer.data, "name=\"token\" value=\"");
	assert_non_null(at);
	assert_int_equal(sscanf(at, "name=\"token\" value=\"%64[0-9a-f]", out), 1);
}

static void
an_act_wants_its_token_a_reason_and_the_role(void **state)
{
	OWNED_BUF(answer) = {0};
	char token[TOKEN_TEXT_SIZE];
	OWNED(char, good, free_chars) = NULL;
	OWNED(char, none, free_chars) = NULL;
	OWNED(char, accent, free_chars) = NULL;

	(void)state;
	take_token(token);
	good = xprintf("token=%s&id=x&reason=why", token);
	none = xprintf("token=%s&id=x&reason=+", token);
	accent = xprintf("token=%s&id=x&reason=%%c3%%a9", token);
	assert_int_equal(said("POST /act/hold", "#Origin: http://@\r\n", none, &answer), 422);
	assert_int_equal(said("POST /act/hold", "#Origin: http://@\r\n", accent, &answer), 422);
	/* all is well; the broker is not there */
	assert_int_equal(said("POST /act/hold", "#Origin: http://@\r\n", good, &answer), 503);
	assert_int_equal(
		said("POST /act/hold", "#Origin: http://evil.example\r\n", good, &answer), 403);
	assert_int_equal(said("POST /act/hold", "#", good, &answer), 403);
	/* this one wants another role */
	assert_int_equal(said("POST /act/party-cut", "#Origin: http://@\r\n", good, &answer), 403);
	assert_int_equal(said("GET /act/party-cut?code=KE.CRS", "#", "", &answer), 403);
}

static void
an_act_goes_back_to_pages_of_ours_only(void **state)
{
	OWNED_BUF(answer) = {0};

	(void)state;
	said("GET /act/hold?id=x&back=//evil.example", "#", "", &answer);
	assert_null(strstr((char *)answer.data, "\"//evil.example"));
	said("GET /act/hold?id=x&back=https://evil.example/", "#", "", &answer);
	assert_null(strstr((char *)answer.data, "\"https://evil.example"));
	said("GET /act/hold?id=x&back=/message?id=x", "#", "", &answer);
	assert_non_null(strstr((char *)answer.data, "value=\"/message?id=x\""));
}

static void
an_act_says_its_arguments_as_people_do(void **state)
{
	OWNED_BUF(answer) = {0};

	(void)state;
	said("GET /act/reconcile-sign?from=A&to=B&since=1795737600000&until=1795824000000", "#", "",
		&answer);
	assert_non_null(strstr((char *)answer.data, "2026-11-27 00:00:00 UTC"));
	assert_non_null(strstr((char *)answer.data, "2026-11-28 00:00:00 UTC"));
	said("GET /act/drain?on=yes", "#", "", &answer);
	assert_non_null(strstr((char *)answer.data, "none are taken"));
	said("GET /act/alert-mute?rule=draining&until=8h", "#", "", &answer);
	assert_null(strstr((char *)answer.data, "<code dir=\"ltr\">8h"));
	/* what no clock shows is shown as it came, and stops nobody */
	assert_int_equal(
		said("GET /act/reconcile-sign?since=99999999999999999&until=-5", "#", "", &answer),
		200);
	assert_non_null(strstr((char *)answer.data, "99999999999999999</code>"));
	assert_int_equal(
		said("GET /act/alert-mute?until=99999999999999999h", "#", "", &answer), 200);
}

static void
only_what_changes_by_itself_says_that_it_is_live(void **state)
{
	static const char *const still[] = {"GET /act/hold?id=x", "GET /help", "GET /help/aside",
		"GET /help/nothing", "GET /nowhere"};
	OWNED_BUF(answer) = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(still); i++) {
		said(still[i], "#", "", &answer);
		assert_null(strstr((char *)answer.data, "data-seen"));
		assert_non_null(strstr((char *)answer.data, " hidden><span class=\"dot\""));
	}
}

static void
a_page_that_is_known_is_not_sent_again(void **state)
{
	OWNED_BUF(answer) = {0};
	char tag[64];
	const char *at;

	(void)state;
	assert_int_equal(said("GET /style.css", "", "", &answer), 200);
	at = strstr((char *)answer.data, "ETag: ");
	assert_non_null(at);
	assert_int_equal(sscanf(at, "ETag: %63s", tag), 1);
	OWNED(char, fields, free_chars) = xprintf("If-None-Match: %s\r\n", tag);
	assert_int_equal(said("GET /style.css", fields, "", &answer), 304);
	assert_string_equal(strstr((char *)answer.data, "\r\n\r\n"), "\r\n\r\n");
}

static void
who_comes_in_again_leaves_the_session_before(void **state)
{
	static const struct login who = {.user = "bile", .roles = ROLE_VIEWER};
	OWNED(char, link, free_chars) = server_link(server, &who);
	OWNED(char, first, free_chars) = xprintf("GET %s", strstr(link, "/enter"));
	OWNED_BUF(answer) = {0};

	(void)state;
	assert_true(come_in());
	assert_int_equal(said("GET /enter?key=0123", "#", "", &answer), 403);
	assert_int_equal(said("GET /", "#", "", &answer), 200);
	/* nobody is sent into a session of somebody else by another site */
	assert_int_equal(said(first, "#Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n",
				 "", &answer),
		403);
	assert_int_equal(said("GET /", "#", "", &answer), 200);
	assert_int_equal(said(first, "#Sec-Fetch-Site: none\r\n", "", &answer), 303);
	assert_int_equal(said("GET /", "#", "", &answer), 403);
}

static void
leaving_ends_the_session(void **state)
{
	OWNED_BUF(answer) = {0};
	char token[TOKEN_TEXT_SIZE];

	(void)state;
	take_token(token);
	OWNED(char, body, free_chars) = xprintf("token=%s", token);
	assert_int_equal(
		said("POST /leave", "#Origin: http://evil.example\r\n", body, &answer), 403);
	assert_int_equal(said("GET /", "#", "", &answer), 200);
	assert_int_equal(said("GET /leave", "#", "", &answer), 405);
	assert_int_equal(said("POST /leave", "#Origin: http://@\r\n", body, &answer), 200);
	assert_non_null(strstr((char *)answer.data, "Max-Age=0"));
	assert_int_equal(said("GET /", "#", "", &answer), 403);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads_are_read_strictly),
		cmocka_unit_test(a_head_has_its_limits),
		cmocka_unit_test(a_refusal_is_answered_and_ends_the_connection),
		cmocka_unit_test(two_requests_in_one_piece_are_answered_in_turn),
		cmocka_unit_test(only_our_own_names_are_served),
		cmocka_unit_test(nothing_is_shown_without_a_session),
		cmocka_unit_test(every_answer_carries_the_policy),
		cmocka_unit_test(nothing_changes_without_a_form_of_ours),
		cmocka_unit_test(an_act_wants_its_token_a_reason_and_the_role),
		cmocka_unit_test(an_act_goes_back_to_pages_of_ours_only),
		cmocka_unit_test(an_act_says_its_arguments_as_people_do),
		cmocka_unit_test(only_what_changes_by_itself_says_that_it_is_live),
		cmocka_unit_test(a_page_that_is_known_is_not_sent_again),
		cmocka_unit_test(leaving_ends_the_session),
		cmocka_unit_test(who_comes_in_again_leaves_the_session_before),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
