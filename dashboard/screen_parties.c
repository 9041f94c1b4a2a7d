/* SPDX-License-Identifier: EUPL-1.2
 *
 * Parties and their adapters: who is connected, when each was heard last, what waits for it, and
 * how it stands with this exchange. */
#include <string.h>

#include "dashboard/parties.h"

/* ---- words ---- */

const char *
role_words(const char *role)
{
	static const struct {
		const char *role, *words;
	} list[] = {
		{"registry", N_("registry")},
		{"liaison", N_("liaison office")},
		{"exchange", N_("exchange")},
		{"oversight", N_("oversight")},
	};

	for (size_t i = 0; i < ARRAY_LEN(list); i++)
		if (strcmp(list[i].role, role) == 0)
			return list[i].words;
	return role;
}

static const char *
mode_words(const char *mode)
{
	static const struct {
		const char *mode, *words;
	} list[] = {
		{"live", N_("live")},
		{"slow", N_("live, on a slow line")},
		{"courier", N_("courier")},
	};

	for (size_t i = 0; i < ARRAY_LEN(list); i++)
		if (strcmp(list[i].mode, mode) == 0)
			return list[i].words;
	return mode[0] == '\0' ? "\u2013" : mode;
}

void
p_mode(struct page *p, const json_t *party)
{
	const char *words = mode_words(text_of(party, "mode"));

	p_words(p, "%s", words[0] == (char)0xe2 ? words : _(words));
}

void
p_standing(struct page *p, const json_t *party)
{
	const char *standing = text_of(party, "standing");

	if (strcmp(standing, "cut") == 0)
		p_mark(p, MARK_BAD, N_("cut off"));
	else if (strcmp(standing, "suspended") == 0)
		p_mark(p, MARK_WARN, N_("suspended"));
	else if (is_true(party, "reconciling"))
		p_mark(p, MARK_WARN, N_("must compare books first"));
	else
		p_mark(p, MARK_GOOD, N_("served"));
}

void
p_connected(struct page *p, const json_t *party)
{
	if (is_true(party, "connected"))
		p_mark(p, MARK_GOOD, N_("connected"));
	else if (instant_of(party, "heard") != 0)
		p_mark(p, MARK_WARN, N_("away"));
	else
		p_mark(p, MARK_IDLE, N_("not heard since the start"));
}

/* ---- the list ---- */

static bool
is_out(const json_t *party)
{
	const char *standing = text_of(party, "standing");

	return strcmp(standing, "cut") == 0 || strcmp(standing, "suspended") == 0;
}

static void
put_answer(struct page *p, const json_t *parties)
{
	int64_t connected = 0, away = 0, out = 0;
	const json_t *party;
	size_t i;

	json_array_foreach(parties, i, party)
	{
		connected += is_true(party, "connected");
		away += !is_true(party, "connected") && !is_out(party);
		out += is_out(party);
	}
	p_part(p, "parties-answer");
	p_cards(p);
	p_card(p, "parties-card", away == 0 && out == 0 ? MARK_GOOD : MARK_WARN,
		N_("Is every party served?"));
	p_raw(p, "<p class=\"answer\">");
	p_words(p, "%s",
		out > 0	   ? _("Not every party is served")
		: away > 0 ? _("Every party is served, but not every one is connected")
			   : _("Every party is connected"));
	p_raw(p, "</p><p>");
	p_count(p, connected, "%lld party is connected", "%lld parties are connected");
	p_raw(p, "</p>");
	if (away > 0) {
		p_raw(p, "<p>");
		p_count(p, away, "%lld party is away", "%lld parties are away");
		p_raw(p, "</p>");
	}
	if (out > 0) {
		p_raw(p, "<p>");
		p_count(p, out, "%lld party is cut off or suspended",
			"%lld parties are cut off or suspended");
		p_raw(p, "</p>");
	}
	p_card_end(p);
	p_cards_end(p);
	p_part_end(p);
}

static void
put_party(struct page *p, const json_t *party)
{
	const char *code = text_of(party, "code");

	p_link(p, code, "/party", "code", code, NULL);
}

static void
put_role(struct page *p, const json_t *party)
{
	p_bdi(p, text_of(party, "country"));
	p_raw(p, " ");
	p_words(p, "%s", _(role_words(text_of(party, "role"))));
}

static void
put_mode(struct page *p, const json_t *party)
{
	p_mode(p, party);
	p_raw(p, " ");
	p_bdi(p, text_of(party, "version"));
}

static const struct column columns[] = {
	{N_("Party"), .put = put_party},
	{N_("Country and role"), .put = put_role},
	{N_("Connection"), .put = p_connected},
	{N_("Last heard"), .key = "heard", .time = p_age},
	{N_("Mode and version"), .put = put_mode},
	{N_("Waiting for it"), .key = "queued", .number = p_number},
	{N_("Under way"), .key = "under_way", .number = p_number},
	{N_("Standing"), .put = p_standing},
	{0},
};

void
screen_parties(struct page *p)
{
	const json_t *answer = p_ask(p, "party.list", NULL), *parties, *party;
	size_t i;

	if (answer == NULL)
		return;
	parties = json_object_get(answer, "parties");
	put_answer(p, parties);
	if (json_array_size(parties) == 0) {
		p_empty(p, N_("The trust list names no party yet."));
		return;
	}
	p_list_begin(p, "parties", N_("Parties of the trust list"), columns);
	json_array_foreach(parties, i, party) p_list_row(p, text_of(party, "code"), columns, party);
	p_table_end(p);
}
