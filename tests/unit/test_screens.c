/* SPDX-License-Identifier: EUPL-1.2
 * Screens over answers of a broker that are kept in a file: what they show, what they offer to
 * whom, and that no text of an answer acts on the page. */
#include "tests/unit/test.h"

#include "dashboard/screen.h"

#define HOSTILE "<script>x</script>\"'&<b>\xe2\x80\xae\x1b[31m"

static json_t *answers;
static size_t largest; /* octets of the largest live part that was shown */
static json_t *asked;  /* verb -> arguments of its last call */

const json_t *__wrap_broker_ask(struct broker *b, const char *verb, json_t *args, enum err *why);

const json_t *
__wrap_broker_ask(struct broker *b, const char *verb, json_t *args, enum err *why)
{
	const json_t *answer = json_object_get(answers, verb);

	json_object_set_new(asked, verb, args != NULL ? args : json_object());
	if (why != NULL)
		*why = answer != NULL ? E_OK : E_UNREACHABLE;
	return answer;
}

static int
load(void **state)
{
	char path[512];

	snprintf(path, sizeof path, "%s/data/dashboard/answers.json", tests_folder());
	answers = json_load_file(path, 0, NULL);
	asked = json_object();
	return answers == NULL;
}

static int
drop(void **state)
{
	json_decref(answers);
	json_decref(asked);
	return 0;
}

/* What the screen writes for a viewer of these roles, as part of a page at this address. */
static void
show(const char *path, const char *query, unsigned roles, struct buf *out)
{
	struct viewer viewer = {.user = "amina", .roles = roles, .lang = "en"};
	struct page *p = xcalloc(1, sizeof *p);
	struct query q;

	assert_true(query_parse(bytes_of(query, strlen(query)), &q));
	p->out = out;
	p->query = &q;
	p->viewer = &viewer;
	p->screen = screen_find(path);
	assert_non_null(p->screen);
	page_fill(p);
	for (size_t i = 0; i < p->n_parts; i++) {
		size_t size = p->part[i].end - p->part[i].begin;

		assert_true(p->part[i].end > p->part[i].begin);
		if (size > largest)
			largest = size;
	}
	free(p);
}

static bool
has(const struct buf *b, const char *text)
{
	return strstr((const char *)b->data, text) != NULL;
}

static size_t
count(const struct buf *b, const char *text)
{
	size_t n = 0;

	for (const char *at = (const char *)b->data; (at = strstr(at, text)) != NULL; at++)
		n++;
	return n;
}

static const struct {
	const char *path, *query;
} ours[] = {{"/", ""}, {"/corridors", ""}, {"/corridor", "from=KE.CRS&to=SO.NIRA"},
	{"/messages", "q=7K3M&state=open&before=17"}, {"/message", "id=7K3M-9QXW&ledger=1"},
	{"/waiting", "after=1"},
	{"/dead", "code=QUARANTINED&from=KE.CRS&to=SO.NIRA&since=2026-11-01"}};

static json_t *
spoilt(const json_t *v)
{
	json_t *out, *inner;
	const char *key;
	size_t i;

	if (json_is_string(v))
		return json_string(HOSTILE);
	if (json_is_array(v)) {
		out = json_array();
		json_array_foreach(v, i, inner) json_array_append_new(out, spoilt(inner));
		return out;
	}
	if (!json_is_object(v))
		return json_deep_copy(v);
	out = json_object();
	json_object_foreach((json_t *)v, key, inner) json_object_set_new(out, key, spoilt(inner));
	return out;
}

static void
assert_inert(const struct buf *b)
{
	assert_false(has(b, "<script"));
	assert_false(has(b, "<b>\xe2"));
	assert_false(has(b, "\xe2\x80\xae"));
	assert_false(has(b, "\x1b"));
	assert_false(has(b, "style="));
	assert_false(has(b, " on"
			    "click"));
}

static void
no_text_of_an_answer_acts_on_a_page(void **state)
{
	json_t *kept = answers;

	answers = spoilt(kept);
	for (size_t i = 0; i < ARRAY_LEN(ours); i++) {
		OWNED_BUF(b) = {0};

		show(ours[i].path, ours[i].query, ROLE_ANY, &b);
		assert_inert(&b);
		assert_true(has(&b, "&lt;script&gt;"));
	}
	json_decref(answers);
	answers = kept;
}

