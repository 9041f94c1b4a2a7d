/* SPDX-License-Identifier: EUPL-1.2
 *
 * Dead letters: what was set aside and waits for a person, grouped by reason with one example each,
 * and what has ended so and was told to its sender. One or a whole set is tried again or discarded;
 * the act's page shows first what it would touch. */
#include "dashboard/message_rows.h"
#include "dashboard/screen.h"

#include <stdio.h>
#include <string.h>

#define ROWS 25

/* Both what the list is asked for and what an act on the set is given. */
static const char *const filters[] = {"code", "from", "to", "since"};

static const char *
filter_of(const struct page *p, const char *name)
{
	const char *value = query_text(p->query, name);

	return value != NULL ? value : "";
}

static json_t *
list_args(const struct page *p)
{
	json_t *args = json_pack("{s:i}", "limit", ROWS);
	int64_t before = query_number(p->query, "before", 0, 1, INT64_MAX);

	for (size_t i = 0; i < ARRAY_LEN(filters); i++)
		filter_arg(args, p, filters[i]);
	if (before > 0)
		json_object_set_new(args, "before", json_integer(before));
	return args;
}

static void
put_filter(struct page *p)
{
	p_raw(p, "<div class=\"search\">");
	p_filter(p, N_("Filters"));
	p_raw(p, "<div class=\"fields\">");
	p_field(p, "code", N_("Code"), "QUARANTINED");
	p_field(p, "from", N_("From"), "KE.CRS");
	p_field(p, "to", N_("To"), "SO.NIRA");
	p_field(p, "since", N_("Set aside from (UTC)"), "2026-11-27");
	p_raw(p, "</div>");
	p_filter_end(p);
	p_raw(p, "</div>");
}

/* An act on everything of a reason that the filters leave. */
static void
set_act(struct page *p, const char *path, const char *code)
{
	const char *names[3], *values[3];
	size_t n = 0;

	for (size_t i = 1; i < ARRAY_LEN(filters); i++)
		if (filter_of(p, filters[i])[0] != '\0')
			names[n] = filters[i], values[n++] = filter_of(p, filters[i]);
	if (n == 0)
		p_act(p, path, "code", code, NULL);
	else if (n == 1)
		p_act(p, path, "code", code, names[0], values[0], NULL);
	else if (n == 2)
		p_act(p, path, "code", code, names[0], values[0], names[1], values[1], NULL);
	else
		p_act(p, path, "code", code, names[0], values[0], names[1], values[1], names[2],
			values[2], NULL);
}

static void
put_last_retry(struct page *p, const json_t *retry)
{
	int64_t n = number_of(retry, "n"), ok = number_of(retry, "ok");

	if (!json_is_object(retry)) {
		p_raw(p, "<p class=\"note\">");
		p_words(p, N_("Not tried again yet."));
		p_raw(p, "</p>");
		return;
	}
	p_raw(p, "<p>");
	p_mark(p, ok == n ? MARK_GOOD : ok > 0 ? MARK_WARN : MARK_BAD, N_("Last try"));
	p_raw(p, " ");
	p_time(p, text_of(retry, "at"));
	p_raw(p, ": ");
	p_words(p, N_("%lld of %lld went on"), (long long)ok, (long long)n);
	p_raw(p, "</p>");
}

static void
put_group(struct page *p, const json_t *group, size_t i)
{
	const char *code = text_of(group, "code");
	const json_t *example = json_object_get(group, "example");
	bool ended = is_true(group, "ended") || is_true(example, "ended");
	char id[40];

	snprintf(id, sizeof id, "part-%zu", i);
	p_part(p, id);
	snprintf(id, sizeof id, "group-%zu", i);
	p_card(p, id, ended ? MARK_IDLE : MARK_WARN, code);
	p_raw(p, "<p class=\"count\">");
	p_count(p, number_of(group, "n"), "%lld message", "%lld messages");
	p_raw(p, "</p><p>");
	p_sentence(p, code);
	p_raw(p, "</p>");
	if (json_is_object(example)) {
		p_raw(p, "<p>");
		p_words(p, N_("For example"));
		p_raw(p, " ");
		message_link(p, example);
		p_raw(p, " ");
		message_way(p, example);
		p_raw(p, "</p>");
	}
	if (ended) {
		p_note(p, N_("Its sender was told. The sender files it again once the cause is "
			     "mended."));
	} else {
		put_last_retry(p, json_object_get(group, "last_retry"));
		p_raw(p, "<p class=\"acts\">");
		set_act(p, "/act/dead-retry", code);
		set_act(p, "/act/dead-discard", code);
		p_raw(p, "</p>");
	}
	p_card_end(p);
	p_part_end(p);
}

static void
put_groups(struct page *p, const json_t *groups)
{
	const json_t *group;
	size_t i;

	p_section(p, "groups", N_("By reason"));
	p_cards(p);
	json_array_foreach(groups, i, group) put_group(p, group, i);
	p_cards_end(p);
	empty_below(p, "groups", json_array_size(groups) == 0,
		N_("No dead letter. Nothing is set aside."));
	p_section_end(p);
}

static void
put_what_next(struct page *p, const json_t *message)
{
	if (is_true(message, "ended")) {
		p_words(p, N_("told to the sender"));
		return;
	}
	p_raw(p, "<span class=\"acts\">");
	p_act(p, "/act/retry", "id", text_of(message, "id"), NULL);
	p_act(p, "/act/return", "id", text_of(message, "id"), NULL);
	p_raw(p, "</span>");
}

static void
put_reason(struct page *p, const json_t *message)
{
	const json_t *aside = json_object_get(message, "aside");

	p_code(p, text_of(json_is_object(aside) ? aside : message, "code"));
}

/* Since when it has been aside, or its end. */
static void
put_since(struct page *p, const json_t *message)
{
	const json_t *aside = json_object_get(message, "aside");
	const json_t *steps = json_object_get(message, "timeline");

	if (json_is_object(aside))
		p_age(p, instant_of(aside, "since"));
	else
		p_age(p, instant_of(json_array_get(steps, json_array_size(steps) - 1), "at"));
}

static const struct column columns[] = {
	{N_("Number"), .put = message_link},
	{N_("Reason"), .put = put_reason},
	{N_("Kind"), .put = message_kind},
	{N_("From, to"), .put = message_way},
	{N_("Since"), .put = put_since},
	{N_("What next"), .put = put_what_next},
	{0},
};

static void
put_messages(struct page *p, const json_t *answer)
{
	p_section(p, "each", N_("One by one"));
	message_table(p, "dead", 'm', N_("Newest first"), columns,
		json_object_get(answer, "messages"), N_("No message fits."));
	newest_again(p, N_("Newest"), "before");
	p_more(p, "before", json_object_get(answer, "next"));
	p_section_end(p);
}

void
screen_dead(struct page *p)
{
	const json_t *answer;

	answer = filtered_ask(p, "dead.list", list_args(p));
	if (answer != NULL)
		put_groups(p, json_object_get(answer, "groups"));
	put_filter(p);
	if (answer != NULL)
		put_messages(p, answer);
}