static void
no_text_of_an_address_acts_on_a_page(void **state)
{
	static const char query[] = "q=%3Cscript%3Ex&id=%3Cscript%3E&from=%22%3E%3Cscript%3E&to="
				    "%3Cscript%3E&code=%3Cscript%3E&after=%3Cscript%3E&hours=%3C";

	for (size_t i = 0; i < ARRAY_LEN(ours); i++) {
		OWNED_BUF(b) = {0};

		show(ours[i].path, query, ROLE_ANY, &b);
		assert_inert(&b);
	}
}

/* Whatever is missing, of another type, or empty. */
static json_t *
emptied(const json_t *v, int how)
{
	const char *key;
	json_t *out, *inner;

	if (!json_is_object(v))
		return how == 0 ? json_null() : how == 1 ? json_array() : json_integer(-1);
	out = json_object();
	json_object_foreach((json_t *)v, key, inner)
		json_object_set_new(out, key, emptied(inner, how));
	return out;
}

static void
an_answer_without_its_members_is_shown_all_the_same(void **state)
{
	json_t *kept = answers;

	for (int how = 0; how < 3; how++) {
		answers = emptied(kept, how);
		for (size_t i = 0; i < ARRAY_LEN(ours); i++) {
			OWNED_BUF(b) = {0};

			show(ours[i].path, ours[i].query, ROLE_ANY, &b);
			assert_true(b.size > 0);
		}
		json_decref(answers);
	}
	answers = kept;
}

static void
a_broker_that_is_away_is_told(void **state)
{
	json_t *kept = answers;

	answers = json_object();
	for (size_t i = 0; i < ARRAY_LEN(ours); i++) {
		OWNED_BUF(b) = {0};

		show(ours[i].path, ours[i].query, ROLE_ANY, &b);
		assert_true(has(&b, "UNREACHABLE"));
		assert_true(has(&b, "What was accepted is on the exchange"));
	}
	json_decref(answers);
	answers = kept;
}

static void
only_allowed_acts_are_offered_and_only_to_their_roles(void **state)
{
	OWNED_BUF(all) = {0};
	OWNED_BUF(operator) = {0};
	OWNED_BUF(viewer) = {0};

	show("/message", "id=x", ROLE_ANY, &all);
	assert_true(has(&all, "/act/release?"));
	assert_true(has(&all, "/act/return?"));
	assert_false(has(&all, "/act/hold?")); /* it is set aside already */
	show("/message", "id=x", ROLE_OPERATOR, &operator);
	assert_true(has(&operator, "/act/retry?"));
	assert_false(has(&operator, "/act/return?"));
	show("/message", "id=x", ROLE_VIEWER, &viewer);
	assert_false(has(&viewer, "/act/"));
	assert_false(has(&viewer, "ledger"));
}

static void
dead_letters_are_grouped_with_one_example_and_filters_go_along(void **state)
{
	OWNED_BUF(b) = {0};
	const json_t *args;

	show("/dead", "code=QUARANTINED&from=KE.CRS", ROLE_ANY, &b);
	args = json_object_get(asked, "dead.list");
	assert_string_equal(text_of(args, "code"), "QUARANTINED");
	assert_string_equal(text_of(args, "from"), "KE.CRS");
	assert_int_equal(count(&b, "<article"), 3);
	assert_true(has(&b, "/act/dead-retry?code=QUARANTINED&amp;from=KE.CRS&amp;back="));
	assert_true(has(&b, "1 of 4 went on"));
	assert_int_equal(count(&b, "/act/dead-retry?"), 2); /* one group was told to its sender */
	assert_true(has(&b, "before=4711"));
}

static void
the_list_of_messages_asks_for_what_the_address_says(void **state)
{
	OWNED_BUF(b) = {0};
	const json_t *args;

	show("/messages", "q=7K3M&state=open&before=17&from=KE.CRS", ROLE_ANY, &b);
	args = json_object_get(asked, "message.list");
	assert_string_equal(text_of(args, "q"), "7K3M");
	assert_string_equal(text_of(args, "state"), "open");
	assert_string_equal(text_of(args, "from"), "KE.CRS");
	assert_int_equal(number_of(args, "before"), 17);
	assert_true(number_of(args, "limit") <= 50);
	assert_true(has(&b, "value=\"7K3M\""));
}

static void
what_ends_first_stands_first_with_a_way_on(void **state)
{
	OWNED_BUF(b) = {0};

	show("/waiting", "", ROLE_ANY, &b);
	assert_true(has(&b, "after=0000018f-7"));
	assert_true(count(&b, "<tr id=\"r-m-") >= 3);
}

static void
the_answers_follow_the_alerts(void **state)
{
	OWNED_BUF(b) = {0};
	json_t *alert = json_array_get(
		json_object_get(json_object_get(answers, "alert.list"), "alerts"), 0);
	OWNED(char, severity, free_chars) = xstrdup(text_of(alert, "severity"));

	show("/", "", ROLE_ANY, &b);
	assert_true(has(&b, "<article class=\"card bad\" aria-labelledby=\"waiting\""));
	json_object_set_new(alert, "state", json_string("ended"));
	buf_reset(&b);
	show("/", "", ROLE_ANY, &b);
	assert_true(has(&b, "<article class=\"card good\" aria-labelledby=\"waiting\""));
	json_object_set_new(alert, "state", json_string("firing"));
}

static void
who_speaks_for_a_party_and_a_copy_fenced_off_stand_on_its_page(void **state)
{
	json_t *party = json_object_get(answers, "party.show");
	json_t *s = json_pack(
		"{s:i, s:s, s:n, s:n}", "epoch", 12, "incarnation", "3fa9c1d2", "since", "fenced");
	OWNED_BUF(b) = {0};

	json_object_set_new(party, "speakers", json_pack("[o]", s));
	show("/party", "code=KE.CRS", ROLE_VIEWER, &b);
	assert_true(has(&b, "epoch 12"));
	assert_true(has(&b, "3fa9c1d2"));
	assert_true(has(&b, "since before the start of the exchange"));
	assert_false(has(&b, "an older copy of this spool"));
	json_object_set_new(s, "fenced", json_string("2026-11-26T23:10:00.000Z"));
	buf_reset(&b);
	show("/party", "code=KE.CRS", ROLE_VIEWER, &b);
	assert_true(has(&b, "an older copy of this spool"));
	assert_true(has(&b, "2026-11-26 23:10"));
	json_object_del(party, "speakers");
}

/* A button, and what came of the last one. */
static void
a_party_is_tested_from_its_page(void **state)
{
	OWNED_BUF(b) = {0};

	show("/party", "code=KE.CRS", ROLE_OPERATOR, &b);
	assert_true(has(&b, "/act/party-test?party=KE.CRS"));
	assert_true(has(&b, "Without one its program hangs: call this office."));
	assert_string_equal(text_of(json_object_get(asked, "reconcile.show"), "party"), "KE.CRS");
	buf_reset(&b);
	show("/party", "code=KE.CRS", ROLE_VIEWER, &b);
	assert_false(has(&b, "/act/party-test"));
	json_object_set_new(json_object_get(answers, "party.show"), "connected", json_false());
	buf_reset(&b);
	show("/party", "code=KE.CRS", ROLE_OPERATOR, &b);
	assert_false(has(&b, "/act/party-test"));
	assert_true(has(&b, "cannot be tested from here"));
	json_object_set_new(json_object_get(answers, "party.show"), "connected", json_true());
}

/* As "waits_for" of both answers. */
static void
set_waits(const char *does, bool connected)
{
	json_t *row = json_pack("{s:s, s:s, s:b, s:s, s:i}", "party", "UNHCR.NBO", "does", does,
		"connected", connected, "until", "2026-11-27T00:10:00.000Z", "messages", 4);
	json_t *list = json_array();

	json_array_append_new(list, row);
	json_object_set(json_object_get(answers, "status"), "waits_for", list);
	json_object_set_new(json_object_get(answers, "message.show"), "waits_for", list);
}

static void
who_is_waited_for_since_a_restore_is_to_be_called(void **state)
{
	static const char call[] = "Call this office: its program must connect once.";
	OWNED_BUF(b) = {0};

	for (size_t i = 0; i < 2; i++) {
		const char *path = i == 0 ? "/" : "/message", *query = i == 0 ? "" : "id=x";

		set_waits("compares", false);
		buf_reset(&b);
		show(path, query, ROLE_VIEWER, &b);
		assert_true(has(&b, "/party?code=UNHCR.NBO"));
		assert_true(has(&b, "4 messages wait for it."));
		assert_true(has(&b, call));
		set_waits("compares", true);
		buf_reset(&b);
		show(path, query, ROLE_VIEWER, &b);
		assert_false(has(&b, call));
		assert_true(has(&b, "It is connected and does so by itself."));
		set_waits("speaks", true);
		buf_reset(&b);
		show(path, query, ROLE_VIEWER, &b);
		assert_false(has(&b, call));
		assert_true(has(&b, "Nothing is to be done until"));
	}
	json_object_del(json_object_get(answers, "status"), "waits_for");
	json_object_del(json_object_get(answers, "message.show"), "waits_for");
	buf_reset(&b);
	show("/", "", ROLE_VIEWER, &b);
	assert_false(has(&b, "restored from a copy"));
}

static void
a_closed_corridor_can_be_opened_and_an_open_one_closed(void **state)
{
	json_t *c = json_object_get(answers, "corridor.show");
	OWNED_BUF(b) = {0};

	json_object_set_new(c, "state", json_string("open"));
	show("/corridor", "from=KE.CRS&to=SO.NIRA", ROLE_SECURITY, &b);
	assert_true(has(&b, "/act/corridor-close?"));
	assert_false(has(&b, "/act/corridor-open?"));
	json_object_set_new(c, "state", json_string("closed"));
	buf_reset(&b);
	show("/corridor", "from=KE.CRS&to=SO.NIRA", ROLE_SECURITY, &b);
	assert_true(has(&b, "/act/corridor-open?"));
	assert_true(has(&b, "Nothing new is taken for it"));
}

/* Counters move all the time; a picture of them is sent once a minute. */
static void
a_chart_is_news_once_a_minute(void **state)
{
	OWNED_BUF(b) = {0};
	const char *minute, *chart;

	show("/", "", ROLE_ANY, &b);
	chart = strstr((const char *)b.data, "id=\"chart-flow\"");
	assert_non_null(chart);
	minute = strstr(chart, "data-minute=\"");
	assert_non_null(minute);
	assert_true(strstr(chart, "<svg") > minute);
	assert_in_range(strtoll(minute + strlen("data-minute=\""), NULL, 10), 29000000, 300000000);
}

/* What is sent again when it changes travels over a thin line. */
static void
a_live_part_has_less_than_two_kilobytes(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(ours); i++) {
		OWNED_BUF(b) = {0};

		largest = 0;
		show(ours[i].path, ours[i].query, ROLE_ANY, &b);
		assert_in_range(largest, 1, 2048);
		assert_in_range(b.size, 1, 60 * 1024);
	}
}

static void
a_thousand_corridors_stay_small_and_can_be_chosen(void **state)
{
	json_t *kept = json_incref(
		       json_object_get(json_object_get(answers, "corridor.list"), "corridors")),
	       *many = json_array();
	OWNED_BUF(b) = {0};

	for (int i = 0; i < 1000; i++) {
		json_t *c = json_deep_copy(json_array_get(kept, 0));
		char code[16];

		snprintf(code, sizeof code, "%c%c.R%d", 'A' + i % 25, 'A' + i / 25 % 25, i);
		json_object_set_new(c, "from", json_string(code));
		json_array_append_new(many, c);
	}
	json_object_set(json_object_get(answers, "corridor.list"), "corridors", many);
	show("/corridors", "", ROLE_ANY, &b);
	assert_int_equal(count(&b, "<tr id=\"r-corridor"), 200);
	assert_true(has(&b, "Only the worst 200"));
	assert_true(has(&b, "Not all corridors fit into the picture"));
	buf_reset(&b);
	show("/corridors", "party=ba", ROLE_ANY, &b);
	assert_int_equal(count(&b, "<tr id=\"r-corridor"), 2);
	json_object_set_new(json_object_get(answers, "corridor.list"), "corridors", kept);
	json_decref(many);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thousand_corridors_stay_small_and_can_be_chosen),
		cmocka_unit_test(a_chart_is_news_once_a_minute),
		cmocka_unit_test(a_live_part_has_less_than_two_kilobytes),
		cmocka_unit_test(no_text_of_an_answer_acts_on_a_page),
		cmocka_unit_test(no_text_of_an_address_acts_on_a_page),
		cmocka_unit_test(an_answer_without_its_members_is_shown_all_the_same),
		cmocka_unit_test(a_broker_that_is_away_is_told),
		cmocka_unit_test(only_allowed_acts_are_offered_and_only_to_their_roles),
		cmocka_unit_test(dead_letters_are_grouped_with_one_example_and_filters_go_along),
		cmocka_unit_test(the_list_of_messages_asks_for_what_the_address_says),
		cmocka_unit_test(what_ends_first_stands_first_with_a_way_on),
		cmocka_unit_test(the_answers_follow_the_alerts),
		cmocka_unit_test(who_speaks_for_a_party_and_a_copy_fenced_off_stand_on_its_page),
		cmocka_unit_test(a_party_is_tested_from_its_page),
		cmocka_unit_test(who_is_waited_for_since_a_restore_is_to_be_called),
		cmocka_unit_test(a_closed_corridor_can_be_opened_and_an_open_one_closed),
	};

	return cmocka_run_group_tests(tests, load, drop);
}
